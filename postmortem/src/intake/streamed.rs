//! Provides the reading of logs: HTTPERR and IIS' own, from a text or from a stream of any length.

use std::io::{BufReader, Read};

use capture::kind::Kind;
use capture::{Skipped, httperr, w3c};

use super::{Parsed, SKIPPED_TOLD, label, note};
use crate::answers::Answers;
use crate::facts::HostFacts;
use crate::held::{Holding, Taken};
use crate::open::{LINE_BYTES_MAX, each_line};
use crate::tally::Tally;
use model::diagnosis::{Input, SkippedRow};

/// What the lines of a stream are read by, bytes.
const BUFFER_BYTES: usize = 256 * 1024;

/// HTTPERR from a text; rows that a web page has wrapped are joined again.
pub(super) fn httperr(text: &str) -> Parsed {
    let text = &httperr::rejoined(text);
    let parsed = httperr::parse(text);
    let mut tally = Tally::default();
    for record in &parsed.records {
        tally.add(record);
    }
    let mut skipped = parsed.skipped;
    if !text.contains("Fields:") {
        // An excerpt that somebody pasted: what does not begin with a date is prose around it.
        let lines: Vec<&str> = text.lines().collect();
        let is_row = |line: &str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
        skipped.retain(|s| lines.get(s.line.wrapping_sub(1)).is_some_and(|line| is_row(line)));
    }
    let records = tally.records;
    let holding = Holding { tally: Some(tally), ..Holding::default() };
    Parsed { records, skipped, holding }
}

/// IIS' own log from a text.
pub(super) fn w3c(text: &str) -> Parsed {
    let (mut parser, mut answers) = (w3c::Parser::new(), Answers::default());
    let mut skipped = Vec::new();
    for line in text.lines() {
        match parser.line(line) {
            w3c::Line::Row(record) => answers.add(&record),
            w3c::Line::Heading => {}
            w3c::Line::Bad(bad) => skipped.push(bad),
        }
    }
    let (records, holding) = answered(answers);
    Parsed { records, skipped, holding }
}

/// How many requests IIS logged, and what it answered.
fn answered(answers: Answers) -> (u64, Holding) {
    let by_status = &answers.tally.by_status;
    let named = by_status.iter().map(|((status, sub), rows)| (format!("{status}.{sub}"), *rows));
    let facts = HostFacts { iis_status: named.collect(), ..HostFacts::default() };
    let records = by_status.values().sum();
    (records, Holding { facts, answers: Some(answers), ..Holding::default() })
}

/// A log from a stream, line by line.
pub(super) fn take(name: &str, kind: Kind, reader: impl Read) -> Taken {
    let mut log = match kind {
        Kind::W3c => Log::W3c(w3c::Parser::new(), Box::default()),
        _ => Log::Httperr(Box::new(httperr::Parser::new()), Box::default()),
    };
    let mut input = Input {
        file: name.to_owned(),
        kind: label(kind).to_owned(),
        records: 0,
        skipped: 0,
        skipped_rows: Vec::new(),
        unusable_because: None,
        baseline: false,
    };
    let mut line = 0;
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, reader);
    let read = each_line(&mut reader, |bytes| {
        line += 1;
        let skipped = match bytes {
            None => Some(format!("is longer than {} MiB", LINE_BYTES_MAX >> 20)),
            Some(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => log.line(text),
                Err(_) => log.line(&String::from_utf8_lossy(bytes)),
            },
        };
        if let Some(reason) = skipped {
            input.skipped += 1;
            if input.skipped_rows.len() < SKIPPED_TOLD {
                input.skipped_rows.push(SkippedRow { line, reason });
            }
        }
    });
    if let Err(error) = read {
        note(&mut input, line + 1, format!("breaks off: {error}"));
    }
    let (records, holding) = log.end();
    input.records = records;
    if records == 0 {
        input.unusable_because = Some("holds no row that can be read".into());
    }
    Taken { input, holding }
}

enum Log {
    Httperr(Box<httperr::Parser>, Box<Tally>),
    W3c(w3c::Parser, Box<Answers>),
}

impl Log {
    /// Takes in a line; gives the reason where it cannot be read.
    fn line(&mut self, line: &str) -> Option<String> {
        let skipped: Skipped = match self {
            Self::Httperr(parser, tally) => match parser.line(line) {
                httperr::Line::Row(record) => {
                    tally.add(&record);
                    return None;
                }
                httperr::Line::Heading => return None,
                httperr::Line::Bad(skipped) => skipped,
            },
            Self::W3c(parser, answers) => match parser.line(line) {
                w3c::Line::Row(record) => {
                    answers.add(&record);
                    return None;
                }
                w3c::Line::Heading => return None,
                w3c::Line::Bad(skipped) => skipped,
            },
        };
        Some(skipped.reason)
    }

    fn end(self) -> (u64, Holding) {
        match self {
            Self::Httperr(_, tally) => {
                (tally.records, Holding { tally: Some(*tally), ..Holding::default() })
            }
            Self::W3c(_, answers) => answered(*answers),
        }
    }
}
