//! Puts everybody to work: load, probes and witnesses each in a thread or process of their own, all
//! rows through one channel into the journal; then sends them home in order.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{JoinHandle, ScopedJoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use loadgen::Plan;
use model::row::{Happening, Row};
use model::run::{Clock, RunInfo};
use observer::{Origin, Witness};
use record::Journal;
use scenarios::Scenario;

use super::progress;
use super::stage::Stage;
use crate::cli::RunArgs;
use crate::interrupt::Interrupt;
use crate::print;

/// Samples are taken for this long before the first attempt, so that every level has a "before".
const LEAD: Duration = Duration::from_millis(1000);

/// However rare the samples are, nobody waits longer than this for the end.
const LONGEST_TAIL_S: f64 = 8.0;

/// What the work left to say.
#[derive(Debug)]
pub struct Worked {
    /// Clocks of the vantages beside the generator.
    pub clocks: Vec<Clock>,
    /// Sentences for the report.
    pub notes: Vec<String>,
}

/// Runs the load with its witnesses until the schedule has ended and the tail has been watched, or
/// until the user asks to stop. Errors name what could not be started.
pub fn work(
    stage: &mut Stage,
    scenario: &Scenario,
    interrupt: &Interrupt,
    args: &RunArgs,
) -> Result<Worked> {
    interrupt.allow_impatience();
    let plan = stage.load_plan(scenario);
    // Opened before the load: one probe is a request on a connection older than all of it.
    let probes = stage.probe_plan(scenario).map(|plan| plan.open());
    let t0 = Instant::now() + LEAD;
    let origin = Origin::now().later(LEAD);
    stage.begin(&origin)?;
    let (rows, journal_rows) = channel();
    let journal = start_journal(stage, journal_rows, args)?;
    let witness = stage.witness(scenario, &origin, rows.clone())?;
    let ending = AtomicBool::new(false);
    let loaded = std::thread::scope(|scope| {
        let offset_s = stage.target_offset_s();
        for vantage in stage.vantages() {
            let (rows, ending) = (rows.clone(), &ending);
            let every = Duration::from_secs_f64(scenario.observe.every_s);
            scope.spawn(move || {
                observer::observe(vantage, every, origin, ending, &mut |row| {
                    rows.send(on_own_clock(row, offset_s)).is_ok()
                });
            });
        }
        if let Some(probes) = probes {
            let (rows, ending) = (rows.clone(), &ending);
            scope.spawn(move || probes.run(t0, ending, &rows));
        }
        let load = scope.spawn(|| load(&plan, t0, interrupt, rows.clone()));
        let loaded = joined(load);
        interrupt.wait_until(Instant::now() + tail(&stage.info));
        ending.store(true, Ordering::Relaxed);
        loaded
    });
    drop(rows);
    let worked = send_home(stage, witness, journal)?;
    loaded.map(|()| worked)
}

fn load(plan: &Plan, t0: Instant, interrupt: &Interrupt, rows: Sender<Row>) -> Result<()> {
    loadgen::run(plan, t0, interrupt.flag(), &rows).map(drop).context("the load could not be made")
}

fn joined(load: ScopedJoinHandle<'_, Result<()>>) -> Result<()> {
    load.join().unwrap_or_else(|_| Err(anyhow!("the load generator panicked")))
}

/// Rows of the target's log carry its own clock's stamps.
fn on_own_clock(mut row: Row, offset_s: f64) -> Row {
    if let Row::Event(event) = &mut row
        && event.vantage == "target"
        && matches!(event.what, Happening::Httperr { .. })
    {
        event.t_s -= offset_s;
    }
    row
}

/// How long is watched after the load: two samples, and the flush of the HTTPERR log, which comes
/// every 5 s on a real host (two published logs) and 5 s / time_scale on the emulated one.
fn tail(info: &RunInfo) -> Duration {
    let flush_s = 5.0 / info.target.time_scale + 0.5;
    Duration::from_secs_f64((2.0 * info.sample_every_s).max(flush_s).min(LONGEST_TAIL_S))
}

/// The journal's thread, and the progress line's.
struct Desk {
    writer: JoinHandle<Result<()>>,
    screen: Option<JoinHandle<()>>,
}

fn start_journal(stage: &Stage, rows: Receiver<Row>, args: &RunArgs) -> Result<Desk> {
    let mut journal = Journal::create(stage.dir.path())?;
    let shows = !args.no_tui && print::stderr_is_terminal();
    let screen = shows.then(|| progress::show(journal.subscribe(1024), &stage.info));
    let writer = std::thread::spawn(move || {
        for row in rows {
            journal.append(&row)?;
        }
        Ok(())
    });
    Ok(Desk { writer, screen })
}

/// Ends the witness, then the target, then the journal, in that order: each may still have rows or
/// words for the next.
fn send_home(stage: &mut Stage, witness: Option<Witness>, desk: Desk) -> Result<Worked> {
    let mut worked = Worked { clocks: Vec::new(), notes: Vec::new() };
    if let Some(witness) = witness {
        let gone = witness.stop();
        worked.clocks.extend(gone.clock);
        worked.notes.extend(gone.notes);
    }
    worked.notes.extend(stage.end()?);
    desk.writer.join().map_err(|_| anyhow!("the journal panicked"))??;
    if let Some(screen) = desk.screen {
        let _ = screen.join();
    }
    Ok(worked)
}
