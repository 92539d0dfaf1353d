//! Provides the meter of simulated load: what came of attempts in the current tick, as the rows of a
//! record have it. Its size depends on the kinds of failure, never on the rate.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use model::attempt::Outcome;
use model::row::{Closers, Event, FailureCount, Happening, Interval, SpreadUs};

use super::failures::{CONNECT_CALL_US, Fate};
use super::world::Truth;

/// Durations of served attempts, microseconds, with how often each was seen.
pub type Durations = BTreeMap<u64, u64>;

/// How a served attempt went, microseconds from its intended start.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    /// Until it was connected.
    pub connect_us: u64,
    /// Until the first byte of the first answer.
    pub first_byte_us: u64,
    /// Until its end.
    pub total_us: u64,
    /// Whether the target closed first.
    pub by_target: bool,
}

/// The tags of latency rows, in order.
pub const TAGS: [&str; 3] = ["connect", "first-byte", "total"];

/// Where an attempt came from and went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Its own end, as far as known; port 0 where it is not.
    pub source: Option<SocketAddr>,
    /// The target.
    pub destination: SocketAddr,
}

/// Failures of one kind on one way.
#[derive(Clone, Copy, Debug)]
struct Seen {
    fate: Fate,
    way: Way,
    count: u64,
    first_s: f64,
    last_s: f64,
}

/// The meter.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    tick: Interval,
    seen: Vec<Seen>,
    /// Of this tick, by tag.
    spreads: [Durations; 3],
    /// Since the last row of latencies, by tag.
    latencies: [Durations; 3],
    /// Kinds that have had their exemplar.
    shown: Vec<Fate>,
    exemplars: Vec<Event>,
    /// What failures were really due to. No part of what is shown.
    truth: BTreeMap<Truth, u64>,
}

impl Tally {
    /// `n` attempts came due.
    pub fn offered(&mut self, n: u64) {
        self.tick.offered += n;
    }

    /// `n` attempts were begun.
    pub fn begun(&mut self, n: u64) {
        self.tick.begun += n;
    }

    /// `n` attempts were served.
    pub fn served(&mut self, n: u64, how: &Served) {
        if n == 0 {
            return;
        }
        self.tick.served += n;
        let Closers { target, generator } = &mut self.tick.closers;
        *(if how.by_target { target } else { generator }) += n;
        let values = [how.connect_us, how.first_byte_us, how.total_us];
        for (all, us) in self.spreads.iter_mut().zip(values) {
            *all.entry(rounded(us)).or_default() += n;
        }
    }

    /// `n` attempts failed or were not sent, due at run times `due_s`, the first and the last, and
    /// really for this cause.
    pub fn failed(&mut self, n: u64, (fate, truth): (Fate, Truth), way: Way, due_s: (f64, f64)) {
        if n == 0 {
            return;
        }
        *self.truth.entry(truth).or_default() += n;
        *(match fate.outcome {
            Outcome::Failed => &mut self.tick.failed,
            Outcome::NotSent => &mut self.tick.not_sent,
        }) += n;
        let took_s = fate.took_us as f64 / 1e6;
        let (first_s, last_s) = (due_s.0 + took_s, due_s.1 + took_s);
        match self.seen.iter_mut().find(|s| s.is(&fate, &way)) {
            Some(seen) => {
                seen.count += n;
                seen.first_s = seen.first_s.min(first_s);
                seen.last_s = seen.last_s.max(last_s);
            }
            None => {
                self.seen.push(Seen { fate, way, count: n, first_s, last_s });
                self.show(fate, way, due_s.0);
            }
        }
    }

    /// One of each kind is kept as an example.
    fn show(&mut self, fate: Fate, way: Way, intended_s: f64) {
        if self.shown.iter().any(|shown| shown.is_like(&fate)) {
            return;
        }
        self.shown.push(fate);
        let what = Happening::Exemplar {
            failure: fate.failure(),
            source: way.source.map_or_else(|| "any".to_owned(), |source| source.to_string()),
            destination: way.destination.to_string(),
            intended_s,
            took_us: fate.took_us,
        };
        let t_s = intended_s + fate.took_us as f64 / 1e6;
        self.exemplars.push(Event { t_s, vantage: "generator".into(), what });
    }

    /// Ends the tick from `from_s` to `to_s`, with so many in flight, and begins the next.
    pub fn cut(&mut self, from_s: f64, to_s: f64, in_flight: u64) -> (Interval, Vec<Event>) {
        let mut tick = std::mem::take(&mut self.tick);
        (tick.t_s, tick.seconds, tick.in_flight) = (from_s, to_s - from_s, in_flight);
        if tick.offered > 0 {
            let call = CONNECT_CALL_US;
            tick.connect_call_us = SpreadUs { p50: call, p99: call, max: call };
        }
        let [connect, first_byte, total] = &self.spreads;
        tick.connect_us = spread(connect);
        tick.first_byte_us = spread(first_byte);
        tick.total_us = spread(total);
        tick.failures = self.seen.drain(..).map(Seen::row).collect();
        tick.failures.sort_by(|a, b| a.first_s.total_cmp(&b.first_s));
        for (all, now) in self.latencies.iter_mut().zip(&mut self.spreads) {
            for (us, n) in std::mem::take(now) {
                *all.entry(us).or_default() += n;
            }
        }
        (tick, std::mem::take(&mut self.exemplars))
    }

    /// How many attempts failed for which cause, as the model knows it.
    pub fn truth(&self) -> &BTreeMap<Truth, u64> {
        &self.truth
    }

    /// The durations since the last call, by tag; those of ticks that have been cut.
    pub fn take_latencies(&mut self) -> [Durations; 3] {
        std::mem::take(&mut self.latencies)
    }
}

impl Seen {
    /// Ports are as good as any other of their address.
    fn is(&self, fate: &Fate, way: &Way) -> bool {
        let ip = |way: &Way| way.source.map(|source| source.ip());
        self.fate.is_like(fate)
            && ip(&self.way) == ip(way)
            && self.way.destination == way.destination
    }

    fn row(self) -> FailureCount {
        let source = self.way.source.map_or_else(|| "any".to_owned(), |s| s.ip().to_string());
        FailureCount {
            failure: self.fate.failure(),
            source,
            destination: self.way.destination.to_string(),
            latency: self.fate.latency(),
            count: self.count,
            first_s: self.first_s,
            last_s: self.last_s,
        }
    }
}

/// Three significant digits, as the generator's histograms keep them.
fn rounded(us: u64) -> u64 {
    let mut unit = 1;
    while us / unit >= 1000 {
        unit *= 10;
    }
    us / unit * unit
}

/// Median, 99th percentile and maximum; zeros of nothing.
fn spread(durations: &Durations) -> SpreadUs {
    let count: u64 = durations.values().sum();
    let at = |share: f64| {
        let rank = (count as f64 * share).ceil() as u64;
        let mut passed = 0;
        let found = durations.iter().find(|(_, n)| {
            passed += **n;
            passed >= rank
        });
        found.map_or(0, |(us, _)| *us)
    };
    SpreadUs {
        p50: at(0.5),
        p99: at(0.99),
        max: durations.keys().next_back().copied().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use model::cause::Cause;

    use super::*;
    use crate::simulate::failures::LINUX;

    fn how(total_us: u64) -> Served {
        Served { connect_us: 100, first_byte_us: total_us, total_us, by_target: true }
    }

    #[test]
    fn a_tick_has_its_counts_and_spreads_and_the_next_begins_empty() {
        let mut tally = Tally::default();
        tally.offered(100);
        tally.begun(100);
        tally.served(98, &how(170));
        tally.served(2, &how(1_234_567));
        let (tick, _) = tally.cut(0.25, 0.5, 3);
        assert_eq!((tick.offered, tick.served, tick.closers.target), (100, 100, 100));
        assert_eq!((tick.t_s, tick.seconds, tick.in_flight), (0.25, 0.25, 3));
        let spread = tick.total_us;
        assert_eq!((spread.p50, spread.p99, spread.max), (170, 1_230_000, 1_230_000));
        let latencies = tally.take_latencies();
        assert_eq!(latencies[2], Durations::from([(170, 98), (1_230_000, 2)]));
        let (next, _) = tally.cut(0.5, 0.75, 0);
        assert_eq!((next.offered, next.total_us), (0, SpreadUs::default()));
    }

    #[test]
    fn kinds_stay_apart_and_each_is_shown_once() {
        let mut tally = Tally::default();
        let to = "198.18.0.80:80".parse().unwrap();
        let way = |source: Option<&str>| Way {
            source: source.map(|s| s.parse().unwrap()),
            destination: to,
        };
        let from = way(Some("198.18.0.1:4000"));
        tally.failed(5, (LINUX.refused(), Some(Cause::ListenerDown)), from, (1.0, 1.1));
        tally.failed(
            2,
            (LINUX.refused(), Some(Cause::ListenerDown)),
            way(Some("198.18.0.1:4001")),
            (1.2, 1.3),
        );
        tally.failed(3, (LINUX.no_port(false), Some(Cause::ClientPorts)), way(None), (1.0, 1.0));
        tally.failed(0, (LINUX.reset(), Some(Cause::NonpagedPool)), from, (1.0, 1.0));
        let (tick, exemplars) = tally.cut(1.0, 1.5, 0);
        assert_eq!((tick.failed, tick.not_sent, tick.failures.len()), (7, 3, 2));
        let refused = tick.failures.iter().find(|f| f.count == 7).unwrap();
        assert_eq!((refused.source.as_str(), refused.failure.os_code), ("198.18.0.1", Some(111)));
        assert!((refused.first_s - 1.0001).abs() < 1e-9 && (refused.last_s - 1.3001).abs() < 1e-9);
        assert_eq!(exemplars.len(), 2);
        let truth = [(Some(Cause::ListenerDown), 7), (Some(Cause::ClientPorts), 3)];
        assert_eq!(tally.truth(), &BTreeMap::from(truth), "nothing is told of none");
        tally.failed(5, (LINUX.refused(), Some(Cause::ListenerDown)), from, (2.0, 2.1));
        assert_eq!(tally.cut(1.5, 2.0, 0).1.len(), 0, "the kind has been shown");
    }
}
