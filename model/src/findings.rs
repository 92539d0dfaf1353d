//! Defines `findings.json`, format 1: what a run or a set of captures means.

use serde::{Deserialize, Serialize};

use crate::attempt::{Os, Outcome, Phase};
use crate::cause::{Cause, Stance};
use crate::limit::Limit;
use crate::run::Ground;

/// `findings.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Version of this format: 1.
    pub format: u32,
    /// Which run this is about.
    pub run: RunLine,
    /// False where the instrument was the limit.
    pub valid: bool,
    /// A sentence for each reason why not.
    pub not_valid_because: Vec<String>,
    /// `None` without a generator, never zeros.
    pub attempts: Option<Attempts>,
    /// Failures by kind, in order of first appearance.
    pub failures: Vec<FailureLine>,
    /// What explains them.
    pub verdict: Verdict,
    /// Each judged cause once, in the order of [`Cause::ALL`].
    pub hypotheses: Vec<Hypothesis>,
    /// Each watched resource.
    pub resources: Vec<Resource>,
    /// `None` without a trend.
    pub forecast: Option<Forecast>,
}

/// Which run findings are about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunLine {
    /// The scenario's name.
    pub scenario: String,
    /// Where it ran.
    pub ground: Ground,
    /// Seconds of load.
    pub seconds: f64,
    /// `predicted` or `measured`.
    pub claim: String,
}

/// `offered = begun + not_sent`; `begun = served + failed + unfinished`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// Came due.
    pub offered: u64,
    /// Were begun.
    pub begun: u64,
    /// Were served.
    pub served: u64,
    /// Were begun and failed.
    pub failed: u64,
    /// Were under way at the end; never failures.
    pub unfinished: u64,
    /// Came due and could not be begun.
    pub not_sent: u64,
}

/// Failures of one kind over the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailureLine {
    /// Failed or not sent.
    pub outcome: Outcome,
    /// Where.
    pub phase: Phase,
    /// Whose error numbers.
    pub os: Os,
    /// The error number; `None` for a status.
    pub os_code: Option<i32>,
    /// Its name.
    pub name: String,
    /// How many.
    pub count: u64,
    /// First, run time in seconds.
    pub first_s: f64,
    /// Last, run time in seconds.
    pub last_s: f64,
}

/// What explains the failures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// In order of first failure; empty for a clean run.
    pub causes: Vec<CauseLine>,
    /// Failed or not-sent attempts that no single cause explains.
    pub unexplained: u64,
    /// The verdict in a sentence.
    pub sentence: String,
}

/// One cause and what it explains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CauseLine {
    /// The cause.
    pub cause: Cause,
    /// What stands behind it, where evidence shows it.
    pub because_of: Vec<String>,
    /// Supported, or weaker.
    pub stance: Stance,
    /// Attempts it explains.
    pub failures: u64,
    /// First of them, run time in seconds.
    pub from_s: f64,
    /// Last of them, run time in seconds.
    pub to_s: f64,
}

/// One hypothesis with its evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hypothesis {
    /// The cause it is about.
    pub cause: Cause,
    /// Where the evidence leaves it.
    pub stance: Stance,
    /// Sentences for it.
    #[serde(rename = "for")]
    pub supporting: Vec<String>,
    /// Sentences against it.
    pub against: Vec<String>,
    /// What to observe, where it is untested.
    pub untested_because: Option<String>,
}

/// Which resource a [`Resource`] line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceName {
    /// Non-paged pool of the target.
    NonpagedPool,
    /// Ephemeral ports of the generator.
    ClientPorts,
    /// Ephemeral ports of the target.
    TargetPorts,
    /// TIME_WAIT entries.
    TimeWait,
    /// Completed connections waiting to be accepted.
    AcceptQueue,
    /// Requests waiting for a worker.
    RequestQueue,
    /// Open descriptors of the generator.
    Descriptors,
    /// Paged pool of the target.
    PagedPool,
    /// Committed memory of the target.
    Commit,
}

impl ResourceName {
    /// The spelling used in `findings.json` and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NonpagedPool => "nonpaged-pool",
            Self::ClientPorts => "client-ports",
            Self::TargetPorts => "target-ports",
            Self::TimeWait => "time-wait",
            Self::AcceptQueue => "accept-queue",
            Self::RequestQueue => "request-queue",
            Self::Descriptors => "descriptors",
            Self::PagedPool => "paged-pool",
            Self::Commit => "commit",
        }
    }
}

/// One resource over the run. `limit` and `headroom_min` are `None` where the host has no such
/// limit or nobody knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// Which.
    pub name: ResourceName,
    /// Whose.
    pub vantage: String,
    /// `bytes`, `ports`, `entries`, `connections`, `requests` or `descriptors`.
    pub unit: String,
    /// Its limit; for non-paged pool the ceiling, not the gate.
    pub limit: Option<Limit>,
    /// The highest reading.
    pub peak: u64,
    /// Limit less peak; negative where the limit was found to be wrong.
    pub headroom_min: Option<i64>,
    /// When it reached the level at which the host refuses; for non-paged pool that is the gate.
    pub at_limit_from_s: Option<f64>,
}

/// When a resource runs out, if the trend holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Which resource.
    pub resource: ResourceName,
    /// When the forecast was made, run time in seconds.
    pub made_at_s: f64,
    /// When it runs out.
    pub runs_out_at_s: f64,
    /// Earliest.
    pub low_s: f64,
    /// Latest.
    pub high_s: f64,
    /// What it assumes.
    pub assuming: String,
}
