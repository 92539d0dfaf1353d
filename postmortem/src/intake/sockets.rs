//! Provides the reading of lists of sockets, whichever tool made them.

use capture::netstat::Netstat;
use capture::socket_fold::SocketFold;
use capture::tcp_fold::TcpFold;
use capture::{Skipped, net_tcp_connection, netstat, proc_net_tcp, ss, state_counts};
use model::reading::{TcpCounts, TcpState};

use super::Parsed;
use crate::clock::stamp_in;
use crate::facts::HostFacts;
use crate::held::{Holding, Snapshot};

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
    Parsed { records, skipped: Vec::new(), holding }
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
    parsed(file, kind, list.rows.len(), list.skipped, (counts, sockets), facts)
}

/// `ss -tan`.
pub(super) fn ss(file: &str, text: &str) -> Parsed {
    let list = ss::parse(text);
    let folds = (list.counts(&mut TcpFold::new()), list.sockets());
    parsed(file, "ss", list.rows.len(), list.skipped, folds, HostFacts::default())
}

/// `/proc/net/tcp`.
pub(super) fn proc_net_tcp(file: &str, text: &str) -> Parsed {
    let list = proc_net_tcp::parse(text);
    let folds = (list.counts(&mut TcpFold::new()), list.sockets());
    parsed(file, "proc-net-tcp", list.rows.len(), list.skipped, folds, HostFacts::default())
}

fn parsed(
    file: &str,
    kind: &'static str,
    rows: usize,
    skipped: Vec<Skipped>,
    (mut counts, sockets): (TcpCounts, SocketFold),
    facts: HostFacts,
) -> Parsed {
    roles(&mut counts, &sockets);
    let snapshot = Snapshot {
        file: file.to_owned(),
        kind,
        tcp: Some(counts),
        sockets: Some(sockets),
        ..Snapshot::default()
    };
    let holding = Holding { snapshots: vec![snapshot], facts, ..Holding::default() };
    Parsed { records: rows as u64, skipped, holding }
}

/// A list without listeners (`netstat` without `-a`) does not say who accepted: a system port, or one
/// that several TIME_WAIT share, is then taken for a server's.
fn roles(counts: &mut TcpCounts, sockets: &SocketFold) {
    if !counts.listening.is_empty() {
        return;
    }
    let by_port = sockets.time_wait_by_local_port.iter();
    let served = by_port.filter(|(port, count)| **port < SYSTEM_PORTS || **count > 1);
    let all = counts.by_state.get(&TcpState::TimeWait).copied().unwrap_or(0);
    let ports = served.clone().count() as u32;
    counts.opened_ports = counts.opened_ports.map(|opened| opened.saturating_sub(ports));
    counts.time_wait_accepted = served.map(|(_, count)| count).sum::<u64>().min(all);
    counts.time_wait_opened = all - counts.time_wait_accepted;
}
