//! Judges `app-offline`: the application pool was off line, shut down, disabled, or too busy to start.
//!
//! Decisive: `AppOffline`, `AppShutdown`, `Disabled` or `AppPoolTimer` rows of HTTPERR (503 each;
//! KB820729), one for each failure. Without the log: pools that read as disabled around the failures, or
//! the System log's word that one was (WAS 5002).

use model::cause::{Cause, Stance};
use model::os_event::Meaning;

use super::testified::{Rule, Sign};
use super::{Judgement, Known, Words};
use crate::bracket::Level;
use crate::facts::Facts;
use crate::kinds::is_503;
use crate::matched::HostWord;
use crate::store::{Counter, Reason, TARGET};
use crate::words::at;

const RULE: Rule = Rule {
    cause: Cause::AppOffline,
    words: &[
        HostWord::Row(Reason::AppOffline),
        HostWord::Row(Reason::AppShutdown),
        HostWord::Row(Reason::Disabled),
        HostWord::Row(Reason::AppPoolTimer),
    ],
    named: "AppOffline, AppShutdown, Disabled or AppPoolTimer in HTTPERR",
    looks: is_503,
    collect: r#"503 has many reasons, and only the target names it: `findstr "AppOffline AppShutdown Disabled AppPoolTimer" %SystemRoot%\System32\LogFiles\HTTPERR\httperr*.log`, and `%windir%\system32\inetsrv\appcmd list apppool`"#,
    who: "HTTP.sys on the target answered 503 to",
    whom: "request",
    because: "the application pool was off line",
    in_web_log: false,
};

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, _: &Known) -> Judgement {
    let judged = RULE.judge(facts, sign);
    if judged.claims.is_empty()
        && let Some(said) = said_alone(facts)
    {
        return said;
    }
    judged
}

/// Where nobody counted what failed, the host's own word alone.
fn said_alone(facts: &Facts<'_>) -> Option<Judgement> {
    let said = facts.store.os_events.said(TARGET, Meaning::PoolDisabled)?;
    let (first, last) = (said.all().first()?, said.all().last()?);
    if facts.load_was_made {
        return None;
    }
    let mut judged = Judgement::new(RULE.cause);
    judged.stance = Stance::Supported;
    judged.supporting.push(format!(
        "the host's own word: an application pool was disabled after a series of failures (event {}, at {})",
        said.name,
        at(first.from_s)
    ));
    judged.said_s = Some((first.from_s, last.to_s));
    let because = format!(
        "an application pool was disabled after a series of failures (event {})",
        said.name
    );
    judged.words = Words { who: RULE.who, whom: RULE.whom, because };
    Some(judged)
}

/// Pools that are disabled; an event that says so lasts until pools are read as running.
fn sign(facts: &Facts<'_>) -> Option<Sign> {
    let read = facts.levels(TARGET, |r| Some(r.counter(Counter::PoolsStopped)? > 0.0));
    if !read.is_empty() {
        return Some(Sign { levels: read, shows: "an application pool read as disabled".into() });
    }
    let said = facts.store.os_events.said(TARGET, Meaning::PoolDisabled)?;
    let first = said.all().first()?;
    let level = |t_s| Level { t_s, at_limit: true };
    let levels = vec![level(first.from_s - said.bound_s), level(f64::MAX)];
    let shows =
        format!("the System log had said that an application pool was disabled ({})", said.name);
    Some(Sign { levels, shows })
}
