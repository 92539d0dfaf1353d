//! The `report` subcommand: reads a record, judges it anew, and tells it.

use std::path::Path;

use analysis::Timeline;
use anyhow::{Context, Result};
use model::told::Told;
use record::Record;
use report::TextStyle;

use crate::cli::{Format, ReportArgs};
use crate::exit::Exit;
use crate::print;

/// Tells each run.
pub fn report(args: &ReportArgs) -> Result<Exit> {
    for run in &args.runs {
        let told = told_of(run).with_context(|| format!("cannot tell {}", run.display()))?;
        print::data(&formatted(&told, args.format)?)?;
    }
    Ok(Exit::Ok)
}

/// Everything a report needs, from a run directory alone.
pub fn told_of(dir: &Path) -> Result<Told> {
    let record = Record::open(dir)?;
    let mut info = record.info().clone();
    let mut timeline = Timeline::new(&info);
    let mut rows = record.rows()?;
    for row in rows.by_ref() {
        timeline.push(&row);
    }
    info.notes.extend(rows.troubles());
    Ok(analysis::told(info, &timeline))
}

/// One finished value in the format asked for.
pub fn formatted(told: &Told, format: Format) -> Result<String> {
    Ok(match format {
        Format::Text => {
            let style = TextStyle { color: print::stdout_has_colour(), width: print::width() };
            report::text(told, &style)
        }
        Format::Json => report::json(&told.findings)?,
        Format::Markdown => report::markdown(told),
    })
}
