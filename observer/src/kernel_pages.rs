//! Provides the readings of a Linux kernel's own pages: counters of `/proc/net`, and its table of
//! sockets as text. Pure, so that they serve a page of any kernel.

use capture::procfs::{Counters, sockstat, two_line};
use model::reading::GapKind;
use model::row::Descriptors;

use crate::reading::Reading;

/// What is kept of `/proc/net/netstat`: refusals at the listener, TIME_WAIT handling, aborts.
const TCP_EXT: &[&str] = &[
    "ListenDrops",
    "ListenOverflows",
    "PAWSEstab",
    "PAWSTimewait",
    "SyncookiesSent",
    "TCPACKSkippedTimeWait",
    "TCPAbortFailed",
    "TCPAbortOnClose",
    "TCPAbortOnData",
    "TCPAbortOnLinger",
    "TCPAbortOnMemory",
    "TCPAbortOnTimeout",
    "TCPMemoryPressures",
    "TCPReqQFullDoCookies",
    "TCPReqQFullDrop",
    "TCPSynRetrans",
    "TCPTimeWaitOverflow",
    "TCPTimeouts",
    "TW",
    "TWKilled",
    "TWRecycled",
];

/// What is kept of the `Tcp` group of `/proc/net/snmp`; these parallel Windows' TCPv4 counters.
const TCP: &[&str] = &[
    "ActiveOpens",
    "AttemptFails",
    "CurrEstab",
    "EstabResets",
    "InErrs",
    "InSegs",
    "OutRsts",
    "OutSegs",
    "PassiveOpens",
    "RetransSegs",
];

/// What is kept of `/proc/net/sockstat`. `tw` is the namespace's, `orphan` and `mem` (pages) are
/// the whole host's (Linux 6.18, measured).
const SOCKSTAT: &[&str] = &["mem", "orphan", "tw"];

/// A page of counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterPage {
    /// `/proc/net/netstat`.
    Netstat,
    /// `/proc/net/snmp`.
    Snmp,
    /// `/proc/net/sockstat`.
    Sockstat,
}

impl CounterPage {
    /// Its name below `/proc/net`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Netstat => "netstat",
            Self::Snmp => "snmp",
            Self::Sockstat => "sockstat",
        }
    }

    /// Adds what is kept of it to a reading.
    pub fn keep(self, text: &str, reading: &mut Reading) {
        let (read, group, name, keys): (Counters<'_>, _, _, _) = match self {
            Self::Netstat => (two_line(text), "TcpExt", "TcpExt", TCP_EXT),
            Self::Snmp => (two_line(text), "Tcp", "Tcp", TCP),
            Self::Sockstat => (sockstat(text), "TCP", "sockstat", SOCKSTAT),
        };
        for counter in read.counters.iter().filter(|c| c.group == group && keys.contains(&c.key)) {
            reading.counters.insert(format!("{name}.{}", counter.key), counter.value as f64);
        }
        if let Some(first) = read.skipped.first() {
            let what = self.name();
            reading.gap(what, GapKind::Failed, format!("/proc/net/{what}: {first}"));
        }
    }
}

/// What a process shows of its descriptors: `/proc/self/limits`, and a line for each entry of
/// `/proc/self/fd`.
pub fn descriptors(name: &str, text: &str) -> Reading {
    const LABEL: &str = "Max open files";
    let limit = text.lines().find_map(|line| line.strip_prefix(LABEL)?.split_whitespace().next());
    let Some(limit) = limit.and_then(|limit| limit.parse().ok()) else {
        return Reading::missing(name, GapKind::Failed, "the page tells no limit of open files");
    };
    let is_number = |line: &&str| line.trim().parse::<u32>().is_ok();
    let used = text.lines().filter(is_number).count() as u64;
    Reading { descriptors: Some(Descriptors { used, limit }), ..Reading::default() }
}
