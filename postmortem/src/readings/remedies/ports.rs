//! Tells the remedies for ephemeral ports: a wider range, more addresses, connections that are kept.

use host::laws::max_outgoing_rate_per_s;
use model::reading::TcpState;
use model::units::format_count;

use super::{Age, Trouble};
use crate::port_range::range;
use crate::readings::words::{profile, rate, sockets, time_wait_lengths};

/// The widest range there is, ports: 1025 to 65535.
const WIDEST: u64 = 64_511;

pub(super) fn say(trouble: &Trouble<'_>) -> Vec<String> {
    let Some((snapshot, tcp)) = sockets(trouble.g) else { return Vec::new() };
    if snapshot.outgoing.is_none() && trouble.opened.is_none() {
        return Vec::new();
    }
    let stuck = [TcpState::CloseWait, TcpState::Bound];
    let stuck: u64 = stuck.iter().filter_map(|state| tcp.by_state.get(state)).sum();
    let used = tcp.opened_ports.map_or(0, u64::from).max(trouble.opened.unwrap_or(0));
    if used == 0 {
        return vec!["A wider port range (MaxUserPort before Vista, netsh since) and more addresses change nothing here: this host opened none of these connections, and what clients open to it takes no port of its range.".into()];
    }
    let mut said = vec![wider(trouble), addresses(trouble)];
    said.extend(ignored(trouble));
    said.push(kept(stuck));
    said
}

/// MaxUserPort, or the dynamic range.
fn wider(trouble: &Trouble<'_>) -> String {
    let g = trouble.g;
    let length_s = time_wait_lengths(g).first().map_or(240.0, |(s, _)| *s);
    let now = range(&g.facts, profile(g)).map(|r| r.usable(g.facts.excluded_ports));
    let change = now.map_or_else(String::new, |now| {
        let at = |ports| rate(max_outgoing_rate_per_s(ports, length_s));
        format!(
            "From {} to {} ports the rate that lasts rises from {} to {} per second at {length_s:.0} s of TIME_WAIT. ",
            format_count(now),
            format_count(WIDEST),
            at(now),
            at(WIDEST)
        )
    });
    let (how, check) = match trouble.age {
        Age::BeforeVista => (
            "A wider port range applies: MaxUserPort = 65534 under Tcpip\\Parameters (KB196271; a reboot puts it in force).",
            "reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters /v MaxUserPort, and netstat -an shows local ports above 5000",
        ),
        Age::Vista | Age::Since2016 => (
            "A wider port range applies: netsh int ipv4 set dynamicport tcp start=1025 num=64511 (KB929851; in force at once, MaxUserPort is not read).",
            "netsh int ipv4 show dynamicport tcp",
        ),
        Age::Linux => (
            "A wider port range applies: sysctl net.ipv4.ip_local_port_range=\"1025 65535\".",
            "sysctl net.ipv4.ip_local_port_range",
        ),
        Age::Unknown => (
            "A wider port range applies to the connections that this host opens: MaxUserPort before Vista (KB196271), netsh int ipv4 set dynamicport tcp start=1025 num=64511 since (KB929851).",
            "netsh int ipv4 show dynamicport tcp, or the registry before Vista",
        ),
    };
    format!(
        "{how} {change}Risk: a range that begins this low takes ports that services of this host want to listen on when they start later. To check that it is in force: {check}."
    )
}

/// More source addresses.
fn addresses(trouble: &Trouble<'_>) -> String {
    match trouble.age {
        Age::BeforeVista | Age::Vista => "More addresses on this host do not multiply its ports by themselves: a port in use is taken for all of them, unless the program binds each connection to an address and asks for SO_PORT_SCALABILITY (2008 and later).".into(),
        _ => "More addresses on this host, or on the server behind it, multiply the ports: each pair of addresses has the whole range, if the program (or the route) uses them in turn. To check: netstat -an shows several local addresses towards that destination.".into(),
    }
}

/// MaxUserPort where it is not read.
fn ignored(trouble: &Trouble<'_>) -> Option<String> {
    let set = trouble.g.facts.registry.get("MaxUserPort")?;
    matches!(trouble.age, Age::Vista | Age::Since2016).then(|| {
        format!("MaxUserPort is set to {set} and changes nothing: it is not read since Vista (KB929851).")
    })
}

/// Pooling.
fn kept(stuck: u64) -> String {
    let leak = if stuck > 0 {
        format!(
            " {} sockets stand in CLOSE_WAIT or BOUND: no setting frees those, only the program that holds them.",
            format_count(stuck)
        )
    } else {
        String::new()
    };
    format!(
        "What lasts is to open fewer: let the program keep its connections (a connection pool, one HttpClient for all requests) instead of one per request.{leak}"
    )
}
