//! Provides the merging of several threads' ticks into the rows of a record.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use model::attempt::Failure;
use model::row::{Closers, Event, FailureCount, Happening, Interval, Latency, Row};

use crate::meter::{EXEMPLARS_PER_TICK, Exemplar, Kind, Seen, Tick};
use crate::run::Totals;
use crate::spreads::{Spreads, encode, spread};

/// Span of a latency histogram in the record, microseconds.
const LATENCY_US: u64 = 1_000_000;

/// Merges ticks into rows.
pub struct Merger {
    threads: usize,
    tick_us: u64,
    destination: String,
    waiting: BTreeMap<u64, Vec<(usize, Tick)>>,
    in_flight: Vec<u64>,
    latency: Spreads,
    latency_from_us: u64,
    /// End of the last row, and so of what `latency` holds.
    end_us: u64,
    totals: Totals,
}

impl Merger {
    /// Merges the ticks of so many threads; `empty` gives the histograms their bounds.
    pub fn new(threads: usize, tick_us: u64, destination: SocketAddr, empty: Spreads) -> Self {
        Self {
            threads,
            tick_us: tick_us.max(1),
            destination: destination.to_string(),
            waiting: BTreeMap::new(),
            in_flight: vec![0; threads],
            latency: empty,
            latency_from_us: 0,
            end_us: 0,
            totals: Totals::default(),
        }
    }

    /// The sums over all rows made so far.
    pub fn totals(&self) -> Totals {
        Totals { unfinished: self.in_flight.iter().sum(), ..self.totals }
    }

    /// Takes a thread's tick; once every thread's is there, gives its rows.
    pub fn push(&mut self, thread: usize, tick: Tick, rows: &mut Vec<Row>) {
        let index = tick.index;
        let ticks = self.waiting.entry(index).or_default();
        ticks.push((thread, tick));
        if ticks.len() == self.threads
            && let Some(ticks) = self.waiting.remove(&index)
        {
            self.emit(index, &ticks, rows);
        }
    }

    /// Every thread has ended: gives what is left.
    pub fn finish(&mut self, rows: &mut Vec<Row>) {
        for (index, ticks) in std::mem::take(&mut self.waiting) {
            self.emit(index, &ticks, rows);
        }
        self.flush_latency(self.end_us, rows);
    }

    fn emit(&mut self, index: u64, ticks: &[(usize, Tick)], rows: &mut Vec<Row>) {
        let start_us = index * self.tick_us;
        let end_us = last_end_us(ticks).unwrap_or(start_us).max(start_us);
        self.end_us = self.end_us.max(end_us);
        let mut interval = Interval {
            t_s: seconds(start_us),
            seconds: seconds(end_us - start_us),
            ..Interval::default()
        };
        let mut spreads = self.latency.fresh();
        let mut failures: Vec<FailureCount> = Vec::new();
        let mut exemplars = Vec::new();
        for (thread, tick) in ticks {
            self.in_flight[*thread] = tick.in_flight;
            add_counts(&mut interval, tick);
            spreads.add(&tick.spreads);
            for (kind, seen) in &tick.failures {
                self.add_failure(&mut failures, kind, seen);
            }
            exemplars.extend_from_slice(&tick.exemplars);
        }
        failures.sort_by(|a, b| a.first_s.total_cmp(&b.first_s));
        interval.failures = failures;
        interval.in_flight = self.in_flight.iter().sum();
        set_spreads(&mut interval, &spreads);
        self.totals.add(&interval);
        rows.push(Row::Interval(interval));
        exemplars.truncate(EXEMPLARS_PER_TICK);
        rows.extend(exemplars.iter().map(|e| Row::Event(self.exemplar(e))));
        self.latency.add(&spreads);
        if end_us.saturating_sub(self.latency_from_us) >= LATENCY_US {
            self.flush_latency(end_us, rows);
        }
    }

    fn add_failure(&self, failures: &mut Vec<FailureCount>, kind: &Kind, seen: &Seen) {
        let row = FailureCount {
            failure: kind.fault.to_failure(),
            source: kind.source.map_or_else(|| "any".to_owned(), |ip| ip.to_string()),
            destination: self.destination.clone(),
            latency: kind.latency,
            count: seen.count,
            first_s: seconds(seen.first_us),
            last_s: seconds(seen.last_us),
        };
        let same = |other: &&mut FailureCount| {
            other.failure == row.failure
                && other.source == row.source
                && other.latency == row.latency
        };
        match failures.iter_mut().find(same) {
            Some(other) => {
                other.count += row.count;
                other.first_s = other.first_s.min(row.first_s);
                other.last_s = other.last_s.max(row.last_s);
            }
            None => failures.push(row),
        }
    }

    fn exemplar(&self, exemplar: &Exemplar) -> Event {
        let failure: Failure = exemplar.fault.to_failure();
        let times = &exemplar.times;
        Event {
            t_s: seconds(times.ended_us),
            vantage: "generator".to_owned(),
            what: Happening::Exemplar {
                failure,
                source: exemplar.source.map_or_else(|| "any".to_owned(), |s| s.to_string()),
                destination: self.destination.clone(),
                intended_s: seconds(times.intended_us),
                took_us: times.ended_us.saturating_sub(times.intended_us),
            },
        }
    }

    fn flush_latency(&mut self, end_us: u64, rows: &mut Vec<Row>) {
        let (from_us, latency) = (self.latency_from_us, &self.latency);
        let tagged = [
            ("connect", &latency.connect),
            ("first-byte", &latency.first_byte),
            ("total", &latency.total),
        ];
        for (tag, histogram) in tagged {
            if let Some(v2_base64) = encode(histogram) {
                rows.push(Row::Latency(Latency {
                    t_s: seconds(from_us),
                    seconds: seconds(end_us.saturating_sub(from_us)),
                    tag: tag.to_owned(),
                    max_ms: histogram.max() as f64 / 1e3,
                    v2_base64,
                }));
            }
        }
        self.latency = self.latency.fresh();
        self.latency_from_us = end_us;
    }
}

fn last_end_us(ticks: &[(usize, Tick)]) -> Option<u64> {
    ticks.iter().map(|(_, tick)| tick.end_us).max()
}

fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}

fn add_counts(interval: &mut Interval, tick: &Tick) {
    interval.offered += tick.offered;
    interval.begun += tick.begun;
    interval.served += tick.served;
    interval.failed += tick.failed;
    interval.not_sent += tick.not_sent;
    interval.cpu_s += tick.cpu_s;
    let Closers { target, generator } = interval.closers;
    interval.closers = Closers {
        target: target + tick.target_closed,
        generator: generator + tick.served - tick.target_closed,
    };
}

fn set_spreads(interval: &mut Interval, spreads: &Spreads) {
    interval.lateness_us = spread(&spreads.lateness);
    interval.connect_call_us = spread(&spreads.connect_call);
    interval.connect_us = spread(&spreads.connect);
    interval.first_byte_us = spread(&spreads.first_byte);
    interval.total_us = spread(&spreads.total);
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
