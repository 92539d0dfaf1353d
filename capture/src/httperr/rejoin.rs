//! Provides the way back from rows that a web page has wrapped at spaces.

use super::Parser;
use super::count::first_line;
use super::cuts::{begins, goes_on};

/// Over how many lines a row may have been wrapped.
pub const LINES_MAX: usize = 8;
/// The longest row that is joined, bytes: four times where HTTP.sys cuts a URI.
pub const ROW_BYTES_MAX: usize = 16 * 1024;

impl Parser {
    /// The row that begins with this line, which cannot be read alone, and goes on in the text behind
    /// it: the row, over how many lines it goes, and what is behind those.
    #[cold]
    pub(super) fn rejoined<'a>(
        &mut self,
        line: &str,
        behind: &'a str,
    ) -> Option<(String, usize, &'a str)> {
        if !begins(line.as_bytes()) || behind.is_empty() {
            return None;
        }
        let mut row = line.trim_end().to_owned();
        let mut rest = behind;
        for used in 2..=LINES_MAX {
            let (more, behind) = first_line(rest);
            if !goes_on(more.as_bytes()) || row.len() + more.len() > ROW_BYTES_MAX {
                return None;
            }
            row.push(' ');
            row.push_str(more.trim());
            rest = behind;
            let before = self.line;
            let reads = matches!(self.counted(&row), Ok(Some(_)));
            self.line = before;
            if reads {
                return Some((row, used, rest));
            }
        }
        None
    }
}
