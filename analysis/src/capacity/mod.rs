//! Provides capacity: what binds first and second, at which rate, in which direction, and what a change
//! would do. Laws are asked of the system that a record shows; what was tried stands beside them and is
//! never mixed with them.

mod change;
mod laws;
mod search;
mod setup;
mod telling;
#[cfg(test)]
mod tests;
mod trial;
mod what_if;

use model::capacity::Capacity;
use model::run::Ground;

pub use search::{Found, Plan, Trial, search};
pub use trial::{Bar, judged};
pub use what_if::KnobAt;

use crate::compare::Measured;
use setup::Setup;

/// What was asked of the report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asked {
    /// For how long the rate must be borne, seconds of the host.
    pub horizon_s: f64,
    /// The bound on the 99th percentile of attempts, seconds.
    pub p99_s: Option<f64>,
}

/// A setting that was tried, and what the search found.
#[derive(Clone, Debug, PartialEq)]
pub struct TriedKnob {
    /// The setting.
    pub at: KnobAt,
    /// Rates of run time.
    pub found: Found,
}

/// What was tried, by ground; empty where nothing was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tried {
    /// In virtual time.
    pub simulation: Vec<TriedKnob>,
    /// With real sockets.
    pub lab: Vec<TriedKnob>,
    /// The rate that a live host was seen to sustain.
    pub measured_per_s: Option<f64>,
    /// How close the rates were brought, as a share.
    pub precision: f64,
}

/// The host rate at which the law has the first resource bind; `None` where nothing on record binds.
pub fn law_per_s(measured: &Measured, horizon_s: f64) -> Option<f64> {
    laws::first(&Setup::of(measured, horizon_s))
}

/// The same with one setting changed.
pub fn law_with(measured: &Measured, horizon_s: f64, at: KnobAt) -> Option<f64> {
    laws::first(&what_if::changed(&Setup::of(measured, horizon_s), at))
}

/// Whether a setting does anything to this system, so that trying it is worth while.
pub fn is_worth_trying(measured: &Measured, horizon_s: f64, at: KnobAt) -> bool {
    let setup = Setup::of(measured, horizon_s);
    at != KnobAt::Aggressive && what_if::applies(&setup, at) != model::capacity::Applies::NoEffect
}

/// The report of a system that a record shows.
pub fn capacity(measured: &Measured, asked: Asked, tried: &Tried) -> Capacity {
    let setup = Setup::of(measured, asked.horizon_s);
    let bounds = laws::bounds(&setup);
    let choice = change::choice(&setup);
    let findings = &measured.findings;
    let tried = Tried { measured_per_s: measured_per_s(measured, &setup), ..tried.clone() };
    let mut not_valid_because = findings.not_valid_because.clone();
    let columns = tried.simulation.iter().chain(&tried.lab);
    let as_is = columns.filter(|t| t.at == KnobAt::AsIs);
    not_valid_because.extend(as_is.filter_map(|t| {
        let nothing = t.found.sustained_per_s.is_none();
        t.found.ended_early.clone().filter(|_| nothing)
    }));
    Capacity {
        format: 1,
        valid: not_valid_because.is_empty(),
        not_valid_because,
        decision: change::decision(&setup, &tried, choice, &claim(measured, &tried)),
        system: telling::system(measured, &setup),
        differs: telling::differs(measured, &setup),
        workload: telling::workload(measured, &setup),
        sustainable: change::sustainable(&setup, &tried),
        change: choice.and_then(|choice| change::change(&setup, choice)),
        side_effects: change::side_effects(&setup, choice),
        repeats: telling::repeats(measured, &setup, &tried),
        slowest_leak: telling::slowest_leak(&setup),
        alarms: telling::alarms(&setup, &bounds),
        not_tested: telling::not_tested(measured, &asked, &tried),
        what_if: what_if::rows(&setup, &tried),
        knobs: what_if::knobs(),
        trials: telling::trials(&setup, &tried),
        bounds,
    }
}

/// A live run that nothing failed in was sustained at its rate, as long as it lasted.
fn measured_per_s(measured: &Measured, setup: &Setup) -> Option<f64> {
    let findings = &measured.findings;
    let sound = findings.valid && findings.failures.is_empty();
    setup.rate_per_s.filter(|_| measured.run.ground == Ground::Live && sound)
}

fn claim(measured: &Measured, tried: &Tried) -> String {
    let by = match (tried.simulation.is_empty(), tried.lab.is_empty()) {
        (true, true) => "by law",
        (false, true) => "by law and simulation",
        (true, false) => "by law and lab",
        (false, false) => "by law, simulation and lab",
    };
    let rests = match measured.run.ground {
        Ground::Live => ", from a measured record",
        _ => "",
    };
    format!("predicted {by}{rests}")
}
