//! Judges the other targets of a farm. The record is of the first target and of its share of the load;
//! the others are judged beside it in the same way, and are told where their verdict is another.

use analysis::Timeline;
use lab::simulate::{Door, Look};
use model::cause::Cause;
use model::findings::Findings;
use model::row::{Interval, Row};
use model::run::RunInfo;
use observer::{PageOf, PageReader};
use scenarios::Scenario;

/// The vantage that a judgement takes for the target.
const TARGET: &str = "target";

/// One of them.
struct Other {
    /// What it is called: `target-2`.
    name: String,
    reader: PageReader,
    timeline: Timeline,
}

/// Targets beside the first.
pub struct Others(Vec<Other>);

impl Others {
    /// Nobody.
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// Those of a scenario.
    pub fn of(scenario: &Scenario, info: &RunInfo, started_unix_ns: i64) -> Self {
        let other = |host: usize| Other {
            name: format!("target-{}", host + 1),
            reader: PageReader::new(TARGET, started_unix_ns, None),
            timeline: Timeline::new(info),
        };
        Self((1..scenario.farm.targets()).map(other).collect())
    }

    /// A tick of the share of target `host`, which is not the first.
    pub fn tick(&mut self, host: usize, tick: Interval) {
        if let Some(other) = self.0.get_mut(host - 1) {
            other.timeline.push(&Row::Interval(tick));
        }
    }

    /// Takes in a look at a target beside the first; false where it is at another host.
    pub fn look(&mut self, look: &Look, page: fn(Door) -> PageOf) -> bool {
        let is_other = look.vantage.starts_with("target-");
        if let Some(other) = self.0.iter_mut().find(|other| other.name == look.vantage) {
            let pages =
                look.pages.iter().map(|(door, text)| (page(*door), door.source(), text.as_str()));
            let rows = other.reader.rows(look.t_ns as f64 / 1e9, pages);
            rows.iter().for_each(|row| other.timeline.push(row));
        }
        is_other
    }

    /// What is read of the generator is evidence for all.
    pub fn beside(&mut self, look: &Look, rows: &[Row]) {
        if look.vantage != TARGET {
            let all = self.0.iter_mut();
            all.for_each(|other| rows.iter().for_each(|row| other.timeline.push(row)));
        }
    }

    /// Which of them are judged otherwise than the first, a sentence each.
    pub fn judged_otherwise(&self, first: &Findings) -> Vec<String> {
        let causes = |findings: &Findings| -> Vec<Cause> {
            findings.verdict.causes.iter().map(|c| c.cause).collect()
        };
        let differs = |other: &Other| {
            let findings = other.timeline.findings();
            (causes(&findings) != causes(first))
                .then(|| format!("{}: {}", other.name, findings.verdict.sentence))
        };
        self.0.iter().filter_map(differs).collect()
    }
}

/// What the record of a farm is of; `None` without one.
pub fn note(scenario: &Scenario) -> Option<String> {
    let farm = &scenario.farm;
    let targets = match &farm.weights[..] {
        [_] => "Generators".to_owned(),
        weights => format!(
            "This is the first of {} targets behind a balancer, and attempts are those it was given, {} \
             of {}; generators",
            weights.len(),
            weights[0],
            weights.iter().sum::<u32>(),
        ),
    };
    (!farm.is_one()).then(|| {
        let (generators, addresses) = (farm.generators, farm.source_addresses);
        format!("{targets}: {generators}, source addresses of each: {addresses}.")
    })
}
