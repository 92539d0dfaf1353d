//! Defines what an entry of a host's own event log says about an outage.

use serde::{Deserialize, Serialize};

/// What an entry says. The set is that of entries which matter to an outage of connections; the
/// numbers are those of the providers' message tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// The host has started (EventLog 6005 and 6009, Kernel-General 12).
    Boot,
    /// The host is being shut down in order (EventLog 6006, Kernel-General 13).
    Shutdown,
    /// The host went down without being shut down; told at the next start (EventLog 6008,
    /// Kernel-Power 41).
    UnexpectedShutdown,
    /// Somebody or something asked for a restart (USER32 1074).
    RestartAsked,
    /// A service or a driver was installed (Service Control Manager 7045).
    Installed,
    /// A service ended by itself (Service Control Manager 7031, 7034).
    ServiceEnded,
    /// An application pool was disabled after a series of failures (WAS 5002, W3SVC 1002).
    PoolDisabled,
    /// A worker process ended or stopped answering (WAS 5009–5012, W3SVC 1009–1012).
    WorkerFailed,
    /// The rate of half-open connections was held back (Tcpip 4226).
    ConnectLimit,
    /// An outgoing connection met a TIME_WAIT of its own 4-tuple (Tcpip 4227).
    TimeWaitCollision,
    /// All ephemeral ports of TCP are in use (Tcpip 4231).
    TcpPortsExhausted,
    /// All ephemeral ports of UDP are in use (Tcpip 4266).
    UdpPortsExhausted,
    /// The server service met its own limit of non-paged pool (Srv 2017).
    NonpagedPoolLimit,
    /// The server service met its own limit of paged pool (Srv 2018).
    PagedPoolLimit,
    /// Non-paged pool is empty (Srv 2019).
    NonpagedPoolEmpty,
    /// Paged pool is empty (Srv 2020).
    PagedPoolEmpty,
    /// The server service ran out of work items (Srv 2021).
    WorkItemsShort,
    /// Commit is running out (Resource-Exhaustion-Detector 2004).
    CommitLow,
}
