//! Defines what `capacity --format json` prints, format 1. Every rate is a host rate (connections per
//! second of the host's own time) unless its name says otherwise.

use serde::{Deserialize, Serialize};

use crate::findings::ResourceName;
use crate::limit::Limit;

/// How much a host bears, what binds, and what a change would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// Version of this format: 1.
    pub format: u32,
    /// False where what it rests on is not to be believed.
    pub valid: bool,
    /// A sentence for each reason why not.
    pub not_valid_because: Vec<String>,
    /// What to decide.
    pub decision: Decision,
    /// What was examined, name and value.
    pub system: Vec<Fact>,
    /// How a production host may differ from that, a sentence each.
    pub differs: Vec<String>,
    /// The load, name and value.
    pub workload: Vec<Fact>,
    /// Each resource with the rate at which it binds, the lowest first; those that never bind last.
    pub bounds: Vec<Bound>,
    /// The highest sustainable rate as found, by the best means used.
    pub sustainable: Option<Rate>,
    /// The change that raises what binds first.
    pub change: Option<Change>,
    /// What that change costs, a sentence each.
    pub side_effects: Vec<String>,
    /// How often, for how long, with which noise.
    pub repeats: Vec<String>,
    /// The slowest leak that this length could have shown.
    pub slowest_leak: String,
    /// When to be told.
    pub alarms: Vec<Alarm>,
    /// What nobody has tested.
    pub not_tested: Vec<String>,
    /// What each knob would do.
    pub what_if: Vec<WhatIf>,
    /// Which knob works where.
    pub knobs: Vec<KnobLine>,
    /// The rates that were tried, in order.
    pub trials: Vec<TrialLine>,
}

/// A name with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The name.
    pub name: String,
    /// The value, in words.
    pub value: String,
}

/// The first line of the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// All of it in a sentence.
    pub sentence: String,
    /// What the changed rate is as a multiple of the present one; `None` without a change.
    pub gain: Option<Gain>,
    /// `predicted` or `measured`, and on which ground.
    pub claim: String,
}

/// A multiple with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gain {
    /// The middle.
    pub times: f64,
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
}

/// A rate with its interval, connections per second of the host.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// The highest that was sustained, or that the law gives.
    pub per_s: f64,
    /// The lowest that was not; `None` where none failed.
    pub fails_at_per_s: Option<f64>,
    /// By which means.
    pub by: Means,
}

/// How a rate is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// Computed from limits.
    Law,
    /// Tried in virtual time.
    Simulation,
    /// Tried with real sockets against the emulated host.
    Lab,
    /// Seen on a real host.
    Measured,
}

impl Means {
    /// The words used on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Law => "law",
            Self::Simulation => "simulation",
            Self::Lab => "lab",
            Self::Measured => "measured",
        }
    }
}

/// Whose connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Connections that the host opens.
    Outgoing,
    /// Connections that the host accepts.
    Incoming,
}

impl Direction {
    /// The words used on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outgoing => "outgoing",
            Self::Incoming => "incoming",
        }
    }
}

/// One resource, and the rate at which it binds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// Which.
    pub resource: ResourceName,
    /// Seen from the host that owns it.
    pub direction: Direction,
    /// Where the connections come from.
    pub source: String,
    /// Where they go.
    pub destination: String,
    /// `bytes`, `ports` …
    pub unit: String,
    /// Its limit with origin; for non-paged pool the ceiling less the gate.
    pub limit: Option<Limit>,
    /// What one connection holds of it, for how long, in words.
    pub per_connection: String,
    /// What was left at the end.
    pub headroom_now: Option<i64>,
    /// What was left at the peak.
    pub headroom_at_peak: Option<i64>,
    /// The rate from which it binds; `None`: it never does under this workload.
    pub binds_at_per_s: Option<f64>,
    /// The law behind it, with its figures, or why it does not bind.
    pub law: String,
}

/// A change, exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// On which host.
    pub host: String,
    /// Where it is set.
    pub path: String,
    /// `REG_DWORD, seconds` …
    pub kind: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
    /// What must be restarted.
    pub reboot: String,
    /// How to see that it is in force.
    pub check: String,
    /// How to undo it.
    pub rollback: String,
}

/// When to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// What to watch.
    pub watch: String,
    /// From here on somebody should look.
    pub warn: String,
    /// From here on somebody must act.
    pub critical: String,
}

/// Whether a knob works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applies {
    /// It does.
    Yes,
    /// It does nothing there.
    NoEffect,
    /// It is documented, and nobody has shown that it still works.
    Unverified,
}

impl Applies {
    /// The words used on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "applies",
            Self::NoEffect => "no effect",
            Self::Unverified => "unverified",
        }
    }
}

/// One knob at one value. A column that was not done is `None`, and never holds another's figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhatIf {
    /// The knob with its value.
    pub knob: String,
    /// Whether it works on this host, in this direction.
    pub applies: Applies,
    /// What the law gives, connections per second.
    pub law: Option<f64>,
    /// What virtual time gives.
    pub simulation: Option<f64>,
    /// What the lab gives.
    pub lab: Option<f64>,
    /// What your host gave.
    pub measured: Option<f64>,
    /// What else there is to say.
    pub note: String,
}

/// One knob on one family of systems in one direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnobLine {
    /// The knob.
    pub knob: String,
    /// The systems.
    pub systems: String,
    /// Connections opened by the host.
    pub outgoing: Applies,
    /// Connections accepted by the host.
    pub incoming: Applies,
    /// What it does there, with where that was read.
    pub because: String,
}

/// One rate that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialLine {
    /// Host rate.
    pub per_s: f64,
    /// Run rate.
    pub run_per_s: f64,
    /// On which ground.
    pub means: Means,
    /// Whether it was sustained.
    pub sustained: bool,
    /// Why not, or what was seen.
    pub because: String,
    /// What was waited for before it.
    pub waited: String,
}
