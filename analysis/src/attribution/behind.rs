//! Provides what stands behind a cause where that is another cause: a full queue behind which ports ran
//! out, a pool taken off line because its workers crashed.

use std::collections::BTreeMap;

use model::cause::{Cause, Stance};
use model::os_event::Meaning;
use model::units::format_count;

use super::{Judgement, target_ports};
use crate::facts::{Facts, span};
use crate::store::{Counter, TARGET};
use crate::words::at;

/// Rapid fail counts five crashes within five minutes (applicationPools `failure`, as installed).
const RAPID_FAIL_S: f64 = 300.0;

/// Links what has been judged.
pub(super) fn link(facts: &Facts<'_>, known: &mut BTreeMap<Cause, Judgement>) {
    for cause in [Cause::RequestQueue, Cause::QueueWait] {
        if let Some(judged) = known.get_mut(&cause).filter(|j| holds(j)) {
            queue(facts, judged);
        }
    }
    let crash_s = known.get(&Cause::WorkerCrash).filter(|j| j.stance == Stance::Supported);
    let crash_s = crash_s.and_then(|j| span(&j.claims)).map(|(from_s, _)| from_s);
    if let Some(judged) = known.get_mut(&Cause::AppOffline).filter(|j| holds(j)) {
        offline(facts, judged, crash_s);
    }
}

fn holds(judged: &Judgement) -> bool {
    matches!(judged.stance, Stance::Supported | Stance::Consistent)
}

/// A queue fills up behind workers that wait: for ports, or for whatever else.
fn queue(facts: &Facts<'_>, judged: &mut Judgement) {
    let Some((from_s, to_s)) = span(&judged.claims) else { return };
    if let Some(sentence) = target_ports::stands_behind(facts, from_s, to_s) {
        judged.because_of.push(Cause::TargetPorts.to_string());
        judged.supporting.push(sentence);
        judged.words.because.push_str(", its workers waiting for outgoing ports");
        return;
    }
    let near = |counter: Counter| {
        let told = facts.store.of(TARGET).iter().filter_map(|r| Some((r.t_s, r.counter(counter)?)));
        let within = told.filter(|(t_s, _)| *t_s >= from_s - 1.0 && *t_s <= to_s + 1.0);
        within.map(|r| r.1).reduce(f64::max)
    };
    let longest = near(Counter::QueueSize).filter(|n| *n > 0.0);
    if target_ports::were_free(facts, from_s) {
        judged.because_of.push("a slow application".into());
        let waiting = longest
            .map_or_else(String::new, |n| format!(" (up to {} waited)", format_count(n as u64)));
        judged.supporting.push(format!(
            "requests came faster than workers were done with them{waiting}; ports for the target's own connections were free at {}: it is the application, or what it calls, that was slow",
            at(from_s)
        ));
    }
}

/// Rapid fail takes a pool off line after a series of crashes. The event that says so names its reason
/// itself, whenever it was.
fn offline(facts: &Facts<'_>, judged: &mut Judgement, crash_s: Option<f64>) {
    let Some((from_s, _)) = span(&judged.claims).or(judged.said_s) else { return };
    if let Some(said) = facts.store.os_events.said(TARGET, Meaning::PoolDisabled) {
        judged.because_of.push(Cause::WorkerCrash.to_string());
        judged.supporting.push(format!(
            "the System log says that its pool was disabled after a series of failures of its workers (event {})",
            said.name
        ));
        return;
    }
    let window_s = RAPID_FAIL_S / facts.time_scale();
    let said = facts.store.os_events.said(TARGET, Meaning::WorkerFailed);
    let said = said.filter(|said| said.bound_s <= window_s);
    let said = said.into_iter().flat_map(|said| said.all()).map(|s| s.from_s);
    let near = said.chain(crash_s).filter(|s| *s <= from_s + 1.0 && from_s - s <= window_s + 1.0);
    if let Some(first_s) = near.reduce(f64::min) {
        judged.because_of.push(Cause::WorkerCrash.to_string());
        let first = at(first_s);
        judged.supporting.push(format!(
            "workers had failed from {first} on: rapid fail takes their pool off line"
        ));
    }
}
