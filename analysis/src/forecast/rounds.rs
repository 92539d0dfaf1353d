//! Provides one round of readings, reduced to the levels that can run out.

use host::tags::{TagClass, owner};
use model::limit::Limit;
use model::reading::PoolType;
use model::row::Sample;
use model::run::{PortAllocation, RunInfo};

use super::fading::Moment;
use crate::attribution::kernel_memory::paged_limit_of;
use crate::attribution::{client_ports, request_queue, target_ports};
use crate::store::{Counter, GENERATOR, Reading, TARGET};

/// What one vantage showed in one round; `None` is a gap.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Round {
    pub(super) t_s: f64,
    /// Non-paged pool in use, bytes.
    pub(super) pool: Option<f64>,
    /// Of it, what connections hold: tags of HTTP.sys and of TCP.
    pub(super) pool_of_connections: Option<f64>,
    /// Of that, what TIME_WAIT holds.
    pub(super) pool_of_time_wait: Option<f64>,
    pub(super) time_wait: Option<f64>,
    pub(super) ports: Option<Used>,
    pub(super) descriptors: Option<Used>,
    pub(super) commit: Option<Used>,
    pub(super) paged_pool: Option<Used>,
    /// Ports of connections that the target itself opened.
    pub(super) opened_ports: Option<Used>,
    pub(super) queue: Option<Used>,
}

/// A level with its limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Used {
    pub(super) used: f64,
    pub(super) limit: f64,
}

impl Moment for Round {
    fn t_s(&self) -> f64 {
        self.t_s
    }

    /// Of two rounds the later stands for both: a sample of samples keeps the trend.
    fn absorb(&mut self, _older: &Self) {}
}

impl Round {
    /// Reduces a sample; `None` where it holds no level.
    pub(super) fn of(sample: &Sample, run: &RunInfo) -> Option<Self> {
        let reading = Reading::of(sample, None);
        let memory = sample.memory.as_ref();
        let commit = memory.and_then(|m| {
            Some(Used { used: m.committed_bytes? as f64, limit: m.commit_limit_bytes? as f64 })
        });
        let mut round = Self {
            t_s: sample.t_s,
            pool: reading.nonpaged_used_bytes.map(|bytes| bytes as f64),
            time_wait: reading.tcp.map(|tcp| tcp.time_wait as f64),
            ports: ports(&reading, sample, run),
            descriptors: reading
                .descriptors
                .map(|d| Used { used: d.used as f64, limit: d.limit as f64 }),
            commit,
            ..Self::default()
        };
        if sample.vantage == TARGET {
            round.of_target(&reading, run);
        }
        round.tags(sample, run);
        round.holds_something().then_some(round)
    }

    /// Levels that only the host under load has, with their limits.
    fn of_target(&mut self, reading: &Reading, run: &RunInfo) {
        let used = |used: Option<u64>, limit: Option<Limit>| {
            Some(Used { used: used? as f64, limit: limit?.value as f64 })
        };
        self.paged_pool = used(reading.memory.paged_used_bytes, paged_limit_of(run));
        let opened = reading.tcp.and_then(|tcp| tcp.opened_ports);
        self.opened_ports = match reading.ports {
            Some(p) => Some(Used { used: p.used_any as f64, limit: p.usable as f64 }),
            None => used(opened, target_ports::usable_of(run)),
        };
        let waiting = reading.counter(Counter::QueueSize).map(|n| n.max(0.0) as u64);
        self.queue = used(waiting, Some(request_queue::limit_of(run)));
    }

    fn tags(&mut self, sample: &Sample, run: &RunInfo) {
        let Some(tags) = &sample.pool_tags else { return };
        let time_wait =
            run.target.profile.as_deref().and_then(host::profile).map(|p| p.tags.time_wait);
        let (mut of_connections, mut of_time_wait) = (0.0, 0.0);
        for tag in tags.iter().filter(|tag| tag.pool == PoolType::Nonpaged) {
            let class = owner(&tag.tag).map(|fact| fact.class);
            if matches!(class, Some(TagClass::HttpSys | TagClass::Tcp)) {
                of_connections += tag.bytes as f64;
            }
            if time_wait == Some(tag.tag.as_str()) {
                of_time_wait += tag.bytes as f64;
            }
        }
        self.pool_of_connections = Some(of_connections);
        self.pool_of_time_wait = Some(of_time_wait);
    }

    fn holds_something(&self) -> bool {
        self.pool.is_some()
            || self.time_wait.is_some()
            || self.ports.is_some()
            || self.descriptors.is_some()
            || self.commit.is_some()
            || self.queue.is_some()
            || self.paged_pool.is_some()
            || self.opened_ports.is_some()
    }
}

/// Ports of the generator as its allocation counts them.
fn ports(reading: &Reading, sample: &Sample, run: &RunInfo) -> Option<Used> {
    if sample.vantage != GENERATOR {
        return None;
    }
    let ports = reading.ports?;
    let allocation: PortAllocation = run.generator.port_allocation;
    let used = client_ports::used(ports, allocation) as f64;
    Some(Used { used, limit: ports.usable as f64 })
}
