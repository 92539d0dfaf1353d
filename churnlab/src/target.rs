//! The `target` subcommand: the emulated IIS host, by itself or as the target of a run.

use anyhow::Result;
use lab::AlonePlan;

use crate::cli::TargetArgs;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::{print, stories};

/// Serves until it is told to stop.
pub fn target(args: &TargetArgs) -> Result<Exit> {
    if args.child {
        lab::run_child()?;
        return Ok(Exit::Ok);
    }
    let asked: Vec<String> = args.scenario.iter().cloned().collect();
    let Some(mut stories) = stories::read(&asked, &args.set) else { return Ok(Exit::Usage) };
    let Some(story) = stories.pop() else { return Ok(Exit::Usage) };
    let interrupt = Interrupt::listen()?;
    let plan = AlonePlan {
        scenario: story.scenario,
        listen: args.listen,
        doors: args.doors,
        httperr_dir: args.httperr_dir.clone(),
    };
    lab::run_alone(plan, interrupt.flag(), &mut |line| print::note(line))?;
    Ok(Exit::Interrupted)
}
