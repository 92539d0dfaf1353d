//! Provides what a Windows target shows of connections that something else cut off. It counts those that
//! it takes and those that are reset, lists those that it holds, and its log names what it dropped itself.

use model::units::format_count;

use super::super::burst::{Burst, Finding, LEAST_STANDING};
use super::{COLLECT, FOREIGN_SHARE, OWN_SHARE};
use crate::bracket::{Seen, around};
use crate::store::{Counter, Reason, TARGET};
use crate::testimony::reads_quiet;
use crate::words::{at, count};

/// Ticks at the ends of a burst whose attempts may be counted on one side and not on the other.
const NOISE_TICKS: f64 = 2.0;

/// Connections that the target took beyond those served, for each failure. Chosen: half, since counters
/// are read at either end of a burst.
const TAKEN_SHARE: f64 = 0.5;

/// Connections that the target holds more than before, for each failure, where it never learnt that they
/// were cut off. Chosen: its idle timer takes some away meanwhile.
const HELD_SHARE: f64 = 0.25;

/// Refusals must last so many sample periods, for a listener that went and came back to be seen.
const LEAST_PERIODS: f64 = 4.0;

/// What one burst shows.
pub(super) fn find(burst: &Burst<'_>, refused: bool) -> Finding {
    let facts = burst.facts;
    let slack_s = facts.slack_s(TARGET);
    let n = count(burst.failures, "failure");
    let pool = around(&facts.pool_levels, burst.from_s, burst.to_s, slack_s);
    if pool == Seen::AtLimit {
        return Finding::Against(format!("the target's pool was at its gate around {n}"));
    }
    if burst.rise(TARGET, Counter::WorkerFailures).is_some_and(|n| n > 0.0) {
        return Finding::Against(format!("worker processes failed around {n}"));
    }
    let listed = around(&facts.absent, burst.from_s, burst.to_s, slack_s);
    let in_order = pool == Seen::Below && listed == Seen::Below;
    let found = match refused {
        true => unbidden(burst),
        false => never_had(burst).or_else(|| still_holds(burst)),
    };
    found.filter(|_| in_order).unwrap_or_else(|| Finding::Unread(COLLECT.into()))
}

/// Connections that were made and reset, and that the target was never given.
fn never_had(burst: &Burst<'_>) -> Option<Finding> {
    let (_, served) = burst.load();
    let taken = burst.rise(TARGET, Counter::Passive)?;
    let short = (served + burst.failures) as f64 - taken;
    // What a tick serves was taken in the one before: so much more or less is noise.
    let noise = NOISE_TICKS * burst.most_served_in_a_tick() as f64;
    (short >= OWN_SHARE * burst.failures as f64 && short >= noise).then(|| {
        Finding::Shown(vec![format!(
            "the target took {} connections between {} and {}, while {} were served and {} were cut off after they had been made: it never had those",
            format_count(taken as u64),
            at(burst.from_s),
            at(burst.to_s),
            format_count(served),
            count(burst.failures, "attempt")
        )])
    })
}

/// Connections that the target took, did not reset, and still holds: it does not know that they ended.
fn still_holds(burst: &Burst<'_>) -> Option<Finding> {
    let failures = burst.failures as f64;
    let (_, served) = burst.load();
    let more = burst.rise(TARGET, Counter::Passive)? - served as f64;
    let reset = burst.rise(TARGET, Counter::Resets)?;
    let (before, during) = burst.standing()?;
    let held = during.saturating_sub(before);
    let shown = more >= TAKEN_SHARE * failures
        && reset < FOREIGN_SHARE * failures
        && held as f64 >= HELD_SHARE * failures;
    shown.then(|| {
        Finding::Shown(vec![format!(
            "the target took the connections that were cut off, counted {} resets beside {}, and held up to {} connections more than before: it does not know that they ended",
            format_count(reset as u64),
            count(burst.failures, "failure"),
            format_count(held)
        )])
    })
}

/// Refusals for which the target had no reason: its listener was there, its pool far from the gate, its
/// log silent, nothing piled up on it, and it took others meanwhile. Seen itself it is not.
fn unbidden(burst: &Burst<'_>) -> Option<Finding> {
    let facts = burst.facts;
    let (_, served) = burst.load();
    let long = burst.to_s - burst.from_s >= LEAST_PERIODS * facts.run.sample_every_s;
    let quiet = reads_quiet(facts, &[Reason::ConnectionsRefused], burst.from_s, burst.to_s);
    let (before, during) = burst.standing()?;
    (long && quiet && served > 0 && during < before + LEAST_STANDING).then(|| {
        Finding::Likely(vec![format!(
            "the target had no reason to refuse {}: its port was listed as LISTENING, its pool was far from the gate, HTTPERR names nothing so far, no connections piled up, and it served {} meanwhile",
            count(burst.failures, "attempt"),
            format_count(served)
        )])
    })
}
