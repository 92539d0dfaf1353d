//! Provides the compact memory of a record: ticks, readings per vantage, pool tags, handles, probes,
//! and the hosts' own words. Every list is kept in order of run time, whatever order rows arrive in,
//! and is thinned out once it is long, so that memory is flat over days.

mod counters;
mod log;
pub(crate) mod probes;
mod processes;
mod readings;
mod spans;
mod tags;
mod thin;
mod ticks;
mod words;

use std::collections::BTreeMap;

use model::reading::{GapKind, PoolType};
use model::row::{Event, Happening, Row, Sample};
use model::run::RunInfo;

pub(crate) use counters::Counter;
pub(crate) use log::{HttpLog, LogRead, Reason};
pub(crate) use probes::ProbeRound;
pub(crate) use processes::{Holder, ProcessSnapshot, Processes};
pub(crate) use readings::{PortUse, Reading, Tcp};
pub(crate) use spans::Span;
pub(crate) use tags::{TagSnapshot, Tags};
pub(crate) use ticks::{Tick, Ticks};
pub(crate) use words::{Answers, OsEvents, Said};

use crate::witnessed::witnessed;

/// The vantage whose host is under load.
pub(crate) const TARGET: &str = "target";
/// The vantage whose host makes the load.
pub(crate) const GENERATOR: &str = "generator";

/// Why a reading was missing, and over which time.
#[derive(Clone, Debug)]
pub(crate) struct GapSpan {
    pub(crate) kind: GapKind,
    pub(crate) reason: String,
    pub(crate) rounds: u64,
    pub(crate) first_s: f64,
    pub(crate) last_s: f64,
}

/// Everything the judgement remembers of the rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    pub(crate) ticks: Ticks,
    pub(crate) readings: BTreeMap<String, Vec<Reading>>,
    /// How far apart thinned readings of a vantage lie, seconds; none while all are kept.
    pub(crate) grain_s: BTreeMap<String, f64>,
    pub(crate) tags: Tags,
    /// The same of paged pool.
    pub(crate) paged_tags: Tags,
    pub(crate) processes: Processes,
    pub(crate) probes: Vec<ProbeRound>,
    /// The target's HTTP.sys error log.
    pub(crate) log: HttpLog,
    /// The target's own web log.
    pub(crate) answers: Answers,
    pub(crate) os_events: OsEvents,
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

    /// Without a generator, failures are what the host's own logs count: each row of them as failures
    /// at its stamp. `None` where load was recorded, or the logs count none.
    pub(crate) fn without_generator(&self) -> Option<Self> {
        if !self.ticks.all.is_empty() {
            return None;
        }
        let failures = witnessed(self);
        if failures.is_empty() {
            return None;
        }
        let mut judged = self.clone();
        for (failure, span) in failures {
            judged.ticks.witnessed(span.from_s, span.to_s, failure, span.n);
        }
        Some(judged)
    }

    /// The readings of a vantage, in order of time.
    pub(crate) fn of(&self, vantage: &str) -> &[Reading] {
        self.readings.get(vantage).map_or(&[], Vec::as_slice)
    }

    fn sample(&mut self, sample: &Sample) {
        let reading = Reading::of(sample, self.target_port);
        if reading.holds_something() || !sample.sources.is_empty() {
            self.read(&sample.vantage, reading);
        }
        if sample.vantage == TARGET {
            self.tags.push(sample, PoolType::Nonpaged);
            self.paged_tags.push(sample, PoolType::Paged);
            self.processes.push(sample);
            if was_read(sample, "httperr") {
                self.log.is_read(sample.t_s);
            }
            if was_read(sample, "iislog") {
                self.answers.is_read(sample.t_s);
            }
        }
        if let Some(round) = ProbeRound::of(sample) {
            probes::push(&mut self.probes, round);
        }
        self.note_gaps(sample);
    }

    fn read(&mut self, vantage: &str, reading: Reading) {
        if !self.readings.contains_key(vantage) {
            self.readings.insert(vantage.to_owned(), Vec::new());
        }
        let Some(all) = self.readings.get_mut(vantage) else { return };
        insert(all, reading, |r| r.t_s);
        if all.len() > thin::MOST {
            let grain_s = self.grain_s.entry(vantage.to_owned()).or_default();
            thin::thin(all, &self.ticks.edges_s(), grain_s);
        }
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
        if let Happening::OsEvent { provider, id, meaning, count, bound_s, .. } = &event.what {
            let of = (event.vantage.as_str(), *meaning);
            self.os_events.add(of, (provider.as_str(), *id), (event.t_s, *count, *bound_s));
        }
        if event.vantage != TARGET {
            return;
        }
        match &event.what {
            Happening::LogTrouble { .. } => self.log.is_broken(event.t_s),
            Happening::Httperr { reason, status, rows, refused, .. } => {
                self.log.add(event.t_s, Reason::of(reason, *status), *rows, *refused);
            }
            Happening::Answered { seconds, status, substatus, count, .. } => {
                self.answers.add((*status, *substatus), event.t_s, *seconds, *count);
            }
            Happening::OsEvent { .. } | Happening::Exemplar { .. } => {}
        }
    }
}

/// Whether a source of this kind was read in this round.
fn was_read(sample: &Sample, kind: &str) -> bool {
    let reads = sample.sources.iter().any(|s| s.name.starts_with(kind));
    reads && !sample.gaps.iter().any(|g| g.what.starts_with(kind))
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
