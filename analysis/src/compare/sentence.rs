//! Provides the comparison in a sentence.

use model::comparison::{Comparison, Finding, InForce, Side};
use model::units::format_count;

use crate::words::list;

/// What came of it.
pub(super) fn sentence(compared: &Comparison) -> String {
    let mut parts = vec![verdicts(&compared.base, &compared.new)];
    if !compared.measures.is_empty() {
        parts.push(findings(compared));
    }
    parts.extend(not_in_force(compared));
    let failed = compared.thresholds.iter().filter(|t| t.failed).count();
    if failed > 0 {
        let of = compared.thresholds.len();
        parts.push(format!("{failed} of {of} thresholds failed"));
    }
    format!("{}.", parts.join("; "))
}

fn verdicts(base: &Side, new: &Side) -> String {
    let told = |side: &Side| {
        let runs = side.runs.len();
        let each = side.verdicts.iter().map(|v| match v.runs {
            n if n == runs as u64 => v.verdict.clone(),
            n => format!("{} in {} of {runs} runs", v.verdict, format_count(n)),
        });
        list(&each.collect::<Vec<_>>())
    };
    let (was, is) = (told(base), told(new));
    match was == is {
        true => format!("Both sides: {is}"),
        false => format!("BASE: {was}; NEW: {is}"),
    }
}

/// What is better and worse by more than noise.
fn findings(compared: &Comparison) -> String {
    let named = |finding: Finding| -> Vec<String> {
        let of = compared.measures.iter().filter(|m| m.finding == finding);
        of.map(|m| m.measure.clone()).collect()
    };
    let (better, worse) = (named(Finding::Better), named(Finding::Worse));
    let few = |names: &[String]| match names.len() {
        0..=4 => list(names),
        n => format!("{} and {} more", names[..3].join(", "), n - 3),
    };
    match (better.is_empty(), worse.is_empty()) {
        (true, true) => "nothing measured differs by more than noise".into(),
        (false, true) => format!("better: {}", few(&better)),
        (true, false) => format!("worse: {}", few(&worse)),
        (false, false) => format!("better: {}; worse: {}", few(&better), few(&worse)),
    }
}

fn not_in_force(compared: &Comparison) -> Option<String> {
    let idle = compared.tunables.iter().filter(|t| t.in_force == InForce::No);
    let idle: Vec<String> = idle.map(|t| format!("{} of {}", t.name, t.vantage)).collect();
    (!idle.is_empty())
        .then(|| format!("{} is set but NOT in force, and no gain is owed to it", list(&idle)))
}
