//! Provides the weighing of failures against a level: mechanism (was it at its limit?), order (had it
//! got there before they began?), release (did they end when it left?).

use std::collections::BTreeSet;

use model::cause::Stance;

use crate::bracket::{Level, Seen, nobody_looked};
use crate::facts::{Candidate, Place, span};

/// The host's clock may be wrong by so much and the order of events on it still be told; beyond, order
/// is not tested (the flush of HTTPERR, which is the coarsest testimony, comes every 5 s).
pub(crate) const MOST_CLOCK_BOUND_S: f64 = 5.0;

/// Failures that outlive a release contradict once they are more than this share of those claimed:
/// chosen, so that a straggler does not undo two thousand.
const OUTLIVING_SHARE: f64 = 0.05;

/// Failures before the level was at its limit are stragglers while a tick had at most this share of
/// what a tick had there: chosen as the share above, for the same reason. A rate, not a sum, so that
/// refusals that began earlier for another reason stay early however long the level then lasted.
const EARLY_SHARE: f64 = 0.05;

/// What speaks for one failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// The host's own word covers it.
    Testified,
    /// Readings of a level do, or do not.
    Read(Seen),
    /// Another cause explains it, so it tells nothing of order or release.
    Elsewhere(Seen),
}

/// Failures that a hypothesis could explain, sorted by what the readings say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weighed {
    /// Explained: at the limit, and in order.
    pub(crate) claimed: Vec<Candidate>,
    /// At the limit by one side of a gap.
    pub(crate) unresolved: Vec<Candidate>,
    /// Not at the limit.
    pub(crate) below: Vec<Candidate>,
    /// At the limit, yet of a row of failures that had begun before it was.
    pub(crate) out_of_order: Vec<Candidate>,
    /// Nothing was read near them.
    pub(crate) unread: Vec<Candidate>,
    /// At the limit, yet explained by another cause.
    pub(crate) elsewhere: Vec<Candidate>,
    /// Of `below`: those that went on, in the same row, after the level had left its limit.
    pub(crate) outliving: Vec<Candidate>,
}

/// Weighs candidates (in order of time). A silence longer than `pause_s` ends a row of failures; a
/// failure outlives the release when `release_s` have passed since the last that was explained.
pub(crate) fn weigh(
    candidates: &[Candidate],
    pause_s: f64,
    release_s: f64,
    mut word: impl FnMut(&Candidate) -> Word,
) -> Weighed {
    let mut weighed = Weighed::default();
    for row in rows(candidates, pause_s) {
        let words: Vec<Word> = row.iter().map(&mut word).collect();
        weighed.row(row, &words, release_s);
    }
    weighed
}

/// The rows of failures that silences longer than `pause_s` part.
pub(crate) fn rows(candidates: &[Candidate], pause_s: f64) -> impl Iterator<Item = &[Candidate]> {
    let mut end_s = f64::NEG_INFINITY;
    candidates.chunk_by(move |one, next| {
        end_s = end_s.max(one.last_s);
        next.first_s <= end_s + pause_s
    })
}

/// What to do where failures came and went between two readings.
pub(crate) const MORE_OFTEN: &str = "they began and ended between two readings, and what was so meanwhile nobody saw: sample more often (observe.every)";

/// Failures of bursts that lie between two readings, where those two are as `suspect` has it.
pub(crate) fn unseen(
    levels: &[Level],
    candidates: &[Candidate],
    pause_s: f64,
    suspect: impl Fn(Level, Level) -> bool,
) -> BTreeSet<Place> {
    let bursts = rows(candidates, pause_s).filter(|burst| {
        let around = span(burst).and_then(|(from_s, to_s)| nobody_looked(levels, from_s, to_s));
        around.is_some_and(|(before, after)| suspect(before, after))
    });
    bursts.flatten().map(|c| c.place).collect()
}

/// Whether a row of failures had begun before the level was at its limit, stragglers aside.
fn began_below(row: &[Candidate], words: &[Word]) -> bool {
    let known = || row.iter().zip(words);
    let explains = |word: &Word| matches!(word, Word::Testified | Word::Read(Seen::AtLimit));
    let per_tick =
        |counts: Vec<u64>| counts.iter().sum::<u64>() as f64 / counts.len().max(1) as f64;
    let early = known().take_while(|(_, word)| !explains(word));
    let early = early.filter(|(_, word)| **word == Word::Read(Seen::Below));
    let there = known().filter(|(_, word)| **word == Word::Read(Seen::AtLimit));
    let early = per_tick(early.map(|(c, _)| c.count).collect());
    early > EARLY_SHARE * per_tick(there.map(|(c, _)| c.count).collect())
}

/// How many attempts these are.
pub(crate) fn attempts(candidates: &[Candidate]) -> u64 {
    candidates.iter().map(|c| c.count).sum()
}

impl Weighed {
    /// Sorts a row of failures in.
    fn row(&mut self, row: &[Candidate], words: &[Word], release_s: f64) {
        let out_of_order = began_below(row, words);
        let mut explained_s: Option<f64> = None;
        for (&candidate, word) in row.iter().zip(words) {
            match word {
                Word::Read(Seen::AtLimit) if out_of_order => self.out_of_order.push(candidate),
                Word::Testified | Word::Read(Seen::AtLimit) => {
                    let last_s = candidate.last_s;
                    explained_s = Some(explained_s.map_or(last_s, |s| s.max(last_s)));
                    self.claimed.push(candidate);
                }
                Word::Read(Seen::Unresolved) => self.unresolved.push(candidate),
                Word::Elsewhere(Seen::Below) => self.below.push(candidate),
                Word::Elsewhere(Seen::AtLimit) => self.elsewhere.push(candidate),
                Word::Elsewhere(_) | Word::Read(Seen::Unread) => self.unread.push(candidate),
                Word::Read(Seen::Below) => {
                    if explained_s.is_some_and(|s| candidate.first_s > s + release_s) {
                        self.outliving.push(candidate);
                    }
                    self.below.push(candidate);
                }
            }
        }
    }

    /// Where the evidence leaves the hypothesis, given the clock bound of the level's vantage.
    pub(crate) fn stance(&self, clock_bound_s: f64) -> Stance {
        if self.outlived() {
            return Stance::Contradicted;
        }
        match (self.claimed.first(), self.unresolved.first()) {
            (None, None) => {
                let against = [&self.below, &self.out_of_order, &self.elsewhere];
                match against.iter().all(|c| c.is_empty()) {
                    true => Stance::Untested,
                    false => Stance::Contradicted,
                }
            }
            (None, Some(_)) => Stance::Consistent,
            (Some(_), _) if clock_bound_s > MOST_CLOCK_BOUND_S => Stance::Consistent,
            (Some(first), Some(earlier)) if earlier.first_s < first.first_s => Stance::Consistent,
            (Some(_), _) => Stance::Supported,
        }
    }

    /// Whether failures outlived the release in numbers that contradict.
    pub(crate) fn outlived(&self) -> bool {
        let claimed = attempts(&self.claimed) as f64;
        !self.claimed.is_empty() && attempts(&self.outliving) as f64 > OUTLIVING_SHARE * claimed
    }

    /// What the hypothesis claims, in order of time: all that is explained, and what a gap leaves open.
    pub(crate) fn claims(&self) -> Vec<Candidate> {
        let mut claims: Vec<_> = self.claimed.iter().chain(&self.unresolved).copied().collect();
        claims.sort_by(|a, b| a.first_s.total_cmp(&b.first_s));
        claims
    }
}
