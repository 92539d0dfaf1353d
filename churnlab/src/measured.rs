//! Reads a run directory into what was told of it, in words and in numbers.

use std::collections::BTreeMap;
use std::path::Path;

use analysis::Timeline;
use analysis::compare::{Measured, Whole};
use anyhow::{Context, Result, bail};
use model::findings::Findings;
use model::row::Row;
use model::run::{GeneratorHost, Ground, PortAllocation, RunInfo, TargetHost};
use model::told::Told;
use record::{Latencies, Record};

/// Everything a report needs, and the numbers behind it, from a run directory alone.
pub fn of(dir: &Path) -> Result<(Told, Measured)> {
    let record = Record::open(dir)?;
    let mut info = record.info().clone();
    let mut timeline = Timeline::new(&info);
    let mut latencies = Latencies::default();
    let mut whole = Whole::default();
    let mut rows = record.rows()?;
    for row in rows.by_ref() {
        timeline.push(&row);
        whole.push(&row);
        if let Row::Latency(latency) = &row {
            latencies.add(latency);
        }
    }
    let mut troubles = rows.troubles();
    if latencies.unreadable() > 0 {
        troubles.push(format!("{} latency histograms could not be read", latencies.unreadable()));
    }
    info.notes.extend(troubles.iter().cloned());
    let mut told = analysis::told(info.clone(), &timeline);
    troubles.extend(whole.troubles(&info));
    let measured = Measured::of(info, &timeline, &latencies.spreads(), troubles);
    if let Some(expect) = &told.run.expect {
        told.unexpected.extend(analysis::threshold::broken(&expect.thresholds, &measured));
    }
    Ok((told, measured))
}

/// What a findings.json tells by itself: no latency, no plateau, no length of TIME_WAIT.
pub fn of_findings(path: &Path) -> Result<Measured> {
    let text = std::fs::read_to_string(path).context("it cannot be read")?;
    let value: serde_json::Value = serde_json::from_str(&text).context("it is not JSON")?;
    match value.get("format").and_then(serde_json::Value::as_u64) {
        Some(1) => {}
        Some(other) => bail!(
            "it has format {other}, and this version reads format 1; give the run directory instead, which is judged anew"
        ),
        None => bail!("it is no findings.json: it names no format"),
    }
    let findings: Findings = serde_json::from_value(value).context("it is not a findings.json")?;
    let mut measured = Measured::of_findings(
        bare_run(&findings.run.scenario, findings.run.ground, findings.run.seconds),
        findings,
    );
    measured.left_out.push(
        "told from findings.json alone: latency, the plateau of TIME_WAIT, tunables and what was asked are left out"
            .into(),
    );
    Ok(measured)
}

/// A run of which nothing is known but what it was called, where it ran, and for how long.
pub fn bare_run(scenario: &str, ground: Ground, seconds: f64) -> RunInfo {
    RunInfo {
        format: 1,
        churnlab: String::new(),
        command: Vec::new(),
        started: String::new(),
        scenario_name: scenario.into(),
        scenario: serde_json::Value::Null,
        seed: 0,
        ground,
        planned_seconds: seconds,
        target: TargetHost {
            address: String::new(),
            profile: None,
            ram_bytes: None,
            ceiling_bytes: None,
            gate_bytes: None,
            paged_ceiling_bytes: None,
            emulated: ground != Ground::Live,
            time_scale: 1.0,
        },
        generator: GeneratorHost {
            profile: None,
            port_allocation: PortAllocation::PerTuple,
            source_ports: None,
            own_namespace: false,
        },
        sample_every_s: 1.0,
        probe_every_s: None,
        tunables: BTreeMap::new(),
        clocks: Vec::new(),
        expect: None,
        notes: Vec::new(),
    }
}
