//! Provides the weighing of failures against a level: mechanism (was it at its limit?), order (had it
//! got there before they began?), release (did they end when it left?).

use model::cause::Stance;

use crate::bracket::Seen;
use crate::facts::Candidate;

/// The host's clock may be wrong by so much and the order of events on it still be told; beyond, order
/// is not tested (the flush of HTTPERR, which is the coarsest testimony, comes every 5 s).
pub(crate) const MOST_CLOCK_BOUND_S: f64 = 5.0;

/// Failures that outlive a release contradict once they are more than this share of those claimed:
/// chosen, so that a straggler does not undo two thousand.
const OUTLIVING_SHARE: f64 = 0.05;

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
    /// Explained by another cause, whatever the level was.
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
    let mut row_end_s = f64::NEG_INFINITY;
    let mut began_below = false;
    let mut explained_s: Option<f64> = None;
    for &candidate in candidates {
        if candidate.first_s > row_end_s + pause_s {
            (began_below, explained_s) = (false, None);
        }
        row_end_s = row_end_s.max(candidate.last_s);
        match word(&candidate) {
            Word::Read(Seen::AtLimit) if began_below => weighed.out_of_order.push(candidate),
            Word::Testified | Word::Read(Seen::AtLimit) => {
                explained_s = Some(explained_s.unwrap_or(row_end_s).max(candidate.last_s));
                weighed.claimed.push(candidate);
            }
            Word::Read(Seen::Unresolved) => weighed.unresolved.push(candidate),
            Word::Elsewhere(Seen::Below) => weighed.below.push(candidate),
            Word::Elsewhere(_) => weighed.elsewhere.push(candidate),
            Word::Read(Seen::Unread) => weighed.unread.push(candidate),
            Word::Read(Seen::Below) => {
                match explained_s {
                    None => began_below = true,
                    Some(s) if candidate.first_s > s + release_s => {
                        weighed.outliving.push(candidate);
                    }
                    Some(_) => {}
                }
                weighed.below.push(candidate);
            }
        }
    }
    weighed
}

/// How many attempts these are.
pub(crate) fn attempts(candidates: &[Candidate]) -> u64 {
    candidates.iter().map(|c| c.count).sum()
}

impl Weighed {
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

    /// What the hypothesis claims: all that is explained, and what a gap leaves open.
    pub(crate) fn claims(&self) -> Vec<Candidate> {
        self.claimed.iter().chain(&self.unresolved).copied().collect()
    }
}
