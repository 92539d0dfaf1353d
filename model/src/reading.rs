//! Defines what a witness can read of a host in one round, and the gaps where it could not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What every TCP witness calls a state, whatever its host's tools print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TcpState {
    /// Waiting for connections.
    Listening,
    /// SYN sent.
    SynSent,
    /// SYN received.
    SynReceived,
    /// Open both ways.
    Established,
    /// Our FIN is out.
    FinWait1,
    /// Our FIN is acknowledged.
    FinWait2,
    /// The peer's FIN is in, ours is not out.
    CloseWait,
    /// Both FINs crossed.
    Closing,
    /// The peer closed first, our FIN is out.
    LastAck,
    /// This host closed first and waits for 2MSL.
    TimeWait,
    /// Bound to a port and neither listening nor connecting.
    Bound,
    /// Anything else a host may print.
    Other,
}

/// Memory of the host's kernel, bytes unless named otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KernelMemory {
    /// Non-paged pool in use.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nonpaged_used_bytes: Option<u64>,
    /// Paged pool in use.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub paged_used_bytes: Option<u64>,
    /// Committed memory.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub committed_bytes: Option<u64>,
    /// The commit limit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commit_limit_bytes: Option<u64>,
    /// Free system page table entries (a count).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub free_system_ptes: Option<u64>,
    /// Physical memory available.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub available_bytes: Option<u64>,
}

/// Which pool a tag allocates from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PoolType {
    /// Never paged out.
    Nonpaged,
    /// Pageable.
    Paged,
}

/// One pool tag, cumulative since boot as poolmon shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolTag {
    /// Up to four characters, trailing spaces removed, case as printed.
    pub tag: String,
    /// The pool it allocates from.
    pub pool: PoolType,
    /// Allocations since boot.
    pub allocs: u64,
    /// Frees since boot.
    pub frees: u64,
    /// Bytes held now.
    pub bytes: u64,
}

/// Sockets of a host, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TcpCounts {
    /// Sockets in each state; a state with none may be left out.
    pub by_state: BTreeMap<TcpState, u64>,
    /// TIME_WAIT of connections that this host opened (an ephemeral port each).
    pub time_wait_opened: u64,
    /// TIME_WAIT of connections that this host accepted (on a listening port).
    pub time_wait_accepted: u64,
    /// Ports with a listener, ascending.
    pub listening: Vec<u16>,
    /// Distinct local ports of sockets that neither listen nor were accepted, those in TIME_WAIT and
    /// BOUND included: what this host's own outgoing connections keep out of its ephemeral range.
    /// `None` where sockets were counted and not listed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opened_ports: Option<u32>,
    /// Listeners' queues of completed connections, one per listening port, where the host tells them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub accept_queues: Vec<AcceptQueue>,
}

/// Completed connections that wait for a listener to take them. Of several listeners on one port the
/// fullest is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptQueue {
    /// The listening port.
    pub port: u16,
    /// Connections waiting.
    pub waiting: u32,
    /// The most that may wait (the backlog in force).
    pub limit: u32,
}

/// What one process holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessUse {
    /// Its name as the host prints it.
    pub name: String,
    /// Its id.
    pub pid: u32,
    /// Handles it has open.
    pub handles: u64,
    /// Memory that it alone has committed, bytes; `None` where the host does not tell it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub private_bytes: Option<u64>,
}

/// Ephemeral ports of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// First port of the range.
    pub low: u16,
    /// Last port of the range.
    pub high: u16,
    /// Ports inside the range that the host keeps out of use.
    pub reserved: u32,
    /// Distinct local ports of the range in use, whatever the peer: the measure where ports are
    /// allocated globally.
    pub used_any: u32,
    /// Distinct local ports of the range in use towards the run's destination, of the source
    /// address that uses most: the measure where ports are allocated per 4-tuple. `None` without a
    /// destination.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used_to_destination: Option<u32>,
}

impl Ports {
    /// Ports that can be given out: the range less what is reserved.
    pub fn usable(&self) -> u32 {
        (u32::from(self.high) + 1).saturating_sub(u32::from(self.low)).saturating_sub(self.reserved)
    }
}

/// What became of one probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum ProbeResult {
    /// It was answered.
    Served {
        /// From the start of the act to its answer, microseconds.
        took_us: u64,
    },
    /// It failed.
    Failed {
        /// The act's failure.
        failure: crate::attempt::Failure,
        /// From the start of the act to the failure, microseconds.
        took_us: u64,
    },
    /// The old connection was closed by the target while idle; it has been opened anew.
    Reopened,
}

/// Why a reading is missing. Unsupported is not failed, and neither is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// This host or source cannot give it.
    Unsupported,
    /// It should have been given and was not.
    Failed,
}

/// A reading that is missing, with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What is missing: a source's or a reading's name.
    pub what: String,
    /// Unsupported or failed.
    pub kind: GapKind,
    /// A sentence that says why and, where it can, what to do.
    pub reason: String,
}
