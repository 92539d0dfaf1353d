//! Provides the lines of the HTTP.sys error log, in the columns of each era (KB820729; samples of
//! 2005, 2012, 2018 and 2026). One space between fields, CRLF, UTC.

use std::fmt::Write;
use std::net::SocketAddr;

use host::HttperrEra;

/// Size at which the next file begins: ErrorLogFileTruncateSize, default 0x100000 bytes (KB820729).
pub const TRUNCATE_BYTES: u64 = 0x10_0000;

/// Time between two flushes of a real host, seconds (two published logs, all rows of one phase).
pub const FLUSH_S: f64 = 5.0;

/// What a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// N connections refused since the flush before.
    Refused(u64),
    /// One connection closed because it was idle.
    ConnectionIdle {
        /// The client.
        client: SocketAddr,
        /// The address it had connected to.
        server: SocketAddr,
    },
}

/// The columns between `cs-uri` and `sc-status`, and those after `s-queuename`; `None` where the era
/// has no such log.
fn extra_columns(era: HttperrEra) -> Option<(&'static [&'static str], &'static [&'static str])> {
    match era {
        HttperrEra::None => None,
        HttperrEra::Columns13 => Some((&[], &[])),
        HttperrEra::Columns14 => Some((&["streamid"], &[])),
        HttperrEra::Columns18 => Some((
            &["streamid", "streamid_ex"],
            &["transport", "fault-code", "extended-fault-code"],
        )),
    }
}

/// The block at the head of a file, repeated whenever the service starts to write to it. `stamp` is
/// `YYYY-MM-DD HH:MM:SS`. `None` where the era has no such log.
pub fn header(era: HttperrEra, software: &str, stamp: &str) -> Option<String> {
    let (inner, last) = extra_columns(era)?;
    let mut out = format!("#Software: {software}\r\n#Version: 1.0\r\n#Date: {stamp}\r\n#Fields:");
    let first = ["date", "time", "c-ip", "c-port", "s-ip", "s-port", "cs-version", "cs-method"];
    let end = ["sc-status", "s-siteid", "s-reason", "s-queuename"];
    for field in first.iter().chain(&["cs-uri"]).chain(inner).chain(&end).chain(last) {
        out.push(' ');
        out.push_str(field);
    }
    out.push_str("\r\n");
    Some(out)
}

/// One row. `None` where the era has no such log, and for a refusal of nothing, which writes nothing.
pub fn row(era: HttperrEra, stamp: &str, entry: &Entry) -> Option<String> {
    let (inner, last) = extra_columns(era)?;
    let mut out = stamp.to_owned();
    let dashes = |out: &mut String, n: usize| (0..n).for_each(|_| out.push_str(" -"));
    match entry {
        Entry::Refused(0) => return None,
        // No sample shows what the wide eras put into `transport` here; `-` like all the rest.
        Entry::Refused(n) => {
            dashes(&mut out, 9 + inner.len());
            let _ = write!(out, " {n}_Connections_Refused -");
            dashes(&mut out, last.len());
        }
        Entry::ConnectionIdle { client, server } => {
            let (c, s) = (client, server);
            let _ = write!(out, " {} {} {} {}", c.ip(), c.port(), s.ip(), s.port());
            dashes(&mut out, 5 + inner.len());
            out.push_str(" Timer_ConnectionIdle -");
            if let [_, codes @ ..] = last {
                out.push_str(" TCP");
                dashes(&mut out, codes.len());
            }
        }
    }
    out.push_str("\r\n");
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: &str = "2005-09-02 18:45:12";

    #[test]
    fn rows_have_as_many_tokens_as_their_header_names() {
        let idle = Entry::ConnectionIdle {
            client: "10.1.2.3:54697".parse().unwrap(),
            server: "10.1.2.4:80".parse().unwrap(),
        };
        for (era, tokens) in
            [(HttperrEra::Columns13, 13), (HttperrEra::Columns14, 14), (HttperrEra::Columns18, 18)]
        {
            let header = header(era, "Microsoft HTTP API 2.0", STAMP).unwrap();
            let fields = header.lines().last().unwrap().split(' ').skip(1).count();
            assert_eq!(fields, tokens, "{era:?}");
            for entry in [Entry::Refused(24), idle] {
                let row = row(era, STAMP, &entry).unwrap();
                assert_eq!(row.trim_end().split(' ').count(), tokens, "{era:?} {row}");
                assert!(row.ends_with("\r\n"));
            }
        }
    }

    #[test]
    fn rows_read_as_the_published_ones() {
        let refused = row(HttperrEra::Columns13, STAMP, &Entry::Refused(1)).unwrap();
        assert_eq!(refused, "2005-09-02 18:45:12 - - - - - - - - - 1_Connections_Refused -\r\n");
        let idle = Entry::ConnectionIdle {
            client: "10.164.167.30:54697".parse().unwrap(),
            server: "10.85.220.4:80".parse().unwrap(),
        };
        let narrow = "2005-09-02 18:45:12 10.164.167.30 54697 10.85.220.4 80 - - - - - \
                      Timer_ConnectionIdle -\r\n";
        assert_eq!(row(HttperrEra::Columns13, STAMP, &idle).unwrap(), narrow);
        let wide = row(HttperrEra::Columns18, STAMP, &idle).unwrap();
        assert!(wide.ends_with(" - - - - - - - Timer_ConnectionIdle - TCP - -\r\n"), "{wide}");
    }

    #[test]
    fn nothing_refused_writes_nothing_and_windows_2000_has_no_such_log() {
        assert_eq!(row(HttperrEra::Columns13, STAMP, &Entry::Refused(0)), None);
        assert_eq!(row(HttperrEra::None, STAMP, &Entry::Refused(5)), None);
        assert_eq!(header(HttperrEra::None, "", STAMP), None);
    }
}
