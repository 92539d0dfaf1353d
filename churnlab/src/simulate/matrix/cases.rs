//! Provides the runs of the matrix: every story with other rates, sizes, profiles and refusal shapes,
//! seen more or less well, and its record distorted in every way.

use super::case::Case;
use super::dice::Dice;
use super::distort::Distortion;

/// Looks as often as anybody could wish, seconds.
const WELL_S: f64 = 0.25;
/// Other times between looks, seconds.
const RARELY_S: [f64; 5] = [1.0, 2.0, 5.0, 10.0, 30.0];
/// Looks that a run has at least; with fewer nothing could be told at all.
const LEAST_LOOKS: f64 = 8.0;
/// A run lasts about so long where it is looked at well, seconds.
const SHORT_S: (f64, f64) = (10.0, 20.0);
/// Runs of each story that are seen well.
const WELL_SEEN: usize = 6;
/// Runs of each story at each other time between looks.
const RARELY_SEEN: usize = 2;
/// Runs of each story with each distortion.
const DISTORTED: usize = 1;

/// A story: how one of its kind is drawn, given how long it should last.
pub struct Kind {
    /// Its name.
    pub story: &'static str,
    /// Draws what is changed.
    pub draw: fn(&mut Dice, f64) -> Vec<String>,
}

/// Every run, drawn from this seed.
pub fn cases(seed: u64) -> Vec<Case> {
    let mut dice = Dice::new(seed);
    let mut cases = Vec::new();
    for kind in super::stories::KINDS {
        let mut add = |every_s: f64, distortion: Distortion, runs: usize| {
            for _ in 0..runs {
                let least_s = every_s * LEAST_LOOKS;
                let lasts_s = dice.between(SHORT_S.0, SHORT_S.1).max(least_s);
                let mut sets = (kind.draw)(&mut dice, lasts_s);
                sets.push(format!("load.duration={lasts_s:.2}s"));
                sets.push(format!("observe.every={every_s}s"));
                let seed = dice.between(0.0, 1e9) as u64;
                let story = kind.story;
                cases.push(Case { story, sets, distortion, every_s, seed });
            }
        };
        add(WELL_S, Distortion::None, WELL_SEEN);
        RARELY_S.iter().for_each(|every_s| add(*every_s, Distortion::None, RARELY_SEEN));
        Distortion::ALL.iter().for_each(|distortion| add(WELL_S, *distortion, DISTORTED));
    }
    cases
}
