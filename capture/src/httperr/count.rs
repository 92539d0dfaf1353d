//! Provides the fastest way through a log for who only counts its rows.

use super::{Parser, Trouble};

/// What a row counts for: when it was and what happened, not to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted<'a> {
    /// Its stamp, seconds since 1970 UTC.
    pub unix_s: i64,
    /// Server port.
    pub s_port: Option<u16>,
    /// Status sent.
    pub status: Option<u16>,
    /// The reason with the count of an aggregated row taken out.
    pub reason: &'a str,
    /// Request queue.
    pub queue: Option<&'a str>,
    /// N of an aggregated row, as [`super::Record::refused`].
    pub refused: Option<u64>,
}

impl Parser {
    /// Reads every line of a text, rows that a web page has wrapped joined again. What cannot be read
    /// goes to `bad` with its number and itself.
    pub fn count(
        &mut self,
        text: &str,
        mut row: impl FnMut(&Counted<'_>),
        mut bad: impl FnMut(usize, &str, Trouble<'_>),
    ) {
        let mut rest = text;
        while !rest.is_empty() {
            let (line, behind) = first_line(rest);
            rest = behind;
            match self.counted(line) {
                Ok(Some(counted)) => row(&counted),
                Ok(None) => {}
                Err(trouble) => match self.rejoined(line, behind) {
                    Some((whole, used, behind)) => {
                        if let Ok(Some(counted)) = self.counted(&whole) {
                            row(&counted);
                        }
                        // The first of its lines was counted, and so was the whole.
                        self.line += used - 2;
                        rest = behind;
                    }
                    None => bad(self.line, line, trouble),
                },
            }
        }
    }

    /// Reads the next line; nothing for a heading.
    #[inline]
    pub(super) fn counted<'a>(
        &mut self,
        line: &'a str,
    ) -> Result<Option<Counted<'a>>, Trouble<'a>> {
        let Some(row) = self.told(line)? else { return Ok(None) };
        if let Some(alike) = self.alike.find(row)
            && let Some(unix_s) = self.stamps.unix_s(&row[..10], &row[11..19])
        {
            return Ok(Some(Counted { unix_s, ..alike }));
        }
        let (fields, alike) = self.fields(row)?;
        let (columns, split) = (fields.columns, fields.split);
        let counted = fields.counted()?;
        alike.learn(row, columns, split, &counted);
        Ok(Some(counted))
    }
}

/// A text's first line without its end, and what is behind it.
pub(super) fn first_line(text: &str) -> (&str, &str) {
    match memchr::memchr(b'\n', text.as_bytes()) {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, ""),
    }
}
