//! Provides a run in numbers: each measure of it by vantage, and what was left out.

use std::collections::BTreeMap;

use model::findings::{Findings, Forecast};
use model::run::RunInfo;
use model::threshold::{Became, Level, Measure, Percentile, Timed};
use model::told::LatencySpread;

use crate::Timeline;
use crate::forecast::{LevelSeen, LoadSeen, PoolSeen, TimeWaitSeen};

/// A judged run in numbers.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What was asked.
    pub run: RunInfo,
    /// What it means.
    pub findings: Findings,
    /// Every measure, by vantage; attempts and latency are the generator's.
    pub values: BTreeMap<(Measure, String), f64>,
    /// How long TIME_WAIT was seen to last, by vantage, seconds of run time.
    pub time_wait: BTreeMap<String, TimeWaitSeen>,
    /// What will run out if its trend goes on.
    pub forecasts: Vec<Forecast>,
    /// Load, pool, ports and descriptors in plain numbers.
    pub seen: Seen,
    /// What could not be measured of it, a sentence each.
    pub left_out: Vec<String>,
}

/// Load and levels of a record; `None` where they were not read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// The load.
    pub load: Option<LoadSeen>,
    /// The target's non-paged pool.
    pub pool: Option<PoolSeen>,
    /// Ports of the generator.
    pub ports: Option<LevelSeen>,
    /// Descriptors of the generator.
    pub descriptors: Option<LevelSeen>,
}

/// The vantage of what the generator counts of its attempts.
const GENERATOR: &str = "generator";

impl Measured {
    /// The numbers of a record: the timeline holds all of its rows, `latency` is by what was timed.
    pub fn of(
        run: RunInfo,
        timeline: &Timeline,
        latency: &BTreeMap<String, LatencySpread>,
        left_out: Vec<String>,
    ) -> Self {
        let outlook = timeline.outlook();
        let mut measured = Self::of_findings(run, timeline.findings());
        measured.forecasts = outlook.forecasts();
        measured.seen = Seen {
            load: outlook.load_seen(),
            pool: outlook.pool_seen(),
            ports: outlook.ports_seen(),
            descriptors: outlook.descriptors_seen(),
        };
        measured.left_out = left_out;
        for vantage in ["generator", "target"] {
            if let Some(seen) = outlook.time_wait_seen(vantage) {
                measured.time_wait.insert(vantage.into(), seen);
            }
            if let Some(level) = outlook.time_wait_plateau(vantage) {
                let plateau =
                    Measure::Resource(model::findings::ResourceName::TimeWait, Level::Plateau);
                measured.values.insert((plateau, vantage.into()), level);
            }
        }
        for (tag, timed) in
            [("connect", Timed::Connect), ("first-byte", Timed::FirstByte), ("total", Timed::Total)]
        {
            let Some(spread) = latency.get(tag) else { continue };
            for (which, value) in [
                (Percentile::P50, spread.p50_s),
                (Percentile::P99, spread.p99_s),
                (Percentile::Max, spread.max_s),
            ] {
                measured.values.insert((Measure::Latency(timed, which), GENERATOR.into()), value);
            }
        }
        measured
    }

    /// What findings alone tell: no latency, no plateau, no length of TIME_WAIT.
    pub fn of_findings(run: RunInfo, findings: Findings) -> Self {
        let mut values = BTreeMap::new();
        if let Some(a) = &findings.attempts {
            for (became, count) in [
                (Became::Offered, a.offered),
                (Became::Served, a.served),
                (Became::Failed, a.failed),
                (Became::NotSent, a.not_sent),
                (Became::Unexplained, findings.verdict.unexplained),
            ] {
                values.insert((Measure::Attempts(became), GENERATOR.to_owned()), count as f64);
            }
        }
        for resource in &findings.resources {
            let of = |level| (Measure::Resource(resource.name, level), resource.vantage.clone());
            values.insert(of(Level::Peak), resource.peak as f64);
            if let Some(headroom) = resource.headroom_min {
                values.insert(of(Level::Headroom), headroom as f64);
            }
        }
        Self {
            run,
            findings,
            values,
            time_wait: BTreeMap::new(),
            forecasts: Vec::new(),
            seen: Seen::default(),
            left_out: Vec::new(),
        }
    }

    /// A measure of one vantage; without one, of that which is worst off: the highest of levels, the
    /// least headroom.
    pub fn value(&self, measure: Measure, vantage: Option<&str>) -> Option<f64> {
        if let Some(vantage) = vantage {
            return self.values.get(&(measure, vantage.to_owned())).copied();
        }
        let all = self.values.iter().filter(|((m, _), _)| *m == measure).map(|(_, v)| *v);
        match measure {
            Measure::Resource(_, Level::Headroom) => all.reduce(f64::min),
            _ => all.reduce(f64::max),
        }
    }
}
