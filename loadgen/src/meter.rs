//! Provides the meter of one engine thread: what happened in the current tick, counted; time is an
//! argument. Its size depends on the kinds of failure, never on the rate.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use hdrhistogram::CreationError;
use model::attempt::{LatencyClass, Outcome};

use crate::fault::Fault;
use crate::spreads::Spreads;
use crate::step::Times;

/// Exemplars of one kind of failure kept per tick.
pub const EXEMPLARS_PER_KIND: u64 = 4;
/// Exemplars kept per tick.
pub const EXEMPLARS_PER_TICK: usize = 16;

/// Failures that a row counts as one kind. The destination is the same for a whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    /// How they failed.
    pub fault: Fault,
    /// From which address; `None` where the kernel had not chosen one.
    pub source: Option<IpAddr>,
    /// How long it took, from the actual start.
    pub latency: LatencyClass,
}

/// How often and when a kind was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How often.
    pub count: u64,
    /// First, microseconds of run time.
    pub first_us: u64,
    /// Last, microseconds of run time.
    pub last_us: u64,
}

/// One failed attempt in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exemplar {
    /// How it failed.
    pub fault: Fault,
    /// From where, as far as known; port 0 where none was chosen.
    pub source: Option<SocketAddr>,
    /// When it was due and when it failed.
    pub times: Times,
}

/// What one thread did in one tick.
#[derive(Debug)]
pub struct Tick {
    /// Which tick: it starts at `index` × tick length.
    pub index: u64,
    /// Its end, microseconds of run time; earlier than a full tick only in a thread's last.
    pub end_us: u64,
    /// Came due.
    pub offered: u64,
    /// Begun.
    pub begun: u64,
    /// Served.
    pub served: u64,
    /// Failed.
    pub failed: u64,
    /// Not sent.
    pub not_sent: u64,
    /// In flight at its end.
    pub in_flight: u64,
    /// Served, and closed first by the target.
    pub target_closed: u64,
    /// CPU time of the thread, seconds.
    pub cpu_s: f64,
    /// Spreads.
    pub spreads: Spreads,
    /// Failures by kind.
    pub failures: HashMap<Kind, Seen>,
    /// Some of them in full.
    pub exemplars: Vec<Exemplar>,
}

impl Tick {
    fn new(index: u64, spreads: Spreads) -> Self {
        Self {
            index,
            end_us: 0,
            offered: 0,
            begun: 0,
            served: 0,
            failed: 0,
            not_sent: 0,
            in_flight: 0,
            target_closed: 0,
            cpu_s: 0.0,
            spreads,
            failures: HashMap::new(),
            exemplars: Vec::new(),
        }
    }
}

/// The meter of one thread.
#[derive(Debug)]
pub struct Meter {
    tick_us: u64,
    tick: Tick,
    cpu_s: f64,
}

impl Meter {
    /// A meter at run time zero; `cpu_s` is the thread's CPU time so far.
    ///
    /// # Errors
    /// See [`Spreads::new`].
    pub fn new(tick_us: u64, cpu_s: f64) -> Result<Self, CreationError> {
        Ok(Self { tick_us: tick_us.max(1), tick: Tick::new(0, Spreads::new()?), cpu_s })
    }

    /// When the current tick ends.
    pub fn tick_end_us(&self) -> u64 {
        (self.tick.index + 1) * self.tick_us
    }

    /// Gives the current tick if it is over and begins the next. A stall of several ticks gives
    /// each of them, so call until `None`.
    pub fn roll(&mut self, now_us: u64, in_flight: u64, cpu_s: f64) -> Option<Tick> {
        (now_us >= self.tick_end_us()).then(|| self.cut(self.tick_end_us(), in_flight, cpu_s))
    }

    /// Gives the last, unfinished tick.
    pub fn finish(&mut self, now_us: u64, in_flight: u64, cpu_s: f64) -> Tick {
        self.cut(now_us, in_flight, cpu_s)
    }

    fn cut(&mut self, end_us: u64, in_flight: u64, cpu_s: f64) -> Tick {
        let next = Tick::new(self.tick.index + 1, self.tick.spreads.fresh());
        let mut tick = std::mem::replace(&mut self.tick, next);
        tick.end_us = end_us;
        tick.in_flight = in_flight;
        tick.cpu_s = (cpu_s - self.cpu_s).max(0.0);
        self.cpu_s = cpu_s;
        tick
    }

    /// An arrival came due and was taken up so much later.
    pub fn offered(&mut self, lateness_us: u64) {
        self.tick.offered += 1;
        self.tick.spreads.lateness.saturating_record(lateness_us);
    }

    /// An attempt was begun.
    pub fn begun(&mut self) {
        self.tick.begun += 1;
    }

    /// A `connect()` call took so long, whatever it returned.
    pub fn connect_call(&mut self, took_us: u64) {
        self.tick.spreads.connect_call.saturating_record(took_us);
    }

    /// An attempt was served.
    pub fn served(&mut self, times: &Times, target_closed: bool) {
        self.tick.served += 1;
        self.tick.target_closed += u64::from(target_closed);
        let since = |at_us: u64| at_us.saturating_sub(times.intended_us);
        let spreads = &mut self.tick.spreads;
        if let Some(at_us) = times.connected_us {
            spreads.connect.saturating_record(since(at_us));
        }
        if let Some(at_us) = times.first_byte_us {
            spreads.first_byte.saturating_record(since(at_us));
        }
        spreads.total.saturating_record(since(times.ended_us));
    }

    /// An attempt failed or could not be begun.
    pub fn fault(&mut self, fault: Fault, source: Option<SocketAddr>, times: &Times) {
        match fault.outcome {
            Outcome::Failed => self.tick.failed += 1,
            Outcome::NotSent => self.tick.not_sent += 1,
        }
        let took_us = times.ended_us.saturating_sub(times.started_us);
        let kind =
            Kind { fault, source: source.map(|s| s.ip()), latency: LatencyClass::of_us(took_us) };
        let at_us = times.ended_us;
        let seen = self.tick.failures.entry(kind).or_insert(Seen {
            count: 0,
            first_us: at_us,
            last_us: at_us,
        });
        seen.count += 1;
        seen.first_us = seen.first_us.min(at_us);
        seen.last_us = seen.last_us.max(at_us);
        if seen.count <= EXEMPLARS_PER_KIND && self.tick.exemplars.len() < EXEMPLARS_PER_TICK {
            self.tick.exemplars.push(Exemplar { fault, source, times: *times });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Why;
    use model::attempt::Phase;

    fn refused(at_us: u64) -> (Fault, Times) {
        let times = Times {
            intended_us: at_us,
            started_us: at_us,
            ended_us: at_us + 30,
            ..Times::default()
        };
        (Fault::failed(Phase::Connect, Why::Os(111)), times)
    }

    #[test]
    fn a_tick_counts_what_happened_in_it_and_only_that() {
        let mut meter = Meter::new(1000, 5.0).unwrap();
        meter.offered(7);
        meter.begun();
        assert!(meter.roll(999, 1, 5.0).is_none(), "the tick is not over");
        let first = meter.roll(1000, 1, 5.25).unwrap();
        assert_eq!((first.index, first.end_us, first.offered, first.begun), (0, 1000, 1, 1));
        assert_eq!((first.in_flight, first.cpu_s), (1, 0.25));
        let second = meter.roll(2500, 0, 5.5).unwrap();
        assert_eq!(
            (second.index, second.end_us, second.offered),
            (1, 2000, 0),
            "nothing is carried over"
        );
        assert_eq!(second.spreads.lateness.len(), 0);
        let last = meter.finish(2600, 0, 5.5);
        assert_eq!((last.index, last.end_us), (2, 2600), "the last tick is cut short");
    }

    #[test]
    fn kinds_stay_apart_and_exemplars_are_capped() {
        let mut meter = Meter::new(1_000_000, 0.0).unwrap();
        for i in 0..100 {
            let (fault, times) = refused(i);
            meter.fault(fault, None, &times);
        }
        let (slow, mut times) = refused(200);
        times.ended_us = 1_000_200;
        meter.fault(slow, None, &times);
        let tick = meter.finish(1_000_000, 0, 0.0);
        assert_eq!((tick.failed, tick.failures.len()), (101, 2), "two latency classes, two kinds");
        let quick = tick.failures.values().find(|s| s.count == 100).unwrap();
        assert_eq!((quick.first_us, quick.last_us), (30, 129));
        assert_eq!(tick.exemplars.len() as u64, EXEMPLARS_PER_KIND + 1);
    }
}
