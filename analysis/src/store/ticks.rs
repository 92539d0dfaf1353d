//! Provides the ticks of load, each with its failures by kind.

use model::attempt::{Failure, LatencyClass, Os, Outcome, Phase};
use model::row::{FailureCount, Interval};

use super::insert;
use crate::kinds::WITNESSED;

/// What a record says of failures that a tick counts and does not itemise.
const NOT_ITEMISED: &str = "not itemised in the record";

/// Failures of one kind within a tick.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TickFailure {
    /// Index into [`Ticks::kinds`].
    pub(crate) kind: usize,
    pub(crate) count: u64,
    pub(crate) first_s: f64,
    pub(crate) last_s: f64,
}

/// One tick of load.
#[derive(Clone, Debug)]
pub(crate) struct Tick {
    pub(crate) t_s: f64,
    pub(crate) seconds: f64,
    pub(crate) offered: u64,
    pub(crate) begun: u64,
    pub(crate) served: u64,
    pub(crate) failed: u64,
    pub(crate) not_sent: u64,
    pub(crate) in_flight: u64,
    pub(crate) lateness_p99_us: u64,
    pub(crate) connect_call_p50_us: u64,
    pub(crate) cpu_s: f64,
    pub(crate) failures: Vec<TickFailure>,
}

impl Tick {
    /// When the tick ended.
    pub(crate) fn end_s(&self) -> f64 {
        self.t_s + self.seconds
    }
}

/// Every tick, and every kind of failure seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ticks {
    pub(crate) all: Vec<Tick>,
    pub(crate) kinds: Vec<Failure>,
}

impl Ticks {
    /// Takes in one tick. Failures of one kind are added up over addresses and latency classes.
    /// Where the row counts more than it itemises, the rest is a kind of its own, so that no failure
    /// is lost; where it itemises more than it counts, what is itemised is believed.
    pub(crate) fn push(&mut self, row: &Interval) {
        let mut tick = Tick {
            t_s: row.t_s,
            seconds: row.seconds,
            offered: row.offered,
            begun: row.begun,
            served: row.served,
            failed: row.failed,
            not_sent: row.not_sent,
            in_flight: row.in_flight,
            lateness_p99_us: row.lateness_us.p99,
            connect_call_p50_us: row.connect_call_us.p50,
            cpu_s: row.cpu_s,
            failures: Vec::new(),
        };
        for counted in row.failures.iter().filter(|f| f.count > 0) {
            let kind = self.kind(&counted.failure);
            add(&mut tick, kind, counted.count, counted.first_s, counted.last_s);
        }
        tick.failed = self.complete(&mut tick, Outcome::Failed, row.failed);
        tick.not_sent = self.complete(&mut tick, Outcome::NotSent, row.not_sent);
        insert(&mut self.all, tick, |t| t.t_s);
    }

    /// Refusals that the host itself counted in one row of its log. It knows no client and no error
    /// number; its rows come every 5 s at most, so one second holds one row.
    pub(crate) fn witnessed(&mut self, t_s: f64, refused: u64) {
        self.push(&Interval {
            t_s,
            seconds: 1.0,
            failed: refused,
            failures: vec![FailureCount {
                failure: Failure {
                    outcome: Outcome::Failed,
                    phase: Phase::Connect,
                    os: Os::Windows,
                    os_code: None,
                    name: WITNESSED.to_owned(),
                },
                source: String::new(),
                destination: String::new(),
                latency: LatencyClass::Under1ms,
                count: refused,
                first_s: t_s,
                last_s: t_s,
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

    fn complete(&mut self, tick: &mut Tick, outcome: Outcome, counted: u64) -> u64 {
        let of_outcome = |f: &&TickFailure| self.kinds[f.kind].outcome == outcome;
        let itemised: u64 = tick.failures.iter().filter(of_outcome).map(|f| f.count).sum();
        let rest = counted.saturating_sub(itemised);
        if rest > 0 {
            let name = NOT_ITEMISED.to_owned();
            let kind = self.kind(&Failure {
                outcome,
                phase: Phase::Open,
                os: Os::HERE,
                os_code: None,
                name,
            });
            add(tick, kind, rest, tick.t_s, tick.end_s());
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

fn add(tick: &mut Tick, kind: usize, count: u64, first_s: f64, last_s: f64) {
    let (first_s, last_s) = (first_s.min(last_s), last_s.max(first_s));
    match tick.failures.iter_mut().find(|f| f.kind == kind) {
        Some(known) => {
            known.count += count;
            known.first_s = known.first_s.min(first_s);
            known.last_s = known.last_s.max(last_s);
        }
        None => tick.failures.push(TickFailure { kind, count, first_s, last_s }),
    }
}
