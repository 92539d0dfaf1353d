//! The `diagnose` subcommand: captures of a real outage in, verdict out.

use analysis::Timeline;
use anyhow::{Context, Result};
use model::diagnosis::Diagnosis;
use postmortem::{Asked, Gathered};
use report::TextStyle;

use crate::cli::{DiagnoseArgs, DiagnosisFormat};
use crate::exit::{Exit, Usage};
use crate::{print, profiles};

/// Diagnoses what was given. Unusable files are named; only when none is usable is that an error.
pub fn diagnose(args: &DiagnoseArgs) -> Result<Exit> {
    let gathered = postmortem::gather(&args.files, &asked(args)?);
    let mut found = judged(&gathered);
    if args.redact {
        found.redacted = true;
        found = report::redact(&found, &postmortem::names(&gathered))
            .context("cannot redact the diagnosis")?;
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
    Ok(if gathered.usable { Exit::Ok } else { Exit::CouldNotRun })
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
