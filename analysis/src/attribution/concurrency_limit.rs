//! Judges `concurrency-limit`: as many requests of one application were worked on as may be
//! (`serverRuntime@appConcurrentRequestLimit`, 5,000 by default).
//!
//! Decisive: answers of 503.2 in IIS' own log (KB943891), one for each failure. HTTPERR, which knows no
//! sub-status, says nothing of them.

use model::cause::Cause;

use super::testified::Rule;
use super::{Judgement, Known};
use crate::facts::Facts;
use crate::kinds::is_503;
use crate::matched::HostWord;

const RULE: Rule = Rule {
    cause: Cause::ConcurrencyLimit,
    words: &[HostWord::Answered503(2)],
    named: "503.2 in IIS' own log",
    looks: is_503,
    collect: r#"a sub-status is in IIS' own log only: `findstr /c:" 503 2 " %SystemDrive%\inetpub\logs\LogFiles\W3SVC1\u_ex*.log`"#,
    who: "IIS on the target answered 503.2 to",
    whom: "request",
    because: "as many requests were worked on as appConcurrentRequestLimit allows",
    in_web_log: true,
};

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, _: &Known) -> Judgement {
    RULE.judge(facts, |_| None)
}
