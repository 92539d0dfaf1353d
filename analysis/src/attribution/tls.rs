//! Judges `tls`: the TLS handshake failed by itself.
//!
//! Decisive: the phase in which the attempt failed, with an alert or a certificate's error. A reset or a
//! time-out within the handshake has the causes that it has elsewhere.

use model::cause::{Cause, Stance};

use super::{Judgement, Known, NOTHING_FAILED, Words};
use crate::facts::Facts;
use crate::kinds::is_tls_failure;
use crate::weigh::attempts;
use crate::words::count;

const CAUSE: Cause = Cause::Tls;

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, _: &Known) -> Judgement {
    if !facts.any_failure {
        return Judgement::untested(CAUSE, NOTHING_FAILED, None);
    }
    let claims = facts.candidates(is_tls_failure);
    let Some(first) = claims.first() else {
        return Judgement::looks_otherwise(CAUSE, None);
    };
    let mut judged = Judgement::new(CAUSE);
    judged.stance = Stance::Supported;
    judged.supporting.push(format!(
        "{} failed in the TLS handshake over a connection that had been made ({})",
        count(attempts(&claims), "attempt"),
        facts.name(first)
    ));
    judged.words = Words {
        who: "the generator made no TLS session for",
        whom: "attempt",
        because: format!("the handshake failed ({})", facts.name(first)),
    };
    judged.claims = claims;
    judged
}
