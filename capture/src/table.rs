//! Provides the two shapes in which consoles print tables: delimited text with quotes, and columns
//! under a line of dashes.

use std::borrow::Cow;
use std::ops::Range;

/// A quoted field that has not ended after so many bytes is no quoted field: a stray quote would
/// otherwise swallow the rest of a file.
const QUOTED_BYTES_MAX: usize = 32 * 1024;

/// More fields than any of these forms has; what follows them is passed over.
const FIELDS_MAX: usize = 1024;

/// One row of delimited text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Its fields without their quotes.
    pub fields: Vec<Cow<'a, str>>,
}

impl<'a> Record<'a> {
    /// A field; empty where there is none.
    pub fn field(&self, at: Option<usize>) -> &str {
        at.and_then(|at| self.fields.get(at)).map_or("", |field| field.trim())
    }

    /// A field as it stands in the text; `None` where there is none or quotes were doubled in it.
    pub fn borrowed(&self, at: Option<usize>) -> Option<&'a str> {
        match self.fields.get(at?)? {
            Cow::Borrowed(field) => Some(field.trim()),
            Cow::Owned(_) => None,
        }
    }

    /// The first column whose heading is one of these, in any case.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        let is_named =
            |field: &Cow<str>| names.iter().any(|n| field.trim().eq_ignore_ascii_case(n));
        self.fields.iter().position(is_named)
    }
}

/// Reads delimited text row by row; blank lines are passed over. A quoted field may hold the
/// delimiter, line ends, and quotes that are doubled.
pub(crate) fn records(text: &str, delimiter: u8) -> impl Iterator<Item = Record<'_>> {
    let (mut at, mut line) = (0, 1);
    std::iter::from_fn(move || {
        while at < text.len() {
            let record = record(text, &mut at, &mut line, delimiter);
            if record.fields.iter().any(|field| !field.trim().is_empty()) {
                return Some(record);
            }
        }
        None
    })
}

fn record<'a>(text: &'a str, at: &mut usize, line: &mut usize, delimiter: u8) -> Record<'a> {
    let mut record = Record { line: *line, fields: Vec::new() };
    let bytes = text.as_bytes();
    loop {
        let field = match quoted(text, *at, delimiter) {
            Some((field, end)) => {
                *line += bytes[*at..end].iter().filter(|b| **b == b'\n').count();
                *at = end;
                field
            }
            None => {
                let rest = &bytes[*at..];
                let length = rest.iter().position(|b| *b == delimiter || *b == b'\n');
                let start = *at;
                *at += length.unwrap_or(rest.len());
                Cow::Borrowed(text[start..*at].trim_end_matches('\r'))
            }
        };
        if record.fields.len() < FIELDS_MAX {
            record.fields.push(field);
        }
        match bytes.get(*at) {
            Some(b'\n') => {
                *at += 1;
                *line += 1;
                return record;
            }
            Some(_) => *at += 1,
            None => return record,
        }
    }
}

/// The quoted field that begins here, and where it ends: at a delimiter, a line end or the text's.
fn quoted(text: &str, at: usize, delimiter: u8) -> Option<(Cow<'_, str>, usize)> {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let (start, mut end, mut doubled) = (at + 1, at + 1, false);
    let last = bytes.len().min(start + QUOTED_BYTES_MAX);
    loop {
        end += bytes.get(end..last)?.iter().position(|b| *b == b'"')?;
        if bytes.get(end + 1) != Some(&b'"') {
            break;
        }
        doubled = true;
        end += 2;
    }
    let inside = &text[start..end];
    let field = if doubled { inside.replace("\"\"", "\"").into() } else { inside.into() };
    let mut after = end + 1;
    while matches!(bytes.get(after), Some(b' ' | b'\r')) {
        after += 1;
    }
    let ends = bytes.get(after).is_none_or(|b| *b == delimiter || *b == b'\n');
    ends.then_some((field, after))
}

/// The columns that a line of dashes (or equals signs) marks, in characters; `None` where the line
/// holds anything else or marks fewer than two.
pub(crate) fn marked_columns(line: &str) -> Option<Vec<Range<usize>>> {
    if !line.chars().all(|c| matches!(c, '-' | '=') || c.is_whitespace()) {
        return None;
    }
    let columns: Vec<_> = words(line).map(|word| word.columns).take(FIELDS_MAX).collect();
    (columns.len() > 1).then_some(columns)
}

/// A row's values, one per column, empty where a column is blank. A word belongs to the column that
/// it stands under, else to the last that begins before it: so left-aligned and right-aligned
/// columns both come out, however short their headings are.
pub(crate) fn split_columns<'a>(row: &'a str, columns: &[Range<usize>]) -> Vec<&'a str> {
    let mut values: Vec<Range<usize>> = vec![0..0; columns.len()];
    let mut current = 0;
    for word in words(row) {
        let under = |c: &Range<usize>| word.columns.start < c.end && word.columns.end > c.start;
        let at = columns
            .iter()
            .position(under)
            .or_else(|| columns.iter().rposition(|column| column.start <= word.columns.start));
        current = at.unwrap_or(0).max(current);
        let Some(value) = values.get_mut(current) else { break };
        if value.start == value.end {
            value.start = word.bytes.start;
        }
        value.end = word.bytes.end;
    }
    values.into_iter().map(|value| &row[value]).collect()
}

struct Word {
    columns: Range<usize>,
    bytes: Range<usize>,
}

/// The words of a line with where they stand, in characters and in bytes.
fn words(line: &str) -> impl Iterator<Item = Word> + '_ {
    let (mut column, mut byte) = (0, 0);
    std::iter::from_fn(move || {
        let rest = &line[byte..];
        let start = byte + rest.find(|c: char| !c.is_whitespace())?;
        let length = line[start..].find(char::is_whitespace).unwrap_or(line.len() - start);
        let first = column + line[byte..start].chars().count();
        byte = start + length;
        column = first + line[start..byte].chars().count();
        Some(Word { columns: first..column, bytes: start..byte })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimited_rows_keep_their_fields_together() {
        let long = format!("a,\"{}\nb,c\n", "x".repeat(QUOTED_BYTES_MAX + 1));
        for (text, rows, why) in [
            (
                "a,b\r\nc,d\r\n",
                vec![vec!["a", "b"], vec!["c", "d"]],
                "plain, as Windows ends lines",
            ),
            ("\"a,1\",b", vec![vec!["a,1", "b"]], "a delimiter in quotes"),
            ("\"a\nb\",c\nd,e", vec![vec!["a\nb", "c"], vec!["d", "e"]], "a line end in quotes"),
            ("\"say \"\"x\"\"\",b", vec![vec!["say \"x\"", "b"]], "doubled quotes"),
            ("a,,\n\n , \nb", vec![vec!["a", "", ""], vec!["b"]], "blank lines are no rows"),
            ("a,\"b\nc,d", vec![vec!["a", "\"b"], vec!["c", "d"]], "a quote that never ends"),
            ("\"a\"b,c", vec![vec!["\"a\"b", "c"]], "a quote that ends too soon"),
            ("\"a\" ,b", vec![vec!["a", "b"]], "a space behind the quote"),
        ] {
            let read: Vec<_> = records(text, b',').map(|r| r.fields).collect();
            assert_eq!(read, rows, "{why}");
        }
        let read: Vec<_> = records(&long, b',').map(|r| (r.line, r.fields.len())).collect();
        assert_eq!(read, [(1, 2), (2, 2)], "a quoted field too long to be one");
        let lines: Vec<_> = records("\"a\nb\",c\nd,e", b',').map(|r| r.line).collect();
        assert_eq!(lines, [1, 3]);
    }

    #[test]
    fn words_fall_into_the_columns_they_stand_under() {
        for (dashes, row, values, why) in [
            ("----- ---", "a b   c", vec!["a b", "c"], "left-aligned, a value of two words"),
            ("---  --  ----", "123   7  name of it", vec!["123", "7", "name of it"], "the last"),
            ("---    --  ----", "999999  7  n", vec!["999999", "7", "n"], "wider than its heading"),
            ("----  ----  ----", "a           c", vec!["a", "", "c"], "a blank column"),
            ("----  ----  ----", "ééé é       z", vec!["ééé é", "", "z"], "characters, not bytes"),
            ("----  ----", "", vec!["", ""], "an empty row"),
        ] {
            let columns = marked_columns(dashes).unwrap();
            assert_eq!(split_columns(row, &columns), values, "{why}");
        }
        for bad in ["", "----", "--- x", "a b"] {
            assert_eq!(marked_columns(bad), None, "{bad:?}");
        }
    }
}
