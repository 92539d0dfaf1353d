//! Runs a scenario in virtual time: the rows of the simulation through a journal into a run directory
//! like any other.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use model::findings::Findings;
use model::run::RunInfo;
use record::{Journal, RunDir};
use scenarios::Scenario;

use super::crew::Worked;
use crate::exit::Usage;
use crate::interrupt::Interrupt;
use crate::report_cmd::told_of;
use crate::simulate::Simulated;

/// Makes the run directory, plays the scenario to its end, or until the user asks to stop, and records
/// it. Gives what the record still needs.
pub fn work(
    out: &Path,
    scenario: &Scenario,
    interrupt: &Interrupt,
) -> Result<(RunDir, RunInfo, Worked)> {
    let started = jiff::Timestamp::now();
    let mut run = Simulated::new(scenario, started).map_err(|why| Usage(why.to_string()))?;
    run.judge_others(scenario);
    let info = run.info().clone();
    let stamp = started.strftime("%Y%m%dT%H%M%SZ").to_string();
    let dir = RunDir::create(out, &scenario.name, &stamp)?;
    dir.write_run_info(&info)?;
    record(&dir, &mut run, interrupt)?;
    let notes = match scenario.farm.targets() {
        1 => Vec::new(),
        _ => others(&run, &told_of(dir.path())?.findings),
    };
    Ok((dir, info, Worked { clocks: Vec::new(), notes }))
}

/// How the other targets of a farm fared.
fn others(run: &Simulated, first: &Findings) -> Vec<String> {
    let otherwise = run.judged_otherwise(first);
    match otherwise.is_empty() {
        true => vec!["The other targets were judged by themselves, and alike.".into()],
        false => otherwise,
    }
}

fn record(dir: &RunDir, run: &mut Simulated, interrupt: &Interrupt) -> Result<()> {
    let mut journal = Journal::create(dir.path())?;
    let day = info_day(run.info());
    let mut logs = [
        LogFile::new(dir, "httperr1.log".into()),
        LogFile::new(dir, format!("W3SVC1/u_ex{day}.log")),
    ];
    while !interrupt.asked()
        && let Some(shown) = run.next_shown()
    {
        for (log, text) in logs.iter_mut().zip(run.logged(&shown)) {
            log.append(text)?;
        }
        for row in run.rows_of(shown) {
            journal.append(&row)?;
        }
    }
    Ok(())
}

/// The day of run time zero as IIS names its logs by it: `261126`.
fn info_day(info: &RunInfo) -> String {
    info.started.chars().take(10).filter(char::is_ascii_digit).skip(2).collect()
}

/// A log of the simulated host, kept beside the record as the lab's is.
struct LogFile {
    path: PathBuf,
    file: Option<File>,
}

impl LogFile {
    fn new(dir: &RunDir, name: String) -> Self {
        Self { path: dir.path().join("httperr").join(name), file: None }
    }

    fn append(&mut self, text: &str) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let Self { path, file } = self;
        let mut write = || {
            if file.is_none() {
                path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
                *file = Some(File::create(&*path)?);
            }
            file.as_mut().map_or(Ok(()), |file| file.write_all(text.as_bytes()))
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }
}
