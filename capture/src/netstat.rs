//! Provides the reader of `netstat -an` and `netstat -ano` text as Windows prints it.
//!
//! Columns overflow with IPv6, so a row is split at its white space. What follows the state (a
//! process id, or the offload state of `-t`) is passed over.

use model::reading::{TcpCounts, TcpState};

use crate::Skipped;
use crate::tcp_fold::TcpFold;

/// The protocol of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proto {
    /// TCP over IPv4 or IPv6.
    Tcp,
    /// UDP, which has no state.
    Udp,
}

/// One end of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint<'a> {
    /// The address as printed, brackets and scope included.
    pub address: &'a str,
    /// The port; `None` for `*`.
    pub port: Option<u16>,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// TCP or UDP.
    pub proto: Proto,
    /// This host's end.
    pub local: Endpoint<'a>,
    /// The peer's end.
    pub remote: Endpoint<'a>,
    /// The state of a TCP row; one that is not known is [`TcpState::Other`].
    pub state: Option<TcpState>,
    /// The state as printed; empty for UDP.
    pub state_text: &'a str,
}

/// A whole listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Netstat<'a> {
    /// Rows in order.
    pub rows: Vec<Row<'a>>,
    /// Rows that could not be read.
    pub skipped: Vec<Skipped>,
}

impl Netstat<'_> {
    /// The TCP rows, counted; `fold` remembers listeners from one listing to the next.
    pub fn counts(&self, fold: &mut TcpFold) -> TcpCounts {
        for row in &self.rows {
            if let (Some(state), Some(port)) = (row.state, row.local.port) {
                fold.add(state, port);
            }
        }
        fold.finish()
    }
}

/// Reads a listing. Headings and lines that do not begin with a protocol are no rows.
pub fn parse(text: &str) -> Netstat<'_> {
    let mut netstat = Netstat::default();
    for (at, line) in text.lines().enumerate() {
        let mut words = line.split_whitespace();
        let proto = match words.next() {
            Some(word) if word.eq_ignore_ascii_case("tcp") => Proto::Tcp,
            Some(word) if word.eq_ignore_ascii_case("udp") => Proto::Udp,
            _ => continue,
        };
        match row(proto, words) {
            Ok(row) => netstat.rows.push(row),
            Err(reason) => netstat.skipped.push(Skipped { line: at + 1, reason }),
        }
    }
    netstat
}

fn row<'a>(proto: Proto, mut words: impl Iterator<Item = &'a str>) -> Result<Row<'a>, String> {
    let mut end = |whose: &str| {
        let word = words.next().ok_or_else(|| format!("has no {whose} address"))?;
        endpoint(word).ok_or_else(|| format!("has \"{word}\" for its {whose} address"))
    };
    let (local, remote) = (end("local")?, end("foreign")?);
    if proto == Proto::Udp {
        return Ok(Row { proto, local, remote, state: None, state_text: "" });
    }
    let state_text = words.next().ok_or("has no state")?;
    Ok(Row { proto, local, remote, state: Some(state(state_text)), state_text })
}

/// `127.0.0.1:80`, `[fe80::1%9]:80`, `*:*`.
fn endpoint(word: &str) -> Option<Endpoint<'_>> {
    let (address, port) = word.rsplit_once(':')?;
    let port = if port == "*" { None } else { Some(port.parse().ok()?) };
    Some(Endpoint { address, port })
}

/// The state that a word stands for: English as netstat prints it, the spellings of its manual page
/// and of Linux, and German.
pub fn state(word: &str) -> TcpState {
    match word.to_uppercase().as_str() {
        "LISTENING" | "LISTEN" | "ABHÖREN" => TcpState::Listening,
        "SYN_SENT" | "SYN_SEND" | "SYN_GESENDET" => TcpState::SynSent,
        "SYN_RECEIVED" | "SYN_RECV" | "SYN_EMPFANGEN" => TcpState::SynReceived,
        "ESTABLISHED" | "HERGESTELLT" => TcpState::Established,
        "FIN_WAIT_1" | "FIN_WAIT1" | "FIN_WARTEN_1" => TcpState::FinWait1,
        "FIN_WAIT_2" | "FIN_WAIT2" | "FIN_WARTEN_2" => TcpState::FinWait2,
        "CLOSE_WAIT" | "SCHLIESSEN_WARTEN" => TcpState::CloseWait,
        "CLOSING" => TcpState::Closing,
        "LAST_ACK" => TcpState::LastAck,
        "TIME_WAIT" | "TIMED_WAIT" | "WARTEND" => TcpState::TimeWait,
        "BOUND" => TcpState::Bound,
        _ => TcpState::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as Windows 11 prints them with `-ano`; ports and addresses are made up.
    const ENGLISH: &str = "\r
Active Connections\r
\r
  Proto  Local Address          Foreign Address        State           PID\r
  TCP    0.0.0.0:80             0.0.0.0:0              LISTENING       4\r
  TCP    192.0.2.1:80           198.51.100.7:50123     TIME_WAIT       0\r
  TCP    192.0.2.1:49725        198.51.100.9:443       TIME_WAIT       0\r
  TCP    0.0.0.0:50100          0.0.0.0:0              BOUND           44328\r
  TCP    [::1]:9229             [::]:0                 LISTENING       444\r
  TCP    [fe80::10b0:462e%9]:49156  [fe80::10b0:462e%9]:80  ESTABLISHED     444\r
  UDP    127.0.0.1:9229         *:*                                    666\r
  UDP    127.0.0.1:49664        127.0.0.1:49664                        3316\r
";

    #[test]
    fn a_listing_is_counted_by_state_and_owner() {
        let netstat = parse(ENGLISH);
        assert_eq!(netstat.skipped, []);
        assert_eq!(netstat.rows.len(), 8);
        assert_eq!(netstat.rows.iter().filter(|r| r.proto == Proto::Udp).count(), 2);
        let scoped = netstat.rows[5].local;
        assert_eq!((scoped.address, scoped.port), ("[fe80::10b0:462e%9]", Some(49156)));
        let counts = netstat.counts(&mut TcpFold::new());
        assert_eq!(counts.listening, [80, 9229]);
        assert_eq!((counts.time_wait_accepted, counts.time_wait_opened), (1, 1));
        assert_eq!(counts.by_state.values().sum::<u64>(), 6, "UDP has no state");
        assert_eq!(counts.by_state[&TcpState::Bound], 1);
    }

    /// The words of a German Windows 7, with the offload column of `-t` behind them.
    #[test]
    fn german_words_are_known_and_the_offload_column_is_no_state() {
        let text = "  Proto. Lokale Adresse       Remoteadresse       Status       Abladungsstatus
  TCP    127.0.0.1:1110   127.0.0.1:53588   HERGESTELLT          InHost
  TCP    127.0.0.1:1110   127.0.0.1:54995   FIN_WARTEN_2         InHost
  TCP    127.0.0.1:54995  127.0.0.1:1110    SCHLIESSEN_WARTEN    InHost
  TCP    127.0.0.1:2869   127.0.0.1:54989   WARTEND              InHost
  TCP    0.0.0.0:2869     0.0.0.0:0         abhören              InHost";
        let netstat = parse(text);
        let states: Vec<_> = netstat.rows.iter().filter_map(|r| r.state).collect();
        assert_eq!(
            states,
            [
                TcpState::Established,
                TcpState::FinWait2,
                TcpState::CloseWait,
                TcpState::TimeWait,
                TcpState::Listening
            ]
        );
    }

    #[test]
    fn a_bad_row_is_counted_and_an_unknown_state_is_kept() {
        let text = "TCP 0.0.0.0:80 0.0.0.0:0 ESCUCHANDO 4
tcp        0      0 0.0.0.0:22    0.0.0.0:*     LISTEN
TCP 0.0.0.0:70000 0.0.0.0:0 LISTENING
TCP 0.0.0.0:81 0.0.0.0:0
  TCP 0.0.0.0:82 0.0.0.0:0 LISTENING";
        let netstat = parse(text);
        assert_eq!(netstat.rows[0].state_text, "ESCUCHANDO");
        assert_eq!(netstat.rows[0].state, Some(TcpState::Other));
        let lines: Vec<_> = netstat.skipped.iter().map(|s| s.line).collect();
        assert_eq!(lines, [2, 3, 4], "Linux columns, a port too high, no state");
        assert_eq!(netstat.rows[1].local.port, Some(82));
    }
}
