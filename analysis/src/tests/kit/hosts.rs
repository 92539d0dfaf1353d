//! What a witness reads of a host in one round.

use std::collections::BTreeMap;

use model::reading::{
    AcceptQueue, Gap, GapKind, KernelMemory, PoolTag, PoolType, ProcessUse, TcpCounts, TcpState,
};
use model::row::{Sample, SourceCost};

/// What the target's witness reads in one round.
#[derive(Clone, Default)]
pub struct Host {
    pub used_bytes: Option<u64>,
    pub listens: Option<bool>,
    pub time_wait: u64,
    /// Tag, bytes, live allocations.
    pub tags: Vec<(&'static str, u64, u64)>,
    /// The same of paged pool.
    pub paged_tags: Vec<(&'static str, u64, u64)>,
    /// Kernel memory beside non-paged pool.
    pub memory: KernelMemory,
    pub established: u64,
    pub close_wait: u64,
    pub bound: u64,
    /// Ports of the host's own connections, and how many of them are in TIME_WAIT.
    pub opened: Option<(u32, u64)>,
    /// Connections that wait to be accepted on port 80, and the most that may.
    pub queue: Option<(u32, u32)>,
    pub counters: Vec<(&'static str, f64)>,
    /// Name, id, handles, private bytes.
    pub processes: Vec<(&'static str, u32, u64, u64)>,
}

/// A host with this much non-paged pool in use and a listener.
pub fn pool(used_bytes: u64) -> Host {
    Host { used_bytes: Some(used_bytes), listens: Some(true), ..Host::default() }
}

pub fn sample_of(t_s: f64, host: &Host) -> Sample {
    let mut sample = Sample { t_s, vantage: "target".into(), ..Sample::default() };
    for name in ["windows-exporter+http://h/metrics", "netstat+http://h/netstat"] {
        sample.sources.push(SourceCost { name: name.into(), took_ms: 1.0 });
    }
    match host.used_bytes {
        Some(bytes) => {
            let memory = host.memory.clone();
            sample.memory = Some(KernelMemory { nonpaged_used_bytes: Some(bytes), ..memory });
        }
        None => sample.gaps.push(missing("windows-exporter+http://h/metrics")),
    }
    match host.listens {
        Some(listens) => {
            let opened = host.opened.map_or(0, |(_, waiting)| waiting);
            sample.tcp = Some(TcpCounts {
                by_state: BTreeMap::from([
                    (TcpState::TimeWait, host.time_wait + opened),
                    (TcpState::Established, host.established),
                    (TcpState::CloseWait, host.close_wait),
                    (TcpState::Bound, host.bound),
                ]),
                time_wait_accepted: host.time_wait,
                time_wait_opened: opened,
                listening: if listens { vec![80] } else { vec![] },
                opened_ports: host.opened.map(|(ports, _)| ports),
                accept_queues: host
                    .queue
                    .map(|(waiting, limit)| AcceptQueue { port: 80, waiting, limit })
                    .into_iter()
                    .collect(),
            });
        }
        None => sample.gaps.push(missing("netstat+http://h/netstat")),
    }
    let tag = |pool| {
        move |&(tag, bytes, live): &(&str, u64, u64)| PoolTag {
            tag: tag.into(),
            pool,
            allocs: live + 1000,
            frees: 1000,
            bytes,
        }
    };
    let tags = host.tags.iter().map(tag(PoolType::Nonpaged));
    let tags: Vec<PoolTag> = tags.chain(host.paged_tags.iter().map(tag(PoolType::Paged))).collect();
    sample.pool_tags = (!tags.is_empty()).then_some(tags);
    let named = host.counters.iter().map(|(name, value)| ((*name).to_owned(), *value));
    sample.counters = named.collect();
    let held = host.processes.iter().map(|&(name, pid, handles, private)| ProcessUse {
        name: name.into(),
        pid,
        handles,
        private_bytes: Some(private),
    });
    let held: Vec<ProcessUse> = held.collect();
    sample.processes = (!held.is_empty()).then_some(held);
    sample
}

pub fn missing(what: &str) -> Gap {
    Gap { what: what.into(), kind: GapKind::Failed, reason: "no answer in 250 ms".into() }
}
