//! Judges `generator-limit`: the instrument itself was the limit (descriptors, its cap, CPU, or a
//! schedule it could not keep). It is what makes a run not valid, but for the cap: that is the user's
//! own, and a target that hangs fills it.

use model::cause::{Cause, Stance};
use model::units::format_count;

use super::{Judgement, Known, NO_LOAD, NOTHING_FAILED, Words};
use crate::bracket::{Level, Seen, around};
use crate::facts::{Candidate, Facts};
use crate::kinds::{is_descriptor_shortage, is_unscheduled};
use model::row::Interval;

use crate::store::GENERATOR;
use crate::weigh::{Weighed, Word, attempts, weigh};
use crate::words::{at, count};

const CAUSE: Cause = Cause::GeneratorLimit;

/// Starts later than this are behind schedule, microseconds at the 99th percentile of a tick. Chosen:
/// a hundred times the goal for an idle generator (1 ms).
const LATE_US: u64 = 100_000;

/// Lateness that counts together with a busy CPU, microseconds.
const LATE_WITH_CPU_US: u64 = 10_000;

/// CPU time per second of one core from which a thread of the generator is busy all the time.
const BUSY_CORE: f64 = 0.95;

/// So many ticks make a limit of what a moment may do: one stall of the machine is none.
const LEAST_TICKS: u64 = 3;

/// Nor are late ticks a limit that are fewer than this share of a long run. Chosen.
const LEAST_SHARE: f64 = 0.01;

/// What the generator calls an arrival that found its cap of attempts in flight reached.
const AT_CAP: &str = "in-flight cap";

/// Descriptors that may be free though none can be had: those that come and go while a sample is taken.
const LEAST_SPARE: u64 = 8;

/// Judges it. Lateness belongs to `client-ports` where that is supported: connect() slows down long
/// before it fails.
pub(super) fn judge(facts: &Facts<'_>, known: &Known) -> Judgement {
    let ports_are_full = known.supports(Cause::ClientPorts);
    let mut judged = Judgement::new(CAUSE);
    let mut why = Vec::new();
    let descriptors = descriptors(facts);
    why.extend(short_of_descriptors(facts, &descriptors));
    let unscheduled = facts.candidates(is_unscheduled);
    let (capped, behind): (Vec<_>, Vec<_>) =
        unscheduled.iter().partition(|c| facts.name(c) == AT_CAP);
    why.extend(not_scheduled(facts, &behind));
    let late = late(facts);
    match late {
        Some(ref sentence) if ports_are_full => judged.against.push(format!(
            "{sentence}; that belongs to client-ports, whose full table makes connect() slow"
        )),
        late => why.extend(late),
    }
    judged.invalidates = why.clone();
    why.extend(not_scheduled(facts, &capped));
    judged.claims = descriptors.claims().into_iter().chain(unscheduled).collect();
    judged.stance = match why.is_empty() {
        false => Stance::Supported,
        true if !descriptors.unresolved.is_empty() => Stance::Consistent,
        true if !facts.any_failure || !facts.load_was_made => Stance::Untested,
        true => Stance::Contradicted,
    };
    match judged.stance {
        Stance::Supported | Stance::Consistent => {
            let who = "the generator could not begin";
            let first = why.first().cloned();
            let because = first.unwrap_or_else(|| "it may have run out of descriptors".into());
            judged.words = Words { who, whom: "attempt", because };
            if why.is_empty() {
                let n = count(attempts(&descriptors.unresolved), "attempt");
                why.push(format!(
                    "{n} lacked a descriptor by the kernel's own word, though no reading near shows them used up"
                ));
            }
            judged.supporting = why;
        }
        Stance::Contradicted => judged.against.push(on_time(facts)),
        Stance::Untested if facts.any_failure => judged.untested_because = Some(NO_LOAD.into()),
        Stance::Untested => judged.untested_because = Some(NOTHING_FAILED.into()),
    }
    judged
}

/// EMFILE, ENFILE, 10024. The code is the kernel's own word and means nothing else, so where readings
/// do not show the limit (none, or between two of them) it stays open rather than contradicted.
fn descriptors(facts: &Facts<'_>) -> Weighed {
    let readings = facts.store.of(GENERATOR).iter();
    let levels: Vec<Level> = readings
        .filter_map(|r| {
            let d = r.descriptors?;
            let spare = LEAST_SPARE.max(d.limit / 100);
            Some(Level { t_s: r.t_s, at_limit: d.used + spare >= d.limit })
        })
        .collect();
    let slack_s = facts.slack_s(GENERATOR) + facts.tick_s;
    let candidates = facts.candidates(is_descriptor_shortage);
    weigh(&candidates, facts.pause_s(), facts.release_s(GENERATOR), |c| {
        Word::Read(match around(&levels, c.first_s, c.last_s, slack_s) {
            Seen::AtLimit => Seen::AtLimit,
            _ => Seen::Unresolved,
        })
    })
}

fn short_of_descriptors(facts: &Facts<'_>, weighed: &Weighed) -> Option<String> {
    let first = weighed.claimed.first()?;
    let used = facts.store.of(GENERATOR).iter().filter_map(|r| r.descriptors);
    let most = used.max_by_key(|d| d.used)?;
    Some(format!(
        "its descriptors ran out: {} of {} in use, {} lacked one from {} on",
        format_count(most.used),
        format_count(most.limit),
        count(attempts(&weighed.claimed), "attempt"),
        at(first.first_s),
    ))
}

fn not_scheduled(facts: &Facts<'_>, unscheduled: &[Candidate]) -> Option<String> {
    let first = unscheduled.first()?;
    let name = facts.name(first);
    let most = facts.store.ticks.all.iter().map(|t| t.in_flight).max().unwrap_or(0);
    Some(format!(
        "{} came due and were not started ({name}), from {} on, with up to {} in flight",
        count(attempts(unscheduled), "attempt"),
        at(first.first_s),
        format_count(most)
    ))
}

/// Behind schedule in enough ticks, by itself or with a busy CPU.
fn late(facts: &Facts<'_>) -> Option<String> {
    let ticks = &facts.store.ticks.all;
    let late_ticks = late_ticks(facts);
    let busy_ticks: u64 = ticks.iter().map(|t| u64::from(t.busy)).sum();
    let all: u64 = ticks.iter().map(|t| u64::from(t.ticks)).sum();
    let worst = worst_lateness_ms(facts);
    let least = LEAST_TICKS.max((LEAST_SHARE * all as f64) as u64);
    if late_ticks >= least {
        let n = count(late_ticks, "tick");
        return Some(format!(
            "it was behind its schedule: in {n} the latest 1 % of starts were over 100 ms late (worst {worst:.0} ms)"
        ));
    }
    (busy_ticks >= least).then(|| {
        let n = count(busy_ticks, "tick");
        format!("its CPU was the limit: in {n} it used 95 % of a core or more and started late (worst {worst:.0} ms)")
    })
}

/// Whether a tick was behind schedule.
pub(crate) fn is_late(row: &Interval) -> bool {
    row.lateness_us.p99 > LATE_US
}

/// Whether a core was busy all the time and starts came late.
pub(crate) fn is_busy(row: &Interval) -> bool {
    row.cpu_s >= BUSY_CORE * row.seconds && row.lateness_us.p99 > LATE_WITH_CPU_US
}

fn late_ticks(facts: &Facts<'_>) -> u64 {
    facts.store.ticks.all.iter().map(|t| u64::from(t.late)).sum()
}

fn worst_lateness_ms(facts: &Facts<'_>) -> f64 {
    let ticks = facts.store.ticks.all.iter();
    ticks.map(|t| t.lateness_p99_us).max().unwrap_or(0) as f64 / 1e3
}

fn on_time(facts: &Facts<'_>) -> String {
    let used = facts.store.of(GENERATOR).iter().filter_map(|r| r.descriptors);
    let descriptors = used.max_by_key(|d| d.used).map_or_else(String::new, |d| {
        format!(
            "; at most {} of {} descriptors were open",
            format_count(d.used),
            format_count(d.limit)
        )
    });
    let late = match late_ticks(facts) {
        0 => String::new(),
        n => format!(" in all but {}", count(n, "tick")),
    };
    format!(
        "the generator kept its schedule{late} (99th percentile of lateness at worst {:.1} ms){descriptors}",
        worst_lateness_ms(facts)
    )
}
