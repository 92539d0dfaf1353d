//! Compares the pools tag by tag.

use std::collections::BTreeMap;

use model::diagnosis::{Compared, Standing, Subject};
use model::reading::{PoolTag, PoolType};
use model::units::{format_bytes, format_count};

use super::item::{DIFFERS, Item, times};
use super::{Ages, ages};
use crate::Gathered;
use crate::growth::Grower;
use crate::held::Snapshot;
use crate::pool::live;

/// What is smaller than this, or than this share of the pool, is not worth a line.
const LEAST_BYTES: u64 = 64 * 1024;
const LEAST_SHARE: f64 = 0.005;
/// A tag of this share of the pool is a large holder: it is told even where the peer has as much.
const LARGE_SHARE: f64 = 0.02;

/// The tags of both pools at the last snapshot of each host.
pub(super) fn compare(here: &Gathered, peer: &Gathered) -> Vec<Compared> {
    let last = |g: &'_ Gathered| g.snapshots.iter().rposition(|s| s.tags.is_some());
    let (Some(at), Some(there)) = (last(here), last(peer)) else { return Vec::new() };
    let (at, there) = (&here.snapshots[at], &peer.snapshots[there]);
    let ages = ages(here, at.unix_s, peer, there.unix_s);
    let grown = &here.grown;
    let pools = [(PoolType::Nonpaged, &grown.nonpaged), (PoolType::Paged, &grown.paged)];
    let compared = pools.into_iter().map(|(pool, grown)| of_pool(pool, at, there, ages, grown));
    compared.flatten().collect()
}

fn of_pool(
    pool: PoolType,
    here: &Snapshot,
    peer: &Snapshot,
    ages: Ages,
    growing: &[Grower],
) -> Vec<Compared> {
    let listed = |s: &'_ Snapshot| -> Vec<PoolTag> {
        let all = s.tags.iter().flatten().filter(|tag| tag.pool == pool);
        all.cloned().collect()
    };
    let (mine, theirs) = (listed(here), listed(peer));
    let Some(smallest) = theirs.iter().map(|tag| tag.bytes).min() else { return Vec::new() };
    let whole = whole(pool, here, &mine);
    let there: BTreeMap<&str, &PoolTag> =
        theirs.iter().map(|tag| (tag.tag.as_str(), tag)).collect();
    let least = LEAST_BYTES.max((whole as f64 * LEAST_SHARE) as u64);
    let large = mine.iter().filter(|tag| tag.bytes >= least);
    let both = large.map(|tag| (tag, there.get(tag.tag.as_str()).copied()));
    // The last of a list bounds what is not in it; a bound above the tag itself tells nothing.
    let both = both
        .filter(|(tag, other)| other.is_some() || tag.bytes as f64 >= DIFFERS * smallest as f64);
    let compared = both.map(|(tag, other)| {
        let item = Item {
            subject: subject(pool),
            name: &tag.tag,
            unit: "bytes",
            here: tag.bytes as f64,
            // A list is of the largest: what is not in it holds no more than its last.
            peer: other.map_or(smallest, |other| other.bytes) as f64,
            at_most: other.is_none() && smallest > 0,
            whole: whole as f64,
            ages,
            grows: growing.iter().any(|grower| grower.name == tag.tag && grower.is_steady()),
        };
        item.judged(|compared| sentence(tag, other, smallest, compared, ages))
    });
    let told = |c: &Compared| {
        c.standing != Standing::Alike || c.here.unwrap_or(0.0) >= whole as f64 * LARGE_SHARE
    };
    compared.filter(told).collect()
}

fn subject(pool: PoolType) -> Subject {
    match pool {
        PoolType::Nonpaged => Subject::NonpagedTag,
        PoolType::Paged => Subject::PagedTag,
    }
}

/// The pool in use, else what its tags hold together.
fn whole(pool: PoolType, snapshot: &Snapshot, tags: &[PoolTag]) -> u64 {
    let memory = snapshot.memory.as_ref();
    let used = memory.and_then(|memory| match pool {
        PoolType::Nonpaged => memory.nonpaged_used_bytes,
        PoolType::Paged => memory.paged_used_bytes,
    });
    used.unwrap_or_else(|| tags.iter().map(|tag| tag.bytes).sum())
}

fn sentence(
    tag: &PoolTag,
    other: Option<&PoolTag>,
    smallest: u64,
    compared: &Compared,
    ages: Ages,
) -> String {
    let bytes = |bytes: u64| format_bytes(bytes.into());
    let there = match other {
        Some(other) => {
            format!("{} in {} on the healthy peer", bytes(other.bytes), format_count(live(other)))
        }
        None if smallest == 0 => "none on the healthy peer".into(),
        None => format!("not among those listed on the healthy peer, so under {}", bytes(smallest)),
    };
    let days = ages.here.zip(ages.peer);
    let age = match (compared.standing, days, compared.here_per_day.zip(compared.peer_per_day)) {
        (Standing::Older, Some((here, peer)), _) => format!(
            "; this host has been up for {here:.1} days and the peer for {peer:.1}, so it takes as much per day there and will be as large: a leak of both, or none"
        ),
        (Standing::Grows, _, _) => {
            "; as large there, but here it grew between snapshots".to_owned()
        }
        (Standing::Differs, Some(_), Some((here, peer))) => {
            format!("; per day of uptime {} against {}", bytes(here as u64), bytes(peer as u64))
        }
        _ => String::new(),
    };
    format!(
        "{}: {} in {} live allocations here, {there}{}{age}.",
        tag.tag,
        bytes(tag.bytes),
        format_count(live(tag)),
        times(compared)
    )
}
