//! Provides the reader of HTTP.sys error logs (HTTPERR), one line at a time.
//!
//! The columns are those of the latest `#Fields:` line, which may change within a file: the header
//! is written anew whenever the HTTP service starts, and newer systems name more columns. The
//! phrases are not a closed set; an unknown reason is kept as it stands.

mod alike;
mod columns;
mod count;
mod cuts;
mod fields;
mod rejoin;
mod split;
mod stamps;
mod trouble;

use jiff::civil::DateTime;

use self::alike::Alike;
use self::columns::{COLUMNS_MAX, Columns, Header};
pub use self::count::Counted;
pub use self::cuts::{first_cut, last_cut};
use self::fields::Fields;
pub(crate) use self::fields::is_nothing;
use self::split::Split;
use self::stamps::Stamps;
pub use self::trouble::Trouble;
use crate::{Skipped, SkippedRows};

/// What an aggregated row's reason ends in, and what its rows are called together.
const REFUSED: &str = "Connections_Refused";

/// One row; a column that is missing or holds `-` is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Date and time, UTC, whole seconds.
    pub stamp: DateTime,
    /// The date as logged.
    pub date: &'a str,
    /// The time as logged.
    pub time: &'a str,
    /// Client address, IPv6 with its `%scope`.
    pub c_ip: Option<&'a str>,
    /// Client port.
    pub c_port: Option<u16>,
    /// Server address.
    pub s_ip: Option<&'a str>,
    /// Server port.
    pub s_port: Option<u16>,
    /// Protocol version of the request.
    pub version: Option<&'a str>,
    /// Verb of the request.
    pub method: Option<&'a str>,
    /// URI of the request.
    pub uri: Option<&'a str>,
    /// Status sent.
    pub status: Option<u16>,
    /// Site that the request was routed to.
    pub siteid: Option<&'a str>,
    /// Reason phrase as logged, such as `12_Connections_Refused`.
    pub reason: &'a str,
    /// Request queue.
    pub queue: Option<&'a str>,
    /// N of an aggregated `N_Connections_Refused` row. A bare `Connections_Refused` (so spelt in
    /// KB820729) counts 1, the least it can mean: a period without refusals writes no row.
    pub refused: Option<u64>,
}

impl Record<'_> {
    /// The reason with the count of an aggregated row taken out.
    pub fn reason_name(&self) -> &str {
        if self.refused.is_some() { REFUSED } else { self.reason }
    }

    /// `YYYY-MM-DD HH:MM:SS` as logged.
    pub fn stamp_text(&self) -> String {
        format!("{} {}", self.date, self.time)
    }
}

/// What one line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A row.
    Row(Record<'a>),
    /// A header line or a blank one.
    Heading,
    /// A line that could not be read.
    Bad(Skipped),
}

/// Reads a log line by line.
#[derive(Clone, Debug)]
pub struct Parser {
    header: Header,
    line: usize,
    split: Split,
    stamps: Stamps,
    alike: Alike,
}

impl Default for Parser {
    fn default() -> Self {
        Self::new()
    }
}

impl Parser {
    /// A parser before the first line.
    pub fn new() -> Self {
        Self {
            header: Header::Unseen(None),
            line: 0,
            split: Split::default(),
            stamps: Stamps::default(),
            alike: Alike::default(),
        }
    }

    /// A parser of what follows a part that this one has read: its first line is line 1 again.
    pub fn below(&self) -> Self {
        Self { header: self.header.clone(), ..Self::new() }
    }

    /// Whether both would read the lines that follow alike.
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.header.is(&other.header)
    }

    /// Whether a `#Fields` line has been seen.
    pub fn has_header(&self) -> bool {
        !matches!(self.header, Header::Unseen(_))
    }

    /// Lines read so far.
    pub fn lines(&self) -> usize {
        self.line
    }

    /// Passes over lines that were read elsewhere.
    pub fn skip_lines(&mut self, lines: usize) {
        self.line += lines;
    }

    /// Reads the next line; a trailing line end is no part of it.
    pub fn line<'a>(&mut self, line: &'a str) -> Line<'a> {
        let row = match self.told(line) {
            Ok(Some(row)) => self.fields(row).and_then(|(fields, _)| fields.record()),
            Ok(None) => return Line::Heading,
            Err(trouble) => Err(trouble),
        };
        match row {
            Ok(record) => Line::Row(record),
            Err(trouble) => Line::Bad(trouble.at(self.line)),
        }
    }

    /// Tells what the next line is: a row without what surrounds it, or nothing for a heading.
    #[inline]
    fn told<'a>(&mut self, line: &'a str) -> Result<Option<&'a str>, Trouble<'a>> {
        self.line += 1;
        // A log that was open when its host went down ends in zeros.
        let line = line.trim_end_matches(['\r', '\n', '\0']);
        if line.as_bytes().first().is_some_and(u8::is_ascii_digit) {
            return Ok(Some(line));
        }
        let line = line.trim_start_matches(['\u{feff}', '\0']);
        match line.trim_start().strip_prefix('#') {
            Some(heading) => self.heading(heading).map(|()| None),
            None if line.trim().is_empty() => Ok(None),
            None => Ok(Some(line)),
        }
    }

    /// Takes in a `#` line; only `Fields:`, also written `# Fields:`, matters.
    fn heading(&mut self, heading: &str) -> Result<(), Trouble<'static>> {
        let Some(names) = heading.trim_start().strip_prefix("Fields:") else { return Ok(()) };
        let names: Vec<&str> = names.split_whitespace().take(COLUMNS_MAX + 1).collect();
        let columns = Columns::named(&names).filter(|c| c.count <= COLUMNS_MAX);
        let usable = columns.is_some();
        self.alike.clear();
        self.header = columns.map_or(Header::Unusable, Header::Seen);
        usable.then_some(()).ok_or(Trouble::Unusable)
    }

    /// The columns of a row, and the rows that are remembered.
    #[inline]
    fn fields<'p, 'a>(
        &'p mut self,
        row: &'a str,
    ) -> Result<(Fields<'p, 'a>, &'p mut Alike), Trouble<'a>> {
        self.split.of(row)?;
        let columns = self.header.columns(self.split.count)?;
        let fields = Fields { columns, split: &self.split, stamps: &mut self.stamps, row };
        Ok((fields, &mut self.alike))
    }
}

/// A whole log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed<'a> {
    /// Rows in order.
    pub records: Vec<Record<'a>>,
    /// Lines that could not be read.
    pub skipped: SkippedRows,
}

/// Reads a whole log, line by line; rows that a page has wrapped are not joined.
pub fn parse(text: &str) -> Parsed<'_> {
    let mut parsed = Parsed::default();
    let mut parser = Parser::new();
    for line in text.split_terminator('\n') {
        match parser.line(line) {
            Line::Row(record) => parsed.records.push(record),
            Line::Heading => {}
            Line::Bad(skipped) => parsed.skipped.push(skipped),
        }
    }
    parsed
}

#[cfg(test)]
mod tests;
