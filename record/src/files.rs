//! Defines the names of the files in a run directory; each has one writer.

/// What was asked: [`model::run::RunInfo`].
pub const RUN_INFO: &str = "run.json";
/// Load: one [`model::row::Interval`] per line.
pub const INTERVALS: &str = "intervals.ndjson";
/// Readings: one [`model::row::Sample`] per line.
pub const SAMPLES: &str = "samples.ndjson";
/// What happened: one [`model::row::Event`] per line.
pub const EVENTS: &str = "events.ndjson";
/// Latency histograms: an HdrHistogram log, see [`crate::hlog`].
pub const LATENCY: &str = "latency.hlog";
/// What it means: [`model::findings::Findings`].
pub const FINDINGS: &str = "findings.json";
/// The report for a ticket, made of the findings.
pub const REPORT: &str = "report.md";
