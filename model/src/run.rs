//! Defines `run.json`: what was asked, of whom, with which clocks. A record is judged from this and
//! its rows alone, so nothing that only the lab knows may stand here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cause::Cause;
use crate::limit::Limit;

/// Where a run takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// Virtual time, no sockets.
    Simulate,
    /// Real sockets against the emulated host on this machine.
    Lab,
    /// A real host.
    Live,
}

impl Ground {
    /// The spelling used on the command line and in `findings.json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Simulate => "simulate",
            Self::Lab => "lab",
            Self::Live => "live",
        }
    }

    /// What a statement made on this ground is worth.
    pub fn claim(self) -> &'static str {
        match self {
            Self::Live => "measured",
            Self::Simulate | Self::Lab => "predicted",
        }
    }
}

/// How a host gives out ephemeral ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortAllocation {
    /// A port in use is taken for every destination.
    Global,
    /// A port in use is taken for its own 4-tuple only.
    PerTuple,
}

/// The host under load, as far as the user has said what it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetHost {
    /// Address and port that the load goes to.
    pub address: String,
    /// The host profile that was declared for it; `None` for a live host nobody described.
    pub profile: Option<String>,
    /// RAM in bytes, where declared.
    pub ram_bytes: Option<u64>,
    /// A declared non-paged pool ceiling that overrides the profile's.
    pub ceiling_bytes: Option<u64>,
    /// A declared ceiling of the paged pool that overrides the profile's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub paged_ceiling_bytes: Option<u64>,
    /// A declared gate that overrides the profile's.
    pub gate_bytes: Option<u64>,
    /// True where the host is churnlab's emulation: its kernel is then no evidence.
    pub emulated: bool,
    /// How many times faster its durations run; 1 for a real host.
    pub time_scale: f64,
}

/// The host that makes the load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GeneratorHost {
    /// The client profile that its kernel was set up as, if any.
    pub profile: Option<String>,
    /// How its ephemeral ports are given out.
    pub port_allocation: PortAllocation,
    /// A configured source port range that narrows the host's own, inclusive.
    pub source_ports: Option<(u16, u16)>,
    /// True where generator and target have a network stack each.
    pub own_namespace: bool,
}

/// How a vantage's clock relates to the generator's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// Whose clock.
    pub vantage: String,
    /// That clock less the generator's, seconds.
    pub offset_s: f64,
    /// How far the offset may be wrong either way, seconds.
    pub bound_s: f64,
    /// Drift, parts per million.
    pub drift_ppm: f64,
    /// How this was learnt.
    pub how: String,
}

/// What a scenario expects to be found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Expect {
    /// The causes in order of first failure; empty: none.
    pub causes: Vec<Cause>,
    /// The first failure lies in this window, seconds of run time.
    pub first_failure_after_s: Option<f64>,
    /// See `first_failure_after_s`.
    pub first_failure_before_s: Option<f64>,
    /// What must hold of the run, as [`crate::threshold::Threshold`] writes it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub thresholds: Vec<String>,
}

/// `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// Version of this format: 1.
    pub format: u32,
    /// Version of churnlab that made the record.
    pub churnlab: String,
    /// The exact command.
    pub command: Vec<String>,
    /// UTC wall clock at run time zero, RFC 3339 with nanoseconds.
    pub started: String,
    /// Name of the scenario.
    pub scenario_name: String,
    /// The scenario as it was run, after `--set`.
    pub scenario: serde_json::Value,
    /// Seed of the schedule.
    pub seed: u64,
    /// Where it ran.
    pub ground: Ground,
    /// Planned length of the load, seconds.
    pub planned_seconds: f64,
    /// The host under load.
    pub target: TargetHost,
    /// The host that makes the load.
    pub generator: GeneratorHost,
    /// Time between samples, seconds.
    pub sample_every_s: f64,
    /// Time between probes, seconds; `None` where probes were off.
    pub probe_every_s: Option<f64>,
    /// Tunables in force, by vantage and by the host's own name for them.
    pub tunables: BTreeMap<String, BTreeMap<String, Limit>>,
    /// Clock links.
    pub clocks: Vec<Clock>,
    /// What the scenario expects.
    pub expect: Option<Expect>,
    /// Sentences that say how this run differs from what was asked.
    pub notes: Vec<String>,
}
