//! The `capacity` subcommand: the highest sustainable rate of a scenario, searched on a ground, or of a
//! record, computed by the laws.

mod drain;
mod lab_trials;
mod simulated;
mod variant;

use std::path::Path;

use analysis::capacity::{
    Asked, KnobAt, Plan, Trial, Tried, TriedKnob, is_worth_trying, law_per_s, search,
};
use analysis::compare::Measured;
use anyhow::Result;
use model::capacity::{Capacity, Means};
use model::units::parse_seconds;
use report::TextStyle;
use scenarios::Scenario;

use crate::cli::{CapacityArgs, Format};
use crate::exit::{Exit, Usage};
use crate::{measured, print, stories};

/// Two rates are close enough, as a share: virtual time is exact, a lab's trial costs a minute.
const PRECISION_SIMULATED: f64 = 0.01;
const PRECISION_LAB: f64 = 0.05;

/// Trials of one search, at most.
const MOST_SIMULATED: usize = 30;
const MOST_LAB: usize = 10;

/// Rates that are tried, each a quarter of the one before, until one is sustained and shows the system at
/// ease: a record of a host at its limit shows little of its trends.
const EASIER: usize = 5;

/// Tells the capacity of a scenario or of a run.
pub fn capacity(args: &CapacityArgs) -> Result<Exit> {
    let asked = asked(args)?;
    let told = match Path::new(&args.subject).join(record::files::RUN_INFO).is_file() {
        true => of_record(args, asked)?,
        false => match of_scenario(args, asked)? {
            Some(told) => told,
            None => return Ok(Exit::Usage),
        },
    };
    print::data(&formatted(&told, args.format)?)?;
    Ok(if told.valid { Exit::Ok } else { Exit::NotValid })
}

fn asked(args: &CapacityArgs) -> Result<Asked> {
    let seconds = |flag: &str, text: &str| {
        let read = parse_seconds(text).ok().filter(|s| *s > 0.0);
        read.ok_or_else(|| Usage(format!("{flag} {text}: write it like \"7d\" or \"50ms\"")))
    };
    Ok(Asked {
        horizon_s: seconds("--horizon", &args.horizon)?,
        p99_s: args.p99.as_deref().map(|text| seconds("--p99", text)).transpose()?,
    })
}

fn formatted(told: &Capacity, format: Format) -> Result<String> {
    Ok(match format {
        Format::Text => {
            let style = TextStyle { color: print::stdout_has_colour(), width: print::width() };
            report::capacity(told, &style)
        }
        Format::Json => report::capacity_json(told)?,
        Format::Markdown => report::capacity_markdown(told),
    })
}

fn of_record(args: &CapacityArgs, asked: Asked) -> Result<Capacity> {
    if args.ground.is_some() || !args.set.is_empty() {
        let why = "a record is computed, not run; leave --ground and --set out, or give a scenario";
        return Err(Usage(why.into()).into());
    }
    let (_, measured) = measured::of(Path::new(&args.subject))?;
    Ok(analysis::capacity::capacity(&measured, asked, &Tried::default()))
}

/// `None` where the scenario has a problem, which has then been told.
fn of_scenario(args: &CapacityArgs, asked: Asked) -> Result<Option<Capacity>> {
    let subject = [args.subject.clone()];
    let Some(stories) = stories::read(&subject, &args.set) else { return Ok(None) };
    let scenario = &stories[0].scenario;
    let told = match args.ground.as_deref() {
        None | Some("simulate") => in_virtual_time(scenario, args, asked)?,
        Some("lab") => in_the_lab(scenario, args, asked)?,
        Some(other) => {
            let why = format!(
                "--ground {other}: rates are searched on simulate (the default) and lab; a live host is asked by the record of a run on it"
            );
            return Err(Usage(why).into());
        }
    };
    Ok(Some(told))
}

fn in_virtual_time(scenario: &Scenario, args: &CapacityArgs, asked: Asked) -> Result<Capacity> {
    let base = at_ease(scenario, |rate| simulated::measured(scenario, rate))?;
    let mut tried = Tried { precision: PRECISION_SIMULATED, ..Tried::default() };
    let knobs = if args.no_what_if { &KnobAt::ALL[..1] } else { &KnobAt::ALL[..] };
    for &at in knobs {
        let varied = variant::of(scenario, at);
        let Some(varied) = varied.filter(|_| is_worth_trying(&base, asked.horizon_s, at)) else {
            continue;
        };
        let plan = plan(scenario, &base, asked, at, Means::Simulation);
        let found = search(plan, |rate| simulated::trial(&varied, rate, asked))?;
        tried.simulation.push(TriedKnob { at, found });
    }
    Ok(finished(&base, asked, &tried, scenario))
}

fn in_the_lab(scenario: &Scenario, args: &CapacityArgs, asked: Asked) -> Result<Capacity> {
    let mut trials = lab_trials::LabTrials::begin(scenario, &args.out)?;
    let base = at_ease(scenario, |rate| Ok(trials.run(rate)?.0))?;
    let plan = plan(scenario, &base, asked, KnobAt::AsIs, Means::Lab);
    let found = search(plan, |rate| -> Result<Trial> {
        let (measured, waited) = trials.run(rate)?;
        let trial = analysis::capacity::judged(rate, &measured, simulated::bar(asked), waited);
        print::note(&said(&trial));
        Ok(trial)
    })?;
    print::note(&format!("trials: {}", trials.folder().display()));
    let lab = vec![TriedKnob { at: KnobAt::AsIs, found }];
    let tried = Tried { lab, precision: PRECISION_LAB, ..Tried::default() };
    Ok(finished(&base, asked, &tried, scenario))
}

fn said(trial: &Trial) -> String {
    let verdict = if trial.sustained { "sustained" } else { "not sustained" };
    format!("{:.1}/s of run time: {verdict} ({})", trial.run_per_s, trial.because)
}

/// A record of the system at a rate that it bears.
fn at_ease(scenario: &Scenario, mut run: impl FnMut(f64) -> Result<Measured>) -> Result<Measured> {
    let mut rate = scenario.load.arrival.peak_per_second();
    let mut measured = run(rate)?;
    for _ in 1..EASIER {
        if measured.findings.failures.is_empty() {
            break;
        }
        rate /= 4.0;
        measured = run(rate)?;
    }
    Ok(measured)
}

/// Searches begin where the law has the changed system's limit; trials decide.
fn plan(scenario: &Scenario, base: &Measured, asked: Asked, at: KnobAt, means: Means) -> Plan {
    let scale = scenario.target.time_scale;
    let law = analysis::capacity::law_with(base, asked.horizon_s, at)
        .or_else(|| law_per_s(base, asked.horizon_s));
    let most_per_s = match means {
        Means::Lab => lab_trials::MOST_PER_S,
        _ => simulated::MOST_PER_S,
    };
    let start = law.map_or(scenario.load.arrival.peak_per_second(), |host| host * scale);
    Plan {
        start_per_s: start.min(most_per_s),
        precision: if means == Means::Lab { PRECISION_LAB } else { PRECISION_SIMULATED },
        most: if means == Means::Lab { MOST_LAB } else { MOST_SIMULATED },
        most_per_s,
        means,
    }
}

fn finished(base: &Measured, asked: Asked, tried: &Tried, scenario: &Scenario) -> Capacity {
    let mut told = analysis::capacity::capacity(base, asked, tried);
    told.differs.extend(variant::left_out(scenario));
    told
}
