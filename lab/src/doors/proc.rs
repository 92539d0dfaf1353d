//! Provides the pages of a Linux kernel's own: its counters (`/proc/net/snmp`, `netstat`, `sockstat`)
//! and its table of sockets (`/proc/net/tcp`), in the layout of Linux 6.18, shortened to the groups
//! that tell of TCP.

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

use model::reading::TcpState;

use super::SocketRow;

/// What a kernel counts of TCP since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KernelCounts {
    /// Connections opened by this host.
    pub active_opens: u64,
    /// Connections accepted by this host.
    pub passive_opens: u64,
    /// Openings that came to nothing.
    pub attempt_fails: u64,
    /// Established connections that a reset ended.
    pub estab_resets: u64,
    /// Segments in.
    pub in_segs: u64,
    /// Segments out.
    pub out_segs: u64,
    /// Segments sent again.
    pub retrans_segs: u64,
    /// Resets out.
    pub out_rsts: u64,
    /// SYNs sent again.
    pub syn_retrans: u64,
    /// Times that a retransmission timer ran out.
    pub timeouts: u64,
    /// Openings that met a full queue of completed connections.
    pub listen_overflows: u64,
    /// Openings that were dropped, for that or another reason.
    pub listen_drops: u64,
    /// Segments to a TIME_WAIT that got no acknowledgement.
    pub ack_skipped_time_wait: u64,
    /// Sockets that found no memory.
    pub aborts_on_memory: u64,
    /// Connections that ended in TIME_WAIT.
    pub time_waited: u64,
}

/// `/proc/net/snmp`. `established`: connections now.
pub fn snmp(counts: &KernelCounts, established: u64) -> String {
    let c = counts;
    format!(
        "Tcp: ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts\n\
         Tcp: {} {} {} {} {established} {} {} {} 0 {}\n",
        c.active_opens,
        c.passive_opens,
        c.attempt_fails,
        c.estab_resets,
        c.in_segs,
        c.out_segs,
        c.retrans_segs,
        c.out_rsts
    )
}

/// `/proc/net/netstat`.
pub fn netstat(counts: &KernelCounts) -> String {
    let c = counts;
    format!(
        "TcpExt: SyncookiesSent TW ListenOverflows ListenDrops TCPTimeouts TCPSynRetrans TCPACKSkippedTimeWait TCPAbortOnMemory\n\
         TcpExt: 0 {} {} {} {} {} {} {}\n",
        c.time_waited,
        c.listen_overflows,
        c.listen_drops,
        c.timeouts,
        c.syn_retrans,
        c.ack_skipped_time_wait,
        c.aborts_on_memory
    )
}

/// `/proc/net/sockstat`. `in_use` sockets, of them `time_wait` beside.
pub fn sockstat(in_use: u64, time_wait: u64) -> String {
    format!("TCP: inuse {in_use} orphan 0 tw {time_wait} alloc {in_use} mem {}\n", in_use * 2)
}

/// The line of `/proc/self/limits` about open files, and a line for each entry of `/proc/self/fd`: the
/// lowest numbers, as a kernel gives them out.
pub fn descriptors(used: u64, limit: u64) -> String {
    let mut out = format!("Max open files            {limit:<20} {limit:<20} files\n");
    // Writing to a String cannot fail.
    for number in 0..used {
        let _ = writeln!(out, "{number}");
    }
    out
}

/// `/proc/net/tcp`. Rows are taken one by one; those of IPv6 stand in another file and are left out.
pub fn tcp(sockets: impl IntoIterator<Item = SocketRow>) -> String {
    let sockets = sockets.into_iter();
    let mut out = String::with_capacity(160 + sockets.size_hint().0 * 112);
    out.push_str(
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n",
    );
    for (at, socket) in sockets.enumerate() {
        let (Some(local), Some(remote)) = (end(socket.local), end(socket.remote)) else { continue };
        let state = number(socket.state);
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{at:4}: {:08X}:{:04X} {:08X}:{:04X} {state:02X} 00000000:00000000 00:00000000 00000000     0        0 0",
            local.0, local.1, remote.0, remote.1
        );
    }
    out
}

/// An address as a number in the byte order of the host (little-endian), and its port.
fn end(address: SocketAddr) -> Option<(u32, u16)> {
    match address.ip() {
        IpAddr::V4(ip) => Some((u32::from_le_bytes(ip.octets()), address.port())),
        IpAddr::V6(_) => None,
    }
}

/// The kernel's number of a state (`net/tcp_states.h`); a socket that is only bound is in no table.
fn number(state: TcpState) -> u8 {
    match state {
        TcpState::Established => 1,
        TcpState::SynSent => 2,
        TcpState::SynReceived => 3,
        TcpState::FinWait1 => 4,
        TcpState::FinWait2 => 5,
        TcpState::TimeWait => 6,
        TcpState::Bound | TcpState::Other => 7,
        TcpState::CloseWait => 8,
        TcpState::LastAck => 9,
        TcpState::Listening => 10,
        TcpState::Closing => 11,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_as_the_kernel_writes_them() {
        let text = tcp([SocketRow {
            state: TcpState::TimeWait,
            local: "127.0.0.1:8080".parse().unwrap(),
            remote: "10.0.0.9:50001".parse().unwrap(),
        }]);
        let row = text.lines().nth(1).unwrap();
        assert!(row.starts_with("   0: 0100007F:1F90 0900000A:C351 06 "), "{row}");
        assert!(row.split_ascii_whitespace().count() >= 10, "as many columns as readers want");
    }

    #[test]
    fn every_key_has_its_value() {
        let counts = KernelCounts { syn_retrans: 7, retrans_segs: 9, ..KernelCounts::default() };
        for (text, key, value) in [
            (snmp(&counts, 3), "CurrEstab", "3"),
            (snmp(&counts, 3), "RetransSegs", "9"),
            (netstat(&counts), "TCPSynRetrans", "7"),
        ] {
            let mut lines = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
            let (keys, values) = (lines.next().unwrap(), lines.next().unwrap());
            assert_eq!(keys.len(), values.len());
            let at = keys.iter().position(|k| *k == key).unwrap();
            assert_eq!(values[at], value, "{key}");
        }
    }
}
