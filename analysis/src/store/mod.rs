//! Provides the compact memory of a record: ticks, readings per vantage, pool tags, probes, and the
//! host's own words. Every list is kept in order of run time, whatever order rows arrive in.

mod readings;
mod tags;
mod ticks;

use std::collections::BTreeMap;

use model::reading::{GapKind, ProbeResult};
use model::row::{Event, Happening, Row, Sample};
use model::run::RunInfo;

pub(crate) use readings::{PortUse, Reading};
pub(crate) use tags::{TagSnapshot, Tags};
pub(crate) use ticks::{Tick, Ticks};

/// The vantage whose host is under load.
pub(crate) const TARGET: &str = "target";
/// The vantage whose host makes the load.
pub(crate) const GENERATOR: &str = "generator";

/// Aggregated refusals of one log stamp.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused {
    /// Start of the stamped second, run time.
    pub(crate) t_s: f64,
    /// Log rows.
    pub(crate) rows: u64,
    /// The sum of N: refused SYNs.
    pub(crate) refused: u64,
}

/// One round of probes.
#[derive(Clone, Debug)]
pub(crate) struct ProbeRound {
    pub(crate) t_s: f64,
    pub(crate) results: BTreeMap<String, ProbeResult>,
}

/// Why a reading was missing, and over which time.
#[derive(Clone, Debug)]
pub(crate) struct GapSpan {
    pub(crate) kind: GapKind,
    pub(crate) reason: String,
    pub(crate) rounds: u64,
    pub(crate) first_s: f64,
    pub(crate) last_s: f64,
}

/// From when to when the HTTP.sys error log was being read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogRead {
    pub(crate) from_s: f64,
    pub(crate) until_s: f64,
}

/// Everything the judgement remembers of the rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    pub(crate) ticks: Ticks,
    pub(crate) readings: BTreeMap<String, Vec<Reading>>,
    pub(crate) tags: Tags,
    pub(crate) probes: Vec<ProbeRound>,
    pub(crate) refused: Vec<Refused>,
    pub(crate) log_read: Option<LogRead>,
    /// When that log was found cut off, replaced or not readable in part; a round that merely failed is
    /// made up for by the next.
    pub(crate) log_troubles_s: Vec<f64>,
    /// By vantage and by what is missing.
    pub(crate) gaps: BTreeMap<(String, String), GapSpan>,
    target_port: Option<u16>,
}

impl Store {
    /// An empty memory of this run.
    pub(crate) fn new(run: &RunInfo) -> Self {
        let target_port = run.target.address.rsplit(':').next().and_then(|p| p.parse().ok());
        Self { target_port, ..Self::default() }
    }

    /// The port that the load goes to.
    pub(crate) fn target_port(&self) -> Option<u16> {
        self.target_port
    }

    /// Takes in one row.
    pub(crate) fn push(&mut self, row: &Row) {
        match row {
            Row::Interval(interval) => self.ticks.push(interval),
            Row::Sample(sample) => self.sample(sample),
            Row::Event(event) => self.event(event),
            Row::Latency(_) => {}
        }
    }

    /// Without a generator, failures are what the host's own log counts: each row of refusals as
    /// failures at its stamp. `None` where load was recorded, or the log counts none.
    pub(crate) fn without_generator(&self) -> Option<Self> {
        if !self.ticks.all.is_empty() || self.refused.is_empty() {
            return None;
        }
        let mut judged = self.clone();
        self.refused.iter().for_each(|row| judged.ticks.witnessed(row.t_s, row.refused));
        Some(judged)
    }

    /// The readings of a vantage, in order of time.
    pub(crate) fn of(&self, vantage: &str) -> &[Reading] {
        self.readings.get(vantage).map_or(&[], Vec::as_slice)
    }

    fn sample(&mut self, sample: &Sample) {
        let reading = Reading::of(sample, self.target_port);
        if reading.holds_something() || !sample.sources.is_empty() {
            let all = self.readings.entry(sample.vantage.clone()).or_default();
            insert(all, reading, |r| r.t_s);
        }
        if sample.vantage == TARGET {
            self.tags.push(sample);
            let reads = sample.sources.iter().any(|s| s.name.starts_with("httperr"));
            let missing = sample.gaps.iter().any(|g| g.what.starts_with("httperr"));
            if reads && !missing {
                self.log_is_read(sample.t_s);
            }
        }
        if !sample.probes.is_empty() {
            let round = ProbeRound { t_s: sample.t_s, results: sample.probes.clone() };
            insert(&mut self.probes, round, |r| r.t_s);
        }
        self.note_gaps(sample);
    }

    fn note_gaps(&mut self, sample: &Sample) {
        for gap in &sample.gaps {
            let key = (sample.vantage.clone(), gap.what.clone());
            let span = self.gaps.entry(key).or_insert_with(|| GapSpan {
                kind: gap.kind,
                reason: gap.reason.clone(),
                rounds: 0,
                first_s: sample.t_s,
                last_s: sample.t_s,
            });
            span.rounds += 1;
            span.first_s = span.first_s.min(sample.t_s);
            span.last_s = span.last_s.max(sample.t_s);
        }
    }

    fn event(&mut self, event: &Event) {
        if event.vantage != TARGET {
            return;
        }
        if matches!(event.what, Happening::LogTrouble { .. }) {
            insert(&mut self.log_troubles_s, event.t_s, |t_s| *t_s);
        }
        let Happening::Httperr { reason, rows, refused, .. } = &event.what else { return };
        self.log_is_read(event.t_s);
        if reason.eq_ignore_ascii_case("Connections_Refused") {
            let row = Refused { t_s: event.t_s, rows: *rows, refused: *refused };
            insert(&mut self.refused, row, |r| r.t_s);
        }
    }

    fn log_is_read(&mut self, t_s: f64) {
        let read = self.log_read.get_or_insert(LogRead { from_s: t_s, until_s: t_s });
        read.from_s = read.from_s.min(t_s);
        read.until_s = read.until_s.max(t_s);
    }
}

/// Puts an item at its place in time; nearly always that is the end.
pub(crate) fn insert<T>(all: &mut Vec<T>, item: T, time: impl Fn(&T) -> f64) {
    let at = time(&item);
    if all.last().is_none_or(|last| time(last) <= at) {
        all.push(item);
    } else {
        let place = all.partition_point(|other| time(other) <= at);
        all.insert(place, item);
    }
}
