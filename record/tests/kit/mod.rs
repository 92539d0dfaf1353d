//! Provides what the tests share: a folder that goes away, and small rows.

// Each test binary uses a part of this.
#![allow(dead_code, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use model::attempt::{Failure, LatencyClass, Os, Outcome, Phase};
use model::reading::{Gap, GapKind, PoolTag, PoolType};
use model::row::{Event, FailureCount, Happening, Interval, Latency, Row, Sample};
use model::run::{GeneratorHost, Ground, PortAllocation, RunInfo, TargetHost};
use record::{Journal, RunDir};

/// A folder of this test's own, removed when dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A run directory with `run.json` and an open journal.
pub fn begun(folder: &Folder) -> (RunDir, Journal) {
    let dir = RunDir::create(folder.path(), "story", "2026-01-31T10-00-00Z").unwrap();
    dir.write_run_info(&run_info()).unwrap();
    let journal = Journal::create(dir.path()).unwrap();
    (dir, journal)
}

pub fn run_info() -> RunInfo {
    RunInfo {
        format: 1,
        churnlab: "0.1.0".into(),
        command: vec!["churnlab".into(), "run".into(), "story".into()],
        started: "2023-11-14T22:13:20.250000000Z".into(),
        scenario_name: "story".into(),
        scenario: serde_json::json!({"name": "story"}),
        seed: 7,
        ground: Ground::Lab,
        planned_seconds: 4.0,
        target: TargetHost {
            address: "10.0.0.2:80".into(),
            profile: Some("linux".into()),
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

pub fn refused() -> Failure {
    Failure {
        outcome: Outcome::Failed,
        phase: Phase::Connect,
        os: Os::Linux,
        os_code: Some(111),
        name: "ECONNREFUSED".into(),
    }
}

pub fn interval(t_s: f64) -> Row {
    Row::Interval(Interval {
        t_s,
        seconds: 1.0,
        offered: 400,
        begun: 400,
        served: 390,
        failed: 10,
        // Seventeen digits, which a lazy float reader gets wrong by one bit.
        cpu_s: 0.1 + 0.2,
        failures: vec![FailureCount {
            failure: refused(),
            source: "any".into(),
            destination: "10.0.0.2:80".into(),
            latency: LatencyClass::Under1ms,
            count: 10,
            first_s: t_s + 0.1,
            last_s: t_s + 0.9,
        }],
        ..Interval::default()
    })
}

pub fn sample(t_s: f64, vantage: &str) -> Row {
    let tag = PoolTag {
        tag: "ISil".into(),
        pool: PoolType::Nonpaged,
        allocs: 9,
        frees: 2,
        bytes: u64::MAX,
    };
    Row::Sample(Sample {
        t_s,
        wall: "2023-11-14T22:13:20Z".into(),
        vantage: vantage.into(),
        pool_tags: Some(vec![tag]),
        counters: BTreeMap::from([("TcpExt.ListenDrops".into(), 3.0)]),
        gaps: vec![Gap {
            what: "slab".into(),
            kind: GapKind::Unsupported,
            reason: "pipes | and \"quotes\"\nand a second line".into(),
        }],
        ..Sample::default()
    })
}

pub fn event(t_s: f64) -> Row {
    Row::Event(Event {
        t_s,
        vantage: "target".into(),
        what: Happening::Httperr {
            stamp: "2023-11-14 22:13:22".into(),
            reason: "Connections_Refused".into(),
            status: None,
            queue: None,
            rows: 1,
            refused: 4,
        },
    })
}

pub fn exemplar(t_s: f64) -> Row {
    Row::Event(Event {
        t_s,
        vantage: "generator".into(),
        what: Happening::Exemplar {
            failure: refused(),
            source: "10.0.0.1:1025".into(),
            destination: "10.0.0.2:80".into(),
            intended_s: t_s,
            took_us: 51,
        },
    })
}

pub fn latency(t_s: f64) -> Row {
    Row::Latency(Latency {
        t_s,
        seconds: 0.25,
        tag: "connect".into(),
        max_ms: 1.042,
        v2_base64: "HISTFAAAABx42pNpmSzMwMDAxAABzFCaEUoz".into(),
    })
}
