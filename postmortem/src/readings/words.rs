//! Provides the facts and words that several headings share.

use host::Profile;
use model::reading::{KernelMemory, TcpCounts};
use model::units::format_bytes;

use crate::port_range::before_vista;
use crate::{Gathered, Snapshot, held};

/// The profile that the captures are read by.
pub(super) fn profile(g: &Gathered) -> Option<&'static Profile> {
    g.run.target.profile.as_deref().and_then(host::profile)
}

/// Bytes for people.
pub(super) fn bytes(bytes: u64) -> String {
    format_bytes(bytes.into())
}

/// `1 row`, `27 rows`, `1,000 rows`.
pub(super) fn count(n: u64, what: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {what}{s}", model::units::format_count(n))
}

/// A rate with as many digits as mean something.
pub(super) fn rate(per_s: f64) -> String {
    if per_s >= 10.0 { format!("{per_s:.0}") } else { format!("{per_s:.1}") }
}

/// The list or tally of sockets that is spoken of.
pub(super) fn sockets(g: &Gathered) -> Option<(&Snapshot, &TcpCounts)> {
    held::sockets(&g.snapshots)
}

/// The last reading of kernel memory, whichever capture has which.
pub(super) fn memory(g: &Gathered) -> KernelMemory {
    let last = |of: fn(&KernelMemory) -> Option<u64>| {
        g.snapshots.iter().rev().find_map(|s| of(s.memory.as_ref()?))
    };
    KernelMemory {
        nonpaged_used_bytes: last(|m| m.nonpaged_used_bytes),
        paged_used_bytes: last(|m| m.paged_used_bytes),
        committed_bytes: last(|m| m.committed_bytes),
        commit_limit_bytes: last(|m| m.commit_limit_bytes),
        free_system_ptes: last(|m| m.free_system_ptes),
        available_bytes: last(|m| m.available_bytes),
    }
}

/// Whether the host is churnlab's emulation: it has no boot, no registry, and nothing to collect.
pub(super) fn is_emulated(g: &Gathered) -> bool {
    g.run.target.emulated
}

/// How many times faster the host's durations run; 1 for a real one.
pub(super) fn time_scale(g: &Gathered) -> f64 {
    if g.run.target.time_scale > 0.0 { g.run.target.time_scale } else { 1.0 }
}

/// Whether a count of sockets says who opened the connections.
pub(super) fn says_who_opened(snapshot: &Snapshot, tcp: &TcpCounts) -> bool {
    snapshot.sockets.is_some() || tcp.time_wait_accepted + tcp.time_wait_opened > 0
}

/// Whether the host is 32-bit or of unknown width: where the ceiling may be small.
pub(super) fn may_be_x86(g: &Gathered) -> bool {
    profile(g).is_none_or(|p| p.name.contains("x86") || p.name == "windows-2000")
}

/// The TIME_WAIT lengths in question, seconds, with where each comes from; the likeliest first.
pub(super) fn time_wait_lengths(g: &Gathered) -> Vec<(f64, String)> {
    let profile = profile(g);
    if profile.is_some_and(|p| p.os == host::HostOs::Linux) {
        return vec![(60.0, "Linux, fixed".into())];
    }
    let mut lengths: Vec<(f64, String)> = Vec::new();
    if let Some(set) = g.facts.registry.get("TcpTimedWaitDelay") {
        lengths.push((*set as f64, "TcpTimedWaitDelay as the registry holds it".into()));
        // It is documented for these systems; for later ones nobody says that it is read.
        if profile.is_none_or(before_vista) {
            return lengths;
        }
    }
    let of_profile = profile.map(|p| {
        let others = p.time_wait_s.others.iter().copied();
        std::iter::once((p.time_wait_s.value, p.time_wait_s.source)).chain(others)
    });
    let usual = [
        (240.0, "as documented for Windows 2000 and 2003"),
        (120.0, "as common for Vista/2008 and later"),
        (60.0, "as often tuned"),
    ];
    let tuned_to = g.facts.registry_defaults.contains("TcpTimedWaitDelay");
    for (s, why) in of_profile.into_iter().flatten().chain(usual) {
        let tuned = s == 60.0 && why == usual[2].1;
        if lengths.iter().all(|(known, _)| *known != s) && !(tuned && tuned_to) {
            lengths.push((s, why.to_owned()));
        }
    }
    lengths
}

/// A pace of bytes, per second and per the span in which it is felt.
pub(super) fn pace(per_s: f64) -> String {
    let per_h = bytes((per_s * 3600.0) as u64);
    let per_s = if per_s >= 100.0 { format!("{per_s:.0}") } else { format!("{per_s:.1}") };
    format!("{per_h}/h ({per_s} bytes per second)")
}

/// Days with one digit.
pub(super) fn days(days: f64) -> String {
    format!("{days:.1} days")
}

/// A span from minutes to weeks, in the unit in which people say it.
pub(super) fn ago(seconds: f64) -> String {
    match seconds {
        s if s < 5_400.0 => format!("{:.0} min", s / 60.0),
        s if s < 2.0 * 86_400.0 => format!("{:.1} h", s / 3600.0),
        s => days(s / 86_400.0),
    }
}
