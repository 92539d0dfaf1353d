//! Provides the judgement of one trial: whether its rate is sustained.

use model::threshold::{Became, Measure, Percentile, Timed};
use model::units::{format_count, format_seconds};

use super::search::Trial;
use crate::compare::Measured;
use crate::words::{at, list};

/// What a rate must do to be sustained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// No resource may be about to run out within so many seconds of the host.
    pub horizon_s: f64,
    /// 99 of 100 attempts are quicker than this, seconds; `None`: however slow.
    pub p99_s: Option<f64>,
}

/// Judges a trial: nothing fails, nothing will run out within the horizon, and it is quick enough.
pub fn judged(run_per_s: f64, measured: &Measured, bar: Bar, waited: String) -> Trial {
    let why = [failures(measured), trend(measured, bar), slow(measured, bar)];
    let why: Vec<String> = why.into_iter().flatten().collect();
    let findings = &measured.findings;
    Trial {
        run_per_s,
        sustained: why.is_empty(),
        because: match why.is_empty() {
            true => "nothing failed, and nothing runs out".into(),
            false => why.join("; "),
        },
        not_valid_because: match findings.valid {
            true => Vec::new(),
            false => findings.not_valid_because.clone(),
        },
        waited,
    }
}

fn failures(measured: &Measured) -> Option<String> {
    let value = |became| measured.value(Measure::Attempts(became), None).unwrap_or(0.0);
    let (failed, not_sent) = (value(Became::Failed), value(Became::NotSent));
    if failed + not_sent <= 0.0 {
        return None;
    }
    let mut causes: Vec<String> =
        measured.findings.verdict.causes.iter().map(|c| c.cause.to_string()).collect();
    causes.dedup();
    let because = match causes.is_empty() {
        true => "unexplained".into(),
        false => list(&causes),
    };
    let from_s = measured.findings.failures.iter().map(|f| f.first_s).fold(f64::INFINITY, f64::min);
    let n = format_count((failed + not_sent) as u64);
    Some(format!("{n} attempts failed or were not sent from {} on: {because}", at(from_s)))
}

fn trend(measured: &Measured, bar: Bar) -> Option<String> {
    let run = &measured.run;
    let scale = if run.target.time_scale > 0.0 { run.target.time_scale } else { 1.0 };
    let soon = measured.forecasts.iter().filter(|f| f.runs_out_at_s * scale <= bar.horizon_s);
    let first = soon.min_by(|a, b| a.runs_out_at_s.total_cmp(&b.runs_out_at_s))?;
    let after = super::laws::seconds(first.runs_out_at_s * scale);
    Some(format!("{} would run out after {after} of the host's time", first.resource.as_str()))
}

fn slow(measured: &Measured, bar: Bar) -> Option<String> {
    let bound_s = bar.p99_s?;
    let p99_s = measured.value(Measure::Latency(Timed::Total, Percentile::P99), None);
    match p99_s {
        None => Some("latency was not measured, and has a bound".into()),
        Some(p99_s) if p99_s > bound_s => {
            Some(format!("p99 was {}, over {}", format_seconds(p99_s), format_seconds(bound_s)))
        }
        Some(_) => None,
    }
}
