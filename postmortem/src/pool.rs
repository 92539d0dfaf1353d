//! Provides the pools at the last snapshot: use, ceiling, gate, tags with their owners.

use std::collections::BTreeMap;

use host::laws::pool_limit;
use host::tags::{self, TagClass};
use model::diagnosis::{Pool, Tag};
use model::limit::{Limit, Origin};
use model::reading::{PoolTag, PoolType};
use model::run::RunInfo;

use crate::facts::HostFacts;
use crate::held::Snapshot;

/// Live counts so near to each other, as a share, are taken for a pair: one allocation of each.
const PAIR_SHARE: f64 = 0.05;
/// Both tags of a pair have so many live allocations at least: small counts are alike by chance.
const PAIR_LIVE_MIN: u64 = 1_000;
/// And each so much of the non-paged pool: of twenty tags two are always alike.
const PAIR_HELD_MIN: f64 = 0.02;
/// Tags told.
const TAGS_MAX: usize = 200;

/// The pools; `None` where no capture speaks of them.
pub(crate) fn pool(
    run: &RunInfo,
    facts: &HostFacts,
    snapshots: &[Snapshot],
    owners: &BTreeMap<String, String>,
) -> Option<Pool> {
    let of_memory = snapshots.iter().rev().filter_map(|s| s.memory.as_ref());
    let mut of_memory = of_memory.filter(|m| m.nonpaged_used_bytes.is_some());
    let tagged = snapshots.iter().rev().find(|s| s.tags.is_some());
    let beside = tagged.and_then(|s| s.memory.as_ref()).filter(|m| m.nonpaged_used_bytes.is_some());
    let memory = beside.or_else(|| of_memory.next());
    if memory.is_none() && tagged.is_none() && facts.ceiling_bytes.is_none() {
        return None;
    }
    let used = memory.and_then(|m| m.nonpaged_used_bytes);
    let limit = limit(run, facts);
    let held = tagged.and_then(|s| s.tags.as_deref()).unwrap_or(&[]);
    let headroom = limit.zip(used).and_then(|(limit, used)| {
        Some(i64::try_from(limit.value).ok()? - i64::try_from(used).ok()?)
    });
    let total = |pool| match pool {
        PoolType::Nonpaged => used,
        PoolType::Paged => memory.and_then(|m| m.paged_used_bytes),
    };
    Some(Pool {
        nonpaged_used_bytes: used,
        limit,
        gate_bytes: gate_bytes(run),
        headroom_bytes: headroom,
        http_sys_bytes: tagged.map(|_| http_sys_bytes(held)),
        tags: kept(held).map(|tag| told(tag, total(tag.pool), owners)).collect(),
        pairs: pairs(held, used),
    })
}

/// The tags that are told: the largest, and those of connections however small.
fn kept(held: &[PoolTag]) -> impl Iterator<Item = &PoolTag> {
    let telling =
        |tag: &PoolTag| matches!(class(&tag.tag), Some(TagClass::Tcp | TagClass::HttpSys));
    let placed = held.iter().enumerate();
    placed.filter(move |(at, tag)| *at < TAGS_MAX || telling(tag)).map(|(_, tag)| tag)
}

/// The ceiling: as a debugger read it, else as the profile derives it.
fn limit(run: &RunInfo, facts: &HostFacts) -> Option<Limit> {
    if let Some(value) = facts.ceiling_bytes {
        return Some(Limit { value, origin: Origin::Measured });
    }
    let profile = host::profile(run.target.profile.as_deref()?)?;
    pool_limit(profile, run.target.ram_bytes, None)
}

/// The gate of the profile, or the one that every HTTP.sys has; none where the host has no HTTP.sys.
pub(crate) fn gate_bytes(run: &RunInfo) -> Option<u64> {
    let profile = run.target.profile.as_deref().and_then(host::profile);
    let of_profile = match profile {
        Some(profile) => profile.gate_bytes,
        None => host::all().iter().find_map(|p| p.gate_bytes),
    };
    run.target.gate_bytes.or(of_profile.map(|gate| gate.value))
}

/// Bytes of non-paged pool that HTTP.sys itself holds.
fn http_sys_bytes(held: &[PoolTag]) -> u64 {
    let nonpaged = held.iter().filter(|tag| tag.pool == PoolType::Nonpaged);
    let own = nonpaged.filter(|tag| class(&tag.tag) == Some(TagClass::HttpSys));
    own.map(|tag| tag.bytes).sum()
}

/// The class of a tag by the built-in table.
pub(crate) fn class(tag: &str) -> Option<TagClass> {
    tags::owner(tag).map(|fact| fact.class)
}

/// Live allocations; poolmon's counters are 32 bits wide and wrap.
pub(crate) fn live(tag: &PoolTag) -> u64 {
    match tag.allocs.checked_sub(tag.frees) {
        Some(live) => live,
        None => u64::from((tag.allocs as u32).wrapping_sub(tag.frees as u32)),
    }
}

fn told(tag: &PoolTag, total: Option<u64>, owners: &BTreeMap<String, String>) -> Tag {
    let known = || tags::owner(&tag.tag).and_then(|fact| fact.owner).map(str::to_owned);
    let diff = live(tag);
    Tag {
        tag: tag.tag.clone(),
        pool: tag.pool,
        bytes: tag.bytes,
        diff,
        per_alloc: tag.bytes.checked_div(diff).unwrap_or(0),
        owner: owners.get(&tag.tag).cloned().or_else(known),
        share: total.filter(|t| *t > 0).map(|total| tag.bytes as f64 / total as f64),
    }
}

/// Tags that one cause seems to allocate together: large ones whose live counts are alike.
fn pairs(held: &[PoolTag], used: Option<u64>) -> Vec<(String, String)> {
    let nonpaged: Vec<&PoolTag> =
        held.iter().filter(|tag| tag.pool == PoolType::Nonpaged).collect();
    let total = used.unwrap_or_else(|| nonpaged.iter().map(|tag| tag.bytes).sum());
    let large = nonpaged.into_iter().filter(|tag| {
        live(tag) >= PAIR_LIVE_MIN && tag.bytes as f64 >= PAIR_HELD_MIN * total as f64
    });
    let large: Vec<&PoolTag> = large.collect();
    let mut found = Vec::new();
    for (at, one) in large.iter().enumerate() {
        for other in &large[at + 1..] {
            let (a, b) = (live(one), live(other));
            if a.abs_diff(b) as f64 <= PAIR_SHARE * a.max(b) as f64 {
                found.push((one.tag.clone(), other.tag.clone()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(tag: &str, live: u64, bytes: u64) -> PoolTag {
        PoolTag { tag: tag.into(), pool: PoolType::Nonpaged, allocs: live + 5, frees: 5, bytes }
    }

    #[test]
    fn only_large_tags_with_like_counts_are_a_pair() {
        let held = [
            tag("ISil", 80_939, 36_678_632),
            tag("I100", 80_909, 14_886_928),
            tag("tdLL", 4_918, 2_672_832),
            tag("File", 4_908, 750_688),
            tag("LSwi", 1, 2_576_384),
            tag("LSwn", 1, 2_576_384),
        ];
        let wanted = [("ISil".to_owned(), "I100".to_owned())];
        assert_eq!(pairs(&held, Some(111_673_344)), wanted, "File is alike but small");
        assert_eq!(pairs(&held[2..], Some(111_673_344)), [], "single allocations are no pair");
    }

    #[test]
    fn counters_that_wrapped_are_still_differences() {
        let mut wrapped = tag("None", 0, 0);
        (wrapped.allocs, wrapped.frees) = (3, u64::from(u32::MAX));
        assert_eq!(live(&wrapped), 4);
    }
}
