//! Provides the rows of one file, one at a time; a row that cannot be read is counted with its line
//! and reason and loses no other.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use model::row::Row;

use crate::error::RecordError;
use crate::hlog;
use crate::part::Part;
use crate::reader::{BadRow, Skipped};

/// Longest line that is taken for a row. The largest real ones, samples with every pool tag of a
/// host, stay below 1 MiB.
const LINE_BYTES: u64 = 16 << 20;

/// What a witness says of its clock before its rows.
const HELLO: &[u8] = b"{\"hello\":";

/// Bad rows of a file that are kept with line and reason; further ones are counted only.
const NAMED_BAD_ROWS: usize = 20;

/// The rows of one file of a record.
pub(crate) struct RowLines<R> {
    pub(crate) part: Part,
    pub(crate) missing: bool,
    /// `None` at the end, and where the file is missing.
    reader: Option<R>,
    line: Vec<u8>,
    number: u64,
    pub(crate) skipped: Skipped,
}

impl RowLines<BufReader<File>> {
    /// Opens the file of `part` in `dir`; a missing file has no rows.
    pub(crate) fn open(dir: &Path, part: Part) -> Result<Self, RecordError> {
        let path = dir.join(part.file());
        let reader = match File::open(&path) {
            Ok(file) => Some(BufReader::with_capacity(64 << 10, file)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
            Err(e) => return Err(RecordError::read(&path, e)),
        };
        Ok(Self::of(part, reader))
    }
}

impl<R: BufRead> RowLines<R> {
    /// The rows of `part` in this stream; none without one.
    pub(crate) fn of(part: Part, reader: Option<R>) -> Self {
        Self {
            part,
            missing: reader.is_none(),
            reader,
            line: Vec::new(),
            number: 0,
            skipped: Skipped::default(),
        }
    }

    /// The next row that can be read; `None` at the end.
    pub(crate) fn next_row(&mut self) -> Option<Row> {
        loop {
            let whole = self.next_line()?;
            if self.line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match parse(self.part, &self.line, whole) {
                Ok(Some(row)) => return Some(row),
                Ok(None) => {}
                Err(reason) => self.skip(reason),
            }
        }
    }

    /// Reads a line into `self.line`, without its end. True where the end was there.
    fn next_line(&mut self) -> Option<bool> {
        loop {
            let reader = self.reader.as_mut()?;
            self.line.clear();
            let read = reader.by_ref().take(LINE_BYTES).read_until(b'\n', &mut self.line);
            self.number += 1;
            match read {
                Ok(0) => self.reader = None,
                Ok(_) if self.line.last() == Some(&b'\n') => {
                    self.line.pop();
                    return Some(true);
                }
                Ok(n) if (n as u64) < LINE_BYTES => return Some(false),
                Ok(_) => {
                    self.skip(format!("it is longer than {} MiB", LINE_BYTES >> 20));
                    self.pass_line_end();
                }
                Err(e) => {
                    self.skip(format!("reading stopped here: {e}"));
                    self.reader = None;
                }
            }
        }
    }

    /// Skips what is left of an overlong line without keeping it.
    fn pass_line_end(&mut self) {
        let Some(reader) = self.reader.as_mut() else { return };
        while let Ok(buffer) = reader.fill_buf() {
            let (used, done) = match buffer.iter().position(|&byte| byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            reader.consume(used);
            if done {
                return;
            }
        }
    }

    fn skip(&mut self, reason: String) {
        self.skipped.count += 1;
        if self.skipped.named.len() < NAMED_BAD_ROWS {
            self.skipped.named.push(BadRow { file: self.part.file(), line: self.number, reason });
        }
    }
}

/// One line of a part as a row; `None` for a comment.
fn parse(part: Part, line: &[u8], whole: bool) -> Result<Option<Row>, String> {
    let row = match part {
        Part::Intervals => serde_json::from_slice(line).map(Row::Interval),
        Part::Samples => serde_json::from_slice(line).map(Row::Sample),
        Part::Events => serde_json::from_slice(line).map(Row::Event),
        Part::Latency => return parse_latency(line, whole),
        Part::Observed if line.starts_with(HELLO) => return Ok(None),
        Part::Observed => serde_json::from_slice(line),
        Part::RunInfo | Part::Findings | Part::Report => return Ok(None),
    };
    match row {
        Ok(row) => Ok(Some(row)),
        Err(_) if !whole => Err(CUT.into()),
        // The error's own "at line 1" would name a line of this line.
        Err(e) => Err(sentence(&e)),
    }
}

fn parse_latency(line: &[u8], whole: bool) -> Result<Option<Row>, String> {
    let text = std::str::from_utf8(line).map_err(|_| "it is not UTF-8")?;
    match hlog::parse(text) {
        Ok(None) => Ok(None),
        // A cut histogram looks like a shorter one: only the line end shows that it is whole.
        _ if !whole => Err(CUT.into()),
        parsed => Ok(parsed?.map(Row::Latency)),
    }
}

const CUT: &str = "the line is cut off: its writer was stopped while it wrote it";

fn sentence(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at line 1 column ") {
        Some((what, column)) => format!("{what} at column {column}"),
        None => text,
    }
}
