//! Runs a scenario in virtual time: the rows of the simulation through a journal into a run directory
//! like any other.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use model::run::RunInfo;
use record::{Journal, RunDir};
use scenarios::Scenario;

use super::crew::Worked;
use crate::exit::Usage;
use crate::interrupt::Interrupt;
use crate::simulate::Simulated;

/// Makes the run directory, plays the scenario to its end, or until the user asks to stop, and records
/// it. Gives what the record still needs.
pub fn work(
    out: &Path,
    scenario: &Scenario,
    interrupt: &Interrupt,
) -> Result<(RunDir, RunInfo, Worked)> {
    let started = jiff::Timestamp::now();
    let run = Simulated::new(scenario, started).map_err(|why| Usage(why.to_string()))?;
    let info = run.info().clone();
    let stamp = started.strftime("%Y%m%dT%H%M%SZ").to_string();
    let dir = RunDir::create(out, &scenario.name, &stamp)?;
    dir.write_run_info(&info)?;
    record(&dir, run, interrupt)?;
    Ok((dir, info, Worked { clocks: Vec::new(), notes: Vec::new() }))
}

fn record(dir: &RunDir, mut run: Simulated, interrupt: &Interrupt) -> Result<()> {
    let mut journal = Journal::create(dir.path())?;
    let mut log = HttperrLog { dir, file: None };
    while !interrupt.asked()
        && let Some(shown) = run.next_shown()
    {
        log.append(run.logged(&shown))?;
        for row in run.rows_of(shown) {
            journal.append(&row)?;
        }
    }
    Ok(())
}

/// The error log of the simulated host, kept beside the record as the lab's is.
struct HttperrLog<'a> {
    dir: &'a RunDir,
    file: Option<File>,
}

impl HttperrLog<'_> {
    fn append(&mut self, text: &str) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let folder = self.dir.path().join("httperr");
        let path = folder.join("httperr1.log");
        let write = |file: &mut Option<File>| {
            if file.is_none() {
                std::fs::create_dir_all(&folder)?;
                *file = Some(File::create(&path)?);
            }
            file.as_mut().map_or(Ok(()), |file| file.write_all(text.as_bytes()))
        };
        write(&mut self.file).with_context(|| format!("cannot write {}", path.display()))
    }
}
