//! Judges `target-ports`: the target's own outgoing connections (to a database, a service) ran out of
//! ephemeral ports. Taking connections needs none.
//!
//! Decisive: ports held by connections that the target opened ≥ usable − max(8, 1 %) in a sample within
//! one sample period and one tick of the failure, or the host's own word (Tcpip 4231, 4227) within a
//! minute of it. By itself it explains answers of 5xx that HTTP.sys did not give; a queue that fills up
//! behind it is a cause of its own.

use model::attempt::Failure;
use model::cause::{Cause, Stance};
use model::limit::{Limit, Origin};
use model::os_event::Meaning;
use model::run::RunInfo;
use model::units::format_count;

use super::{Judgement, Known, NOTHING_FAILED, Words};
use crate::bracket::{Level, Seen, around};
use crate::facts::{Candidate, Facts, span, tunable};
use crate::growth::socket_leak;
use crate::kinds::{is_503, status};
use crate::store::{Counter, Reading, Said, TARGET};
use crate::testimony::were_whole;
use crate::weigh::{MOST_CLOCK_BOUND_S, Word, attempts, rows, weigh};
use crate::words::{at, count};

const CAUSE: Cause = Cause::TargetPorts;

/// Ports that may be free though none can be had: those that come and go while a sample is taken.
const LEAST_SPARE: u64 = 8;

/// A condition stands behind the shortage when it holds at least this share of the ports. Chosen.
const BEHIND_SHARE: f64 = 0.5;

/// Tcpip tells of a shortage once in a while only, seconds: entries within a minute are one event.
const TOLD_WITHIN_S: f64 = 60.0;

/// MaxUserPort is the highest port; the lowest is 1025 (KB196271).
const BELOW_USER_PORTS: u64 = 1024;

/// Where a gap hides when it began.
const ONE_SIDE: &str =
    "its ports read as taken on one side of a gap only, in which the failures lie";

const COLLECT: &str = "the target's own outgoing connections were not listed near the failures: on it, `netstat -ano | find /c \"TIME_WAIT\"` and `netstat -anoq` against `netsh int ipv4 show dynamicport tcp`, and Tcpip 4227 and 4231 in its System log";

/// Ports of the target's own connections, and how many it may use.
pub(crate) fn use_of(facts: &Facts<'_>, reading: &Reading) -> Option<(u64, Limit)> {
    if let Some(ports) = reading.ports {
        let limit = Limit { value: ports.usable, origin: Origin::Measured };
        return Some((ports.used_any, limit));
    }
    Some((reading.tcp?.opened_ports?, usable(facts)?))
}

fn usable(facts: &Facts<'_>) -> Option<Limit> {
    usable_of(facts.run)
}

/// How many ports the target may use: as configured, else its profile's.
pub(crate) fn usable_of(run: &RunInfo) -> Option<Limit> {
    let ports = ["dynamicport.number", "DynamicPortRangeNumberOfPorts", "NumberOfPorts"];
    let highest = || {
        let limit = tunable(run, TARGET, &["MaxUserPort"])?;
        Some(Limit { value: limit.value.saturating_sub(BELOW_USER_PORTS), ..limit })
    };
    let of_profile = || {
        let profile = host::profile(run.target.profile.as_deref()?)?;
        Some(Limit { value: profile.ports.value.count(), origin: Origin::Derived })
    };
    tunable(run, TARGET, &ports).or_else(highest).or_else(of_profile)
}

/// Whether so few are left that none can be had.
pub(crate) fn full(used: u64, limit: Limit) -> bool {
    let spare = LEAST_SPARE.max(limit.value / 100).min(limit.value / 2);
    limit.value > 0 && used >= limit.value - spare
}

fn levels(facts: &Facts<'_>) -> Vec<Level> {
    facts.levels(TARGET, |r| use_of(facts, r).map(|(used, limit)| full(used, limit)))
}

/// The host's own word: all ports in use, or reused so fast that one met its own TIME_WAIT.
fn said<'a>(facts: &Facts<'a>) -> impl Iterator<Item = &'a Said> {
    let events = &facts.store.os_events;
    let words = [Meaning::TcpPortsExhausted, Meaning::TimeWaitCollision];
    words.into_iter().filter_map(|meaning| events.said(TARGET, meaning))
}

/// Whether the host said so around this time. An entry whose own time is not known says nothing of order.
fn is_said(facts: &Facts<'_>, from_s: f64, to_s: f64) -> bool {
    // Without a generator all of it is on the host's own clock.
    let slack_s = if facts.load_was_made { facts.slack_s(TARGET) } else { 0.0 };
    said(facts).filter(|said| said.bound_s <= TOLD_WITHIN_S).any(|said| {
        let reach_s = slack_s + said.bound_s;
        let covers = |from: f64, to: f64| {
            from - reach_s - TOLD_WITHIN_S <= to_s && to + reach_s + TOLD_WITHIN_S >= from_s
        };
        said.all().iter().any(|s| covers(s.from_s, s.to_s))
    })
}

/// Whether the host said so at a time that is not known well enough.
fn is_said_somewhen(facts: &Facts<'_>) -> bool {
    said(facts).any(|said| said.bound_s > TOLD_WITHIN_S)
}

/// Answers of 5xx that HTTP.sys did not give by itself, and how many of each. A 503 is among them only
/// where its log and the web server's own were read and name no reason (it may be a 503.2 too), neither
/// for it nor for any other near it: a log that tells of some has lost the others.
pub(super) fn own_5xx(facts: &Facts<'_>) -> Vec<Candidate> {
    let open = |c: &Candidate| c.count - facts.matched.any(c.place).min(c.count);
    let is_5xx = |f: &Failure| matches!(status(f), Some(500..=599));
    let mut all = facts.candidates(|f| is_5xx(f) && !is_503(f));
    for burst in rows(&facts.candidates(is_503), facts.burst_pause_s()) {
        let Some((from_s, to_s)) = span(burst) else { continue };
        let untold = burst.iter().all(|c| open(c) == c.count);
        if untold && were_whole(facts, from_s, to_s) {
            all.extend(burst);
        }
    }
    all.retain_mut(|c| {
        c.count = open(c);
        c.count > 0
    });
    all.sort_by(|a, b| a.first_s.total_cmp(&b.first_s));
    all
}

/// Where its ports were seen when these failed.
pub(super) fn seen(facts: &Facts<'_>, levels: &[Level], c: &Candidate) -> Seen {
    around(levels, c.first_s, c.last_s, facts.slack_s(TARGET) + facts.tick_s)
}

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, _: &Known) -> Judgement {
    let levels = levels(facts);
    if !facts.any_failure && (facts.load_was_made || said(facts).next().is_none()) {
        return Judgement::untested(CAUSE, NOTHING_FAILED, most(facts));
    }
    let candidates = own_5xx(facts);
    if candidates.is_empty() {
        return without_5xx(facts, &levels);
    }
    let release_s = facts.release_s(TARGET) + facts.tick_s;
    let weighed =
        weigh(&candidates, facts.pause_s(), release_s, |c| match seen(facts, &levels, c) {
            Seen::Below | Seen::Unread if is_said(facts, c.first_s, c.last_s) => Word::Testified,
            Seen::Unread if is_said_somewhen(facts) => Word::Read(Seen::Unresolved),
            seen => Word::Read(seen),
        });
    let mut judged = Judgement::new(CAUSE);
    let bound_s = if facts.load_was_made { facts.clock_bound_s(TARGET) } else { 0.0 };
    judged.stance = weighed.stance(bound_s);
    match judged.stance {
        Stance::Supported | Stance::Consistent => {
            judged.claims = weighed.claims();
            let Some((from_s, to_s)) = span(&judged.claims) else { return judged };
            told(facts, &mut judged, from_s, to_s);
            if bound_s > MOST_CLOCK_BOUND_S {
                judged.supporting.push(format!("the target's clock is known to {bound_s:.1} s only, so whether its ports were taken before the failures began is not tested"));
            }
        }
        Stance::Contradicted => judged.against.extend(most(facts)),
        Stance::Untested => judged.untested_because = Some(unread(facts)),
    }
    let outliving = attempts(&weighed.outliving);
    if outliving > 0 {
        let n = count(outliving, "failure");
        judged.against.push(format!("{n} went on after its ports had become free again"));
    }
    judged
}

/// No answer that it explains by itself.
fn without_5xx(facts: &Facts<'_>, levels: &[Level]) -> Judgement {
    let from_s = said(facts).flat_map(Said::all).map(|s| s.from_s).reduce(f64::min);
    let to_s = said(facts).flat_map(Said::all).map(|s| s.to_s).reduce(f64::max);
    if let (Some(from_s), Some(to_s), false) = (from_s, to_s, facts.load_was_made) {
        let mut judged = Judgement::new(CAUSE);
        judged.stance = Stance::Supported;
        told(facts, &mut judged, from_s, to_s);
        judged.said_s = Some((from_s, to_s));
        return judged;
    }
    if levels.iter().any(|l| l.at_limit) {
        // What fails then, a full queue for one, fails for a reason of its own.
        let mut judged = Judgement::new(CAUSE);
        judged.stance = Stance::Consistent;
        judged.supporting.push("the target answered nothing with a 5xx of its own".into());
        judged.supporting.extend(most(facts));
        return judged;
    }
    Judgement::looks_otherwise(CAUSE, most(facts))
}

fn told(facts: &Facts<'_>, judged: &mut Judgement, from_s: f64, to_s: f64) {
    let mut because = "its own outgoing connections ran out of ports".to_owned();
    if let Some((reading, used, limit)) = first_full(facts, to_s) {
        judged.supporting.push(format!(
            "{} of the {} ports ({}) that the target has for its own connections were in use at {}; the first failure at {}",
            format_count(used),
            format_count(limit.value),
            limit.origin.as_str(),
            at(reading.t_s),
            at(from_s)
        ));
        because = format!(
            "the {} ports that the target has for its own outgoing connections were all taken",
            format_count(limit.value)
        );
        let behind = behind(facts, reading, used);
        if let Some((who, sentence)) = behind {
            judged.because_of.push(who);
            judged.supporting.push(sentence);
        }
    }
    for said in said(facts) {
        let n = count(said.count(), "entry");
        let n = n.replace("entrys", "entries");
        judged.supporting.push(format!("the host's own word: event {} ({n})", said.name));
    }
    if let Some(rose) =
        facts.rise(TARGET, Counter::ConnectFailures, from_s, to_s).filter(|n| *n > 0.0)
    {
        judged.supporting.push(format!(
            "the target's counter of failed connections grew by {} in that time",
            format_count(rose as u64)
        ));
    }
    if judged.supporting.is_empty() {
        judged.supporting.push(ONE_SIDE.into());
    }
    judged.words = Words { who: "the target answered 5xx to", whom: "request", because };
}

fn first_full<'a>(facts: &Facts<'a>, to_s: f64) -> Option<(&'a Reading, u64, Limit)> {
    let until_s = to_s + facts.slack_s(TARGET) + facts.tick_s;
    let readings = facts.store.of(TARGET).iter().take_while(|r| r.t_s <= until_s);
    let mut told = readings.filter_map(|r| use_of(facts, r).map(|(used, limit)| (r, used, limit)));
    told.find(|(_, used, limit)| full(*used, *limit))
}

/// What holds the ports.
fn behind(facts: &Facts<'_>, reading: &Reading, used: u64) -> Option<(String, String)> {
    if let Some(leak) = socket_leak(facts, 0.0, reading.t_s) {
        return Some((leak.who, leak.sentence));
    }
    let tcp = reading.tcp?;
    let share = tcp.time_wait_opened as f64 / used.max(1) as f64;
    (share >= BEHIND_SHARE).then(|| {
        let told = format!(
            "{:.0} % of them were in TIME_WAIT: the target closes its outgoing connections first, and opens one for each request",
            100.0 * share.min(1.0)
        );
        ("TIME_WAIT on the target".to_owned(), told)
    })
}

/// The fullest reading in a sentence.
fn most(facts: &Facts<'_>) -> Option<String> {
    let told = facts.store.of(TARGET).iter().filter_map(|r| Some((r.t_s, use_of(facts, r)?)));
    let (t_s, (used, limit)) = told.max_by_key(|(_, (used, _))| *used)?;
    Some(format!(
        "at most {} of the {} ports ({}) for the target's own connections were in use (at {})",
        format_count(used),
        format_count(limit.value),
        limit.origin.as_str(),
        at(t_s)
    ))
}

fn unread(facts: &Facts<'_>) -> String {
    let gap = facts.gap_reason(TARGET, &["netstat", "local", "tcp"]);
    gap.map_or_else(|| COLLECT.to_owned(), |gap| format!("{COLLECT} ({gap})"))
}

/// Whether its ports had run out by the time another cause began, in a sentence.
pub(super) fn stands_behind(facts: &Facts<'_>, from_s: f64, to_s: f64) -> Option<String> {
    let slack_s = facts.slack_s(TARGET) + facts.tick_s;
    if around(&levels(facts), from_s, from_s, slack_s) == Seen::AtLimit {
        let (reading, used, limit) = first_full(facts, from_s)?;
        return Some(format!(
            "by then {} of the {} ports for the target's own connections were in use (from {} on): its workers waited for ports",
            format_count(used),
            format_count(limit.value),
            at(reading.t_s)
        ));
    }
    is_said(facts, from_s, to_s).then(|| {
        let names: Vec<&str> = said(facts).map(|s| s.name.as_str()).collect();
        format!(
            "the host's own word around that time: its outgoing connections lacked ports (event {})",
            names.join(", ")
        )
    })
}

/// Whether its ports were read as free when another cause began.
pub(super) fn were_free(facts: &Facts<'_>, from_s: f64) -> bool {
    let slack_s = facts.slack_s(TARGET) + facts.tick_s;
    around(&levels(facts), from_s, from_s, slack_s) == Seen::Below
}

/// Whether anything of its ports was read at all.
pub(super) fn levels_are_read(facts: &Facts<'_>) -> Option<Vec<Level>> {
    let levels = levels(facts);
    (!levels.is_empty()).then_some(levels)
}
