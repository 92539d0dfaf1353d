//! The `observe` subcommand: rows of one vantage on stdout, once or for as long as it is wanted.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Result;
use model::units::parse_seconds;
use observer::{Origin, SourceSpec, Vantage};

use crate::cli::{ObserveArgs, RowFormat};
use crate::exit::{Exit, Usage};
use crate::interrupt::Interrupt;
use crate::print;

/// Durations above this (about three years) are slips of the pen, as in scenarios.
const LONGEST_S: f64 = 1e8;

/// Observes as asked.
pub fn observe(args: &ObserveArgs) -> Result<Exit> {
    let every = every(&args.every)?;
    let vantage = vantage(args)?;
    if let Some(pid) = args.netns_of {
        observer::enter_net_of(pid)?;
    }
    if args.once {
        for row in observer::once(vantage, every)? {
            print::data(&serde_json::to_string(&row)?)?;
        }
        return Ok(Exit::Ok);
    }
    if args.format == RowFormat::Ndjson {
        observer::serve_rows(vantage, every)?;
        return Ok(Exit::Ok);
    }
    until_interrupted(vantage, every)
}

fn every(text: &str) -> Result<Duration> {
    let seconds = parse_seconds(text).map_err(|e| Usage(format!("--every: {e}")))?;
    if seconds < 0.05 {
        let why = "at least 50 ms, or the witness is itself the load";
        return Err(Usage(format!("--every {text}: {why}")).into());
    }
    if seconds > LONGEST_S {
        return Err(Usage(format!("--every {text}: durations over 1e8 s are not taken")).into());
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// Reads the sources that `flag` names.
pub fn sources(flag: &str, named: &[String]) -> Result<Vec<SourceSpec>> {
    let parse =
        |text: &String| text.parse().map_err(|e| Usage(format!("{flag} {text}: {e}")).into());
    named.iter().map(parse).collect()
}

fn vantage(args: &ObserveArgs) -> Result<Vantage> {
    let named = sources("--from", &args.from)?;
    let sources = if named.is_empty() { vec![SourceSpec::Local] } else { named };
    Ok(Vantage { name: args.vantage.clone(), sources, destination: None, narrowed: None })
}

fn until_interrupted(vantage: Vantage, every: Duration) -> Result<Exit> {
    let interrupt = Interrupt::listen()?;
    let stop: &AtomicBool = interrupt.flag();
    let mut printed = Ok(());
    observer::observe(vantage, every, Origin::now(), stop, &mut |row| {
        let line = serde_json::to_string(&row).map_err(std::io::Error::from);
        printed = line.and_then(|line| print::data(&line));
        printed.is_ok()
    });
    printed?;
    Ok(Exit::Interrupted)
}
