//! Provides the reader of IIS logs in the W3C extended format, one line at a time, without copies.
//!
//! The columns are those of the latest `#Fields:` line, in any order and number; the header is
//! written anew whenever the service starts. Stamps are UTC. A blank in a value is logged as `+`.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time};

use crate::{Skipped, SkippedRows};

/// More columns than IIS can log (its standard and custom fields together).
const COLUMNS_MAX: usize = 128;

/// One request; a column that is missing or holds `-` is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Date and time, UTC; whole seconds as IIS logs them. Without a date column, the header's date.
    pub stamp: DateTime,
    /// Client address.
    pub c_ip: Option<&'a str>,
    /// Server address.
    pub s_ip: Option<&'a str>,
    /// Server port.
    pub s_port: Option<u16>,
    /// Site (`W3SVC1`).
    pub site: Option<&'a str>,
    /// Verb.
    pub method: Option<&'a str>,
    /// Path.
    pub uri_stem: Option<&'a str>,
    /// Status sent.
    pub status: Option<u16>,
    /// Its sub-status: 503.2 is the concurrency limit, 503.3 and 503.4 are queues of ASP.NET and
    /// FastCGI (KB943891). HTTP.sys' own refusals are not logged here at all.
    pub substatus: Option<u16>,
    /// Windows' error: 64 is a client that went away.
    pub win32_status: Option<u32>,
    /// From the first byte of the request to the last of the response, milliseconds.
    pub time_taken_ms: Option<u64>,
}

/// What one line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A request.
    Row(Record<'a>),
    /// A header line or a blank one.
    Heading,
    /// A line that could not be read.
    Bad(Skipped),
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Date,
    Time,
    ClientIp,
    ServerIp,
    ServerPort,
    Site,
    Method,
    UriStem,
    Status,
    Substatus,
    Win32Status,
    TimeTaken,
    Other,
}

impl Column {
    fn named(name: &str) -> Self {
        match name {
            "date" => Self::Date,
            "time" => Self::Time,
            "c-ip" => Self::ClientIp,
            "s-ip" => Self::ServerIp,
            "s-port" => Self::ServerPort,
            "s-sitename" => Self::Site,
            "cs-method" => Self::Method,
            "cs-uri-stem" => Self::UriStem,
            "sc-status" => Self::Status,
            "sc-substatus" => Self::Substatus,
            "sc-win32-status" => Self::Win32Status,
            "time-taken" => Self::TimeTaken,
            _ => Self::Other,
        }
    }
}

/// Reads a log line by line.
#[derive(Clone, Debug, Default)]
pub struct Parser {
    columns: Vec<Column>,
    day: Option<Date>,
    line: usize,
}

impl Parser {
    /// A parser before the first line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next line; a trailing line end is no part of it.
    pub fn line<'a>(&mut self, line: &'a str) -> Line<'a> {
        self.line += 1;
        let line = line.trim_end_matches(['\r', '\n']).trim_start_matches('\u{feff}');
        if let Some(heading) = line.strip_prefix('#') {
            self.heading(heading);
            return Line::Heading;
        }
        if line.trim().is_empty() {
            return Line::Heading;
        }
        match self.row(line) {
            Ok(record) => Line::Row(record),
            Err(reason) => Line::Bad(Skipped::new(self.line, reason)),
        }
    }

    fn heading(&mut self, heading: &str) {
        if let Some(names) = heading.strip_prefix("Fields:") {
            self.columns = names.split_whitespace().take(COLUMNS_MAX).map(Column::named).collect();
        } else if let Some(stamp) = heading.strip_prefix("Date:") {
            self.day = stamp.split_whitespace().next().and_then(date);
        }
    }

    fn row<'a>(&self, line: &'a str) -> Result<Record<'a>, String> {
        if self.columns.is_empty() {
            return Err("stands before any #Fields line".into());
        }
        let mut record = Record {
            stamp: DateTime::MIN,
            c_ip: None,
            s_ip: None,
            s_port: None,
            site: None,
            method: None,
            uri_stem: None,
            status: None,
            substatus: None,
            win32_status: None,
            time_taken_ms: None,
        };
        let (mut day, mut time) = (self.day, None);
        let mut values = line.split(' ').filter(|value| !value.is_empty());
        for (number, column) in self.columns.iter().enumerate() {
            let value = values.next().ok_or_else(|| {
                format!("holds {number} columns where {} are named", self.columns.len())
            })?;
            let text = Some(value).filter(|value| *value != "-");
            match column {
                Column::Date => day = Some(date(value).ok_or_else(|| bad(value, "a date"))?),
                Column::Time => time = Some(clock(value).ok_or_else(|| bad(value, "a time"))?),
                Column::ClientIp => record.c_ip = text,
                Column::ServerIp => record.s_ip = text,
                Column::Site => record.site = text,
                Column::Method => record.method = text,
                Column::UriStem => record.uri_stem = text,
                Column::ServerPort => record.s_port = number_of(text, "s-port")?,
                Column::Status => record.status = number_of(text, "sc-status")?,
                Column::Substatus => record.substatus = number_of(text, "sc-substatus")?,
                Column::Win32Status => record.win32_status = number_of(text, "sc-win32-status")?,
                Column::TimeTaken => record.time_taken_ms = number_of(text, "time-taken")?,
                Column::Other => {}
            }
        }
        if values.next().is_some() {
            return Err(format!("holds more than the {} columns named", self.columns.len()));
        }
        let (Some(day), Some(time)) = (day, time) else { return Err("has no stamp".into()) };
        record.stamp = DateTime::from_parts(day, time);
        Ok(record)
    }
}

fn bad(value: &str, what: &str) -> String {
    format!("has \"{value}\" for {what}")
}

fn number_of<N: std::str::FromStr>(text: Option<&str>, what: &str) -> Result<Option<N>, String> {
    text.map(|text| text.parse().map_err(|_| bad(text, what))).transpose()
}

/// `YYYY-MM-DD`.
fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `HH:MM:SS`.
fn clock(text: &str) -> Option<Time> {
    let mut parts = text.split(':').map(|part| part.parse::<i8>().ok());
    Time::new(parts.next()??, parts.next()??, parts.next()??, 0).ok()
}

/// What a log adds up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests by status and sub-status; a sub-status that is not logged is 0.
    pub by_status: BTreeMap<(u16, u16), u64>,
    /// Stamp of the first request.
    pub first: Option<DateTime>,
    /// Stamp of the last request.
    pub last: Option<DateTime>,
    /// Stamps of the first and the last 503, any sub-status.
    pub unavailable: Option<(DateTime, DateTime)>,
}

impl Tally {
    /// Takes in one request.
    pub fn add(&mut self, record: &Record) {
        let status = record.status.unwrap_or(0);
        *self.by_status.entry((status, record.substatus.unwrap_or(0))).or_default() += 1;
        let stamp = record.stamp;
        self.first = Some(self.first.map_or(stamp, |first| first.min(stamp)));
        self.last = Some(self.last.map_or(stamp, |last| last.max(stamp)));
        if status == 503 {
            let (first, last) = self.unavailable.unwrap_or((stamp, stamp));
            self.unavailable = Some((first.min(stamp), last.max(stamp)));
        }
    }
}

/// Reads a whole log into its tally; lines that could not be read come second.
pub fn tally(text: &str) -> (Tally, SkippedRows) {
    let (mut parser, mut tally, mut skipped) =
        (Parser::new(), Tally::default(), SkippedRows::default());
    for line in text.lines() {
        match parser.line(line) {
            Line::Row(record) => tally.add(&record),
            Line::Heading => {}
            Line::Bad(bad) => skipped.push(bad),
        }
    }
    (tally, skipped)
}

#[cfg(test)]
mod tests;
