//! Compares the logs reason by reason, per day that each covers.

use std::collections::BTreeMap;

use model::diagnosis::{Compared, Subject};

use super::item::{Item, times};
use super::{Ages, DAY_S};
use crate::Gathered;

/// A log that covers less than this is taken to cover so much, seconds: a rate needs a time.
const LEAST_S: f64 = 3600.0;
/// From this status on an answer is the server's fault.
const SERVER_ERROR: u16 = 500;
/// What is rarer than this here is not worth a line, per day.
const LEAST_PER_DAY: f64 = 1.0;
/// How aggregated refusals are called; they are counted by the sum of N.
const REFUSED: &str = "Connections_Refused";

/// Rows of the error log by reason, answers of IIS by status.
pub(super) fn compare(here: &Gathered, peer: &Gathered) -> Vec<Compared> {
    let mut compared = Vec::new();
    for per_day in [reasons, statuses] {
        if let (Some(mine), Some(theirs)) = (per_day(here), per_day(peer)) {
            compared.extend(of_log(&mine, &theirs));
        }
    }
    compared
}

/// What a log holds by name, per day.
type PerDay = BTreeMap<String, f64>;

fn per_day(count: u64, first_s: i64, last_s: i64) -> f64 {
    count as f64 / ((last_s - first_s) as f64).max(LEAST_S) * DAY_S
}

fn reasons(g: &Gathered) -> Option<PerDay> {
    let tally = g.tally.as_ref()?;
    let (first_s, last_s) = (tally.first_s?, tally.last_s?);
    let mut by_reason = tally.by_reason();
    if tally.refused > 0 {
        by_reason.insert(REFUSED.into(), tally.refused);
    }
    let of = |(reason, rows)| (reason, per_day(rows, first_s, last_s));
    Some(by_reason.into_iter().map(of).collect())
}

fn statuses(g: &Gathered) -> Option<PerDay> {
    let answers = g.answers.as_ref()?;
    let (first_s, last_s) = answers.ends_s()?;
    let failed = answers.tally.by_status.iter().filter(|((status, _), _)| *status >= SERVER_ERROR);
    let of = |((status, sub), rows): (&(u16, u16), &u64)| {
        (format!("{status}.{sub}"), per_day(*rows, first_s, last_s))
    };
    Some(failed.map(of).collect())
}

fn of_log(mine: &PerDay, theirs: &PerDay) -> Vec<Compared> {
    let whole: f64 = mine.values().sum();
    let often = mine.iter().filter(|(_, here)| **here >= LEAST_PER_DAY);
    let compared = often.map(|(name, here)| {
        let peer = theirs.get(name).copied().unwrap_or(0.0);
        let item = Item {
            subject: Subject::Errors,
            name,
            unit: "per day",
            here: *here,
            peer,
            at_most: false,
            whole,
            ages: Ages::default(),
            grows: false,
        };
        item.judged(|compared| {
            let there = if peer > 0.0 {
                format!("{} on the healthy peer{}", rate(peer), times(compared))
            } else {
                "none on the healthy peer".into()
            };
            format!("{name}: {} here, {there}.", rate(*here))
        })
    });
    compared.collect()
}

/// Per day, or per hour where that is the size that people grasp.
fn rate(per_day: f64) -> String {
    match per_day {
        d if d >= 240.0 => format!("{:.0} an hour", d / 24.0),
        d => format!("{d:.1} a day"),
    }
}
