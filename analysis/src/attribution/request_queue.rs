//! Judges `request-queue`: the queue of requests that wait for a worker was full.
//!
//! Decisive: `QueueFull` rows of HTTPERR (503 each; KB820729), one for each failure. Without the log:
//! the counter of requests that a full queue rejected grew, or the queue read as long as it may be,
//! within one sample period of the failure.

use model::cause::Cause;
use model::limit::{Limit, Origin};
use model::run::RunInfo;

use super::testified::{Rule, Sign};
use super::{Judgement, Known};
use crate::facts::{Facts, tunable};
use crate::kinds::is_503;
use crate::matched::HostWord;
use crate::store::{Counter, Reason, TARGET};

/// Length of the queue where nobody says otherwise (applicationPools `queueLength`, Server 2003 SP1 and
/// later; 4,000 before).
const DEFAULT_LENGTH: u64 = 1000;

/// A queue reads as full from this share of its length: requests come and go while it is read. Chosen.
const FULL_SHARE: f64 = 0.95;

const RULE: Rule = Rule {
    cause: Cause::RequestQueue,
    words: &[HostWord::Row(Reason::QueueFull)],
    named: "QueueFull in HTTPERR",
    looks: is_503,
    collect: r#"503 has many reasons, and only the target's log names it: `findstr /c:" QueueFull" %SystemRoot%\System32\LogFiles\HTTPERR\httperr*.log`, and watch `\HTTP Service Request Queues(*)\CurrentQueueSize` and `RejectedRequests`"#,
    who: "HTTP.sys on the target answered 503 to",
    whom: "request",
    because: "the queue of requests that wait for a worker was full",
    in_web_log: false,
};

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, _: &Known) -> Judgement {
    RULE.judge(facts, |facts| {
        let rejected = facts.rises(TARGET, Counter::QueueRejected, 1.0);
        if !rejected.is_empty() {
            let shows = "the counter of requests rejected by a full queue grew".to_owned();
            return Some(Sign { levels: rejected, shows });
        }
        let limit = limit(facts).value;
        let levels = facts
            .levels(TARGET, |r| Some(r.counter(Counter::QueueSize)? >= FULL_SHARE * limit as f64));
        let shows = format!("the request queue read as full ({limit})");
        (!levels.is_empty()).then_some(Sign { levels, shows })
    })
}

/// How long the queue may be: as configured, else as installed.
pub(crate) fn limit(facts: &Facts<'_>) -> Limit {
    limit_of(facts.run)
}

/// The same, of a run.
pub(crate) fn limit_of(run: &RunInfo) -> Limit {
    let configured = tunable(run, TARGET, &["queueLength", "AppPoolQueueLength"]);
    configured.unwrap_or(Limit { value: DEFAULT_LENGTH, origin: Origin::Derived })
}
