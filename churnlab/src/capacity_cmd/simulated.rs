//! Makes trials in virtual time, without a record.

use std::collections::BTreeMap;

use analysis::Timeline;
use analysis::capacity::{Asked, Bar, Trial, judged};
use analysis::compare::Measured;
use anyhow::Result;
use model::row::Row;
use record::Latencies;
use scenarios::Scenario;

use super::variant::at_rate;
use crate::exit::Usage;
use crate::simulate::run_rows;

/// Rates beyond this are not tried, per second of run time: no host of this kind takes so many.
pub const MOST_PER_S: f64 = 50_000.0;

/// A trial is looked at so many times, at the least.
const LOOKS: f64 = 120.0;

/// What a rate must do.
pub fn bar(asked: Asked) -> Bar {
    Bar { horizon_s: asked.horizon_s, p99_s: asked.p99_s }
}

/// A run at a rate, in numbers.
pub fn measured(scenario: &Scenario, run_per_s: f64) -> Result<Measured> {
    let mut trial = at_rate(scenario, run_per_s);
    // Each look costs as much as thousands of connections.
    trial.observe.every_s = trial.observe.every_s.max(trial.load.duration_s / LOOKS);
    let (info, rows) = run_rows(&trial).map_err(|why| Usage(why.to_string()))?;
    let mut timeline = Timeline::new(&info);
    let mut latencies = Latencies::default();
    for row in rows {
        timeline.push(&row);
        if let Row::Latency(latency) = &row {
            latencies.add(latency);
        }
    }
    let spreads: BTreeMap<_, _> = latencies.spreads();
    Ok(Measured::of(info, &timeline, &spreads, Vec::new()))
}

/// A run at a rate, judged. Every trial begins on hosts that hold no TIME_WAIT.
pub fn trial(scenario: &Scenario, run_per_s: f64, asked: Asked) -> Result<Trial> {
    let measured = measured(scenario, run_per_s)?;
    Ok(judged(run_per_s, &measured, bar(asked), "nothing: fresh hosts".into()))
}
