//! Provides the forecast: which resource will run out, and when, if its trend goes on.
//!
//! [`Outlook`] takes rows one by one into a memory of bounded size and can be asked at any moment at
//! bounded cost, so that a progress line may ask once a second for days. A resource has a forecast only
//! where its level keeps growing (see `trend`) and what TIME_WAIT will hold is not the reason (see
//! `churn`); one that has reached its limit has none any more.

pub(crate) mod churn;
mod fading;
mod load;
mod pool;
mod rounds;
mod seen;
mod telling;
#[cfg(test)]
mod tests;
mod theil_sen;
mod time_wait;
mod trend;

use std::collections::BTreeMap;

use model::findings::{Forecast, ResourceName};
use model::row::{Row, Sample};
use model::run::RunInfo;
use model::units::format_count;

use crate::store::{GENERATOR, TARGET};
use churn::{settled_s, still_to_come, time_wait_s};
use fading::Fading;
use load::{Load, Plan, Tick};
use pool::PoolView;
use rounds::{Round, Used};
pub use seen::{LevelSeen, LoadSeen, PoolSeen};
use telling::assumed;
pub use time_wait::TimeWaitSeen;
use trend::{Point, Reach, trend};

/// The levels of a run so far.
#[derive(Clone, Debug)]
pub struct Outlook {
    run: RunInfo,
    plan: Option<Plan>,
    ticks: Fading<Tick>,
    rounds: BTreeMap<String, Fading<Round>>,
    /// Resources that have been at their limit.
    ran_out: Vec<ResourceName>,
}

impl Outlook {
    /// No reading yet of this run.
    pub fn new(run: &RunInfo) -> Self {
        Self {
            run: run.clone(),
            plan: Plan::of(run),
            ticks: Fading::default(),
            rounds: BTreeMap::new(),
            ran_out: Vec::new(),
        }
    }

    /// Takes in one row.
    pub fn push(&mut self, row: &Row) {
        match row {
            Row::Interval(interval) => self.ticks.push(Tick::of(interval)),
            Row::Sample(sample) => self.sample(sample),
            _ => {}
        }
    }

    fn sample(&mut self, sample: &Sample) {
        let Some(round) = Round::of(sample, &self.run) else { return };
        let full = |used: Option<Used>| used.is_some_and(|u| u.used >= u.limit);
        let at_gate = sample.vantage == TARGET
            && round.pool.zip(pool::refuses_at(&self.run)).is_some_and(|(used, at)| used >= at);
        for (name, reached) in [
            (ResourceName::NonpagedPool, at_gate),
            (ResourceName::ClientPorts, full(round.ports)),
            (ResourceName::Descriptors, full(round.descriptors)),
            (ResourceName::Commit, full(round.commit)),
            (ResourceName::RequestQueue, full(round.queue)),
            (ResourceName::TargetPorts, full(round.opened_ports)),
            (ResourceName::PagedPool, full(round.paged_pool)),
        ] {
            if reached && !self.ran_out.contains(&name) {
                self.ran_out.push(name);
            }
        }
        self.rounds.entry(sample.vantage.clone()).or_default().push(round);
    }

    /// The resource that will run out first, if any will; `None` without a trend.
    pub fn forecast(&self) -> Option<Forecast> {
        self.forecasts().into_iter().min_by(|a, b| a.runs_out_at_s.total_cmp(&b.runs_out_at_s))
    }

    /// Every resource that will run out if its trend goes on, each once.
    pub fn forecasts(&self) -> Vec<Forecast> {
        let load = Load::of(&self.ticks);
        let view = View { outlook: self, load: load.as_ref() };
        let found = [
            (ResourceName::NonpagedPool, view.pool()),
            (ResourceName::ClientPorts, view.churned(GENERATOR, |r| r.ports, "ports")),
            (ResourceName::TimeWait, view.time_wait()),
            (ResourceName::TargetPorts, view.churned(TARGET, |r| r.opened_ports, "ports")),
            (ResourceName::RequestQueue, view.level(TARGET, |r| r.queue, "requests")),
            (ResourceName::PagedPool, view.level(TARGET, |r| r.paged_pool, "bytes")),
            (ResourceName::Descriptors, view.level(GENERATOR, |r| r.descriptors, "descriptors")),
            (ResourceName::Commit, view.commit()),
        ];
        let still = found.into_iter().filter(|(name, _)| !self.ran_out.contains(name));
        still.filter_map(|(resource, reach)| Some(view.told(resource, reach?))).collect()
    }

    fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// Rounds of a vantage while load is made: what grows before or after it grows for another reason.
    fn rounds(
        &self,
        vantage: &str,
        load: Option<&Load>,
    ) -> impl DoubleEndedIterator<Item = &Round> {
        let (from_s, to_s) =
            load.map_or((f64::NEG_INFINITY, f64::INFINITY), |l| (l.began_s(), l.until_s()));
        let all = self.rounds.get(vantage).map_or(&[][..], Fading::all);
        all.iter().filter(move |r| r.t_s >= from_s && r.t_s <= to_s)
    }
}

/// An outlook with its load summed up, for one question.
struct View<'a> {
    outlook: &'a Outlook,
    load: Option<&'a Load>,
}

type Found = Option<(Reach, String)>;

impl View<'_> {
    fn pool(&self) -> Found {
        PoolView::of(&self.outlook.run, self.outlook, self.load)?.reach()
    }

    fn points(&self, vantage: &str, of: impl Fn(&Round) -> Option<Used>) -> (Vec<Point>, f64) {
        let mut limit = f64::INFINITY;
        let mut points = Vec::new();
        for round in self.outlook.rounds(vantage, self.load) {
            if let Some(used) = of(round) {
                limit = used.limit;
                points.push((round.t_s, used.used));
            }
        }
        (points, limit)
    }

    /// A level that nothing but its trend explains.
    fn level(&self, vantage: &str, of: impl Fn(&Round) -> Option<Used>, unit: &str) -> Found {
        let (points, limit) = self.points(vantage, of);
        self.growing(vantage, &points, limit, unit)
    }

    fn growing(&self, vantage: &str, points: &[Point], limit: f64, unit: &str) -> Found {
        let time_wait_s = time_wait_s(&self.outlook.run, vantage);
        let found = trend(points, self.load, time_wait_s)?;
        let reach = found.reaches(limit, self.load, self.outlook.plan())?;
        let amount = |value: f64| match unit {
            "bytes" => crate::words::small_bytes(value),
            _ if value < 10.0 => format!("{value:.2} {unit}"),
            _ => format!("{} {unit}", format_count(value.round() as u64)),
        };
        let assuming = assumed(&found, self.load, self.outlook.plan(), &amount);
        Some((reach, assuming))
    }

    /// A level that TIME_WAIT holds: until it has levelled off, rate × length tells whether it will.
    fn churned(&self, vantage: &str, of: impl Fn(&Round) -> Option<Used>, unit: &str) -> Found {
        let (points, limit) = self.points(vantage, of);
        let (now_s, used) = *points.last()?;
        let Some(load) = self.load else { return self.growing(vantage, &points, limit, unit) };
        let run = &self.outlook.run;
        let settled_s = settled_s(run, vantage, load);
        if now_s >= settled_s {
            let settled: Vec<Point> = points.into_iter().filter(|p| p.0 >= settled_s).collect();
            return self.growing(vantage, &settled, limit, unit);
        }
        if used * still_to_come(run, vantage, load, now_s) <= limit {
            return None;
        }
        let (reach, assuming) = self.growing(vantage, &points, limit, unit)?;
        (reach.at_s <= settled_s).then_some((reach, assuming))
    }

    /// Committed memory, the pool that connections hold apart: that is part of it, and levels off.
    fn commit(&self) -> Found {
        let beside = |r: &Round| {
            let held = r.pool_of_connections?;
            Some(Used { used: r.commit?.used - held, limit: r.commit?.limit - held })
        };
        let (points, limit) = self.points(TARGET, beside);
        if !points.is_empty() {
            return self.growing(TARGET, &points, limit, "bytes");
        }
        // Without tags the two are told apart only once TIME_WAIT has levelled off.
        let settled_s = self.load.map(|load| settled_s(&self.outlook.run, TARGET, load));
        let (points, limit) = self.points(TARGET, |r| r.commit);
        let settled: Vec<Point> =
            points.into_iter().filter(|p| settled_s.is_none_or(|s| p.0 >= s)).collect();
        self.growing(TARGET, &settled, limit, "bytes")
    }

    /// TIME_WAIT of either host, where its number is limited.
    fn time_wait(&self) -> Found {
        let of = |vantage: &str| {
            let tunables = self.outlook.run.tunables.get(vantage)?;
            let named = |name: &&String| name.ends_with("tcp_max_tw_buckets");
            let limit = tunables.get(tunables.keys().find(named)?)?.value as f64;
            let used = |r: &Round| Some(Used { used: r.time_wait?, limit });
            self.churned(vantage, used, "entries")
        };
        let both = [GENERATOR, TARGET].into_iter().filter_map(of);
        both.min_by(|a, b| a.0.at_s.total_cmp(&b.0.at_s))
    }

    fn told(&self, resource: ResourceName, (reach, assuming): (Reach, String)) -> Forecast {
        let last =
            |vantage: &str| self.outlook.rounds(vantage, self.load).next_back().map(|r| r.t_s);
        let made_at_s = [TARGET, GENERATOR].into_iter().filter_map(last).fold(0.0, f64::max);
        Forecast {
            resource,
            made_at_s,
            runs_out_at_s: reach.at_s,
            low_s: reach.low_s,
            high_s: reach.high_s,
            assuming,
        }
    }
}
