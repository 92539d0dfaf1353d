//! Provides the reader of `/proc/net/tcp` and `/proc/net/tcp6` of a Linux kernel.
//!
//! Addresses are hexadecimal in the byte order of the host, which is taken to be little-endian, in
//! groups of 32 bits; ports are plain hexadecimal (`net/ipv4/tcp_ipv4.c`, `tcp4_seq_show`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use model::reading::{TcpCounts, TcpState};

use crate::inet_diag;
use crate::socket_fold::SocketFold;
use crate::tcp_fold::TcpFold;
use crate::{Skipped, SkippedRows};

/// One socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// This host's end.
    pub local: SocketAddr,
    /// The peer's end.
    pub remote: SocketAddr,
    /// Its state; one that is not known is [`TcpState::Other`].
    pub state: TcpState,
    /// Bytes not yet acknowledged.
    pub send_queue: u64,
    /// Bytes not yet read, or of a listener connections that wait to be accepted.
    pub receive_queue: u64,
    /// The user that made it; 0 for TIME_WAIT, whoever it was.
    pub uid: u32,
    /// The inode of its descriptor; 0 for TIME_WAIT and for one that nobody holds any more.
    pub inode: u64,
}

/// A whole table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Sockets in order.
    pub rows: Vec<Row>,
    /// Lines that could not be read.
    pub skipped: SkippedRows,
}

impl Table {
    /// The sockets, counted; `fold` remembers listeners from one table to the next.
    pub fn counts(&self, fold: &mut TcpFold) -> TcpCounts {
        self.rows.iter().for_each(|row| fold.add(row.state, row.local.port()));
        fold.finish()
    }

    /// The sockets by port and peer; which process has one is not in the table.
    pub fn sockets(&self) -> SocketFold {
        let mut fold = SocketFold::default();
        for row in &self.rows {
            let peer = row.remote.ip().to_canonical().to_string();
            fold.add(row.state, Some(row.local.port()), (&peer, Some(row.remote.port())), None);
        }
        fold
    }
}

/// Reads a table, or both one after the other. Headings and blank lines are no rows.
pub fn parse(text: &str) -> Table {
    let mut table = Table::default();
    for (at, line) in text.lines().enumerate() {
        let words: Vec<&str> = line.split_ascii_whitespace().take(10).collect();
        if words.first().is_none_or(|first| *first == "sl") {
            continue;
        }
        match row(&words) {
            Ok(row) => table.rows.push(row),
            Err(reason) => table.skipped.push(Skipped::new(at + 1, reason)),
        }
    }
    table
}

fn row(words: &[&str]) -> Result<Row, String> {
    let [_, local, remote, state, queues, _, _, uid, _, inode] = words else {
        return Err(format!("holds {} columns where 10 are wanted", words.len()));
    };
    let end = |word: &str| end(word).ok_or_else(|| format!("has \"{word}\" for an address"));
    let hex = |word: &str| {
        u64::from_str_radix(word, 16).map_err(|_| format!("has \"{word}\" for a number"))
    };
    let decimal =
        |word: &str| word.parse::<u64>().map_err(|_| format!("has \"{word}\" for a number"));
    let (send, receive) =
        queues.split_once(':').ok_or_else(|| format!("has \"{queues}\" for its queues"))?;
    Ok(Row {
        local: end(local)?,
        remote: end(remote)?,
        state: u8::try_from(hex(state)?).map_or(TcpState::Other, inet_diag::state),
        send_queue: hex(send)?,
        receive_queue: hex(receive)?,
        uid: u32::try_from(decimal(uid)?).unwrap_or(u32::MAX),
        inode: decimal(inode)?,
    })
}

/// `0100007F:1F90` is 127.0.0.1:8080.
fn end(word: &str) -> Option<SocketAddr> {
    let (address, port) = word.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let group = |at: usize| u32::from_str_radix(address.get(at..at + 8)?, 16).ok();
    let address: IpAddr = match address.len() {
        8 => Ipv4Addr::from(group(0)?.to_le_bytes()).into(),
        32 => {
            let mut octets = [0; 16];
            for (number, octets) in octets.chunks_exact_mut(4).enumerate() {
                octets.copy_from_slice(&group(8 * number)?.to_le_bytes());
            }
            Ipv6Addr::from(octets).into()
        }
        _ => return None,
    };
    Some(SocketAddr::new(address, port))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::soup::soup;

    /// Linux 6.18 on x86-64, both tables, shortened; inodes made up.
    const TABLES: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000        0 1582 1 0000000099b2c21f 100 0 0 10 0
   1: 0100007F:1F90 0900000A:C351 06 00000000:00000000 03:000016C5 00000000     0        0 0 3 0000000000000000
   2: 0100007F:1F90 0900000A:C352 0X 00000000:00000000 00:00000000 00000000     0        0 0
   3: 0100007F:1F90
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:0050 0000000000000000FFFF00000900000A:C353 08 00000010:00000000 00:00000000 00000000    33        0 77 1 0
";

    #[test]
    fn both_tables_are_read_in_the_order_of_their_bytes() {
        let table = parse(TABLES);
        let ends: Vec<_> = table
            .rows
            .iter()
            .map(|r| (r.local.to_string(), r.remote.to_string(), r.state))
            .collect();
        let told = |local: &str, remote: &str, state| (local.to_owned(), remote.to_owned(), state);
        assert_eq!(
            ends,
            [
                told("127.0.0.1:8080", "0.0.0.0:0", TcpState::Listening),
                told("127.0.0.1:8080", "10.0.0.9:50001", TcpState::TimeWait),
                told("[::1]:80", "[::ffff:10.0.0.9]:50003", TcpState::CloseWait),
            ]
        );
        assert_eq!(table.skipped.iter().map(|s| s.line).collect::<Vec<_>>(), [4, 5]);
        let listener = table.rows[0];
        assert_eq!((listener.receive_queue, listener.uid, listener.inode), (3, 1000, 1582));
        assert_eq!(table.rows[2].send_queue, 16);
        assert_eq!(table.counts(&mut TcpFold::new()).time_wait_accepted, 1);
        assert_eq!(table.sockets().time_wait_by_peer["10.0.0.9"], 1);
    }

    proptest! {
        #[test]
        fn every_line_is_a_row_a_heading_or_counted(
            text in soup(&[" 0: 0100007F:1F90 ", "00000000:0000 ", "0A ", "0 ", " sl \n", "é"])
        ) {
            let table = parse(&text);
            let first = |line: &str| line.split_ascii_whitespace().next().map(str::to_owned);
            let lines = text.lines().filter_map(first).filter(|f| f != "sl").count();
            prop_assert_eq!(table.rows.len() + table.skipped.len(), lines);
        }
    }
}
