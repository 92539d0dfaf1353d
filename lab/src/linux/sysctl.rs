//! Provides the kernel's network settings of the namespace that the calling thread is in. Only to be
//! written in a namespace of our own.

use crate::error::LabError;

/// Writes `net/NAME`, such as `ipv4/tcp_rfc1337`.
pub fn set(name: &str, value: &str) -> Result<(), LabError> {
    let file = format!("/proc/sys/net/{name}");
    std::fs::write(&file, value).map_err(|e| {
        LabError::because(format!("cannot set {file} to {value} in the lab's namespace"), e)
    })
}

/// Resets that this thread's namespace has sent in answer to segments since it was made: all (`Tcp:
/// OutRsts` of /proc/net/snmp) less those with which a program here ended a connection of its own, by
/// a linger of zero or over unread data (`TcpExt: TCPAbortOnData`, `TCPAbortOnClose` of
/// /proc/net/netstat; __tcp_close, Linux 6.18). `None` where a file cannot be read.
pub fn resets_answered() -> Option<u64> {
    let all = std::fs::read_to_string("/proc/thread-self/net/snmp").ok()?;
    let more = std::fs::read_to_string("/proc/thread-self/net/netstat").ok()?;
    answered(&all, &more)
}

/// Segments that this thread's namespace has sent again, and connections that failed before they were
/// established, since it was made (`Tcp: RetransSegs`, `AttemptFails` of /proc/net/snmp, which are the
/// TCPv4 counters of Windows under other names). `None` where the file cannot be read.
pub fn resent_and_failed() -> Option<(u64, u64)> {
    let all = std::fs::read_to_string("/proc/thread-self/net/snmp").ok()?;
    Some((column(&all, "Tcp:", "RetransSegs")?, column(&all, "Tcp:", "AttemptFails")?))
}

fn answered(snmp: &str, netstat: &str) -> Option<u64> {
    let own = |name| column(netstat, "TcpExt:", name);
    let all = column(snmp, "Tcp:", "OutRsts")?;
    Some(all.saturating_sub(own("TCPAbortOnData")? + own("TCPAbortOnClose")?))
}

/// A column of a two-line table: names in the first line that starts with `table`, values in the next.
fn column(text: &str, table: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines().filter(|line| line.starts_with(table));
    let at = lines.next()?.split_whitespace().position(|word| word == name)?;
    lines.next()?.split_whitespace().nth(at)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{answered, column};

    #[test]
    fn resets_of_own_connections_are_no_answers() {
        // Linux 6.18, cut.
        let snmp = "Tcp: ActiveOpens InSegs OutRsts\nTcp: 5 77 12\n";
        let netstat = "TcpExt: SyncookiesSent TCPAbortOnData TCPAbortOnClose\nTcpExt: 0 4 1\n";
        assert_eq!(answered(snmp, netstat), Some(7));
        assert_eq!(answered(snmp, "TcpExt: SyncookiesSent\nTcpExt: 0\n"), None, "not told");
    }

    #[test]
    fn a_column_is_found_by_its_name() {
        // Linux 6.18, cut.
        let text = "Ip: Forwarding\nIp: 1\nTcp: ActiveOpens InSegs OutRsts\nTcp: 5 77 12\nUdp: x\n";
        assert_eq!(column(text, "Tcp:", "OutRsts"), Some(12));
        assert_eq!(column(text, "Tcp:", "InSegs"), Some(77));
        assert_eq!(column(text, "Tcp:", "Missing"), None, "a column that is not there");
        assert_eq!(column("", "Tcp:", "OutRsts"), None, "an empty file");
    }
}
