//! Provides the comparison of findings with what a scenario expects.

use model::cause::{Cause, Stance};
use model::findings::Findings;
use model::run::Expect;
use model::units::format_count;

use crate::words::at;

/// Where the findings differ from what was expected, a sentence each; none where they agree.
pub fn differences(findings: &Findings, expect: &Expect) -> Vec<String> {
    let mut all = Vec::new();
    let found: Vec<Cause> = findings.verdict.causes.iter().map(|c| c.cause).collect();
    if found != expect.causes {
        all.push(format!("expected {}, found {}", named(&expect.causes), named(&found)));
    }
    let unexplained = findings.verdict.unexplained;
    if expect.causes.is_empty() && unexplained > 0 {
        all.push(format!(
            "expected that nothing fails, and {} attempts failed unexplained",
            format_count(unexplained)
        ));
    }
    let explained: u64 = findings.verdict.causes.iter().map(|c| c.failures).sum();
    if !expect.causes.is_empty() && unexplained > explained {
        all.push(format!(
            "{} attempts failed unexplained, more than the {} that have a cause",
            format_count(unexplained),
            format_count(explained)
        ));
    }
    let weak = findings.verdict.causes.iter().filter(|c| c.stance != Stance::Supported);
    all.extend(weak.map(|c| format!("{} is only {}", c.cause, c.stance.as_str())));
    all.extend(first_failure(findings, expect));
    all
}

fn named(causes: &[Cause]) -> String {
    match causes {
        [] => "no cause".into(),
        _ => causes.iter().map(Cause::to_string).collect::<Vec<_>>().join(", then "),
    }
}

fn first_failure(findings: &Findings, expect: &Expect) -> Option<String> {
    let window = match (expect.first_failure_after_s, expect.first_failure_before_s) {
        (None, None) => return None,
        (Some(after), Some(before)) => format!("between {} and {}", at(after), at(before)),
        (Some(after), None) => format!("after {}", at(after)),
        (None, Some(before)) => format!("before {}", at(before)),
    };
    let first_s = findings.failures.iter().map(|f| f.first_s).reduce(f64::min);
    let Some(first_s) = first_s else {
        return Some(format!("expected the first failure {window}, and nothing failed"));
    };
    let early = expect.first_failure_after_s.is_some_and(|after| first_s < after);
    let late = expect.first_failure_before_s.is_some_and(|before| first_s > before);
    (early || late)
        .then(|| format!("expected the first failure {window}, it came at {}", at(first_s)))
}
