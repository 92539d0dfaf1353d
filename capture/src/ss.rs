//! Provides the reader of `ss` on Linux: `ss -tan`, with `-o` (timers), `-p` (processes) or `-u`,
//! with or without its heading.
//!
//! Of a listener the two queues are the connections that wait to be accepted and the most that may.

use model::reading::{TcpCounts, TcpState};

use crate::netstat::{self, Proto};
use crate::socket_fold::SocketFold;
use crate::tcp_fold::TcpFold;
use crate::{Skipped, SkippedRows};

/// What is going to happen to a socket, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timer<'a> {
    /// `timewait`, `keepalive`, `on` (retransmission) …
    pub name: &'a str,
    /// Time left, seconds.
    pub left_s: f64,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    /// The socket; its owner and process are those that `-p` prints first.
    pub socket: netstat::Row<'a>,
    /// `Recv-Q`: bytes, or of a listener connections that wait to be accepted.
    pub receive_queue: u64,
    /// `Send-Q`: bytes, or of a listener the most connections that may wait.
    pub send_queue: u64,
    /// The timer that `-o` prints.
    pub timer: Option<Timer<'a>>,
}

/// A whole listing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing<'a> {
    /// Rows in order.
    pub rows: Vec<Row<'a>>,
    /// Rows that could not be read.
    pub skipped: SkippedRows,
}

impl Listing<'_> {
    /// The TCP rows, counted; `fold` remembers listeners from one listing to the next.
    pub fn counts(&self, fold: &mut TcpFold) -> TcpCounts {
        for Row { socket, receive_queue, send_queue, .. } in &self.rows {
            let (Some(state), Some(port)) = (socket.state, socket.local.port) else { continue };
            fold.add(state, port);
            if state == TcpState::Listening {
                let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
                fold.queue(port, small(*receive_queue), small(*send_queue));
            }
        }
        fold.finish()
    }

    /// The TCP rows by port, peer and process.
    pub fn sockets(&self) -> SocketFold {
        let mut fold = SocketFold::default();
        for Row { socket, .. } in &self.rows {
            if let Some(state) = socket.state {
                let peer = (socket.remote.address, socket.remote.port);
                fold.add(state, socket.local.port, peer, socket.pid);
            }
        }
        fold
    }
}

/// Reads a listing. The heading, blank lines and what `-i` prints indented are no rows.
pub fn parse(text: &str) -> Listing<'_> {
    let mut listing = Listing::default();
    for (at, line) in text.lines().enumerate() {
        let first = line.split_whitespace().next().unwrap_or("");
        let is_heading = matches!(first, "State" | "Netid" | "Recv-Q");
        if line.starts_with(char::is_whitespace) || first.is_empty() || is_heading {
            continue;
        }
        match row(line) {
            Ok(row) => listing.rows.push(row),
            Err(reason) => listing.skipped.push(Skipped::new(at + 1, reason)),
        }
    }
    listing
}

fn row(line: &str) -> Result<Row<'_>, String> {
    let mut words = line.split_whitespace().peekable();
    let proto = match words.peek() {
        Some(&"udp") => Proto::Udp,
        _ => Proto::Tcp,
    };
    words.next_if(|word| matches!(*word, "tcp" | "udp"));
    // A listing of one state (`ss state time-wait`) has no column for it.
    let is_number = |word: &&str| word.parse::<u64>().is_ok();
    let state_text = words.next_if(|word| !is_number(word)).unwrap_or("");
    let mut queue = |name: &str| {
        let word = words.next().unwrap_or("");
        word.parse().map_err(|_| format!("has \"{word}\" for {name}"))
    };
    let (receive_queue, send_queue) = (queue("Recv-Q")?, queue("Send-Q")?);
    let mut end = |whose: &str| {
        let word = words.next().unwrap_or("");
        netstat::endpoint(word).ok_or_else(|| format!("has \"{word}\" for its {whose} address"))
    };
    let (local, remote) = (end("local")?, end("peer")?);
    let (mut timer, mut owner, mut pid) = (None, None, None);
    for word in words {
        timer = timer.or_else(|| read_timer(word));
        if let Some(users) = word.strip_prefix("users:((\"") {
            owner = users.split('"').next();
            pid = users
                .split("pid=")
                .nth(1)
                .and_then(|pid| pid.split([',', ')']).next()?.parse().ok());
        }
    }
    let state = match timer {
        Some(Timer { name: "timewait", .. }) if state_text.is_empty() => TcpState::TimeWait,
        _ => netstat::state(state_text),
    };
    let state = (proto == Proto::Tcp).then_some(state);
    let socket =
        netstat::Row { proto, local, remote, state, state_text, pid, owner, component: None };
    Ok(Row { socket, receive_queue, send_queue, timer })
}

/// `timer:(keepalive,118min,0)`.
fn read_timer(word: &str) -> Option<Timer<'_>> {
    let (name, rest) = word.strip_prefix("timer:(")?.split_once(',')?;
    Some(Timer { name, left_s: left_s(rest.split([',', ')']).next()?)? })
}

/// Seconds of `1min59sec`, `59sec`, `356ms`, and of `5.356ms`: five seconds and 356 ms
/// (`print_ms_timer` of iproute2).
fn left_s(text: &str) -> Option<f64> {
    let (minutes, rest) = text.split_once("min").unwrap_or(("0", text));
    let (seconds, rest) = match rest.split_once("sec").or_else(|| rest.split_once('.')) {
        Some((seconds, rest)) => (seconds, rest),
        None => ("0", rest),
    };
    let milliseconds = match rest.strip_suffix("ms") {
        Some(milliseconds) => milliseconds,
        None if rest.is_empty() => "0",
        None => return None,
    };
    let number = |text: &str| text.parse::<u32>().ok().map(f64::from);
    Some(60.0 * number(minutes)? + number(seconds)? + number(milliseconds)? / 1000.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::soup::soup;

    /// iproute2 of Debian, `ss -tanop`; addresses of RFC 5737.
    const LISTING: &str = "\
State     Recv-Q Send-Q        Local Address:Port   Peer Address:PortProcess
LISTEN    129    128                 0.0.0.0:80          0.0.0.0:*    users:((\"nginx\",pid=71,fd=6),(\"nginx\",pid=70,fd=6))
ESTAB     0      0      [::ffff:192.0.2.1]:80   [::ffff:198.51.100.7]:50123 timer:(keepalive,118min,0)
\t cubic wscale:7,7 rto:204
TIME-WAIT 0      0                 192.0.2.1:80     198.51.100.7:50124 timer:(timewait,59sec,0)
TIME-WAIT 0      0                 192.0.2.1:49725  198.51.100.9:443   timer:(timewait,5.356ms,0)
LISTEN    0      4096      127.0.0.53%lo:53           0.0.0.0:*
";

    #[test]
    fn a_listing_gives_sockets_queues_and_timers() {
        let listing = parse(LISTING);
        assert_eq!(listing.skipped, []);
        let listener = listing.rows[0];
        assert_eq!((listener.receive_queue, listener.send_queue), (129, 128), "backlog is full");
        assert_eq!((listener.socket.owner, listener.socket.pid), (Some("nginx"), Some(71)));
        let left: Vec<_> = listing.rows.iter().filter_map(|r| r.timer).map(|t| t.left_s).collect();
        assert_eq!(left, [7080.0, 59.0, 5.356]);
        let counts = listing.counts(&mut TcpFold::new());
        assert_eq!((counts.time_wait_accepted, counts.time_wait_opened), (1, 1));
        assert_eq!(counts.listening, [53, 80]);
        assert_eq!(listing.sockets().time_wait_by_peer["198.51.100.7"], 1);
    }

    #[test]
    fn other_columns_are_read() {
        for (line, state, port, why) in [
            ("tcp ESTAB 0 0 10.0.0.1:22 10.0.0.2:5000", Some(TcpState::Established), 22, "-a"),
            ("udp UNCONN 0 0 0.0.0.0:68 0.0.0.0:*", None, 68, "UDP has no state"),
            (
                "0 0 10.0.0.1:80 10.0.0.2:5000 timer:(timewait,1min1sec,0)",
                Some(TcpState::TimeWait),
                80,
                "of one state, told by its timer",
            ),
            ("0 0 10.0.0.1:80 10.0.0.2:5000", Some(TcpState::Other), 80, "of one state, not told"),
            ("ESTAB 0 0 10.0.0.1:ssh 10.0.0.2:1", Some(TcpState::Established), 22, "without -n"),
        ] {
            let listing = parse(line);
            assert_eq!(listing.skipped, [], "{why}");
            let socket = listing.rows[0].socket;
            assert_eq!((socket.state, socket.local.port), (state, Some(port)), "{why}");
        }
        for (text, seconds) in [("356ms", Some(0.356)), ("1min59sec", Some(119.0)), ("x", None)] {
            assert_eq!(left_s(text), seconds, "{text}");
        }
        let bad = parse("ESTAB 0 x 10.0.0.1:22 10.0.0.2:1\nESTAB 0 0 10.0.0.1:22\nESTAB\n");
        assert_eq!(bad.skipped.len(), 3, "no number, no peer, nothing");
    }

    proptest! {
        #[test]
        fn every_line_is_a_row_a_heading_or_counted(
            text in soup(&["State Recv-Q\n", "ESTAB 0 0 ", "10.0.0.1:80 ", "[::]:* ", "timer:(on,5.3ms,0)"])
        ) {
            let listing = parse(&text);
            let is_row = |line: &&str| {
                let first = line.split_whitespace().next().unwrap_or("");
                !line.starts_with(char::is_whitespace)
                    && !matches!(first, "" | "State" | "Netid" | "Recv-Q")
            };
            let lines = text.lines().filter(is_row).count();
            prop_assert_eq!(listing.rows.len() + listing.skipped.len(), lines);
        }
    }
}
