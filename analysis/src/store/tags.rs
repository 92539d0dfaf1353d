//! Provides the history of the target's pool tags, a pool each, thinned out evenly once it is long.

use model::reading::PoolType;
use model::row::Sample;

use super::insert;

/// Beyond so many snapshots every second one is forgotten: growth over a window is told as well from
/// a few hundred, and memory stays flat over days.
const MOST_SNAPSHOTS: usize = 1024;

/// One tag in one snapshot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TagUse {
    /// Index into [`Tags::names`].
    pub(crate) tag: usize,
    pub(crate) bytes: u64,
    /// Allocations less frees.
    pub(crate) live: u64,
}

/// Every tag of one pool that one round showed.
#[derive(Clone, Debug)]
pub(crate) struct TagSnapshot {
    pub(crate) t_s: f64,
    /// That pool in use, of the same round.
    pub(crate) used_bytes: Option<u64>,
    pub(crate) tags: Vec<TagUse>,
}

impl TagSnapshot {
    /// What a tag held: bytes and live allocations; zero where it was not among those listed.
    pub(crate) fn held(&self, tag: usize) -> (u64, u64) {
        self.tags.iter().find(|t| t.tag == tag).map_or((0, 0), |t| (t.bytes, t.live))
    }

    /// The pool in use: as read, else the sum of the tags.
    pub(crate) fn total_bytes(&self) -> u64 {
        self.used_bytes.unwrap_or_else(|| self.tags.iter().map(|t| t.bytes).sum())
    }
}

/// The snapshots, in order of time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tags {
    pub(crate) names: Vec<String>,
    pub(crate) snapshots: Vec<TagSnapshot>,
    least_apart_s: f64,
}

impl Tags {
    /// Takes in the tags that a sample has of one pool, if any.
    pub(crate) fn push(&mut self, sample: &Sample, pool: PoolType) {
        let Some(tags) = &sample.pool_tags else { return };
        let last_s = self.snapshots.last().map_or(f64::NEG_INFINITY, |s| s.t_s);
        if tags.is_empty() || (sample.t_s - last_s).abs() < self.least_apart_s {
            return;
        }
        let uses = tags.iter().filter(|t| t.pool == pool).map(|t| TagUse {
            tag: index(&mut self.names, &t.tag),
            bytes: t.bytes,
            live: t.allocs.saturating_sub(t.frees),
        });
        let snapshot = TagSnapshot {
            t_s: sample.t_s,
            used_bytes: sample.memory.as_ref().and_then(|m| match pool {
                PoolType::Nonpaged => m.nonpaged_used_bytes,
                PoolType::Paged => m.paged_used_bytes,
            }),
            tags: uses.collect(),
        };
        if snapshot.tags.is_empty() {
            return;
        }
        insert(&mut self.snapshots, snapshot, |s| s.t_s);
        if self.snapshots.len() > MOST_SNAPSHOTS {
            self.thin_out();
        }
    }

    fn thin_out(&mut self) {
        let mut keep = false;
        self.snapshots.retain(|_| {
            keep = !keep;
            keep
        });
        let (first, last) = (self.snapshots.first(), self.snapshots.last());
        let span_s = last.map_or(0.0, |s| s.t_s) - first.map_or(0.0, |s| s.t_s);
        // Nine tenths, so that a round that came a little early is not taken for a crowd.
        self.least_apart_s = 0.9 * span_s / (self.snapshots.len().max(2) - 1) as f64;
    }
}

fn index(names: &mut Vec<String>, tag: &str) -> usize {
    if let Some(at) = names.iter().position(|known| known == tag) {
        return at;
    }
    names.push(tag.to_owned());
    names.len() - 1
}
