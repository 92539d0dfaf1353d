//! Provides the question every level is asked: was it at its limit around a failure?

/// A reading reduced to whether the level was at its limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Level {
    pub(crate) t_s: f64,
    pub(crate) at_limit: bool,
}

/// What readings say about a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// At its limit: a reading within the slack says so, or those on both sides of a gap do.
    AtLimit,
    /// At its limit on one side of a gap only: it got there, or left, while nobody looked.
    Unresolved,
    /// Not at its limit, by readings within the slack on both sides.
    Below,
    /// No reading near enough to say.
    Unread,
}

/// Whether the level was at its limit at some moment of `from_s ..= to_s`, readings up to `slack_s`
/// outside counting as inside. `levels` are in order of time.
pub(crate) fn around(levels: &[Level], from_s: f64, to_s: f64, slack_s: f64) -> Seen {
    let first = levels.partition_point(|l| l.t_s < from_s - slack_s);
    let end = levels.partition_point(|l| l.t_s <= to_s + slack_s);
    let inside = &levels[first..end.max(first)];
    if inside.iter().any(|l| l.at_limit) {
        return Seen::AtLimit;
    }
    let near_before = inside.iter().any(|l| l.t_s <= from_s);
    let near_after = inside.iter().any(|l| l.t_s >= to_s);
    if near_before && near_after {
        return Seen::Below;
    }
    let before = first.checked_sub(1).map(|at| levels[at].at_limit);
    let after = levels.get(end).map(|l| l.at_limit);
    match (near_before, before, near_after, after) {
        (false, Some(true), false, Some(true)) => Seen::AtLimit,
        (false, Some(true), ..) | (_, _, false, Some(true)) => Seen::Unresolved,
        _ => Seen::Unread,
    }
}

/// What happens within a second is taken as one moment. Chosen: rounds are seldom further apart where
/// somebody watches an outage on purpose.
const MOMENT_S: f64 = 1.0;

impl Level {
    /// Neither this reading nor the other is at the limit.
    pub(crate) fn both_below(self, other: Self) -> bool {
        !self.at_limit && !other.at_limit
    }
}

/// The readings between which a row of failures lies, where nobody looked while it lasted and they are
/// further apart than a moment: what they show of the row itself is then only a guess.
pub(crate) fn nobody_looked(levels: &[Level], from_s: f64, to_s: f64) -> Option<(Level, Level)> {
    let next = levels.partition_point(|l| l.t_s < from_s);
    let (before, after) = (levels.get(next.checked_sub(1)?)?, levels.get(next)?);
    (after.t_s > to_s && after.t_s - before.t_s > MOMENT_S).then_some((*before, *after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_judged_by_the_readings_around_a_failure() {
        use Seen::{AtLimit, Below, Unread, Unresolved};
        let levels = |all: &[(f64, bool)]| -> Vec<Level> {
            all.iter().map(|&(t_s, at_limit)| Level { t_s, at_limit }).collect()
        };
        for (readings, seen, why) in [
            (&[(4.9, false), (5.2, true)][..], AtLimit, "reached within a sample of the failure"),
            (&[(4.9, false), (5.2, false)], Below, "readings on both sides say no"),
            (&[(3.0, true), (8.0, true)], AtLimit, "a gap between two readings at the limit"),
            (&[(3.0, false), (8.0, true)], Unresolved, "reached somewhere within a gap"),
            (&[(3.0, true), (8.0, false)], Unresolved, "left somewhere within a gap"),
            (&[(3.0, false), (8.0, false)], Unread, "a gap, and nobody knows what it hides"),
            (&[(4.9, false)], Unread, "the reading after is still to come"),
            (&[(4.9, false), (9.0, true)], Unresolved, "… or came late, and is at the limit"),
            (&[(8.0, true)], Unresolved, "readings began after the failure"),
            (&[], Unread, "no reading at all"),
        ] {
            assert_eq!(around(&levels(readings), 5.0, 5.1, 0.25), seen, "{why}");
        }
    }
}
