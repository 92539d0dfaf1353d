//! Provides the logs of a simulated host: the error log of HTTP.sys and the web site's own, as text that
//! has been appended since somebody last looked, and the System log as a page. Their stamps are those
//! of the wall clock that run time stands for.

use host::{HttperrEra, Profile};
use jiff::Timestamp;

use crate::doors::httperr::{self, Entry};
use crate::doors::system_log::{SystemLog, Told};
use crate::doors::w3c::{self, Answered};

/// What the error log of Vista and later calls its writer.
const SINCE_VISTA: &str = "Microsoft HTTP API 2.0";
/// Want of ports is told at most this often, seconds: as in the lab.
const PORTS_TOLD_EVERY_S: f64 = 1.0;

/// The logs.
#[derive(Clone, Debug)]
pub struct Logs {
    era: HttperrEra,
    started_unix_ns: i64,
    born_s: f64,
    pending: Vec<(f64, Entry, u64)>,
    errors: String,
    /// The site's own; `None` where nobody looks at it.
    site: Option<String>,
    system: SystemLog,
    ports_told_s: f64,
}

impl Logs {
    /// Logs that begin at run time `born_s`; `started_unix_ns` is the wall clock at run time zero.
    /// `has_app`: the site's own log is kept, since an application answers there.
    pub fn new(profile: &Profile, has_app: bool, started_unix_ns: i64, born_s: f64) -> Self {
        let at = seconds(started_unix_ns, born_s);
        let errors = httperr::header(profile.httperr, profile.httperr_software, &at);
        let version = profile.server_header.rsplit('/').next().unwrap_or_default();
        Self {
            era: profile.httperr,
            started_unix_ns,
            born_s,
            pending: Vec::new(),
            errors: errors.unwrap_or_default(),
            site: has_app.then(|| w3c::header(version, &at)),
            system: SystemLog::new(profile.httperr_software == SINCE_VISTA),
            ports_told_s: f64::NEG_INFINITY,
        }
    }

    /// True where the host has an error log of HTTP.sys.
    pub fn has_errors(&self) -> bool {
        self.era != HttperrEra::None
    }

    /// `n` rows of this run time for the error log, to be written with the next flush.
    pub fn error(&mut self, t_s: f64, entry: Entry, n: u64) {
        if self.has_errors() {
            self.pending.push((t_s, entry, n));
        }
    }

    /// `n` rows of the site's own log. Those of successes are left out: nobody counts them, and a long
    /// run has millions.
    pub fn answered(&mut self, t_s: f64, answered: &Answered, n: u64) {
        let stamp = seconds(self.started_unix_ns, t_s);
        if let Some(site) = &mut self.site {
            let row = w3c::row(&stamp, answered);
            (0..n).for_each(|_| site.push_str(&row));
        }
    }

    /// Something that the System log tells of.
    pub fn system(&mut self, t_s: f64, told: Told) {
        if told == Told::PortsExhausted {
            if t_s < self.ports_told_s + PORTS_TOLD_EVERY_S {
                return;
            }
            self.ports_told_s = t_s;
        }
        self.system.add(&precise(self.started_unix_ns, t_s), told);
    }

    /// Writes what is pending.
    pub fn flush(&mut self) {
        for (t_s, entry, n) in std::mem::take(&mut self.pending) {
            let stamp = seconds(self.started_unix_ns, t_s);
            if let Some(row) = httperr::row(self.era, &stamp, &entry) {
                (0..n).for_each(|_| self.errors.push_str(&row));
            }
        }
    }

    /// What has been written to the error log since this was last asked.
    pub fn take_errors(&mut self) -> String {
        std::mem::take(&mut self.errors)
    }

    /// The same of the site's own log; `None` where there is none.
    pub fn take_site(&mut self) -> Option<String> {
        self.site.as_mut().map(std::mem::take)
    }

    /// The System log as a page.
    pub fn system_page(&self) -> String {
        self.system.page(&precise(self.started_unix_ns, self.born_s))
    }
}

fn at(started_unix_ns: i64, t_s: f64) -> Timestamp {
    let unix_ns = i128::from(started_unix_ns) + (t_s * 1e9) as i128;
    Timestamp::from_nanosecond(unix_ns).unwrap_or_default()
}

/// Run time as W3C logs stamp it: UTC, whole seconds.
fn seconds(started_unix_ns: i64, t_s: f64) -> String {
    at(started_unix_ns, t_s).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Run time as the System log prints it.
fn precise(started_unix_ns: i64, t_s: f64) -> String {
    at(started_unix_ns, t_s).strftime("%Y-%m-%dT%H:%M:%S.%3f0000Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-11-21T04:40:00Z.
    const START: i64 = 1_763_700_000_000_000_000;

    fn logs(profile: &str) -> Logs {
        Logs::new(host::profile(profile).unwrap(), true, START, -1.0)
    }

    #[test]
    fn error_rows_are_written_with_a_flush_and_told_once() {
        let mut logs = logs("windows-2003-x86");
        assert!(logs.take_errors().starts_with("#Software: Microsoft HTTP API 1.0\r\n"));
        logs.error(62.9, Entry::Refused(7), 1);
        assert_eq!(logs.take_errors(), "", "not before the flush");
        logs.flush();
        let row = "2025-11-21 04:41:02 - - - - - - - - - 7_Connections_Refused -\r\n";
        assert_eq!(logs.take_errors(), row);
        logs.error(63.0, Entry::Refused(1), 3);
        logs.flush();
        assert_eq!(logs.take_errors().lines().count(), 3, "a row for each");
        let mut none = self::logs("windows-2000");
        none.error(1.0, Entry::Refused(7), 1);
        none.flush();
        assert_eq!(none.take_errors(), "", "Windows 2000 has no such log");
    }

    #[test]
    fn want_of_ports_is_told_once_a_second() {
        let mut logs = logs("windows-2016");
        for t_s in [5.0, 5.3, 5.9, 6.1] {
            logs.system(t_s, Told::PortsExhausted);
        }
        let page = logs.system_page();
        assert_eq!(page.matches("Event ID: 4231").count(), 2);
        assert!(page.contains("2025-11-21T04:40:06.1000000Z"), "{page}");
    }
}
