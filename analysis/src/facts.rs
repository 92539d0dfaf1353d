//! Provides what all hypotheses share: the run's constants, slack, and the failures by kind.

use model::attempt::{Failure, LatencyClass};
use model::limit::Limit;
use model::run::RunInfo;

use crate::bracket::Level;
use crate::matched::Matched;
use crate::pool::Pool;
use crate::store::{Counter, Reading, Store, TARGET};
use crate::words::at;

/// No failure is thought to belong to the same row as another after a silence of at least so long,
/// seconds. Chosen: well above the spacing of failures at any rate worth a verdict.
const LEAST_PAUSE_S: f64 = 1.0;

/// A round comes this much of a period early or late. Chosen: a busy machine delays a wake-up by some
/// milliseconds, and samples are 50 ms apart at the least.
const ROUND_JITTER: f64 = 0.1;

/// Failures of one kind in one tick, which some hypothesis may explain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    /// Index of the tick, and of the failure within it.
    pub(crate) place: Place,
    pub(crate) count: u64,
    /// When the first of them may have begun: what failed by a time-out met its cause long before.
    pub(crate) since_s: f64,
    /// How long they took until they failed, seconds, at the most.
    pub(crate) took_s: f64,
    /// When the first and the last of them had failed.
    pub(crate) first_s: f64,
    pub(crate) last_s: f64,
}

/// Where failures stand: tick, and failure within the tick.
pub(crate) type Place = (usize, usize);

/// The facts that hypotheses are judged from.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) run: &'a RunInfo,
    pub(crate) store: &'a Store,
    pub(crate) pool: Pool,
    /// Readings of the target's listener; at its limit means absent.
    pub(crate) absent: Vec<Level>,
    /// For each of `absent`: since when the listener had then been absent without a break.
    absent_since_s: Vec<f64>,
    /// The longest tick, seconds.
    pub(crate) tick_s: f64,
    /// Whether any attempt failed or was not sent.
    pub(crate) any_failure: bool,
    /// Whether a generator made load; without one, failures are what the host's own log counts, on
    /// the host's own clock.
    pub(crate) load_was_made: bool,
    /// Whether the target's pool was at its gate, at each reading.
    pub(crate) pool_levels: Vec<Level>,
    /// Which of the host's own rows stand for which failures.
    pub(crate) matched: Matched,
    longest_tick_s: f64,
}

impl<'a> Facts<'a> {
    /// Gathers them.
    pub(crate) fn new(run: &'a RunInfo, store: &'a Store) -> Self {
        let absent = store.of(TARGET).iter().filter_map(|r| {
            let at_limit = !r.listens?;
            Some(Level { t_s: r.t_s, at_limit })
        });
        let absent: Vec<Level> = absent.collect();
        let ticks = &store.ticks.all;
        let mut facts = Self {
            absent_since_s: since(&absent),
            run,
            store,
            pool: Pool::of(run, store),
            absent,
            tick_s: store.ticks.longest_s,
            any_failure: ticks.iter().any(|t| !t.failures.is_empty()),
            load_was_made: ticks.iter().any(|t| t.offered > 0),
            pool_levels: Vec::new(),
            matched: Matched::default(),
            longest_tick_s: ticks.iter().map(|t| t.seconds).fold(0.0, f64::max),
        };
        facts.pool_levels = facts.pool.levels();
        facts.matched = Matched::of(&facts);
        facts
    }

    /// The longest tick as the store keeps it, seconds: joined ones are longer than they were.
    pub(crate) fn longest_tick_s(&self) -> f64 {
        self.longest_tick_s
    }

    /// How many times faster the target's durations run.
    pub(crate) fn time_scale(&self) -> f64 {
        if self.run.target.time_scale > 0.0 { self.run.target.time_scale } else { 1.0 }
    }

    /// How far a vantage's clock may be wrong, seconds; 0 for the generator's own.
    pub(crate) fn clock_bound_s(&self, vantage: &str) -> f64 {
        let of_vantage = self.run.clocks.iter().filter(|c| c.vantage == vantage);
        of_vantage.map(|c| c.bound_s).fold(0.0, f64::max)
    }

    /// How far from a failure a reading of this vantage may lie and still speak of it: one sample
    /// period, as rounds keep it, plus the clock bound.
    pub(crate) fn slack_s(&self, vantage: &str) -> f64 {
        self.run.sample_every_s * (1.0 + ROUND_JITTER) + self.clock_bound_s(vantage)
    }

    /// A silence that ends a row of failures.
    pub(crate) fn pause_s(&self) -> f64 {
        LEAST_PAUSE_S.max(3.0 * self.run.sample_every_s).max(3.0 * self.tick_s)
    }

    /// A silence that ends a burst, however rare the samples are.
    pub(crate) fn burst_pause_s(&self) -> f64 {
        LEAST_PAUSE_S.max(3.0 * self.tick_s)
    }

    /// Since when the listener had been absent at the end of these failures, as the last reading up to
    /// the slack after them says; `None` where it was there.
    pub(crate) fn absent_since_s(&self, candidate: &Candidate) -> Option<f64> {
        let until_s = candidate.last_s + self.slack_s(TARGET);
        let last = self.absent.partition_point(|l| l.t_s <= until_s).checked_sub(1)?;
        self.absent[last].at_limit.then(|| self.absent_since_s[last])
    }

    /// After more than two samples without the limit, failures outlive the release.
    pub(crate) fn release_s(&self, vantage: &str) -> f64 {
        2.0 * self.run.sample_every_s + self.slack_s(vantage)
    }

    /// The end of the load as far as it was made, run time.
    pub(crate) fn load_end_s(&self) -> f64 {
        let ticks = self.store.ticks.all.iter();
        ticks.map(|t| t.end_s()).fold(0.0, f64::max).min(self.run.planned_seconds)
    }

    /// The failures of these kinds, in order of time.
    pub(crate) fn candidates(&self, of_kind: impl Fn(&Failure) -> bool) -> Vec<Candidate> {
        let wanted: Vec<bool> = self.store.ticks.kinds.iter().map(of_kind).collect();
        let mut found = Vec::new();
        for (t, tick) in self.store.ticks.all.iter().enumerate() {
            for (f, failure) in tick.failures.iter().enumerate().filter(|(_, f)| wanted[f.kind]) {
                found.push(Candidate {
                    place: (t, f),
                    count: failure.count,
                    since_s: failure.first_s - longest_s(failure.latency),
                    took_s: longest_s(failure.latency),
                    first_s: failure.first_s,
                    last_s: failure.last_s,
                });
            }
        }
        found.sort_by(|a, b| a.first_s.total_cmp(&b.first_s));
        found
    }

    /// How the failures of a candidate look.
    pub(crate) fn failure(&self, candidate: &Candidate) -> &'a Failure {
        let (t, f) = candidate.place;
        &self.store.ticks.kinds[self.store.ticks.all[t].failures[f].kind]
    }

    /// What the failures of a candidate are called.
    pub(crate) fn name(&self, candidate: &Candidate) -> &'a str {
        &self.failure(candidate).name
    }

    /// A level read at each round of a vantage that tells it.
    pub(crate) fn levels(
        &self,
        vantage: &str,
        mut at_limit: impl FnMut(&Reading) -> Option<bool>,
    ) -> Vec<Level> {
        let readings = self.store.of(vantage).iter();
        readings.filter_map(|r| Some(Level { t_s: r.t_s, at_limit: at_limit(r)? })).collect()
    }

    /// Whether a counter that only grows had grown by at least so much from the reading before.
    pub(crate) fn rises(&self, vantage: &str, counter: Counter, least: f64) -> Vec<Level> {
        let mut before: Option<f64> = None;
        self.levels(vantage, |r| {
            let value = r.counter(counter)?;
            let rose = before.replace(value).is_some_and(|b| value - b >= least);
            Some(rose)
        })
    }

    /// The readings of a vantage from one moment to another.
    pub(crate) fn within(&self, vantage: &str, from_s: f64, to_s: f64) -> &'a [Reading] {
        let all = self.store.of(vantage);
        let first = all.partition_point(|r| r.t_s < from_s);
        let end = all.partition_point(|r| r.t_s <= to_s);
        &all[first..end.max(first)]
    }

    /// By how much a counter grew from the last reading before `from_s` to the first after `to_s`; a
    /// counter that fell began anew. `None` with fewer than two readings of it.
    pub(crate) fn rise(
        &self,
        vantage: &str,
        counter: Counter,
        from_s: f64,
        to_s: f64,
    ) -> Option<f64> {
        let all = self.store.of(vantage);
        let inside = all.partition_point(|r| r.t_s <= from_s);
        let mut before = all[..inside].iter().rev().find_map(|r| r.counter(counter));
        let mut grew = None;
        for (t_s, value) in all[inside..].iter().filter_map(|r| Some((r.t_s, r.counter(counter)?)))
        {
            if let Some(before) = before {
                let more = if value >= before { value - before } else { value };
                grew = Some(grew.unwrap_or(0.0) + more);
            }
            before = Some(value);
            if t_s >= to_s {
                break;
            }
        }
        grew
    }

    /// Why a reading is missing at a vantage, if a gap of that name was recorded.
    pub(crate) fn gap_reason(&self, vantage: &str, what: &[&str]) -> Option<String> {
        let of_vantage = self.store.gaps.iter().filter(|((v, _), _)| v == vantage);
        let mut wanted = of_vantage.filter(|((_, w), _)| what.iter().any(|name| w.contains(name)));
        let ((_, what), gap) = wanted.next()?;
        let kind = match gap.kind {
            model::reading::GapKind::Unsupported => "is not supported",
            model::reading::GapKind::Failed => "failed",
        };
        Some(format!(
            "{what} {kind} in {} rounds from {} to {}: {}",
            gap.rounds,
            at(gap.first_s),
            at(gap.last_s),
            gap.reason
        ))
    }
}

/// The longest that a failure of this class may have taken, seconds. Beyond the last class: the longest
/// connect time-out in use (Windows' three SYNs, 21 s) and a little.
fn longest_s(class: LatencyClass) -> f64 {
    match class {
        LatencyClass::Under1ms => 0.001,
        LatencyClass::Under10ms => 0.01,
        LatencyClass::Under100ms => 0.1,
        LatencyClass::Under900ms => 0.9,
        LatencyClass::Under2900ms => 2.9,
        LatencyClass::Under6900ms => 6.9,
        LatencyClass::Longer => 25.0,
    }
}

/// For each level at its limit: when the unbroken row of such readings began.
fn since(levels: &[Level]) -> Vec<f64> {
    let mut began_s = None;
    let mut since_s = Vec::with_capacity(levels.len());
    for level in levels {
        began_s = level.at_limit.then(|| began_s.unwrap_or(level.t_s));
        since_s.push(began_s.unwrap_or(level.t_s));
    }
    since_s
}

/// The span that candidates cover, run time; `None` for none.
pub(crate) fn span(candidates: &[Candidate]) -> Option<(f64, f64)> {
    let from_s = candidates.iter().map(|c| c.first_s).reduce(f64::min)?;
    let to_s = candidates.iter().map(|c| c.last_s).reduce(f64::max)?;
    Some((from_s, to_s))
}

/// A tunable in force on a vantage by the first of these names, a path before it or not.
pub(crate) fn tunable(run: &RunInfo, vantage: &str, names: &[&str]) -> Option<Limit> {
    let all = run.tunables.get(vantage)?;
    let named = |name: &&str| {
        all.iter().find(|(known, _)| {
            let last = known.rsplit(['\\', '/']).next().unwrap_or(known);
            last.eq_ignore_ascii_case(name)
        })
    };
    names.iter().find_map(named).map(|(_, limit)| *limit)
}
