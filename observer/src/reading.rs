//! Defines what one source gave in one round, and how the sources of a vantage make one sample.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use model::reading::{Gap, GapKind, KernelMemory, PoolTag, Ports, ProcessUse, TcpCounts};
use model::row::{Descriptors, Event, Happening, Row, Sample, SourceCost};

use crate::origin::Origin;

/// What one source gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    pub memory: Option<KernelMemory>,
    pub pool_tags: Option<Vec<PoolTag>>,
    pub processes: Option<Vec<ProcessUse>>,
    pub tcp: Option<TcpCounts>,
    pub ports: Option<Ports>,
    pub descriptors: Option<Descriptors>,
    pub counters: BTreeMap<String, f64>,
    pub gaps: Vec<Gap>,
    /// What happened, with its stamp in UTC; without one it is seen just now.
    pub happened: Vec<(Option<DateTime>, Happening)>,
}

impl Reading {
    /// Nothing but the reason why.
    pub fn missing(what: impl Into<String>, kind: GapKind, reason: impl Into<String>) -> Self {
        let mut reading = Self::default();
        reading.gap(what, kind, reason);
        reading
    }

    /// Adds a gap.
    pub fn gap(&mut self, what: impl Into<String>, kind: GapKind, reason: impl Into<String>) {
        self.gaps.push(Gap { what: what.into(), kind, reason: reason.into() });
    }

    /// Adds this reading to a sample. Where two sources give the same, the first named stands: the
    /// user put it first.
    pub fn merge_into(self, sample: &mut Sample) {
        sample.memory = match (sample.memory.take(), self.memory) {
            (Some(first), Some(second)) => Some(either(first, second)),
            (first, second) => first.or(second),
        };
        sample.pool_tags = sample.pool_tags.take().or(self.pool_tags);
        sample.processes = sample.processes.take().or(self.processes);
        sample.tcp = sample.tcp.take().or(self.tcp);
        sample.ports = sample.ports.take().or(self.ports);
        sample.descriptors = sample.descriptors.take().or(self.descriptors);
        for (name, value) in self.counters {
            sample.counters.entry(name).or_insert(value);
        }
        sample.gaps.extend(self.gaps);
    }
}

/// Field by field: what the first source lacks, the second may have.
fn either(first: KernelMemory, second: KernelMemory) -> KernelMemory {
    KernelMemory {
        nonpaged_used_bytes: first.nonpaged_used_bytes.or(second.nonpaged_used_bytes),
        paged_used_bytes: first.paged_used_bytes.or(second.paged_used_bytes),
        committed_bytes: first.committed_bytes.or(second.committed_bytes),
        commit_limit_bytes: first.commit_limit_bytes.or(second.commit_limit_bytes),
        free_system_ptes: first.free_system_ptes.or(second.free_system_ptes),
        available_bytes: first.available_bytes.or(second.available_bytes),
    }
}

/// The rows of a round: the sample first, then the events, by their time. A stamp without a place on
/// the clock is that of the sample.
pub fn told(mut sample: Sample, given: Vec<(SourceCost, Reading)>, origin: &Origin) -> Vec<Row> {
    let mut events = Vec::new();
    for (source, mut reading) in given {
        sample.sources.push(source);
        for (stamp, what) in std::mem::take(&mut reading.happened) {
            let stamped = stamp.and_then(|stamp| stamp.to_zoned(TimeZone::UTC).ok());
            let t_s = stamped.map(|stamped| origin.of_unix_s(stamped.timestamp().as_second()));
            let t_s = t_s.unwrap_or(sample.t_s);
            events.push(Event { t_s, vantage: sample.vantage.clone(), what });
        }
        reading.merge_into(&mut sample);
    }
    close_gaps(&mut sample);
    events.sort_by(|a, b| a.t_s.total_cmp(&b.t_s));
    let events = events.into_iter().map(Row::Event);
    std::iter::once(Row::Sample(sample)).chain(events).collect()
}

/// Takes back what one source said it cannot give where another gave it.
fn close_gaps(sample: &mut Sample) {
    let given = |what: &str| match what {
        "memory" => sample.memory.is_some(),
        "pool-tags" => sample.pool_tags.is_some(),
        "tcp" => sample.tcp.is_some(),
        "ports" => sample.ports.is_some(),
        _ => false,
    };
    sample.gaps = std::mem::take(&mut sample.gaps)
        .into_iter()
        .filter(|gap| gap.kind == GapKind::Failed || !given(&gap.what))
        .collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_fill_each_other_in_and_the_first_named_stands() {
        let memory = |nonpaged, paged| {
            Some(KernelMemory {
                nonpaged_used_bytes: nonpaged,
                paged_used_bytes: paged,
                ..KernelMemory::default()
            })
        };
        let mut exporter = Reading { memory: memory(Some(1_000_001), None), ..Reading::default() };
        exporter.gap("tcp", GapKind::Unsupported, "it tells no ports");
        exporter.gap("ports", GapKind::Unsupported, "it tells no range");
        let poolmon = Reading { memory: memory(Some(1_000_448), Some(5)), ..Reading::default() };
        let mut netstat = Reading { tcp: Some(TcpCounts::default()), ..Reading::default() };
        netstat.gap("tcp", GapKind::Failed, "3 lines could not be read");
        let mut sample = Sample::default();
        for reading in [exporter, poolmon, netstat] {
            reading.merge_into(&mut sample);
        }
        close_gaps(&mut sample);
        assert_eq!(sample.memory, memory(Some(1_000_001), Some(5)));
        let left: Vec<_> = sample.gaps.iter().map(|g| (g.what.as_str(), g.kind)).collect();
        assert_eq!(left, [("ports", GapKind::Unsupported), ("tcp", GapKind::Failed)]);
    }
}
