//! Defines a run of the matrix: which scenario, with which changes, seen how, and what came of it.

use std::collections::BTreeMap;

use analysis::Timeline;
use jiff::Timestamp;
use lab::simulate::Truth;
use model::cause::Cause;
use model::findings::Findings;
use model::row::Row;
use model::run::RunInfo;

use super::dice::Dice;
use super::distort::Distortion;
use crate::simulate::Simulated;

/// One run.
#[derive(Clone, Debug)]
pub struct Case {
    /// The story: a built-in one, or a file.
    pub name: String,
    /// What it says.
    pub text: String,
    /// What is changed, as `--set` takes it.
    pub sets: Vec<String>,
    /// What is done to its record before it is judged.
    pub distortion: Distortion,
    /// Time between looks, seconds.
    pub every_s: f64,
    /// Seed of what the distortion draws.
    pub seed: u64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The run.
    pub case: Case,
    /// Failed and not-sent attempts by what they were really due to.
    pub truth: BTreeMap<Truth, u64>,
    /// What they were put down to.
    pub found: BTreeMap<Cause, u64>,
    /// Put down to nothing.
    pub unexplained: u64,
    /// What was said.
    pub sentence: String,
}

impl Case {
    /// Plays, distorts and judges it. Panics where the scenario is wrong: the matrix is then.
    pub fn run(&self) -> Outcome {
        let (mut info, mut rows, truth) = self.record();
        self.distortion.act(&mut info, &mut rows, &mut Dice::new(self.seed));
        let findings = judged(&info, &rows);
        let causes = findings.verdict.causes.iter().map(|c| (c.cause, c.failures));
        Outcome {
            case: self.clone(),
            truth,
            found: causes.collect(),
            unexplained: findings.verdict.unexplained,
            sentence: findings.verdict.sentence,
        }
    }

    /// The record as it was made, and what it does not say.
    pub fn record(&self) -> (RunInfo, Vec<Row>, BTreeMap<Truth, u64>) {
        let scenario = match scenarios::read(&self.text, &self.name, &self.sets) {
            Ok(scenario) => scenario,
            Err(problems) => panic!("{}: {problems}", self.command()),
        };
        let started: Timestamp = "2026-11-21T06:00:00.25Z".parse().unwrap();
        let mut run = Simulated::new(&scenario, started).unwrap();
        let mut rows = Vec::new();
        while let Some(shown) = run.next_shown() {
            rows.extend(run.rows_of(shown));
        }
        (run.info().clone(), rows, run.truth().clone())
    }

    /// The arguments that play it again.
    pub fn command(&self) -> String {
        let sets: Vec<String> = self.sets.iter().map(|set| format!("--set '{set}'")).collect();
        format!("churnlab run {} --ground simulate {}", self.name, sets.join(" "))
    }
}

fn judged(info: &RunInfo, rows: &[Row]) -> Findings {
    let mut timeline = Timeline::new(info);
    rows.iter().for_each(|row| timeline.push(row));
    timeline.findings()
}

impl Outcome {
    /// Causes that were named and had no part in it.
    pub fn wrong(&self) -> Vec<Cause> {
        let really = |cause: &&Cause| self.truth.contains_key(&Some(**cause));
        self.found.keys().filter(|cause| !really(cause)).copied().collect()
    }

    /// Causes of more than a twentieth of the failures that were not named.
    pub fn missed(&self) -> Vec<Cause> {
        let all: u64 = self.truth.values().sum();
        let counts = |n: u64| n * 20 > all;
        let truth = self.truth.iter().filter(|(_, n)| counts(**n)).filter_map(|(cause, _)| *cause);
        truth.filter(|cause| !self.found.contains_key(cause)).collect()
    }

    /// Whether the run is seen as well as one can wish.
    pub fn is_well_seen(&self) -> bool {
        self.case.every_s <= 1.0 && self.case.distortion.is_none()
    }

    /// How to see it again, and what was said.
    pub fn told(&self) -> String {
        format!(
            "{} [{}, seed {}]\n    really {:?}\n    found  {:?}, {} unexplained\n    {}",
            self.case.command(),
            self.case.distortion.name(),
            self.case.seed,
            self.truth,
            self.found,
            self.unexplained,
            self.sentence,
        )
    }
}
