//! Provides [`Timeline`]: rows in, one by one; findings and curves out, at any moment.

use model::cause::Cause;
use model::findings::{Attempts, FailureLine, Findings, RunLine};
use model::row::Row;
use model::run::RunInfo;
use model::told::{Series, Told};

use crate::assign::{Share, assign};
use crate::attribution;
use crate::expect::differences;
use crate::facts::Facts;
use crate::forecast::Outlook;
use crate::resources::resources;
use crate::series::series;
use crate::store::{Store, Ticks};
use crate::validity::not_valid_because;
use crate::verdict::Grounds;

/// A record as far as it has been read. Rows of one kind come in order, kinds may be up to a round
/// apart, events may be late: the findings are the same in any order.
#[derive(Clone, Debug)]
pub struct Timeline {
    run: RunInfo,
    store: Store,
    outlook: Outlook,
}

impl Timeline {
    /// An empty timeline of this run.
    pub fn new(run: &RunInfo) -> Self {
        Self { run: run.clone(), store: Store::new(run), outlook: Outlook::new(run) }
    }

    /// Takes in one row.
    pub fn push(&mut self, row: &Row) {
        self.store.push(row);
        self.outlook.push(row);
    }

    /// What the rows mean so far.
    pub fn findings(&self) -> Findings {
        let witnessed;
        let store = match self.store.without_generator() {
            Some(judged) => {
                witnessed = judged;
                &witnessed
            }
            None => &self.store,
        };
        let facts = Facts::new(&self.run, store);
        let mut judgements = attribution::judge(&facts);
        let assignment = assign(&facts, &mut judgements);
        let not_valid_because = not_valid_because(&judgements);
        let is_pool = |s: &&Share| judgements[s.judgement].cause == Cause::NonpagedPool;
        let of_pool = assignment.shares.iter().find(is_pool);
        let resources = resources(&facts, of_pool.map(|s| s.from_s));
        let attempts = attempts(&self.store.ticks);
        let grounds = Grounds {
            facts: &facts,
            judgements: &judgements,
            assignment: &assignment,
            attempts,
            resources: &resources,
            valid: not_valid_because.is_empty(),
        };
        let verdict = grounds.verdict();
        Findings {
            format: 1,
            run: RunLine {
                scenario: self.run.scenario_name.clone(),
                ground: self.run.ground,
                seconds: facts.load_end_s(),
                claim: self.run.ground.claim().to_owned(),
            },
            valid: not_valid_because.is_empty(),
            not_valid_because,
            attempts,
            failures: failures(&store.ticks),
            verdict,
            hypotheses: judgements.iter().map(attribution::Judgement::hypothesis).collect(),
            resources,
            forecast: self.outlook.forecast(),
        }
    }

    /// What will run out, and how long TIME_WAIT was seen to last.
    pub fn outlook(&self) -> &Outlook {
        &self.outlook
    }

    /// The curves behind the findings, at most 2,000 points each, peaks and gaps kept.
    pub fn series(&self) -> Vec<Series> {
        series(&Facts::new(&self.run, &self.store))
    }
}

/// All that a report needs: `run` as it is to be told (it may carry more notes than the timeline's),
/// with the timeline's findings, its curves, and where they differ from what the run expects.
pub fn told(run: RunInfo, timeline: &Timeline) -> Told {
    let findings = timeline.findings();
    let unexpected = run.expect.as_ref().map_or_else(Vec::new, |e| differences(&findings, e));
    Told { run, findings, series: timeline.series(), unexpected }
}

/// The sums over all ticks; `None` without a generator.
fn attempts(ticks: &Ticks) -> Option<Attempts> {
    let mut sum = Attempts::default();
    for tick in &ticks.all {
        sum.offered += tick.offered;
        sum.begun += tick.begun;
        sum.served += tick.served;
        sum.failed += tick.failed;
        sum.not_sent += tick.not_sent;
    }
    sum.unfinished = sum.begun.saturating_sub(sum.served + sum.failed);
    (!ticks.all.is_empty()).then_some(sum)
}

/// Failures by kind, in order of first appearance.
fn failures(ticks: &Ticks) -> Vec<FailureLine> {
    let mut lines: Vec<FailureLine> = ticks
        .kinds
        .iter()
        .map(|kind| FailureLine {
            outcome: kind.outcome,
            phase: kind.phase,
            os: kind.os,
            os_code: kind.os_code,
            name: kind.name.clone(),
            count: 0,
            first_s: f64::INFINITY,
            last_s: f64::NEG_INFINITY,
        })
        .collect();
    for failure in ticks.all.iter().flat_map(|t| &t.failures) {
        let line = &mut lines[failure.kind];
        line.count += failure.count;
        line.first_s = line.first_s.min(failure.first_s);
        line.last_s = line.last_s.max(failure.last_s);
    }
    lines.sort_by(|a, b| a.first_s.total_cmp(&b.first_s));
    lines
}
