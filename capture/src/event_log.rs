//! Provides the reader of an exported System event log: as text (`wevtutil qe /f:text`, Event
//! Viewer's copy), as CSV or tabbed text (Event Viewer, `Export-Csv`), as `Get-WinEvent`,
//! `Get-EventLog` and eventquery.vbs print it (list and table), and as XML (`wevtutil qe /f:xml`).
//!
//! English labels, but for XML, which has no other, and for what Event Viewer saves, which is told by
//! the order of its columns. XML is dated in UTC; the rest mostly in the
//! local time of the host that printed it, which is kept as it stands.

mod meaning;
pub(crate) mod table;
mod text;
mod xml;

use std::borrow::Cow;

use jiff::civil::DateTime;

pub use model::os_event::Meaning;

pub use self::meaning::Installed;
use crate::{Skipped, SkippedRows, stamp};

/// What is kept of a message, bytes at most.
const MESSAGE_BYTES_MAX: usize = 1024;

/// One event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Seconds since 1970; `None` where the stamp names no zone, see [`Event::local`].
    pub unix_s: Option<f64>,
    /// The stamp as printed, without a zone; `None` where day and month cannot be told apart or
    /// it cannot be read.
    pub local: Option<DateTime>,
    /// Source or provider, as printed.
    pub source: String,
    /// Event id, without its qualifiers.
    pub id: u32,
    /// Level as printed (`Error`, `2`).
    pub level: String,
    /// The host that logged it, where the form prints it.
    pub computer: Option<String>,
    /// The head of the message, white space folded; of XML without a message, its data.
    pub message: String,
}

impl Event {
    /// Seconds since 1970, given the host's bias: UTC = local + bias, minutes.
    pub fn unix_s_at(&self, bias_min: i32) -> Option<f64> {
        self.unix_s.or_else(|| stamp::unix_s(self.local?, bias_min))
    }
}

/// A whole log, in the order printed: mostly the latest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventLog {
    /// Events in order.
    pub events: Vec<Event>,
    /// Events that could not be read.
    pub skipped: SkippedRows,
}

/// An event as a form prints it.
#[derive(Clone, Debug, Default)]
struct Raw<'a> {
    line: usize,
    stamp: Cow<'a, str>,
    source: &'a str,
    id: &'a str,
    level: &'a str,
    computer: &'a str,
    message: String,
}

/// Reads a log in whichever form it is.
pub fn parse(text: &str) -> EventLog {
    let raw = if text.contains("<Event ") || text.contains("<Event>") {
        xml::events(text)
    } else if let Some(raw) = table::events(text) {
        raw
    } else {
        text::events(text)
    };
    let order = stamp::order(raw.iter().map(|raw| raw.stamp.as_ref()));
    let mut log = EventLog::default();
    for raw in raw {
        match event(raw, order) {
            Ok(event) => log.events.push(event),
            Err(skipped) => log.skipped.push(skipped),
        }
    }
    log
}

fn event(raw: Raw<'_>, order: Option<stamp::Order>) -> Result<Event, Skipped> {
    let Raw { line, stamp, source, id, level, computer, message } = raw;
    let source = source.trim();
    // `Get-EventLog` prints an instance id: severity and qualifiers stand above the id.
    let id = id.trim().parse::<u64>().map_err(|_| {
        Skipped::new(line, format!("begins an event with \"{}\" for its id", id.trim()))
    })?;
    if source.is_empty() {
        return Err(Skipped::new(line, "begins an event that names no source"));
    }
    let (local, unix_s) = when(stamp.trim(), order);
    Ok(Event {
        line,
        unix_s,
        local,
        source: source.to_owned(),
        id: u32::try_from(id & 0xffff).unwrap_or_default(),
        level: level.trim().to_owned(),
        computer: Some(computer.trim().to_owned()).filter(|name| !name.is_empty()),
        message: head(&message),
    })
}

/// The local stamp and, where a zone is named, the seconds since 1970.
fn when(text: &str, order: Option<stamp::Order>) -> (Option<DateTime>, Option<f64>) {
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        let seconds = stamp.as_second() as f64 + f64::from(stamp.subsec_nanosecond()) / 1e9;
        return (None, Some(seconds));
    }
    let half_named = text.ends_with(['M', 'm']);
    let order = match order {
        Some(order) => order,
        // AM and PM are printed by locales that put the month first.
        None if half_named || !stamp::is_ambiguous(text) => stamp::Order::MonthFirst,
        None => return (None, None),
    };
    // Later systems put U+202F before AM, and marks of direction around numbers.
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}'))
        .map(|c| if c == '\u{202f}' { ' ' } else { c })
        .collect();
    (stamp::read(&plain, order), None)
}

/// The head of a message, white space folded.
fn head(message: &str) -> String {
    let mut head = String::new();
    for word in message.split_whitespace() {
        if head.len() + word.len() >= MESSAGE_BYTES_MAX {
            break;
        }
        if !head.is_empty() {
            head.push(' ');
        }
        head.push_str(word);
    }
    head
}

#[cfg(test)]
mod tests;
