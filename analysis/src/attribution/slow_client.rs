//! Judges `slow-client`: the host dropped connections whose client sent or read too slowly.
//!
//! Decisive: `Timer_HeaderWait`, `Timer_EntityBody` or `Timer_MinBytesPerSecond` rows of HTTPERR (a
//! reset each: TN-2003), one for each failure. `Timer_ConnectionIdle` is no failure at all.

use model::attempt::Failure;
use model::cause::Cause;

use super::testified::Rule;
use super::{Judgement, Known};
use crate::facts::Facts;
use crate::kinds::{is_broken_off, status};
use crate::matched::HostWord;
use crate::store::Reason;

fn looks(failure: &Failure) -> bool {
    is_broken_off(failure) || status(failure) == Some(408)
}

const RULE: Rule = Rule {
    cause: Cause::SlowClient,
    words: &[
        HostWord::Row(Reason::TimerHeaderWait),
        HostWord::Row(Reason::TimerEntityBody),
        HostWord::Row(Reason::TimerMinBytesPerSecond),
    ],
    named: "Timer_HeaderWait, Timer_EntityBody or Timer_MinBytesPerSecond in HTTPERR",
    looks,
    collect: r#"who broke them off shows in the target's log: `findstr "Timer_HeaderWait Timer_EntityBody Timer_MinBytes" %SystemRoot%\System32\LogFiles\HTTPERR\httperr*.log`"#,
    who: "HTTP.sys on the target dropped",
    whom: "connection",
    because: "their client sent or read too slowly for its timers",
    in_web_log: false,
};

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, _: &Known) -> Judgement {
    RULE.judge(facts, |_| None)
}
