//! Provides the way back from rows that a web page has wrapped.

use std::borrow::Cow;

use super::{Line, Parser};

/// Over how many lines a row may have been wrapped.
const LINES_MAX: usize = 8;

/// Rejoins rows that were wrapped at spaces. Each is followed by as many blank lines as it has
/// lost, so that line numbers stay. A row is only rejoined where it cannot be read alone and can be
/// read whole; text without such rows is not copied.
pub fn rejoined(text: &str) -> Cow<'_, str> {
    if !text.lines().any(goes_on) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut whole = String::with_capacity(text.len() + 1);
    let mut parser = Parser::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let behind = &lines[at + 1..];
        let more = behind.iter().take(LINES_MAX - 1).take_while(|line| goes_on(line)).count();
        let joined = join(&parser, line, &behind[..more]);
        whole.push_str(joined.as_ref().map_or(line, |(row, _)| row));
        let used = joined.map_or(1, |(_, used)| used);
        whole.extend(std::iter::repeat_n('\n', used));
        // Only headings matter to what follows.
        parser.line(line);
        at += used;
    }
    Cow::Owned(whole)
}

/// The row that begins with this line, and over how many lines it goes; `None` where it need not or
/// cannot be joined.
fn join(parser: &Parser, line: &str, behind: &[&str]) -> Option<(String, usize)> {
    let reads = |row: &str| matches!(parser.clone().line(row), Line::Row(_));
    if behind.is_empty() || !begins(line) || reads(line) {
        return None;
    }
    let mut row = line.trim_end().to_owned();
    for (at, more) in behind.iter().enumerate() {
        row.push(' ');
        row.push_str(more.trim());
        if reads(&row) {
            return Some((row, at + 2));
        }
    }
    None
}

/// Whether a line begins as a row does: `YYYY-MM-DD`.
fn begins(line: &str) -> bool {
    let bytes = line.as_bytes();
    let dash = |at: usize| bytes.get(at) == Some(&b'-');
    bytes.first().is_some_and(u8::is_ascii_digit) && dash(4) && dash(7)
}

/// Whether a line can only go on with the row above it.
fn goes_on(line: &str) -> bool {
    !begins(line)
        && !line.trim_start_matches('\u{feff}').starts_with('#')
        && !line.trim().is_empty()
}
