//! Provides the reader of performance logs as perfmon, typeperf, relog and logman write them: PDH
//! text in CSV (or TSV), local time, one column per counter.
//!
//! The header's first cell names the zone and its bias in minutes, `(PDH-CSV 4.0) (Eastern Daylight
//! Time)(240)`; typeperf on a console leaves both out, and a zone name outside the code page cuts
//! the cell short. The bias is that of the log's start: a clock change within a log is not told.

mod counter;
mod path;

use jiff::civil::DateTime;

pub use self::counter::Counter;
pub use self::path::Column;
use crate::stamp::{self, Order};
use crate::{Skipped, SkippedRows, csv};

/// The samples under one header.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Line of the header, from 1.
    pub line: usize,
    /// Name of the time zone, where it is told.
    pub zone: Option<String>,
    /// UTC less local time in minutes, where it is told.
    pub bias_min: Option<i32>,
    /// The counters, in the order of each row's values.
    pub columns: Vec<Column>,
    /// Rows in order.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Local date and time.
    pub local: DateTime,
    /// The same in seconds since 1970 UTC, where the bias is told.
    pub unix_s: Option<f64>,
    /// One value per column; `None` where the cell is blank (the counter could not be read) or is
    /// no number, which is also counted among the skipped.
    pub values: Vec<Option<f64>>,
}

/// A whole log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Perfmon {
    /// One table per header; a header that repeats the one before it does not begin a new one.
    pub tables: Vec<Table>,
    /// Rows and cells that could not be read.
    pub skipped: SkippedRows,
}

impl Table {
    /// The columns of a counter, one per instance and family, by their place in each row.
    pub fn columns_of(&self, counter: Counter) -> impl Iterator<Item = (usize, &Column)> {
        self.columns.iter().enumerate().filter(move |(_, c)| c.counter == Some(counter))
    }

    /// The columns whose names are not known, in any of the known languages.
    pub fn unknown(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|c| c.counter.is_none())
    }
}

/// Counters read of one header. Every process of a large host with every counter of its object is
/// some ten thousand.
const COLUMNS_MAX: usize = 50_000;

/// Whether a line is a header.
pub(crate) fn is_header(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches('"');
    line.starts_with("(PDH-CSV 4.0)") || line.starts_with("(PDH-TSV 4.0)")
}

/// Reads a log. Blank lines, and lines that begin with neither a quote nor a digit (what typeperf
/// says on its console), are no rows.
pub fn parse(text: &str) -> Perfmon {
    let mut perfmon = Perfmon::default();
    let mut separator = ',';
    let order = order(text);
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_start_matches('\u{feff}').trim();
        if is_header(line) {
            separator = csv::separator(line);
            let table = table(line, separator, at + 1);
            let repeats = perfmon.tables.last().is_some_and(|last| last.columns == table.columns);
            if !repeats {
                perfmon.tables.push(table);
            }
        } else if line.starts_with(|c: char| c == '"' || c.is_ascii_digit()) {
            let mut skip = |reason| perfmon.skipped.push(Skipped::new(at + 1, reason));
            match perfmon.tables.last_mut() {
                None => skip("stands before any PDH header".to_owned()),
                Some(table) => match row(line, separator, table, order, &mut skip) {
                    Ok(row) => table.rows.push(row),
                    Err(reason) => skip(reason),
                },
            }
        }
    }
    perfmon
}

/// PDH writes the month first everywhere; other programs that pass a log on may not.
fn order(text: &str) -> Order {
    let dates = text.lines().map(|line| line.trim_start().trim_start_matches('"'));
    stamp::order(dates.filter(|line| line.starts_with(|c: char| c.is_ascii_digit())))
        .unwrap_or(Order::MonthFirst)
}

fn table(line: &str, separator: char, at: usize) -> Table {
    let mut cells = csv::cells(line, separator);
    let first = cells.next().unwrap_or_default();
    let (zone, bias_min) = zone(&first).map_or((None, None), |(z, b)| (Some(z), Some(b)));
    let mut columns: Vec<Column> =
        cells.take(COLUMNS_MAX).map(|cell| Column::of(cell.trim())).collect();
    // Spreadsheets leave empty columns at the end.
    while columns.last().is_some_and(|column| column.path.is_empty()) {
        columns.pop();
    }
    Table { line: at, zone, bias_min, columns, rows: Vec::new() }
}

/// `(PDH-CSV 4.0) (Eastern Daylight Time)(240)`; names of zones may hold brackets themselves.
fn zone(cell: &str) -> Option<(String, i32)> {
    let rest = cell.trim().strip_prefix('(')?.split_once(") (")?.1.strip_suffix(')')?;
    let (name, bias) = rest.rsplit_once(")(")?;
    Some((name.to_owned(), bias.trim().parse().ok()?))
}

fn row(
    line: &str,
    separator: char,
    table: &Table,
    order: Order,
    skip: &mut impl FnMut(String),
) -> Result<Row, String> {
    let mut cells = csv::cells(line, separator);
    let first = cells.next().unwrap_or_default();
    let local = stamp::read(&first, order)
        .ok_or_else(|| format!("has \"{:.40}\" for a stamp", first.as_ref()))?;
    let wanted = table.columns.len();
    let mut values = Vec::with_capacity(wanted);
    let mut surplus = 0_usize;
    for cell in cells {
        let cell = cell.trim();
        if values.len() == wanted {
            if wanted == COLUMNS_MAX {
                break;
            }
            surplus += usize::from(!cell.is_empty());
        } else {
            values.push(value(cell).unwrap_or_else(|()| {
                skip(format!("has \"{cell:.40}\" in column {}", values.len() + 2));
                None
            }));
        }
    }
    if values.len() < wanted || surplus > 0 {
        let cells = values.len() + surplus;
        return Err(format!("holds {cells} values where {wanted} are named"));
    }
    let unix_s = table.bias_min.and_then(|bias| stamp::unix_s(local, bias));
    Ok(Row { local, unix_s, values })
}

/// A number with a point or a comma before its decimals; nothing where the cell is blank.
fn value(cell: &str) -> Result<Option<f64>, ()> {
    if cell.is_empty() {
        return Ok(None);
    }
    let number = if cell.contains(',') { cell.replacen(',', ".", 1).parse() } else { cell.parse() };
    number.ok().filter(|value: &f64| value.is_finite()).map(Some).ok_or(())
}

#[cfg(test)]
mod tests;
