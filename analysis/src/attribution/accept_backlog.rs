//! Judges `accept-backlog`: the queue of completed connections that nobody accepts was full.
//!
//! Decisive on Linux: the target lost connections at its listener (TcpExt ListenOverflows, or
//! TCPReqQFullDrop for half-open ones) in the time of the failures, at least one for every second of
//! them; each attempt that fails there has sent a SYN or an ACK in vain. On Windows a full backlog answers
//! RST and counts nothing: there it takes a listener that is listed, a pool far from its gate, a silent
//! HTTPERR, connections that stand established and are not served, and an old connection that is.

use model::attempt::Failure;
use model::cause::Cause;
use model::units::format_count;

use super::burst::{self, Burst, Finding, LEAST_STANDING};
use super::{Judgement, Known, NOTHING_FAILED, Words};
use crate::bracket::{Seen, around};
use crate::facts::Facts;
use crate::kinds::{is_answer_timeout, is_connect_timeout, is_refused, is_reset_early};
use crate::probes::{FRESH, OLD, OTHER_SOURCE, Shown};
use crate::signs;
use crate::store::{Counter, Reason, TARGET};
use crate::testimony::reads_quiet;
use crate::words::{at, count};

const CAUSE: Cause = Cause::AcceptBacklog;

/// Connections that the listener lost, for each attempt that failed there. Chosen: an attempt that times
/// out has lost one at the least (two to four, measured), and samples begin and end within a burst.
const LEAST_LOST_PER_FAILURE: f64 = 0.5;

const COLLECT: &str = "whether the target's listener lost connections was not read: on Linux `nstat -az TcpExtListenOverflows TcpExtListenDrops` twice and `ss -ltn` (Recv-Q against Send-Q); on Windows `netstat -ano | find \":80 \"` for connections that stand ESTABLISHED";

const WORDS: Words =
    Words { who: "the target did not take", whom: "connection", because: String::new() };

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, known: &Known) -> Judgement {
    if !facts.any_failure {
        return Judgement::untested(CAUSE, NOTHING_FAILED, signs::slow_connects(facts));
    }
    let counts =
        facts.store.of(TARGET).iter().any(|r| r.counter(Counter::ListenOverflows).is_some());
    let looks = |f: &Failure| match counts {
        true => is_connect_timeout(f) || is_answer_timeout(f) || is_reset_early(f),
        false => is_refused(f),
    };
    let candidates = known.left(facts.candidates(looks));
    if candidates.is_empty() {
        return Judgement::looks_otherwise(CAUSE, signs::slow_connects(facts));
    }
    let because = "its queue of completed connections was full, and nobody took them".to_owned();
    let words = Words { because, ..WORDS };
    let find = |burst: &Burst<'_>| if counts { linux(burst) } else { windows(burst) };
    let mut judged = burst::judge(facts, CAUSE, &candidates, find, words);
    if !judged.claims.is_empty() {
        judged.supporting.extend(signs::slow_connects(facts));
    }
    judged
}

fn linux(burst: &Burst<'_>) -> Finding {
    let lost = |counter| burst.rise(TARGET, counter);
    let (Some(overflows), halves) = (lost(Counter::ListenOverflows), lost(Counter::SynQueueDrops))
    else {
        return Finding::Unread(COLLECT.into());
    };
    let sum = overflows + halves.unwrap_or(0.0);
    let n = count(burst.failures, "failure");
    let grew = format!(
        "the target lost {} connections at its listener (ListenOverflows, TCPReqQFullDrop) between {} and {}, beside {n}",
        format_count(sum as u64),
        at(burst.from_s),
        at(burst.to_s),
    );
    if sum < LEAST_LOST_PER_FAILURE * burst.failures as f64 {
        return Finding::Against(match sum == 0.0 {
            true => format!(
                "the target lost no connection at its listener around {n} (ListenOverflows did not grow)"
            ),
            false => format!("{grew}: too few to explain them"),
        });
    }
    let mut sentences = vec![grew];
    let queues = burst.near(TARGET).iter().filter_map(|r| Some((r.t_s, r.tcp?.accept_queue?)));
    if let Some((t_s, (waiting, limit))) = queues.max_by_key(|(_, q)| q.0) {
        sentences.push(format!(
            "{} connections waited to be accepted at {}, of {} that may",
            format_count(waiting),
            at(t_s),
            format_count(limit)
        ));
    }
    let served = burst.probes().showing(&[(OLD, Shown::Served)]);
    if served > 0 {
        let n = count(served, "probe round");
        sentences
            .push(format!("in {n} the connection opened before the load was served meanwhile"));
    }
    Finding::Shown(sentences)
}

fn windows(burst: &Burst<'_>) -> Finding {
    let facts = burst.facts;
    let slack_s = facts.slack_s(TARGET);
    let listed = around(&facts.absent, burst.from_s, burst.to_s, slack_s);
    let pool = around(&facts.pool_levels, burst.from_s, burst.to_s, slack_s);
    let n = count(burst.failures, "failure");
    if listed == Seen::AtLimit || pool == Seen::AtLimit {
        return Finding::Against(format!(
            "around {n} nothing listened, or the pool was at its gate: a backlog needs neither"
        ));
    }
    let rounds = burst.probes();
    if rounds.showing(&[(FRESH, Shown::Refused), (OTHER_SOURCE, Shown::Served)]) > 0 {
        return Finding::Against(format!(
            "around {n} a connect from another source address was taken at once: a full backlog knows no sources"
        ));
    }
    let Some((before, during)) = burst.standing() else { return Finding::Unread(COLLECT.into()) };
    if during < before + LEAST_STANDING {
        return Finding::Against(format!(
            "around {n} no connections piled up on the target ({} established, {} before)",
            format_count(during),
            format_count(before)
        ));
    }
    let (_, served) = burst.load();
    let taken = burst.rise(TARGET, Counter::Passive).map(|taken| taken - served as f64);
    if taken.is_some_and(|more| more >= LEAST_LOST_PER_FAILURE * burst.failures as f64) {
        return Finding::Against(format!(
            "around {n} the target took {} connections more than were served: it was not its backlog that was full",
            format_count(taken.unwrap_or(0.0) as u64)
        ));
    }
    let sentences = vec![
        format!(
            "{} connections stood established on the target, {} before: completed, and not served",
            format_count(during),
            format_count(before)
        ),
        format!("meanwhile {n} were refused or reset, though its port was listed as LISTENING"),
    ];
    let quiet = listed == Seen::Below && pool == Seen::Below;
    let old = rounds.showing(&[(OLD, Shown::Served), (FRESH, Shown::Refused)]);
    let silent = reads_quiet(facts, &[Reason::ConnectionsRefused], burst.from_s, burst.to_s);
    match quiet && old > 0 && silent {
        true => Finding::Shown(sentences),
        false => Finding::Likely(sentences),
    }
}
