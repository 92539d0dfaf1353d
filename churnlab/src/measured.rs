//! Reads a run directory into what was told of it, in words and in numbers.

use std::path::Path;

use analysis::Timeline;
use analysis::compare::Measured;
use anyhow::Result;
use model::row::Row;
use model::told::Told;
use record::{Latencies, Record};

/// Everything a report needs, and the numbers behind it, from a run directory alone.
pub fn of(dir: &Path) -> Result<(Told, Measured)> {
    let record = Record::open(dir)?;
    let mut info = record.info().clone();
    let mut timeline = Timeline::new(&info);
    let mut latencies = Latencies::default();
    let mut rows = record.rows()?;
    for row in rows.by_ref() {
        timeline.push(&row);
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
    let measured = Measured::of(info, &timeline, &latencies.spreads(), troubles);
    if let Some(expect) = &told.run.expect {
        told.unexpected.extend(analysis::threshold::broken(&expect.thresholds, &measured));
    }
    Ok((told, measured))
}
