//! Provides the reading of logs, HTTPERR and IIS' own: from a text, from a stream of any length, and
//! HTTPERR from a file in several parts at a time.

use std::io::Read;
use std::path::Path;

use capture::kind::Kind;
use capture::{httperr, w3c};
use model::diagnosis::Input;

use super::error_log::ErrorLog;
use super::skips::Skips;
use super::{input, label, note, parts, unusable};
use crate::answers::Answers;
use crate::facts::HostFacts;
use crate::held::{Holding, Taken};
use crate::open::{BLOCK_BYTES, Block, each_block};

/// A log from a text, which stands in its file behind so many lines.
pub(super) fn text(name: &str, kind: Kind, text: &str, lines_before: usize) -> Taken {
    let mut log = Log::new(kind);
    log.lines(text);
    let mut taken = log.end(name, kind);
    taken.input.skipped_rows.iter_mut().for_each(|row| row.line += lines_before as u64);
    taken
}

/// A log from a stream in an encoding of 8 bits, block by block.
pub(super) fn stream(name: &str, kind: Kind, reader: &mut impl Read, encoding: &str) -> Taken {
    let mut log = Log::new(kind);
    let cut = if kind == Kind::Httperr { httperr::last_cut } else { <[u8]>::len };
    let read = each_block(reader, BLOCK_BYTES, cut, &mut |block| match block {
        Block::Lines(bytes) => log.lines(&capture::decode::part(bytes, encoding)),
        Block::TooLong => log.too_long(),
    });
    let broken = read.err().map(|error| (log.lines_read() + 1, error));
    broken_off(log.end(name, kind), broken)
}

/// An HTTPERR log from a file, several parts at a time.
pub(super) fn file(name: &str, path: &Path, encoding: &str) -> Taken {
    match parts::read(path, encoding, parts::Plan::of_this_machine()) {
        Ok((log, failed)) => {
            let broken = failed.map(|error| (log.parser().lines() + 1, error));
            broken_off(Log::Errors(Box::new(log)).end(name, Kind::Httperr), broken)
        }
        Err(error) => unusable(name, label(Kind::Httperr), format!("cannot be read: {error}")),
    }
}

/// Tells where the reading broke off, if it did.
fn broken_off(mut taken: Taken, broken: Option<(usize, std::io::Error)>) -> Taken {
    if let Some((line, error)) = broken {
        note(&mut taken.input, line as u64, format!("breaks off: {error}"));
    }
    taken
}

/// A log that is being read.
enum Log {
    Errors(Box<ErrorLog>),
    Answers(Box<AnswerLog>),
}

/// IIS' own log.
#[derive(Default)]
struct AnswerLog {
    parser: w3c::Parser,
    answers: Answers,
    skips: Skips,
    lines: usize,
}

impl Log {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::W3c => Self::Answers(Box::default()),
            _ => Self::Errors(Box::new(ErrorLog::below(&httperr::Parser::new()))),
        }
    }

    fn lines(&mut self, text: &str) {
        let log = match self {
            Self::Errors(log) => return log.lines(text),
            Self::Answers(log) => log,
        };
        for line in text.split_terminator('\n') {
            log.lines += 1;
            match log.parser.line(line) {
                w3c::Line::Row(record) => log.answers.add(&record),
                w3c::Line::Heading => {}
                w3c::Line::Bad(skipped) => log.skips.add(log.lines, || skipped.reason),
            }
        }
    }

    fn too_long(&mut self) {
        match self {
            Self::Errors(log) => log.too_long(),
            Self::Answers(log) => {
                log.lines += 1;
                log.skips.add_too_long(log.lines);
            }
        }
    }

    fn lines_read(&self) -> usize {
        match self {
            Self::Errors(log) => log.parser().lines(),
            Self::Answers(log) => log.lines,
        }
    }

    fn end(self, name: &str, kind: Kind) -> Taken {
        let (records, skips, holding) = match self {
            Self::Errors(log) => {
                let (tally, skips) = log.end();
                (tally.records, skips, Holding { tally: Some(tally), ..Holding::default() })
            }
            Self::Answers(log) => {
                let (records, holding) = answered(log.answers);
                (records, log.skips, holding)
            }
        };
        let label = label(kind);
        let input = Input {
            records,
            skipped: skips.count,
            skipped_rows: skips.first,
            unusable_because: (records == 0)
                .then(|| format!("was taken for {label} and holds no row that can be read")),
            ..input(name, label)
        };
        Taken { input, holding }
    }
}

/// How many requests IIS logged, and what it answered.
fn answered(answers: Answers) -> (u64, Holding) {
    let by_status = &answers.tally.by_status;
    let named = by_status.iter().map(|((status, sub), rows)| (format!("{status}.{sub}"), *rows));
    let facts = HostFacts { iis_status: named.collect(), ..HostFacts::default() };
    let records = by_status.values().sum();
    (records, Holding { facts, answers: Some(answers), ..Holding::default() })
}
