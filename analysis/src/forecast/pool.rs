//! Provides when the target's non-paged pool reaches its gate.
//!
//! What is in use falls in two: what connections hold (tags of HTTP.sys and TCP), which levels off at
//! rate × TIME_WAIT, and the rest, in which a leak shows. Without tags the two are told apart only once
//! TIME_WAIT has levelled off.

use model::run::RunInfo;
use model::units::format_bytes;

use super::Outlook;
use super::churn::{settled_s, still_to_come, time_wait_s};
use super::load::{Load, Plan};
use super::rounds::Round;
use super::telling::assumed;
use super::trend::{Driver, Pace, Point, Reach, Trend, trend};
use crate::pool::bounds;
use crate::store::TARGET;
use crate::words::small_bytes;

/// How far churn that alone fills the pool may be off, as a share: its rate is that of the load so far.
const CHURN_DOUBT: f64 = 0.1;

/// The time until a leak alone would reach the gate is searched in so many steps. Chosen: over a month
/// of days that is a quarter of an hour.
const TIDE_STEPS: u32 = 3000;

/// How far the height of a tide and the load of its hours may be off, as a share. Chosen.
const TIDE_DOUBT: f64 = 0.03;

fn tide(pace: Pace) -> f64 {
    match pace {
        Pace::Mean => 1.0,
        Pace::Fast => 1.0 + TIDE_DOUBT,
        Pace::Slow => 1.0 - TIDE_DOUBT,
    }
}

/// The pool's levels over the run.
pub(super) struct PoolView<'a> {
    run: &'a RunInfo,
    load: Option<&'a Load>,
    outlook: &'a Outlook,
    /// Use at which HTTP.sys refuses, bytes.
    refuses_at: f64,
}

/// In use at which the gate refuses; `None` where ceiling or gate is unknown.
pub(super) fn refuses_at(run: &RunInfo) -> Option<f64> {
    let (limit, gate_bytes) = bounds(run);
    Some(host::laws::refuse_level_bytes(limit?.value, gate_bytes?) as f64)
}

impl<'a> PoolView<'a> {
    pub(super) fn of(
        run: &'a RunInfo,
        outlook: &'a Outlook,
        load: Option<&'a Load>,
    ) -> Option<Self> {
        Some(Self { run, load, outlook, refuses_at: refuses_at(run)? })
    }

    /// When the gate is reached, and on which assumption.
    pub(super) fn reach(&self) -> Option<(Reach, String)> {
        let rest = self.points(|r| Some(r.pool? - r.pool_of_connections?));
        let tagged = rest.len() * 2 > self.points(|r| r.pool).len();
        if !tagged {
            return self.settled(|r| r.pool, 0.0);
        }
        match trend(&rest, self.load, time_wait_s(self.run, TARGET)) {
            Some(found) => self.leak(&found),
            None => self.churn_alone().or_else(|| self.open_connections()),
        }
    }

    /// Readings since the load began; before it nothing grows with it.
    fn points(&self, level: impl Fn(&Round) -> Option<f64>) -> Vec<Point> {
        let rounds = self.outlook.rounds(TARGET, self.load);
        rounds.filter_map(|r| Some((r.t_s, level(r)?))).collect()
    }

    /// The last reading of what connections hold, and of it TIME_WAIT.
    fn of_connections(&self) -> Option<(f64, f64, f64)> {
        let mut rounds = self.outlook.rounds(TARGET, self.load);
        let last = rounds.rfind(|r| r.pool_of_connections.is_some())?;
        Some((last.t_s, last.pool_of_connections?, last.pool_of_time_wait.unwrap_or(0.0)))
    }

    /// A leak beside what connections will hold.
    fn leak(&self, found: &Trend) -> Option<(Reach, String)> {
        let (now_s, held, of_time_wait) = self.of_connections()?;
        let growth = self.load.map_or(1.0, |load| still_to_come(self.run, TARGET, load, now_s));
        let settled = held + of_time_wait * (growth - 1.0);
        let until_s = self.load.map_or(now_s, |load| settled_s(self.run, TARGET, load));
        let by_plan = self.load.zip(self.plan().filter(|plan| plan.varies()));
        let reach = match by_plan {
            Some((load, plan)) => self.with_tides(found, load, plan)?,
            None => self.beside(found, held, settled, until_s)?,
        };
        let settles = match growth > 1.0 && of_time_wait > 0.0 {
            true => {
                let bytes = small_bytes(of_time_wait * growth);
                format!("; TIME_WAIT levels off and then holds {bytes}")
            }
            false => String::new(),
        };
        let growth = assumed(found, self.load, self.plan(), &small_bytes);
        Some((reach, format!("{growth}{settles}; {}", self.limit_words())))
    }

    /// A leak beside a level of connections that stays, or goes up and down as it did.
    fn beside(&self, found: &Trend, held: f64, settled: f64, until_s: f64) -> Option<Reach> {
        let within = self.points(|r| r.pool_of_connections);
        let within = within.iter().filter(|p| p.0 >= found.from_s && p.0 >= until_s).map(|p| p.1);
        let (low, high) = within.fold((settled, settled), |(l, h), v| (l.min(v), h.max(v)));
        let at = |held: f64| found.reaches(self.refuses_at - held, self.load, self.plan());
        let (first, last) = (at(high)?, at(low)?);
        let reach = Reach { high_s: last.high_s, ..first };
        // Before TIME_WAIT has levelled off, it holds only part of that.
        match (reach.at_s < until_s, self.load) {
            (true, Some(load)) => self.while_both_grow(found, held, settled, until_s, load),
            _ => Some(reach),
        }
    }

    /// A leak beside TIME_WAIT that follows a load by the hour: the gate is reached at a high tide.
    fn with_tides(&self, found: &Trend, load: &Load, plan: &Plan) -> Option<Reach> {
        let (now_s, held, of_time_wait) = self.of_connections()?;
        let length_s = time_wait_s(self.run, TARGET);
        let count = load.taken(now_s) - load.taken(now_s - length_s);
        let share = plan.share(load, found.from_s, found.to_s);
        let each = if count > 0.0 { of_time_wait * share / count } else { 0.0 };
        let ebb = found.reaches(self.refuses_at - (held - of_time_wait), self.load, self.plan())?;
        let step_s = (ebb.high_s - now_s).max(0.0) / f64::from(TIDE_STEPS);
        let first = |pace: Pace| {
            let moments = (0..=TIDE_STEPS).map(|nth| now_s + f64::from(nth) * step_s);
            let mut late = moments.skip_while(|t_s| {
                let time_wait = each * plan.due_between(t_s - length_s, *t_s) * tide(pace);
                let rest = found.level_at(*t_s, load, plan, pace);
                rest + held - of_time_wait + time_wait < self.refuses_at
            });
            late.next()
        };
        let at_s = first(Pace::Mean).unwrap_or(ebb.at_s);
        let least_s = (at_s - now_s) * TIDE_DOUBT + step_s;
        Some(Reach {
            at_s,
            low_s: first(Pace::Fast).unwrap_or(ebb.low_s).min(at_s - least_s),
            high_s: first(Pace::Slow).unwrap_or(ebb.high_s).max(at_s + least_s),
        })
    }

    /// Leak and TIME_WAIT grow side by side until the gate: both at their rates.
    fn while_both_grow(
        &self,
        found: &Trend,
        held: f64,
        settled: f64,
        until_s: f64,
        load: &Load,
    ) -> Option<Reach> {
        let now_s = found.to_s;
        let per_unit = match found.driver {
            Driver::Time => 1.0,
            Driver::Connections => load.rate(found.from_s, now_s),
        };
        let beside = (settled - held) / (until_s - now_s).max(1e-9);
        let both = Trend { driver: Driver::Time, slope: found.slope * per_unit + beside, ..*found };
        both.reaches(self.refuses_at - held, None, None)
    }

    /// Nothing leaks, and what connections will hold is too much all the same.
    fn churn_alone(&self) -> Option<(Reach, String)> {
        let load = self.load?;
        let (now_s, held, of_time_wait) = self.of_connections()?;
        let used = self.points(|r| r.pool).last()?.1;
        let growth = still_to_come(self.run, TARGET, load, now_s);
        let to_come = of_time_wait * (growth - 1.0);
        if used + to_come < self.refuses_at || to_come <= 0.0 {
            return None;
        }
        let per_s = of_time_wait / (now_s - load.began_s()).max(1e-9);
        let left_s = ((self.refuses_at - used) / per_s).max(0.0);
        let reach = Reach {
            at_s: now_s + left_s,
            low_s: now_s + left_s * (1.0 - CHURN_DOUBT),
            high_s: now_s + left_s * (1.0 + CHURN_DOUBT),
        };
        let assuming = format!(
            "connections go on being taken at {:.0}/s and TIME_WAIT, which holds {} now, grows to rate \u{d7} length; {}",
            load.rate(load.began_s(), now_s),
            format_bytes(held as i128),
            self.limit_words()
        );
        Some((reach, assuming))
    }

    /// Connections that are never closed: their tags grow, TIME_WAIT apart.
    fn open_connections(&self) -> Option<(Reach, String)> {
        let of_time_wait = self.of_connections()?.2;
        self.settled(|r| Some(r.pool? - r.pool_of_time_wait?), of_time_wait)
    }

    /// Growth of a level once TIME_WAIT has levelled off, beside what holds `beside` bytes.
    fn settled(
        &self,
        level: impl Fn(&Round) -> Option<f64>,
        beside: f64,
    ) -> Option<(Reach, String)> {
        let from_s = self.load.map_or(f64::NEG_INFINITY, |l| settled_s(self.run, TARGET, l));
        let settled: Vec<Point> =
            self.points(level).into_iter().filter(|p| p.0 >= from_s).collect();
        let found = trend(&settled, self.load, time_wait_s(self.run, TARGET))?;
        let reach = found.reaches(self.refuses_at - beside, self.load, self.plan())?;
        let growth = assumed(&found, self.load, self.plan(), &small_bytes);
        Some((reach, format!("{growth}; {}", self.limit_words())))
    }

    fn plan(&self) -> Option<&'a Plan> {
        self.outlook.plan()
    }

    fn limit_words(&self) -> String {
        let (limit, gate) = bounds(self.run);
        let origin = limit.map_or("unknown", |l| l.origin.as_str());
        format!(
            "the {origin} ceiling of {} less a gate of {} is right",
            format_bytes(limit.map_or(0, |l| l.value).into()),
            format_bytes(gate.unwrap_or(0).into())
        )
    }
}
