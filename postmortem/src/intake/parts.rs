//! Provides the reading of one HTTPERR log on several processors. The file is cut into parts where no
//! row reaches over; each is read by itself under the header that is most likely in force there, and
//! the parts are joined in order. One whose header was not the one assumed is read again in its place,
//! so that the result is always that of a reading from the first line to the last.

use std::fs::File;
use std::io::{Error, Read, Result, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use capture::httperr::{Parser, first_cut, last_cut};

use super::error_log::ErrorLog;
use crate::open::{BLOCK_BYTES, Block, each_block};

/// Parts of a file, at most: each may hold a tally.
const PARTS_MAX: usize = 32;
/// Parts for each thread, so that one that is held up does not hold up all.
const PARTS_PER_THREAD: usize = 4;
/// A shorter part is not worth its start.
const PART_BYTES_MIN: u64 = 4 << 20;
/// How far a place to cut is searched for, and the header of a file.
const SEARCHED_BYTES: u64 = 64 * 1024;

/// How a file is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) threads: usize,
    pub(super) parts: usize,
    pub(super) part_bytes_min: u64,
    pub(super) block_bytes: usize,
}

impl Plan {
    /// What suits this machine.
    pub(super) fn of_this_machine() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let parts = if threads == 1 { 1 } else { (threads * PARTS_PER_THREAD).min(PARTS_MAX) };
        let (part_bytes_min, block_bytes) = (PART_BYTES_MIN, BLOCK_BYTES);
        Self { threads, parts, part_bytes_min, block_bytes }
    }
}

/// Reads a log in an encoding of 8 bits. What ended it early comes second.
///
/// # Errors
/// Where it cannot be opened or looked at.
pub(super) fn read(path: &Path, encoding: &str, plan: Plan) -> Result<(ErrorLog, Option<Error>)> {
    let mut file = File::open(path)?;
    let starts = starts(&mut file, plan)?;
    let mut header = ErrorLog::below(&Parser::new());
    header.lines(&capture::decode::part(&bytes_at(&mut file, 0)?, encoding));
    let cut = Cut { path, encoding, plan, starts };
    let mut whole = ErrorLog::below(&Parser::new());
    for (at, part) in cut.read_all(header.parser()).into_iter().enumerate() {
        let alone = part.assumed.agrees_with(whole.parser()) && whole.join(part.log);
        let failed = if alone { part.failed } else { cut.read(at, &mut whole) };
        if failed.is_some() {
            return Ok((whole, failed));
        }
    }
    Ok((whole, None))
}

/// Where the parts of a file begin.
fn starts(file: &mut File, plan: Plan) -> Result<Vec<u64>> {
    let length = file.metadata()?.len();
    let part_bytes = (length / plan.parts as u64).max(plan.part_bytes_min);
    let mut starts = vec![0];
    for at in 1..plan.parts as u64 {
        let from = at * part_bytes;
        if from >= length {
            break;
        }
        // The line end before it may be the last byte of the part above.
        let found = first_cut(&bytes_at(file, from - 1)?).map(|cut| from - 1 + cut as u64);
        starts.extend(found.filter(|start| starts.last() < Some(start)));
    }
    Ok(starts)
}

fn bytes_at(file: &mut File, from: u64) -> Result<Vec<u8>> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(SEARCHED_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file that is cut into parts.
struct Cut<'a> {
    path: &'a Path,
    encoding: &'a str,
    plan: Plan,
    starts: Vec<u64>,
}

/// A part that was read by itself.
struct Part {
    /// A parser that has read the header under which it was assumed to stand.
    assumed: Parser,
    log: ErrorLog,
    failed: Option<Error>,
}

impl Cut<'_> {
    /// Reads a part behind what the log holds; gives what ended it early.
    fn read(&self, at: usize, log: &mut ErrorLog) -> Option<Error> {
        let start = self.starts[at];
        let end = self.starts.get(at + 1).copied().unwrap_or(u64::MAX);
        let read = File::open(self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(start))?;
            let mut lines = |block: Block<'_>| match block {
                Block::Lines(bytes) => log.lines(&capture::decode::part(bytes, self.encoding)),
                Block::TooLong => log.too_long(),
            };
            let part = &mut file.take(end - start);
            each_block(part, self.plan.block_bytes, last_cut, &mut lines)
        });
        read.err()
    }

    /// Reads every part by itself, a few at a time, and gives them in order.
    fn read_all(&self, header: &Parser) -> Vec<Part> {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(self.starts.len()));
        // Headers change seldom: the one at the end of the last part that was read is assumed.
        let latest = Mutex::new((0, header.clone()));
        std::thread::scope(|scope| {
            for _ in 0..self.plan.threads.min(self.starts.len()) {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        if at >= self.starts.len() {
                            break;
                        }
                        let assumed =
                            if at == 0 { Parser::new() } else { locked(&latest).1.clone() };
                        let mut log = ErrorLog::below(&assumed);
                        let failed = self.read(at, &mut log);
                        let mut latest = locked(&latest);
                        if at >= latest.0 {
                            *latest = (at, log.parser().clone());
                        }
                        locked(&done).push((at, Part { assumed, log, failed }));
                    }
                });
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, part)| part).collect()
    }
}

/// A thread that died does not hold up the others.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
