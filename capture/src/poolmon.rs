//! Provides the reader of poolmon's screen and of its snapshot (`poolmon -n`): kernel memory from
//! the header and one row per pool tag.
//!
//! A screen has changes in brackets behind allocations, frees and bytes, a snapshot has none. Tags
//! may hold spaces, are told apart by case, and one that lives in both pools has two rows. A file
//! may hold several screens, one behind the other ([`snapshots`]).

mod part;

use std::collections::BTreeMap;

use model::reading::{KernelMemory, PoolTag, PoolType};

use self::part::Part;
use crate::{Skipped, SkippedRows};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The tag with its pool, allocations, frees and bytes.
    pub tag: PoolTag,
    /// Allocations less frees, as printed; negative where a 32-bit counter has wrapped.
    pub diff: i64,
    /// Bytes per live allocation, as printed.
    pub per_alloc_bytes: u64,
    /// What `-c` or `-g` print behind the row: a driver, without its outer brackets.
    pub owner: Option<String>,
}

/// Whose pools a screen shows. Rows of sessions are no part of the pools in the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The system's, which is also assumed where the screen does not say.
    #[default]
    System,
    /// All sessions' together (`-s`).
    AllSessions,
    /// One session's (`-s0`).
    Session(u32),
}

/// A whole screen or snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Poolmon {
    /// Used pools, commit and available memory, where the header is there; whole KiB.
    pub memory: Option<KernelMemory>,
    /// Whose pools the rows show.
    pub view: View,
    /// Rows in the order printed.
    pub rows: Vec<Row>,
    /// Rows that could not be read.
    pub skipped: SkippedRows,
}

/// One of several screens in a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Its first line, from 1.
    pub line: usize,
    /// The last line of other text before it, such as a date that a script has written.
    pub before: Option<String>,
    /// What it shows; lines of its `skipped` are those of the file.
    pub screen: Poolmon,
}

impl Poolmon {
    /// The tags, rows of the same tag and pool summed, the largest first.
    pub fn tags(&self) -> Vec<PoolTag> {
        let mut by_tag: BTreeMap<(&str, PoolType), PoolTag> = BTreeMap::new();
        for Row { tag, .. } in &self.rows {
            by_tag
                .entry((&tag.tag, tag.pool))
                .and_modify(|sum| {
                    sum.allocs = sum.allocs.saturating_add(tag.allocs);
                    sum.frees = sum.frees.saturating_add(tag.frees);
                    sum.bytes = sum.bytes.saturating_add(tag.bytes);
                })
                .or_insert_with(|| tag.clone());
        }
        let mut tags: Vec<_> = by_tag.into_values().collect();
        tags.sort_by_key(|tag| std::cmp::Reverse(tag.bytes));
        tags
    }

    fn take(&mut self, part: Part, line: usize) {
        match part {
            Part::Memory { available_bytes } => {
                self.memory.get_or_insert_default().available_bytes = available_bytes;
            }
            Part::Commit(read) => {
                let available_bytes = self.memory.take().and_then(|m| m.available_bytes);
                self.memory = Some(KernelMemory { available_bytes, ..read });
            }
            Part::View(view) => self.view = view,
            Part::Row(Ok(row)) => self.rows.push(row),
            Part::Row(Err(reason)) => self.skipped.push(Skipped::new(line, reason)),
            Part::Heading => {}
        }
    }
}

/// Reads a screen or a snapshot; one without rows is as good as any. Several in one text run
/// together: rows of all, memory of the last.
pub fn parse(text: &str) -> Poolmon {
    let mut poolmon = Poolmon::default();
    for (at, line) in text.lines().enumerate() {
        if let Some(part) = Part::of(line) {
            poolmon.take(part, at + 1);
        }
    }
    poolmon
}

/// Reads every screen or snapshot of a text. One ends where the next one's header begins, or its
/// column headings where it has no header.
pub fn snapshots(text: &str) -> Vec<Snapshot> {
    let mut snapshots: Vec<Snapshot> = Vec::new();
    let mut before = None;
    let mut stage = None;
    for (at, line) in text.lines().enumerate() {
        let Some(part) = Part::of(line) else {
            before = (!line.trim().is_empty()).then(|| line.trim()).or(before);
            continue;
        };
        let (line, next) = (at + 1, part.stage());
        let is_row = matches!(part, Part::Row(_));
        if stage.is_none_or(|last| next <= last && !is_row) {
            let before = before.take().map(str::to_owned);
            snapshots.push(Snapshot { line, before, screen: Poolmon::default() });
        }
        stage = Some(next);
        if let Some(last) = snapshots.last_mut() {
            last.screen.take(part, line);
        }
        // The rule beneath gflags' headings, and the dots of a cut screen, date no other screen.
        before = None;
    }
    snapshots
}

/// Whether a line is part of a screen.
pub(crate) fn is_part(line: &str) -> bool {
    Part::of(line).is_some()
}

#[cfg(test)]
mod tests;
