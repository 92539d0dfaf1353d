//! Provides the judgement of causes that are told by what else happened while attempts failed: each row
//! of failures without a silence is looked at as a whole, from the begin of its first attempt on.

use model::cause::{Cause, Stance};

use super::{Judgement, Words};
use crate::facts::{Candidate, Facts, span};
use crate::probes::Rounds;
use crate::store::{Counter, Reading, TARGET, Tick};
use crate::weigh::{MOST_CLOCK_BOUND_S, rows};

/// Connections that must stand established on the target beyond those before, to be a pile. Chosen: a
/// few come and go.
pub(super) const LEAST_STANDING: u64 = 5;

/// Failures without a silence between them.
pub(super) struct Burst<'a> {
    pub(super) facts: &'a Facts<'a>,
    /// When the first of them may have begun, and when the last had failed.
    pub(super) from_s: f64,
    pub(super) to_s: f64,
    pub(super) failures: u64,
    /// How long most of them took until they failed, seconds, at the most.
    pub(super) took_s: f64,
}

/// Why a clock that nobody knows leaves a cause unsure.
const CLOCK: &str = "the target's clock is not known well enough";

/// What a burst shows of a hypothesis.
pub(super) enum Finding {
    /// Its mechanism, and no competitor's.
    Shown(Vec<String>),
    /// What it would show, and a competitor might as well.
    Likely(Vec<String>),
    /// A reading that it cannot be.
    Against(String),
    /// Nothing: what to observe.
    Unread(String),
}

impl Burst<'_> {
    /// By how much a counter grew in this time.
    pub(super) fn rise(&self, vantage: &str, counter: Counter) -> Option<f64> {
        let near = self.near(vantage).iter().any(|r| r.counter(counter).is_some());
        near.then(|| self.facts.rise(vantage, counter, self.from_s, self.to_s)).flatten()
    }

    /// The readings of a vantage around this time.
    pub(super) fn near(&self, vantage: &str) -> &[Reading] {
        let slack_s = self.facts.slack_s(vantage);
        self.facts.within(vantage, self.from_s - slack_s, self.to_s + slack_s)
    }

    /// The probes of this time.
    pub(super) fn probes(&self) -> Rounds<'_> {
        Rounds::within(self.facts, self.from_s, self.to_s)
    }

    /// Attempts begun, and those served, in its ticks.
    pub(super) fn load(&self) -> (u64, u64) {
        self.ticks().fold((0, 0), |sum, t| (sum.0 + t.begun, sum.1 + t.served))
    }

    /// The most that one of its ticks served.
    pub(super) fn most_served_in_a_tick(&self) -> u64 {
        self.ticks().map(|t| t.served / u64::from(t.ticks.max(1))).max().unwrap_or(0)
    }

    fn ticks(&self) -> impl Iterator<Item = &Tick> {
        let all = &self.facts.store.ticks.all;
        let longest_s = self.facts.longest_tick_s();
        let first = all.partition_point(|t| t.t_s < self.from_s - longest_s);
        let within = all[first..].iter().take_while(|t| t.t_s <= self.to_s);
        within.filter(|t| t.end_s() >= self.from_s)
    }

    /// Connections established on the target before this time, and the most within it.
    pub(super) fn standing(&self) -> Option<(u64, u64)> {
        let slack_s = self.facts.slack_s(TARGET);
        let established = |r: &Reading| Some(r.tcp?.established);
        let earlier = self.facts.within(TARGET, f64::NEG_INFINITY, self.from_s - slack_s);
        let before = earlier.iter().rev().find_map(established)?;
        let within = self.near(TARGET).iter().filter(|r| r.t_s >= self.from_s);
        Some((before, within.filter_map(established).max()?))
    }

    /// Whether the target was read while it lasted: a host that still tells its counters is alive.
    pub(super) fn target_is_alive(&self) -> bool {
        let slack_s = self.facts.slack_s(TARGET);
        self.facts
            .store
            .of(TARGET)
            .iter()
            .any(|r| r.t_s >= self.from_s && r.t_s <= self.to_s + slack_s && r.holds_something())
    }
}

/// Judges every burst of these failures.
pub(super) fn judge(
    facts: &Facts<'_>,
    cause: Cause,
    candidates: &[Candidate],
    find: impl Fn(&Burst<'_>) -> Finding,
    words: Words,
) -> Judgement {
    let mut judged = Judgement::new(cause);
    let (mut shown, mut likely) = (Vec::new(), Vec::new());
    let (mut for_shown, mut for_likely, mut unread) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows(candidates, facts.pause_s()) {
        let Some((_, to_s)) = span(row) else { continue };
        let from_s = row.iter().map(|c| c.since_s).fold(f64::INFINITY, f64::min);
        let failures = row.iter().map(|c| c.count).sum();
        let took_s = row.iter().max_by_key(|c| c.count).map_or(0.0, |c| c.took_s);
        match find(&Burst { facts, from_s, to_s, failures, took_s }) {
            Finding::Shown(mut sentences) => {
                shown.extend(row);
                for_shown.append(&mut sentences);
            }
            Finding::Likely(mut sentences) => {
                likely.extend(row);
                for_likely.append(&mut sentences);
            }
            Finding::Against(sentence) => judged.against.push(sentence),
            Finding::Unread(sentence) => unread.push(sentence),
        }
    }
    let bound_s = facts.clock_bound_s(TARGET);
    if !shown.is_empty() {
        judged.stance = Stance::Supported;
        (judged.claims, judged.supporting, judged.words) = (shown, for_shown, words);
        if bound_s > MOST_CLOCK_BOUND_S {
            judged.stance = Stance::Consistent;
            judged.unsure = CLOCK;
            judged.supporting.push(format!("the target's clock is known to {bound_s:.1} s only, so which of its readings belong to these failures is not known"));
        }
    } else if !likely.is_empty() {
        judged.stance = Stance::Consistent;
        (judged.claims, judged.supporting, judged.words) = (likely, for_likely, words);
        judged.unsure = "it is what is left, and was not seen itself";
        // What contradicts it in another burst is no reason to doubt it in this one.
        judged.supporting.append(&mut judged.against);
    } else if judged.against.is_empty() {
        judged.untested_because = unread.into_iter().next();
    } else {
        judged.stance = Stance::Contradicted;
    }
    judged
}
