//! Provides the places where a log can be cut, so that each part can be read by itself: before a line
//! that cannot go on with a row above it.

use super::rejoin::LINES_MAX;

/// Where whole lines are best cut: before the last that does not go on with the row above it. Where so
/// many lines go on that no row reaches over them, behind them all; 0 where only the very first line
/// does not go on.
pub fn last_cut(lines: &[u8]) -> usize {
    let mut end = lines.len();
    for _ in 0..LINES_MAX {
        let Some(inside) = end.checked_sub(1) else { return 0 };
        let start = memchr::memrchr(b'\n', &lines[..inside]).map_or(0, |at| at + 1);
        if !goes_on(&lines[start..end]) {
            return start;
        }
        end = start;
    }
    lines.len()
}

/// Where a log that was entered somewhere can first be cut: before the first whole line that does not
/// go on with the row above it.
pub fn first_cut(bytes: &[u8]) -> Option<usize> {
    let mut ends = memchr::memchr_iter(b'\n', bytes);
    let mut start = ends.next()? + 1;
    for end in ends {
        if !goes_on(&bytes[start..end]) {
            return Some(start);
        }
        start = end + 1;
    }
    None
}

/// Whether a line begins as a row does: `YYYY-MM-DD`.
pub(super) fn begins(line: &[u8]) -> bool {
    let dash = |at: usize| line.get(at) == Some(&b'-');
    line.first().is_some_and(u8::is_ascii_digit) && dash(4) && dash(7)
}

/// Whether a line can only go on with the row above it: it is no row, no heading and not blank.
pub(super) fn goes_on(line: &[u8]) -> bool {
    let unmarked = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    !begins(line) && !unmarked.starts_with(b"#") && !line.trim_ascii().is_empty()
}
