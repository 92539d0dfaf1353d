//! Writes down what was asked, of whom and with which clocks: `run.json`. Nothing that only the lab
//! knows may come in here, since the verdict is judged from this and the rows alone.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use model::limit::Limit;
use model::run::{Clock, GeneratorHost, Ground, PortAllocation, RunInfo, TargetHost};
use scenarios::Scenario;

/// What the ground adds to the scenario.
#[derive(Debug)]
pub struct Ready {
    /// Where it runs.
    pub ground: Ground,
    /// Where the load goes.
    pub target: SocketAddr,
    /// The profile declared for a real target.
    pub declared_profile: Option<String>,
    /// True where generator and target have a network stack each.
    pub own_namespace: bool,
    /// How the generator's ephemeral ports are given out.
    pub port_allocation: PortAllocation,
    /// Tunables in force on the generator.
    pub tunables: BTreeMap<String, Limit>,
    /// Sentences for the report.
    pub notes: Vec<String>,
}

/// `run.json` as far as it is known before the first attempt; `started` and clocks follow.
pub fn run_info(scenario: &Scenario, ready: Ready) -> RunInfo {
    RunInfo {
        format: 1,
        churnlab: env!("CARGO_PKG_VERSION").to_owned(),
        command: std::env::args().collect(),
        started: String::new(),
        scenario_name: scenario.name.clone(),
        scenario: scenario.to_json(),
        seed: scenario.seed,
        ground: ready.ground,
        planned_seconds: scenario.load.duration_s,
        target: target_host(scenario, &ready),
        generator: generator_host(scenario, &ready),
        sample_every_s: scenario.observe.every_s,
        probe_every_s: scenario.probe.every_s,
        tunables: tunables(scenario, &ready),
        clocks: vec![own_clock()],
        expect: scenario.expect.clone(),
        notes: ready.notes,
    }
}

/// What was read of the generator's own kernel, and how the emulated hosts are tuned. An emulated
/// host has no other way to be asked.
fn tunables(scenario: &Scenario, ready: &Ready) -> BTreeMap<String, BTreeMap<String, Limit>> {
    let mut generator = ready.tunables.clone();
    let mut target = BTreeMap::new();
    if ready.ground != Ground::Live {
        generator.extend(scenario.client_tunables());
        target = scenario.target_tunables();
    }
    let all = [("generator", generator), ("target", target)];
    all.into_iter().filter(|(_, t)| !t.is_empty()).map(|(v, t)| (v.to_owned(), t)).collect()
}

fn target_host(scenario: &Scenario, ready: &Ready) -> TargetHost {
    let address = ready.target.to_string();
    if ready.ground == Ground::Live {
        return TargetHost {
            address,
            profile: ready.declared_profile.clone(),
            ram_bytes: None,
            ceiling_bytes: None,
            paged_ceiling_bytes: None,
            gate_bytes: None,
            emulated: false,
            time_scale: 1.0,
        };
    }
    let asked = &scenario.target;
    let lowered = scenario.target_gate_bytes().filter(|_| asked.aggressive_memory);
    TargetHost {
        address,
        profile: Some(asked.profile.name.to_owned()),
        ram_bytes: asked.ram_bytes,
        ceiling_bytes: asked.pool.ceiling_bytes,
        paged_ceiling_bytes: asked.pool.paged_ceiling_bytes,
        gate_bytes: asked.gate_bytes.or(lowered),
        emulated: true,
        time_scale: asked.time_scale,
    }
}

fn generator_host(scenario: &Scenario, ready: &Ready) -> GeneratorHost {
    GeneratorHost {
        profile: scenario.load.client_profile.map(|p| p.name.to_owned()),
        port_allocation: ready.port_allocation,
        source_ports: scenario.load.source_ports,
        own_namespace: ready.own_namespace,
    }
}

/// How this machine gives ports out. A Linux kernel does it per 4-tuple even with a client profile:
/// that only sets its range and the length of its TIME_WAIT.
pub fn own_port_allocation() -> PortAllocation {
    if cfg!(windows) { PortAllocation::Global } else { PortAllocation::PerTuple }
}

fn own_clock() -> Clock {
    Clock {
        vantage: "generator".into(),
        offset_s: 0.0,
        bound_s: 0.0,
        drift_ppm: 0.0,
        how: "run time is this clock".into(),
    }
}
