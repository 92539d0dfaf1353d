//! The `observe` subcommand: rows of one vantage on stdout, once or for as long as it is wanted.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use analysis::forecast::Outlook;
use anyhow::Result;
use model::findings::ResourceName;
use model::row::{Row, Sample};
use model::run::Ground;
use model::units::{format_seconds, parse_seconds};
use observer::{Origin, SourceSpec, Vantage};

use crate::cli::{ObserveArgs, RowFormat};
use crate::exit::{Exit, Usage};
use crate::interrupt::Interrupt;
use crate::{measured, print, profiles};

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
    until_interrupted(vantage, every, args)
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

fn until_interrupted(vantage: Vantage, every: Duration, args: &ObserveArgs) -> Result<Exit> {
    profiles::check(args.profile.as_deref())?;
    let interrupt = Interrupt::listen()?;
    let stop: &AtomicBool = interrupt.flag();
    let mut printed = Ok(());
    let mut seer = Seer::new(args.profile.clone());
    observer::observe(vantage, every, Origin::now(), stop, &mut |row| {
        seer.watch(&row);
        let line = serde_json::to_string(&row).map_err(std::io::Error::from);
        printed = line.and_then(|line| print::data(&line));
        printed.is_ok()
    });
    printed?;
    Ok(Exit::Interrupted)
}

/// How often an observation says what will run out.
const SAY_EVERY: Duration = Duration::from_secs(60);

/// Says on stderr what will run out of the host that is observed, if its trend goes on.
struct Seer {
    outlook: Outlook,
    asked: Instant,
    said: Option<(Instant, ResourceName)>,
}

impl Seer {
    /// Whatever the vantage is called, it is the host under load.
    fn new(profile: Option<String>) -> Self {
        let mut run = measured::bare_run("observation", Ground::Live, f64::INFINITY);
        run.target.profile = profile;
        Self { outlook: Outlook::new(&run), asked: Instant::now(), said: None }
    }

    fn watch(&mut self, row: &Row) {
        let Row::Sample(sample) = row else { return };
        let sample = Sample { vantage: "target".into(), ..sample.clone() };
        self.outlook.push(&Row::Sample(sample));
        // Asking costs a few milliseconds: once a second is enough.
        if self.asked.elapsed() < Duration::from_secs(1) {
            return;
        }
        self.asked = Instant::now();
        let Some(coming) = self.outlook.forecast() else { return };
        let news =
            self.said.is_none_or(|(at, of)| of != coming.resource || at.elapsed() >= SAY_EVERY);
        if news {
            let left = |t_s: f64| format_seconds((t_s - coming.made_at_s).max(0.0));
            print::note(&format!(
                "churnlab: {} out in {} ({} to {}), assuming {}",
                coming.resource.as_str(),
                left(coming.runs_out_at_s),
                left(coming.low_s),
                left(coming.high_s),
                coming.assuming
            ));
            self.said = Some((Instant::now(), coming.resource));
        }
    }
}
