//! Provides what the collecting script wrote about itself: its README, its gaps, and what its tools said
//! on their error streams. Each file begins with [`MARK`].

use crate::cut::at_most;
use crate::{Skipped, SkippedRows};

/// What the first line of each file begins with.
pub const MARK: &str = "churnlab collect: ";
/// How a stamp is written: `20260201-100000Z`, UTC.
const STAMP: &str = "dddddddd-ddddddZ";
/// What is kept of a note, bytes.
const NOTE_BYTES: usize = 200;

/// Which of the files it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// README.txt: whose captures, and how it ended.
    #[default]
    Readme,
    /// gaps.txt: readings that are missing.
    Gaps,
    /// errors.txt: what the tools said about it.
    Errors,
}

/// A note of the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// When, `20260201-100000Z` in UTC.
    pub stamp: &'a str,
    /// What: of a gap, what is missing, a colon, and why.
    pub text: &'a str,
}

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CollectNotes<'a> {
    /// Which of them.
    pub part: Part,
    /// The host, where the README names it.
    pub host: Option<&'a str>,
    /// Notes in order; of errors none, since tools print no stamps.
    pub notes: Vec<Note<'a>>,
    /// Lines of gaps that are none.
    pub skipped: SkippedRows,
}

/// Reads one file.
pub fn parse(text: &str) -> CollectNotes<'_> {
    let mut read = CollectNotes::default();
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if let Some(title) = line.strip_prefix(MARK) {
            read.title(title);
        } else if let Some(note) = note(line) {
            read.notes.push(note);
        } else if read.part == Part::Gaps && !line.is_empty() {
            read.skipped
                .push(Skipped::new(at + 1, "begins with no stamp such as 20260201-100000Z"));
        }
    }
    read
}

impl<'a> CollectNotes<'a> {
    fn title(&mut self, title: &'a str) {
        match title.split([' ', ',']).next() {
            Some("gaps") => self.part = Part::Gaps,
            Some("errors") => self.part = Part::Errors,
            _ => {
                let host =
                    title.strip_prefix("captures of ").and_then(|t| t.split([' ', ',']).next());
                self.host = host.filter(|host| !host.is_empty());
            }
        }
    }
}

fn note(line: &str) -> Option<Note<'_>> {
    let (stamp, text) = line.split_once(' ')?;
    let is_like =
        |(c, like): (char, char)| if like == 'd' { c.is_ascii_digit() } else { c == like };
    let is_stamp = stamp.len() == STAMP.len() && stamp.chars().zip(STAMP.chars()).all(is_like);
    is_stamp.then(|| Note { stamp, text: at_most(text.trim(), NOTE_BYTES) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::soup::soup;

    #[test]
    fn each_file_of_the_script_is_read() {
        let readme = parse(
            "churnlab collect: captures of WEB1, begun 20260201-100000Z. This whole folder goes to:\r\n\
             churnlab diagnose FOLDER\r\n20260201-100712Z Ended: 7 days are over\r\n",
        );
        assert_eq!((readme.part, readme.host), (Part::Readme, Some("WEB1")));
        let ended = Note { stamp: "20260201-100712Z", text: "Ended: 7 days are over" };
        assert_eq!(readme.notes, [ended]);
        let gaps = parse(
            "\u{feff}churnlab collect: gaps, readings that are missing\n20260201-100130Z counters: none\n\nno stamp\n",
        );
        assert_eq!((gaps.part, gaps.notes.len()), (Part::Gaps, 1));
        assert_eq!(gaps.skipped.iter().map(|s| s.line).collect::<Vec<_>>(), [4]);
        let errors = parse("churnlab collect: errors, what tools said\nERROR: no such key\n");
        assert_eq!((errors.part, errors.notes.len(), errors.skipped.len()), (Part::Errors, 0, 0));
    }

    proptest! {
        #[test]
        fn any_text_is_borne(text in soup(&[MARK, "gaps", "captures of ", "20260201-100130Z ", "x: y"])) {
            let read = parse(&text);
            prop_assert!(read.notes.len() <= text.lines().count());
            prop_assert!(read.notes.iter().all(|note| note.text.len() <= NOTE_BYTES));
        }
    }
}
