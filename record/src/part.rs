//! Provides the files of a record one by one and from any stream, each told by its content: what was
//! saved of a run may have lost its folder and its names.

use std::io::BufRead;

use model::row::Row;
use model::run::RunInfo;

use crate::files;
use crate::lines::RowLines;
use crate::reader::Skipped;
use crate::run_dir::{BadRunInfo, parse_run_info};

/// How much of a beginning tells what it is: a row of each kind shows its keys within it.
const HEAD_BYTES: usize = 4096;
/// How much of a row's first line holds the keys that only its kind has.
const ROW_BYTES: usize = 256;

/// A file of a record, or what `observe` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// What was asked.
    RunInfo,
    /// Load, a row per tick.
    Intervals,
    /// Readings.
    Samples,
    /// What happened.
    Events,
    /// Latency histograms.
    Latency,
    /// What an earlier judgement found.
    Findings,
    /// The same for people.
    Report,
    /// Rows as `observe` prints them, of whatever kind.
    Observed,
}

impl Part {
    /// The parts that hold rows, in the order in which rows of equal time are read back.
    pub const ROWS: [Self; 4] = [Self::Intervals, Self::Samples, Self::Events, Self::Latency];

    /// Its name in a run directory; what was only printed is called after its command.
    pub fn file(self) -> &'static str {
        match self {
            Self::RunInfo => files::RUN_INFO,
            Self::Intervals => files::INTERVALS,
            Self::Samples => files::SAMPLES,
            Self::Events => files::EVENTS,
            Self::Latency => files::LATENCY,
            Self::Findings => files::FINDINGS,
            Self::Report => files::REPORT,
            Self::Observed => "observe",
        }
    }

    /// What a file is by its beginning; `None` for what is no part of a record.
    pub fn of(head: &[u8]) -> Option<Self> {
        let head = &head[..head.len().min(HEAD_BYTES)];
        // A cut character at the end is no reason to know nothing.
        let text = String::from_utf8_lossy(head);
        let text = text.trim_start();
        let row: String = text.lines().next()?.chars().take(ROW_BYTES).collect();
        let has = |key: &str| row.contains(&format!("\"{key}\":"));
        match () {
            () if text.starts_with("#[Histogram log format") => Some(Self::Latency),
            () if row.starts_with("{\"t_s\":") && has("offered") => Some(Self::Intervals),
            () if row.starts_with("{\"t_s\":") && has("event") => Some(Self::Events),
            () if row.starts_with("{\"t_s\":") && has("wall") => Some(Self::Samples),
            () if row.starts_with("{\"row\":") || row.starts_with("{\"hello\":") => {
                Some(Self::Observed)
            }
            () => Self::whole(text),
        }
    }

    /// The files that are no lists of rows.
    fn whole(text: &str) -> Option<Self> {
        let has = |key: &str| text.contains(&format!("\"{key}\":"));
        match text.starts_with('{') && has("format") {
            true if has("scenario_name") && has("churnlab") => Some(Self::RunInfo),
            true if has("not_valid_because") && has("run") => Some(Self::Findings),
            true => None,
            false => {
                let claims = ["measured (", "predicted ("].map(|claim| format!("\n\n{claim}"));
                let claimed = claims.iter().any(|claim| text.contains(claim.as_str()));
                (text.starts_with("# ") && claimed).then_some(Self::Report)
            }
        }
    }
}

/// Reads the bytes of a `run.json`.
///
/// # Errors
/// A clause that says why it cannot be understood.
pub fn run_info(bytes: &[u8]) -> Result<RunInfo, String> {
    parse_run_info(bytes).map_err(|e| match e {
        BadRunInfo::Format(format) => format!("is of format {format}, and only 1 is known"),
        BadRunInfo::Reason(reason) => format!("cannot be understood: {reason}"),
    })
}

/// The rows of one part, in the order in which they were written.
pub struct PartRows<R> {
    lines: RowLines<R>,
}

impl<R: BufRead> PartRows<R> {
    /// The rows of this stream, which is of the kind `part`.
    pub fn new(part: Part, reader: R) -> Self {
        Self { lines: RowLines::of(part, Some(reader)) }
    }

    /// What could not be read so far; all of it once the rows have ended.
    pub fn skipped(&self) -> &Skipped {
        &self.lines.skipped
    }
}

impl<R: BufRead> Iterator for PartRows<R> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        self.lines.next_row()
    }
}
