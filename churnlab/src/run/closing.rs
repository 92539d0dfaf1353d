//! Judges a finished run from its record, and tells it.

use std::io::ErrorKind;

use anyhow::{Context, Result};
use model::run::RunInfo;
use model::told::Told;
use record::RunDir;

use super::crew::Worked;
use crate::cli::Format;
use crate::report_cmd::{self, told_of};

use crate::print;

/// Completes `run.json`, reads the record back, and writes findings and report beside it. What is
/// told is judged from the files alone, as `report` would judge them later.
pub fn judge(dir: &RunDir, info: &RunInfo, worked: Worked) -> Result<Told> {
    let mut info = info.clone();
    info.clocks.extend(worked.clocks);
    info.notes.extend(worked.notes);
    dir.write_run_info(&info)?;
    let told = told_of(dir.path())?;
    dir.write_findings(&told.findings)?;
    dir.write_text("report.md", &report::markdown(&told))?;
    Ok(told)
}

/// Prints the result, and where the rest lies.
pub fn tell(dir: &RunDir, told: &Told, format: Format) -> Result<()> {
    let printed = print::data(&report_cmd::formatted(told, format)?);
    let dir = dir.path().display();
    print::note(&format!("record: {dir}\nreport: {dir}/report.md"));
    match printed {
        // A reader that went away does not change how the run came out.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot print the report; it stands in the run directory")
        }
        _ => Ok(()),
    }
}
