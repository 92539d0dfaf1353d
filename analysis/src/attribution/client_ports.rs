//! Judges `client-ports`: the generator ran out of ephemeral ports.
//!
//! Decisive: ports in use, as the generator's allocation counts them, ≥ usable − max(8, 1 %) in a
//! sample within one sample period and one tick of the failure. 10055, ENOBUFS and ENOMEM may mean
//! ports or memory (KB196271): where the ports are not full they stay unexplained.

use std::cmp::Reverse;

use model::cause::{Cause, Stance};
use model::run::PortAllocation;
use model::units::format_count;

use super::{Judgement, Known, NO_LOAD, NOTHING_FAILED, Words};
use crate::bracket::{Level, Seen, around};
use crate::facts::{Facts, span};
use crate::kinds::is_port_shortage;
use crate::probes::{OTHER_SOURCE, Rounds, Shown};
use crate::store::{GENERATOR, PortUse, Reading};
use crate::weigh::{MORE_OFTEN, Weighed, Word, attempts, unseen, weigh};
use crate::words::{at, count};

const CAUSE: Cause = Cause::ClientPorts;

/// Ports that may be free though none can be had: those that come and go while a sample is taken.
const LEAST_SPARE: u64 = 8;

/// TIME_WAIT is what stands behind the shortage when it holds at least this share of the ports.
const BEHIND_SHARE: f64 = 0.9;

/// connect() is told to have slowed down from so many times its first median on (28,232 ports: 23 µs
/// to over 1 ms; Linux 6.18, measured).
const SLOWED: f64 = 3.0;

const COLLECT: &str = "no reading of the generator's ports lies near the failures: on Linux `ss -tan | wc -l` against net.ipv4.ip_local_port_range, on Windows `netstat -ano` against `netsh int ipv4 show dynamicport tcp`";

/// Ports in use as the allocation counts them.
pub(crate) fn used(ports: PortUse, allocation: PortAllocation) -> u64 {
    match allocation {
        PortAllocation::Global => ports.used_any,
        PortAllocation::PerTuple => ports.used_to_destination.unwrap_or(ports.used_any),
    }
}

/// Whether so few are left that none can be had.
pub(crate) fn full(ports: PortUse, allocation: PortAllocation) -> bool {
    let spare = LEAST_SPARE.max(ports.usable / 100).min(ports.usable / 2);
    used(ports, allocation) >= ports.usable - spare
}

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, _: &Known) -> Judgement {
    let case = Case { facts, allocation: facts.run.generator.port_allocation };
    if !facts.any_failure {
        return Judgement::untested(CAUSE, NOTHING_FAILED, case.most());
    }
    let candidates = facts.candidates(is_port_shortage);
    if !facts.load_was_made {
        return Judgement::untested(CAUSE, NO_LOAD, case.most());
    }
    if candidates.is_empty() {
        return case.without_shortage();
    }
    let levels: Vec<Level> = case
        .readings()
        .map(|(r, ports)| Level { t_s: r.t_s, at_limit: full(ports, case.allocation) })
        .collect();
    let slack_s = facts.slack_s(GENERATOR) + facts.tick_s;
    let release_s = facts.release_s(GENERATOR) + facts.tick_s;
    // A short TIME_WAIT empties a full table within seconds, between two rare readings unseen.
    let missed = unseen(&levels, &candidates, facts.burst_pause_s(), Level::both_below);
    let weighed = weigh(&candidates, facts.pause_s(), release_s, |c| {
        match around(&levels, c.first_s, c.last_s, slack_s) {
            Seen::Below if missed.contains(&c.place) => Word::Read(Seen::Unread),
            seen => Word::Read(seen),
        }
    });
    let mut judged = Judgement::new(CAUSE);
    judged.stance = weighed.stance(facts.clock_bound_s(GENERATOR));
    match judged.stance {
        Stance::Supported | Stance::Consistent => case.held_up(&weighed, &mut judged),
        Stance::Contradicted => {
            case.leftovers(&weighed, &mut judged);
            judged.against.extend(case.most());
        }
        Stance::Untested if !missed.is_empty() => {
            judged.untested_because = Some(format!("attempts without a port: {MORE_OFTEN}"));
        }
        Stance::Untested => {
            let gap = facts.gap_reason(GENERATOR, &["port", "local", "sock"]);
            judged.untested_because =
                Some(gap.map_or_else(|| COLLECT.to_owned(), |gap| format!("{COLLECT} ({gap})")));
        }
    }
    judged
}

struct Case<'a> {
    facts: &'a Facts<'a>,
    allocation: PortAllocation,
}

impl<'a> Case<'a> {
    fn readings(&self) -> impl Iterator<Item = (&'a Reading, PortUse)> {
        self.facts.store.of(GENERATOR).iter().filter_map(|r| Some((r, r.ports?)))
    }

    /// The fullest reading in a sentence.
    fn most(&self) -> Option<String> {
        let fullest = |p: PortUse| Reverse(used(p, self.allocation));
        let (r, ports) = self.readings().min_by_key(|(_, p)| fullest(*p))?;
        Some(format!(
            "at most {} of the generator's {} ports were in use (at {})",
            format_count(used(ports, self.allocation)),
            format_count(ports.usable),
            at(r.t_s)
        ))
    }

    fn without_shortage(&self) -> Judgement {
        let ever_full = self.readings().any(|(_, ports)| full(ports, self.allocation));
        match self.most() {
            Some(most) if !ever_full => {
                let against = format!("no attempt lacked a port, and {most}");
                Judgement::contradicted(CAUSE, against)
            }
            fact => Judgement::untested(CAUSE, "no attempt lacked a port", fact),
        }
    }

    fn held_up(&self, weighed: &Weighed, judged: &mut Judgement) {
        judged.claims = weighed.claims();
        let Some((from_s, to_s)) = span(&judged.claims) else { return };
        let first_full = self.readings().find(|(_, ports)| full(*ports, self.allocation));
        let Some((reading, ports)) = first_full else { return };
        judged.supporting.push(format!(
            "{} of the generator's {} ports were in use at {}; the first attempt without a port came at {}",
            format_count(used(ports, self.allocation)),
            format_count(ports.usable),
            at(reading.t_s),
            at(from_s),
        ));
        let mut because =
            format!("its {} ephemeral ports were all taken", format_count(ports.usable));
        if let Some(share) = self.time_wait_share(reading, ports) {
            judged.because_of.push("TIME_WAIT on the generator".into());
            let told = format!("{:.0} % of them by its own TIME_WAIT", 100.0 * share);
            judged
                .supporting
                .push(format!("the ports were taken, {told}: the generator closed first"));
            because = format!("{because}, {told}");
        }
        self.signs(judged, from_s, to_s);
        self.leftovers(weighed, judged);
        let who = "the generator could not send";
        judged.words = Words { who, whom: "attempt", because };
    }

    fn time_wait_share(&self, reading: &Reading, ports: PortUse) -> Option<f64> {
        let in_use = used(ports, self.allocation).max(1) as f64;
        let share = (reading.tcp?.time_wait_opened as f64 / in_use).min(1.0);
        (share >= BEHIND_SHARE).then_some(share)
    }

    /// What goes with a full port table: other source addresses connect, connect() is slow.
    fn signs(&self, judged: &mut Judgement, from_s: f64, to_s: f64) {
        let rounds = Rounds::within(self.facts, from_s, to_s);
        let served = rounds.showing(&[(OTHER_SOURCE, Shown::Served)]);
        if served > 0 {
            let n = count(served, "probe round");
            judged.supporting.push(format!(
                "in {n} a connect from another source address was served at once: the target takes connections"
            ));
        }
        let ticks = &self.facts.store.ticks.all;
        let calls = |during: bool| {
            let chosen = ticks.iter().filter(move |t| (t.end_s() > from_s) == during);
            chosen.filter(|t| t.offered > 0).map(|t| t.connect_call_p50_us)
        };
        let before = calls(false).find(|&us| us > 0);
        if let (Some(before), Some(during)) = (before, calls(true).max())
            && during as f64 >= SLOWED * before as f64
        {
            judged.supporting.push(format!(
                "the median connect() call rose from {before} \u{b5}s to {during} \u{b5}s as the port table filled"
            ));
        }
    }

    fn leftovers(&self, weighed: &Weighed, judged: &mut Judgement) {
        let below = attempts(&weighed.below);
        if below > 0 {
            judged.against.push(format!(
                "{} lacked a port, or memory, while ports were free: want of ports does not explain those",
                count(below, "attempt")
            ));
        }
        let early = attempts(&weighed.out_of_order);
        if early > 0 {
            let n = count(early, "failure");
            judged
                .against
                .push(format!("{n} belong to rows that began before the ports were full"));
        }
    }
}
