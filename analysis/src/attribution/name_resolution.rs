//! Judges `name-resolution`: the target's name did not resolve.
//!
//! Decisive: the failure itself, which only the resolver gives (`EAI_…`, Winsock 11001 to 11004).

use model::cause::{Cause, Stance};

use super::{Judgement, Known, NOTHING_FAILED, Words};
use crate::facts::Facts;
use crate::kinds::is_name_failure;
use crate::weigh::attempts;
use crate::words::count;

const CAUSE: Cause = Cause::NameResolution;

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, _: &Known) -> Judgement {
    if !facts.any_failure {
        return Judgement::untested(CAUSE, NOTHING_FAILED, None);
    }
    let claims = facts.candidates(is_name_failure);
    let Some(first) = claims.first() else {
        return Judgement::looks_otherwise(CAUSE, None);
    };
    let mut judged = Judgement::new(CAUSE);
    judged.stance = Stance::Supported;
    judged.supporting.push(format!(
        "{} got no address from the resolver ({})",
        count(attempts(&claims), "attempt"),
        facts.name(first)
    ));
    judged.words = Words {
        who: "the generator had nowhere to send",
        whom: "attempt",
        because: format!("the target's name did not resolve ({})", facts.name(first)),
    };
    judged.claims = claims;
    judged
}
