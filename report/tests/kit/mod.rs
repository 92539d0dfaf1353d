//! Provides the stories that the tests tell: whole values as an analysis would hand them over.

// Each test binary uses a part of this.
#![allow(dead_code)]

mod hostile;
mod leak;
mod not_valid;

use std::collections::BTreeMap;

use model::attempt::{Os, Outcome, Phase};
use model::cause::{Cause, Stance};
use model::findings::*;
use model::limit::{Limit, Origin};
use model::run::*;
use model::told::{Series, Told};

pub use hostile::hostile;
pub use leak::leak;
pub use not_valid::not_valid;

/// A run in which nothing was offered, read or asked.
pub fn empty() -> Told {
    Told { run: run_info(), findings: no_findings(), series: Vec::new(), unexpected: Vec::new() }
}

fn run_info() -> RunInfo {
    RunInfo {
        format: 1,
        churnlab: "0.1.0".into(),
        command: ["churnlab", "run", "story"].map(String::from).to_vec(),
        started: "2026-01-31T10:00:00.250000000Z".into(),
        scenario_name: "story".into(),
        scenario: serde_json::Value::Null,
        seed: 7,
        ground: Ground::Lab,
        planned_seconds: 15.0,
        target: TargetHost {
            address: "10.0.0.2:80".into(),
            profile: Some("windows-2003-x86-3gb".into()),
            ram_bytes: None,
            ceiling_bytes: None,
            paged_ceiling_bytes: None,
            gate_bytes: None,
            emulated: true,
            time_scale: 1.0,
        },
        generator: GeneratorHost {
            profile: None,
            port_allocation: PortAllocation::PerTuple,
            source_ports: None,
            own_namespace: true,
        },
        sample_every_s: 0.25,
        probe_every_s: None,
        tunables: BTreeMap::new(),
        clocks: Vec::new(),
        expect: None,
        notes: Vec::new(),
    }
}

fn no_findings() -> Findings {
    Findings {
        format: 1,
        run: RunLine {
            scenario: "story".into(),
            ground: Ground::Lab,
            seconds: 0.0,
            claim: "predicted".into(),
        },
        valid: true,
        not_valid_because: Vec::new(),
        attempts: Some(Attempts::default()),
        failures: Vec::new(),
        verdict: Verdict { sentence: "No attempt came due.".into(), ..Verdict::default() },
        hypotheses: Vec::new(),
        resources: Vec::new(),
        forecast: None,
    }
}

fn named(scenario: &str, seconds: f64) -> Told {
    let mut told = empty();
    told.run.scenario_name = scenario.into();
    told.run.command[2] = scenario.into();
    told.findings.run.scenario = scenario.into();
    told.findings.run.seconds = seconds;
    told.run.planned_seconds = seconds;
    told
}

pub fn hypothesis(
    cause: Cause,
    stance: Stance,
    supporting: &[&str],
    against: &[&str],
) -> Hypothesis {
    Hypothesis {
        cause,
        stance,
        supporting: supporting.iter().map(|s| (*s).into()).collect(),
        against: against.iter().map(|s| (*s).into()).collect(),
        untested_because: None,
    }
}

fn untested(cause: Cause, because: &str) -> Hypothesis {
    let none = hypothesis(cause, Stance::Untested, &[], &[]);
    Hypothesis { untested_because: Some(because.into()), ..none }
}

fn refused(count: u64) -> FailureLine {
    FailureLine {
        outcome: Outcome::Failed,
        phase: Phase::Connect,
        os: Os::Linux,
        os_code: Some(111),
        name: "ECONNREFUSED".into(),
        count,
        first_s: 7.41,
        last_s: 14.99,
    }
}

fn resource(
    name: ResourceName,
    vantage: &str,
    unit: &str,
    limit: Option<u64>,
    peak: u64,
) -> Resource {
    Resource {
        name,
        vantage: vantage.into(),
        unit: unit.into(),
        limit: limit.map(|value| Limit { value, origin: Origin::Derived }),
        peak,
        headroom_min: limit.map(|value| (i128::from(value) - i128::from(peak)) as i64),
        at_limit_from_s: None,
    }
}

pub fn series(name: &str, vantage: &str, unit: &str, points: Vec<(f64, Option<f64>)>) -> Series {
    Series { name: name.into(), vantage: vantage.into(), unit: unit.into(), points }
}

fn over(seconds: u32, step_s: f64, value: impl Fn(f64) -> Option<f64>) -> Vec<(f64, Option<f64>)> {
    (0..(f64::from(seconds) / step_s) as u32)
        .map(|nth| f64::from(nth) * step_s)
        .map(|t| (t, value(t)))
        .collect()
}

/// Nothing failed.
pub fn clean() -> Told {
    let mut told = named("healthy-baseline", 10.0);
    told.run.expect = Some(Expect::default());
    let f = &mut told.findings;
    f.attempts = Some(Attempts { offered: 3000, begun: 3000, served: 3000, ..Attempts::default() });
    f.verdict.sentence =
        "Nothing failed: 3,000 of 3,000 attempts were served, and no resource came near its limit."
            .into();
    let nothing = "no attempt failed, so there is nothing to explain";
    f.hypotheses =
        [Cause::NonpagedPool, Cause::ListenerDown, Cause::ClientPorts, Cause::GeneratorLimit]
            .map(|cause| untested(cause, nothing))
            .to_vec();
    f.hypotheses[0].against = vec!["free non-paged pool never fell below 108.1 MiB".into()];
    f.resources = vec![resource(ResourceName::TimeWait, "target", "entries", None, 0)];
    told.series = vec![series("served", "generator", "attempts/s", over(10, 1.0, |_| Some(300.0)))];
    told
}

/// Captures only: nobody made a load.
pub fn captures_only() -> Told {
    let mut told = named("captures", 0.0);
    told.findings.attempts = None;
    told.findings.verdict.sentence = "The captures hold 431 TIME_WAIT and no refusal.".into();
    told
}

/// Every story by name.
pub fn stories() -> Vec<(&'static str, Told)> {
    vec![
        ("leak", leak()),
        ("clean", clean()),
        ("not-valid", not_valid()),
        ("hostile", hostile()),
        ("empty", empty()),
        ("captures-only", captures_only()),
    ]
}
