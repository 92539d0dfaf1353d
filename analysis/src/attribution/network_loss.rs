//! Judges `network-loss`: packets were lost on the way.
//!
//! Decisive: SYNs were sent again (TcpExt TCPSynRetrans of the generator) at least once for every second
//! attempt that timed out, and what was open already suffered too: data was sent again (at least 5 % of
//! the SYNs that were), the connection opened before the load was slow or silent, or no port of the target
//! answered; while the target was alive and lost nothing at its listener. SYNs alone are lost at the host
//! or at a filter before it.

use model::attempt::Failure;
use model::cause::Cause;
use model::units::format_count;

use super::burst::{self, Burst, Finding};
use super::{Judgement, Known, NO_LOAD, NOTHING_FAILED, Words};
use crate::facts::Facts;
use crate::kinds::{is_answer_timeout, is_connect_timeout};
use crate::probes::{FRESH, OLD, OTHER_PORT, Shown};
use crate::signs;
use crate::store::{Counter, GENERATOR, TARGET};
use crate::words::{at, count};

const CAUSE: Cause = Cause::NetworkLoss;

/// SYNs or data sent again, for each attempt that timed out. Chosen: each of them has sent one at least,
/// and samples begin and end within a burst.
const LEAST_RESENT_PER_FAILURE: f64 = 0.5;

/// Data that was sent again, as a share of the SYNs that were, from which the path suffers as a whole.
/// Chosen: loss that strikes all packets alike strikes data too; stray retransmissions are below it.
const LEAST_DATA_SHARE: f64 = 0.05;

/// An answer on an open connection within this time met no loss: the least retransmission time-out is
/// 200 ms on Linux and 300 ms on Windows.
const UNHURT_US: u64 = 190_000;

/// Attempts that were given up within this time may have been so before a SYN was sent again: the class
/// of failures that ends here begins at 0.9 s, the first SYN is sent again after 1 s.
const FIRST_RESENT_S: f64 = 2.9;

/// So many rounds in which neither the port under load nor another one answered say that nothing got
/// through: a filter or a backlog knows ports.
const SILENT_ROUNDS: u64 = 2;

/// So many rounds of probes say that the old connection suffered, or that it did not.
const LEAST_ROUNDS: u64 = 2;

const COLLECT: &str = "whether segments were sent again was not read: `nstat -az TcpExtTCPSynRetrans TcpRetransSegs` on the generator twice (on Windows `netstat -s -p tcp`), and a request on a connection opened before";

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, known: &Known) -> Judgement {
    if !facts.load_was_made && facts.any_failure {
        return Judgement::untested(CAUSE, NO_LOAD, None);
    }
    if !facts.any_failure {
        return Judgement::untested(CAUSE, NOTHING_FAILED, signs::slow_connects(facts));
    }
    let looks = |f: &Failure| is_connect_timeout(f) || is_answer_timeout(f);
    let candidates = known.left(facts.candidates(looks));
    if candidates.is_empty() {
        return Judgement::looks_otherwise(CAUSE, signs::slow_connects(facts));
    }
    let words = Words {
        who: "the network lost packets of",
        whom: "attempt",
        because: "segments had to be sent again, new and old connections alike".into(),
    };
    let mut judged = burst::judge(facts, CAUSE, &candidates, find, words);
    if !judged.claims.is_empty() {
        judged.supporting.extend(signs::slow_connects(facts));
    }
    judged
}

/// What was sent again, and what probes showed.
struct Seen {
    syns: Option<f64>,
    data: Option<f64>,
    /// Rounds in which the old connection suffered, and in which it did not.
    old: (u64, u64),
    /// The same of fresh connects.
    fresh: (u64, u64),
    /// Rounds in which no port of the target answered.
    silent: u64,
}

impl Seen {
    fn of(burst: &Burst<'_>) -> Self {
        let syns = burst.rise(GENERATOR, Counter::SynRetransmits);
        let all = burst.rise(GENERATOR, Counter::Retransmits);
        let rounds = burst.probes();
        Self {
            syns,
            data: all.map(|all| (all - syns.unwrap_or(0.0)).max(0.0)),
            old: rounds.suffering(OLD, UNHURT_US),
            fresh: rounds.suffering(FRESH, UNHURT_US),
            silent: rounds.showing(&[(FRESH, Shown::Failed), (OTHER_PORT, Shown::Failed)]),
        }
    }

    /// Whether connections that were open already suffered too; `None` where nobody knows.
    fn path_suffers(&self) -> Option<bool> {
        if self.silent >= SILENT_ROUNDS {
            return Some(true);
        }
        let syns = self.syns.unwrap_or(0.0);
        let by_data = self.data.filter(|_| syns > 0.0).map(|data| data >= LEAST_DATA_SHARE * syns);
        let (bad, good) = self.old;
        let by_old = match (bad >= LEAST_ROUNDS || (bad > 0 && bad >= good), good >= LEAST_ROUNDS) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        match (by_data, by_old) {
            (None, None) => None,
            (data, old) => Some(data == Some(true) || old == Some(true)),
        }
    }

    /// Whether old connections and new ones alike went without an answer.
    fn all_suffer(&self) -> bool {
        let mostly = |(bad, good): (u64, u64)| bad > 0 && bad >= good;
        mostly(self.old) && mostly(self.fresh)
    }
}

fn find(burst: &Burst<'_>) -> Finding {
    let seen = Seen::of(burst);
    let n = count(burst.failures, "failure");
    let enough = |sent: Option<f64>| {
        sent.is_some_and(|s| s >= LEAST_RESENT_PER_FAILURE * burst.failures as f64)
    };
    if seen.syns.is_none() && seen.data.is_none() {
        return Finding::Unread(COLLECT.into());
    }
    if !enough(seen.syns) && !enough(seen.data) {
        if seen.all_suffer() && burst.target_is_alive() {
            return Finding::Shown(sentences(burst, &seen));
        }
        if burst.took_s <= FIRST_RESENT_S {
            return Finding::Unread(format!(
                "{n} were given up before a SYN is sent again (after 1 s), so nothing shows whether they were lost: give connects 3 s and more, and switch probes on"
            ));
        }
        return Finding::Against(format!(
            "around {n} {} SYNs and {} other segments were sent again: nothing was lost on the way",
            format_count(seen.syns.unwrap_or(0.0) as u64),
            format_count(seen.data.unwrap_or(0.0) as u64)
        ));
    }
    match seen.path_suffers() {
        None => Finding::Unread(
            "whether connections that were open already suffered too was not read: switch probes on".into(),
        ),
        Some(false) => Finding::Against(format!(
            "around {n} {} SYNs were sent again, yet hardly any data ({} segments), and the connection opened before the load was served in {}: what is lost is lost at the host or at a filter, not on the way",
            format_count(seen.syns.unwrap_or(0.0) as u64),
            format_count(seen.data.unwrap_or(0.0) as u64),
            count(seen.old.1, "probe round")
        )),
        Some(true) if !burst.target_is_alive() => Finding::Unread(
            "the target gave no reading meanwhile, so whether it was gone or the way to it was is not known: watch it by a way of its own".into(),
        ),
        Some(true) => Finding::Shown(sentences(burst, &seen)),
    }
}

fn sentences(burst: &Burst<'_>, seen: &Seen) -> Vec<String> {
    let mut all = vec![format!(
        "the generator sent {} SYNs and {} other segments again between {} and {}, beside {}",
        format_count(seen.syns.unwrap_or(0.0) as u64),
        format_count(seen.data.unwrap_or(0.0) as u64),
        at(burst.from_s),
        at(burst.to_s),
        count(burst.failures, "failure")
    )];
    if seen.old.0 > 0 {
        all.push(format!(
            "the connection opened before the load suffered too, in {} of {}",
            seen.old.0,
            count(seen.old.0 + seen.old.1, "probe round")
        ));
    }
    if seen.silent > 0 {
        let n = count(seen.silent, "probe round");
        all.push(format!("in {n} no port of the target answered, not even one without load"));
    }
    if seen.fresh.0 > 0 {
        let n = count(seen.fresh.0, "probe round");
        all.push(format!("in {n} a fresh connect was slow or silent as well"));
    }
    all.push(match burst.rise(TARGET, Counter::ListenOverflows) {
        Some(_) => "the target was alive meanwhile, and lost nothing at its listener".into(),
        None => "the target was alive meanwhile: its witness went on reading".into(),
    });
    all
}
