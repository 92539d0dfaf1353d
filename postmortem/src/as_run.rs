//! Provides the captures as if they were a run: clock, host, tunables. Where a run's own record is
//! among them, it is that run.

use std::collections::BTreeMap;

use model::limit::{Limit, Origin};
use model::run::{Clock, GeneratorHost, Ground, PortAllocation, RunInfo, TargetHost};

use crate::Asked;
use crate::clock::{Times, wall_of};
use crate::facts::HostFacts;
use crate::held::Snapshot;
use crate::join::TARGET;
use crate::port_range::{self, Range};
use crate::profile::{Clues, infer};
use crate::recording::Recording;
use crate::tally::Tally;

/// HTTP.sys writes refusals this often, seconds; the period of samples where nothing else tells.
const FLUSH_S: f64 = 5.0;

/// All that is known.
pub(crate) struct Known<'a> {
    pub(crate) asked: &'a Asked,
    pub(crate) facts: &'a HostFacts,
    pub(crate) times: &'a Times,
    pub(crate) tally: Option<&'a Tally>,
    pub(crate) snapshots: &'a [Snapshot],
    pub(crate) recording: Option<&'a Recording>,
}

/// The run, and how its profile came to be known where nobody said it.
pub(crate) struct Described {
    pub(crate) run: RunInfo,
    pub(crate) profile_because: Option<String>,
}

/// Describes the captures as a run.
pub(crate) fn describe(known: &Known<'_>) -> Described {
    match known.recording.and_then(|r| Some((r, r.info.as_ref()?))) {
        Some((recording, info)) => {
            let run = known.recorded(recording, info.clone());
            Described { run, profile_because: None }
        }
        None => {
            let (profile, profile_because) = known.profile();
            Described { run: known.run(profile, profile_because.as_deref()), profile_because }
        }
    }
}

/// The range that the host takes its ephemeral ports from.
pub(crate) fn port_range(known: &Known<'_>) -> Option<Range> {
    let of_run = known.recording.and_then(|r| r.info.as_ref()?.target.profile.clone());
    let profile = of_run.or_else(|| known.profile().0);
    port_range::range(known.facts, profile.as_deref().and_then(host::profile))
}

impl Known<'_> {
    /// The profile given, else the one inferred with its reason.
    fn profile(&self) -> (Option<String>, Option<String>) {
        if let Some(given) = &self.asked.profile {
            return (Some(given.clone()), None);
        }
        let used = |s: &Snapshot| s.memory.as_ref().and_then(|m| m.nonpaged_used_bytes);
        let clues = Clues {
            facts: self.facts,
            first_refusal_s: self.tally.and_then(|t| t.refusals().first().map(|r| r.unix_s)),
            nonpaged_used_bytes: self.snapshots.iter().filter_map(used).max(),
        };
        match infer(&clues) {
            Some((profile, because)) => (Some(profile.name.to_owned()), Some(because)),
            None => (None, None),
        }
    }

    fn tunables(&self) -> BTreeMap<String, Limit> {
        let configured = |value: u64| Limit { value, origin: Origin::Configured };
        let registry = self.facts.registry.iter();
        registry.map(|(name, value)| (name.clone(), configured(*value))).collect()
    }

    /// The run as it was asked, with what captures add to it.
    fn recorded(&self, recording: &Recording, mut run: RunInfo) -> RunInfo {
        if let Some(profile) = &self.asked.profile {
            run.target.profile = Some(profile.clone());
        }
        if !run.target.emulated {
            run.target.ram_bytes = run.target.ram_bytes.or(self.facts.ram_bytes);
            run.target.ceiling_bytes = run.target.ceiling_bytes.or(self.facts.ceiling_bytes);
        }
        let tunables = self.tunables();
        if !tunables.is_empty() {
            run.tunables.entry(TARGET.to_owned()).or_default().extend(tunables);
        }
        if !recording.reads_target && !self.snapshots.is_empty() {
            run.clocks.push(self.clock());
        }
        run.notes.extend(self.facts.remarks.iter().cloned());
        run
    }

    fn clock(&self) -> Clock {
        Clock {
            vantage: TARGET.into(),
            offset_s: 0.0,
            bound_s: self.times.bound_s,
            drift_ppm: 0.0,
            how: self.times.how.clone(),
        }
    }

    fn notes(&self, because: Option<&str>) -> Vec<String> {
        let inferred = because.map(|b| format!("host profile inferred: {b}"));
        let undated = (self.times.zero_unix_s.is_none() && self.zero_unix_s().is_none())
            .then(|| "no capture says when it was taken".to_owned());
        let remarks = self.facts.remarks.iter().cloned();
        inferred.into_iter().chain(undated).chain(remarks).collect()
    }

    fn zero_unix_s(&self) -> Option<f64> {
        self.recording.and_then(|r| r.zero_unix_s).or(self.times.zero_unix_s)
    }

    fn run(&self, profile: Option<String>, because: Option<&str>) -> RunInfo {
        let aggressive = self.facts.registry.get("EnableAggressiveMemoryUsage") == Some(&1);
        let of_profile = profile.as_deref().and_then(host::profile);
        let gate = of_profile.and_then(|p| p.gate_aggressive_bytes).filter(|_| aggressive);
        let recording = self.recording;
        RunInfo {
            format: 1,
            churnlab: env!("CARGO_PKG_VERSION").into(),
            command: Vec::new(),
            started: wall_of(self.zero_unix_s().unwrap_or(0.0)),
            scenario_name: "captures".into(),
            scenario: serde_json::Value::Null,
            seed: 0,
            ground: Ground::Live,
            planned_seconds: recording.map_or(0.0, |r| r.end_s).max(self.times.span_s),
            target: TargetHost {
                address: format!("target:{}", port(self.tally, self.snapshots)),
                profile,
                ram_bytes: self.facts.ram_bytes,
                ceiling_bytes: self.facts.ceiling_bytes,
                paged_ceiling_bytes: None,
                gate_bytes: gate.map(|gate| gate.value),
                emulated: false,
                time_scale: 1.0,
            },
            generator: GeneratorHost {
                profile: None,
                port_allocation: PortAllocation::PerTuple,
                source_ports: None,
                own_namespace: true,
            },
            sample_every_s: recording
                .and_then(|r| r.period_s)
                .unwrap_or_else(|| period_s(self.snapshots)),
            probe_every_s: None,
            tunables: BTreeMap::from([(TARGET.to_owned(), self.tunables())]),
            clocks: vec![self.clock()],
            expect: None,
            notes: self.notes(because),
        }
    }
}

/// The port of the service: the one most rows of the error log name, else the busiest listener's.
fn port(tally: Option<&Tally>, snapshots: &[Snapshot]) -> u16 {
    let logged = tally.and_then(|t| t.by_port.iter().max_by_key(|(_, rows)| **rows));
    let listed = || {
        let snapshot = snapshots.iter().rev().find(|s| s.sockets.is_some())?;
        let (tcp, sockets) = (snapshot.tcp.as_ref()?, snapshot.sockets.as_ref()?);
        let waiting = &sockets.time_wait_by_local_port;
        let busy = |port: &&u16| waiting.get(port).copied().unwrap_or(0);
        let busiest = tcp.listening.iter().rev().max_by_key(busy).filter(|port| busy(port) > 0);
        let usual = [80, 443, 8080].into_iter().find(|port| tcp.listening.contains(port));
        let served = || waiting.iter().max_by_key(|(port, n)| (**n, **port)).map(|(port, _)| *port);
        busiest.copied().or(usual).or_else(served)
    };
    logged.map(|(port, _)| *port).or_else(listed).unwrap_or(80)
}

/// The usual distance of samples; a series of readings is seldom rarer than its log is written.
fn period_s(snapshots: &[Snapshot]) -> f64 {
    let times = snapshots.iter().filter_map(|s| s.unix_s.filter(|_| s.bound_s < FLUSH_S));
    let times: Vec<f64> = times.collect();
    let mut apart: Vec<f64> =
        times.windows(2).map(|pair| pair[1] - pair[0]).filter(|s| *s >= 1.0).collect();
    apart.sort_by(f64::total_cmp);
    apart.get(apart.len() / 2).map_or(FLUSH_S, |s| s.min(3600.0))
}
