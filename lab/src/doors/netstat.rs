//! Provides `netstat -an` as Windows prints it (English).

use std::fmt::Write;

use model::reading::TcpState;

use super::SocketRow;

/// The whole page.
pub fn page(sockets: &[SocketRow]) -> String {
    let mut out = String::with_capacity(160 + sockets.len() * 72);
    out.push_str("\r\nActive Connections\r\n\r\n");
    out.push_str("  Proto  Local Address          Foreign Address        State\r\n");
    for socket in sockets {
        let (local, remote) = (socket.local.to_string(), socket.remote.to_string());
        // Writing to a String cannot fail.
        let _ = write!(out, "  TCP    {local:<22} {remote:<22} {}\r\n", word(socket.state));
    }
    out
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
        let text = page(&[
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
