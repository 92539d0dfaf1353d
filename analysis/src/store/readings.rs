//! Provides one vantage's reading in one round, reduced to what hypotheses and curves need.

use model::reading::{KernelMemory, TcpCounts, TcpState};
use model::row::{Descriptors, Sample};

use super::GENERATOR;
use super::counters::{Counter, Counters};

/// Sockets of a host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tcp {
    pub(crate) established: u64,
    /// TIME_WAIT that this host owns.
    pub(crate) time_wait: u64,
    pub(crate) time_wait_opened: u64,
    /// Sockets whose peer has closed and whose process has not.
    pub(crate) close_wait: u64,
    /// Sockets that hold a port and no connection.
    pub(crate) bound: u64,
    /// Distinct ports of this host's own connections; `None` where sockets were not listed.
    pub(crate) opened_ports: Option<u64>,
    /// Connections that wait to be accepted on the target's port, and the most that may.
    pub(crate) accept_queue: Option<(u64, u64)>,
}

/// Ephemeral ports of a host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PortUse {
    pub(crate) usable: u64,
    pub(crate) used_any: u64,
    pub(crate) used_to_destination: Option<u64>,
}

/// Memory of a host's kernel.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) paged_used_bytes: Option<u64>,
    pub(crate) committed_bytes: Option<u64>,
    pub(crate) commit_limit_bytes: Option<u64>,
    pub(crate) free_system_ptes: Option<u64>,
    pub(crate) available_bytes: Option<u64>,
}

/// What one vantage showed in one round; `None` is a gap.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) t_s: f64,
    pub(crate) nonpaged_used_bytes: Option<u64>,
    pub(crate) memory: Memory,
    pub(crate) tcp: Option<Tcp>,
    /// Whether the target's port had a listener.
    pub(crate) listens: Option<bool>,
    pub(crate) ports: Option<PortUse>,
    pub(crate) descriptors: Option<Descriptors>,
    counters: Counters,
}

impl Reading {
    /// Reduces a sample.
    pub(crate) fn of(sample: &Sample, target_port: Option<u16>) -> Self {
        Self {
            t_s: sample.t_s,
            nonpaged_used_bytes: sample.memory.as_ref().and_then(|m| m.nonpaged_used_bytes),
            memory: sample.memory.as_ref().map_or_else(Memory::default, memory),
            tcp: sample.tcp.as_ref().map(|counts| tcp(counts, &sample.vantage, target_port)),
            listens: target_port.and_then(|port| listens(sample, port)),
            ports: sample.ports.as_ref().map(|p| PortUse {
                usable: u64::from(p.usable()),
                used_any: u64::from(p.used_any),
                used_to_destination: p.used_to_destination.map(u64::from),
            }),
            descriptors: sample.descriptors,
            counters: Counters::of(&sample.counters),
        }
    }

    /// A counter's value in this round.
    pub(crate) fn counter(&self, counter: Counter) -> Option<f64> {
        self.counters.get(counter)
    }

    /// False for a sample that only carries probes.
    pub(crate) fn holds_something(&self) -> bool {
        self.nonpaged_used_bytes.is_some()
            || self.tcp.is_some()
            || self.ports.is_some()
            || self.descriptors.is_some()
            || self.counters.any()
    }
}

fn memory(memory: &KernelMemory) -> Memory {
    Memory {
        paged_used_bytes: memory.paged_used_bytes,
        committed_bytes: memory.committed_bytes,
        commit_limit_bytes: memory.commit_limit_bytes,
        free_system_ptes: memory.free_system_ptes,
        available_bytes: memory.available_bytes,
    }
}

/// The generator accepts nothing: where it shares a network stack with its target, the entries of
/// accepted connections are the target's.
fn tcp(counts: &TcpCounts, vantage: &str, target_port: Option<u16>) -> Tcp {
    let of = |state| counts.by_state.get(&state).copied().unwrap_or(0);
    let by_role = counts.time_wait_opened + counts.time_wait_accepted;
    let all = of(TcpState::TimeWait).max(by_role);
    let own = if vantage == GENERATOR { all - counts.time_wait_accepted } else { all };
    let queue = counts.accept_queues.iter().find(|q| Some(q.port) == target_port);
    Tcp {
        established: of(TcpState::Established),
        time_wait: own,
        time_wait_opened: counts.time_wait_opened,
        close_wait: of(TcpState::CloseWait),
        bound: of(TcpState::Bound),
        opened_ports: counts.opened_ports.map(u64::from),
        accept_queue: queue.map(|q| (u64::from(q.waiting), u64::from(q.limit))),
    }
}
/// Whether the port had a listener. An exporter counts sockets by state and names no port, so an
/// empty list is an answer only where a source that lists sockets was read in this round.
fn listens(sample: &Sample, port: u16) -> Option<bool> {
    let counts = sample.tcp.as_ref()?;
    if !counts.listening.is_empty() {
        return Some(counts.listening.contains(&port));
    }
    let lists_sockets = |name: &str| name.starts_with("netstat") || name.starts_with("local");
    let read = sample.sources.iter().any(|s| lists_sockets(&s.name));
    let missing = sample.gaps.iter().any(|g| lists_sockets(&g.what) || g.what == "tcp");
    (read && !missing).then_some(false)
}

#[cfg(test)]
mod tests {
    use model::reading::{Gap, GapKind};
    use model::row::SourceCost;

    use super::*;

    #[test]
    fn an_empty_list_of_listeners_is_an_answer_only_where_sockets_were_listed() {
        let netstat = "netstat+http://h/netstat";
        for (listening, source, gap, found, why) in [
            (&[80, 135][..], netstat, None, Some(true), "listed"),
            (&[135], netstat, None, Some(false), "others are listed, this one is not"),
            (&[], netstat, None, Some(false), "a list without listeners"),
            (&[], netstat, Some(netstat), None, "some of its lines could not be read"),
            (&[], "local", None, Some(false), "the kernel's own list"),
            (&[], "windows-exporter+http://h", None, None, "sockets were counted, not listed"),
        ] {
            let counts = TcpCounts { listening: listening.to_vec(), ..TcpCounts::default() };
            let gap = gap.map(|what| Gap {
                what: what.into(),
                kind: GapKind::Failed,
                reason: "3 lines of the page could not be read".into(),
            });
            let sample = Sample {
                tcp: Some(counts),
                sources: vec![SourceCost { name: source.into(), took_ms: 1.0 }],
                gaps: gap.into_iter().collect(),
                ..Sample::default()
            };
            assert_eq!(Reading::of(&sample, Some(80)).listens, found, "{why}");
        }
    }
}
