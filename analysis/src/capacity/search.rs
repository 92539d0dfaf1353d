//! Provides the search for the highest rate that is sustained: doubled or halved until one rate holds and
//! one does not, then halfway between the two until they are close.

use model::capacity::Means;

/// What came of one rate. Rates per second of run time.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The rate that was asked for.
    pub run_per_s: f64,
    /// Whether it was sustained.
    pub sustained: bool,
    /// Why not, or what was seen.
    pub because: String,
    /// Why the trial is not to be believed, where it is not.
    pub not_valid_because: Vec<String>,
    /// What was waited for before it.
    pub waited: String,
}

/// How the search is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// The first rate to try.
    pub start_per_s: f64,
    /// The two rates are close when they differ by no more than this share.
    pub precision: f64,
    /// Trials, at most.
    pub most: usize,
    /// Rates beyond this are not tried.
    pub most_per_s: f64,
    /// On which ground.
    pub means: Means,
}

/// What the search found. Rates per second of run time.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The highest rate that was sustained.
    pub sustained_per_s: Option<f64>,
    /// The lowest that was not.
    pub fails_at_per_s: Option<f64>,
    /// Every trial, in order.
    pub trials: Vec<Trial>,
    /// Why the search ended before the two were close, where it did.
    pub ended_early: Option<String>,
}

/// First the law's rate, then this far from it: where the law holds, two trials enclose it.
const FIRST_STEP: f64 = 1.1;

/// Steps grow until they are this large.
const LARGEST_STEP: f64 = 4.0;

/// Searches; `trial` makes one run at a rate. Fails only where a trial could not be made at all.
pub fn search<E>(plan: Plan, mut trial: impl FnMut(f64) -> Result<Trial, E>) -> Result<Found, E> {
    let mut found = Found {
        sustained_per_s: None,
        fails_at_per_s: None,
        trials: Vec::new(),
        ended_early: None,
    };
    let mut step = FIRST_STEP;
    let mut next = Some(plan.start_per_s);
    while let Some(rate) = next {
        if found.trials.len() >= plan.most {
            found.ended_early =
                Some(format!("{} trials were made, and no more were to be", plan.most));
            break;
        }
        let tried = trial(rate)?;
        let believed = tried.not_valid_because.is_empty();
        if believed && tried.sustained {
            found.sustained_per_s = Some(found.sustained_per_s.map_or(rate, |r| r.max(rate)));
        } else {
            found.fails_at_per_s = Some(found.fails_at_per_s.map_or(rate, |r| r.min(rate)));
        }
        if !believed {
            // Beyond the instrument's own limit nothing is learnt of the host.
            found.ended_early = Some(format!(
                "at {rate:.1}/s of run time the generator itself was the limit: {}",
                tried.not_valid_because.join("; ")
            ));
        }
        found.trials.push(tried);
        if found.ended_early.is_some() && found.sustained_per_s.is_some() {
            break;
        }
        next = following(&found, &plan, step);
        step = (step * step).min(LARGEST_STEP);
    }
    Ok(found)
}

/// The next rate; `None` where the two are close, or nothing is sustained at all.
fn following(found: &Found, plan: &Plan, step: f64) -> Option<f64> {
    match (found.sustained_per_s, found.fails_at_per_s) {
        (Some(holds), Some(fails)) => {
            (fails / holds > 1.0 + plan.precision).then(|| (holds * fails).sqrt())
        }
        (Some(holds), None) => {
            (holds < plan.most_per_s).then(|| (holds * step).min(plan.most_per_s))
        }
        (None, Some(fails)) => Some(fails / step).filter(|rate| *rate > plan.start_per_s / 1e4),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(limit: f64, start: f64, believed_below: f64) -> Found {
        let plan = Plan {
            start_per_s: start,
            precision: 0.01,
            most: 40,
            most_per_s: 1e7,
            means: Means::Simulation,
        };
        let trial = |run_per_s: f64| {
            let because = if run_per_s < believed_below { vec![] } else { vec!["cpu".to_owned()] };
            Ok::<_, ()>(Trial {
                run_per_s,
                sustained: run_per_s <= limit,
                because: String::new(),
                not_valid_because: because,
                waited: String::new(),
            })
        };
        search(plan, trial).unwrap()
    }

    #[test]
    fn the_highest_rate_is_enclosed_from_wherever_the_search_begins() {
        for (limit, start) in
            [(16.57, 16.57), (16.57, 17.0), (16.57, 100.0), (1000.0, 1.0), (3.0, 2.9)]
        {
            let found = found(limit, start, f64::INFINITY);
            let (holds, fails) = (found.sustained_per_s.unwrap(), found.fails_at_per_s.unwrap());
            assert!(holds <= limit && limit < fails, "{limit} from {start}: {holds} to {fails}");
            assert!(fails / holds <= 1.01 + 1e-9, "{limit} from {start}: {holds} to {fails}");
            assert!(
                found.trials.len() <= 20,
                "{limit} from {start}: {} trials",
                found.trials.len()
            );
            assert_eq!(found.ended_early, None);
        }
    }

    #[test]
    fn the_generators_own_limit_ends_the_search_and_is_said() {
        let found = found(1e6, 100.0, 400.0);
        assert!(found.sustained_per_s.unwrap() < 400.0);
        let why = found.ended_early.unwrap();
        assert!(why.contains("the generator itself was the limit: cpu"), "{why}");
    }

    #[test]
    fn where_nothing_is_sustained_the_search_gives_up() {
        let found = found(0.0, 100.0, f64::INFINITY);
        assert_eq!(found.sustained_per_s, None);
        assert!(found.fails_at_per_s.unwrap() < 1.0);
    }
}
