//! Provides the reader of what the kernel debugger prints of the pools: `!vm` (use and the true
//! ceiling) and `!poolused` (tags).
//!
//! Both may stand in one log, among anything else. Where a figure is printed twice, the last counts.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::{Skipped, SkippedRows};

/// Warnings kept of a log; their number says no more than their being there.
const WARNINGS_MAX: usize = 32;

/// `!vm`: bytes unless named otherwise. A build that does not print a figure leaves it `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vm {
    /// `NonPagedPool Usage`; since Windows 8 without the pool that holds no code.
    pub nonpaged_code_used_bytes: Option<u64>,
    /// `NonPagedPoolNx Usage`, Windows 8 and later.
    pub nonpaged_data_used_bytes: Option<u64>,
    /// `NonPagedPool Max`: the ceiling.
    pub nonpaged_max_bytes: Option<u64>,
    /// `NonPagedPool Commit`, x64 since Windows 10.
    pub nonpaged_commit_bytes: Option<u64>,
    /// `PagedPool Usage`.
    pub paged_used_bytes: Option<u64>,
    /// `PagedPool Maximum`.
    pub paged_max_bytes: Option<u64>,
    /// `Free System PTEs` (a count).
    pub free_system_ptes: Option<u64>,
    /// `Available Pages`.
    pub available_bytes: Option<u64>,
    /// `Physical Memory`.
    pub physical_bytes: Option<u64>,
    /// `Committed pages`.
    pub committed_bytes: Option<u64>,
    /// `Commit limit`.
    pub commit_limit_bytes: Option<u64>,
    /// What it prints between asterisks about pools and failed allocations, as it stands.
    pub warnings: Vec<String>,
}

impl Vm {
    /// Non-paged pool in use, both kinds.
    pub fn nonpaged_used_bytes(&self) -> Option<u64> {
        let code = self.nonpaged_code_used_bytes?;
        code.checked_add(self.nonpaged_data_used_bytes.unwrap_or(0))
    }

    /// Where the figure of a label goes, and whether it is a count and no size.
    fn figure(&mut self, label: &str) -> Option<(&mut Option<u64>, bool)> {
        let size = match label {
            "NonPagedPool Usage" => &mut self.nonpaged_code_used_bytes,
            "NonPagedPoolNx Usage" => &mut self.nonpaged_data_used_bytes,
            "NonPagedPool Max" => &mut self.nonpaged_max_bytes,
            "NonPagedPool Commit" => &mut self.nonpaged_commit_bytes,
            "PagedPool Usage" => &mut self.paged_used_bytes,
            "PagedPool Maximum" => &mut self.paged_max_bytes,
            "Available Pages" => &mut self.available_bytes,
            "Physical Memory" => &mut self.physical_bytes,
            "Committed pages" => &mut self.committed_bytes,
            "Commit limit" => &mut self.commit_limit_bytes,
            "Free System PTEs" => return Some((&mut self.free_system_ptes, true)),
            _ => return None,
        };
        Some((size, false))
    }
}

/// What a tag holds of one pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Live allocations.
    pub live: u64,
    /// Bytes held.
    pub bytes: u64,
}

/// A row of `!poolused`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Up to four characters, trailing spaces removed, case as printed.
    pub tag: &'a str,
    /// Held of the non-paged pool.
    pub nonpaged: Held,
    /// Held of the paged pool.
    pub paged: Held,
    /// What pooltag.txt says of it, or that it says nothing.
    pub description: &'a str,
    /// The driver that pooltag.txt names.
    pub binary: Option<&'a str>,
}

/// A whole log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KernelDebugger<'a> {
    /// `!vm`, where it is there.
    pub vm: Option<Vm>,
    /// Rows of `!poolused` in order.
    pub tags: Vec<Tag<'a>>,
    /// Lines that could not be read.
    pub skipped: SkippedRows,
}

impl<'a> KernelDebugger<'a> {
    /// Each tag once, as it was listed last (`!poolused 2` and `4` list the same tags), the largest
    /// holder of non-paged pool first.
    pub fn tags_once(&self) -> Vec<&Tag<'a>> {
        let last: HashMap<&str, &Tag> = self.tags.iter().map(|tag| (tag.tag, tag)).collect();
        let mut tags: Vec<_> = last.into_values().collect();
        tags.sort_by_key(|tag| (Reverse(tag.nonpaged.bytes), tag.tag));
        tags
    }
}

/// Reads a log.
pub fn parse(text: &str) -> KernelDebugger<'_> {
    let mut log = KernelDebugger::default();
    let mut layout = None;
    for (at, line) in text.lines().enumerate() {
        let read = if let Some(heading) = Layout::of(line) {
            layout = Some(heading);
            Ok(())
        } else if let Some(read) = vm_line(line, &mut log.vm) {
            // Figures of !vm end a table of tags.
            layout = None;
            read
        } else if line.contains("kd> ") {
            layout = None;
            Ok(())
        } else if let Some(layout) = layout {
            tag_line(line, layout).map(|tag| log.tags.extend(tag))
        } else {
            Ok(())
        };
        if let Err(reason) = read {
            log.skipped.push(Skipped::new(at + 1, reason));
        }
    }
    log
}

/// `NonPagedPool Max:  32768 (    131072 Kb)`; `None` where the line is no figure of `!vm`.
fn vm_line(line: &str, vm: &mut Option<Vm>) -> Option<Result<(), String>> {
    let line = line.trim();
    if line.starts_with("***") && (line.contains("Excessive") || line.contains("have failed")) {
        let warnings = &mut vm.get_or_insert_default().warnings;
        if warnings.len() < WARNINGS_MAX {
            warnings.push(line.trim_matches(['*', ' ']).to_owned());
        }
        return Some(Ok(()));
    }
    let (label, figures) = line.split_once(':')?;
    Vm::default().figure(label)?;
    let (count, size) = figures.split_once('(')?;
    let kib = size.trim_end_matches([')', ' ']).trim_end_matches(['K', 'k', 'b', 'B', ' ']);
    let bytes = kib.trim().parse::<u64>().ok().and_then(|kib| kib.checked_mul(1024));
    let (Some(bytes), Ok(count)) = (bytes, count.trim().parse()) else {
        return Some(Err(format!("has \"{}\" for {label}", figures.trim())));
    };
    let (figure, is_count) = vm.get_or_insert_default().figure(label)?;
    *figure = Some(if is_count { count } else { bytes });
    Some(Ok(()))
}

/// Which figures stand behind a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// Allocations and bytes of each pool.
    Plain,
    /// Allocations, frees, their difference and bytes of each pool (`!poolused 1`).
    Verbose,
}

impl Layout {
    fn of(heading: &str) -> Option<Self> {
        let mut words = heading.split_whitespace();
        if words.next() != Some("Tag") {
            return None;
        }
        match words.take(9).collect::<Vec<_>>().as_slice() {
            ["Allocs", "Used", "Allocs", "Used"] => Some(Self::Plain),
            ["Allocs", "Frees", "Diff", "Used", "Allocs", "Frees", "Diff", "Used"] => {
                Some(Self::Verbose)
            }
            _ => None,
        }
    }
}

/// The row that a line below the headings is; none where it is blank, the sum, or about the
/// debugger itself (no figure behind four characters).
fn tag_line(line: &str, layout: Layout) -> Result<Option<Tag<'_>>, String> {
    let line = line.trim_end();
    let Some((tag, rest)) = split_tag(line) else { return Ok(None) };
    let mut figures = [0; 8];
    let figures = match layout {
        Layout::Plain => &mut figures[..4],
        Layout::Verbose => &mut figures[..],
    };
    let mut rest = rest;
    for (number, figure) in figures.iter_mut().enumerate() {
        let text = rest.trim_start();
        let length = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        match text[..length].parse() {
            Ok(value) => *figure = value,
            Err(_) if number == 0 => return Ok(None),
            Err(_) => return Err(format!("has {number} figures behind the tag \"{tag}\"")),
        }
        rest = &text[length..];
    }
    let held = |at: usize| match *figures {
        [live_n, bytes_n, live_p, bytes_p] => [(live_n, bytes_n), (live_p, bytes_p)][at],
        [_, _, live_n, bytes_n, _, _, live_p, bytes_p] => {
            [(live_n, bytes_n), (live_p, bytes_p)][at]
        }
        _ => (0, 0),
    };
    let held = |at| Held { live: held(at).0, bytes: held(at).1 };
    let description = rest.trim();
    let (description, binary) = match description.split_once(", Binary:") {
        Some((description, binary)) => (description.trim(), Some(binary.trim())),
        None => (description, None),
    };
    Ok(Some(Tag { tag, nonpaged: held(0), paged: held(1), description, binary }))
}

/// The tag and what stands behind it: four characters, behind at most one space. A tag that is not
/// set out in columns is the first word.
fn split_tag(line: &str) -> Option<(&str, &str)> {
    let inner = line.strip_prefix(' ').unwrap_or(line);
    let end = inner.char_indices().nth(4)?.0;
    let (tag, rest) = inner.split_at(end);
    let tag = tag.trim_end();
    let in_columns = line.starts_with(' ') || !tag.contains(' ');
    if in_columns && rest.starts_with(char::is_whitespace) && !tag.is_empty() {
        return Some((tag, rest));
    }
    let (tag, rest) = inner.trim_start().split_once(char::is_whitespace)?;
    (tag.chars().count() <= 4).then_some((tag, rest))
}

#[cfg(test)]
mod tests;
