//! Provides the reader of HTTP.sys error logs (HTTPERR), one line at a time.
//!
//! The columns are those of the latest `#Fields:` line, which may change within a file: the header
//! is written anew whenever the HTTP service starts, and newer systems name more columns. The
//! phrases are not a closed set; an unknown reason is kept as it stands.

mod columns;

use jiff::civil::DateTime;

use self::columns::{COLUMNS_MAX, Columns};
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

/// What is known of the columns.
#[derive(Clone, Debug)]
enum Header {
    /// No header seen: each row's number of columns decides.
    Unseen(Option<Columns>),
    /// The latest header's.
    Seen(Columns),
    /// The latest header lacks date, time or reason.
    Unusable,
}

/// Reads a log line by line.
#[derive(Clone, Debug)]
pub struct Parser {
    header: Header,
    line: usize,
}

impl Default for Parser {
    fn default() -> Self {
        Self::new()
    }
}

impl Parser {
    /// A parser before the first line.
    pub fn new() -> Self {
        Self { header: Header::Unseen(None), line: 0 }
    }

    /// Reads the next line; a trailing line end is no part of it.
    pub fn line<'a>(&mut self, line: &'a str) -> Line<'a> {
        self.line += 1;
        let line = line.trim_end_matches(['\r', '\n']).trim_start_matches('\u{feff}');
        let read = match line.trim_start().strip_prefix('#') {
            Some(heading) => self.heading(heading).map(|()| Line::Heading),
            None if line.trim().is_empty() => Ok(Line::Heading),
            None => self.row(line).map(Line::Row),
        };
        read.unwrap_or_else(|reason| Line::Bad(Skipped { line: self.line, reason }))
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
        let mut tokens = [""; COLUMNS_MAX];
        let mut count = 0;
        // U+00A0 is what a blog makes of a space.
        for token in line.split([' ', '\u{a0}']).filter(|t| !t.is_empty()) {
            *tokens.get_mut(count).ok_or_else(|| format!("holds over {COLUMNS_MAX} columns"))? =
                token;
            count += 1;
        }
        record(self.columns(count)?, &tokens)
    }

    fn columns(&mut self, count: usize) -> Result<&Columns, String> {
        if let Header::Unseen(known) = &mut self.header
            && known.as_ref().is_none_or(|columns| columns.count != count)
        {
            *known = Columns::assumed(count);
        }
        match &self.header {
            Header::Unusable => Err("stands under a header that cannot be used".into()),
            Header::Unseen(Some(columns)) => Ok(columns),
            Header::Unseen(None) => {
                Err(format!("holds {count} columns, and no #Fields line says which they are"))
            }
            Header::Seen(columns) if columns.count == count => Ok(columns),
            Header::Seen(columns) => {
                Err(format!("holds {count} columns where {} are named", columns.count))
            }
        }
    }
}

/// The row of these tokens.
fn record<'a>(columns: &Columns, tokens: &[&'a str; COLUMNS_MAX]) -> Result<Record<'a>, String> {
    // U+2013 is what a blog makes of a hyphen.
    let field =
        |at: Option<usize>| at.map(|at| tokens[at]).filter(|t| !matches!(*t, "-" | "\u{2013}"));
    let number = |at: Option<usize>, what: &str| {
        field(at)
            .map(|t| t.parse::<u16>().map_err(|_| format!("has \"{t}\" for {what}")))
            .transpose()
    };
    let (date, time) = (tokens[columns.date], tokens[columns.time]);
    let reason = tokens[columns.reason];
    Ok(Record {
        stamp: stamp(date, time).ok_or_else(|| format!("has \"{date} {time}\" for a stamp"))?,
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

/// `YYYY-MM-DD` and `HH:MM:SS`; exactly these lengths (KB820729).
fn stamp(date: &str, time: &str) -> Option<DateTime> {
    let [d, t] = [date.as_bytes(), time.as_bytes()];
    let [b'-', b'-', b':', b':'] = [*d.get(4)?, *d.get(7)?, *t.get(2)?, *t.get(5)?] else {
        return None;
    };
    if d.len() != 10 || t.len() != 8 {
        return None;
    }
    let two = |s: &str, at: usize| s.get(at..at + 2)?.parse::<i8>().ok();
    let year = date.get(..4)?.parse().ok()?;
    let (month, day) = (two(date, 5)?, two(date, 8)?);
    DateTime::new(year, month, day, two(time, 0)?, two(time, 3)?, two(time, 6)?, 0).ok()
}

/// N of `N_Connections_Refused`, in any case.
fn refused(reason: &str) -> Option<u64> {
    const PHRASE: &str = "Connections_Refused";
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
    let mut parser = Parser::new();
    let mut parsed = Parsed::default();
    for line in text.lines() {
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
