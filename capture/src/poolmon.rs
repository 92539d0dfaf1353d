//! Provides the reader of poolmon's screen and of its snapshot (`poolmon -n`): kernel memory from
//! the header and one row per pool tag.
//!
//! A screen has changes in brackets behind allocations, frees and bytes, a snapshot has none. Tags
//! may hold spaces, are told apart by case, and one that lives in both pools has two rows.

use std::collections::BTreeMap;

use model::reading::{KernelMemory, PoolTag, PoolType};

use crate::Skipped;

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

/// A whole screen or snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Poolmon {
    /// Used pools, commit and available memory, where the header is there; whole KiB.
    pub memory: Option<KernelMemory>,
    /// Rows in the order printed.
    pub rows: Vec<Row>,
    /// Rows that could not be read.
    pub skipped: Vec<Skipped>,
}

impl Poolmon {
    /// The tags, rows of the same tag and pool summed, the largest first.
    pub fn tags(&self) -> Vec<PoolTag> {
        let mut by_tag: BTreeMap<(&str, PoolType), PoolTag> = BTreeMap::new();
        for Row { tag, .. } in &self.rows {
            by_tag
                .entry((&tag.tag, tag.pool))
                .and_modify(|sum| {
                    sum.allocs += tag.allocs;
                    sum.frees += tag.frees;
                    sum.bytes += tag.bytes;
                })
                .or_insert_with(|| tag.clone());
        }
        let mut tags: Vec<_> = by_tag.into_values().collect();
        tags.sort_by_key(|tag| std::cmp::Reverse(tag.bytes));
        tags
    }
}

/// Reads a screen or a snapshot; one without rows is as good as any.
pub fn parse(text: &str) -> Poolmon {
    let mut poolmon = Poolmon::default();
    for (at, line) in text.lines().enumerate() {
        // U+00A0 is what a blog makes of a space.
        let line = line.replace('\u{a0}', " ");
        header(&line, &mut poolmon.memory);
        match row(&line) {
            Some(Ok(row)) => poolmon.rows.push(row),
            Some(Err(reason)) => poolmon.skipped.push(Skipped { line: at + 1, reason }),
            None => {}
        }
    }
    poolmon
}

/// Takes `Avail:` from the header's first line, all the rest from its second.
fn header(line: &str, memory: &mut Option<KernelMemory>) {
    if line.trim_start().starts_with("Memory:") {
        memory.get_or_insert_default().available_bytes = kib_behind(line, "Avail:");
    }
    if line.trim_start().starts_with("Commit:") {
        let memory = memory.get_or_insert_default();
        memory.committed_bytes = kib_behind(line, "Commit:");
        memory.commit_limit_bytes = kib_behind(line, "Limit:");
        if let Some((_, pools)) = line.split_once("Pool ") {
            memory.nonpaged_used_bytes = kib_behind(pools, "N:");
            memory.paged_used_bytes = kib_behind(pools, "P:");
        }
    }
}

/// The number of KiB behind a label that it may touch, in bytes.
fn kib_behind(line: &str, label: &str) -> Option<u64> {
    let (_, rest) = line.split_once(label)?;
    let (number, _) = rest.split_once('K')?;
    number.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The row that a line is; `None` where it names no pool behind a tag.
fn row(line: &str) -> Option<Result<Row, String>> {
    [(" Nonp", PoolType::Nonpaged), (" Paged", PoolType::Paged)].into_iter().find_map(
        |(word, pool)| {
            line.match_indices(word).find_map(|(at, _)| {
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
        let (word, behind) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let value = word.parse::<i64>().map_err(|_| format!("has \"{word}\" for {what}"))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The layout of XP and Server 2003 (windows-driver-docs, poolmon display); figures made up.
    const SCREEN: &str =
        " Memory: 1048036K Avail:  530364K  PageFlts:     0   InRam Krnl: 1916K P:17856K
 Commit: 203500K Limit:2525916K Peak: 260632K            Pool N:109056K P:27220K
 System pool information
 Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc

 ISil Nonp    3971107 (  12)   3890168 (  -1)    80939 72845100 (  -872)    900
 Io   Nonp    1021112 (   1)   1020985 (   1)      127    91912 (     0)    723
 Dh 1 Paged        24 (   0)        24 (   0)        0        0 (     0)      0
 File Paged       100 (   0)        40 (   0)       60     4000 (     0)     66
 File Nonp        700 (   0)       100 (   0)      600   240000 (     0)    400
";

    #[test]
    fn a_screen_gives_memory_and_tags() {
        let screen = parse(SCREEN);
        assert_eq!(screen.skipped, []);
        let memory = screen.memory.clone().unwrap();
        assert_eq!(memory.nonpaged_used_bytes, Some(109_056 * 1024));
        assert_eq!(memory.paged_used_bytes, Some(27_220 * 1024), "not the P: of the first line");
        assert_eq!(memory.available_bytes, Some(530_364 * 1024));
        assert_eq!(
            memory.commit_limit_bytes,
            Some(2_525_916 * 1024),
            "the value touches its label"
        );
        let first = &screen.rows[0];
        assert_eq!((first.diff, first.per_alloc_bytes), (80_939, 900));
        assert_eq!((first.tag.allocs, first.tag.frees), (3_971_107, 3_890_168));
        let tags: Vec<_> = screen.tags().into_iter().map(|t| (t.tag, t.pool, t.bytes)).collect();
        assert_eq!(
            tags,
            [
                ("ISil".into(), PoolType::Nonpaged, 72_845_100),
                ("File".into(), PoolType::Nonpaged, 240_000),
                ("Io".into(), PoolType::Nonpaged, 91_912),
                ("File".into(), PoolType::Paged, 4_000),
                ("Dh 1".into(), PoolType::Paged, 0),
            ]
        );
    }

    #[test]
    fn rows_are_read_in_every_layout() {
        for (line, tag, bytes, owner, why) in [
            (
                " Thre Nonp  180351  176602  3749  13179648  3515  [nt!ps - Thread objects]",
                "Thre",
                13_179_648,
                Some("nt!ps - Thread objects"),
                "snapshot with -g",
            ),
            (
                " ConT Nonp 3097 2409 688 42770432 62166 Unknown Driver",
                "ConT",
                42_770_432,
                Some("Unknown Driver"),
                "an owner without brackets",
            ),
            (
                "Dh 2 Paged       367 (   0)       364 (   0)        3     912 (     0)    304",
                "Dh 2",
                912,
                None,
                "no leading space, and one within",
            ),
            (
                "     CM   Paged    1283 (   0)    1002 (   0)    281 1377312 (     0) 4901",
                "CM",
                1_377_312,
                None,
                "right-aligned in an indented block (gflags)",
            ),
            (
                "    Strg  Paged   10385 (  10)    6658 (   4)   3727  317952 (   512)   85",
                "Strg",
                317_952,
                None,
                "the same with four characters",
            ),
            (
                "\u{a0}ULHP\u{a0}Nonp\u{a0}\u{a0}10\u{a0}(\u{a0}1)\u{a0}4\u{a0}(\u{a0}0)\u{a0}6\u{a0}600\u{a0}(\u{a0}0)\u{a0}100",
                "ULHP",
                600,
                None,
                "pasted through a blog",
            ),
            (" Nonp Nonp 1 0 1 64 64", "Nonp", 64, None, "a tag that is called like its pool"),
            ("  Ab  Nonp 1 0 1 64 64", " Ab", 64, None, "a leading space is part of the tag"),
            (" Wrap Nonp 5 4294967290 -4294967285 64 0", "Wrap", 64, None, "a wrapped counter"),
        ] {
            let parsed = parse(line);
            assert_eq!(parsed.skipped, [], "{why}");
            let row = &parsed.rows[0];
            assert_eq!((row.tag.tag.as_str(), row.tag.bytes), (tag, bytes), "{why}");
            assert_eq!(row.owner.as_deref(), owner, "{why}");
        }
    }

    #[test]
    fn a_bad_row_is_counted_and_other_tables_are_not_poolmon() {
        let parsed =
            parse(" Good Nonp 2 1 1 64 64\n Cut  Nonp 2 (  0) 1\n Neg  Paged 2 1 1 -64 64\n");
        assert_eq!(parsed.rows.len(), 1);
        let lines: Vec<_> = parsed.skipped.iter().map(|s| s.line).collect();
        assert_eq!(lines, [2, 3]);
        let other = parse("Tag    NP_MB      share\nNtFC   21353.2    97.1%\n");
        assert_eq!(other, Poolmon::default());
    }
}
