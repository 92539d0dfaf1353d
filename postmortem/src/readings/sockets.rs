//! Tells sockets that leak: CLOSE_WAIT that nobody closes, BOUND that nobody connects.

use std::collections::HashMap;

use capture::socket_fold::largest;
use model::reading::TcpState;
use model::units::format_count;

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
    let (close_wait, bound) = (of(TcpState::CloseWait), of(TcpState::Bound));
    if close_wait >= MANY {
        let who = processes(g, fold.map_or(&empty, |f| &f.close_wait_by_pid));
        said.push(format!("{} sockets stand in CLOSE_WAIT{who}: the peer has closed and the program here has not. They never end by themselves; it is a leak in that program, not in TCP, and TcpTimedWaitDelay does not touch them.", format_count(close_wait)));
    }
    if bound >= MANY {
        let who = processes(g, fold.map_or(&empty, |f| &f.bound_by_pid));
        said.push(format!("{} sockets are BOUND{who}: each keeps an ephemeral port without a connection. They show with `netstat -anoq` only, and exhaust the range unseen.", format_count(bound)));
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
