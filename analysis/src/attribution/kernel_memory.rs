//! Judges `kernel-memory-other`: kernel memory other than non-paged pool ran out.
//!
//! Decisive: in a sample within one sample period of the failure, free system page table entries below
//! 5,000, or commit at 98 % of its limit, or paged pool at 98 % of its ceiling; or the host's own word
//! (Srv 2020, Resource-Exhaustion-Detector 2004) before it. Failures of the look that want of memory
//! has: refused, reset, broken off, or 503 for the reason `N/A` (KB820729: want of memory, for one).

mod level;

use model::attempt::Failure;
use model::cause::{Cause, Stance};

use super::{Judgement, Known, NOTHING_FAILED, Words};
use crate::bracket::{Level, Seen, around};
use crate::facts::{Candidate, Facts, span};
use crate::growth::{Growth, commit_growth, paged_growth};
use crate::kinds::{is_503, is_broken_off, is_refused, is_reset_early};
use crate::matched::HostWord;
use crate::store::{Reason, TARGET};
use crate::testimony::Testimony;
use crate::weigh::{MOST_CLOCK_BOUND_S, Weighed, Word, attempts, weigh};
use crate::words::{at, count};
pub(crate) use level::{Short, paged_limit, paged_limit_of};

const CAUSE: Cause = Cause::KernelMemoryOther;

const COLLECT: &str = r"no reading of the target's kernel memory lies near the failures: watch \Memory\Free System Page Table Entries, \Memory\Committed Bytes, \Memory\Commit Limit and \Memory\Pool Paged Bytes";

const NOT_AVAILABLE: &[HostWord] = &[HostWord::Row(Reason::NotAvailable)];

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, known: &Known) -> Judgement {
    let short = Short::of(facts);
    if !facts.any_failure {
        return said_alone(facts, &short)
            .unwrap_or_else(|| Judgement::untested(CAUSE, NOTHING_FAILED, None));
    }
    let candidates = candidates(facts, known);
    if candidates.is_empty() {
        return match said_alone(facts, &short) {
            Some(judged) => judged,
            None => Judgement::looks_otherwise(CAUSE, None),
        };
    }
    let slack_s = facts.slack_s(TARGET);
    let weighed = weigh(&candidates, facts.pause_s(), facts.release_s(TARGET), |c| {
        if short.said_before(c.last_s + slack_s) {
            return Word::Testified;
        }
        match around(&short.levels, c.first_s, c.last_s, slack_s) {
            Seen::Unread if short.may_be_said_before(c.last_s + slack_s) => {
                Word::Read(Seen::Unresolved)
            }
            seen => Word::Read(seen),
        }
    });
    judgement(facts, &short, &candidates, &weighed)
}

/// Failures of that look which no row of the host's log puts down to anything else.
fn candidates(facts: &Facts<'_>, known: &Known) -> Vec<Candidate> {
    let looks = |f: &Failure| is_refused(f) || is_reset_early(f) || is_broken_off(f) || is_503(f);
    let testimony = Testimony::of(facts);
    let mut all = known.left(facts.candidates(looks));
    all.retain_mut(|c| {
        let not_available = facts.matched.count(c.place, NOT_AVAILABLE);
        let other = facts.matched.any(c.place) - not_available;
        if is_503(facts.failure(c)) && facts.store.log.read.is_some() {
            c.count = not_available;
        } else {
            c.count = c.count.saturating_sub(other);
        }
        // The gate's own word is about another pool.
        c.count > 0 && !testimony.as_ref().is_some_and(|t| t.covers(c))
    });
    all
}

fn judgement(
    facts: &Facts<'_>,
    short: &Short,
    candidates: &[Candidate],
    weighed: &Weighed,
) -> Judgement {
    let mut judged = Judgement::new(CAUSE);
    let bound_s = if facts.load_was_made { facts.clock_bound_s(TARGET) } else { 0.0 };
    judged.stance = weighed.stance(bound_s);
    match judged.stance {
        Stance::Supported | Stance::Consistent => {
            judged.claims = weighed.claims();
            let Some((from_s, to_s)) = span(&judged.claims) else { return judged };
            let told = short.told(facts, from_s, to_s);
            judged.supporting.extend(told.sentences);
            judged.supporting.extend(not_available(facts));
            judged.supporting.push(release(facts, short, to_s));
            let behind = match short.of_paged_pool(facts, from_s) {
                true => paged_growth(facts, from_s),
                false => by_process(facts, from_s),
            };
            judged.supporting.extend(behind.sentences);
            judged.because_of = behind.because_of;
            judged.words = words(told.because, behind.clause);
            if bound_s > MOST_CLOCK_BOUND_S {
                judged.supporting.push(format!(
                    "the target's clock is known to {bound_s:.1} s only, so whether that came before the failures is not tested"
                ));
            }
            leftovers(weighed, &mut judged);
        }
        Stance::Contradicted => {
            leftovers(weighed, &mut judged);
            judged.against.extend(short.nearest(facts, candidates));
        }
        Stance::Untested => {
            let gap = facts.gap_reason(TARGET, &["exporter", "memory"]);
            judged.untested_because =
                Some(gap.map_or_else(|| COLLECT.to_owned(), |gap| format!("{COLLECT} ({gap})")));
        }
    }
    judged
}

/// What stands behind commit and page table entries: a process, where one grew.
fn by_process(facts: &Facts<'_>, from_s: f64) -> Growth {
    let Some(leak) = commit_growth(facts, from_s) else { return Growth::default() };
    Growth { because_of: vec![leak.who], sentences: vec![leak.sentence], clause: Some(leak.clause) }
}

fn words(because: String, clause: Option<String>) -> Words {
    let because = match clause {
        Some(clause) => format!("{because}; {clause}"),
        None => because,
    };
    Words { who: "the target failed", whom: "attempt", because }
}

fn not_available(facts: &Facts<'_>) -> Option<String> {
    let rows = facts.store.log.count(&[Reason::NotAvailable]);
    (rows > 0).then(|| {
        format!(
            "HTTPERR counts {} of N/A with 503: an internal error, such as an allocation that failed",
            count(rows, "row")
        )
    })
}

fn release(facts: &Facts<'_>, short: &Short, to_s: f64) -> String {
    let last_s = short.levels.iter().rev().find(|l| l.at_limit).map_or(to_s, |l| l.t_s);
    let after = |l: &&Level| l.t_s > last_s && l.t_s <= facts.load_end_s();
    match short.levels.iter().filter(after).count() {
        0..=2 => "release not seen: it stayed short for as long as load was made".into(),
        _ if to_s <= last_s + facts.release_s(TARGET) => {
            format!(
                "release: it was no longer short after {}, and the failures ended with it",
                at(last_s)
            )
        }
        _ => format!("it was no longer short after {}", at(last_s)),
    }
}

fn leftovers(weighed: &Weighed, judged: &mut Judgement) {
    let outliving = attempts(&weighed.outliving);
    if outliving > 0 {
        let n = count(outliving, "failure");
        judged.against.push(format!("{n} went on after kernel memory was no longer short"));
    }
    let early = attempts(&weighed.out_of_order);
    if early > 0 {
        let n = count(early, "failure");
        judged
            .against
            .push(format!("{n} belong to rows of failures that began before it was short"));
    }
}

/// Where nobody counted what failed, the host's own word alone.
fn said_alone(facts: &Facts<'_>, short: &Short) -> Option<Judgement> {
    let (from_s, to_s) = short.said_s.filter(|_| !facts.load_was_made)?;
    let mut judged = Judgement::new(CAUSE);
    judged.stance = Stance::Supported;
    let told = short.told(facts, from_s, to_s);
    judged.supporting = told.sentences;
    judged.said_s = Some((from_s, to_s));
    judged.words = words(told.because, None);
    Some(judged)
}
