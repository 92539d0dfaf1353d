//! Judges `nonpaged-pool`: free non-paged pool fell to the gate and HTTP.sys stopped accepting.
//!
//! Decisive: ceiling − used ≤ gate + 2 MiB in a sample within one sample period of the failure, or a
//! `Connections_Refused` row whose window covers it. Testimony outranks the derived ceiling.

use model::cause::{Cause, Stance};
use model::os_event::Meaning;
use model::units::format_bytes;

use super::{Judgement, Known, NOTHING_FAILED, Words};
use crate::bracket::{Level, Seen, around};
use crate::facts::{Candidate, Facts, span};
use crate::growth::{growth, socket_leak};
use crate::kinds::{is_refused, is_reset_early};
use crate::pool::{TOLERANCE_BYTES, signed};
use crate::probes::{FRESH, OLD, OTHER_PORT, Rounds, Shown};
use crate::store::TARGET;
use crate::testimony::{Testimony, silence};
use crate::weigh::{MOST_CLOCK_BOUND_S, Weighed, Word, attempts, unseen, weigh};
use crate::words::{at, count};

const CAUSE: Cause = Cause::NonpagedPool;

/// How near the gate a pool has come near it, for sentences only.
const NEAR_BYTES: i64 = 10 << 20;

const COLLECT: &str = "no reading of the pool and no HTTPERR row lies near the refusals: watch \\Memory\\Pool Nonpaged Bytes of the target, or run `poolmon -n` on it, and keep %SystemRoot%\\System32\\LogFiles\\HTTPERR";

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, _: &Known) -> Judgement {
    if !facts.any_failure {
        return said_alone(facts)
            .unwrap_or_else(|| Judgement::untested(CAUSE, NOTHING_FAILED, nearest(facts)));
    }
    let testimony = Testimony::of(facts);
    let (levels, slack_s) = (&facts.pool_levels, facts.slack_s(TARGET));
    let (candidates, unlistened) = refusals(facts, levels, testimony.as_ref());
    if candidates.is_empty() {
        return said_alone(facts).unwrap_or_else(|| without_refusals(facts, &unlistened));
    }
    // Refusals between two readings of which only one was at the gate: which came first nobody saw.
    let turned = |before: Level, after: Level| before.at_limit != after.at_limit;
    let guessed = unseen(levels, &candidates, facts.burst_pause_s(), turned);
    let weighed = weigh(&candidates, facts.pause_s(), facts.release_s(TARGET), |c| {
        if testimony.as_ref().is_some_and(|t| t.covers(c)) {
            return Word::Testified;
        }
        match around(levels, c.first_s, c.last_s, slack_s) {
            Seen::AtLimit if guessed.contains(&c.place) => Word::Read(Seen::Unresolved),
            seen => Word::Read(seen),
        }
    });
    let case = Case { facts, testimony, weighed };
    case.judgement(&candidates)
}

/// Attempts that HTTP.sys may have refused, and those that failed so while nothing listened. Whether
/// netstat still lists a listener at the gate is documented nowhere, so an absence that began with the
/// pool at its gate does not exclude refusals that the host's own log covers.
fn refusals(
    facts: &Facts<'_>,
    levels: &[Level],
    testimony: Option<&Testimony>,
) -> (Vec<Candidate>, Vec<Candidate>) {
    let slack_s = facts.slack_s(TARGET);
    let for_the_gate = |c: &Candidate| {
        let at_gate = |s: f64| around(levels, s, s, slack_s) == Seen::AtLimit;
        testimony.is_some_and(|t| t.covers(c)) && facts.absent_since_s(c).is_none_or(at_gate)
    };
    let mut all = facts.candidates(|f| is_refused(f) || is_reset_early(f));
    // What the host's log puts down to something else, one for one, it did not refuse.
    all.retain_mut(|c| {
        c.count -= facts.matched.any(c.place).min(c.count);
        c.count > 0
    });
    all.into_iter().partition(|c| {
        around(&facts.absent, c.first_s, c.last_s, slack_s) != Seen::AtLimit || for_the_gate(c)
    })
}

/// Where nobody counted what failed, the host's own word that the pool was empty (Srv 2019), unless the
/// pool itself read as far from its gate: then want of something else made the allocation fail.
fn said_alone(facts: &Facts<'_>) -> Option<Judgement> {
    let said = facts.store.os_events.said(TARGET, Meaning::NonpagedPoolEmpty)?;
    let levels = &facts.pool_levels;
    if facts.load_was_made || (!levels.is_empty() && levels.iter().all(|l| !l.at_limit)) {
        return None;
    }
    let (first, last) = (said.all().first()?, said.all().last()?);
    let mut judged = Judgement::new(CAUSE);
    judged.stance = Stance::Supported;
    judged.supporting.push(format!(
        "the host's own word: an allocation failed since non-paged pool was empty (event {}, {} from {} on)",
        said.name,
        count(said.count(), "time"),
        at(first.from_s)
    ));
    let mut behind = growth(facts, first.from_s);
    judged.supporting.append(&mut behind.sentences);
    judged.because_of = behind.because_of;
    judged.said_s = Some((first.from_s, last.to_s));
    let who = "HTTP.sys on the target refused";
    let because = format!("its non-paged pool was empty (event {})", said.name);
    judged.words = Words { who, whom: "connection", because };
    Some(judged)
}

/// How near the pool came to its gate, for runs in which it does not matter.
fn nearest(facts: &Facts<'_>) -> Option<String> {
    let (t_s, free) = facts.pool.least()?;
    let gate = signed(facts.pool.gate_bytes?);
    let words = facts.pool.gate_words();
    let above = format_bytes((free - gate).into());
    Some(if free > gate + NEAR_BYTES {
        format!("free non-paged pool stayed at least {above} above the {words}")
    } else if free >= gate {
        format!("free non-paged pool came within {above} of the {words} at {}", at(t_s))
    } else {
        let below = format_bytes((gate - free).into());
        format!("free non-paged pool fell {below} below the {words} at {}", at(t_s))
    })
}

/// No attempt failed in the way of the gate.
fn without_refusals(facts: &Facts<'_>, unlistened: &[Candidate]) -> Judgement {
    let far = facts.pool_levels.iter().all(|l| !l.at_limit);
    match (nearest(facts), unlistened.is_empty()) {
        (fact, false) => {
            let fact = fact.map_or_else(String::new, |f| format!("; {f}"));
            let n = count(attempts(unlistened), "attempt");
            Judgement::contradicted(
                CAUSE,
                format!(
                    "nothing listened on the target while {n} failed, and the gate of HTTP.sys leaves its listener in place{fact}"
                ),
            )
        }
        (Some(fact), true) if far => {
            Judgement::contradicted(CAUSE, format!("no connection was refused, and {fact}"))
        }
        (fact, true) => {
            Judgement::untested(CAUSE, "no connection was refused or reset before its answer", fact)
        }
    }
}

struct Case<'a> {
    facts: &'a Facts<'a>,
    testimony: Option<Testimony>,
    weighed: Weighed,
}

impl Case<'_> {
    fn judgement(&self, candidates: &[Candidate]) -> Judgement {
        let mut judged = Judgement::new(CAUSE);
        judged.stance = self.weighed.stance(self.clock_bound_s());
        let covered = |t: &Testimony| self.weighed.claimed.iter().any(|c| t.covers(c));
        let testified = self.testimony.as_ref().is_some_and(covered);
        if testified && judged.stance == Stance::Contradicted {
            // The host's own word outranks a release that only a derived ceiling shows, yet not a clock
            // that nobody knows.
            judged.stance = match self.clock_bound_s() > MOST_CLOCK_BOUND_S {
                true => Stance::Consistent,
                false => Stance::Supported,
            };
        }
        let first_s = candidates[0].first_s;
        if let Some(silent) = silence(self.facts, first_s) {
            judged.against.push(silent);
            judged.stance = Stance::Contradicted;
        }
        match judged.stance {
            Stance::Supported | Stance::Consistent => self.held_up(&mut judged),
            Stance::Contradicted => self.turned_down(&mut judged),
            Stance::Untested => judged.untested_because = Some(self.unread()),
        }
        judged
    }

    /// How far the refusals' clock may be off the target's. Without a generator the refusals are the
    /// target's own rows.
    fn clock_bound_s(&self) -> f64 {
        if self.facts.load_was_made { self.facts.clock_bound_s(TARGET) } else { 0.0 }
    }

    /// The pool at its gate, with all that stands for and against it.
    fn held_up(&self, judged: &mut Judgement) {
        judged.claims = self.weighed.claims();
        let Some((from_s, to_s)) = span(&judged.claims) else { return };
        let mut behind = growth(self.facts, from_s);
        if let Some(leak) = socket_leak(self.facts, 0.0, from_s) {
            behind.because_of.push(leak.who);
            behind.sentences.push(leak.sentence);
        }
        judged.supporting.extend(self.level(from_s, to_s));
        let claimed = attempts(&judged.claims);
        judged.supporting.extend(self.testimony.as_ref().map(|t| t.sentence(claimed)));
        judged.supporting.append(&mut behind.sentences);
        if self.facts.load_was_made {
            judged.supporting.push(self.release(to_s));
        }
        self.probes(judged, from_s, to_s);
        self.leftovers(judged);
        let bound_s = self.clock_bound_s();
        if bound_s > MOST_CLOCK_BOUND_S {
            judged.supporting.push(format!("the target's clock is known to {bound_s:.1} s only, so whether the pool was at its gate before the refusals began is not tested"));
        }
        judged.because_of = behind.because_of;
        let mut because = match self.disagrees(from_s, to_s) {
            Some(_) => "its own log says that free non-paged pool fell below the gate".to_owned(),
            None => format!("free non-paged pool fell to its {}", self.facts.pool.gate_words()),
        };
        if let Some(clause) = behind.clause {
            because.push_str("; ");
            because.push_str(&clause);
        }
        let who = "HTTP.sys on the target refused";
        judged.words = Words { who, whom: "connection", because };
    }

    /// The level at which it refused, or why the ceiling must be wrong.
    fn level(&self, from_s: f64, to_s: f64) -> Option<String> {
        if let Some(sentence) = self.disagrees(from_s, to_s) {
            return Some(sentence);
        }
        let pool = &self.facts.pool;
        let slack_s = self.facts.slack_s(TARGET);
        let (t_s, free) = pool.least_within(from_s - slack_s, to_s + slack_s)?;
        let reached = self.facts.pool_levels.iter().find(|l| l.at_limit).map_or_else(String::new, |l| {
            format!(
                "free non-paged pool came within the tolerance of 2 MiB of the {} at {}, the first refusal at {}; ",
                pool.gate_words(),
                at(l.t_s),
                at(from_s)
            )
        });
        Some(format!(
            "{reached}the least free was {} of a ceiling of {}, at {}",
            format_bytes(free.into()),
            pool.ceiling_words(),
            at(t_s),
        ))
    }

    /// Refusals in the host's own log while the ceiling leaves much more than the gate free.
    fn disagrees(&self, from_s: f64, to_s: f64) -> Option<String> {
        self.testimony.as_ref()?;
        let pool = &self.facts.pool;
        let slack_s = self.facts.slack_s(TARGET);
        let (t_s, free) = pool.least_within(from_s - slack_s, to_s + slack_s)?;
        let gate = signed(pool.gate_bytes?);
        (free > gate + TOLERANCE_BYTES).then(|| {
            format!(
                "HTTPERR says that HTTP.sys refused, yet {} of a ceiling of {} read as free at {}, against a {}: the log is the host's own word, so the ceiling must be wrong",
                format_bytes(free.into()),
                pool.ceiling_words(),
                at(t_s),
                pool.gate_words(),
            )
        })
    }

    /// Whether the run holds a release: attempts that came due once free pool was back.
    fn release(&self, to_s: f64) -> String {
        let levels = &self.facts.pool_levels;
        let load_end_s = self.facts.load_end_s();
        let last_s = levels.iter().rev().find(|l| l.at_limit).map_or(to_s, |l| l.t_s);
        let after = levels.iter().filter(|l| l.t_s > last_s && l.t_s <= load_end_s).count();
        if after <= 2 {
            return "release not seen: free pool did not come back above the gate for more than two samples while load was made".into();
        }
        let back = format!("release: free pool was back above the gate after {}", at(last_s));
        match self.weighed.outliving.is_empty() && to_s <= last_s + self.facts.release_s(TARGET) {
            true => format!("{back}, and the refusals ended with it"),
            false => back,
        }
    }

    fn probes(&self, judged: &mut Judgement, from_s: f64, to_s: f64) {
        let rounds = Rounds::within(self.facts, from_s, to_s);
        judged.supporting.extend(rounds.gate());
        let old_too = rounds.showing(&[(FRESH, Shown::Refused), (OLD, Shown::Refused)])
            + rounds.showing(&[(FRESH, Shown::Refused), (OLD, Shown::Failed)]);
        if old_too > 0 {
            let n = count(old_too, "probe round");
            judged.against.push(format!("in {n} the connection opened before the load failed as well, which the gate leaves alone"));
        }
        let dead = rounds.showing(&[(OTHER_PORT, Shown::Failed)]);
        if dead > 0 {
            let n = count(dead, "probe round");
            judged.against.push(format!("in {n} another port of the host did not answer either"));
        }
    }

    /// Failures of the same look that are not claimed.
    fn leftovers(&self, judged: &mut Judgement) {
        let outliving = attempts(&self.weighed.outliving);
        if outliving > 0 {
            judged.against.push(format!(
                "{} went on after free pool had come back above the gate",
                count(outliving, "failure")
            ));
        }
        let early = attempts(&self.weighed.out_of_order);
        if early > 0 {
            judged.against.push(format!(
                "{} belong to rows of failures that began before the pool was at its gate",
                count(early, "failure")
            ));
        }
    }

    fn turned_down(&self, judged: &mut Judgement) {
        self.leftovers(judged);
        let slack_s = self.facts.slack_s(TARGET);
        let below = span(&self.weighed.below);
        let least = below.and_then(|(from_s, to_s)| {
            self.facts.pool.least_within(from_s - slack_s, to_s + slack_s)
        });
        if let Some((t_s, free)) = least {
            judged.against.push(format!(
                "around {} free non-paged pool was never less than {} (at {}), well above the {}",
                count(attempts(&self.weighed.below), "refusal"),
                format_bytes(free.into()),
                at(t_s),
                self.facts.pool.gate_words(),
            ));
        }
    }

    fn unread(&self) -> String {
        let gaps =
            self.facts.gap_reason(TARGET, &["exporter", "memory", "poolmon", "pool", "httperr"]);
        if self.facts.pool.gate_bytes.is_none() {
            return "the target's profile has no HTTP.sys, and so no gate".into();
        }
        if self.facts.pool.limit.is_none() && !self.facts.pool.used.is_empty() {
            return "the ceiling of the target's pool is not known: name its profile".into();
        }
        gaps.map_or_else(|| COLLECT.to_owned(), |gap| format!("{COLLECT} ({gap})"))
    }
}
