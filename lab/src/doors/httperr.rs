//! Provides the lines of the HTTP.sys error log, in the columns of each era (KB820729; samples of
//! 2005, 2012, 2018 and 2026). One space between fields, CRLF, UTC.

use std::fmt::Write;
use std::net::SocketAddr;

use host::HttperrEra;

pub use crate::head::Wrong;

/// Size at which the next file begins: ErrorLogFileTruncateSize, default 0x100000 bytes (KB820729).
pub const TRUNCATE_BYTES: u64 = 0x10_0000;

/// Time between two flushes of a real host, seconds (two published logs, all rows of one phase).
pub const FLUSH_S: f64 = 5.0;

/// What a row stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// N connections refused since the flush before.
    Refused(u64),
    /// One connection closed because it kept the host waiting.
    TimedOut {
        /// For what.
        timer: Timer,
        /// The client.
        client: SocketAddr,
        /// The address it had connected to.
        server: SocketAddr,
    },
    /// One request answered with an error before any worker saw it.
    Wrong {
        /// What is wrong with it.
        wrong: Wrong,
        /// The client.
        client: SocketAddr,
        /// The address it had connected to.
        server: SocketAddr,
    },
}

/// What a connection was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The next request.
    ConnectionIdle,
    /// The rest of a request's head.
    HeaderWait,
}

/// A verb is cut at this (KB820729).
const MAX_VERB_BYTES: usize = 255;
/// And a URL at this.
const MAX_URL_BYTES: usize = 4096;

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
    match entry {
        Entry::Refused(0) => return None,
        // No sample shows what the wide eras put into `transport` here; `-` like all the rest.
        Entry::Refused(n) => {
            dashes(&mut out, 9 + inner.len());
            let _ = write!(out, " {n}_Connections_Refused -");
            dashes(&mut out, last.len());
        }
        Entry::TimedOut { timer, client, server } => {
            ends(&mut out, client, server);
            dashes(&mut out, 5 + inner.len());
            out.push_str(match timer {
                Timer::ConnectionIdle => " Timer_ConnectionIdle -",
                Timer::HeaderWait => " Timer_HeaderWait -",
            });
            transport(&mut out, last);
        }
        Entry::Wrong { wrong, client, server } => {
            ends(&mut out, client, server);
            let Wrong { status, reason, version, method, url } = wrong;
            field(&mut out, version, MAX_VERB_BYTES);
            field(&mut out, method, MAX_VERB_BYTES);
            field(&mut out, url, MAX_URL_BYTES);
            dashes(&mut out, inner.len());
            let _ = write!(out, " {status} - {reason} -");
            transport(&mut out, last);
        }
    }
    out.push_str("\r\n");
    Some(out)
}

fn dashes(out: &mut String, n: usize) {
    (0..n).for_each(|_| out.push_str(" -"));
}

/// Both ends of a connection.
fn ends(out: &mut String, client: &SocketAddr, server: &SocketAddr) {
    let (c, s) = (client, server);
    // Writing to a String cannot fail.
    let _ = write!(out, " {} {} {} {}", c.ip(), c.port(), s.ip(), s.port());
}

/// The columns behind the queue's name, where there are some.
fn transport(out: &mut String, last: &[&str]) {
    if let [_, codes @ ..] = last {
        out.push_str(" TCP");
        dashes(out, codes.len());
    }
}

/// What a client sent: cut, and with `+` for what would break the row (KB820729).
fn field(out: &mut String, text: &Option<String>, max_bytes: usize) {
    let Some(text) = text.as_ref().filter(|text| !text.is_empty()) else { return dashes(out, 1) };
    out.push(' ');
    let plain = |c: char| if c == ' ' || c.is_control() { '+' } else { c };
    let fits = text.char_indices().take_while(|(at, c)| at + c.len_utf8() <= max_bytes);
    out.extend(fits.map(|(_, c)| plain(c)));
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: &str = "2005-09-02 18:45:12";

    #[test]
    fn rows_have_as_many_tokens_as_their_header_names() {
        let (client, server) = ("10.1.2.3:54697".parse().unwrap(), "10.1.2.4:80".parse().unwrap());
        let wrong = Wrong { url: Some("/a b\tc".into()), ..Wrong::bad("URL") };
        for (era, tokens) in
            [(HttperrEra::Columns13, 13), (HttperrEra::Columns14, 14), (HttperrEra::Columns18, 18)]
        {
            let header = header(era, "Microsoft HTTP API 2.0", STAMP).unwrap();
            let fields = header.lines().last().unwrap().split(' ').skip(1).count();
            assert_eq!(fields, tokens, "{era:?}");
            for entry in [
                Entry::Refused(24),
                Entry::TimedOut { timer: Timer::ConnectionIdle, client, server },
                Entry::Wrong { wrong: wrong.clone(), client, server },
            ] {
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
        let idle = Entry::TimedOut {
            timer: Timer::ConnectionIdle,
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
    fn rows_of_wrong_requests_read_as_the_published_ones() {
        let told = |client: &str, wrong| {
            let (client, server) = (client.parse().unwrap(), "127.0.0.1:8123".parse().unwrap());
            row(
                HttperrEra::Columns18,
                "2026-10-07 12:24:55",
                &Entry::Wrong { wrong, client, server },
            )
        };
        assert_eq!(
            told("127.0.0.1:54519", Wrong::bad("Verb")).unwrap(),
            "2026-10-07 12:24:55 127.0.0.1 54519 127.0.0.1 8123 - - - - - 400 - Verb - TCP - -\r\n"
        );
        let version = Wrong {
            status: 505,
            version: Some("HTTP/9.9".into()),
            method: Some("GET".into()),
            url: Some("/a".into()),
            reason: "Version_N/S",
        };
        assert_eq!(
            told("127.0.0.1:54518", version).unwrap(),
            "2026-10-07 12:24:55 127.0.0.1 54518 127.0.0.1 8123 HTTP/9.9 GET /a - - 505 - \
             Version_N/S - TCP - -\r\n"
        );
        let long = Wrong { method: Some("é".repeat(200)), ..Wrong::bad("URL") };
        let row = told("127.0.0.1:1", long).unwrap();
        assert_eq!(row.matches('é').count(), 127, "255 bytes hold no half of a character");
    }

    #[test]
    fn nothing_refused_writes_nothing_and_windows_2000_has_no_such_log() {
        assert_eq!(row(HttperrEra::Columns13, STAMP, &Entry::Refused(0)), None);
        assert_eq!(row(HttperrEra::None, STAMP, &Entry::Refused(5)), None);
        assert_eq!(header(HttperrEra::None, "", STAMP), None);
    }
}
