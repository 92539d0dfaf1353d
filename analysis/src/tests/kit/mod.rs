//! Provides stories: a run, its ticks and its readings, written down by functions of run time.

use std::collections::BTreeMap;

use model::attempt::{Failure, LatencyClass, Outcome};
use model::cause::{Cause, Stance};
use model::findings::{Findings, Hypothesis};
use model::os_event::Meaning;
use model::reading::{Ports, ProbeResult, TcpCounts};
use model::row::{
    Descriptors, Event, FailureCount, Happening, Interval, Row, Sample, SourceCost, SpreadUs,
};
use model::run::{Clock, GeneratorHost, Ground, PortAllocation, RunInfo, TargetHost};

use crate::Timeline;

mod failures;
mod hosts;

pub use failures::*;
pub use hosts::*;

/// Length of a tick and of a sample period.
pub const EVERY_S: f64 = 0.25;
/// Attempts that come due in a tick: 400/s.
pub const DUE: u64 = 100;
pub const MIB: u64 = 1 << 20;

/// A story; every second of it is load unless said otherwise.
#[derive(Clone)]
pub struct Story {
    pub run: RunInfo,
    pub rows: Vec<Row>,
    pub seconds: f64,
    reads_log: bool,
}

impl Story {
    /// `seconds` of load against a Server 2003 host with /3GB (ceiling 128 MiB, gate 20 MiB), 60 times
    /// faster.
    pub fn new(seconds: f64) -> Self {
        let run = RunInfo {
            format: 1,
            churnlab: "0".into(),
            command: Vec::new(),
            started: "2026-01-01T00:00:00Z".into(),
            scenario_name: "story".into(),
            scenario: serde_json::Value::Null,
            seed: 1,
            ground: Ground::Lab,
            planned_seconds: seconds,
            target: TargetHost {
                address: "198.18.0.80:80".into(),
                profile: Some("windows-2003-x86-3gb".into()),
                ram_bytes: None,
                ceiling_bytes: None,
                paged_ceiling_bytes: None,
                gate_bytes: None,
                emulated: true,
                time_scale: 60.0,
            },
            generator: GeneratorHost {
                profile: None,
                port_allocation: PortAllocation::PerTuple,
                source_ports: None,
                own_namespace: true,
            },
            sample_every_s: EVERY_S,
            probe_every_s: Some(1.0),
            tunables: BTreeMap::new(),
            clocks: Vec::new(),
            expect: None,
            notes: Vec::new(),
        };
        Self { run, rows: Vec::new(), seconds, reads_log: false }
    }

    /// The target's log is read in every round that follows.
    pub fn reading_log(mut self) -> Self {
        self.reads_log = true;
        self
    }

    fn times(&self, from_s: f64, to_s: f64) -> impl Iterator<Item = f64> + use<> {
        let first = (from_s / EVERY_S).round() as i64;
        let end = (to_s / EVERY_S).round() as i64;
        (first..end).map(|i| i as f64 * EVERY_S)
    }

    /// The load: what fails in each tick, the rest is served.
    pub fn load(self, fails: impl Fn(f64) -> Vec<(Failure, u64)>) -> Self {
        self.ticks(fails, |_| {})
    }

    /// The same, with more to say of each tick.
    pub fn ticks(
        mut self,
        fails: impl Fn(f64) -> Vec<(Failure, u64)>,
        more: impl Fn(&mut Interval),
    ) -> Self {
        for t_s in self.times(0.0, self.seconds) {
            let failing = fails(t_s);
            let of = |outcome| -> u64 {
                failing.iter().filter(|f| f.0.outcome == outcome).map(|f| f.1).sum()
            };
            let (failed, not_sent) = (of(Outcome::Failed), of(Outcome::NotSent));
            let mut tick = Interval {
                t_s,
                seconds: EVERY_S,
                offered: DUE,
                begun: DUE - not_sent,
                served: DUE - not_sent - failed,
                failed,
                not_sent,
                lateness_us: SpreadUs { p50: 100, p99: 900, max: 1200 },
                ..Interval::default()
            };
            tick.failures =
                failing.into_iter().map(|(failure, n)| counted(failure, n, t_s)).collect();
            more(&mut tick);
            self.rows.push(Row::Interval(tick));
        }
        self
    }

    /// What the target's witness reads, from a second before the load to a second after it.
    pub fn target(mut self, reads: impl Fn(f64) -> Host) -> Self {
        for t_s in self.times(-1.0, self.seconds + 1.0) {
            let mut sample = sample_of(t_s + 0.05, &reads(t_s + 0.05));
            if self.reads_log {
                sample.sources.push(SourceCost { name: "httperr:log".into(), took_ms: 1.0 });
            }
            self.rows.push(Row::Sample(sample));
        }
        self
    }

    /// What the generator's own witness reads: ports in use of 3,976, and how many are TIME_WAIT.
    pub fn ports(mut self, used: impl Fn(f64) -> Option<(u32, u64)>) -> Self {
        for t_s in self.times(-1.0, self.seconds + 1.0) {
            let mut sample = Sample { t_s, vantage: "generator".into(), ..Sample::default() };
            sample.sources.push(SourceCost { name: "local".into(), took_ms: 1.0 });
            if let Some((used, time_wait_opened)) = used(t_s) {
                sample.ports = Some(Ports {
                    low: 1025,
                    high: 5000,
                    reserved: 0,
                    used_any: used,
                    used_to_destination: Some(used),
                });
                sample.tcp = Some(TcpCounts { time_wait_opened, ..TcpCounts::default() });
            }
            self.rows.push(Row::Sample(sample));
        }
        self
    }

    /// Descriptors of the generator, of 1,024.
    pub fn descriptors(mut self, used: impl Fn(f64) -> u64) -> Self {
        for t_s in self.times(-1.0, self.seconds) {
            self.rows.push(Row::Sample(Sample {
                t_s,
                vantage: "generator".into(),
                descriptors: Some(Descriptors { used: used(t_s), limit: 1024 }),
                ..Sample::default()
            }));
        }
        self
    }

    /// Probes, once a second.
    pub fn probes(mut self, shows: impl Fn(f64) -> Vec<(&'static str, bool)>) -> Self {
        for second in 0..self.seconds as u32 {
            let t_s = f64::from(second) + 0.5;
            let result = |served: bool| match served {
                true => ProbeResult::Served { took_us: 300 },
                false => ProbeResult::Failed { failure: refused(), took_us: 100 },
            };
            let shown = shows(t_s).into_iter().map(|(name, ok)| (name.to_owned(), result(ok)));
            self.rows.push(Row::Sample(Sample {
                t_s,
                vantage: "probe".into(),
                probes: shown.collect(),
                ..Sample::default()
            }));
        }
        self
    }

    /// Probes, once a second, each with what it came to and in how many microseconds.
    pub fn acts(
        mut self,
        shows: impl Fn(f64) -> Vec<(&'static str, Option<Failure>, u64)>,
    ) -> Self {
        for second in 0..self.seconds as u32 {
            let t_s = f64::from(second) + 0.5;
            let shown = shows(t_s).into_iter().map(|(name, failure, took_us)| {
                let result = match failure {
                    None => ProbeResult::Served { took_us },
                    Some(failure) => ProbeResult::Failed { failure, took_us },
                };
                (name.to_owned(), result)
            });
            self.rows.push(Row::Sample(Sample {
                t_s,
                vantage: "probe".into(),
                probes: shown.collect(),
                ..Sample::default()
            }));
        }
        self
    }

    /// Counters of the generator's own kernel.
    pub fn kernel(mut self, counts: impl Fn(f64) -> Vec<(&'static str, f64)>) -> Self {
        for t_s in self.times(-1.0, self.seconds + 1.0) {
            let named = counts(t_s).into_iter().map(|(name, value)| (name.to_owned(), value));
            self.rows.push(Row::Sample(Sample {
                t_s,
                vantage: "generator".into(),
                sources: vec![SourceCost { name: "local".into(), took_ms: 1.0 }],
                counters: named.collect(),
                ..Sample::default()
            }));
        }
        self
    }

    /// A row of refusals in the target's log.
    pub fn log(self, stamped_s: f64, refused: u64) -> Self {
        self.event(stamped_s, "target", httperr("Connections_Refused", None, 1, refused))
    }

    /// Rows of the target's log for each second of `from_s .. to_s`.
    pub fn rows(mut self, from_s: u32, to_s: u32, reason: &str, status: u16, rows: u64) -> Self {
        for stamp in from_s..to_s {
            let what = httperr(reason, Some(status).filter(|s| *s > 0), rows, 0);
            self = self.event(f64::from(stamp), "target", what);
        }
        self
    }

    /// Answers in the target's own web log for each second of `from_s .. to_s`.
    pub fn answers(mut self, from_s: u32, to_s: u32, status: (u16, u16), count: u64) -> Self {
        for stamp in from_s..to_s {
            let what = Happening::Answered {
                stamp: "2026-01-01 00:00:00".into(),
                seconds: 1.0,
                status: status.0,
                substatus: status.1,
                count,
            };
            self = self.event(f64::from(stamp), "target", what);
        }
        self
    }

    /// An entry of a host's own event log.
    pub fn os_event(self, t_s: f64, vantage: &str, meaning: Meaning, named: (&str, u32)) -> Self {
        let what = Happening::OsEvent {
            provider: named.0.into(),
            id: named.1,
            meaning,
            stamp: "2026-01-01 00:00:00".into(),
            count: 1,
            bound_s: 0.0,
        };
        self.event(t_s, vantage, what)
    }

    pub fn event(mut self, t_s: f64, vantage: &str, what: Happening) -> Self {
        self.rows.push(Row::Event(Event { t_s, vantage: vantage.into(), what }));
        self
    }

    /// How long every failure took.
    pub fn took(mut self, latency: LatencyClass) -> Self {
        for row in &mut self.rows {
            if let Row::Interval(tick) = row {
                tick.failures.iter_mut().for_each(|f| f.latency = latency);
            }
        }
        self
    }

    /// The target is another host than a Server 2003.
    pub fn profile(mut self, name: &str) -> Self {
        self.run.target.profile = Some(name.into());
        self
    }

    /// The target's clock is known this well.
    pub fn clock(mut self, bound_s: f64) -> Self {
        self.run.clocks.push(Clock {
            vantage: "target".into(),
            offset_s: 0.0,
            bound_s,
            drift_ppm: 0.0,
            how: "told".into(),
        });
        self
    }

    pub fn timeline(&self) -> Timeline {
        let mut timeline = Timeline::new(&self.run);
        self.rows.iter().for_each(|row| timeline.push(row));
        timeline
    }

    pub fn findings(&self) -> Findings {
        self.timeline().findings()
    }
}

fn counted(failure: Failure, count: u64, t_s: f64) -> FailureCount {
    let latency = latency_of(&failure);
    FailureCount {
        failure,
        source: "198.18.0.1".into(),
        destination: "198.18.0.80:80".into(),
        latency,
        count,
        first_s: t_s + 0.01,
        last_s: t_s + 0.24,
    }
}

fn httperr(reason: &str, status: Option<u16>, rows: u64, refused: u64) -> Happening {
    Happening::Httperr {
        stamp: "2026-01-01 00:00:00".into(),
        reason: reason.into(),
        status,
        queue: None,
        rows,
        refused,
    }
}

pub fn about(findings: &Findings, cause: Cause) -> &Hypothesis {
    findings.hypotheses.iter().find(|h| h.cause == cause).unwrap()
}

pub fn stance(findings: &Findings, cause: Cause) -> Stance {
    about(findings, cause).stance
}

pub fn causes(findings: &Findings) -> Vec<Cause> {
    findings.verdict.causes.iter().map(|c| c.cause).collect()
}

/// Whether a sentence for or against a cause holds these words.
pub fn says(findings: &Findings, cause: Cause, words: &str) -> bool {
    let hypothesis = about(findings, cause);
    let all = hypothesis.supporting.iter().chain(&hypothesis.against);
    all.chain(&hypothesis.untested_because).any(|s| s.contains(words))
}
