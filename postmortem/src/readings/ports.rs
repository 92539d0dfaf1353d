//! Tells the headroom of ephemeral ports, by direction: only the side that opens needs one.

use capture::socket_fold::largest;
use host::laws::max_outgoing_rate_per_s;
use model::os_event::Meaning;
use model::run::PortAllocation;
use model::units::format_count;

use super::words::{count, profile, rate, sockets, time_wait_lengths};
use crate::port_range::{Range, range};
use crate::{Gathered, Outgoing};

/// From this share of the range on it is told as short.
const SHORT: f64 = 0.8;
/// Destinations and processes told.
const TOLD: usize = 3;

/// Ports of outgoing connections against the range.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let Some((snapshot, _)) = sockets(g) else { return Vec::new() };
    let mut said = vec!["Inbound service uses no ephemeral port: TIME_WAIT on the server's own port blocks one 4-tuple each, never the port, and the ephemeral range limits only connections that this host opens.".to_owned()];
    let excerpt = || g.snapshots.iter().rev().find_map(|s| s.outgoing.as_ref());
    let Some(outgoing) = snapshot.outgoing.as_ref().or_else(excerpt) else {
        said.push("Sockets are counted by state alone here, so how many ports outgoing connections hold is not told: `netstat -ano` is.".into());
        return said;
    };
    let Some(range) = range(&g.facts, profile(g)) else {
        said.push("The ephemeral range is not known: `netsh int ipv4 show dynamicport tcp` (Vista and later), MaxUserPort in the registry before.".into());
        return said;
    };
    if snapshot.outgoing.is_none() {
        said.push("Ports are named by a list that holds a part of the sockets only, so no fewer are in use than these:".into());
    }
    let usable = range.usable(g.facts.excluded_ports);
    said.extend(headroom(g, outgoing, &range, usable));
    said.extend(users(g, outgoing));
    said.push(sustained(g, usable));
    said
}

/// How the host gives out its ports; `None` where that is not known, or sources differ.
fn allocation(g: &Gathered) -> Option<PortAllocation> {
    let allocation = profile(g)?.port_allocation;
    allocation.others.is_empty().then_some(allocation.value)
}

/// Ports in use against the range, by every way of giving them out that is in question.
fn headroom(g: &Gathered, outgoing: &Outgoing, range: &Range, usable: u64) -> Vec<String> {
    let Range { low, high, whose } = range;
    let used = outgoing.ports_within(*low, *high);
    // A port that is BOUND and nothing else is kept from every destination.
    let busiest = outgoing.busiest() + outgoing.bound_alone;
    let testified = g.facts.events.iter().any(|event| {
        matches!(event.meaning, Meaning::TcpPortsExhausted | Meaning::TimeWaitCollision)
    });
    let share = |used: u64| used as f64 / usable.max(1) as f64;
    let verdict = |used: u64| match (share(used) >= SHORT, testified) {
        (true, true) => "short, and the System log says so itself (4227, 4231)",
        (true, false) => {
            "short: outgoing connections fail soon or already do (10055, 10048; events 4227, 4231)"
        }
        (false, true) => {
            "no shortage in this list, yet the System log tells of one (4227, 4231): it was taken at another moment"
        }
        (false, false) => "no shortage",
    };
    let percent = |used: u64| format!("{:.1} %", share(used) * 100.0);
    let mut said = Vec::new();
    if allocation(g) != Some(PortAllocation::PerTuple) {
        said.push(format!(
            "Outgoing, {} of {} ports ({low}\u{2013}{high}, {whose}) are in use, {}: {}. {}",
            format_count(used),
            format_count(usable),
            percent(used),
            verdict(used),
            match allocation(g) {
                Some(_) => "A port in use is taken for every destination on this system.",
                None => "So it counts where a port in use is taken for every destination (before Server 2016, and before the updates of KB3149157 on 2012 R2).",
            }
        ));
    }
    if allocation(g) != Some(PortAllocation::Global) && used > 0 {
        said.push(format!(
            "{} of {} ports ({low}\u{2013}{high}, {whose}) are in use towards the busiest destination, or BOUND without a connection, {}: {}. So it counts where ports are given out per 4-tuple (Server 2016 and later): each destination has the whole range, and so has each local address.",
            format_count(busiest),
            format_count(usable),
            percent(busiest),
            verdict(busiest)
        ));
    } else if used == 0 && said.is_empty() {
        said.push(format!(
            "Outgoing, none of {} ports ({low}\u{2013}{high}, {whose}) is in use: no shortage.",
            format_count(usable)
        ));
    }
    said
}

/// To where, and by whom.
fn users(g: &Gathered, outgoing: &Outgoing) -> Vec<String> {
    let mut said = Vec::new();
    if !outgoing.by_destination.is_empty() {
        let to = outgoing.by_destination.iter().take(TOLD);
        let to: Vec<String> =
            to.map(|(name, n)| format!("{name} ({})", format_count(*n))).collect();
        said.push(format!(
            "Outgoing connections go to {}, most to {}.",
            count(outgoing.destinations, "destination"),
            to.join(", ")
        ));
    }
    let by_process = largest(&outgoing.by_process);
    if !by_process.is_empty() {
        let named = by_process.iter().take(TOLD).map(|(pid, n)| {
            let name = g.facts.processes.get(pid).map_or("process", String::as_str);
            format!("{name} {pid} ({})", format_count(*n))
        });
        said.push(format!(
            "Ports of outgoing connections by process, TIME_WAIT left out since it belongs to none: {}.",
            named.collect::<Vec<_>>().join(", ")
        ));
    }
    said
}

/// The rate that the range sustains.
fn sustained(g: &Gathered, usable: u64) -> String {
    let rates = time_wait_lengths(g);
    let rates = rates.iter().map(|(s, _)| {
        format!("{} per second at {s:.0} s", rate(max_outgoing_rate_per_s(usable, *s)))
    });
    let to = match allocation(g) {
        Some(PortAllocation::PerTuple) => {
            "to one destination (ports are given out per 4-tuple here)"
        }
        Some(PortAllocation::Global) => {
            "to all destinations together (a port in use is taken for every destination here)"
        }
        None => {
            "to one destination at least (whether ports are given out per destination depends on the system)"
        }
    };
    format!(
        "Without reuse before TIME_WAIT ends the range sustains {} {to}.",
        rates.collect::<Vec<_>>().join(", ")
    )
}
