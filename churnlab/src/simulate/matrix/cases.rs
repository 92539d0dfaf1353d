//! Provides the runs of the matrix: every story with other rates, sizes, profiles and refusal shapes,
//! seen more or less well, and its record distorted in every way.

use super::case::Case;
use super::dice::Dice;
use super::distort::Distortion;
use super::{dilate, stories};

/// Looks as often as anybody could wish, seconds.
const WELL_S: f64 = 0.25;
/// Other times between looks, seconds.
const RARELY_S: [f64; 5] = [1.0, 2.0, 5.0, 10.0, 30.0];
/// Looks that a run has at least; with fewer nothing could be told at all.
const LEAST_LOOKS: f64 = 8.0;
/// A run lasts about so long where it is looked at well, seconds.
const SHORT_S: (f64, f64) = (10.0, 20.0);

/// How many runs of a kind there are.
#[derive(Clone, Copy, Debug)]
struct Share {
    /// Seen well.
    well: usize,
    /// At each other time between looks; of a told story at one of them.
    rarely: usize,
    /// With each distortion; of a told story with so many of them.
    distorted: usize,
}

/// Of a kind whose figures are drawn.
const DRAWN: Share = Share { well: 6, rarely: 1, distorted: 1 };
/// Of a story that is told with other rates and hosts only.
const TOLD: Share = Share { well: 2, rarely: 1, distorted: 3 };

/// Every run, drawn from this seed, `times` as many as are needed to see anything.
pub fn cases(seed: u64, times: usize) -> Vec<Case> {
    let mut dice = Dice::new(seed);
    let mut cases = Vec::new();
    for _ in 0..times {
        drawn(&mut dice, &mut cases);
        told(&mut dice, &mut cases);
    }
    cases
}

fn drawn(dice: &mut Dice, cases: &mut Vec<Case>) {
    for kind in stories::KINDS {
        let mut add = |every_s: f64, distortion: Distortion, runs: usize| {
            for _ in 0..runs {
                let lasts_s = dice.between(SHORT_S.0, SHORT_S.1).max(every_s * LEAST_LOOKS);
                let mut sets = (kind.draw)(dice, lasts_s);
                sets.push(format!("load.duration={lasts_s:.2}s"));
                let story = stories::text_of(kind.story);
                cases.push(case(story, sets, every_s, distortion, dice));
            }
        };
        add(WELL_S, Distortion::None, DRAWN.well);
        RARELY_S.iter().for_each(|every_s| add(*every_s, Distortion::None, DRAWN.rarely));
        Distortion::ALL.iter().for_each(|distortion| add(WELL_S, *distortion, DRAWN.distorted));
    }
}

fn told(dice: &mut Dice, cases: &mut Vec<Case>) {
    for story in stories::all() {
        let mut add = |every_s: f64, distortion: Distortion, dice: &mut Dice| {
            let sets = dilate::sets(&story, every_s * LEAST_LOOKS, dice);
            cases.push(case(story.clone(), sets, every_s, distortion, dice));
        };
        (0..TOLD.well).for_each(|_| add(WELL_S, Distortion::None, dice));
        for _ in 0..TOLD.rarely {
            add(dice.one(&RARELY_S), Distortion::None, dice);
        }
        for _ in 0..TOLD.distorted {
            add(WELL_S, dice.one(&Distortion::ALL), dice);
        }
    }
}

fn case(
    (name, text): (String, String),
    mut sets: Vec<String>,
    every_s: f64,
    distortion: Distortion,
    dice: &mut Dice,
) -> Case {
    sets.push(format!("observe.every={every_s}s"));
    sets.push("expect={cause=\"none\"}".into());
    let seed = dice.between(0.0, 1e9) as u64;
    Case { name, text, sets, distortion, every_s, seed }
}
