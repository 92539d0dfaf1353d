//! Provides what one line of a screen is.

use std::borrow::Cow;

use model::reading::{KernelMemory, PoolTag, PoolType};

use super::{Row, View};
use crate::cut::at_most;

/// Within how many bytes a row's tag and pool stand, indentation included.
const TAG_BYTES: usize = 64;

/// One line of a screen.
pub(super) enum Part {
    /// The header's first line.
    Memory { available_bytes: Option<u64> },
    /// The header's second line: all of the memory but what is available.
    Commit(KernelMemory),
    /// `Session 0 pool information`.
    View(View),
    /// The headings of the columns.
    Heading,
    /// A row, or why it is none.
    Row(Result<Row, String>),
}

impl Part {
    /// The part that a line is, if it is one.
    pub(super) fn of(line: &str) -> Option<Self> {
        // U+00A0 is what a blog makes of a space.
        let line = match line.contains('\u{a0}') {
            true => Cow::Owned(line.replace('\u{a0}', " ")),
            false => Cow::Borrowed(line),
        };
        let words = line.trim();
        if words.starts_with("Memory:") && words.contains("Avail:") {
            return Some(Self::Memory { available_bytes: kib_behind(words, "Avail:") });
        }
        if words.starts_with("Commit:") && words.contains("Limit:") {
            return Some(Self::Commit(commit(words)));
        }
        if let Some(whose) = words.strip_suffix(" pool information") {
            return view(whose).map(Self::View);
        }
        let heading = words.strip_prefix("Tag").map(str::trim_start);
        if heading.is_some_and(|h| h.starts_with("Type") && h.contains("Allocs")) {
            return Some(Self::Heading);
        }
        row(&line).map(Self::Row)
    }

    /// Where it stands in a screen: a screen never goes back.
    pub(super) fn stage(&self) -> u8 {
        match self {
            Self::Memory { .. } => 0,
            Self::Commit(_) => 1,
            Self::View(_) => 2,
            Self::Heading => 3,
            Self::Row(_) => 4,
        }
    }
}

fn commit(line: &str) -> KernelMemory {
    let pools = line.split_once("Pool ").map_or("", |(_, pools)| pools);
    KernelMemory {
        committed_bytes: kib_behind(line, "Commit:"),
        commit_limit_bytes: kib_behind(line, "Limit:"),
        nonpaged_used_bytes: kib_behind(pools, "N:"),
        paged_used_bytes: kib_behind(pools, "P:"),
        ..KernelMemory::default()
    }
}

/// The number of KiB behind a label that it may touch, in bytes.
fn kib_behind(line: &str, label: &str) -> Option<u64> {
    let (_, rest) = line.split_once(label)?;
    let (number, _) = rest.split_once('K')?;
    number.trim().parse::<u64>().ok()?.checked_mul(1024)
}

fn view(whose: &str) -> Option<View> {
    match whose {
        "System" => Some(View::System),
        "All sessions" => Some(View::AllSessions),
        _ => whose.strip_prefix("Session ")?.trim().parse().ok().map(View::Session),
    }
}

/// The row that a line is; `None` where it names no pool behind a tag.
fn row(line: &str) -> Option<Result<Row, String>> {
    let near = at_most(line, TAG_BYTES);
    [(" Nonp", PoolType::Nonpaged), (" Paged", PoolType::Paged)].into_iter().find_map(
        |(word, pool)| {
            near.match_indices(word).find_map(|(at, _)| {
                let figures = line[at + word.len()..].strip_prefix(' ')?;
                Some(row_of(tag(&line[..at])?, pool, figures))
            })
        },
    )
}

/// The tag before its pool: four characters behind at most one space. Where they stand elsewhere
/// (indented blocks, right-aligned tags) all outer spaces go.
fn tag(before: &str) -> Option<String> {
    let characters: Vec<char> = before.chars().collect();
    let tag: String = match characters.as_slice() {
        [' ', tag @ ..] | tag if tag.len() == 4 => tag.iter().collect(),
        _ => before.trim().to_owned(),
    };
    let tag = tag.trim_end();
    (1..=4).contains(&tag.chars().count()).then(|| tag.to_owned())
}

fn row_of(tag: String, pool: PoolType, text: &str) -> Result<Row, String> {
    let mut rest = text;
    let mut number = |what: &str| {
        let text = without_change(rest).trim_start();
        // A wide number touches the change behind it.
        let end = text.find(|c: char| c.is_whitespace() || c == '(').unwrap_or(text.len());
        let (word, behind) = text.split_at(end);
        let value = word.parse::<i64>().map_err(|_| format!("has \"{word:.40}\" for {what}"))?;
        rest = behind;
        Ok::<_, String>(value)
    };
    let count = |value: i64, what: &str| {
        u64::try_from(value).map_err(|_| format!("has the negative number {value} for {what}"))
    };
    let allocs = count(number("allocations")?, "allocations")?;
    let frees = count(number("frees")?, "frees")?;
    let diff = number("their difference")?;
    let bytes = count(number("bytes")?, "bytes")?;
    let per_alloc_bytes = count(number("bytes per allocation")?, "bytes per allocation")?;
    let owner = rest.trim();
    let owner = owner.strip_prefix('[').and_then(|o| o.strip_suffix(']')).unwrap_or(owner);
    let owner = (!owner.is_empty()).then(|| owner.to_owned());
    Ok(Row { tag: PoolTag { tag, pool, allocs, frees, bytes }, diff, per_alloc_bytes, owner })
}

/// Passes over a change in brackets: `(  -872)`.
fn without_change(text: &str) -> &str {
    let text = text.trim_start();
    text.strip_prefix('(').and_then(|t| t.split_once(')')).map_or(text, |(_, rest)| rest)
}
