//! Provides the line in which a byte of a text stands.

/// Where the lines of a text begin.
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub fn of(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1);
        Self(std::iter::once(0).chain(breaks).collect())
    }

    /// The line of byte `at`, counted from 1.
    pub fn line(&self, at: usize) -> usize {
        self.0.partition_point(|start| *start <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_belongs_to_the_line_it_ends() {
        let lines = Lines::of("ab\ncd\n");
        for (at, line) in [(0, 1), (2, 1), (3, 2), (5, 2), (6, 3), (99, 3)] {
            assert_eq!(lines.line(at), line, "byte {at}");
        }
    }
}
