//! Judges `rejected-request`: the target rejected what was asked (4xx).
//!
//! Decisive: the answer itself. A 408 that a row of a slow client's timer stands for is that client's.

use model::attempt::Failure;
use model::cause::{Cause, Stance};

use super::{Judgement, Known, NOTHING_FAILED, Words};
use crate::facts::Facts;
use crate::kinds::status;
use crate::store::Reason;
use crate::weigh::attempts;
use crate::words::count;

const CAUSE: Cause = Cause::RejectedRequest;

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, _: &Known) -> Judgement {
    if !facts.any_failure {
        return Judgement::untested(CAUSE, NOTHING_FAILED, None);
    }
    // HTTP.sys answers 501 and 505 to what it does not know, as it answers 400.
    let is_rejection = |f: &Failure| matches!(status(f), Some(400..=499 | 501 | 505));
    let mut claims = facts.candidates(is_rejection);
    claims.retain_mut(|c| {
        c.count -= facts.matched.any(c.place).min(c.count);
        c.count > 0
    });
    if claims.is_empty() {
        let rows = facts.store.log.count(&[Reason::Malformed]);
        let fact = (rows > 0).then(|| {
            format!(
                "HTTPERR counts {} of requests that it could not read, of whatever client",
                count(rows, "row")
            )
        });
        return Judgement::looks_otherwise(CAUSE, fact);
    }
    let mut judged = Judgement::new(CAUSE);
    judged.stance = Stance::Supported;
    let n = count(attempts(&claims), "attempt");
    judged
        .supporting
        .push(format!("{n} got an answer of 4xx: the target was reached, and said no"));
    let told = facts.store.answers.told(|status, _| (400..500).contains(&status));
    if !told.is_empty() {
        judged.supporting.push(format!("IIS' own log counts {told}"));
    }
    judged.claims = claims;
    judged.words = Words {
        who: "the target rejected",
        whom: "request",
        because: "of what they asked, not for want of anything".into(),
    };
    judged
}
