//! Provides the reading of kernel memory: poolmon, pooltag.txt, and the kernel debugger.

use capture::{SkippedRows, kernel_debugger, poolmon, pooltag};
use model::reading::{KernelMemory, PoolTag, PoolType};

use super::Parsed;
use crate::clock::stamp_in;
use crate::facts::HostFacts;
use crate::held::{Holding, Snapshot};

/// Tags kept of a snapshot, the largest, beside those that mean something however small; a host has
/// up to two thousand, and a week of snapshots is ten thousand.
const TAGS_MAX: usize = 256;

fn keep_telling(tags: &mut Vec<PoolTag>) {
    use host::tags::TagClass::{Afd, HttpSys, NtObject, Tcp};
    let mut place = 0;
    tags.retain(|tag| {
        place += 1;
        let class = || host::tags::owner(&tag.tag).map(|fact| fact.class);
        place <= TAGS_MAX || matches!(class(), Some(Afd | HttpSys | NtObject | Tcp))
    });
}

/// poolmon's screens or snapshots.
pub(super) fn poolmon(file: &str, text: &str) -> Parsed {
    let mut skipped = SkippedRows::default();
    let (mut records, mut snapshots) = (0, Vec::new());
    for poolmon::Snapshot { before, mut screen, .. } in poolmon::snapshots(text) {
        skipped.append(std::mem::take(&mut screen.skipped));
        records += screen.rows.len() as u64;
        // Rows of sessions are no part of the system's pools.
        let tags = (screen.view == poolmon::View::System && !screen.rows.is_empty()).then(|| {
            let mut tags = screen.tags();
            keep_telling(&mut tags);
            tags
        });
        snapshots.push(Snapshot {
            file: file.to_owned(),
            kind: "poolmon",
            unix_s: before.as_deref().and_then(stamp_in),
            memory: screen.memory,
            tags,
            ..Snapshot::default()
        });
    }
    Parsed { records, skipped, holding: Holding { snapshots, ..Holding::default() } }
}

/// A list of tags and their owners.
pub(super) fn pooltag(text: &str) -> Parsed {
    let tags = pooltag::parse(text);
    let records = tags.entries.len() as u64;
    let skipped = tags.skipped;
    let facts = HostFacts { pooltag: Some(text.to_owned()), ..HostFacts::default() };
    Parsed { records, skipped, holding: Holding { facts, ..Holding::default() } }
}

/// `!vm` and `!poolused`. The debugger prints live allocations: they are given as allocations
/// without frees.
pub(super) fn kernel_debugger(file: &str, text: &str) -> Parsed {
    let log = kernel_debugger::parse(text);
    let mut facts = HostFacts::default();
    let memory = log.vm.as_ref().map(|vm| {
        facts.ceiling_bytes = vm.nonpaged_max_bytes;
        facts.ram_bytes = vm.physical_bytes;
        facts.remarks = vm.warnings.iter().map(|w| format!("!vm warns: {w}")).collect();
        KernelMemory {
            nonpaged_used_bytes: vm.nonpaged_used_bytes(),
            paged_used_bytes: vm.paged_used_bytes,
            committed_bytes: vm.committed_bytes,
            commit_limit_bytes: vm.commit_limit_bytes,
            free_system_ptes: vm.free_system_ptes,
            available_bytes: vm.available_bytes,
        }
    });
    let both = log.tags.iter().flat_map(|row| {
        [(row.nonpaged, PoolType::Nonpaged), (row.paged, PoolType::Paged)].map(|(held, pool)| {
            let (allocs, bytes) = (held.live, held.bytes);
            PoolTag { tag: row.tag.to_owned(), pool, allocs, frees: 0, bytes }
        })
    });
    let mut tags: Vec<PoolTag> = both.filter(|tag| tag.bytes > 0).collect();
    tags.sort_by_key(|tag| std::cmp::Reverse(tag.bytes));
    keep_telling(&mut tags);
    let records = log.tags.len() as u64 + u64::from(log.vm.is_some());
    let snapshot = Snapshot {
        file: file.to_owned(),
        kind: "kernel-debugger",
        memory,
        tags: (!tags.is_empty()).then_some(tags),
        ..Snapshot::default()
    };
    let holding = Holding { snapshots: vec![snapshot], facts, ..Holding::default() };
    Parsed { records, skipped: log.skipped, holding }
}
