//! Provides the comparison with a healthy peer: tag by tag, state by state, counter by counter, reason
//! by reason, setting by setting; age taken into account where both hosts' is known.

mod errors;
mod held;
mod item;
mod settings;
mod sockets;
mod tags;

use model::diagnosis::{Baseline, Compared, ComparedHost, Standing, Subject};

use crate::Gathered;
use crate::history::age_s;

/// A tag that is larger here by less than this share of the pool is no suspect.
const SUSPECT_SHARE: f64 = 0.01;
/// Suspects named.
const SUSPECTS_MAX: usize = 10;
/// Things of one subject that are told.
const TOLD_MAX: usize = 40;

const DAY_S: f64 = 86_400.0;

/// Ages of both hosts when something was read, days; `None` where one of them is not known.
#[derive(Clone, Copy, Debug, Default)]
struct Ages {
    here: Option<f64>,
    peer: Option<f64>,
}

/// Compares captures of a host in trouble with those of a healthy peer.
pub(crate) fn compare(here: &Gathered, peer: &Gathered) -> Baseline {
    let hosts = [here, peer].map(|g| ComparedHost {
        profile: g.run.target.profile.clone(),
        ram_bytes: g.run.target.ram_bytes,
        uptime_days: g.snapshots.iter().rev().find_map(|s| age_days(g, s.unix_s?)),
    });
    let [of_here, of_peer] = hosts;
    let mut remarks = unlike(here, peer, &of_here, &of_peer);
    if !peer.usable {
        remarks = vec!["Nothing of the healthy peer's captures could be read, so nothing is compared: what was given says why.".into()];
        return Baseline { here: of_here, peer: of_peer, remarks, ..Baseline::default() };
    }
    let parts = [
        held::memory(here, peer),
        tags::compare(here, peer),
        sockets::compare(here, peer),
        errors::compare(here, peer),
        held::handles(here, peer),
        held::counters(here, peer),
        settings::compare(here, peer),
    ];
    let mut compared: Vec<Compared> =
        parts.into_iter().flat_map(|part| in_order(part).into_iter().take(TOLD_MAX)).collect();
    if compared.is_empty() {
        remarks.push("The two sets of captures hold nothing of the same kind that is large enough to compare: give the same captures of both (poolmon, netstat, the error log).".into());
    }
    compared = in_order(compared);
    let suspects = compared.iter().filter(|c| {
        let larger = c.share.is_some_and(|share| share >= SUSPECT_SHARE);
        c.subject == Subject::NonpagedTag && c.standing == Standing::Differs && larger
    });
    let mut suspects: Vec<String> = suspects.map(|c| c.name.clone()).collect();
    let grows = |tag: &String| {
        here.grown.nonpaged.iter().any(|grower| grower.name == *tag && grower.is_steady())
    };
    // A stable sort: of those that grow, and of the others, the largest stay first.
    suspects.sort_by_key(|tag| !grows(tag));
    suspects.truncate(SUSPECTS_MAX);
    Baseline { here: of_here, peer: of_peer, remarks, suspects, compared }
}

/// What differs first, and of that the largest share; of what is alike, tags by their size.
fn in_order(mut compared: Vec<Compared>) -> Vec<Compared> {
    let key = |c: &Compared| (c.standing, c.subject == Subject::Setting);
    compared.sort_by(|a, b| {
        let by_share = a.standing != Standing::Alike;
        let share = |c: &Compared| c.share.filter(|_| by_share).unwrap_or(0.0);
        let sized = a.subject != Subject::Setting;
        let here = |c: &Compared| c.here.filter(|_| sized).unwrap_or(0.0);
        let is_tag = |c: &Compared| c.subject == Subject::NonpagedTag;
        key(a)
            .cmp(&key(b))
            .then_with(|| share(b).total_cmp(&share(a)))
            .then_with(|| is_tag(b).cmp(&is_tag(a)))
            .then_with(|| here(b).total_cmp(&here(a)))
    });
    compared
}

/// How long a host had been up at a moment, days; `None` where that is not known well enough.
fn age_days(g: &Gathered, unix_s: f64) -> Option<f64> {
    let (age_s, bound_s) = age_s(&g.boots, unix_s)?;
    (age_s >= 4.0 * bound_s).then_some(age_s / DAY_S)
}

/// Both ages at two moments, seconds since 1970 UTC.
fn ages(here: &Gathered, here_s: Option<f64>, peer: &Gathered, peer_s: Option<f64>) -> Ages {
    Ages {
        here: here_s.and_then(|s| age_days(here, s)),
        peer: peer_s.and_then(|s| age_days(peer, s)),
    }
}

/// What the hosts themselves differ in.
fn unlike(
    here: &Gathered,
    peer: &Gathered,
    of_here: &ComparedHost,
    of_peer: &ComparedHost,
) -> Vec<String> {
    let mut remarks = Vec::new();
    let kind = |profile: &String| profile.trim_end_matches("-3gb").to_owned();
    match (&of_here.profile, &of_peer.profile) {
        (Some(a), Some(b)) if kind(a) == kind(b) => {}
        (Some(a), Some(b)) => remarks.push(format!("The peer is of another kind ({b}; this host: {a}): sizes of objects and defaults differ between them, so small ratios mean little.")),
        _ => remarks.push("Whether both hosts are of one kind is not known: systeminfo of both would tell.".into()),
    }
    let bytes = |bytes: u64| model::units::format_bytes(bytes.into());
    if let (Some(a), Some(b)) = (of_here.ram_bytes, of_peer.ram_bytes)
        && a.abs_diff(b) > a.max(b) / 4
    {
        remarks.push(format!(
            "The peer has {} of memory, this host {}: tables that grow with it differ by as much.",
            bytes(b),
            bytes(a)
        ));
    }
    if let (Some(a), Some(b)) = (here.facts.three_gb, peer.facts.three_gb)
        && a != b
    {
        let which = if a { "This host" } else { "The peer" };
        remarks.push(format!("{which} starts with /3GB and the other does not: its ceiling of non-paged pool is half as high."));
    } else if of_here.profile != of_peer.profile
        && here.facts.three_gb.is_some() != peer.facts.three_gb.is_some()
    {
        remarks.push("Whether both start with /3GB, which halves the ceiling of non-paged pool, is not known: boot.ini of both would tell.".into());
    }
    let names: Vec<&String> =
        [here, peer].iter().filter_map(|g| g.facts.os_name.as_ref()).collect();
    if let [a, b] = names[..]
        && a != b
    {
        remarks.push(format!("This host is {a:?}, the peer {b:?}."));
    }
    remarks
}
