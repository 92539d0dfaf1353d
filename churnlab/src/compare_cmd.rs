//! The `compare` subcommand: two sides of runs, each a run or its repeats.

use std::path::{Path, PathBuf};

use analysis::compare::{Placed, compare as compared};
use anyhow::{Context, Result};
use model::comparison::Comparison;
use model::threshold::Threshold;
use report::TextStyle;

use crate::cli::{CompareArgs, Format};
use crate::exit::{Exit, Usage};
use crate::{measured, print};

/// Compares NEW with BASE.
pub fn compare(args: &CompareArgs) -> Result<Exit> {
    let fail_on = thresholds(&args.fail_on)?;
    let (mut unread_base, mut unread_new) = (Vec::new(), Vec::new());
    let base = side("BASE", &args.base, &mut unread_base)?;
    let new = side("NEW", &args.new, &mut unread_new)?;
    let mut found = compared(&base, &new, &fail_on);
    found.left_out.splice(0..0, unread_base.into_iter().chain(unread_new));
    print::data(&formatted(&found, args.format)?)?;
    Ok(match (found.valid, found.thresholds.iter().any(|t| t.failed)) {
        (false, _) => Exit::NotValid,
        (true, true) => Exit::Unexpected,
        (true, false) => Exit::Ok,
    })
}

fn formatted(found: &Comparison, format: Format) -> Result<String> {
    Ok(match format {
        Format::Text => {
            let style = TextStyle { color: print::stdout_has_colour(), width: print::width() };
            report::comparison(found, &style)
        }
        Format::Json => report::comparison_json(found)?,
        Format::Markdown => report::comparison_markdown(found),
    })
}

/// Every threshold, or every slip at once.
fn thresholds(texts: &[String]) -> Result<Vec<Threshold>> {
    let read: Vec<_> = texts.iter().map(|text| text.parse::<Threshold>()).collect();
    let slips: Vec<String> =
        read.iter().filter_map(|r| Some(format!("--fail-on: {}", r.as_ref().err()?))).collect();
    if !slips.is_empty() {
        return Err(Usage(slips.join("\n")).into());
    }
    Ok(read.into_iter().filter_map(Result::ok).collect())
}

/// The runs of a side: what cannot be read is named and left out, as long as one run is left.
fn side(name: &str, asked: &str, unread: &mut Vec<String>) -> Result<Vec<Placed>> {
    let mut runs = Vec::new();
    let paths = paths(asked).map_err(|why| Usage(format!("{name}: {why}")))?;
    let mut last = None;
    for path in paths {
        let shown = path.display().to_string();
        match one(&path) {
            Ok(measured) => runs.push(Placed { path: shown, measured }),
            Err(error) => {
                unread.push(format!("{shown} is left out: {error:#}"));
                last = Some(error.context(format!("cannot compare {shown}")));
            }
        }
    }
    match last {
        Some(error) if runs.is_empty() => Err(error),
        _ => Ok(runs),
    }
}

fn one(path: &Path) -> Result<analysis::compare::Measured> {
    match path.is_file() {
        true => measured::of_findings(path),
        false => Ok(measured::of(path)?.1),
    }
}

/// A run directory, a folder that holds run directories, a findings.json, or several of these with
/// commas between them. A path that exists with its commas is taken as it is.
fn paths(asked: &str) -> Result<Vec<PathBuf>, String> {
    let parts: Vec<&str> = match Path::new(asked).exists() {
        true => vec![asked],
        false => asked.split(',').map(str::trim).filter(|part| !part.is_empty()).collect(),
    };
    let mut all = Vec::new();
    for part in parts {
        let path = PathBuf::from(part);
        if path.is_file() || path.join(record::files::RUN_INFO).is_file() {
            all.push(path);
            continue;
        }
        let inside = held(&path).with_context(|| format!("{part} cannot be read"));
        let inside = inside.map_err(|error| format!("{error:#}"))?;
        if inside.is_empty() {
            return Err(format!(
                "{part} is neither a run directory (it holds no run.json) nor a folder that holds some"
            ));
        }
        all.extend(inside);
    }
    match all.is_empty() {
        true => Err(format!("\"{asked}\" names no run")),
        false => Ok(all),
    }
}

/// The run directories in a folder, by name and so by time.
fn held(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut runs = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.join(record::files::RUN_INFO).is_file() {
            runs.push(path);
        }
    }
    runs.sort();
    Ok(runs)
}
