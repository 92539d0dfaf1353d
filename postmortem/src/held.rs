//! Defines what one capture holds, before captures are joined on one clock.

use std::collections::BTreeMap;

use capture::socket_fold::SocketFold;
use model::diagnosis::{Counter, Input};
use model::reading::{KernelMemory, PoolTag, Ports, ProcessUse, TcpCounts};
use model::row::Row;
use model::run::RunInfo;
use record::Part;

use crate::answers::Answers;
use crate::facts::HostFacts;
use crate::intake::STATE_COUNTS;
use crate::outgoing::Outgoing;
use crate::port_range::Range;
use crate::tally::Tally;

/// Processes kept of a snapshot, those with the most handles: a leak is among them long before it
/// matters.
const PROCESSES_MAX: usize = 16;

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
    /// Those of them that this host opened.
    pub outgoing: Option<Outgoing>,
    /// Ephemeral ports in use, where the range is known.
    pub ports: Option<Ports>,
    /// Counters by name.
    pub counters: BTreeMap<String, f64>,
    /// Processes with the most handles, the largest first.
    pub processes: Option<Vec<ProcessUse>>,
    /// How long the host had been up, seconds.
    pub uptime_s: Option<f64>,
}

impl Snapshot {
    /// Counts the ports in use of this range.
    pub(crate) fn count_ports(&mut self, range: &Range, excluded: u64) {
        self.ports = self.outgoing.as_ref().map(|outgoing| Ports {
            low: range.low,
            high: range.high,
            reserved: u32::try_from(excluded).unwrap_or(u32::MAX),
            used_any: outgoing.ports_within(range.low, range.high) as u32,
            used_to_destination: Some(u32::try_from(outgoing.busiest()).unwrap_or(u32::MAX)),
        });
    }

    /// Whether it holds readings that are judged; an age is none.
    pub(crate) fn is_reading(&self) -> bool {
        let Self { memory, tags, tcp, counters, processes, .. } = self;
        memory.is_some()
            || tags.is_some()
            || tcp.is_some()
            || processes.is_some()
            || !counters.is_empty()
    }
}

/// Readings so near to each other are of one moment, seconds.
const MOMENT_S: f64 = 60.0;

/// The sockets to speak of: the last that were seen. Where a list and a tally are of one moment, it
/// is the one with more of them, since what stands beside a count is mostly an excerpt.
pub(crate) fn sockets(snapshots: &[Snapshot]) -> Option<(&Snapshot, &TcpCounts)> {
    let seen = |tally: bool| {
        let mut all = snapshots.iter().rev().filter(|s| (s.kind == STATE_COUNTS) == tally);
        all.find_map(|s| Some((s, s.tcp.as_ref()?)))
    };
    let (Some(list), Some(tally)) = (seen(false), seen(true)) else {
        return seen(false).or_else(|| seen(true));
    };
    let at_s = |(s, _): (&Snapshot, _)| s.unix_s.unwrap_or(0.0);
    let apart_s = at_s(list) - at_s(tally);
    if apart_s.abs() > MOMENT_S.max(list.0.bound_s).max(tally.0.bound_s) {
        return Some(if apart_s > 0.0 { list } else { tally });
    }
    let all = |(_, tcp): (_, &TcpCounts)| tcp.by_state.values().sum::<u64>();
    Some(if all(tally) > all(list) { tally } else { list })
}

/// What one section of one file holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holding {
    pub(crate) tally: Option<Tally>,
    pub(crate) answers: Option<Answers>,
    pub(crate) snapshots: Vec<Snapshot>,
    pub(crate) facts: HostFacts,
    pub(crate) counters: BTreeMap<String, Counter>,
    pub(crate) recorded: Option<Recorded>,
}

/// What a file of a run's record holds.
#[derive(Clone, Debug)]
pub(crate) enum Recorded {
    /// What was asked.
    Info(Box<RunInfo>),
    /// Rows, in the order of the file.
    Rows(Part, Vec<Row>),
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

/// The processes with the most handles of all, the largest first; `None` for none.
pub(crate) fn most_handles(all: impl Iterator<Item = ProcessUse>) -> Option<Vec<ProcessUse>> {
    let mut all: Vec<ProcessUse> = all.collect();
    all.sort_by(|a, b| b.handles.cmp(&a.handles).then_with(|| a.name.cmp(&b.name)));
    all.truncate(PROCESSES_MAX);
    (!all.is_empty()).then_some(all)
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
