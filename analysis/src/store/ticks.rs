//! Provides the ticks of load, each with its failures by kind.

mod join;

use model::attempt::{Failure, LatencyClass, Os, Outcome, Phase};
use model::row::{FailureCount, Interval};

use super::insert;
use crate::attribution::generator_limit::{is_busy, is_late};

/// Ticks kept one by one; beyond it neighbours that tell the same are joined.
const MOST: usize = 8192;

/// What a record says of failures that a tick counts and does not itemise.
const NOT_ITEMISED: &str = "not itemised in the record";

/// Failures of one kind and one latency class within a tick.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TickFailure {
    /// Index into [`Ticks::kinds`].
    pub(crate) kind: usize,
    /// How long they took until they failed.
    pub(crate) latency: LatencyClass,
    pub(crate) count: u64,
    /// When the first of them had failed.
    pub(crate) first_s: f64,
    /// When the last of them had failed.
    pub(crate) last_s: f64,
}

/// One tick of load, or several that tell the same.
#[derive(Clone, Debug)]
pub(crate) struct Tick {
    pub(crate) t_s: f64,
    pub(crate) seconds: f64,
    pub(crate) ticks: u32,
    pub(crate) offered: u64,
    pub(crate) begun: u64,
    pub(crate) served: u64,
    pub(crate) failed: u64,
    pub(crate) not_sent: u64,
    /// At its end, or the most of those joined.
    pub(crate) in_flight: u64,
    pub(crate) lateness_p99_us: u64,
    pub(crate) lateness_max_us: u64,
    /// Ticks that were behind schedule, and those that were late with a busy CPU.
    pub(crate) late: u32,
    pub(crate) busy: u32,
    pub(crate) connect_call_p50_us: u64,
    /// The slowest connect of an attempt that was served.
    pub(crate) connect_max_us: u64,
    /// The least and the most served per second, of those joined.
    pub(crate) served_per_s: (f64, f64),
    /// The most that failed, and that were not sent, per second.
    pub(crate) failed_per_s: f64,
    pub(crate) not_sent_per_s: f64,
    pub(crate) failures: Vec<TickFailure>,
}

impl Tick {
    /// When the tick ended.
    pub(crate) fn end_s(&self) -> f64 {
        self.t_s + self.seconds
    }

    fn of(row: &Interval) -> Self {
        let per_s = |n: u64| n as f64 / row.seconds.max(1e-9);
        Self {
            t_s: row.t_s,
            seconds: row.seconds,
            ticks: 1,
            offered: row.offered,
            begun: row.begun,
            served: row.served,
            failed: row.failed,
            not_sent: row.not_sent,
            in_flight: row.in_flight,
            lateness_p99_us: row.lateness_us.p99,
            lateness_max_us: row.lateness_us.max,
            late: u32::from(is_late(row)),
            busy: u32::from(is_busy(row)),
            connect_call_p50_us: row.connect_call_us.p50,
            connect_max_us: row.connect_us.max,
            served_per_s: (per_s(row.served), per_s(row.served)),
            failed_per_s: per_s(row.failed),
            not_sent_per_s: per_s(row.not_sent),
            failures: Vec::new(),
        }
    }
}

/// Every tick, and every kind of failure seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ticks {
    pub(crate) all: Vec<Tick>,
    pub(crate) kinds: Vec<Failure>,
    /// The longest tick as it was recorded, seconds.
    pub(crate) longest_s: f64,
    grain_s: f64,
}

impl Ticks {
    /// Takes in one tick. Failures of one kind are added up over addresses. Where the row counts more
    /// than it itemises, the rest is a kind of its own, so that no failure is lost; where it itemises
    /// more than it counts, what is itemised is believed.
    pub(crate) fn push(&mut self, row: &Interval) {
        let mut tick = Tick::of(row);
        for counted in row.failures.iter().filter(|f| f.count > 0) {
            let kind = self.kind(&counted.failure);
            add(
                &mut tick.failures,
                &TickFailure {
                    kind,
                    latency: counted.latency,
                    count: counted.count,
                    first_s: counted.first_s.min(counted.last_s),
                    last_s: counted.last_s.max(counted.first_s),
                },
            );
        }
        tick.failed = self.complete(&mut tick, Outcome::Failed, row.failed);
        tick.not_sent = self.complete(&mut tick, Outcome::NotSent, row.not_sent);
        self.longest_s = self.longest_s.max(tick.seconds);
        insert(&mut self.all, tick, |t| t.t_s);
        if self.all.len() > MOST {
            join::equal_neighbours(self);
        }
    }

    /// Failures that the host itself counted in rows of its log with one stamp. It knows no client and
    /// no error number.
    pub(crate) fn witnessed(&mut self, from_s: f64, to_s: f64, failure: Failure, count: u64) {
        self.push(&Interval {
            t_s: from_s,
            seconds: (to_s - from_s).max(WITNESSED_S),
            failed: count,
            failures: vec![FailureCount {
                failure,
                source: String::new(),
                destination: String::new(),
                latency: LatencyClass::Under1ms,
                count,
                first_s: from_s,
                last_s: to_s,
            }],
            ..Interval::default()
        });
    }

    /// Connections that the target had taken up to a run time, evenly spread within a tick: what was
    /// begun and did not fail.
    pub(crate) fn taken_until(&self, t_s: f64) -> f64 {
        let part = |tick: &Tick| ((t_s - tick.t_s) / tick.seconds.max(1e-9)).clamp(0.0, 1.0);
        self.all.iter().map(|tick| tick.begun.saturating_sub(tick.failed) as f64 * part(tick)).sum()
    }

    /// When rows of failures began and ended: where a tick's kinds differ from those of the one before.
    pub(crate) fn edges_s(&self) -> Vec<f64> {
        let mut edges = Vec::new();
        let mut before: &[TickFailure] = &[];
        for tick in &self.all {
            if !same_kinds(before, &tick.failures) {
                edges.push(tick.failures.iter().map(|f| f.first_s).fold(tick.t_s, f64::min));
            }
            before = &tick.failures;
        }
        edges
    }

    fn complete(&mut self, tick: &mut Tick, outcome: Outcome, counted: u64) -> u64 {
        let of_outcome = |f: &&TickFailure| self.kinds[f.kind].outcome == outcome;
        let itemised: u64 = tick.failures.iter().filter(of_outcome).map(|f| f.count).sum();
        let rest = counted.saturating_sub(itemised);
        if rest > 0 {
            let (name, os) = (NOT_ITEMISED.to_owned(), Os::HERE);
            let kind = self.kind(&Failure { outcome, phase: Phase::Open, os, os_code: None, name });
            add(
                &mut tick.failures,
                &TickFailure {
                    kind,
                    latency: LatencyClass::Under1ms,
                    count: rest,
                    first_s: tick.t_s,
                    last_s: tick.t_s + tick.seconds,
                },
            );
        }
        itemised + rest
    }

    fn kind(&mut self, failure: &Failure) -> usize {
        if let Some(at) = self.kinds.iter().position(|known| known == failure) {
            return at;
        }
        self.kinds.push(failure.clone());
        self.kinds.len() - 1
    }
}

/// The least length of a tick made from log rows, seconds: stamps have whole seconds.
const WITNESSED_S: f64 = 1.0;

/// Adds failures to those of a tick.
fn add(failures: &mut Vec<TickFailure>, more: &TickFailure) {
    let same = |f: &&mut TickFailure| f.kind == more.kind && f.latency == more.latency;
    match failures.iter_mut().find(same) {
        Some(known) => {
            known.count += more.count;
            known.first_s = known.first_s.min(more.first_s);
            known.last_s = known.last_s.max(more.last_s);
        }
        None => failures.push(*more),
    }
}

/// Whether two ticks hold failures of the same kinds.
fn same_kinds(one: &[TickFailure], other: &[TickFailure]) -> bool {
    let holds = |all: &[TickFailure], f: &TickFailure| all.iter().any(|g| g.kind == f.kind);
    one.iter().all(|f| holds(other, f)) && other.iter().all(|f| holds(one, f))
}
