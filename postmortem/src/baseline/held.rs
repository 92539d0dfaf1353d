//! Compares kernel memory as a whole, handles by process, and counters since boot.

use std::collections::BTreeMap;

use model::diagnosis::{Compared, Subject};
use model::reading::KernelMemory;
use model::units::{format_bytes, format_count};

use super::item::{Item, times};
use super::{Ages, ages};
use crate::Gathered;
use crate::growth::Grower;
use crate::held::Snapshot;

/// Fewer handles are not worth a line.
const LEAST_HANDLES: u64 = 1_000;
/// Counters since boot that are compared, whoever counted them, with what they count.
const COUNTERS: &[(&[&str], &str)] = &[
    (
        &["tcp_connection_failures_total", "windows_tcp_connection_failures_total"],
        "attempts at connections that failed",
    ),
    (&["tcp_connections_reset_total", "windows_tcp_connections_reset_total"], "connections reset"),
    (
        &["tcp_connections_active_total", "windows_tcp_connections_active_total"],
        "connections opened by this host",
    ),
    (
        &["tcp_connections_passive_total", "windows_tcp_connections_passive_total"],
        "connections accepted",
    ),
    (
        &["http_request_total_rejected_request", "windows_iis_http_request_total_rejected_request"],
        "requests rejected by a full queue",
    ),
];

/// The pools, and commit.
pub(super) fn memory(here: &Gathered, peer: &Gathered) -> Vec<Compared> {
    type Of = fn(&KernelMemory) -> Option<u64>;
    let readings: [(&str, Of); 3] = [
        ("non-paged pool in use", |m| m.nonpaged_used_bytes),
        ("paged pool in use", |m| m.paged_used_bytes),
        ("committed memory", |m| m.committed_bytes),
    ];
    let compared = readings.iter().filter_map(|(name, of)| {
        let (_, mine) = last(here, |s| of(s.memory.as_ref()?))?;
        let (_, theirs) = last(peer, |s| of(s.memory.as_ref()?))?;
        let item = Item {
            subject: Subject::Memory,
            name,
            unit: "bytes",
            here: mine as f64,
            peer: theirs as f64,
            at_most: false,
            whole: mine as f64,
            ages: Ages::default(),
            grows: false,
        };
        Some(item.judged(|compared| {
            let bytes = |bytes: u64| format_bytes(bytes.into());
            let (mine, theirs) = (bytes(mine), bytes(theirs));
            let mut name = (*name).to_owned();
            name[..1].make_ascii_uppercase();
            format!("{name}: {mine} here, {theirs} on the healthy peer{}.", times(compared))
        }))
    });
    compared.collect()
}

/// The last snapshot that has a reading, and the reading.
fn last<T>(g: &Gathered, of: impl Fn(&Snapshot) -> Option<T>) -> Option<(&Snapshot, T)> {
    g.snapshots.iter().rev().find_map(|s| Some((s, of(s)?)))
}

/// Handles by the name of the process, of several with one name the most.
pub(super) fn handles(on: &Gathered, peer: &Gathered) -> Vec<Compared> {
    let by_name = |s: &Snapshot| {
        let mut most: BTreeMap<String, u64> = BTreeMap::new();
        for process in s.processes.as_ref()? {
            let held = most.entry(plain(&process.name)).or_default();
            *held = (*held).max(process.handles);
        }
        Some(most)
    };
    let (Some((at, mine)), Some((there, theirs))) = (last(on, by_name), last(peer, by_name)) else {
        return Vec::new();
    };
    let ages = ages(on, at.unix_s, peer, there.unix_s);
    let whole = mine.values().sum::<u64>() as f64;
    let smallest = theirs.values().min().copied().unwrap_or(0);
    let many = mine.iter().filter(|(_, n)| **n >= LEAST_HANDLES);
    let growing = &on.grown.handles;
    let compared = many.map(|(name, n)| {
        let of_name = |grower: &&Grower| plain(&grower.name) == *name;
        let grows = growing.iter().find(of_name).is_some_and(|grower| grower.is_steady());
        let other = theirs.get(name).copied();
        let (here, peer) = (*n as f64, other.unwrap_or(smallest) as f64);
        let (subject, unit) = (Subject::Handles, "handles");
        let at_most = other.is_none();
        let item = Item { subject, name, unit, here, peer, at_most, whole, ages, grows };
        item.judged(|compared| {
            let there = match other {
                Some(other) => format!("{} on the healthy peer", format_count(other)),
                None => format!(
                    "not among those listed on the healthy peer, so under {}",
                    format_count(smallest)
                ),
            };
            format!("{name}: {} handles here, {there}{}.", format_count(*n), times(compared))
        })
    });
    compared.collect()
}

/// `w3wp.exe 1234` of tasklist, `w3wp#1` of a performance log, `w3wp` of an exporter: `w3wp`.
fn plain(process: &str) -> String {
    process.split(['#', '.', ' ']).next().unwrap_or_default().to_lowercase()
}

/// Counters since boot, per day; nothing where one host's age is not known.
pub(super) fn counters(here: &Gathered, peer: &Gathered) -> Vec<Compared> {
    let compared = COUNTERS.iter().filter_map(|(names, what)| {
        let of = |s: &Snapshot| names.iter().find_map(|name| s.counters.get(*name).copied());
        let (at, mine) = last(here, of)?;
        let (there, theirs) = last(peer, of)?;
        let Ages { here: Some(mine_days), peer: Some(their_days) } =
            ages(here, at.unix_s, peer, there.unix_s)
        else {
            return None;
        };
        let (here, peer) = (mine / mine_days.max(1e-3), theirs / their_days.max(1e-3));
        let item = Item {
            subject: Subject::Counter,
            name: what,
            unit: "per day",
            here,
            peer,
            at_most: false,
            whole: here,
            ages: Ages::default(),
            grows: false,
        };
        Some(item.judged(|compared| {
            format!(
                "Of {what}, {} a day of uptime here, {} on the healthy peer{}.",
                format_count(here as u64),
                format_count(peer as u64),
                times(compared)
            )
        }))
    });
    compared.collect()
}
