//! Provides stories: a run, its ticks and its readings, written down by functions of run time.

use std::collections::BTreeMap;

use model::attempt::{Failure, LatencyClass, Os, Outcome, Phase};
use model::cause::{Cause, Stance};
use model::findings::{Findings, Hypothesis};
use model::reading::{
    Gap, GapKind, KernelMemory, PoolTag, PoolType, Ports, ProbeResult, TcpCounts, TcpState,
};
use model::row::{
    Descriptors, Event, FailureCount, Happening, Interval, Row, Sample, SourceCost, SpreadUs,
};
use model::run::{Clock, GeneratorHost, Ground, PortAllocation, RunInfo, TargetHost};

use crate::Timeline;

/// Length of a tick and of a sample period.
pub const EVERY_S: f64 = 0.25;
/// Attempts that come due in a tick: 400/s.
pub const DUE: u64 = 100;
pub const MIB: u64 = 1 << 20;

fn failure(outcome: Outcome, phase: Phase, code: i32, name: &str) -> Failure {
    Failure { outcome, phase, os: Os::Linux, os_code: Some(code), name: name.into() }
}

pub fn refused() -> Failure {
    failure(Outcome::Failed, Phase::Connect, 111, "ECONNREFUSED")
}

pub fn reset() -> Failure {
    failure(Outcome::Failed, Phase::FirstByte, 104, "ECONNRESET")
}

pub fn no_port() -> Failure {
    failure(Outcome::NotSent, Phase::Connect, 99, "EADDRNOTAVAIL")
}

pub fn no_buffers() -> Failure {
    let os = Os::Windows;
    Failure { os, ..failure(Outcome::NotSent, Phase::Connect, 10055, "WSAENOBUFS") }
}

pub fn no_descriptor() -> Failure {
    failure(Outcome::NotSent, Phase::Open, 24, "EMFILE")
}

pub fn at_the_cap() -> Failure {
    Failure { os_code: None, ..failure(Outcome::NotSent, Phase::Schedule, 0, "in-flight cap") }
}

/// What the target's witness reads in one round.
#[derive(Clone, Default)]
pub struct Host {
    pub used_bytes: Option<u64>,
    pub listens: Option<bool>,
    pub time_wait: u64,
    /// Tag, bytes, live allocations.
    pub tags: Vec<(&'static str, u64, u64)>,
}

/// A host with this much non-paged pool in use and a listener.
pub fn pool(used_bytes: u64) -> Host {
    Host { used_bytes: Some(used_bytes), listens: Some(true), ..Host::default() }
}

/// A story; every second of it is load unless said otherwise.
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

    /// A row of refusals in the target's log.
    pub fn log(mut self, stamped_s: f64, refused: u64) -> Self {
        self.rows.push(Row::Event(Event {
            t_s: stamped_s,
            vantage: "target".into(),
            what: Happening::Httperr {
                stamp: "2026-01-01 00:00:00".into(),
                reason: "Connections_Refused".into(),
                status: None,
                queue: None,
                rows: 1,
                refused,
            },
        }));
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
    FailureCount {
        failure,
        source: "198.18.0.1".into(),
        destination: "198.18.0.80:80".into(),
        latency: LatencyClass::Under1ms,
        count,
        first_s: t_s + 0.01,
        last_s: t_s + 0.24,
    }
}

fn sample_of(t_s: f64, host: &Host) -> Sample {
    let mut sample = Sample { t_s, vantage: "target".into(), ..Sample::default() };
    for name in ["windows-exporter+http://h/metrics", "netstat+http://h/netstat"] {
        sample.sources.push(SourceCost { name: name.into(), took_ms: 1.0 });
    }
    match host.used_bytes {
        Some(bytes) => {
            let memory =
                KernelMemory { nonpaged_used_bytes: Some(bytes), ..KernelMemory::default() };
            sample.memory = Some(memory);
        }
        None => sample.gaps.push(missing("windows-exporter+http://h/metrics")),
    }
    match host.listens {
        Some(listens) => {
            sample.tcp = Some(TcpCounts {
                by_state: BTreeMap::from([(TcpState::TimeWait, host.time_wait)]),
                time_wait_accepted: host.time_wait,
                listening: if listens { vec![80] } else { vec![] },
                ..TcpCounts::default()
            });
        }
        None => sample.gaps.push(missing("netstat+http://h/netstat")),
    }
    if !host.tags.is_empty() {
        let tags = host.tags.iter().map(|&(tag, bytes, live)| PoolTag {
            tag: tag.into(),
            pool: PoolType::Nonpaged,
            allocs: live + 1000,
            frees: 1000,
            bytes,
        });
        sample.pool_tags = Some(tags.collect());
    }
    sample
}

fn missing(what: &str) -> Gap {
    Gap { what: what.into(), kind: GapKind::Failed, reason: "no answer in 250 ms".into() }
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
