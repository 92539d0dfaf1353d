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

impl std::fmt::Display for Skipped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {} {}", self.line, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
