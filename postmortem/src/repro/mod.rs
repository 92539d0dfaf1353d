//! Provides the way from captures to a scenario that brings the found outage about again in the lab.
//! What the captures measured goes in as it is; what they do not tell is assumed so that the run takes
//! seconds. Each value says which of the two it is.

mod app;
mod draft;
mod leaks;
mod listener;
mod load;
mod outgoing;
mod pool;
mod ports;
mod target;

use model::cause::Cause;
use model::findings::{CauseLine, Findings};

use self::draft::{Draft, quoted};
use crate::Gathered;

/// The causes that the lab can be made to show from captures.
const CAUSES: [Cause; 13] = [
    Cause::NonpagedPool,
    Cause::ListenerDown,
    Cause::ConnectionLimit,
    Cause::RequestQueue,
    Cause::QueueWait,
    Cause::AppOffline,
    Cause::WorkerCrash,
    Cause::ConcurrencyLimit,
    Cause::SlowClient,
    Cause::TargetPorts,
    Cause::Application,
    Cause::RejectedRequest,
    Cause::ClientPorts,
];

/// What a scenario is made of.
struct Case<'a> {
    g: &'a Gathered,
    found: &'a Findings,
    cause: &'a CauseLine,
}

/// The text of a scenario that reproduces what was found.
///
/// # Errors
/// A sentence, where no cause was found or the lab cannot bring it about.
pub fn scenario(g: &Gathered, found: &Findings) -> Result<String, String> {
    let causes = &found.verdict.causes;
    let Some(first) = causes.first() else {
        return Err(nothing_found(found));
    };
    let Some(cause) = causes.iter().find(|line| CAUSES.contains(&line.cause)) else {
        let known: Vec<&str> = CAUSES.iter().map(|cause| cause.as_str()).collect();
        return Err(format!(
            "no scenario is made of {}: from captures the lab can be made to show {}",
            first.cause,
            known.join(", ")
        ));
    };
    let case = Case { g, found, cause };
    let mut draft = Draft::default();
    head(&case, found, &mut draft);
    match cause.cause {
        Cause::NonpagedPool => pool::write(&case, &mut draft)?,
        Cause::ClientPorts => ports::write(&case, &mut draft)?,
        Cause::ListenerDown => listener::write(&case, &mut draft)?,
        Cause::ConnectionLimit | Cause::ConcurrencyLimit => app::limit(&case, &mut draft)?,
        Cause::RequestQueue | Cause::TargetPorts if outgoing::is_behind(&case) => {
            outgoing::write(&case, &mut draft)?;
        }
        Cause::RequestQueue | Cause::QueueWait => app::queue(&case, &mut draft)?,
        Cause::Application | Cause::RejectedRequest => app::errors(&case, &mut draft)?,
        Cause::SlowClient => app::slow_clients(&case, &mut draft)?,
        _ => app::worker(&case, &mut draft)?,
    }
    Ok(draft.finish())
}

fn nothing_found(found: &Findings) -> String {
    match found.verdict.unexplained {
        0 => "no cause was found in these captures, so there is no outage to reproduce".into(),
        n => format!(
            "the {n} failures in these captures stay unexplained: a scenario needs a cause to reproduce"
        ),
    }
}

fn head(case: &Case<'_>, found: &Findings, draft: &mut Draft) {
    draft.comment(&format!(
        "Made by churnlab {} from captures, to bring about again in the lab what they show:",
        env!("CARGO_PKG_VERSION")
    ));
    draft.comment(&found.verdict.sentence);
    let others = found.verdict.causes.iter().filter(|line| line.cause != case.cause.cause);
    let others: Vec<&str> = others.map(|line| line.cause.as_str()).collect();
    if !others.is_empty() {
        draft.comment(&format!(
            "Left out, since one scenario shows one cause: {}.",
            others.join(", ")
        ));
    }
    draft.comment("Above each value stands where it comes from: measured, derived, given, inferred, or assumed because nothing in the captures tells. Change what you know better.");
    draft.set("name", quoted(&format!("{}-from-captures", case.cause.cause)), "");
    let summary = format!("{} as captures show it", case.cause.cause);
    draft.set("summary", quoted(&summary), "");
    draft.set("seed", "1", "");
}

fn expect(case: &Case<'_>, window_s: (f64, f64), draft: &mut Draft) {
    expect_all(&quoted(case.cause.cause.as_str()), window_s, draft);
}

/// The same of a value as TOML has it.
fn expect_all(cause: &str, window_s: (f64, f64), draft: &mut Draft) {
    draft.table("[expect]");
    draft.set("cause", cause, "the cause that was found");
    let (after_s, before_s) = (draft::tenths(window_s.0), draft::tenths(window_s.1));
    draft.set(
        "first_failure",
        format!("{{ after = {}, before = {} }}", draft::seconds(after_s), draft::seconds(before_s)),
        "derived from the values above, with room on both sides",
    );
}
