//! Provides the marks of what Linux' tools and kernel print, and of scraped metrics.

use super::shape::next_line;
use super::{Kind, Mark};

/// States as `ss` prints them.
const STATES: &[&str] = &[
    "ESTAB",
    "SYN-SENT",
    "SYN-RECV",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "TIME-WAIT",
    "CLOSE-WAIT",
    "LAST-ACK",
    "LISTEN",
    "CLOSING",
];

/// What a line of Linux says of its kind.
pub(super) fn mark(line: &str, rest: &str) -> Option<Mark> {
    let mut words = line.split_whitespace();
    let first = words.next()?;
    let second = words.next();
    if first == "#" && matches!(second, Some("HELP" | "TYPE")) {
        return Some(Mark::Row(Kind::Exposition));
    }
    if line == "#kernel" {
        return Some(Mark::Begins(Kind::Nstat));
    }
    if line.contains("Recv-Q") && line.contains("Peer") {
        return Some(Mark::Begins(Kind::SsTan));
    }
    if (first == "sl" && second == Some("local_address")) || is_proc_socket(first, second) {
        return Some(Mark::Row(Kind::ProcNetTcp));
    }
    let state = |word: &str| STATES.contains(&word);
    if state(first) || (first == "tcp" && second.is_some_and(state)) {
        return Some(Mark::Row(Kind::SsTan));
    }
    if let Some(group) = first.strip_suffix(':') {
        return group_mark(group, second, rest);
    }
    let third = words.next();
    if is_nstat(first, second, third) && words.next().is_none() {
        return Some(Mark::Row(Kind::Nstat));
    }
    is_sample(line).then_some(Mark::Row(Kind::Exposition))
}

/// `0: 0100007F:0050 …`.
fn is_proc_socket(first: &str, second: Option<&str>) -> bool {
    let slot = first.strip_suffix(':').is_some_and(|slot| slot.parse::<u32>().is_ok());
    let end = second.and_then(|end| end.split_once(':'));
    slot && end.is_some_and(|(address, port)| {
        matches!(address.len(), 8 | 32)
            && port.len() == 4
            && [address, port].iter().all(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
    })
}

/// `TCP: inuse 1`, `TcpExt: Key …` above `TcpExt: 1 …`, and `Tcp:` alone as `netstat -s` prints it.
fn group_mark(group: &str, second: Option<&str>, rest: &str) -> Option<Mark> {
    let next = next_line(rest);
    let same = || next.strip_prefix(group).is_some_and(|behind| behind.starts_with(": "));
    match (group, second) {
        ("sockets", Some("used")) | ("TCP" | "TCP6" | "UDP", Some("inuse")) => {
            Some(Mark::Row(Kind::ProcSockstat))
        }
        ("Ip" | "Icmp" | "Tcp" | "TcpExt" | "IpExt" | "Udp" | "MPTcpExt", Some(_)) if same() => {
            Some(Mark::Begins(Kind::ProcCounters))
        }
        ("Ip" | "Icmp" | "Tcp" | "TcpExt" | "IpExt" | "Udp", None) if next.starts_with(' ') => {
            Some(Mark::Begins(Kind::NetstatStatistics))
        }
        _ => None,
    }
}

/// `TcpExtTW   10   0.0`.
fn is_nstat(first: &str, second: Option<&str>, third: Option<&str>) -> bool {
    let group = ["Ip", "Icmp", "Tcp", "Udp", "MPTcp"].iter().any(|group| first.starts_with(group));
    group
        && first.chars().all(|c| c.is_ascii_alphanumeric())
        && second.is_some_and(|value| value.parse::<u64>().is_ok())
        && third.is_some_and(|rate| rate.contains('.') && rate.parse::<f64>().is_ok())
}

/// `name_of_metric{…} 1`.
fn is_sample(line: &str) -> bool {
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':')));
    let (name, rest) = line.split_at(end.unwrap_or(line.len()));
    // A long line has been cut, and then ends within its labels.
    name.contains('_')
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && (rest.starts_with("{") && rest.contains("=\"") || rest.trim().parse::<f64>().is_ok())
}
