//! Tells sockets that leak: CLOSE_WAIT that nobody closes, BOUND that nobody connects.

use std::collections::HashMap;

use capture::socket_fold::largest;
use model::reading::{TcpCounts, TcpState};
use model::units::{format_count, format_seconds};

use super::words::sockets;
use crate::Gathered;

/// Sockets in such a state from which it is told; some are always there for a moment.
const MANY: u64 = 50;
/// Processes told.
const TOLD: usize = 3;

/// CLOSE_WAIT and BOUND of the last list.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let Some((snapshot, tcp)) = sockets(g) else { return Vec::new() };
    let of = |state| tcp.by_state.get(&state).copied().unwrap_or(0);
    let empty = HashMap::new();
    let fold = snapshot.sockets.as_ref();
    let mut said = Vec::new();
    let close_wait = of(TcpState::CloseWait);
    // Windows lists a BOUND socket beside each connection that was opened; those are no leak.
    let bound = snapshot.outgoing.as_ref().map_or(of(TcpState::Bound), |o| o.bound_alone);
    if close_wait >= MANY {
        let who = processes(g, fold.map_or(&empty, |f| &f.close_wait_by_pid));
        let grew = grew(g, |tcp| tcp.by_state.get(&TcpState::CloseWait).copied().unwrap_or(0));
        said.push(format!("{} sockets stand in CLOSE_WAIT{who}{grew}: the peer has closed and the program here has not. They never end by themselves; it is a leak in that program, not in TCP, and TcpTimedWaitDelay does not touch them.", format_count(close_wait)));
    }
    if bound >= MANY {
        let alone = snapshot.outgoing.as_ref().map(|o| &o.bound_alone_by_process);
        let who = processes(g, alone.unwrap_or(&empty));
        let grew = grew(g, |tcp| tcp.by_state.get(&TcpState::Bound).copied().unwrap_or(0));
        said.push(format!("{} sockets are BOUND and nothing else{who}{grew}: each keeps an ephemeral port without a connection. They show with `netstat -anoq` only, and exhaust the range unseen.", format_count(bound)));
    }
    let half = of(TcpState::SynReceived);
    if half >= MANY {
        said.push(format!("{} connections stand in SYN_RECEIVED: clients do not answer the handshake (a flood, or packets lost on the way back).", format_count(half)));
    }
    let last_ack = of(TcpState::FinWait2);
    if last_ack >= MANY {
        said.push(format!(
            "{} stand in FIN_WAIT_2: this host closed first and the clients keep their end open.",
            format_count(last_ack)
        ));
    }
    if said.is_empty() {
        // A tally leaves out what its author did not speak of.
        let known = of(TcpState::CloseWait) > 0 || fold.is_some();
        said.push(if known {
            "No sign of leaking sockets: CLOSE_WAIT and BOUND are few.".into()
        } else {
            "As far as states are named, no sign of leaking sockets (CLOSE_WAIT, BOUND).".into()
        });
    }
    said
}

/// `, 80 at first and 400 at last over 3.0 h`, where several lists show it growing.
fn grew(g: &Gathered, of: impl Fn(&TcpCounts) -> u64) -> String {
    let lists = g.snapshots[g.grown.from..]
        .iter()
        .filter_map(|s| Some((s.unix_s?, s.bound_s, s.tcp.as_ref()?)));
    let lists: Vec<(f64, f64, u64)> =
        lists.map(|(unix_s, bound_s, tcp)| (unix_s, bound_s, of(tcp))).collect();
    let ([first, ..], [.., last]) = (&lists[..], &lists[..]) else { return String::new() };
    let (seconds, bound_s) = (last.0 - first.0, first.1.max(last.1));
    if last.2 < first.2 + MANY || seconds <= bound_s {
        return String::new();
    }
    format!(
        " (first {}, last {}, over {}: it grows)",
        format_count(first.2),
        format_count(last.2),
        format_seconds(seconds)
    )
}

/// `, most of w3wp.exe (1234: 800)`, as far as a list names processes.
fn processes(g: &Gathered, by_pid: &HashMap<u32, u64>) -> String {
    let top = largest(by_pid);
    if top.is_empty() {
        return " (`netstat -ano` names the process)".into();
    }
    let named = top.iter().take(TOLD).map(|(pid, n)| {
        let name = g.facts.processes.get(pid).map_or("process", String::as_str);
        format!("{name} {pid} ({n})")
    });
    format!(", most of {}", named.collect::<Vec<_>>().join(", "))
}
