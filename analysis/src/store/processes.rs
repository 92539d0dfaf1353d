//! Provides the history of what the target's processes hold, thinned out like its tags.

use model::row::Sample;

use super::insert;

/// Beyond so many snapshots every second one is forgotten.
const MOST_SNAPSHOTS: usize = 512;

/// One process in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) name: String,
    pub(crate) pid: u32,
    pub(crate) handles: u64,
    pub(crate) private_bytes: Option<u64>,
}

/// The processes that hold most at one moment.
#[derive(Clone, Debug)]
pub(crate) struct ProcessSnapshot {
    pub(crate) t_s: f64,
    pub(crate) holders: Vec<Holder>,
}

/// The snapshots, in order of time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Processes {
    pub(crate) snapshots: Vec<ProcessSnapshot>,
    least_apart_s: f64,
}

impl Processes {
    /// Takes in the processes of a sample, if it has any.
    pub(crate) fn push(&mut self, sample: &Sample) {
        let Some(processes) = sample.processes.as_ref().filter(|p| !p.is_empty()) else { return };
        let last_s = self.snapshots.last().map_or(f64::NEG_INFINITY, |s| s.t_s);
        if (sample.t_s - last_s).abs() < self.least_apart_s {
            return;
        }
        let holders = processes.iter().map(|p| Holder {
            name: p.name.clone(),
            pid: p.pid,
            handles: p.handles,
            private_bytes: p.private_bytes,
        });
        let snapshot = ProcessSnapshot { t_s: sample.t_s, holders: holders.collect() };
        insert(&mut self.snapshots, snapshot, |s| s.t_s);
        if self.snapshots.len() > MOST_SNAPSHOTS {
            let mut keep = false;
            self.snapshots.retain(|_| {
                keep = !keep;
                keep
            });
            let ends = self.snapshots.first().zip(self.snapshots.last());
            let span_s = ends.map_or(0.0, |(first, last)| last.t_s - first.t_s);
            // Nine tenths, so that a round that came a little early is not taken for a crowd.
            self.least_apart_s = 0.9 * span_s / (self.snapshots.len().max(2) - 1) as f64;
        }
    }
}
