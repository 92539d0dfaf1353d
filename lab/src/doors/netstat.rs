//! Provides `netstat -an` as Windows prints it (English).

use std::fmt::Write;
use std::net::SocketAddr;

use model::reading::TcpState;

use super::SocketRow;

/// Where the second address and the state begin, characters behind the protocol.
const COLUMN: usize = 22;

/// The whole page. Rows are taken one by one, so that a table of counts can be listed too.
pub fn page(sockets: impl IntoIterator<Item = SocketRow>) -> String {
    let sockets = sockets.into_iter();
    let mut out = String::with_capacity(160 + sockets.size_hint().0 * 72);
    out.push_str("\r\nActive Connections\r\n\r\n");
    out.push_str("  Proto  Local Address          Foreign Address        State\r\n");
    for socket in sockets {
        out.push_str("  TCP    ");
        column(&mut out, socket.local);
        column(&mut out, socket.remote);
        out.push_str(word(socket.state));
        out.push_str("\r\n");
    }
    out
}

/// An address, filled up with blanks, and one between this column and the next.
fn column(out: &mut String, address: SocketAddr) {
    let from = out.len();
    // Writing to a String cannot fail.
    let _ = write!(out, "{address}");
    let written = out.len() - from;
    (written..COLUMN + 1).for_each(|_| out.push(' '));
    if written > COLUMN {
        out.push(' ');
    }
}

/// The states as netstat spells them.
fn word(state: TcpState) -> &'static str {
    match state {
        TcpState::Listening => "LISTENING",
        TcpState::SynSent => "SYN_SENT",
        TcpState::SynReceived => "SYN_RECEIVED",
        TcpState::Established => "ESTABLISHED",
        TcpState::FinWait1 => "FIN_WAIT_1",
        TcpState::FinWait2 => "FIN_WAIT_2",
        TcpState::CloseWait => "CLOSE_WAIT",
        TcpState::Closing => "CLOSING",
        TcpState::LastAck => "LAST_ACK",
        TcpState::TimeWait => "TIME_WAIT",
        TcpState::Bound => "BOUND",
        TcpState::Other => "CLOSED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_columns_of_windows() {
        let row = |state, local: &str, remote: &str| SocketRow {
            state,
            local: local.parse().unwrap(),
            remote: remote.parse().unwrap(),
        };
        let text = page([
            row(TcpState::Listening, "0.0.0.0:80", "0.0.0.0:0"),
            row(TcpState::TimeWait, "198.18.0.80:80", "198.18.0.1:40000"),
            row(TcpState::FinWait2, "198.18.0.80:80", "198.18.0.1:40001"),
        ]);
        let expected = "\r\nActive Connections\r\n\r\n\
            \x20 Proto  Local Address          Foreign Address        State\r\n\
            \x20 TCP    0.0.0.0:80             0.0.0.0:0              LISTENING\r\n\
            \x20 TCP    198.18.0.80:80         198.18.0.1:40000       TIME_WAIT\r\n\
            \x20 TCP    198.18.0.80:80         198.18.0.1:40001       FIN_WAIT_2\r\n";
        assert_eq!(text, expected);
    }
}
