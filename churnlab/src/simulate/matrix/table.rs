//! Provides the confusion table: what failures were really due to, against what they were put down to.

use std::collections::BTreeMap;
use std::fmt::Write;

use lab::simulate::Truth;
use model::cause::Cause;

use super::case::Outcome;

/// Due to nothing that is a cause by its name.
const OTHER: &str = "other";

fn named(truth: Truth) -> &'static str {
    truth.map_or(OTHER, Cause::as_str)
}

/// Runs by what was really so and what was said.
#[derive(Debug, Default)]
pub struct Confusion {
    /// By true cause, `none` for a run without a failure; then by what it was put down to.
    cells: BTreeMap<(String, String), u64>,
    runs: u64,
    wrong: u64,
    missed: u64,
}

/// Nothing failed, or nothing was named.
const NONE: &str = "none";
/// Failures put down to nothing.
const UNEXPLAINED: &str = "unexplained";

impl Confusion {
    /// The table of these runs.
    pub fn of<'o>(outcomes: impl IntoIterator<Item = &'o Outcome>) -> Self {
        let mut confusion = Self::default();
        outcomes.into_iter().for_each(|outcome| confusion.add(outcome));
        confusion
    }

    fn add(&mut self, outcome: &Outcome) {
        self.runs += 1;
        self.wrong += u64::from(!outcome.wrong().is_empty());
        self.missed += u64::from(!outcome.missed().is_empty());
        if outcome.truth.is_empty() {
            return self.clean(outcome);
        }
        for cause in outcome.truth.keys() {
            let said = match cause.filter(|cause| outcome.found.contains_key(cause)) {
                Some(cause) => cause.as_str(),
                None => UNEXPLAINED,
            };
            self.count(named(*cause), said);
        }
        for wrong in outcome.wrong() {
            let real: Vec<&str> = outcome.truth.keys().map(|truth| named(*truth)).collect();
            self.count(&real.join("+"), wrong.as_str());
        }
    }

    fn clean(&mut self, outcome: &Outcome) {
        match (outcome.found.is_empty(), outcome.unexplained) {
            (true, 0) => self.count(NONE, NONE),
            (true, _) => self.count(NONE, UNEXPLAINED),
            (false, _) => outcome.found.keys().for_each(|cause| self.count(NONE, cause.as_str())),
        }
    }

    fn count(&mut self, real: &str, said: &str) {
        *self.cells.entry((real.to_owned(), said.to_owned())).or_default() += 1;
    }

    /// The table as text: a row for each true cause, a numbered column for each answer.
    pub fn text(&self) -> String {
        let (real, said) = (self.names(|cell| &cell.0), self.names(|cell| &cell.1));
        let mut out = format!("{:<32}", "really \\ said");
        for column in &said {
            let _ = write!(out, "{:>6}", number(column));
        }
        out.push('\n');
        for row in &real {
            let _ = write!(out, "{:>4} {row:<27}", number(row));
            for column in &said {
                let n = self.cells.get(&((*row).to_owned(), (*column).to_owned()));
                let _ = write!(out, "{:>6}", n.map_or_else(|| "·".into(), u64::to_string));
            }
            out.push('\n');
        }
        let Self { runs, wrong, missed, .. } = self;
        let _ = writeln!(
            out,
            "- : nothing failed, or nothing was named; ? : put down to nothing; o : due to nothing that \
             is a cause by its name\n{runs} runs: {wrong} with a wrong accusation, {missed} in which a \
             cause of more than 5 % of the failures was not named"
        );
        out
    }

    fn names(&self, of: impl Fn(&(String, String)) -> &String) -> Vec<&str> {
        let mut names: Vec<&str> = self.cells.keys().map(|cell| of(cell).as_str()).collect();
        names.sort_by_key(|name| (*name == UNEXPLAINED, place(name), *name));
        names.dedup();
        names
    }
}

fn place(name: &str) -> Option<usize> {
    Cause::ALL.iter().position(|cause| cause.as_str() == name)
}

/// A column's head: the number of its cause in the order of reports.
fn number(name: &str) -> String {
    match name {
        NONE => "-".into(),
        UNEXPLAINED => "?".into(),
        OTHER => "o".into(),
        _ => place(name).map_or_else(|| "+".into(), |at| (at + 1).to_string()),
    }
}
