//! Provides the events of delimited text (Event Viewer, `Export-Csv`), with headings or without, and
//! of tables under a rule.

use std::borrow::Cow;

use super::Raw;
use crate::table::{Record, marked_columns, records, split_columns};
use crate::{csv, stamp};

/// Where a heading's columns are.
struct Columns {
    stamp: Option<usize>,
    /// Event Viewer of Server 2003 has date and time apart.
    time: Option<usize>,
    source: Option<usize>,
    id: Option<usize>,
    level: Option<usize>,
    computer: Option<usize>,
    message: Option<usize>,
    /// How many have a heading.
    named: usize,
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
            computer: at(&["Computer", "ComputerName", "MachineName"]),
            message: at(&["Message", "Description"]),
            named: heading.fields.len(),
        };
        (columns.source.is_some() && columns.id.is_some() && columns.stamp.is_some())
            .then_some(columns)
    }

    /// The columns of a table under a rule, whose source may stand above it.
    fn ruled(headings: &[&str]) -> Option<Self> {
        let fields = headings.iter().map(|heading| Cow::Borrowed(*heading)).collect();
        let heading = Record { line: 0, fields };
        let at = |names: &[&str]| heading.column(names);
        Self::of(&heading).or_else(|| {
            let id = at(&["Id", "InstanceID"])?;
            Some(Self {
                stamp: Some(at(&["TimeCreated", "Time"])?),
                time: None,
                source: at(&["Source", "ProviderName"]),
                id: Some(id),
                level: at(&["LevelDisplayName", "EntryType"]),
                computer: None,
                message: at(&["Message"]),
                named: headings.len(),
            })
        })
    }

    /// The event of a delimited row; without a heading for it, the message is what stands behind the
    /// `named` columns: Event Viewer gives it none, and a comma in it splits it in two.
    fn event<'a>(&self, record: &Record<'a>) -> Raw<'a> {
        let message = match self.message {
            Some(at) => record.field(Some(at)).to_owned(),
            None => record.fields.get(self.named..).unwrap_or_default().join(", "),
        };
        let text = |at| record.borrowed(at).unwrap_or("");
        Raw {
            line: record.line,
            stamp: match text(self.time) {
                "" => text(self.stamp).into(),
                time => format!("{} {time}", text(self.stamp)).into(),
            },
            source: text(self.source),
            id: text(self.id),
            level: text(self.level),
            computer: text(self.computer),
            message,
        }
    }
}

/// How many headings are looked at to tell a line of them.
const HEADINGS_MAX: usize = 64;

/// The events of a text; `None` where neither headings nor rows of either form are in it.
pub(super) fn events(text: &str) -> Option<Vec<Raw<'_>>> {
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if !line.contains("Source") && !line.contains("TimeCreated") {
            continue;
        }
        if lines.peek().is_some_and(|next| marked_columns(next).is_some()) {
            return Some(printed(text));
        }
        let separator = csv::separator(line);
        let fields = csv::cells(line, separator).take(HEADINGS_MAX).collect();
        if Columns::of(&Record { line: 0, fields }).is_some() {
            return Some(delimited(text, separator));
        }
    }
    bare(text)
}

/// Rows without headings that are known: Event Viewer of Server 2003 writes none, and later ones
/// write them in the system's language.
fn bare(text: &str) -> Option<Vec<Raw<'_>>> {
    let separator = text.lines().find_map(bare_separator)?;
    let records = records(text, u8::try_from(separator).unwrap_or(b','));
    let events = records
        .filter_map(|record| Some(BareColumns::of(&record.fields)?.columns().event(&record)));
    Some(events.collect())
}

/// What parts the fields of a row that is known without headings.
fn bare_separator(line: &str) -> Option<char> {
    ['\t', ',', ';'].into_iter().find(|separator| {
        let fields: Vec<_> = csv::cells(line, *separator).take(FIELDS_LOOKED_AT).collect();
        BareColumns::of(&fields).is_some()
    })
}

/// Whether a line is a row that is known without headings.
pub(crate) fn is_bare(line: &str) -> bool {
    line.contains(['\t', ',', ';']) && bare_separator(line).is_some()
}

/// How many fields tell a row.
const FIELDS_LOOKED_AT: usize = 8;

/// Which system's Event Viewer wrote a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BareColumns {
    /// Server 2003: date, time, source, type, category, event, user, computer, description.
    Old,
    /// Since Vista: level, date and time, source, event id, task, and the message.
    New,
}

impl BareColumns {
    fn of(fields: &[Cow<str>]) -> Option<Self> {
        let field = |at: usize| fields.get(at).map_or("", |field| field.trim());
        let is_id = |at: usize| field(at).parse::<u32>().is_ok();
        let is_stamp = |text: &str| {
            let read = |order| stamp::read(text, order).is_some();
            read(stamp::Order::MonthFirst) || read(stamp::Order::DayFirst)
        };
        let is_word = |at: usize| field(at).starts_with(char::is_alphabetic);
        if is_id(5) && is_word(2) && is_stamp(&format!("{} {}", field(0), field(1))) {
            Some(Self::Old)
        } else {
            (is_id(3) && is_word(0) && is_word(2) && is_stamp(field(1))).then_some(Self::New)
        }
    }

    fn columns(self) -> Columns {
        let [stamp, time, source, id, level, computer, message] = match self {
            Self::Old => [Some(0), Some(1), Some(2), Some(5), Some(3), Some(7), Some(8)],
            Self::New => [Some(1), None, Some(2), Some(3), Some(0), None, None],
        };
        Columns { stamp, time, source, id, level, computer, message, named: 5 }
    }
}

fn delimited(text: &str, separator: char) -> Vec<Raw<'_>> {
    let mut events = Vec::new();
    let mut columns: Option<Columns> = None;
    for record in records(text, u8::try_from(separator).unwrap_or(b',')) {
        match (Columns::of(&record), &columns) {
            (Some(found), _) => columns = Some(found),
            (None, Some(columns)) => events.push(columns.event(&record)),
            (None, None) => {}
        }
    }
    events
}

/// Tables under a rule: of `Get-WinEvent` (`ProviderName: X` above it), `Get-EventLog`, and
/// eventquery.vbs of Server 2003.
fn printed(text: &str) -> Vec<Raw<'_>> {
    let mut events: Vec<Raw> = Vec::new();
    let (mut provider, mut heading, mut columns) = ("", "", None);
    for (at, line) in text.lines().enumerate() {
        if let Some((_, name)) = line.split_once("ProviderName:") {
            (provider, columns) = (name.trim(), None);
        } else if let Some(marked) = marked_columns(line) {
            columns = Columns::ruled(&split_columns(heading, &marked)).map(|found| (marked, found));
        } else if line.trim().is_empty() {
            columns = None;
        } else if let Some((marked, columns)) = &columns {
            let values = split_columns(line, marked);
            let value = |at: Option<usize>| at.and_then(|at| values.get(at).copied()).unwrap_or("");
            let (stamp, id, message) =
                (value(columns.stamp), value(columns.id), value(columns.message));
            match events.last_mut() {
                // What `Format-Table -Wrap` goes on with below.
                Some(last) if stamp.is_empty() && id.is_empty() => {
                    last.message.push(' ');
                    super::text::push(last, message);
                }
                _ => events.push(Raw {
                    line: at + 1,
                    stamp: stamp.into(),
                    source: columns.source.map_or(provider, |at| value(Some(at))),
                    id,
                    level: value(columns.level),
                    computer: value(columns.computer),
                    message: message.to_owned(),
                }),
            }
        } else {
            heading = line;
        }
    }
    events
}
