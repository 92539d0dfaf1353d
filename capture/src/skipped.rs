//! Defines what is kept of a row that could not be read.

use crate::cut::at_most;

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Line in its text, from 1.
    pub line: usize,
    /// Why, as a clause: `holds 8 columns where 13 are named`.
    pub reason: String,
}

/// What is kept of a reason that quotes its row, bytes: rows may be as long as a file.
const REASON_BYTES_MAX: usize = 160;

impl Skipped {
    /// A row that could not be read, with the beginning of its reason.
    pub(crate) fn new(line: usize, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        let kept = at_most(&reason, REASON_BYTES_MAX).len();
        if kept < reason.len() {
            reason.truncate(kept);
            reason.push('\u{2026}');
            reason.shrink_to_fit();
        }
        Self { line, reason }
    }
}

/// Rows of one text that could not be read: all are counted, the first are kept, so that a text of
/// nothing else takes no more memory than any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SkippedRows {
    first: Vec<Skipped>,
    count: u64,
}

/// Rows that are kept. Chosen: more than anybody reads.
const FIRST_MAX: usize = 1_000;

impl SkippedRows {
    /// How many there are, kept or not.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Counts a row.
    pub(crate) fn push(&mut self, skipped: Skipped) {
        self.count += 1;
        if self.first.len() < FIRST_MAX {
            self.first.push(skipped);
        }
    }

    /// Takes in those of another part of the text.
    pub fn append(&mut self, other: Self) {
        self.count += other.count;
        let room = FIRST_MAX - self.first.len();
        self.first.extend(other.first.into_iter().take(room));
    }
}

impl std::ops::Deref for SkippedRows {
    type Target = [Skipped];

    /// Those that are kept, in order.
    fn deref(&self) -> &[Skipped] {
        &self.first
    }
}

impl<const N: usize> PartialEq<[Skipped; N]> for SkippedRows {
    fn eq(&self, other: &[Skipped; N]) -> bool {
        self.count == N as u64 && self.first == other
    }
}

impl std::fmt::Display for Skipped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {} {}", self.line, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_bad_rows_alone_is_counted_and_not_kept() {
        let mut rows = SkippedRows::default();
        (1..=FIRST_MAX + 5).for_each(|line| rows.push(Skipped::new(line, "is odd")));
        let mut both = rows.clone();
        both.append(rows.clone());
        for (rows, count, why) in
            [(&rows, FIRST_MAX + 5, "one part"), (&both, 2 * FIRST_MAX + 10, "two")]
        {
            assert_eq!((rows.count(), rows.len()), (count as u64, FIRST_MAX), "{why}");
            assert_eq!(rows[0].line, 1, "{why}");
        }
    }

    #[test]
    fn a_reason_is_never_as_long_as_its_row() {
        for (value, bytes, why) in [
            ("é".repeat(REASON_BYTES_MAX), REASON_BYTES_MAX + 3, "cut between characters"),
            ("x".repeat(REASON_BYTES_MAX), REASON_BYTES_MAX, "just as long as it may be"),
        ] {
            assert_eq!(Skipped::new(1, value).reason.len(), bytes, "{why}");
        }
    }
}
