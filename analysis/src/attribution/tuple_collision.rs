//! Judges `tuple-collision`: SYNs met a TIME_WAIT of their own 4-tuple on the target and were ignored.
//!
//! Decisive: the target's kernel passed over segments for a TIME_WAIT (TcpExt TCPACKSkippedTimeWait) in the
//! time of connects that timed out, at least one for every fifth of them; or the opener's own word (Tcpip
//! 4227). Without either: connects from fresh ports, by probes, were served so often that chance does not
//! explain it, while those of the load timed out: they differ in their source ports alone.

use model::cause::Cause;
use model::os_event::Meaning;
use model::units::format_count;

use super::burst::{self, Burst, Finding};
use super::{Judgement, Known, NOTHING_FAILED, Words};
use crate::facts::Facts;
use crate::kinds::is_connect_timeout;
use crate::probes::{FRESH, OTHER_SOURCE, Shown};
use crate::store::{Counter, GENERATOR, TARGET};
use crate::words::{at, count};

const CAUSE: Cause = Cause::TupleCollision;

/// Segments passed over, for each attempt that timed out. Chosen: each such attempt was counted once
/// (Linux 6.18, measured), and the kernel counts at most one in half a second per entry.
const LEAST_SKIPPED_PER_FAILURE: f64 = 0.2;

/// So unlikely must it be that probes met another fate than the load by chance.
const BY_CHANCE: f64 = 0.01;

/// Fewer rounds of probes say nothing.
const LEAST_ROUNDS: u64 = 3;

const COLLECT: &str = "whether their ports were still in TIME_WAIT on the target was not read: on Linux `nstat -az TcpExtTCPACKSkippedTimeWait` on the target twice; on a Windows client Tcpip 4227 in its System log; `netstat -an | find \"TIME_WAIT\"` on the target against the source ports that failed";

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, known: &Known) -> Judgement {
    if !facts.any_failure {
        return Judgement::untested(CAUSE, NOTHING_FAILED, None);
    }
    let candidates = known.left(facts.candidates(is_connect_timeout));
    if candidates.is_empty() {
        return Judgement::looks_otherwise(CAUSE, None);
    }
    let words = Words {
        who: "the target did not answer",
        whom: "connect",
        because: "their source ports were still in TIME_WAIT on it from connections before".into(),
    };
    burst::judge(facts, CAUSE, &candidates, find, words)
}

fn find(burst: &Burst<'_>) -> Finding {
    let n = count(burst.failures, "connect");
    let skipped = burst.rise(TARGET, Counter::SkippedTimeWait);
    if let Some(skipped) =
        skipped.filter(|s| *s >= LEAST_SKIPPED_PER_FAILURE * burst.failures as f64)
    {
        let mut sentences = vec![format!(
            "the target's kernel passed over {} segments that met a TIME_WAIT (TCPACKSkippedTimeWait) between {} and {}, while {n} timed out",
            format_count(skipped as u64),
            at(burst.from_s),
            at(burst.to_s)
        )];
        sentences.extend(fresh(burst));
        return Finding::Shown(sentences);
    }
    if said(burst) {
        let mut sentences = vec![format!(
            "the generator's own word: its connects met TIME_WAIT of their own ports (Tcpip 4227), while {n} timed out"
        )];
        sentences.extend(fresh(burst));
        return Finding::Shown(sentences);
    }
    if let Some(skipped) = skipped {
        return Finding::Against(format!(
            "the target's kernel passed over {} segments for a TIME_WAIT while {n} timed out",
            format_count(skipped as u64)
        ));
    }
    by_probes(burst)
}

fn said(burst: &Burst<'_>) -> bool {
    let events = &burst.facts.store.os_events;
    let Some(said) = events.said(GENERATOR, Meaning::TimeWaitCollision) else { return false };
    let reach_s = said.bound_s + burst.facts.slack_s(GENERATOR);
    let mut all = said.all().iter();
    all.any(|s| s.from_s - reach_s <= burst.to_s && s.to_s + reach_s >= burst.from_s)
}

/// What connects from fresh ports showed meanwhile.
fn fresh(burst: &Burst<'_>) -> Option<String> {
    let served = burst.probes().showing(&[(FRESH, Shown::Served)]);
    (served > 0).then(|| {
        let n = count(served, "probe round");
        format!("in {n} a connect from a port that had rested was served meanwhile")
    })
}

fn by_probes(burst: &Burst<'_>) -> Finding {
    let rounds = burst.probes();
    let served = rounds.showing(&[(FRESH, Shown::Served)]);
    let failed =
        rounds.showing(&[(FRESH, Shown::Failed)]) + rounds.showing(&[(FRESH, Shown::Refused)]);
    if served + failed < LEAST_ROUNDS {
        return Finding::Unread(COLLECT.into());
    }
    if failed > 0 {
        return Finding::Against(format!(
            "in {} a connect from a port that had rested failed as well",
            count(failed, "probe round")
        ));
    }
    let (begun, _) = burst.load();
    let share = burst.failures as f64 / begun.max(1) as f64;
    let chance = (1.0 - share.min(1.0)).powf(served as f64);
    let elsewhere = rounds.showing(&[(OTHER_SOURCE, Shown::Failed)]);
    let waiting = burst.near(TARGET).iter().filter_map(|r| r.tcp).map(|t| t.time_wait).max();
    if chance > BY_CHANCE || elsewhere > 0 || waiting.unwrap_or(0) == 0 {
        return Finding::Unread(COLLECT.into());
    }
    Finding::Likely(vec![format!(
        "{:.0} % of the load's connects timed out while in {} each connect from a port that had rested was served (by chance: {:.1} %), and the target holds up to {} TIME_WAIT: they differ in their source ports",
        100.0 * share,
        count(served, "probe round"),
        100.0 * chance,
        format_count(waiting.unwrap_or(0))
    )])
}
