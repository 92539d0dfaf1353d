//! The `report` subcommand: reads a record, judges it anew, and tells it.

use std::path::Path;

use anyhow::{Context, Result};
use model::told::Told;
use report::TextStyle;

use crate::cli::{Format, ReportArgs};
use crate::exit::Exit;
use crate::{measured, print};

/// Tells each run.
pub fn report(args: &ReportArgs) -> Result<Exit> {
    for run in &args.runs {
        let mut told = told_of(run).with_context(|| format!("cannot tell {}", run.display()))?;
        if args.redact {
            told = redacted(told)?;
        }
        print::data(&formatted(&told, args.format)?)?;
    }
    Ok(Exit::Ok)
}

/// The same with pseudonyms, said so.
fn redacted(mut told: Told) -> Result<Told> {
    told.run
        .notes
        .push("addresses, names and paths are pseudonyms, the same one for the same thing".into());
    report::redact(&told, &postmortem::names_of_run(&told.run)).context("cannot redact the report")
}

/// Everything a report needs, from a run directory alone.
pub fn told_of(dir: &Path) -> Result<Told> {
    Ok(measured::of(dir)?.0)
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
