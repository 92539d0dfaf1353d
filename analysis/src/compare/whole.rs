//! Provides what is missing from a record, so that numbers made of it are not taken for the whole.

use std::collections::BTreeMap;

use model::row::Row;
use model::run::RunInfo;
use model::units::format_count;

use crate::words::{at, list};

/// Ticks that end and begin so far apart have another between them, as a share of a tick.
const HOLE: f64 = 0.5;

/// A run that is this much shorter than planned ended early, seconds; ticks end a little off.
const SHORTER_S: f64 = 0.3;

/// Watches rows go by in the order of their files.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    ended_s: Option<f64>,
    holes: Vec<(f64, f64)>,
    sampled_s: BTreeMap<String, f64>,
    out_of_order: u64,
}

impl Whole {
    /// Notes one row.
    pub fn push(&mut self, row: &Row) {
        match row {
            Row::Interval(tick) => {
                let ended_s = self.ended_s.unwrap_or(tick.t_s);
                if tick.t_s - ended_s > HOLE * tick.seconds.max(1e-3) {
                    self.holes.push((ended_s, tick.t_s));
                }
                self.out_of_order += u64::from(ended_s - tick.t_s > HOLE * tick.seconds.max(1e-3));
                self.ended_s = Some(ended_s.max(tick.t_s + tick.seconds));
            }
            Row::Sample(sample) => {
                let last_s = self.sampled_s.entry(sample.vantage.clone()).or_insert(sample.t_s);
                self.out_of_order += u64::from(sample.t_s < *last_s);
                *last_s = last_s.max(sample.t_s);
            }
            _ => {}
        }
    }

    /// What is missing, a sentence each, with what that narrows.
    pub fn troubles(&self, run: &RunInfo) -> Vec<String> {
        let mut all = Vec::new();
        match self.ended_s {
            None => all.push("no load is on record: attempts and rates are left out".into()),
            Some(ended_s) if ended_s + SHORTER_S < run.planned_seconds => all.push(format!(
                "the load on record ends at {} of {}: counts are those up to then",
                at(ended_s),
                at(run.planned_seconds)
            )),
            Some(_) => {}
        }
        if let Some((from_s, to_s)) = self.holes.first() {
            let more = match self.holes.len() {
                1 => String::new(),
                n => format!(" and {} more", n - 1),
            };
            all.push(format!(
                "intervals from {} to {}{more} are missing: counts are too low",
                at(*from_s),
                at(*to_s)
            ));
        }
        let absent: Vec<String> = ["generator", "target"]
            .iter()
            .filter(|vantage| !self.sampled_s.contains_key(**vantage))
            .map(|vantage| (*vantage).to_owned())
            .collect();
        if !absent.is_empty() {
            let whose = list(&absent);
            all.push(format!("no sample of {whose} is on record: its resources are left out"));
        }
        if self.out_of_order > 0 {
            let n = format_count(self.out_of_order);
            all.push(format!("{n} rows stand out of order; they were put in order of run time"));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::kit::{MIB, Story, pool};

    fn troubles(change: impl Fn(&mut Vec<Row>)) -> Vec<String> {
        let mut story = Story::new(5.0).load(|_| vec![]).target(|_| pool(MIB)).descriptors(|_| 9);
        change(&mut story.rows);
        let mut whole = Whole::default();
        story.rows.iter().for_each(|row| whole.push(row));
        whole.troubles(&story.run)
    }

    fn at_s(row: &Row) -> f64 {
        match row {
            Row::Interval(tick) => tick.t_s,
            Row::Sample(sample) => sample.t_s,
            _ => 0.0,
        }
    }

    fn is_of(row: &Row, whose: &str) -> bool {
        matches!(row, Row::Sample(sample) if sample.vantage == whose)
    }

    #[test]
    fn what_is_missing_is_told_with_what_it_narrows() {
        type Change = fn(&mut Vec<Row>);
        for (change, told, why) in [
            ((|_| {}) as Change, None, "a whole record"),
            (
                |rows| rows.retain(|r| at_s(r) < 2.0 || !matches!(r, Row::Interval(_))),
                Some("ends at 2.0 s of 5.0 s"),
                "cut short",
            ),
            (
                |rows| rows.retain(|r| !(1.0..1.6).contains(&at_s(r))),
                Some("from 1.0 s to 1.8 s are missing"),
                "a hole",
            ),
            (
                |rows| rows.retain(|r| !is_of(r, "target")),
                Some("no sample of target"),
                "a vantage absent",
            ),
            (
                |rows| rows.retain(|r| matches!(r, Row::Sample(_))),
                Some("no load is on record"),
                "no load",
            ),
            (
                |rows| {
                    let last = rows.len() - 1;
                    rows.swap(last, last - 3);
                },
                Some("stand out of order"),
                "shuffled",
            ),
        ] {
            let found = troubles(change);
            match told {
                None => assert_eq!(found, Vec::<String>::new(), "{why}"),
                Some(words) => assert!(found[0].contains(words), "{why}: {found:?}"),
            }
        }
    }
}
