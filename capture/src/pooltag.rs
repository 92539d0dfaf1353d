//! Provides the reader of pooltag.txt, the list of pool tags and their owners that debuggers and
//! poolmon ship with, and the search in it.
//!
//! A line is `Tag - binary - description`; a tag is told apart by case and may hold `?` (one
//! character) and a closing `*` (any). Tags occur more than once.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::{Skipped, SkippedRows};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Up to four characters, trailing spaces removed.
    pub tag: &'a str,
    /// The driver, or a part of the kernel (`nt!mm`); `None` where the file says `<unknown>`.
    pub binary: Option<&'a str>,
    /// What it is for; may be empty.
    pub description: &'a str,
}

impl Entry<'_> {
    /// Whether the tag stands for several.
    pub fn is_pattern(&self) -> bool {
        self.tag.contains(['?', '*'])
    }
}

/// A whole list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolTags<'a> {
    /// Entries in order.
    pub entries: Vec<Entry<'a>>,
    /// Lines that could not be read.
    pub skipped: SkippedRows,
    exact: HashMap<&'a str, Vec<usize>>,
    patterns: Vec<usize>,
}

impl<'a> PoolTags<'a> {
    /// The entries of a tag, the best first: those of the tag itself in the order of the file, then
    /// patterns, those with most characters of their own first.
    pub fn lookup(&self, tag: &str) -> Vec<&Entry<'a>> {
        let tag = tag.trim_end();
        let mut patterns: Vec<&Entry> = self
            .patterns
            .iter()
            .filter_map(|at| self.entries.get(*at))
            .filter(|entry| matches(entry.tag, tag))
            .collect();
        patterns.sort_by_key(|e| Reverse(e.tag.chars().filter(|c| !"?*".contains(*c)).count()));
        let exact = self.exact.get(tag).map(Vec::as_slice).unwrap_or_default();
        exact.iter().filter_map(|at| self.entries.get(*at)).chain(patterns).collect()
    }
}

/// Whether a pattern stands for a tag; a tag shorter than four characters is filled with spaces.
fn matches(pattern: &str, tag: &str) -> bool {
    let mut tag = tag.chars().chain(std::iter::repeat(' ')).take(4);
    for wanted in pattern.chars() {
        match (wanted, tag.next()) {
            ('*', _) => return true,
            ('?', Some(_)) => {}
            (wanted, found) if found == Some(wanted) => {}
            _ => return false,
        }
    }
    tag.all(|c| c == ' ')
}

/// Reads a list. Blank lines and comments (`rem`, `//`) are no entries.
pub fn parse(text: &str) -> PoolTags<'_> {
    let mut tags = PoolTags::default();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.trim().is_empty() || is_comment(line) {
            continue;
        }
        match entry(line) {
            Ok(entry) => {
                let number = tags.entries.len();
                if entry.is_pattern() {
                    tags.patterns.push(number);
                } else {
                    tags.exact.entry(entry.tag).or_default().push(number);
                }
                tags.entries.push(entry);
            }
            Err(reason) => tags.skipped.push(Skipped::new(at + 1, reason)),
        }
    }
    tags
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    let first = line.split_whitespace().next().unwrap_or_default();
    first.eq_ignore_ascii_case("rem") || line.starts_with("//")
}

fn entry(line: &str) -> Result<Entry<'_>, String> {
    let (tag, rest) = line.split_once(" - ").ok_or("has no \" - \" behind a tag")?;
    let tag = tag.trim_end();
    if !(1..=4).contains(&tag.chars().count()) {
        return Err(format!("has \"{}\" for a tag", tag.trim()));
    }
    let (binary, description) = rest.split_once(" - ").unwrap_or((rest, ""));
    let binary = Some(binary.trim()).filter(|b| !b.is_empty() && *b != "<unknown>");
    Ok(Entry { tag, binary, description: description.trim() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::soup::soup;

    /// The layout of the file of Server 2003 and of later ones; entries shortened.
    const LIST: &str = "rem
rem    Pooltag.txt

// a comment of later files
8042 - i8042prt.sys - PS/2 keyboard
Afd? - afd.sys      - Winsock objects
AfdB - afd.sys      -     data buffer
Ul?? - http.sys     - any of HTTP.sys
UlRP - http.sys     - Request Buffer
U*   - <unknown>    - all with U
Io   - nt!io        - Io generic - allocations
Irp  - <unknown>    - IRP packets
Irp  - nt!io        - IRP packets, again
       <unknown>
Tooth - x.sys - five characters
Bare - bare.sys
";

    #[test]
    fn a_tag_is_looked_up_exactly_before_by_pattern() {
        let tags = parse(LIST);
        let lines: Vec<_> = tags.skipped.iter().map(|s| s.line).collect();
        assert_eq!((lines, tags.entries.len()), (vec![14, 15], 10));
        for (tag, found, why) in [
            ("UlRP", vec!["UlRP", "Ul??", "U*"], "exact, then the narrower pattern"),
            ("UlHP", vec!["Ul??", "U*"], "in no file by itself"),
            ("ulRP", vec![], "case tells tags apart"),
            ("Irp", vec!["Irp", "Irp"], "listed twice"),
            ("Irp ", vec!["Irp", "Irp"], "a trailing space is padding"),
            ("Afd", vec!["Afd?"], "a blank is one character"),
            ("Ab", vec![], "nothing"),
            ("8042", vec!["8042"], "digits"),
            ("", vec![], "no tag"),
        ] {
            let entries: Vec<_> = tags.lookup(tag).iter().map(|e| e.tag).collect();
            assert_eq!(entries, found, "{tag:?}: {why}");
        }
        let io = tags.lookup("Io")[0];
        assert_eq!((io.binary, io.description), (Some("nt!io"), "Io generic - allocations"));
        assert_eq!(tags.lookup("Irp")[0].binary, None);
        assert_eq!(tags.lookup("Bare")[0].description, "");
    }

    proptest! {
        #[test]
        fn every_line_is_an_entry_a_comment_blank_or_counted(
            text in soup(&["rem ", "// ", "Ul??", " - ", "U*", "http.sys", "<unknown>"])
        ) {
            let tags = parse(&text);
            let lines = text.lines().filter(|l| !l.trim().is_empty() && !is_comment(l)).count();
            prop_assert_eq!(tags.entries.len() + tags.skipped.len(), lines);
            for entry in tags.entries.iter().filter(|e| !e.is_pattern()) {
                prop_assert!(tags.lookup(entry.tag).iter().any(|e| e.tag == entry.tag));
            }
        }
    }
}
