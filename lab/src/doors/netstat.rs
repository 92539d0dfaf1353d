//! Provides `netstat -an` as Windows prints it (English).

use std::net::{IpAddr, SocketAddr};

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
    let (mut local, mut remote) = (Column::default(), Column::default());
    for socket in sockets {
        out.push_str("  TCP    ");
        local.write(&mut out, socket.local);
        remote.write(&mut out, socket.remote);
        out.push_str(word(socket.state));
        out.push_str("\r\n");
    }
    out
}

/// A column of addresses. In a long list most of them differ in their port alone, so an address is
/// spelt out only where it is another than in the row above.
#[derive(Default)]
struct Column {
    above: Option<IpAddr>,
    spelt: String,
}

/// Blanks up to the next column and one more.
const BLANKS: &str = "                       ";

impl Column {
    /// An address, filled up with blanks, and one between this column and the next.
    fn write(&mut self, out: &mut String, address: SocketAddr) {
        if self.above != Some(address.ip()) {
            self.above = Some(address.ip());
            self.spelt = SocketAddr::new(address.ip(), 0).to_string();
            // The port of 0, to be replaced by each row's own.
            self.spelt.pop();
        }
        let from = out.len();
        out.push_str(&self.spelt);
        let mut unit = 10_000;
        while unit > 1 && address.port() < unit {
            unit /= 10;
        }
        while unit > 0 {
            out.push(char::from(b'0' + (address.port() / unit % 10) as u8));
            unit /= 10;
        }
        let written = (out.len() - from).min(COLUMN);
        out.push_str(&BLANKS[written..]);
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
            row(TcpState::Established, "[2001:db8::5efe:c612:50]:80", "[2001:db8::1]:9"),
            row(TcpState::Bound, "198.18.100.180:65535", "0.0.0.0:0"),
        ]);
        let expected = "\r\nActive Connections\r\n\r\n\
            \x20 Proto  Local Address          Foreign Address        State\r\n\
            \x20 TCP    0.0.0.0:80             0.0.0.0:0              LISTENING\r\n\
            \x20 TCP    198.18.0.80:80         198.18.0.1:40000       TIME_WAIT\r\n\
            \x20 TCP    198.18.0.80:80         198.18.0.1:40001       FIN_WAIT_2\r\n\
            \x20 TCP    [2001:db8::5efe:c612:50]:80 [2001:db8::1]:9        ESTABLISHED\r\n\
            \x20 TCP    198.18.100.180:65535   0.0.0.0:0              BOUND\r\n";
        assert_eq!(text, expected);
    }
}
