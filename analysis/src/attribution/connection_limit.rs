//! Judges `connection-limit`: the site had as many connections as it may.
//!
//! Decisive: `ConnLimit` rows of HTTPERR (503; KB820729), one for each failure, stamped within the
//! second of its answer.

use model::cause::Cause;

use super::testified::Rule;
use super::{Judgement, Known};
use crate::facts::Facts;
use crate::kinds::is_503;
use crate::matched::HostWord;
use crate::store::Reason;

const RULE: Rule = Rule {
    cause: Cause::ConnectionLimit,
    words: &[HostWord::Row(Reason::ConnLimit)],
    named: "ConnLimit in HTTPERR",
    looks: is_503,
    collect: r#"503 has many reasons, and only the target's log names it: `findstr /c:" ConnLimit" %SystemRoot%\System32\LogFiles\HTTPERR\httperr*.log`"#,
    who: "HTTP.sys on the target answered 503 to",
    whom: "request",
    because: "the site had as many connections as its limit allows",
    in_web_log: false,
};

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, _: &Known) -> Judgement {
    RULE.judge(facts, |_| None)
}
