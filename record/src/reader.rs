//! Provides a record back as rows: each file keeps its own order, the files are merged by run time,
//! and memory stays flat however long the run was.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use model::row::Row;
use model::run::RunInfo;
use model::units::format_count;

use crate::error::RecordError;
use crate::lines::RowLines;
use crate::part::Part;
use crate::run_dir::read_run_info;

/// A run directory, opened.
#[derive(Clone, Debug)]
pub struct Record {
    info: RunInfo,
    dir: PathBuf,
}

impl Record {
    /// Opens a run directory. Only `run.json` must be there and whole.
    pub fn open(dir: &Path) -> Result<Self, RecordError> {
        Ok(Self { info: read_run_info(dir)?, dir: dir.into() })
    }

    /// What was asked.
    pub fn info(&self) -> &RunInfo {
        &self.info
    }

    /// The rows from the first on. Rows of one file come in the order in which they were written,
    /// also where a late event is older than the one before it.
    pub fn rows(&self) -> Result<Rows, RecordError> {
        let mut streams = Vec::with_capacity(Part::ROWS.len());
        for part in Part::ROWS {
            let mut lines = RowLines::open(&self.dir, part)?;
            let head = lines.next_row();
            streams.push(Stream { lines, head });
        }
        Ok(Rows { streams })
    }
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Its file.
    pub file: &'static str,
    /// Its line, from 1.
    pub line: u64,
    /// Why, without the line.
    pub reason: String,
}

impl std::fmt::Display for BadRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, line {}: {}", self.file, self.line, self.reason)
    }
}

/// The rows that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// How many.
    pub count: u64,
    /// The first of each file, at most 20 a file.
    pub named: Vec<BadRow>,
}

/// The rows of a record, merged.
pub struct Rows {
    streams: Vec<Stream>,
}

struct Stream {
    lines: RowLines<BufReader<File>>,
    head: Option<Row>,
}

impl Rows {
    /// What could not be read so far; all of it once the rows have ended.
    pub fn skipped(&self) -> Skipped {
        let each = || self.streams.iter().map(|stream| &stream.lines.skipped);
        Skipped {
            count: each().map(|skipped| skipped.count).sum(),
            named: each().flat_map(|skipped| skipped.named.clone()).collect(),
        }
    }

    /// A sentence for each file that is missing or of which rows could not be read; complete once
    /// the rows have ended.
    pub fn troubles(&self) -> Vec<String> {
        self.streams.iter().filter_map(Stream::trouble).collect()
    }
}

impl Iterator for Rows {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let with_head = self.streams.iter_mut().filter(|stream| stream.head.is_some());
        let stream = with_head.min_by(|a, b| a.t_s().total_cmp(&b.t_s()))?;
        let next = stream.lines.next_row();
        std::mem::replace(&mut stream.head, next)
    }
}

impl Stream {
    /// What a report should say of this file, where it is not whole.
    fn trouble(&self) -> Option<String> {
        let name = self.lines.part.file();
        if self.lines.missing {
            return Some(format!("{name} is missing from the record"));
        }
        let BadRow { line, reason, .. } = self.lines.skipped.named.first()?;
        Some(match self.lines.skipped.count {
            1 => format!("1 row of {name} could not be read (line {line}): {reason}"),
            n => {
                let n = format_count(n);
                format!("{n} rows of {name} could not be read, the first at line {line}: {reason}")
            }
        })
    }

    fn t_s(&self) -> f64 {
        match &self.head {
            Some(Row::Interval(interval)) => interval.t_s,
            Some(Row::Sample(sample)) => sample.t_s,
            Some(Row::Event(event)) => event.t_s,
            Some(Row::Latency(latency)) => latency.t_s,
            None => f64::INFINITY,
        }
    }
}
