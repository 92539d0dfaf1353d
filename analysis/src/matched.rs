//! Provides the matching of failures with rows of the host's own logs, one for one: which of the host's
//! reasons stands for which failures, and how many of them.
//!
//! HTTP.sys writes one row for each request that it answers by itself or drops (KB820729), so a row
//! explains one failure at most, and rows of two reasons within one tick divide its failures between
//! them by their numbers.

use std::collections::BTreeMap;

use model::attempt::Failure;

use crate::facts::{Candidate, Facts, Place};
use crate::kinds::{is_503, is_answer_timeout, is_broken_off, reason_told, status};
use crate::store::{Reason, Span, TARGET};
use crate::weigh::rows;

/// A stamp has whole seconds: what it stands for happened within the second that it begins.
const STAMP_S: f64 = 1.0;

/// A client learns of it at once: the way back, and a busy generator, take less than this, seconds.
const CLIENT_S: f64 = 0.5;

/// Where rows stand for at least this share of a burst of failures, those within the same seconds that
/// have no row of their own belong to the same reason. Chosen: a log that is written in a hurry loses
/// rows, yet not the better half.
const MOSTLY: f64 = 0.5;

/// What the host says of one failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HostWord {
    /// A row of the HTTP.sys error log.
    Row(Reason),
    /// An answer of 503 in the web server's own log, with its sub-status.
    Answered503(u16),
}

/// Every host word that is matched one for one.
const ALL: &[HostWord] = &[
    HostWord::Row(Reason::QueueFull),
    HostWord::Row(Reason::ConnLimit),
    HostWord::Row(Reason::AppOffline),
    HostWord::Row(Reason::AppShutdown),
    HostWord::Row(Reason::Disabled),
    HostWord::Row(Reason::AppPoolTimer),
    HostWord::Row(Reason::NotAvailable),
    HostWord::Row(Reason::Abandoned),
    HostWord::Row(Reason::TimerQueue),
    HostWord::Row(Reason::TimerHeaderWait),
    HostWord::Row(Reason::TimerEntityBody),
    HostWord::Row(Reason::TimerMinBytesPerSecond),
    HostWord::Answered503(2),
    HostWord::Answered503(3),
    HostWord::Answered503(4),
];

impl HostWord {
    /// Whether a client may see a failure of this look for that reason.
    fn fits(self, failure: &Failure) -> bool {
        match self {
            Self::Answered503(_) => is_503(failure),
            Self::Row(reason) => match reason {
                Reason::Abandoned | Reason::TimerQueue => {
                    is_broken_off(failure) || is_answer_timeout(failure)
                }
                Reason::TimerHeaderWait
                | Reason::TimerEntityBody
                | Reason::TimerMinBytesPerSecond => {
                    is_broken_off(failure) || status(failure) == Some(408)
                }
                _ => is_503(failure),
            },
        }
    }

    /// Where only the host's own log counts a failure, its name tells the reason.
    fn is_named_by(self, failure: &Failure) -> bool {
        reason_told(failure).is_none_or(|told| match self {
            Self::Row(reason) => told == reason.phrase(),
            Self::Answered503(sub) => told.strip_prefix("503.") == Some(sub.to_string().as_str()),
        })
    }

    /// The rows of this word.
    pub(crate) fn rows(self, facts: &Facts<'_>) -> Vec<Span> {
        match self {
            Self::Row(reason) => facts.store.log.rows_of(reason).to_vec(),
            Self::Answered503(sub) => {
                facts.store.answers.spans(|status, s| (status, s) == (503, sub))
            }
        }
    }
}

/// Which words stand for which failures.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matched(BTreeMap<Place, Vec<(HostWord, u64)>>);

/// A row with what is left of it.
struct Row {
    word: HostWord,
    from_s: f64,
    to_s: f64,
    left: u64,
}

impl Matched {
    /// Matches every row with the failures of its time.
    pub(crate) fn of(facts: &Facts<'_>) -> Self {
        let mut matched = Self::default();
        let bound_s = if facts.load_was_made { facts.clock_bound_s(TARGET) } else { 0.0 };
        let mut all: Vec<Row> = Vec::new();
        for word in ALL {
            all.extend(word.rows(facts).into_iter().map(|span| Row {
                word: *word,
                from_s: span.from_s - bound_s,
                to_s: span.to_s + STAMP_S + CLIENT_S + bound_s,
                left: span.n,
            }));
        }
        if all.is_empty() {
            return matched;
        }
        all.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
        let candidates = facts.candidates(|f| ALL.iter().any(|word| word.fits(f)));
        let mut left: Vec<u64> = candidates.iter().map(|c| c.count).collect();
        for row in &mut all {
            matched.one(facts, row, &candidates, &mut left);
        }
        matched.rest(facts, &all, &candidates, &left);
        matched
    }

    /// Gives a row to the earliest failures of its time that have none yet.
    fn one(
        &mut self,
        facts: &Facts<'_>,
        row: &mut Row,
        candidates: &[Candidate],
        left: &mut [u64],
    ) {
        let begin = candidates.partition_point(|c| c.first_s < row.from_s - facts.longest_tick_s());
        for (candidate, left) in candidates[begin..].iter().zip(&mut left[begin..]) {
            if candidate.first_s > row.to_s || row.left == 0 {
                break;
            }
            let failure = facts.failure(candidate);
            let fits = candidate.last_s >= row.from_s
                && row.word.fits(failure)
                && row.word.is_named_by(failure);
            let count = row.left.min(*left);
            if fits && count > 0 {
                self.add(candidate.place, row.word, count);
                row.left -= count;
                *left -= count;
            }
        }
    }

    /// What has no row of its own within a burst that mostly has.
    fn rest(&mut self, facts: &Facts<'_>, all: &[Row], candidates: &[Candidate], left: &[u64]) {
        let longest_s = all.iter().map(|row| row.to_s - row.from_s).fold(0.0, f64::max);
        let mut at = 0;
        for burst in rows(candidates, facts.burst_pause_s()) {
            let left = &left[at..at + burst.len()];
            at += burst.len();
            let sum: u64 = burst.iter().map(|c| c.count).sum();
            let without: u64 = left.iter().sum();
            if without == 0 || ((sum - without) as f64) < MOSTLY * sum as f64 {
                continue;
            }
            for (candidate, left) in burst.iter().zip(left).filter(|(_, left)| **left > 0) {
                let failure = facts.failure(candidate);
                let begin = all.partition_point(|row| row.from_s < candidate.first_s - longest_s);
                let of_time = all[begin..].iter().take_while(|r| r.from_s <= candidate.last_s);
                let near = of_time
                    .filter(|row| row.to_s >= candidate.first_s)
                    .find(|row| row.word.fits(failure) && row.word.is_named_by(failure));
                if let Some(row) = near {
                    self.add(candidate.place, row.word, *left);
                }
            }
        }
    }

    fn add(&mut self, place: Place, word: HostWord, count: u64) {
        let words = self.0.entry(place).or_default();
        match words.iter_mut().find(|(known, _)| *known == word) {
            Some((_, sum)) => *sum += count,
            None => words.push((word, count)),
        }
    }

    /// How many failures of a place these words stand for.
    pub(crate) fn count(&self, place: Place, words: &[HostWord]) -> u64 {
        let all = self.0.get(&place).map_or(&[][..], Vec::as_slice);
        all.iter().filter(|(word, _)| words.contains(word)).map(|(_, count)| count).sum()
    }

    /// How many failures of a place any word stands for.
    pub(crate) fn any(&self, place: Place) -> u64 {
        self.0.get(&place).into_iter().flatten().map(|(_, count)| count).sum()
    }
}
