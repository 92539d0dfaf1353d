//! Provides the episodes of refusals: rows with silence around them, each with the host's age and how
//! it ended.

use crate::Gathered;
use crate::history::{Boot, age_s};
use crate::tally::Refused;

/// A silence that begins a new episode, seconds. Chosen: within an outage clients come more often than
/// once an hour.
const SILENCE_S: i64 = 3600;
/// A boot so soon after the last row ended the episode, seconds. Chosen: somebody drives in and reboots
/// within a night; the next leak takes days.
const ENDED_S: f64 = 12.0 * 3600.0;

/// One outage as the error log shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Episode {
    /// Stamp of its first row, seconds since 1970 UTC.
    pub first_s: i64,
    /// Stamp of its last row.
    pub last_s: i64,
    /// Rows.
    pub rows: u64,
    /// The sum of N.
    pub n: u64,
    /// How long the host had been up at its first row, seconds, and how far that may be wrong; `None`
    /// where no boot before it is known, or where an earlier episode stands between the two.
    pub age_s: Option<(f64, f64)>,
    /// The boot that ended it: how long after its last row, seconds; `None` where none is known.
    pub booted_after_s: Option<f64>,
    /// The silence before it, seconds; `None` for the first.
    pub silence_s: Option<i64>,
}

/// The episodes, in order of time.
pub(crate) fn episodes(g: &Gathered) -> Vec<Episode> {
    let refusals = g.tally.as_ref().map_or_else(Vec::new, |tally| tally.refusals());
    split(&refusals, &g.boots)
}

fn split(refusals: &[Refused], boots: &[Boot]) -> Vec<Episode> {
    let booted = |from: i64, to: i64| {
        boots.iter().any(|boot| (from as f64) < boot.unix_s && boot.unix_s <= to as f64)
    };
    let mut episodes: Vec<Episode> = Vec::new();
    for refused in refusals {
        let at_s = refused.unix_s;
        match episodes.last_mut() {
            Some(last) if at_s - last.last_s < SILENCE_S && !booted(last.last_s, at_s) => {
                (last.last_s, last.rows, last.n) =
                    (at_s, last.rows + refused.rows, last.n.saturating_add(refused.n));
            }
            last => {
                let before_s = last.map(|last| last.last_s);
                // What refused before and was not restarted since has not begun anew.
                let goes_on = before_s.is_some_and(|before_s| !booted(before_s, at_s));
                episodes.push(Episode {
                    first_s: at_s,
                    last_s: at_s,
                    rows: refused.rows,
                    n: refused.n,
                    age_s: age_s(boots, at_s as f64).filter(|_| !goes_on),
                    booted_after_s: None,
                    silence_s: before_s.map(|before_s| at_s - before_s),
                });
            }
        }
    }
    for at in 0..episodes.len() {
        let last_s = episodes[at].last_s as f64;
        let next_s = episodes.get(at + 1).map_or(f64::INFINITY, |next| next.first_s as f64);
        let boot = boots.iter().find(|b| b.unix_s > last_s && b.unix_s < next_s);
        let after_s = boot.map(|boot| boot.unix_s - last_s);
        episodes[at].booted_after_s = after_s.filter(|after_s| *after_s <= ENDED_S);
    }
    episodes
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_S: i64 = 86_400;

    fn row(unix_s: i64) -> Refused {
        Refused { unix_s, rows: 1, n: 2 }
    }

    fn boot(unix_s: i64) -> Boot {
        let unix_s = unix_s as f64;
        Boot { unix_s, bound_s: 0.0, told_by: "6005".into(), unexpected: false, asked: false }
    }

    #[test]
    fn silence_or_a_boot_begins_an_episode_and_a_boot_ends_it() {
        let rows = [
            row(4 * DAY_S),
            row(4 * DAY_S + 600),
            row(4 * DAY_S + 2_000),
            row(9 * DAY_S),
            row(9 * DAY_S + 7_200),
        ];
        let boots = [boot(0), boot(4 * DAY_S + 1_000), boot(4 * DAY_S + 5_000)];
        let told: Vec<_> = split(&rows, &boots)
            .iter()
            .map(|e| {
                (e.first_s, e.n, e.age_s.map(|(s, _)| s as i64), e.booted_after_s, e.silence_s)
            })
            .collect();
        let day_5_s = 9 * DAY_S - 4 * DAY_S - 5_000;
        assert_eq!(
            told,
            [
                (4 * DAY_S, 4, Some(4 * DAY_S), Some(400.0), None),
                (4 * DAY_S + 2_000, 2, Some(1_000), Some(3_000.0), Some(1_400)),
                (9 * DAY_S, 2, Some(day_5_s), None, Some(5 * DAY_S - 2_000)),
                (9 * DAY_S + 7_200, 2, None, None, Some(7_200)),
            ],
            "the last goes on where the one before stopped: nobody restarted the host"
        );
    }

    #[test]
    fn without_boots_nothing_is_said_of_age_or_end() {
        let episodes = split(&[row(0), row(5)], &[]);
        assert_eq!(episodes.len(), 1);
        assert_eq!((episodes[0].age_s, episodes[0].booted_after_s), (None, None));
        assert_eq!((episodes[0].rows, episodes[0].n, episodes[0].last_s), (2, 4, 5));
    }
}
