//! Writes the scenario of a target whose own outgoing connections run out of ports, so that the queue
//! before it fills.

use model::cause::Cause;
use model::units::format_count;

use super::draft::{Draft, number, quoted, seconds};
use super::load::Load;
use super::target::{self, Fit};
use super::{Case, expect_all};

/// Calls to the backend a second: one for each request.
const LEAST_PER_S: f64 = 150.0;
const MOST_PER_S: f64 = 250.0;
/// The ports last for so long, seconds; TIME_WAIT outlasts the run.
const LAST_S: f64 = 6.0;
const TIME_WAIT_S: f64 = 12.0;
/// The load goes on for so long after that, seconds.
const AFTER_S: f64 = 5.0;
/// The first port of the range. Windows' own begins there since Vista.
const FIRST_PORT: u16 = 49_152;

/// Whether the target's ports are behind what was found.
pub(super) fn is_behind(case: &Case<'_>) -> bool {
    let name = Cause::TargetPorts.as_str();
    let causes = &case.found.verdict.causes;
    causes.iter().any(|line| line.cause == Cause::TargetPorts)
        || case.cause.because_of.iter().any(|behind| behind.contains(name))
}

/// Writes it.
pub(super) fn write(case: &Case<'_>, draft: &mut Draft) -> Result<(), String> {
    let host = target::write(case, Fit::TimeWait(TIME_WAIT_S), draft)?;
    if host.lab_time_wait_s() < LAST_S + AFTER_S {
        return Err(format!(
            "the target's TIME_WAIT of {} s in that run ends before its ports do, so the lab could not show it",
            number(host.lab_time_wait_s())
        ));
    }
    let mut load = Load::of(case, &host).at_most(MOST_PER_S);
    if load.per_second < LEAST_PER_S {
        load.because.push_str(&format!(
            "; here {}, so that the ports run out in seconds",
            number(LEAST_PER_S)
        ));
        load.per_second = LEAST_PER_S;
    }
    draft.table("[target.app]");
    draft.set("workers", "25", "assumed: a small application");
    draft.set("service_time", seconds(0.005), "");
    draft.set("queue_length", "200", "assumed: full within a second once workers wait for ports");
    draft.table("[target.app.backend]");
    let count = (load.per_second * LAST_S) as u16;
    let because = format!(
        "assumed: {} ports last {} s, a call each request",
        format_count(count.into()),
        number(LAST_S)
    );
    draft.set("ports", quoted(&format!("{FIRST_PORT}-{}", FIRST_PORT + count - 1)), &because);
    draft.set("latency", seconds(0.005), "assumed: a database beside it");
    draft.set("give_up", seconds(2.0), "assumed: how long a worker tries to get a port");
    load.write(LAST_S + AFTER_S, draft);
    expect_all("[\"request-queue\", \"target-ports\"]", (LAST_S - 1.0, LAST_S + 3.0), draft);
    Ok(())
}
