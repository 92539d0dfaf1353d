//! Provides what a record shows of churn and pool in plain numbers, for the laws of capacity.

use super::load::Load;
use super::rounds::{Round, Used};
use super::theil_sen::{line, median};
use super::trend::{Driver, trend};
use super::{Outlook, churn};
use crate::store::{GENERATOR, TARGET};

/// The load as it was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoadSeen {
    /// Connections taken per second of run time, over the whole load.
    pub per_s: f64,
    /// From the first connection to the last, seconds of run time.
    pub seconds: f64,
    /// The share of connections that the target closed first; `None` where nobody counted.
    pub closed_by_target: Option<f64>,
}

/// The target's non-paged pool as it was read. Bytes; seconds of run time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoolSeen {
    /// In use at the first reading.
    pub at_first: f64,
    /// In use at the last.
    pub at_last: f64,
    /// In use at the highest.
    pub at_peak: f64,
    /// What one TIME_WAIT holds, where its tag was read.
    pub per_time_wait: Option<f64>,
    /// Growth that connections do not explain, a second.
    pub leaks_per_s: Option<f64>,
    /// How far readings lie from a straight line, either way.
    pub band: f64,
    /// From the first reading under load to the last.
    pub seconds: f64,
}

/// A level with its limit, now and at the worst.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelSeen {
    /// Its limit.
    pub limit: f64,
    /// At the last reading under load.
    pub now: f64,
    /// At the highest.
    pub peak: f64,
}

impl Outlook {
    /// The load; `None` without a generator.
    pub fn load_seen(&self) -> Option<LoadSeen> {
        let load = Load::of(&self.ticks)?;
        let (from_s, to_s) = (load.began_s(), load.until_s());
        let by = |vantage: &str| load.closed_by(vantage, to_s);
        let closed = by(TARGET) + by(GENERATOR);
        Some(LoadSeen {
            per_s: load.rate(from_s, to_s),
            seconds: to_s - from_s,
            closed_by_target: (closed > 0.0).then(|| by(TARGET) / closed),
        })
    }

    /// The pool; `None` where it was not read.
    pub fn pool_seen(&self) -> Option<PoolSeen> {
        let load = Load::of(&self.ticks);
        let all = self.rounds.get(TARGET)?.all();
        let at_first = all.iter().find_map(|r| r.pool)?;
        let under_load: Vec<&Round> = self.rounds(TARGET, load.as_ref()).collect();
        let used = || under_load.iter().filter_map(|r| Some((r.t_s, r.pool?)));
        let (from_s, _) = used().next()?;
        let (to_s, at_last) = used().next_back()?;
        let rest: Vec<(f64, f64)> = under_load
            .iter()
            .filter_map(|r| Some((r.t_s, r.pool? - r.pool_of_connections.unwrap_or(0.0))))
            .collect();
        let length_s = churn::time_wait_s(&self.run, TARGET);
        let growing = trend(&rest, load.as_ref(), length_s);
        let leaks_per_s = growing.map(|t| match (t.driver, &load) {
            (Driver::Connections, Some(load)) => t.slope * load.rate(t.from_s, t.to_s),
            _ => t.slope,
        });
        Some(PoolSeen {
            at_first,
            at_last,
            at_peak: used().map(|u| u.1).fold(0.0, f64::max),
            per_time_wait: per_time_wait(&under_load),
            leaks_per_s,
            band: thinned(&rest).map_or(0.0, |l| l.band),
            seconds: to_s - from_s,
        })
    }

    /// Ports of the generator.
    pub fn ports_seen(&self) -> Option<LevelSeen> {
        self.level_seen(GENERATOR, |r| r.ports)
    }

    /// Descriptors of the generator.
    pub fn descriptors_seen(&self) -> Option<LevelSeen> {
        self.level_seen(GENERATOR, |r| r.descriptors)
    }

    fn level_seen(&self, vantage: &str, of: fn(&Round) -> Option<Used>) -> Option<LevelSeen> {
        let load = Load::of(&self.ticks);
        let levels: Vec<Used> = self.rounds(vantage, load.as_ref()).filter_map(of).collect();
        let last = levels.last()?;
        let peak = levels.iter().map(|u| u.used).fold(0.0, f64::max);
        Some(LevelSeen { limit: last.limit, now: last.used, peak })
    }
}

/// Fewer entries tell no size: the tag holds some bytes without any.
const LEAST_ENTRIES: f64 = 50.0;

fn per_time_wait(rounds: &[&Round]) -> Option<f64> {
    let each = rounds.iter().filter_map(|r| {
        let entries = r.time_wait.filter(|n| *n >= LEAST_ENTRIES)?;
        Some(r.pool_of_time_wait? / entries)
    });
    let mut sizes: Vec<f64> = each.filter(|size| *size > 0.0).collect();
    (sizes.len() >= 3).then(|| median(&mut sizes))
}

/// A line through at most a hundred of the points.
fn thinned(points: &[(f64, f64)]) -> Option<super::theil_sen::Line> {
    let every = points.len().div_ceil(100).max(1);
    let some: Vec<(f64, f64)> = points.iter().step_by(every).copied().collect();
    line(&some)
}
