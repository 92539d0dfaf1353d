//! Judges `worker-crash`: a worker process ended, or let go, with requests in its hands.
//!
//! Decisive: `Connection_Abandoned_By_AppPool` or `_ReqQueue` rows of HTTPERR (KB820729), one for each
//! failure. Without the log: worker failures that were counted around the failures, or the System log's
//! word (WAS 5009 to 5012).

use model::attempt::Failure;
use model::cause::Cause;
use model::os_event::Meaning;

use super::testified::{Rule, Sign};
use super::{Judgement, Known};
use crate::bracket::Level;
use crate::facts::Facts;
use crate::kinds::{is_answer_timeout, is_broken_off};
use crate::matched::HostWord;
use crate::store::{Counter, Reason, TARGET};

/// WAS tells of a worker that ended within so long of it, seconds: chosen, its pings are 30 s apart yet
/// an end is noticed at once.
const TOLD_WITHIN_S: f64 = 5.0;

fn looks(failure: &Failure) -> bool {
    is_broken_off(failure) || is_answer_timeout(failure)
}

const RULE: Rule = Rule {
    cause: Cause::WorkerCrash,
    words: &[HostWord::Row(Reason::Abandoned)],
    named: "Connection_Abandoned_By_AppPool or _ReqQueue in HTTPERR",
    looks,
    collect: r#"who broke them off shows in the target's logs: `findstr Connection_Abandoned %SystemRoot%\System32\LogFiles\HTTPERR\httperr*.log`, and `wevtutil qe System /q:"*[System[Provider[@Name='Microsoft-Windows-WAS']]]" /f:text /c:50 /rd:true`"#,
    who: "HTTP.sys on the target let go of",
    whom: "request",
    because: "the worker process that had taken them ended",
    in_web_log: false,
};

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, _: &Known) -> Judgement {
    let mut judged = RULE.judge(facts, sign);
    if let Some(said) = facts.store.os_events.said(TARGET, Meaning::WorkerFailed)
        && !judged.claims.is_empty()
    {
        judged
            .supporting
            .push(format!("the System log says that a worker process failed ({})", said.name));
    }
    judged
}

fn sign(facts: &Facts<'_>) -> Option<Sign> {
    if let Some(said) = facts.store.os_events.said(TARGET, Meaning::WorkerFailed) {
        let level = |t_s, at_limit| Level { t_s, at_limit };
        let levels = said.all().iter().flat_map(|s| {
            let (from_s, to_s) = (s.from_s - said.bound_s, s.to_s + said.bound_s);
            let around = [(from_s - TOLD_WITHIN_S, true), (to_s + TOLD_WITHIN_S, true)];
            around.map(|(t_s, at_limit)| level(t_s, at_limit)).into_iter().chain([
                level(from_s - 2.0 * TOLD_WITHIN_S, false),
                level(to_s + 2.0 * TOLD_WITHIN_S, false),
            ])
        });
        let mut levels: Vec<Level> = levels.collect();
        levels.sort_by(|a, b| a.t_s.total_cmp(&b.t_s));
        let shows = format!("the System log says that a worker process failed ({})", said.name);
        return Some(Sign { levels, shows });
    }
    let levels = facts.rises(TARGET, Counter::WorkerFailures, 1.0);
    let shows = "a failure of a worker process was counted".to_owned();
    (!levels.is_empty()).then_some(Sign { levels, shows })
}
