//! The `diagnose` subcommand: captures of a real outage in, verdict out.

use analysis::Timeline;
use anyhow::{Context, Result, anyhow};
use model::diagnosis::Diagnosis;
use postmortem::{Asked, Gathered};
use report::TextStyle;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::{DiagnoseArgs, DiagnosisFormat};
use crate::exit::{Exit, Usage};
use crate::{print, profiles, write_scenario};

/// Diagnoses what was given. Unusable files are named; only when none is usable is that an error.
pub fn diagnose(args: &DiagnoseArgs) -> Result<Exit> {
    let gathered = postmortem::gather(&args.files, &asked(args)?);
    let mut found = judged(&gathered);
    let scenario = args.write_scenario.as_ref().map(|path| (path, made(args, &gathered, &found)));
    if args.redact {
        found.redacted = true;
        found = redacted(&found, &gathered)?;
    }
    let told = match args.format {
        DiagnosisFormat::Json => {
            serde_json::to_string_pretty(&found).context("cannot write the diagnosis as JSON")?
        }
        DiagnosisFormat::Text => {
            let style = TextStyle { color: print::stdout_has_colour(), width: print::width() };
            report::diagnosis(&found, &style)
        }
    };
    print::data(&told)?;
    if let Some((path, scenario)) = scenario {
        write_scenario::write(path, &scenario?, args.force)?;
    }
    Ok(if gathered.usable { Exit::Ok } else { Exit::CouldNotRun })
}

/// The scenario that reproduces what was found, with pseudonyms where the report has them.
fn made(args: &DiagnoseArgs, gathered: &Gathered, found: &Diagnosis) -> Result<String> {
    let text = postmortem::scenario(gathered, &found.findings);
    let text = text.map_err(|why| anyhow!("no scenario was written: {why}"))?;
    if args.redact { redacted(&text, gathered) } else { Ok(text) }
}

fn redacted<T: Serialize + DeserializeOwned>(value: &T, gathered: &Gathered) -> Result<T> {
    report::redact(value, &postmortem::names(gathered)).context("cannot redact the diagnosis")
}

fn asked(args: &DiagnoseArgs) -> Result<Asked> {
    profiles::check(args.profile.as_deref())?;
    let at = args.at.as_deref().map(|at| {
        at.parse().map_err(|e| {
            Usage(format!(
                "--at {at}: write it as 2005-09-02T18:50:00Z, in UTC or with an offset ({e})"
            ))
        })
    });
    Ok(Asked {
        profile: args.profile.clone(),
        at: at.transpose()?,
        drivers: args.drivers.clone(),
        baseline: args.baseline.clone(),
        hash: args.hash || args.redact,
    })
}

/// The captures judged by the very hypotheses of a run.
fn judged(gathered: &Gathered) -> Diagnosis {
    let mut timeline = Timeline::new(&gathered.run);
    gathered.rows.iter().for_each(|row| timeline.push(row));
    let findings = timeline.findings();
    Diagnosis {
        churnlab: env!("CARGO_PKG_VERSION").to_owned(),
        counted_from: gathered.counted_from().map(str::to_owned),
        redacted: false,
        inputs: gathered.inputs.clone(),
        httperr: gathered.httperr.clone(),
        pool: gathered.pool.clone(),
        tcp: gathered.tcp.clone(),
        baseline: gathered.baseline.clone(),
        counters: gathered.counters.clone(),
        readings: postmortem::readings(gathered, &findings),
        findings,
    }
}
