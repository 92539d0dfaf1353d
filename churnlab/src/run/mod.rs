//! The `run` subcommand: a scenario is validated, the ground is made ready, load and witnesses go to
//! work, every row goes through one journal, and the record is judged and told.

mod closing;
mod crew;
pub(crate) mod facts;
mod progress;
mod simulated;
mod stage;

use std::process::Command;

use anyhow::{Context, Result};
use model::run::{Ground, RunInfo};
use record::RunDir;

use self::crew::Worked;
use crate::cli::{Format, RunArgs};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::stories::{self, Story};
use crate::{child, preflight, print};

/// Runs every scenario asked for, one after the other.
pub fn run(args: &RunArgs) -> Result<Exit> {
    let Some(ground) = ground(args) else { return Ok(Exit::Usage) };
    let Some(stories) = stories::read(&args.scenarios, &args.set) else { return Ok(Exit::Usage) };
    match &stories[..] {
        [story] => one(args, story, ground),
        many => each(args, many),
    }
}

/// The ground asked for; `None` after a sentence where it is not one that can be run.
fn ground(args: &RunArgs) -> Option<Ground> {
    let problem = match (args.ground.as_deref(), &args.target) {
        (None | Some("lab"), None) => return Some(Ground::Lab),
        (Some("simulate"), None) => return Some(Ground::Simulate),
        (None | Some("live"), Some(_)) => return Some(Ground::Live),
        (Some("live"), None) => "--ground live needs --target URL: the real host to aim at",
        (Some("lab"), Some(_)) => {
            "--ground lab makes its own target; leave --target out, or say --ground live"
        }
        (Some("simulate"), Some(_)) => {
            "--ground simulate makes its own target; leave --target out, or say --ground live"
        }
        (Some(_), _) => "--ground is one of simulate, lab and live",
    };
    print::note(&format!("churnlab: {problem}"));
    None
}

/// One scenario, from its reading to its report.
fn one(args: &RunArgs, story: &Story, ground: Ground) -> Result<Exit> {
    if let Some(parent) = args.child_of {
        child::die_with(parent)?;
    }
    if ground == Ground::Simulate {
        return simulated(args, story);
    }
    preflight::descriptors()?;
    let interrupt = Interrupt::listen()?;
    let mut stage = stage::set(args, story, ground)?;
    let worked = crew::work(&mut stage, &story.scenario, &interrupt, args)?;
    finish(&stage.dir, &stage.info, worked, args, &interrupt)
}

/// Judges what was recorded and tells it.
fn finish(
    dir: &RunDir,
    info: &RunInfo,
    worked: Worked,
    args: &RunArgs,
    interrupt: &Interrupt,
) -> Result<Exit> {
    let told = closing::judge(dir, info, worked)?;
    closing::tell(dir, &told, args.format)?;
    Ok(Exit::of_run(
        interrupt.asked(),
        told.run.expect.is_some(),
        !told.unexpected.is_empty(),
        told.findings.valid,
    ))
}

/// One scenario in virtual time.
fn simulated(args: &RunArgs, story: &Story) -> Result<Exit> {
    let interrupt = Interrupt::listen()?;
    let (dir, info, worked) = simulated::work(&args.out, &story.scenario, &interrupt)?;
    finish(&dir, &info, worked, args, &interrupt)
}

/// Several scenarios: a process each, since a namespace can only be entered before a second thread
/// exists.
fn each(args: &RunArgs, stories: &[Story]) -> Result<Exit> {
    let interrupt = Interrupt::listen()?;
    let exe = std::env::current_exe().context("cannot find this program's own file")?;
    let mut worst = Exit::Ok;
    for story in stories {
        if interrupt.asked() {
            return Ok(Exit::Interrupted);
        }
        let mut command = Command::new(&exe);
        command.arg("run").arg(&story.asked).arg("--out").arg(&args.out);
        command.args(shared_arguments(args));
        let status = child::run(&mut command, &interrupt)?;
        worst = worst.or_worse(match status.code() {
            Some(0) => Exit::Ok,
            Some(2) => Exit::Usage,
            Some(3) => Exit::Unexpected,
            Some(4) => Exit::NotValid,
            Some(130) => Exit::Interrupted,
            _ => Exit::CouldNotRun,
        });
    }
    Ok(worst)
}

/// The arguments of `run` but for its scenarios and its folder.
fn shared_arguments(args: &RunArgs) -> Vec<String> {
    let mut all = Vec::new();
    let mut push = |flag: &str, value: &str| all.push(format!("{flag}={value}"));
    push("--child-of", &std::process::id().to_string());
    push(
        "--format",
        match args.format {
            Format::Text => "text",
            Format::Json => "json",
            Format::Markdown => "markdown",
        },
    );
    for (flag, value) in
        [("--ground", &args.ground), ("--target", &args.target), ("--profile", &args.profile)]
    {
        value.iter().for_each(|v| push(flag, v));
    }
    args.set.iter().for_each(|v| push("--set", v));
    args.observe.iter().for_each(|v| push("--observe", v));
    args.i_am_authorised_to_test.iter().for_each(|v| push("--i-am-authorised-to-test", v));
    if args.no_tui {
        all.push("--no-tui".into());
    }
    all
}
