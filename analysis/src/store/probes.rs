//! Provides what probes came to, round by round; equal rounds are told as one once they are many.

use model::reading::ProbeResult;
use model::row::Sample;

use super::insert;
use crate::kinds::{is_refused, is_reset_early};

/// A request on a connection opened before the load.
pub(crate) const OLD: usize = 0;
/// A fresh connect from a port kept in reserve.
pub(crate) const FRESH: usize = 1;
/// A connect to another port of the same host.
pub(crate) const OTHER_PORT: usize = 2;
/// A fresh connect from another source address.
pub(crate) const OTHER_SOURCE: usize = 3;

/// What each is called in a record.
const NAMES: [&str; 4] = ["old-connection", "fresh-connect", "other-port", "other-source"];

/// Rounds kept one by one; beyond it equal neighbours are joined.
const MOST: usize = 8192;

/// A probe that took as long had a segment sent again: the first retransmission of a SYN comes after
/// 1 s (RFC 6298), clocks of timers being a tenth early at most.
pub(crate) const SLOW_US: u64 = 900_000;

/// What one probe came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Served,
    /// Refused or reset before an answer.
    Refused,
    /// Failed in another way, a time-out for one.
    Failed,
}

/// One probe's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Act {
    pub(crate) shown: Shown,
    pub(crate) took_us: u64,
}

/// Rounds of probes that came to the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProbeRound {
    pub(crate) t_s: f64,
    /// When the last of them was.
    pub(crate) until_s: f64,
    pub(crate) rounds: u64,
    /// By kind of probe, with the slowest time; `None` where it was not made.
    pub(crate) acts: [Option<Act>; NAMES.len()],
}

impl ProbeRound {
    /// Reduces a sample; `None` where it carries no probe.
    pub(crate) fn of(sample: &Sample) -> Option<Self> {
        if sample.probes.is_empty() {
            return None;
        }
        let acts = NAMES.map(|name| act(sample.probes.get(name)?));
        Some(Self { t_s: sample.t_s, until_s: sample.t_s, rounds: 1, acts })
    }

    /// What a probe came to.
    pub(crate) fn shown(&self, probe: usize) -> Option<Shown> {
        self.acts[probe].map(|act| act.shown)
    }

    fn joins(&self, other: &Self) -> bool {
        let told = |act: Option<Act>| act.map(|act| (act.shown, act.took_us >= SLOW_US));
        self.acts.iter().zip(other.acts).all(|(mine, theirs)| told(*mine) == told(theirs))
    }

    fn join(&mut self, other: &Self) {
        self.until_s = self.until_s.max(other.until_s);
        self.rounds += other.rounds;
        for (mine, theirs) in self.acts.iter_mut().zip(other.acts) {
            if let (Some(mine), Some(theirs)) = (mine, theirs) {
                mine.took_us = mine.took_us.max(theirs.took_us);
            }
        }
    }
}

fn act(result: &ProbeResult) -> Option<Act> {
    match result {
        ProbeResult::Served { took_us } => Some(Act { shown: Shown::Served, took_us: *took_us }),
        ProbeResult::Failed { failure, took_us } => {
            let refused = is_refused(failure) || is_reset_early(failure);
            let shown = if refused { Shown::Refused } else { Shown::Failed };
            Some(Act { shown, took_us: *took_us })
        }
        ProbeResult::Reopened => None,
    }
}

/// Takes in a round.
pub(crate) fn push(rounds: &mut Vec<ProbeRound>, round: ProbeRound) {
    insert(rounds, round, |r| r.t_s);
    if rounds.len() > MOST {
        join_equal(rounds);
    }
}

/// Joins equal neighbours of the older half; where they alternate for days, those that are far apart
/// are kept and every second of the others goes.
fn join_equal(rounds: &mut Vec<ProbeRound>) {
    let recent = rounds.split_off(rounds.len() / 2);
    let mut kept: Vec<ProbeRound> = Vec::with_capacity(MOST);
    for round in rounds.drain(..) {
        match kept.last_mut().filter(|last| last.joins(&round)) {
            Some(last) => last.join(&round),
            None => kept.push(round),
        }
    }
    if kept.len() > MOST / 4 {
        let mut at = 0;
        kept.retain(|_| {
            at += 1;
            at % 2 == 1
        });
    }
    kept.extend(recent);
    *rounds = kept;
}
