//! Tells what each remedy would change by the laws, whether it applies, and what it risks.

use host::laws::max_outgoing_rate_per_s;
use model::reading::TcpState;
use model::units::format_count;

use super::words::{bytes, profile, rate, sockets, time_wait_lengths};
use crate::Gathered;

/// The range of TcpTimedWaitDelay, seconds (TechNet cc938217).
const SHORTEST_S: f64 = 30.0;

/// The remedies that people name, in the order in which they help.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let refused = g.tally.as_ref().is_some_and(|t| t.refused_rows > 0);
    let mut said = Vec::new();
    if refused {
        said.push("Fixing the leak (updating or removing the driver that grows) is the only remedy that lasts; a reboot empties the pool and starts the same clock again.".to_owned());
        said.extend(gate(g));
    }
    let Some((snapshot, tcp)) = sockets(g) else { return said };
    let n = tcp.by_state.get(&TcpState::TimeWait).copied().unwrap_or(0);
    if n > 0 {
        said.push(shorter(g, n));
        said.push("The risk of a short TIME_WAIT is delayed duplicates: a late segment of an old connection is taken for the new one's of the same 4-tuple. Faber, Touch and Yue: the MSL that keeps memory constant is inversely proportional to the connection rate, so the busier the server, the shorter it would have to be, and the greater the risk.".into());
        said.push(keep_alive(n));
        said.extend(snapshot.sockets.as_ref().map(|_| range(g, tcp.time_wait_opened)));
    }
    said
}

fn gate(g: &Gathered) -> Option<String> {
    let pool = g.pool.as_ref()?;
    if g.facts.registry.get("EnableAggressiveMemoryUsage") == Some(&1) {
        return Some("EnableAggressiveMemoryUsage is already 1: the gate lies at 8 MiB.".into());
    }
    let aggressive = profile(g)?.gate_aggressive_bytes?.value;
    let won = pool.gate_bytes?.checked_sub(aggressive)?;
    Some(format!(
        "EnableAggressiveMemoryUsage = 1 (KB820129; restart the HTTP service) moves the gate to {}: {} more may be used before it refuses. That buys time and brings the host nearer to an empty pool, where drivers fail. To check it: reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters /v EnableAggressiveMemoryUsage",
        bytes(aggressive),
        bytes(won)
    ))
}

/// TcpTimedWaitDelay, for this population.
fn shorter(g: &Gathered, n: u64) -> String {
    if profile(g).is_some_and(|p| p.os == host::HostOs::Linux) {
        return "TIME_WAIT on Linux is 60 s and cannot be set; tcp_tw_reuse concerns outgoing connections only.".into();
    }
    let lengths = time_wait_lengths(g);
    let now_s = lengths.first().map_or(240.0, |(s, _)| *s);
    let then = (n as f64 * SHORTEST_S / now_s.max(SHORTEST_S)).round() as u64;
    format!(
        "TcpTimedWaitDelay (30\u{2013}300 s; a reboot applies it) shortens TIME_WAIT: from {now_s:.0} s to 30 s the {} entries become about {}, and about {} of pool come free at most. It does nothing against a leaking driver, CLOSE_WAIT or BOUND, and nothing for port 80, which TIME_WAIT does not block. To check it: reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters /v TcpTimedWaitDelay",
        format_count(n),
        format_count(then),
        bytes((n - then.min(n)) * 4096)
    )
}

fn keep_alive(n: u64) -> String {
    format!(
        "Keep-alive with n requests per connection divides churn, and so TIME_WAIT, by n: at 10 requests each these {} become about {}. HTTP/1.0 clients, `Connection: close` and switched-off keep-alive in IIS are what to look for.",
        format_count(n),
        format_count(n.div_ceil(10))
    )
}

/// A wider port range.
fn range(g: &Gathered, opened: u64) -> String {
    let wide = "A wider port range (MaxUserPort before Vista, `netsh int ipv4 set dynamicport tcp` since) ";
    let (slow, fast) = match profile(g) {
        Some(p) => {
            let at = |ports: u64| rate(max_outgoing_rate_per_s(ports, p.time_wait_s.value));
            (at(p.ports.value.count()), at(64_511))
        }
        None => (
            rate(max_outgoing_rate_per_s(3_976, 240.0)),
            rate(max_outgoing_rate_per_s(64_511, 240.0)),
        ),
    };
    if opened == 0 {
        return format!(
            "{wide}changes nothing here: no TIME_WAIT is of a connection that this host opened."
        );
    }
    format!(
        "{wide}helps outgoing connections only: from {slow} to {fast} per second at most. It does not apply to what clients open to this host."
    )
}
