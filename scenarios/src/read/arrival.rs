//! Provides `load.arrival`.

use super::section::{Reader, Section};
use crate::scenario::Arrival;
use crate::tree::{Node, Value};
use crate::value::{above_zero, count, one_of, seconds_above_zero, unknown_word};

/// No generator makes more connections a second; more is a slip of the pen.
const MAX_PER_SECOND: f64 = 1e7;
/// An hour's length unless it is shortened, seconds.
const HOUR_S: f64 = 3600.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Constant,
    Hourly,
}

const KINDS: [(Kind, &str); 2] = [(Kind::Constant, "constant"), (Kind::Hourly, "hourly")];

pub(super) fn arrival(r: &mut Reader, load: &Section) -> Option<Arrival> {
    r.required(load, "arrival", |_| Ok(()))?;
    // The keys of another kind of arrival are unknown too; the kind is the one problem to tell.
    let kind = load.get("arrival").and_then(|node| match &node.value {
        Value::Table(table) => table.get("kind"),
        _ => None,
    });
    let mut known = None;
    if let Some(Value::Text(word)) = kind.map(|node| &node.value) {
        known = KINDS.iter().find(|(_, known)| known == word).map(|(kind, _)| *kind);
        if known.is_none() {
            let words = KINDS.map(|(_, word)| word);
            r.wrong(load, "arrival", &unknown_word(word, "a kind of arrival here", &words));
            return None;
        }
    }
    if known == Some(Kind::Hourly) {
        return hourly(r, load);
    }
    let s = r.section(load, "arrival", &["kind", "per_second"]);
    s.table?;
    let kind = r.required(&s, "kind", |n| one_of(n, "a kind of arrival here", &KINDS));
    let per_second = r.required(&s, "per_second", |n| above_zero(rate(n)?));
    kind.and(per_second).map(|per_second| Arrival::Constant { per_second })
}

fn hourly(r: &mut Reader, load: &Section) -> Option<Arrival> {
    let s = r.section(load, "arrival", &["kind", "per_second", "hour"]);
    let per_second = r.required(&s, "per_second", rates);
    let hour_s = match s.get("hour") {
        Some(_) => r.optional(&s, "hour", seconds_above_zero),
        None => Some(HOUR_S),
    };
    Some(Arrival::Hourly { per_second: per_second?, hour_s: hour_s? })
}

/// A rate, which may be 0.
fn rate(node: &Node) -> Result<f64, String> {
    let rate = count(node)?;
    if rate > MAX_PER_SECOND { Err("rates over 10M are not taken".into()) } else { Ok(rate) }
}

/// The rates of a day's hours.
fn rates(node: &Node) -> Result<Vec<f64>, String> {
    let Value::List(list) = &node.value else {
        return Err(format!("a list of rates is wanted, not {}", node.value.kind()));
    };
    let rates: Vec<f64> = list.iter().map(rate).collect::<Result<_, _>>()?;
    match rates.iter().find(|rate| **rate < 0.0) {
        Some(rate) => return Err(format!("a rate is not below 0; {rate} is")),
        None if rates.len() > Arrival::MAX_HOURS => {
            return Err(format!("at most {} rates are taken", Arrival::MAX_HOURS));
        }
        None => {}
    }
    if rates.iter().any(|rate| *rate > 0.0) {
        Ok(rates)
    } else {
        Err("at least one rate must be above 0".into())
    }
}
