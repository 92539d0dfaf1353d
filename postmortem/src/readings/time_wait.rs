//! Tells the TIME_WAIT: how many against ESTABLISHED, whose, the rate they imply, what they cost.

use capture::socket_fold::largest;
use model::diagnosis::Tag;
use model::reading::{PoolType, TcpCounts, TcpState};
use model::units::format_count;

use super::words::{bytes, count, profile, rate, says_who_opened, sockets, time_wait_lengths};
use crate::{Gathered, Snapshot};

/// Memory of one entry as a TIME_WAIT article of the 2000s has it, bytes: 2 to 4 KB "per port".
const EACH_LOW_BYTES: u64 = 2 * 1024;
const EACH_HIGH_BYTES: u64 = 4 * 1024;
/// What is this many times smaller than the gate is little.
const LITTLE: u64 = 10;
/// Ports and peers told.
const TOLD: usize = 3;

/// The population of the last list.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let Some((snapshot, tcp)) = sockets(g) else { return Vec::new() };
    let of = |state| tcp.by_state.get(&state).copied().unwrap_or(0);
    let (n, established) = (of(TcpState::TimeWait), of(TcpState::Established));
    if n == 0 {
        return vec![format!(
            "No TIME_WAIT beside {} ESTABLISHED: this host closes nothing first, or few connections come and go.",
            format_count(established)
        )];
    }
    let ratio = if established > 0 {
        format!(" ({:.1} to 1)", n as f64 / established as f64)
    } else {
        String::new()
    };
    let mut said = vec![format!(
        "{} TIME_WAIT against {} ESTABLISHED{ratio}: a server that answers and closes has more of the former; the ratio by itself is no fault.",
        format_count(n),
        format_count(established)
    )];
    said.push(implied(g, n));
    said.extend(owners(g, snapshot, tcp));
    said.push(cost(g, n));
    said.extend(open_connections(g, established));
    said
}

/// `N = rate × 2MSL`, so the rate that a steady population implies.
fn implied(g: &Gathered, n: u64) -> String {
    let lengths = time_wait_lengths(g);
    let rates = lengths
        .iter()
        .map(|(s, _)| format!("{} per second at {s:.0} s", rate(n as f64 / s.max(1.0))));
    let rates: Vec<String> = rates.collect();
    let sources = lengths.iter().map(|(s, why)| format!("{s:.0} s ({why})"));
    format!(
        "A steady population of {} means N / 2MSL connections closed first by this host: {}. TIME_WAIT lasts {}; time one entry to know.",
        format_count(n),
        rates.join(", "),
        sources.collect::<Vec<_>>().join(", ")
    )
}

/// Whose they are, by the side that opened, by port and by peer.
fn owners(g: &Gathered, snapshot: &Snapshot, tcp: &TcpCounts) -> Vec<String> {
    if !says_who_opened(snapshot, tcp) {
        return vec![excerpt(g)];
    }
    let roles = format!(
        "{} are of connections that this host accepted, {} of ones it opened (an ephemeral port each)",
        format_count(tcp.time_wait_accepted),
        format_count(tcp.time_wait_opened)
    );
    let Some(sockets) = &snapshot.sockets else { return vec![roles + "."] };
    let list = |entries: Vec<String>| entries.into_iter().take(TOLD).collect::<Vec<_>>().join(", ");
    // A port with one is an ephemeral one: it is its owner's no more than any other.
    let ports = largest(&sockets.time_wait_by_local_port).into_iter().filter(|(_, n)| *n > 1);
    let ports = list(ports.map(|(port, n)| format!("{port} ({n})")).collect());
    let ports = if ports.is_empty() { ports } else { format!("; most on local port {ports}") };
    let peers = largest(&sockets.time_wait_by_peer);
    let top = list(peers.iter().map(|(peer, n)| format!("{peer} ({n})")).collect());
    let mut said = vec![format!("{roles}{ports}.")];
    said.push(format!("They belong to {}, most to {top}.", count(peers.len() as u64, "peer")));
    if tcp.time_wait_opened > tcp.time_wait_accepted {
        let remote = largest(&sockets.time_wait_by_remote_port);
        let remote = list(remote.iter().map(|(port, n)| format!("{port} ({n})")).collect());
        said.push(format!("Most are outgoing, to remote port {remote}: a program here opens and closes a connection per request, to a database or another service; let it keep them (pooling)."));
    }
    said
}

/// Counts name no ports; a list beside them may, of a part.
fn excerpt(g: &Gathered) -> String {
    let listed = g.snapshots.iter().rev().find(|s| s.sockets.is_some());
    match listed.and_then(|s| s.tcp.as_ref()) {
        Some(tcp) if tcp.time_wait_accepted + tcp.time_wait_opened > 0 => format!(
            "The counts name no ports. Of the TIME_WAIT in the list beside them {} are of connections that this host accepted, {} of ones it opened: as far as that excerpt speaks for the rest.",
            format_count(tcp.time_wait_accepted),
            format_count(tcp.time_wait_opened)
        ),
        _ => "The counts name no ports, so whether these connections were accepted or opened by this host is not told: `netstat -ano` is.".into(),
    }
}

/// What they hold of the pool: by the article, and by the tag where a snapshot has it.
fn cost(g: &Gathered, n: u64) -> String {
    let (low, high) = (n * EACH_LOW_BYTES, n * EACH_HIGH_BYTES);
    let gate = g.pool.as_ref().and_then(|p| p.gate_bytes).unwrap_or(20 << 20);
    let measured = profile(g).and_then(|p| tag(g, p.tags.time_wait)).or_else(|| tag(g, "TcTW"));
    let most = measured.map_or(high, |tag| tag.bytes);
    let (small, verdict) = if most * LITTLE < gate {
        (
            "little against a gate of ",
            format!(" {} TIME_WAIT do not explain an outage of the pool.", format_count(n)),
        )
    } else {
        ("to be held against a gate of ", String::new())
    };
    let mut said = format!(
        "At 2\u{2013}4 KB each they hold {} to {}, {small}{}",
        bytes(low),
        bytes(high),
        bytes(gate)
    );
    if let Some(tag) = measured {
        said.push_str(&format!(
            "; as measured, tag {} holds {} in {} allocations of {} bytes",
            tag.tag,
            bytes(tag.bytes),
            format_count(tag.diff),
            format_count(tag.per_alloc)
        ));
    }
    said.push('.');
    said.push_str(&verdict);
    said
}

/// What open connections hold, by the tags that are charged for them.
fn open_connections(g: &Gathered, established: u64) -> Option<String> {
    let names =
        profile(g).map_or(["UlHC", "TTcb"], |p| [p.tags.http_connection, p.tags.tcp_control_block]);
    let tags: Vec<&Tag> = names.iter().filter_map(|name| tag(g, name)).collect();
    if tags.is_empty() || established == 0 {
        return None;
    }
    let told = tags.iter().map(|tag| {
        let (held, live) = (bytes(tag.bytes), format_count(tag.diff));
        format!("tag {} {held} in {live} of {} bytes", tag.tag, format_count(tag.per_alloc))
    });
    Some(format!(
        "Open connections are measured too, {} of them ESTABLISHED: {}.",
        format_count(established),
        told.collect::<Vec<_>>().join(", ")
    ))
}

/// A tag of the non-paged pool at the last snapshot, where it holds anything.
fn tag<'a>(g: &'a Gathered, name: &str) -> Option<&'a Tag> {
    let tags = g.pool.as_ref().map_or(&[][..], |p| p.tags.as_slice());
    let of_pool = |tag: &&Tag| tag.pool == PoolType::Nonpaged && tag.diff > 0;
    tags.iter().filter(of_pool).find(|tag| tag.tag == name)
}
