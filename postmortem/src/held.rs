//! Defines what one capture holds, before captures are joined on one clock.

use std::collections::BTreeMap;

use capture::socket_fold::SocketFold;
use model::diagnosis::{Counter, Input};
use model::reading::{KernelMemory, PoolTag, TcpCounts};

use crate::answers::Answers;
use crate::facts::HostFacts;
use crate::tally::Tally;

/// What a host showed at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The file it comes from.
    pub file: String,
    /// What kind of capture: `poolmon`, `netstat` …
    pub kind: &'static str,
    /// When, seconds since 1970 UTC; `None` where the capture does not say.
    pub unix_s: Option<f64>,
    /// How far that may be wrong, seconds.
    pub bound_s: f64,
    /// Kernel memory.
    pub memory: Option<KernelMemory>,
    /// Pool tags, the largest first.
    pub tags: Option<Vec<PoolTag>>,
    /// Sockets, counted.
    pub tcp: Option<TcpCounts>,
    /// The same by port, peer and process.
    pub sockets: Option<SocketFold>,
    /// Counters by name.
    pub counters: BTreeMap<String, f64>,
}

/// What one section of one file holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holding {
    pub(crate) tally: Option<Tally>,
    pub(crate) answers: Option<Answers>,
    pub(crate) snapshots: Vec<Snapshot>,
    pub(crate) facts: HostFacts,
    pub(crate) counters: BTreeMap<String, Counter>,
}

impl Holding {
    /// Whether it holds anything although no record was counted: a screen with a header and no rows.
    pub(crate) fn speaks(&self) -> bool {
        self.snapshots.iter().any(|s| s.memory.is_some() || s.tcp.is_some())
    }
}

/// One section of one file.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) input: Input,
    pub(crate) holding: Holding,
}

/// Takes a sample into a counter.
pub(crate) fn count(counters: &mut BTreeMap<String, Counter>, path: &str, value: f64) {
    match counters.get_mut(path) {
        Some(counter) => {
            counter.samples += 1;
            counter.last = value;
            counter.least = counter.least.min(value);
            counter.greatest = counter.greatest.max(value);
        }
        None => {
            let first =
                Counter { samples: 1, first: value, last: value, least: value, greatest: value };
            counters.insert(path.to_owned(), first);
        }
    }
}
