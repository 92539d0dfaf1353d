//! Provides `[expect]`.

use model::cause::Cause;
use model::run::Expect;
use model::threshold::{BadThreshold, Bound, Threshold};

use super::section::{Reader, Section};
use crate::tree::{Node, Value};
use crate::value::{seconds, text, unknown_word};

/// Expects nothing to be found.
const NONE: &str = "none";

pub(super) fn expect(r: &mut Reader, root: &Section) -> Option<Expect> {
    let s = r.section(root, "expect", &["cause", "first_failure", "thresholds"]);
    s.table?;
    let causes = r.required(&s, "cause", causes);
    let w = r.section(&s, "first_failure", &["after", "before"]);
    let after_s = r.optional(&w, "after", seconds);
    let before_s = r.optional(&w, "before", seconds);
    if let (Some(after_s), Some(before_s)) = (after_s, before_s)
        && after_s >= before_s
    {
        let sentence = format!("the window is upside down: after {after_s} s, before {before_s} s");
        r.wrong(&s, "first_failure", &sentence);
    }
    if w.table.is_some() && causes.as_ref().is_some_and(Vec::is_empty) {
        r.wrong(&s, "first_failure", "no failure is expected, so none is the first");
    }
    let thresholds = r.optional(&s, "thresholds", thresholds);
    Some(Expect {
        causes: causes?,
        first_failure_after_s: after_s,
        first_failure_before_s: before_s,
        thresholds: thresholds.unwrap_or_default(),
    })
}

/// A cause, `"none"`, or a list of causes in order of first failure.
fn causes(node: &Node) -> Result<Vec<Cause>, String> {
    match &node.value {
        Value::List(list) => list.iter().map(|node| cause(node, &[])).collect(),
        Value::Text(word) if word == NONE => Ok(Vec::new()),
        _ => cause(node, &[NONE]).map(|cause| vec![cause]),
    }
}

/// What must hold; a change needs a base, which a scenario does not have.
fn thresholds(node: &Node) -> Result<Vec<String>, String> {
    let Value::List(list) = &node.value else {
        return Err(format!("a list is wanted, not {}", node.value.kind()));
    };
    let threshold = |node: &Node| {
        let text = text(node)?;
        let read: Threshold = text.parse().map_err(|bad: BadThreshold| bad.0)?;
        match read.bound {
            Bound::Value(_) => Ok(text),
            Bound::Change(_) => {
                Err(format!("\"{text}\" needs a base; say it to compare: --fail-on '{text}'"))
            }
        }
    };
    list.iter().map(threshold).collect()
}

/// One cause; `also` stands in the choice beside the causes.
fn cause(node: &Node, also: &[&str]) -> Result<Cause, String> {
    let word = text(node)?;
    if word == NONE {
        return Err("\"none\" stands alone, not in a list".into());
    }
    word.parse().map_err(|_| {
        let causes = Cause::ALL.iter().map(|cause| cause.as_str());
        let words: Vec<&str> = also.iter().copied().chain(causes).collect();
        unknown_word(&word, "a cause", &words)
    })
}
