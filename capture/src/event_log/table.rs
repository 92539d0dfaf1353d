//! Provides the events of delimited text (Event Viewer, `Export-Csv`) and of the table that
//! `Get-WinEvent` prints.

use super::Raw;
use crate::csv;
use crate::table::{Record, marked_columns, records, split_columns};

/// Where a heading's columns are.
struct Columns {
    stamp: Option<usize>,
    /// Event Viewer of Server 2003 has date and time apart.
    time: Option<usize>,
    source: Option<usize>,
    id: Option<usize>,
    level: Option<usize>,
    message: Option<usize>,
}

impl Columns {
    fn of(heading: &Record) -> Option<Self> {
        let at = |names: &[&str]| heading.column(names);
        let columns = Self {
            stamp: at(&["Date and Time", "Date Time", "TimeCreated", "TimeGenerated", "Date"]),
            time: at(&["Time"]),
            source: at(&["Source", "ProviderName"]),
            id: at(&["Event ID", "EventID", "Id", "Event", "InstanceId"]),
            level: at(&["Level", "LevelDisplayName", "EntryType", "Type"]),
            message: at(&["Message", "Description"]),
        };
        (columns.source.is_some() && columns.id.is_some() && columns.stamp.is_some())
            .then_some(columns)
    }
}

/// The events of a text; `None` where no heading of either form is in it.
pub(super) fn events(text: &str) -> Option<Vec<Raw<'_>>> {
    let is_heading = |line: &&str| {
        line.contains("Source") && (line.contains("Date") || line.contains("TimeGenerated"))
            || line.contains("TimeCreated")
    };
    let heading = text.lines().find(is_heading)?;
    match csv::separator(heading) {
        separator if heading.contains(separator) => Some(delimited(text, separator)),
        _ if heading.trim_start().starts_with("TimeCreated") && !heading.contains(':') => {
            Some(printed(text))
        }
        _ => None,
    }
}

fn delimited(text: &str, separator: char) -> Vec<Raw<'_>> {
    let mut events = Vec::new();
    let mut columns: Option<(Columns, usize)> = None;
    for record in records(text, u8::try_from(separator).unwrap_or(b',')) {
        if let Some(found) = Columns::of(&record) {
            columns = Some((found, record.fields.len()));
        } else if let Some((columns, count)) = &columns {
            // Event Viewer gives the message no heading; a comma in it splits it in two.
            let message = match columns.message {
                Some(at) => record.field(Some(at)).to_owned(),
                None => record.fields.get(*count..).unwrap_or_default().join(", "),
            };
            let text = |at| record.borrowed(at).unwrap_or("");
            events.push(Raw {
                line: record.line,
                stamp: match text(columns.time) {
                    "" => text(columns.stamp).into(),
                    time => format!("{} {time}", text(columns.stamp)).into(),
                },
                source: text(columns.source),
                id: text(columns.id),
                level: text(columns.level),
                message,
            });
        }
    }
    events
}

/// `ProviderName: X` above a table of the events of that provider.
fn printed(text: &str) -> Vec<Raw<'_>> {
    let mut events: Vec<Raw> = Vec::new();
    let (mut source, mut heading, mut columns) = ("", "", None);
    for (at, line) in text.lines().enumerate() {
        if let Some((_, name)) = line.split_once("ProviderName:") {
            source = name.trim();
            columns = None;
        } else if let Some(marked) = marked_columns(line) {
            let names = split_columns(heading, &marked);
            let place = |name: &str| names.iter().position(|n| *n == name);
            let places = ["TimeCreated", "Id", "LevelDisplayName", "Message"].map(place);
            columns = Some((marked, places));
        } else if let Some((marked, places)) = &columns {
            let values = split_columns(line, marked);
            let [stamp, id, level, message] =
                places.map(|at| at.and_then(|at| values.get(at).copied()).unwrap_or(""));
            if !line.trim().is_empty() {
                let (stamp, message) = (stamp.into(), message.to_owned());
                events.push(Raw { line: at + 1, stamp, source, id, level, message });
            }
        } else {
            heading = line;
        }
    }
    events
}
