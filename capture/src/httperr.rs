//! Provides the reader of HTTP.sys error logs (HTTPERR), one line at a time.
//!
//! The columns are those of the latest `#Fields:` line, which may change within a file: the header
//! is written anew whenever the HTTP service starts, and newer systems name more columns. The
//! phrases are not a closed set; an unknown reason is kept as it stands.

mod columns;
mod rejoin;
mod split;
mod stamps;

use jiff::civil::DateTime;

use self::columns::{COLUMNS_MAX, Columns, Header};
pub use self::rejoin::rejoined;
use self::split::Split;
use self::stamps::Stamps;
use crate::Skipped;

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
        if self.refused.is_some() { "Connections_Refused" } else { self.reason }
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
        }
    }

    /// Reads the next line; a trailing line end is no part of it.
    pub fn line<'a>(&mut self, line: &'a str) -> Line<'a> {
        self.line += 1;
        let line = line.trim_end_matches(['\r', '\n']);
        if line.starts_with(|c: char| c.is_ascii_digit()) {
            return match self.row(line) {
                Ok(row) => Line::Row(row),
                Err(reason) => Line::Bad(Skipped::new(self.line, reason)),
            };
        }
        let line = line.trim_start_matches('\u{feff}');
        let read = match line.trim_start().strip_prefix('#') {
            Some(heading) => self.heading(heading).map(|()| Line::Heading),
            None if line.trim().is_empty() => Ok(Line::Heading),
            None => self.row(line).map(Line::Row),
        };
        read.unwrap_or_else(|reason| Line::Bad(Skipped::new(self.line, reason)))
    }

    /// Reads every line of a text; the fastest way through a large one.
    pub fn each<'a>(&mut self, text: &'a str, mut take: impl FnMut(Line<'a>)) {
        let mut from = 0;
        for at in memchr::memchr_iter(b'\n', text.as_bytes()) {
            take(self.line(&text[from..at]));
            from = at + 1;
        }
        if from < text.len() {
            take(self.line(&text[from..]));
        }
    }

    /// Takes in a `#` line; only `Fields:`, also written `# Fields:`, matters.
    fn heading(&mut self, heading: &str) -> Result<(), String> {
        let Some(names) = heading.trim_start().strip_prefix("Fields:") else { return Ok(()) };
        let names: Vec<&str> = names.split_whitespace().collect();
        let columns = Columns::named(&names).filter(|c| c.count <= COLUMNS_MAX);
        let usable = columns.is_some();
        self.header = columns.map_or(Header::Unusable, Header::Seen);
        usable
            .then_some(())
            .ok_or_else(|| "names no date, time and s-reason, so rows under it are lost".into())
    }

    fn row<'a>(&mut self, line: &'a str) -> Result<Record<'a>, String> {
        self.split.of(line)?;
        let columns = self.header.columns(self.split.count)?;
        record(columns, &self.split, line, &mut self.stamps)
    }
}

/// The row that these columns are.
fn record<'a>(
    columns: &Columns,
    split: &Split,
    line: &'a str,
    stamps: &mut Stamps,
) -> Result<Record<'a>, String> {
    // U+2013 is what a blog makes of a hyphen.
    let column = |at: usize| split.column(line, at);
    let field =
        |at: Option<usize>| at.map(column).filter(|text| !matches!(*text, "-" | "\u{2013}"));
    let number = |at: Option<usize>, what: &str| {
        field(at)
            .map(|t| t.parse::<u16>().map_err(|_| format!("has \"{t}\" for {what}")))
            .transpose()
    };
    let (date, time) = (column(columns.date), column(columns.time));
    let reason = column(columns.reason);
    Ok(Record {
        stamp: stamps
            .read(date, time)
            .ok_or_else(|| format!("has \"{date} {time}\" for a stamp"))?,
        date,
        time,
        c_ip: field(columns.c_ip),
        c_port: number(columns.c_port, "c-port")?,
        s_ip: field(columns.s_ip),
        s_port: number(columns.s_port, "s-port")?,
        version: field(columns.version),
        method: field(columns.method),
        uri: field(columns.uri),
        status: number(columns.status, "sc-status")?,
        siteid: field(columns.siteid),
        reason,
        queue: field(columns.queue),
        refused: refused(reason),
    })
}

/// N of `N_Connections_Refused`, in any case.
fn refused(reason: &str) -> Option<u64> {
    const PHRASE: &str = "Connections_Refused";
    if !reason.ends_with(['d', 'D']) {
        return None;
    }
    let (count, phrase) = reason.split_at_checked(reason.len().checked_sub(PHRASE.len())?)?;
    if !phrase.eq_ignore_ascii_case(PHRASE) {
        return None;
    }
    if count.is_empty() { Some(1) } else { count.strip_suffix('_')?.parse().ok() }
}

/// A whole log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed<'a> {
    /// Rows in order.
    pub records: Vec<Record<'a>>,
    /// Lines that could not be read.
    pub skipped: Vec<Skipped>,
}

/// Reads a whole log.
pub fn parse(text: &str) -> Parsed<'_> {
    let mut parsed = Parsed::default();
    Parser::new().each(text, |line| match line {
        Line::Row(record) => parsed.records.push(record),
        Line::Heading => {}
        Line::Bad(skipped) => parsed.skipped.push(skipped),
    });
    parsed
}

#[cfg(test)]
mod tests;
