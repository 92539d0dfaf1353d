//! Provides the reading of lists of sockets, whichever tool made them.

use std::net::SocketAddr;

use capture::netstat::Netstat;
use capture::socket_fold::SocketFold;
use capture::tcp_fold::TcpFold;
use capture::{SkippedRows, net_tcp_connection, netstat, proc_net_tcp, ss, state_counts};
use model::reading::{TcpCounts, TcpState};

use super::Parsed;
use crate::clock::stamp_in;
use crate::facts::HostFacts;
use crate::held::{Holding, Snapshot};
use crate::outgoing::{Outgoing, Socket};

/// Ports below this are servers' by convention (IANA's system ports).
const SYSTEM_PORTS: u16 = 1024;

/// What a tally of states is called, here and among the inputs.
pub(crate) const STATE_COUNTS: &str = "state-counts";

/// Tallies of states: no port and no peer.
pub(super) fn state_counts(file: &str, text: &str) -> Parsed {
    let tallies = state_counts::parse(text);
    let records = tallies.iter().map(|tally| tally.by_state.len() as u64).sum();
    let snapshots = tallies.iter().map(|tally| Snapshot {
        file: file.to_owned(),
        kind: STATE_COUNTS,
        unix_s: tally.before.as_deref().and_then(stamp_in),
        tcp: Some(tally.counts()),
        ..Snapshot::default()
    });
    let holding = Holding { snapshots: snapshots.collect(), ..Holding::default() };
    Parsed { records, skipped: SkippedRows::default(), holding }
}

/// `netstat` of Windows.
pub(super) fn netstat(file: &str, text: &str) -> Parsed {
    listed(file, "netstat", netstat::parse(text))
}

/// `Get-NetTCPConnection`.
pub(super) fn net_tcp_connection(file: &str, text: &str) -> Parsed {
    listed(file, "net-tcp-connection", net_tcp_connection::parse(text))
}

fn listed(file: &str, kind: &'static str, list: Netstat<'_>) -> Parsed {
    let named = list.rows.iter().filter_map(|row| Some((row.pid?, row.owner?.to_owned())));
    let facts = HostFacts { processes: named.collect(), ..HostFacts::default() };
    let (counts, sockets) = (list.counts(&mut TcpFold::new()), list.sockets());
    let all = list.rows.iter().filter_map(socket);
    let outgoing = opened(all, &counts, &sockets);
    let snapshot = snapshot(file, kind, counts, sockets, outgoing);
    parsed(list.rows.len(), list.skipped, snapshot, facts)
}

/// A row of `netstat` or `ss` that is of TCP.
fn socket<'a>(row: &netstat::Row<'a>) -> Option<Socket<'a>> {
    let ends = [row.local, row.remote].map(|end| (end.address, end.port));
    Some(Socket { state: row.state?, local: ends[0], remote: ends[1], pid: row.pid })
}

/// `ss -tan`.
pub(super) fn ss(file: &str, text: &str) -> Parsed {
    let list = ss::parse(text);
    let (counts, sockets) = (list.counts(&mut TcpFold::new()), list.sockets());
    let all = list.rows.iter().filter_map(|row| socket(&row.socket));
    let outgoing = opened(all, &counts, &sockets);
    let snapshot = snapshot(file, "ss", counts, sockets, outgoing);
    parsed(list.rows.len(), list.skipped, snapshot, HostFacts::default())
}

/// `/proc/net/tcp`.
pub(super) fn proc_net_tcp(file: &str, text: &str) -> Parsed {
    let list = proc_net_tcp::parse(text);
    let (counts, sockets) = (list.counts(&mut TcpFold::new()), list.sockets());
    let text = |end: &SocketAddr| end.ip().to_canonical().to_string();
    let ends: Vec<(String, String)> =
        list.rows.iter().map(|row| (text(&row.local), text(&row.remote))).collect();
    let all = list.rows.iter().zip(&ends).map(|(row, (local, remote))| Socket {
        state: row.state,
        local: (local, Some(row.local.port())),
        remote: (remote, Some(row.remote.port())),
        pid: None,
    });
    let outgoing = opened(all, &counts, &sockets);
    let snapshot = snapshot(file, "proc-net-tcp", counts, sockets, outgoing);
    parsed(list.rows.len(), list.skipped, snapshot, HostFacts::default())
}

fn opened<'a>(
    all: impl Iterator<Item = Socket<'a>> + Clone,
    counts: &TcpCounts,
    sockets: &SocketFold,
) -> Outgoing {
    Outgoing::of(all, &counts.listening, |port| is_served(sockets, port))
}

fn snapshot(
    file: &str,
    kind: &'static str,
    mut counts: TcpCounts,
    sockets: SocketFold,
    outgoing: Outgoing,
) -> Snapshot {
    roles(&mut counts, &sockets);
    Snapshot {
        file: file.to_owned(),
        kind,
        tcp: Some(counts),
        sockets: Some(sockets),
        outgoing: Some(outgoing),
        ..Snapshot::default()
    }
}

fn parsed(rows: usize, skipped: SkippedRows, snapshot: Snapshot, facts: HostFacts) -> Parsed {
    // Headings alone do not say that there was no socket: the rows may be cut off.
    let snapshots = if rows == 0 { Vec::new() } else { vec![snapshot] };
    let holding = Holding { snapshots, facts, ..Holding::default() };
    Parsed { records: rows as u64, skipped, holding }
}

/// Whether a port looks like a server's in a list without listeners.
fn is_served(sockets: &SocketFold, port: u16) -> bool {
    let waiting = sockets.time_wait_by_local_port.get(&port).copied().unwrap_or(0);
    port < SYSTEM_PORTS || waiting > 1
}

/// A list without listeners (`netstat` without `-a`) does not say who accepted: a system port, or one
/// that several TIME_WAIT share, is then taken for a server's.
fn roles(counts: &mut TcpCounts, sockets: &SocketFold) {
    if !counts.listening.is_empty() {
        return;
    }
    let by_port = sockets.time_wait_by_local_port.iter();
    let served = by_port.filter(|(port, _)| is_served(sockets, **port));
    let all = counts.by_state.get(&TcpState::TimeWait).copied().unwrap_or(0);
    let ports = served.clone().count() as u32;
    counts.opened_ports = counts.opened_ports.map(|opened| opened.saturating_sub(ports));
    counts.time_wait_accepted = served.map(|(_, count)| count).sum::<u64>().min(all);
    counts.time_wait_opened = all - counts.time_wait_accepted;
}
