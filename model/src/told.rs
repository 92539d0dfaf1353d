//! Defines the finished value that every report format tells: findings plus the series behind them.

use serde::{Deserialize, Serialize};

use crate::findings::Findings;
use crate::run::RunInfo;

/// A reading over time; `None` is a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// What it shows: `served`, `failed`, `nonpaged-pool headroom` …
    pub name: String,
    /// Whose.
    pub vantage: String,
    /// Unit of the values.
    pub unit: String,
    /// Run time in seconds and value.
    pub points: Vec<(f64, Option<f64>)>,
}

/// How long served attempts took, over the whole run, seconds from the intended start.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencySpread {
    /// Attempts timed.
    pub count: u64,
    /// The median.
    pub p50_s: f64,
    /// 99 of 100 were quicker.
    pub p99_s: f64,
    /// The slowest.
    pub max_s: f64,
}

/// All that a report needs. Made once, formatted many times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// What was asked.
    pub run: RunInfo,
    /// What it means.
    pub findings: Findings,
    /// The curves.
    pub series: Vec<Series>,
    /// Where the verdict differs from `[expect]`, a sentence each.
    pub unexpected: Vec<String>,
}
