//! Judges `middlebox`: something between the hosts refused connections or reset them.
//!
//! Decisive: resets arrived that the target did not send. On Linux its counter of resets sent (Tcp
//! OutRsts) grew by fewer than one for every fifth failure; on Windows it was never given those
//! connections, or took them and still holds them while its counter of resets stands still; or another
//! source address was served at once while this one was refused.

mod windows;

use model::attempt::Failure;
use model::cause::Cause;
use model::units::format_count;

use super::burst::{self, Burst, Finding};
use super::{Judgement, Known, NO_LOAD, NOTHING_FAILED, Words};
use crate::bracket::{Seen, around};
use crate::facts::Facts;
use crate::kinds::{is_broken_off, is_refused, is_reset_early};
use crate::probes::{FRESH, OTHER_SOURCE, Shown};
use crate::store::{Counter, Reason, TARGET};
use crate::words::{at, count};

const CAUSE: Cause = Cause::Middlebox;

/// Resets that the target sent itself, for each failure: below it they came from elsewhere, above
/// [`OWN_SHARE`] they were its own. Chosen: a busy host sends stray resets.
const FOREIGN_SHARE: f64 = 0.2;
const OWN_SHARE: f64 = 0.8;

/// Fewer failures say nothing beside the connections that come and go while counters are read.
const LEAST_FAILURES: u64 = 5;

/// Rounds of probes in which another source was served at once.
const LEAST_ROUNDS: u64 = 2;

/// Connections that the host's idle timer closed, for each failure, from which the two are one story.
const IDLE_SHARE: f64 = 0.5;

/// A kept connection's idle timer on IIS as installed (connectionTimeout), seconds.
const IDLE_S: f64 = 120.0;

/// From this length on a record tells failures apart no more, seconds.
const LONGEST_CLASS_S: f64 = 6.9;

const COLLECT: &str = "who sent the resets was not read: on the target `nstat -az TcpOutRsts TcpPassiveOpens` (Linux) or `netstat -s -p tcp` (Windows) twice, and a capture on both sides (`pktmon start --capture`, `tcpdump 'tcp[tcpflags] & tcp-rst != 0'`)";

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, known: &Known) -> Judgement {
    if !facts.any_failure {
        return Judgement::untested(CAUSE, NOTHING_FAILED, None);
    }
    if !facts.load_was_made {
        return Judgement::untested(CAUSE, NO_LOAD, None);
    }
    let looks = |f: &Failure| is_refused(f) || is_reset_early(f) || is_broken_off(f);
    let mut candidates = known.left(facts.candidates(looks));
    candidates.retain_mut(|c| {
        c.count -= facts.matched.any(c.place).min(c.count);
        c.count > 0
    });
    if candidates.is_empty() {
        return Judgement::looks_otherwise(CAUSE, None);
    }
    let refused = candidates.iter().all(|c| is_refused(facts.failure(c)));
    let words = Words {
        who: "something between the hosts cut off",
        whom: "attempt",
        because: "they were refused or reset, and the target did neither".into(),
    };
    burst::judge(facts, CAUSE, &candidates, |burst| find(burst, refused), words)
}

fn find(burst: &Burst<'_>, refused: bool) -> Finding {
    let facts = burst.facts;
    let slack_s = facts.slack_s(TARGET);
    if burst.failures < LEAST_FAILURES {
        return Finding::Unread(format!(
            "{} are too few to be told from chance",
            count(burst.failures, "failure")
        ));
    }
    if around(&facts.absent, burst.from_s, burst.to_s, slack_s) == Seen::AtLimit {
        return Finding::Against("nothing listened on the target meanwhile".into());
    }
    if let Some(idle) = idle_race(burst).filter(|_| !refused) {
        return Finding::Against(idle);
    }
    if let Some(sent) = burst.rise(TARGET, Counter::ResetsSent) {
        return by_resets(burst, sent);
    }
    by_probes(burst).unwrap_or_else(|| windows::find(burst, refused))
}

/// Linux counts the resets that it sends.
fn by_resets(burst: &Burst<'_>, sent: f64) -> Finding {
    let n = count(burst.failures, "failure");
    let told = format!(
        "the target sent {} resets (Tcp OutRsts) between {} and {}, beside {n}",
        format_count(sent as u64),
        at(burst.from_s),
        at(burst.to_s)
    );
    if sent < FOREIGN_SHARE * burst.failures as f64 {
        return Finding::Shown(vec![format!("{told}: they came from somewhere else")]);
    }
    if sent >= OWN_SHARE * burst.failures as f64 {
        return Finding::Against(format!("{told}: it sent them itself"));
    }
    Finding::Unread(format!("{told}: neither its own alone nor somebody else's alone; {COLLECT}"))
}

fn by_probes(burst: &Burst<'_>) -> Option<Finding> {
    let other = burst.probes().showing(&[(FRESH, Shown::Refused), (OTHER_SOURCE, Shown::Served)]);
    (other >= LEAST_ROUNDS).then(|| {
        Finding::Shown(vec![format!(
            "in {} a fresh connect was refused while one from another source address was served at once: a host that refuses does not look at the source",
            count(other, "probe round")
        )])
    })
}

/// Requests on kept connections that met the host's idle timer: they failed about as long after their
/// connection was made as that timer takes.
fn idle_race(burst: &Burst<'_>) -> Option<String> {
    let profile = burst.facts.run.target.profile.as_deref().and_then(host::profile);
    let idle_s = profile.map_or(IDLE_S, |p| p.idle_timeout_s.value) / burst.facts.time_scale();
    if burst.took_s < idle_s.min(LONGEST_CLASS_S) {
        return None;
    }
    let rows = burst.facts.store.log.rows_of(Reason::TimerConnectionIdle);
    let bound_s = burst.facts.clock_bound_s(TARGET) + 1.5;
    let near = rows
        .iter()
        .filter(|s| s.to_s >= burst.from_s - bound_s && s.from_s <= burst.to_s + bound_s);
    let idle: u64 = near.map(|s| s.rows).sum();
    (idle as f64 >= IDLE_SHARE * burst.failures as f64).then(|| {
        format!(
            "HTTPERR counts {} of Timer_ConnectionIdle at that time, beside {}: requests met a connection that the host was closing as idle; let clients keep theirs for less long than the host does",
            count(idle, "row"),
            count(burst.failures, "failure")
        )
    })
}
