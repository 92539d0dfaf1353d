//! Provides the reader of process lists: `tasklist` (plain, `/v`, `/svc`; table, list and CSV),
//! PowerShell's `Get-Process` (table, list, CSV) and `wmic process` as CSV.
//!
//! The headings of `tasklist` are localised: its columns are told by their order there.

use crate::table::{marked_columns, records, split_columns};
use crate::{Skipped, SkippedRows, csv, labelled};

/// One process; what a form does not list is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// The executable; `Get-Process` leaves out `.exe`.
    pub name: String,
    /// Process id.
    pub pid: u32,
    /// Open handles.
    pub handles: Option<u64>,
    /// Non-paged pool charged to it.
    pub nonpaged_bytes: Option<u64>,
    /// Working set.
    pub memory_bytes: Option<u64>,
    /// Services that live in it, as `/svc` lists them.
    pub services: Option<String>,
}

/// A whole list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Processes {
    /// Processes in order.
    pub processes: Vec<Process>,
    /// Rows that could not be read.
    pub skipped: SkippedRows,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    Pid,
    Handles,
    NonpagedBytes,
    NonpagedKib,
    MemoryBytes,
    MemoryKib,
    Services,
}

/// The field of an English heading. `Handle` is how WMI calls the process id as text.
fn field(heading: &str) -> Option<Field> {
    Some(match heading.trim() {
        "Image Name" | "ProcessName" | "Name" | "Caption" => Field::Name,
        "PID" | "Id" | "ProcessId" => Field::Pid,
        "Handles" | "HandleCount" => Field::Handles,
        "NPM(K)" => Field::NonpagedKib,
        "NonpagedSystemMemorySize64" | "NonpagedSystemMemorySize" | "NPM" => Field::NonpagedBytes,
        "WorkingSetSize" | "WorkingSet64" | "WS" => Field::MemoryBytes,
        "WS(K)" | "Mem Usage" => Field::MemoryKib,
        "Services" => Field::Services,
        _ => return None,
    })
}

/// The fields of a heading; those of `tasklist` by their order where no name is known: name, process
/// id, session, its number, memory.
fn fields(headings: &[&str]) -> Vec<Option<Field>> {
    let named: Vec<_> = headings.iter().map(|heading| field(heading)).collect();
    let is_known = [Field::Name, Field::Pid].iter().all(|f| named.contains(&Some(*f)));
    match headings.len() {
        _ if is_known => named,
        3 => vec![Some(Field::Name), Some(Field::Pid), Some(Field::Services)],
        5.. => vec![Some(Field::Name), Some(Field::Pid), None, None, Some(Field::MemoryKib)],
        _ => Vec::new(),
    }
}

/// Reads a list in whichever form it is.
pub fn parse(text: &str) -> Processes {
    let quoted = text.lines().find(|line| line.starts_with('"') || line.starts_with("Node,"));
    if text.lines().any(|line| marked_columns(line).is_some()) {
        table(text)
    } else if let Some(line) = quoted {
        delimited(text, csv::separator(line))
    } else {
        list(text)
    }
}

fn table(text: &str) -> Processes {
    let mut list = Processes::default();
    let (mut heading, mut columns) = ("", None);
    for (at, line) in text.lines().enumerate() {
        if let Some(marked) = marked_columns(line) {
            let fields = fields(&split_columns(heading, &marked));
            columns = Some((marked, fields));
        } else if line.trim().is_empty() {
            columns = None;
        } else if let Some((marked, fields)) = &columns {
            let values = split_columns(line, marked);
            let continued = values.first().is_some_and(|name| name.is_empty());
            match (continued, list.processes.last_mut()) {
                // `/svc` goes on below with further services.
                (true, Some(process)) => {
                    let more = process.services.get_or_insert_default();
                    more.push(' ');
                    more.push_str(line.trim());
                }
                _ => take(&mut list, at + 1, fields, values.into_iter()),
            }
        } else {
            heading = line;
        }
    }
    list
}

fn delimited(text: &str, separator: char) -> Processes {
    let mut list = Processes::default();
    let mut known: Option<Vec<Option<Field>>> = None;
    for record in records(text, u8::try_from(separator).unwrap_or(b',')) {
        let cells: Vec<&str> = record.fields.iter().map(AsRef::as_ref).collect();
        let is_heading = |at: usize| cells.get(at).is_none_or(|cell| cell.parse::<u32>().is_err());
        match &known {
            Some(fields) => take(&mut list, record.line, fields, cells.into_iter()),
            // `#TYPE` of Export-Csv.
            None if cells.len() == 1 => {}
            None if is_heading(1) => known = Some(fields(&cells)),
            None => {
                let fields = known.insert(fields(&vec![""; cells.len()]));
                take(&mut list, record.line, fields, cells.into_iter());
            }
        }
    }
    list
}

/// `Label: value`, one block per process; `tasklist /fo list` and `Format-List`.
fn list(text: &str) -> Processes {
    let mut list = Processes::default();
    for block in labelled::blocks(text) {
        let fields: Vec<_> = block.fields.iter().map(|(label, _)| field(label)).collect();
        if fields.contains(&Some(Field::Pid)) {
            let values = block.fields.iter().filter_map(|(_, lines)| lines.first().copied());
            take(&mut list, block.line, &fields, values);
        }
    }
    list
}

fn take<'a>(
    list: &mut Processes,
    line: usize,
    fields: &[Option<Field>],
    values: impl Iterator<Item = &'a str>,
) {
    let mut process = Process::default();
    let mut pid = Err(String::from("has no process id"));
    for (field, value) in fields.iter().zip(values) {
        let value = value.trim();
        match field {
            Some(Field::Name) => process.name = value.to_owned(),
            Some(Field::Pid) => {
                pid = value.parse().map_err(|_| format!("has \"{value}\" for a process id"));
            }
            Some(Field::Handles) => process.handles = digits(value),
            Some(Field::NonpagedBytes) => process.nonpaged_bytes = digits(value),
            Some(Field::NonpagedKib) => process.nonpaged_bytes = kib(value),
            Some(Field::MemoryBytes) => process.memory_bytes = digits(value),
            Some(Field::MemoryKib) => process.memory_bytes = kib(value),
            Some(Field::Services) => process.services = Some(value.to_owned()),
            None => {}
        }
    }
    match pid {
        Ok(pid) => list.processes.push(Process { pid, ..process }),
        Err(reason) => list.skipped.push(Skipped::new(line, reason)),
    }
}

/// A whole number with the separators of any locale: `12,345 K`, `12.345 Ko`. `None` without digits.
fn digits(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn kib(text: &str) -> Option<u64> {
    digits(text)?.checked_mul(1024)
}

#[cfg(test)]
mod tests;
