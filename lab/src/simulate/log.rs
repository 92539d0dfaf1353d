//! Provides the error log of a simulated host: rows with stamps of the wall clock that run time stands
//! for, as text that has been appended since somebody last looked.

use host::HttperrEra;
use jiff::Timestamp;

use crate::doors::httperr::{Entry, header, row};

/// The log.
#[derive(Clone, Debug)]
pub struct Log {
    era: HttperrEra,
    started_unix_ns: i64,
    pending: Vec<(f64, Entry)>,
    appended: String,
}

impl Log {
    /// A log that begins at run time `born_s`; `started_unix_ns` is the wall clock at run time zero.
    pub fn new(era: HttperrEra, software: &'static str, started_unix_ns: i64, born_s: f64) -> Self {
        let stamp = stamp(started_unix_ns, born_s);
        let appended = header(era, software, &stamp).unwrap_or_default();
        Self { era, started_unix_ns, pending: Vec::new(), appended }
    }

    /// True where the host has such a log.
    pub fn is_there(&self) -> bool {
        self.era != HttperrEra::None
    }

    /// A row of this run time, to be written with the next flush.
    pub fn add(&mut self, t_s: f64, entry: Entry) {
        if self.is_there() {
            self.pending.push((t_s, entry));
        }
    }

    /// Writes what is pending.
    pub fn flush(&mut self) {
        for (t_s, entry) in std::mem::take(&mut self.pending) {
            let stamp = stamp(self.started_unix_ns, t_s);
            self.appended.extend(row(self.era, &stamp, &entry));
        }
    }

    /// What has been written since this was last asked.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.appended)
    }
}

/// Run time as HTTPERR stamps it: UTC, whole seconds.
fn stamp(started_unix_ns: i64, t_s: f64) -> String {
    let unix_ns = i128::from(started_unix_ns) + (t_s * 1e9) as i128;
    let at = Timestamp::from_nanosecond(unix_ns).unwrap_or_default();
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_written_with_a_flush_and_told_once() {
        // 2025-11-21T04:40:00Z.
        let start = 1_763_700_000_000_000_000;
        let mut log = Log::new(HttperrEra::Columns13, "Microsoft HTTP API 1.0", start, -1.0);
        assert!(log.take().starts_with("#Software: Microsoft HTTP API 1.0\r\n"));
        log.add(62.9, Entry::Refused(7));
        assert_eq!(log.take(), "", "not before the flush");
        log.flush();
        let text = log.take();
        assert_eq!(text, "2025-11-21 04:41:02 - - - - - - - - - 7_Connections_Refused -\r\n");
        log.flush();
        assert_eq!(log.take(), "");
        let mut none = Log::new(HttperrEra::None, "", start, -1.0);
        none.add(1.0, Entry::Refused(7));
        none.flush();
        assert_eq!(none.take(), "", "Windows 2000 and Linux have none");
    }
}
