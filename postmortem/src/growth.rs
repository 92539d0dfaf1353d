//! Provides what grew between snapshots of one uptime: tags of the pools, the pool as a whole, handles
//! of processes. Growth across a boot is none.

use std::collections::BTreeMap;

use model::reading::{PoolTag, PoolType};

use crate::held::Snapshot;
use crate::history::Boot;
use crate::pool::live;

/// Growth of a tag below this is noise, bytes.
pub(crate) const LEAST_BYTES: u64 = 64 * 1024;
/// Growth of a process' handles below this is noise. Chosen: a busy process opens some hundred more at
/// its peak; a leak knows no end.
const LEAST_HANDLES: u64 = 500;
/// A dip of this share of the growth is no end of it.
const DIP: f64 = 0.05;
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
    /// How far it ever fell from a height that it had reached.
    pub dip: u64,
}

impl Grower {
    /// By how much it grew: bytes, or handles.
    pub fn grew(&self) -> u64 {
        self.to.saturating_sub(self.from)
    }

    /// Whether it went one way, but for dips that are small beside its growth.
    pub fn is_steady(&self) -> bool {
        self.dip as f64 <= DIP * self.grew() as f64
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

/// What grew since the last boot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grown {
    /// Tags of the non-paged pool, the most first.
    pub nonpaged: Vec<Grower>,
    /// Tags of the paged pool.
    pub paged: Vec<Grower>,
    /// Processes by their handles.
    pub handles: Vec<Grower>,
    /// The pace of the non-paged pool as a whole, bytes per second: by least squares over all readings.
    pub pool_per_s: Option<f64>,
    /// Where the snapshots of the last uptime begin.
    pub(crate) from: usize,
}

impl Grown {
    /// What grew between these snapshots.
    pub(crate) fn of(snapshots: &[Snapshot], boots: &[Boot]) -> Self {
        let from = last_uptime(snapshots, boots);
        let last = &snapshots[from..];
        Self {
            nonpaged: tags(last, PoolType::Nonpaged),
            paged: tags(last, PoolType::Paged),
            handles: handles(last),
            pool_per_s: pool_per_s(last),
            from,
        }
    }
}

fn tags(snapshots: &[Snapshot], pool: PoolType) -> Vec<Grower> {
    let mut histories: BTreeMap<&str, Vec<Point>> = BTreeMap::new();
    for snapshot in snapshots {
        let (Some(unix_s), Some(tags)) = (snapshot.unix_s, &snapshot.tags) else { continue };
        for tag in tags.iter().filter(|tag| tag.pool == pool) {
            let bound_s = snapshot.bound_s;
            let point = Point { unix_s, bound_s, held: tag.bytes, live: live(tag) };
            histories.entry(&tag.tag).or_default().push(point);
        }
    }
    let named = histories.into_iter().map(|(tag, points)| (tag.to_owned(), points));
    growers(named, LEAST_BYTES)
}

fn handles(snapshots: &[Snapshot]) -> Vec<Grower> {
    let mut histories: BTreeMap<(&str, u32), Vec<Point>> = BTreeMap::new();
    for snapshot in snapshots {
        let Some(unix_s) = snapshot.unix_s else { continue };
        for process in snapshot.processes.iter().flatten() {
            let bound_s = snapshot.bound_s;
            let point = Point { unix_s, bound_s, held: process.handles, live: 0 };
            histories.entry((&process.name, process.pid)).or_default().push(point);
        }
    }
    let named = histories.into_iter().map(|((name, pid), points)| (called(name, pid), points));
    growers(named, LEAST_HANDLES)
}

/// A process by its name, and its id where it is known.
pub(crate) fn called(name: &str, pid: u32) -> String {
    if pid == 0 { name.to_owned() } else { format!("{name} {pid}") }
}

fn growers(histories: impl Iterator<Item = (String, Vec<Point>)>, least: u64) -> Vec<Grower> {
    let grown = histories.filter_map(|(name, points)| {
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
            dip: dip(&points),
        };
        (points.len() > 1 && grower.grew() >= least).then_some(grower)
    });
    let mut grown: Vec<Grower> = grown.collect();
    grown.sort_by(|a, b| b.grew().cmp(&a.grew()).then_with(|| a.name.cmp(&b.name)));
    grown
}

fn dip(points: &[Point]) -> u64 {
    let (mut height, mut dip) = (0, 0);
    for point in points {
        height = height.max(point.held);
        dip = dip.max(height - point.held);
    }
    dip
}

fn seconds(first: &Point, last: &Point) -> Option<f64> {
    let seconds = last.unix_s - first.unix_s;
    (seconds > 0.0 && seconds >= SURE * first.bound_s.max(last.bound_s)).then_some(seconds)
}

fn pool_per_s(snapshots: &[Snapshot]) -> Option<f64> {
    let readings = snapshots.iter().filter_map(|s| {
        let used = s.memory.as_ref()?.nonpaged_used_bytes?;
        Some(Point { unix_s: s.unix_s?, bound_s: s.bound_s, held: used, live: 0 })
    });
    let points: Vec<Point> = readings.collect();
    seconds(points.first()?, points.last()?)?;
    let n = points.len() as f64;
    let mean = |of: &dyn Fn(&Point) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (t, held) = (mean(&|p| p.unix_s), mean(&|p| p.held as f64));
    let both = mean(&|p| (p.unix_s - t) * (p.held as f64 - held));
    let spread = mean(&|p| (p.unix_s - t).powi(2));
    (spread > 0.0).then(|| both / spread)
}

/// Where the snapshots of the last uptime begin: behind the last boot that is known, or that shows in
/// counters which began anew.
fn last_uptime(all: &[Snapshot], boots: &[Boot]) -> usize {
    let last_s = all.last().and_then(|s| s.unix_s).unwrap_or(f64::NEG_INFINITY);
    let sure = boots.iter().rev().find(|b| b.unix_s + b.bound_s <= last_s);
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
    from
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
    fn a_small_dip_is_no_end_of_a_growth() {
        for (held, steady, why) in [
            (&[0, 1_000_000, 2_000_000][..], true, "it only rises"),
            (&[0, 1_000_000, 950_000, 2_000_000], true, "a dip of a fortieth"),
            (&[0, 2_000_000, 400_000, 2_000_000], false, "it came and went with the load"),
        ] {
            let points = held.iter().enumerate().map(|(at, held)| Point {
                unix_s: at as f64,
                bound_s: 0.0,
                held: *held,
                live: 0,
            });
            let one = [("T".to_owned(), points.collect())];
            let grown = growers(one.into_iter(), LEAST_BYTES);
            assert_eq!(grown[0].is_steady(), steady, "{why}");
        }
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
