//! Defines what is kept of lines that could not be read: all are counted, the first are told.

use model::diagnosis::SkippedRow;

use crate::open::LINE_BYTES_MAX;

/// Lines that are told with their reason.
pub(super) const TOLD: usize = 5;

/// Lines that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Skips {
    pub(super) count: u64,
    /// The first of them, in order.
    pub(super) first: Vec<SkippedRow>,
}

impl Skips {
    /// Counts a line; the reason is only made where it is told.
    pub(super) fn add(&mut self, line: usize, reason: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.len() < TOLD {
            self.first.push(SkippedRow { line: line as u64, reason: reason() });
        }
    }

    /// Counts a line that was too long to be held.
    pub(super) fn add_too_long(&mut self, line: usize) {
        self.add(line, || format!("is longer than {} MiB", LINE_BYTES_MAX >> 20));
    }

    /// Takes in those of what stands so many lines below, or lines among its own where that is 0.
    pub(super) fn join(&mut self, other: Self, lines: usize) {
        self.count += other.count;
        let moved = other.first.into_iter();
        self.first.extend(moved.map(|row| SkippedRow { line: row.line + lines as u64, ..row }));
        self.first.sort_by_key(|row| row.line);
        self.first.truncate(TOLD);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skips(lines: &[usize]) -> Skips {
        let mut skips = Skips::default();
        lines.iter().for_each(|line| skips.add(*line, || "is odd".into()));
        skips
    }

    #[test]
    fn joined_skips_are_those_of_the_whole() {
        for (above, below, lines, wanted, why) in [
            (&[1, 9][..], &[2][..], 10, &[1, 9, 12][..], "a part that stands 10 lines below"),
            (&[1, 9], &[2, 4], 0, &[1, 2, 4, 9], "other lines of the same part"),
            (&[1, 2, 3, 4], &[1, 2, 3], 4, &[1, 2, 3, 4, 5, 6, 7], "more than are told"),
        ] {
            let mut joined = skips(above);
            joined.join(skips(below), lines);
            assert_eq!(joined, skips(wanted), "{why}");
        }
    }
}
