//! Judges `listener-down`: nothing was listening on the target's port.
//!
//! Decisive: a list of the target's sockets within one sample period of the refusal has no listener on
//! that port. Connections that stood in the listener's queue are reset when it goes (138 of 2,268
//! failures, Linux 6.18, measured), so resets are claimed only where a span without listener begins.

use model::cause::{Cause, Stance};

use super::{Judgement, Known, NOTHING_FAILED, Words};
use crate::bracket::{Level, Seen, around};
use crate::facts::{Candidate, Facts, span};
use crate::kinds::{is_refused, is_reset_early};
use crate::probes::{FRESH, OLD, OTHER_PORT, Rounds, Shown};
use crate::store::TARGET;
use crate::weigh::{MORE_OFTEN, Weighed, Word, attempts, rows, unseen, weigh};
use crate::words::{at, count};

const CAUSE: Cause = Cause::ListenerDown;

/// Resets this long before or after the first refusal of a row died with the queue: both come at once,
/// the refusal with the next attempt that is due.
const QUEUE_S: f64 = 1.0;

const COLLECT: &str = "no list of the target's sockets lies near the refusals: run `netstat -an` on the target and look for LISTENING on its port";

/// Judges it. What the gate's own word explains is explained elsewhere.
pub(super) fn judge(facts: &Facts<'_>, known: &Known) -> Judgement {
    if !facts.any_failure {
        return Judgement::untested(CAUSE, NOTHING_FAILED, None);
    }
    let refused = facts.candidates(is_refused);
    let elsewhere = known.explained_by(Cause::NonpagedPool);
    let slack_s = facts.slack_s(TARGET);
    if refused.is_empty() {
        return without_refusals(facts);
    }
    // A listener may have gone and come back between two lists: a restart of IIS takes seconds.
    let missed = unseen(&facts.absent, &refused, facts.burst_pause_s(), Level::both_below);
    let weighed = weigh(&refused, facts.pause_s(), facts.release_s(TARGET), |c| {
        let seen = match around(&facts.absent, c.first_s, c.last_s, slack_s) {
            Seen::Below if missed.contains(&c.place) => Seen::Unread,
            seen => seen,
        };
        if elsewhere.contains(&c.place) { Word::Elsewhere(seen) } else { Word::Read(seen) }
    });
    let mut judged = Judgement::new(CAUSE);
    judged.stance = weighed.stance(facts.clock_bound_s(TARGET));
    match judged.stance {
        Stance::Supported | Stance::Consistent => held_up(facts, &weighed, &mut judged),
        Stance::Contradicted => turned_down(facts, &weighed, &mut judged),
        Stance::Untested => judged.untested_because = Some(unread(facts, !missed.is_empty())),
    }
    judged
}

/// What would decide. `missed`: lists of sockets are there, yet too far apart.
fn unread(facts: &Facts<'_>, missed: bool) -> String {
    if missed {
        return format!("refusals: {MORE_OFTEN}");
    }
    let gap = facts.gap_reason(TARGET, &["netstat", "local", "tcp"]);
    gap.map_or_else(|| COLLECT.to_owned(), |gap| format!("{COLLECT} ({gap})"))
}

fn turned_down(facts: &Facts<'_>, weighed: &Weighed, judged: &mut Judgement) {
    let below = attempts(&weighed.below);
    if below > 0 {
        let n = count(below, "refusal");
        let port = port(facts);
        judged
            .against
            .push(format!("port {port} was listed as LISTENING in the samples around {n}"));
    }
    let elsewhere = attempts(&weighed.elsewhere);
    if elsewhere > 0 {
        let n = count(elsewhere, "refusal");
        judged.against.push(format!(
            "around {n} no listener was seen, yet the host's own log says that HTTP.sys refused at its gate: where the listener went, it went for that"
        ));
    }
    let outliving = attempts(&weighed.outliving);
    if outliving > 0 {
        let n = count(outliving, "refusal");
        judged.against.push(format!("{n} came after the listener was back"));
    }
}

fn port(facts: &Facts<'_>) -> String {
    facts.store.target_port().map_or_else(|| "?".into(), |p| p.to_string())
}

fn without_refusals(facts: &Facts<'_>) -> Judgement {
    let listed = facts.absent.iter().filter(|l| !l.at_limit).count();
    let n = count(listed as u64, "sample");
    if listed > 0 && listed == facts.absent.len() {
        let always = format!("port {} was listed as LISTENING in every one of {n}", port(facts));
        return Judgement::contradicted(CAUSE, always);
    }
    Judgement::untested(CAUSE, "no connection was refused", None)
}

fn held_up(facts: &Facts<'_>, weighed: &Weighed, judged: &mut Judgement) {
    judged.claims = weighed.claims();
    let refused = attempts(&judged.claims);
    let starts = starts(facts, &judged.claims);
    let reset = facts.candidates(is_reset_early).into_iter().filter(|c| died_in_queue(c, &starts));
    let reset: Vec<Candidate> = reset.collect();
    let Some((from_s, to_s)) = span(&judged.claims) else { return };
    let absent = facts.absent.iter().filter(|l| l.at_limit);
    let times: Vec<f64> = absent.map(|l| l.t_s).collect();
    if let [first, .., last] | [first @ last] = &times[..] {
        judged.supporting.push(format!(
            "{} from {} to {} list no LISTENING on port {}; {} refused around that time",
            count(times.len() as u64, "sample"),
            at(*first),
            at(*last),
            port(facts),
            count(refused, "attempt"),
        ));
    }
    if !reset.is_empty() {
        judged.supporting.push(format!(
            "connections in the listener's queue died with it: {} reset at that moment",
            count(attempts(&reset), "attempt")
        ));
    }
    judged.claims.extend(reset);
    probes(facts, judged, from_s, to_s);
    let outliving = attempts(&weighed.outliving);
    if outliving > 0 {
        judged
            .against
            .push(format!("{} came after the listener was back", count(outliving, "refusal")));
    }
    let because = format!("nothing listened on port {}", port(facts));
    judged.words = Words { who: "the target refused", whom: "connection", because };
}

fn probes(facts: &Facts<'_>, judged: &mut Judgement, from_s: f64, to_s: f64) {
    let rounds = Rounds::within(facts, from_s, to_s);
    let up = rounds.showing(&[(FRESH, Shown::Refused), (OTHER_PORT, Shown::Served)]);
    if up > 0 {
        let n = count(up, "probe round");
        judged.supporting.push(format!(
            "in {n} a fresh connect was refused while another port of the host answered: the host is up"
        ));
    }
    let old = rounds.showing(&[(FRESH, Shown::Refused), (OLD, Shown::Served)]);
    if old > 0 {
        let n = count(old, "probe round");
        judged.supporting.push(format!(
            "in {n} the connection opened before the load was still served: only new ones have nobody to take them"
        ));
    }
}

/// When listeners went, as far as it matters: around the first refusal of each row, where samples show
/// that the listener was lost between them.
fn starts(facts: &Facts<'_>, claims: &[Candidate]) -> Vec<(f64, f64)> {
    let slack_s = facts.slack_s(TARGET);
    let near_s = QUEUE_S + facts.tick_s;
    let lost = |s: f64| {
        let mut pairs = facts.absent.windows(2).filter(|w| !w[0].at_limit && w[1].at_limit);
        pairs.any(|w| s >= w[0].t_s - slack_s && s <= w[1].t_s + slack_s)
    };
    let firsts = rows(claims, facts.burst_pause_s()).filter_map(|row| Some(row.first()?.first_s));
    firsts.filter(|s| lost(*s)).map(|s| (s - near_s, s + near_s)).collect()
}

fn died_in_queue(candidate: &Candidate, starts: &[(f64, f64)]) -> bool {
    starts.iter().any(|s| candidate.first_s >= s.0 && candidate.first_s <= s.1)
}
