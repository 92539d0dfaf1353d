//! Provides what grew between snapshots of one uptime: tags of the pools, the pool as a whole, handles
//! of processes. Growth across a boot is none.

use std::collections::BTreeMap;

use model::reading::{PoolTag, PoolType, ProcessUse};

use crate::Gathered;
use crate::held::Snapshot;
use crate::pool::live;

/// Growth of a tag below this is noise, bytes.
pub(crate) const LEAST_BYTES: u64 = 64 * 1024;
/// Growth of a process' handles below this is noise. Chosen: a busy process opens some hundred more at
/// its peak; a leak knows no end.
const LEAST_HANDLES: u64 = 500;
/// A time between snapshots is known if it is so many times as long as it may be wrong.
const SURE: f64 = 4.0;
/// Counters since boot of this share of the tags went back: the host was restarted.
const RESTARTED: f64 = 0.5;

/// Something that grew.
#[derive(Clone, Debug, PartialEq)]
pub struct Grower {
    /// The tag or the process.
    pub name: String,
    /// Bytes, or handles, at first and at last.
    pub from: u64,
    /// The same at last.
    pub to: u64,
    /// Live allocations at first and at last; zero for a process.
    pub live: (u64, u64),
    /// When the first was, seconds since 1970 UTC.
    pub from_unix_s: f64,
    /// When the last was.
    pub to_unix_s: f64,
    /// Between the two, seconds; `None` where the snapshots carry no time that is sure enough.
    pub seconds: Option<f64>,
    /// Snapshots that list it.
    pub snapshots: usize,
    /// It never shrank.
    pub steady: bool,
}

impl Grower {
    /// By how much it grew: bytes, or handles.
    pub fn grew(&self) -> u64 {
        self.to.saturating_sub(self.from)
    }

    /// Its pace, per second.
    pub fn per_s(&self) -> Option<f64> {
        self.seconds.map(|seconds| self.grew() as f64 / seconds)
    }
}

/// One tag at one moment.
struct Point {
    unix_s: f64,
    bound_s: f64,
    held: u64,
    live: u64,
}

/// Tags of a pool that grew, the most first.
pub(crate) fn tags(g: &Gathered, pool: PoolType) -> Vec<Grower> {
    let mut histories: BTreeMap<String, Vec<Point>> = BTreeMap::new();
    for snapshot in of_one_uptime(g) {
        let (Some(unix_s), Some(tags)) = (snapshot.unix_s, &snapshot.tags) else { continue };
        for tag in tags.iter().filter(|tag| tag.pool == pool) {
            let bound_s = snapshot.bound_s;
            let point = Point { unix_s, bound_s, held: tag.bytes, live: live(tag) };
            histories.entry(tag.tag.clone()).or_default().push(point);
        }
    }
    growers(histories, LEAST_BYTES)
}

/// Processes whose handles grew, the most first.
pub(crate) fn handles(g: &Gathered) -> Vec<Grower> {
    let mut histories: BTreeMap<String, Vec<Point>> = BTreeMap::new();
    for snapshot in of_one_uptime(g) {
        let Some(unix_s) = snapshot.unix_s else { continue };
        for process in snapshot.processes.iter().flatten() {
            let bound_s = snapshot.bound_s;
            let point = Point { unix_s, bound_s, held: process.handles, live: 0 };
            histories.entry(called(process)).or_default().push(point);
        }
    }
    growers(histories, LEAST_HANDLES)
}

/// A process by its name, and its id where it is known.
pub(crate) fn called(process: &ProcessUse) -> String {
    match process.pid {
        0 => process.name.clone(),
        pid => format!("{} {pid}", process.name),
    }
}

fn growers(histories: BTreeMap<String, Vec<Point>>, least: u64) -> Vec<Grower> {
    let grown = histories.into_iter().filter_map(|(name, points)| {
        let (first, last) = (points.first()?, points.last()?);
        let grower = Grower {
            name,
            from: first.held,
            to: last.held,
            live: (first.live, last.live),
            from_unix_s: first.unix_s,
            to_unix_s: last.unix_s,
            seconds: seconds(first, last),
            snapshots: points.len(),
            steady: points.windows(2).all(|pair| pair[1].held >= pair[0].held),
        };
        (points.len() > 1 && grower.grew() >= least).then_some(grower)
    });
    let mut grown: Vec<Grower> = grown.collect();
    grown.sort_by(|a, b| b.grew().cmp(&a.grew()).then_with(|| a.name.cmp(&b.name)));
    grown
}

fn seconds(first: &Point, last: &Point) -> Option<f64> {
    let seconds = last.unix_s - first.unix_s;
    (seconds > 0.0 && seconds >= SURE * first.bound_s.max(last.bound_s)).then_some(seconds)
}

/// The pace of the non-paged pool as a whole, bytes per second, with the time it was watched for,
/// seconds: by least squares over all readings of the last uptime.
pub(crate) fn pool_per_s(g: &Gathered) -> Option<(f64, f64)> {
    let readings = of_one_uptime(g).iter().filter_map(|s| {
        let used = s.memory.as_ref()?.nonpaged_used_bytes?;
        Some(Point { unix_s: s.unix_s?, bound_s: s.bound_s, held: used, live: 0 })
    });
    let points: Vec<Point> = readings.collect();
    let watched_s = seconds(points.first()?, points.last()?)?;
    let n = points.len() as f64;
    let mean = |of: &dyn Fn(&Point) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (t, held) = (mean(&|p| p.unix_s), mean(&|p| p.held as f64));
    let both = mean(&|p| (p.unix_s - t) * (p.held as f64 - held));
    let spread = mean(&|p| (p.unix_s - t).powi(2));
    (spread > 0.0).then(|| (both / spread, watched_s))
}

/// The snapshots of the last uptime: those after the last boot that is known, or that shows in
/// counters which began anew.
pub(crate) fn of_one_uptime(g: &Gathered) -> &[Snapshot] {
    let all = &g.snapshots;
    let last_s = all.last().and_then(|s| s.unix_s).unwrap_or(f64::NEG_INFINITY);
    let sure = g.boots.iter().rev().find(|b| b.unix_s + b.bound_s <= last_s);
    let boot_s = sure.map_or(f64::NEG_INFINITY, |boot| boot.unix_s);
    let mut from = all.partition_point(|s| s.unix_s.is_none_or(|unix_s| unix_s < boot_s));
    let mut before: Option<&[PoolTag]> = None;
    for (at, snapshot) in all.iter().enumerate().skip(from) {
        let Some(tags) = snapshot.tags.as_deref().filter(|_| snapshot.kind == "poolmon") else {
            continue;
        };
        if before.is_some_and(|before| began_anew(before, tags)) {
            from = at;
        }
        before = Some(tags);
    }
    &all[from..]
}

/// Allocations are counted since boot: they only go back when the host was restarted, but for one
/// counter or the other that ran over.
fn began_anew(before: &[PoolTag], after: &[PoolTag]) -> bool {
    let known: BTreeMap<_, _> =
        before.iter().map(|tag| ((&tag.tag, tag.pool), tag.allocs)).collect();
    let both = after.iter().filter_map(|t| Some((known.get(&(&t.tag, t.pool))?, t.allocs)));
    let (mut all, mut back) = (0_u32, 0_u32);
    for (then, now) in both {
        all += 1;
        back += u32::from(now < *then);
    }
    all > 1 && f64::from(back) > RESTARTED * f64::from(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(name: &str, allocs: u64) -> PoolTag {
        PoolTag { tag: name.into(), pool: PoolType::Nonpaged, allocs, frees: 0, bytes: 1 }
    }

    #[test]
    fn counters_that_begin_anew_tell_a_restart() {
        let before = [tag("File", 9_000), tag("Thre", 500), tag("Irp", 4_000_000_000)];
        for (after, anew, why) in [
            ([900, 50, 7_000], true, "all went back"),
            ([9_100, 510, 100_000], false, "one ran over its 32 bits"),
            ([9_000, 500, 4_000_000_000], false, "nothing happened"),
        ] {
            let names = ["File", "Thre", "Irp"];
            let after: Vec<PoolTag> =
                names.iter().zip(after).map(|(name, allocs)| tag(name, allocs)).collect();
            assert_eq!(began_anew(&before, &after), anew, "{why}");
        }
        assert!(!began_anew(&before[..1], &[tag("File", 1)]), "one tag alone tells nothing");
    }

    #[test]
    fn a_time_is_known_only_if_it_is_longer_than_it_may_be_wrong() {
        let at = |unix_s, bound_s| Point { unix_s, bound_s, held: 0, live: 0 };
        for (first, last, seconds_known, why) in [
            (at(0.0, 0.0), at(60.0, 0.0), Some(60.0), "stamps in the captures"),
            (at(0.0, 1.0), at(60.0, 1.0), Some(60.0), "dates in file names"),
            (at(0.0, 3600.0), at(1.0, 3600.0), None, "no date: one after the other is all"),
            (at(5.0, 0.0), at(5.0, 0.0), None, "at once"),
        ] {
            assert_eq!(seconds(&first, &last), seconds_known, "{why}");
        }
    }
}
