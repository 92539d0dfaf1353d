//! Provides one round of readings, reduced to the levels that can run out.

use host::tags::{TagClass, owner};
use model::reading::PoolType;
use model::row::Sample;
use model::run::{PortAllocation, RunInfo};

use super::fading::Moment;
use crate::attribution::client_ports;
use crate::store::{GENERATOR, Reading};

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
    pub(super) queue: Option<f64>,
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

/// Requests that wait for a worker, by the names that exporters have given the counter.
const QUEUE: [&str; 2] =
    ["windows_iis_http_requests_current_queue_size", "iis_http_requests_current_queue_size"];

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
            queue: QUEUE.iter().find_map(|name| sample.counters.get(*name).copied()),
            ..Self::default()
        };
        round.tags(sample, run);
        round.holds_something().then_some(round)
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
