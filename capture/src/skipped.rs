//! Defines what is kept of a row that could not be read.

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Line in its text, from 1.
    pub line: usize,
    /// Why, as a clause: `holds 8 columns where 13 are named`.
    pub reason: String,
}

impl std::fmt::Display for Skipped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {} {}", self.line, self.reason)
    }
}
