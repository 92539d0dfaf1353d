//! Provides the journal: every row goes to its file first, by one write each, and then to whoever
//! subscribed. What `append` accepted survives kill -9; a slow subscriber never holds it up.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use jiff::Timestamp;
use model::reading::{Gap, GapKind};
use model::row::{Row, Sample};
use serde::Serialize;

use crate::error::RecordError;
use crate::{files, hlog, run_dir};

/// The one writer of a run's rows.
#[derive(Debug)]
pub struct Journal {
    intervals: RowFile,
    samples: RowFile,
    events: RowFile,
    latency: RowFile,
    subscribers: Vec<SyncSender<Arc<Row>>>,
    dropped_subscribers: u64,
}

impl Journal {
    /// Makes the files of rows in `dir`. `run.json` must stand there already: its `started` heads
    /// the latency log, and without it no row written afterwards would have a meaning.
    pub fn create(dir: &Path) -> Result<Self, RecordError> {
        let started = started(dir)?;
        let mut latency = RowFile::create(dir, files::LATENCY)?;
        latency.write(hlog::header(started).as_bytes())?;
        Ok(Self {
            intervals: RowFile::create(dir, files::INTERVALS)?,
            samples: RowFile::create(dir, files::SAMPLES)?,
            events: RowFile::create(dir, files::EVENTS)?,
            latency,
            subscribers: Vec::new(),
            dropped_subscribers: 0,
        })
    }

    /// Hands every later row to the receiver. Once `capacity` rows wait there unread, the
    /// subscriber loses its place: its receiver ends after those rows.
    pub fn subscribe(&mut self, capacity: usize) -> Receiver<Arc<Row>> {
        let (sender, receiver) = sync_channel(capacity);
        self.subscribers.push(sender);
        receiver
    }

    /// Writes a row, then publishes it. A row that could not be written is not published. What a
    /// host called no number (a NaN counter) is written and published as a gap.
    pub fn append(&mut self, row: &Row) -> Result<(), RecordError> {
        let row = with_numbers_only(row);
        match row.as_ref() {
            Row::Interval(interval) => self.intervals.write_json(interval)?,
            Row::Sample(sample) => self.samples.write_json(sample)?,
            Row::Event(event) => self.events.write_json(event)?,
            Row::Latency(latency) => self.latency.write(hlog::line(latency)?.as_bytes())?,
        }
        self.publish(row);
        Ok(())
    }

    /// Subscribers that lost their place because they read too slowly.
    pub fn dropped_subscribers(&self) -> u64 {
        self.dropped_subscribers
    }

    fn publish(&mut self, row: Cow<'_, Row>) {
        if self.subscribers.is_empty() {
            return;
        }
        let row = Arc::new(row.into_owned());
        let dropped = &mut self.dropped_subscribers;
        self.subscribers.retain(|subscriber| match subscriber.try_send(Arc::clone(&row)) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                *dropped += 1;
                false
            }
            // It went by itself and is no slow reader.
            Err(TrySendError::Disconnected(_)) => false,
        });
    }
}

/// Run time zero on the wall clock, from `run.json`.
fn started(dir: &Path) -> Result<Timestamp, RecordError> {
    let text = run_dir::read_run_info(dir)?.started;
    text.parse().map_err(|e| RecordError::BadRunInfo {
        path: dir.join(files::RUN_INFO),
        reason: format!("\"started\" is {text:?}, which is no RFC 3339 time ({e})"),
    })
}

/// JSON knows no NaN and no infinity, and counters come from other programs' text: one such value
/// would make its whole row unreadable.
fn with_numbers_only(row: &Row) -> Cow<'_, Row> {
    match row {
        Row::Sample(sample) if sample.counters.values().any(|value| !value.is_finite()) => {
            let mut sample: Sample = sample.clone();
            let gaps = &mut sample.gaps;
            sample.counters.retain(|name, value| {
                if !value.is_finite() {
                    let reason = format!("its host gives {value}, which is not a number");
                    gaps.push(Gap { what: name.clone(), kind: GapKind::Failed, reason });
                }
                value.is_finite()
            });
            Cow::Owned(Row::Sample(sample))
        }
        _ => Cow::Borrowed(row),
    }
}

/// A file to which whole lines are appended.
#[derive(Debug)]
struct RowFile {
    path: PathBuf,
    file: File,
    line: Vec<u8>,
    /// True after a write that may have left a part of a line behind.
    torn: bool,
}

impl RowFile {
    fn create(dir: &Path, name: &str) -> Result<Self, RecordError> {
        let path = dir.join(name);
        match OpenOptions::new().append(true).create_new(true).open(&path) {
            Ok(file) => Ok(Self { path, file, line: Vec::new(), torn: false }),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => Err(RecordError::Exists { path }),
            Err(e) => Err(RecordError::write(&path, e)),
        }
    }

    fn write_json(&mut self, row: &impl Serialize) -> Result<(), RecordError> {
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        let encoded = serde_json::to_writer(&mut line, row);
        line.push(b'\n');
        let written = match encoded {
            Ok(()) => self.write(&line),
            Err(source) => Err(RecordError::Encode { path: self.path.clone(), source }),
        };
        self.line = line;
        written
    }

    fn write(&mut self, text: &[u8]) -> Result<(), RecordError> {
        let outcome = if self.torn {
            // Ends the torn line, so that it costs one row and not two.
            self.file.write_all(&[b"\n", text].concat())
        } else {
            self.file.write_all(text)
        };
        self.torn = outcome.is_err();
        outcome.map_err(|e| RecordError::write(&self.path, e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_costs_its_own_row_and_not_the_next() {
        let dir = std::env::temp_dir().join(format!("churnlab-journal-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let mut file = RowFile::create(&dir, "rows").unwrap();
        file.write(b"{\"part").unwrap();
        let path = dir.join("rows");
        // A descriptor that may only read fails like a full disk.
        let whole = std::mem::replace(&mut file.file, File::open(&path).unwrap());
        assert!(matches!(file.write(b"lost\n"), Err(RecordError::Write { .. })));
        file.file = whole;
        file.write(b"{}\n").unwrap();
        file.write(b"{}\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"part\n{}\n{}\n");
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
