//! Provides the rows of an HTTP.sys error log that one round has found: counted by stamp, reason,
//! status and queue, so that their number does not depend on the rate of what they tell.

use std::collections::BTreeMap;
use std::path::Path;

use capture::Skipped;
use capture::httperr::{Line, Parser, Record};
use jiff::civil::DateTime;
use model::row::Happening;

/// One round's rows with the same stamp, reason, status and queue.
type Key = (String, String, Option<u16>, Option<String>);

/// What a round has found so far in a log.
#[derive(Debug, Default)]
pub struct Found {
    rows: BTreeMap<Key, (DateTime, u64, u64)>,
    skipped: Vec<Skipped>,
    troubles: Vec<Happening>,
}

impl Found {
    /// Takes in one line.
    pub fn line(&mut self, parser: &mut Parser, line: &str) {
        match parser.line(line) {
            Line::Row(record) => self.row(&record),
            Line::Heading => {}
            Line::Bad(skipped) => self.skipped.push(skipped),
        }
    }

    fn row(&mut self, record: &Record<'_>) {
        let key = (
            record.stamp_text(),
            record.reason_name().to_owned(),
            record.status,
            record.queue.map(str::to_owned),
        );
        let (_, rows, refused) = self.rows.entry(key).or_insert((record.stamp, 0, 0));
        *rows += 1;
        *refused = refused.saturating_add(record.refused.unwrap_or(0));
    }

    /// Something is wrong with the log itself.
    pub fn trouble(&mut self, file: &Path, sentence: &str) {
        let (file, sentence) = (file.display().to_string(), sentence.to_owned());
        self.troubles.push(Happening::LogTrouble { file, sentence });
    }

    /// What it comes to, by stamp.
    pub fn happened(mut self, path: &Path) -> Vec<(Option<DateTime>, Happening)> {
        if let Some(first) = self.skipped.first() {
            let told =
                format!("{} lines could not be read; the first: {first}", self.skipped.len());
            self.trouble(path, &told);
        }
        let rows = self.rows.into_iter().map(|(key, (at, rows, refused))| {
            let (stamp, reason, status, queue) = key;
            (Some(at), Happening::Httperr { stamp, reason, status, queue, rows, refused })
        });
        rows.chain(self.troubles.into_iter().map(|trouble| (None, trouble))).collect()
    }
}
