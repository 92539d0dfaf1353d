//! Writes the scenario of a listener that went away.

use super::Case;
use super::draft::{Draft, number, quoted, seconds, tenths};
use super::load::Load;
use super::target::{self, Fit};

/// When the listener goes and for how long, seconds, where the captures' own times would take longer.
const AT_S: f64 = 4.0;
const FOR_S: f64 = 4.0;
/// An absence of this length is played as long as it was, seconds.
const OWN_S: std::ops::RangeInclusive<f64> = 1.0..=20.0;
/// The load goes on for so long after the listener is back, seconds.
const AFTER_S: f64 = 4.0;

/// Writes it.
pub(super) fn write(case: &Case<'_>, draft: &mut Draft) -> Result<(), String> {
    let host = target::write(case, Fit::TimeWait(target::TIME_WAIT_S), draft)?;
    let (from_s, lasted_s) = (case.cause.from_s, case.cause.to_s - case.cause.from_s);
    let (from_s, lasted_s) = (tenths(from_s), tenths(lasted_s));
    let at_s = if OWN_S.contains(&from_s) { from_s } else { AT_S };
    let for_s = if OWN_S.contains(&lasted_s) { lasted_s } else { FOR_S };
    draft.table("[[target.fault]]");
    draft.set("kind", quoted("listener-down"), "");
    draft.set("at", seconds(at_s), &when("refusals began", from_s, at_s));
    draft.set("for", seconds(for_s), &when("they lasted", lasted_s, for_s));
    Load::of(case, &host).write(at_s + for_s + AFTER_S, draft);
    super::expect(case, ((at_s - 1.0).max(0.0), at_s + 2.0), draft);
    Ok(())
}

fn when(what: &str, measured_s: f64, played_s: f64) -> String {
    let unit = if what.ends_with("began") { "s into the run" } else { "s" };
    if (measured_s - played_s).abs() < 1e-9 {
        format!("measured: {what} {} {unit}", number(measured_s))
    } else {
        format!(
            "assumed, so that the run takes seconds; measured: {what} {} {unit}",
            number(measured_s)
        )
    }
}
