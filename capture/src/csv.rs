//! Provides the cells of one line of comma-separated text.

use std::borrow::Cow;

/// The cells of a line, quotes undone.
pub(crate) struct Cells<'a> {
    rest: Option<&'a str>,
    separator: char,
}

/// The cells of a line with this ASCII separator.
pub(crate) fn cells(line: &str, separator: char) -> Cells<'_> {
    Cells { rest: Some(line), separator }
}

/// What stands behind the first cell: `,`, `;` or a tab. A comma where there is but one cell.
pub(crate) fn separator(line: &str) -> char {
    let line = line.trim_start();
    let behind = match line.strip_prefix('"') {
        Some(quoted) => quoted.find('"').map_or("", |at| &quoted[at + 1..]),
        None => line,
    };
    behind.chars().find(|c| matches!(c, ',' | ';' | '\t')).unwrap_or(',')
}

impl<'a> Iterator for Cells<'a> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.take()?;
        let Some(inside) = rest.trim_start_matches(' ').strip_prefix('"') else {
            let end = rest.find(self.separator);
            self.rest = end.map(|at| &rest[at + 1..]);
            return Some(Cow::Borrowed(&rest[..end.unwrap_or(rest.len())]));
        };
        let mut from = 0;
        let (end, escaped) = loop {
            let Some(at) = inside[from..].find('"').map(|at| from + at) else {
                break (inside.len(), from > 0);
            };
            if !inside[at + 1..].starts_with('"') {
                break (at, from > 0);
            }
            from = at + 2;
        };
        let behind = inside.get(end + 1..).unwrap_or("");
        self.rest = behind.find(self.separator).map(|at| &behind[at + 1..]);
        let cell = &inside[..end];
        Some(if escaped { Cow::Owned(cell.replace("\"\"", "\"")) } else { Cow::Borrowed(cell) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_split_and_quotes_undone() {
        for (line, separator, wanted) in [
            (r#""a","b,c","d""#, ',', vec!["a", "b,c", "d"]),
            (r#""a"";""b";1,5;"#, ';', vec![r#"a";"b"#, "1,5", ""]),
            (r#""a" ,"open"#, ',', vec!["a", "open"]),
            ("", ',', vec![""]),
            ("a\t\"b\"", '\t', vec!["a", "b"]),
            (r#""""""#, ',', vec![r#"""#]),
        ] {
            assert_eq!(cells(line, separator).collect::<Vec<_>>(), wanted, "{line}");
        }
        assert_eq!(separator("\"(a,b)\";\"c,d\""), ';');
        assert_eq!(separator("one"), ',');
    }
}
