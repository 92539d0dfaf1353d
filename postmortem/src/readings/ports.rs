//! Tells the headroom of ephemeral ports, by direction: only the side that opens needs one.

use host::laws::max_outgoing_rate_per_s;
use model::reading::TcpState;
use model::run::PortAllocation;
use model::units::format_count;

use super::words::{profile, rate, says_who_opened, sockets, time_wait_lengths};
use crate::Gathered;

/// From this share of the range on it is told as short.
const SHORT: f64 = 0.8;

/// Ports of outgoing connections against the range.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let Some((snapshot, tcp)) = sockets(g) else { return Vec::new() };
    let mut said = vec!["Inbound service uses no ephemeral port: TIME_WAIT on the server's own port blocks one 4-tuple each, never the port, and the ephemeral range limits only connections that this host opens.".to_owned()];
    if !says_who_opened(snapshot, tcp) {
        said.push("Sockets are counted by state alone here, so how many ports outgoing connections hold is not told: `netstat -ano` is.".into());
        return said;
    }
    let Some((low, high, whose)) = range(g) else {
        said.push("The ephemeral range is not known: `netsh int ipv4 show dynamicport tcp` (Vista and later), MaxUserPort in the registry before.".into());
        return said;
    };
    let usable =
        (u64::from(high) + 1).saturating_sub(u64::from(low)).saturating_sub(g.facts.excluded_ports);
    let opened = tcp.time_wait_opened;
    let bound = tcp.by_state.get(&TcpState::Bound).copied().unwrap_or(0);
    let used = opened + bound;
    let share = used as f64 / usable.max(1) as f64;
    let verdict = if share >= SHORT {
        "short: outgoing connections fail soon or already do (10055, 10048; events 4227, 4231)"
    } else {
        "no shortage"
    };
    said.push(format!(
        "Outgoing, {} of {} ports ({low}\u{2013}{high}, {whose}) stand in TIME_WAIT or BOUND, {:.1} %: {verdict}.",
        format_count(used),
        format_count(usable),
        share * 100.0
    ));
    let rates = time_wait_lengths(g);
    let rates = rates.iter().map(|(s, _)| {
        format!("{} per second at {s:.0} s", rate(max_outgoing_rate_per_s(usable, *s)))
    });
    let allocation = match profile(g).map(|p| p.port_allocation.value) {
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
    said.push(format!(
        "Without reuse the range sustains {} {allocation}.",
        rates.collect::<Vec<_>>().join(", ")
    ));
    said
}

/// The range in force: as printed, as MaxUserPort sets it, else the profile's.
fn range(g: &Gathered) -> Option<(u16, u16, String)> {
    if let Some((low, high)) = g.facts.ports {
        return Some((low, high, "as netsh printed it".into()));
    }
    let ports = profile(g)?.ports;
    // MaxUserPort is not read since Vista (KB929851).
    let set = g.facts.registry.get("MaxUserPort").filter(|_| ports.value.low == 1025);
    if let Some(high) = set.and_then(|high| u16::try_from(*high).ok()) {
        return Some((
            ports.value.low,
            high.max(5000),
            "MaxUserPort as the registry holds it".into(),
        ));
    }
    Some((ports.value.low, ports.value.high, format!("by default, {}", ports.source)))
}
