//! Provides the comparison of runs: each measure with its difference, the noise that repeats show, and
//! whether that is better, worse or no evidence.

mod asked;
mod lines;
mod measured;
mod noise;
mod sentence;
#[cfg(test)]
mod tests;
mod tuned;
mod whole;

use std::collections::BTreeMap;

use model::comparison::{Comparison, RunRef, Side, ThresholdLine, VerdictCount};
use model::run::Ground;
use model::threshold::Threshold;

pub use measured::{Measured, Seen};
pub use whole::Whole;

use crate::threshold::crossed;

/// A judged run and where it lies.
#[derive(Clone, Debug)]
pub struct Placed {
    /// As it was named.
    pub path: String,
    /// Its numbers.
    pub measured: Measured,
}

/// Compares two sides, each of at least one run.
pub fn compare(base: &[Placed], new: &[Placed], fail_on: &[Threshold]) -> Comparison {
    let of = |side: &[Placed]| side.iter().map(|p| p.measured.clone()).collect::<Vec<_>>();
    let (was, is) = (of(base), of(new));
    let same_story = is_one_story(base, new);
    let measures = if same_story { lines::lines(&was, &is) } else { Vec::new() };
    let mut compared = Comparison {
        format: 1,
        valid: true,
        not_valid_because: not_valid(base.iter().chain(new)),
        sentence: String::new(),
        claim: claim(&was, &is),
        base: side(base),
        new: side(new),
        asked: match (was.first(), is.first()) {
            (Some(was), Some(is)) => asked::differing(&was.run.scenario, &is.run.scenario),
            _ => Vec::new(),
        },
        tunables: tuned::tunables(&was, &is),
        time_wait: tuned::time_wait_lines(&was, &is),
        measures,
        thresholds: fail_on.iter().map(|t| threshold(t, &was, &is)).collect(),
        left_out: left_out(base, new, same_story),
    };
    compared.valid = compared.not_valid_because.is_empty();
    compared.sentence = sentence::sentence(&compared);
    compared
}

fn is_one_story(base: &[Placed], new: &[Placed]) -> bool {
    let names = base.iter().chain(new).map(|p| &p.measured.findings.run.scenario);
    let mut names: Vec<&String> = names.collect();
    names.sort();
    names.dedup();
    names.len() == 1
}

fn not_valid<'a>(all: impl Iterator<Item = &'a Placed>) -> Vec<String> {
    let reasons = all.flat_map(|p| {
        let because = p.measured.findings.not_valid_because.iter();
        because.map(move |why| format!("{}: {why}", p.path))
    });
    reasons.collect()
}

fn claim(base: &[Measured], new: &[Measured]) -> String {
    let of = |side: &[Measured]| {
        let mut claims: Vec<String> = side
            .iter()
            .map(|m| format!("{} ({})", m.findings.run.claim, m.findings.run.ground.as_str()))
            .collect();
        claims.sort();
        claims.dedup();
        claims.join(" and ")
    };
    let (base, new) = (of(base), of(new));
    if base == new { base } else { format!("BASE {base}, NEW {new}") }
}

fn side(runs: &[Placed]) -> Side {
    let mut verdicts: BTreeMap<String, u64> = BTreeMap::new();
    for placed in runs {
        *verdicts.entry(verdict(&placed.measured)).or_default() += 1;
    }
    let verdicts = verdicts.into_iter().map(|(verdict, runs)| VerdictCount { verdict, runs });
    let run = |placed: &Placed| {
        let findings = &placed.measured.findings;
        RunRef {
            path: placed.path.clone(),
            scenario: findings.run.scenario.clone(),
            ground: findings.run.ground.as_str().into(),
            seconds: findings.run.seconds,
            seed: placed.measured.run.seed,
            valid: findings.valid,
        }
    };
    Side { runs: runs.iter().map(run).collect(), verdicts: verdicts.collect() }
}

/// The causes of a run in order of first failure.
fn verdict(measured: &Measured) -> String {
    let verdict = &measured.findings.verdict;
    let mut causes: Vec<String> = verdict.causes.iter().map(|c| c.cause.to_string()).collect();
    causes.dedup();
    match (causes.is_empty(), verdict.unexplained) {
        (true, 0) => "nothing failed".into(),
        (true, _) => "unexplained".into(),
        (false, 0) => causes.join(", then "),
        (false, _) => format!("{}, and some unexplained", causes.join(", then ")),
    }
}

fn threshold(threshold: &Threshold, base: &[Measured], new: &[Measured]) -> ThresholdLine {
    let of = |side: &[Measured]| {
        let vantage = threshold.vantage.as_deref();
        let values: Option<Vec<f64>> =
            side.iter().map(|m| m.value(threshold.measure, vantage)).collect();
        values.filter(|all| !all.is_empty()).map(|all| noise::mean(&all))
    };
    let found = crossed(threshold, of(base), of(new));
    ThresholdLine {
        threshold: threshold.text.clone(),
        failed: found.failed,
        sentence: found.sentence,
    }
}

fn left_out(base: &[Placed], new: &[Placed], same_story: bool) -> Vec<String> {
    let mut all = Vec::new();
    if !same_story {
        let mut names: Vec<&str> =
            base.iter().chain(new).map(|p| p.measured.findings.run.scenario.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        all.push(format!(
            "these are runs of different scenarios ({}): attempts, resources and latency follow from what was asked, so only tunables and the length of TIME_WAIT are compared",
            names.join(", ")
        ));
    }
    if base.len() < 2 || new.len() < 2 {
        all.push(
            "a side has one run only: how far repeats differ by themselves is not known, so no difference is evidence; give two or more runs of each side, better three"
                .into(),
        );
    }
    if base.iter().chain(new).all(|p| p.measured.findings.run.ground == Ground::Simulate) {
        all.push(
            "all runs are simulated: virtual time repeats itself, so its noise says nothing of a host's"
                .into(),
        );
    }
    for placed in base.iter().chain(new) {
        let told = placed.measured.left_out.iter();
        all.extend(told.map(|why| format!("{}: {why}", placed.path)));
    }
    all
}
