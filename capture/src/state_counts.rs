//! Provides the reader of tallies: how many sockets stand in which state, as people save it instead
//! of the list. Rows of `sort | uniq -c`, of `Group-Object State` (table, list and CSV) and of
//! `STATE: n`, the summary of `ss -s`, answers to `find /c`, and sentences that name two states or more with their counts.
//!
//! A tally names no port and no peer: who opened a TIME_WAIT is not told by it.

mod line;
mod sentence;

use std::collections::BTreeMap;

use model::reading::{TcpCounts, TcpState};

use self::line::Line;

/// One tally.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Its first line, from 1.
    pub line: usize,
    /// The last line of other text before it, such as a date that a script has written.
    pub before: Option<String>,
    /// Sockets by state; a state that is not named is not there.
    pub by_state: BTreeMap<TcpState, u64>,
}

impl Tally {
    /// The same as a witness counts them, without a port: TIME_WAIT have no owner in it.
    pub fn counts(&self) -> TcpCounts {
        TcpCounts { by_state: self.by_state.clone(), ..TcpCounts::default() }
    }
}

/// Tallies read of one text: beyond so many a script has written them, and the first tell its pace.
const TALLIES_MAX: usize = 10_000;

/// Reads the tallies of a text. One ends where a state comes again or other text stands between; a
/// sentence is a tally of its own. What is no tally is passed over.
pub fn parse(text: &str) -> Vec<Tally> {
    let mut tallies: Vec<Tally> = Vec::new();
    let (mut before, mut open, mut list) = (None, false, line::List::default());
    let mut lines = text.lines().enumerate().peekable();
    while let Some((at, line)) = lines.next() {
        let next = lines.peek().map_or("", |(_, next)| *next);
        let (counts, is_sentence) = match Line::of(line, next) {
            Line::Row(state, count) => (vec![(state, count)], false),
            Line::Listed(part) => (list.take(part).into_iter().collect(), false),
            Line::Asked(state, count) => {
                lines.next();
                (vec![(state, count)], false)
            }
            Line::Summary(counts) => (counts, false),
            Line::Sentence { counts, lines: of_lines } => {
                if of_lines > 1 {
                    lines.next();
                }
                (counts, true)
            }
            Line::Neutral => continue,
            Line::Other => {
                (before, open) = (Some(line.trim()), false);
                continue;
            }
        };
        let is_again = |last: &Tally| counts.iter().any(|(s, _)| last.by_state.contains_key(s));
        if counts.is_empty() {
            continue;
        }
        if tallies.len() == TALLIES_MAX {
            break;
        }
        if is_sentence || !open || tallies.last().is_none_or(is_again) {
            let before = before.take().map(str::to_owned);
            tallies.push(Tally { line: at + 1, before, by_state: BTreeMap::new() });
        }
        if let Some(last) = tallies.last_mut() {
            last.by_state.extend(counts);
        }
        open = !is_sentence;
    }
    tallies
}

/// Whether a line is a row of a tally, which looks like other things where it is longer.
pub(crate) fn is_row(line: &str) -> bool {
    line::row(line).is_some()
}

/// Whether a line is a command that counts a state, with its answer in the next line.
pub(crate) fn is_asked(line: &str, next: &str) -> bool {
    line::asked(line, next).is_some()
}

/// Whether a line, with the one behind it, is part of a tally; rows are left out.
pub(crate) fn is_told(line: &str, next: &str) -> bool {
    let found = Line::of(line, next);
    matches!(found, Line::Summary(_) | Line::Sentence { .. } | Line::Listed(line::Part::State(_)))
}

#[cfg(test)]
mod tests;
