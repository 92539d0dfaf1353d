//! Judges `queue-wait`: requests waited in their queue until somebody gave up on them.
//!
//! Decisive: `Timer_AppPool` or `Timer_ReqQueue` rows of HTTPERR (KB820729: waited longer than the
//! connection time-out), one for each failure. Without the log: a queue that was not empty around
//! requests which their client gave up on.

use model::attempt::Failure;
use model::cause::Cause;

use super::testified::{Rule, Sign};
use super::{Judgement, Known};
use crate::facts::Facts;
use crate::kinds::{is_answer_timeout, is_broken_off};
use crate::matched::HostWord;
use crate::store::{Counter, Reason, TARGET};

fn looks(failure: &Failure) -> bool {
    is_broken_off(failure) || is_answer_timeout(failure)
}

const RULE: Rule = Rule {
    cause: Cause::QueueWait,
    words: &[HostWord::Row(Reason::TimerQueue)],
    named: "Timer_AppPool or Timer_ReqQueue in HTTPERR",
    looks,
    collect: r#"who broke them off shows in the target's log: `findstr "Timer_AppPool Timer_ReqQueue" %SystemRoot%\System32\LogFiles\HTTPERR\httperr*.log`, and how long requests wait in `\HTTP Service Request Queues(*)\MaxQueueItemAge`"#,
    who: "HTTP.sys on the target dropped",
    whom: "request",
    because: "they had waited in the request queue for too long",
    in_web_log: false,
};

/// Judges it. A queue that waits says nothing of requests that were reset.
pub(super) fn judge(facts: &Facts<'_>, _: &Known) -> Judgement {
    let rule = match facts.store.log.count(&[Reason::TimerQueue]) {
        0 => Rule {
            looks: is_answer_timeout,
            who: "the target left without an answer",
            because: "they waited in the request queue for longer than their client does",
            ..RULE
        },
        _ => RULE,
    };
    rule.judge(facts, |facts| {
        let levels = facts.levels(TARGET, |r| Some(r.counter(Counter::QueueSize)? > 0.0));
        let shows = "requests waited in the queue".to_owned();
        (!levels.is_empty()).then_some(Sign { levels, shows })
    })
}
