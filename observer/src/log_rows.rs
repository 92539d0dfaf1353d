//! Provides the rows of a log that one round has found, counted, so that their number does not depend
//! on the rate of what they tell: HTTP.sys' error log by stamp, reason, status and queue, the web
//! site's own by second, status and sub-status.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

use capture::Skipped;
use capture::httperr::Record;
use capture::{httperr, w3c};
use jiff::civil::DateTime;
use model::row::Happening;

/// What happened, and when it is stamped.
pub type Happened = Vec<(Option<DateTime>, Happening)>;

/// A kind of log.
pub trait Log: Debug + Default {
    /// Understands its lines.
    type Parser: Debug + Default;

    /// The place of a file in its sequence, by its name; `None`: not a file of this log.
    fn sequence(name: &str) -> Option<u64>;

    /// Takes in one line; what cannot be read is given back.
    fn line(&mut self, parser: &mut Self::Parser, line: &str) -> Option<Skipped>;

    /// What it comes to, by stamp.
    fn happened(self) -> Happened;
}

/// What a round has found so far in a log.
#[derive(Debug, Default)]
pub struct Found<L> {
    log: L,
    skipped: Vec<Skipped>,
    troubles: Vec<Happening>,
}

impl<L: Log> Found<L> {
    /// Takes in one line.
    pub fn line(&mut self, parser: &mut L::Parser, line: &str) {
        self.skipped.extend(self.log.line(parser, line));
    }

    /// Something is wrong with the log itself.
    pub fn trouble(&mut self, file: &Path, sentence: &str) {
        let (file, sentence) = (file.display().to_string(), sentence.to_owned());
        self.troubles.push(Happening::LogTrouble { file, sentence });
    }

    /// What it comes to, by stamp.
    pub fn happened(mut self, path: &Path) -> Happened {
        if let Some(first) = self.skipped.first() {
            let told =
                format!("{} lines could not be read; the first: {first}", self.skipped.len());
            self.trouble(path, &told);
        }
        let mut happened = self.log.happened();
        happened.extend(self.troubles.into_iter().map(|trouble| (None, trouble)));
        happened
    }
}

/// One round's rows with the same stamp, reason, status and queue.
type Key = (String, String, Option<u16>, Option<String>);

/// HTTP.sys' error log.
#[derive(Debug, Default)]
pub struct Httperr(BTreeMap<Key, (DateTime, u64, u64)>);

impl Httperr {
    fn row(&mut self, record: &Record<'_>) {
        let key = (
            record.stamp_text(),
            record.reason_name().to_owned(),
            record.status,
            record.queue.map(str::to_owned),
        );
        let (_, rows, refused) = self.0.entry(key).or_insert((record.stamp, 0, 0));
        *rows += 1;
        *refused = refused.saturating_add(record.refused.unwrap_or(0));
    }
}

impl Log for Httperr {
    type Parser = httperr::Parser;

    /// The number in `httperr<number>.log`; case does not matter on Windows.
    fn sequence(name: &str) -> Option<u64> {
        let name = name.to_ascii_lowercase();
        let number = name.strip_prefix("httperr")?.strip_suffix(".log")?;
        if number.is_empty() { Some(0) } else { number.parse().ok() }
    }

    fn line(&mut self, parser: &mut Self::Parser, line: &str) -> Option<Skipped> {
        match parser.line(line) {
            httperr::Line::Row(record) => self.row(&record),
            httperr::Line::Heading => {}
            httperr::Line::Bad(skipped) => return Some(skipped),
        }
        None
    }

    fn happened(self) -> Happened {
        let told = |(key, (at, rows, refused)): (Key, (DateTime, u64, u64))| {
            let (stamp, reason, status, queue) = key;
            (Some(at), Happening::Httperr { stamp, reason, status, queue, rows, refused })
        };
        self.0.into_iter().map(told).collect()
    }
}

/// Answers from here on are failures, and counted.
const FIRST_FAILURE: u16 = 400;

/// The web site's own log: what its stamps, whole seconds, say of failures.
#[derive(Debug, Default)]
pub struct IisLog(BTreeMap<(DateTime, u16, u16), u64>);

impl Log for IisLog {
    type Parser = w3c::Parser;

    /// The digits of `u_ex261126.log` (IIS 7 and later) or `ex261126.log` (IIS 6): the day, and the
    /// hour where a file is begun each hour.
    fn sequence(name: &str) -> Option<u64> {
        let name = name.to_ascii_lowercase();
        let stem = name.strip_suffix(".log")?;
        let day = stem.strip_prefix("u_ex").or_else(|| stem.strip_prefix("ex"))?;
        day.parse().ok()
    }

    fn line(&mut self, parser: &mut Self::Parser, line: &str) -> Option<Skipped> {
        match parser.line(line) {
            w3c::Line::Row(record) => {
                if let Some(status) = record.status.filter(|status| *status >= FIRST_FAILURE) {
                    let key = (record.stamp, status, record.substatus.unwrap_or(0));
                    *self.0.entry(key).or_default() += 1;
                }
            }
            w3c::Line::Heading => {}
            w3c::Line::Bad(skipped) => return Some(skipped),
        }
        None
    }

    fn happened(self) -> Happened {
        let told = |((at, status, substatus), count): ((DateTime, u16, u16), u64)| {
            let stamp = at.strftime("%Y-%m-%d %H:%M:%S").to_string();
            (Some(at), Happening::Answered { stamp, seconds: 1.0, status, substatus, count })
        };
        self.0.into_iter().map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_log_are_told_by_their_name() {
        for (name, httperr, iis) in [
            ("httperr12.log", Some(12), None),
            ("HTTPERR1.LOG", Some(1), None),
            ("u_ex261126.log", None, Some(261_126)),
            ("ex26112605.log", None, Some(26_112_605)),
            ("u_extend1.log", None, None),
            ("httperr1.log.gz", None, None),
        ] {
            assert_eq!((Httperr::sequence(name), IisLog::sequence(name)), (httperr, iis), "{name}");
        }
    }

    #[test]
    fn failures_of_a_site_are_counted_by_second_and_sub_status() {
        let mut parser = w3c::Parser::new();
        let mut found = Found::<IisLog>::default();
        let log = "#Fields: date time cs-uri-stem sc-status sc-substatus\r\n\
            2026-11-26 05:00:01 / 200 0\r\n2026-11-26 05:00:01 / 503 2\r\n\
            2026-11-26 05:00:01 / 503 2\r\n2026-11-26 05:00:01 / 503 0\r\n\
            2026-11-26 05:00:02 / 503 2\r\n2026-11-26 05:00:02 / 304 0\r\nnonsense\r\n";
        log.lines().for_each(|line| found.line(&mut parser, line));
        let told: Vec<(String, u16, u16, u64)> = found
            .happened(Path::new("log"))
            .into_iter()
            .filter_map(|(_, what)| match what {
                Happening::Answered { stamp, status, substatus, count, .. } => {
                    Some((stamp[17..].to_owned(), status, substatus, count))
                }
                _ => None,
            })
            .collect();
        let expected = [("01", 503, 0, 1), ("01", 503, 2, 2), ("02", 503, 2, 1)];
        assert_eq!(told, expected.map(|(at, s, sub, n)| (at.to_owned(), s, sub, n)));
    }
}
