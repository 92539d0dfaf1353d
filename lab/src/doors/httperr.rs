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
    /// One request that HTTP.sys let fail, though nothing was wrong with it.
    Failed {
        /// Why.
        why: Why,
        /// What was asked for.
        line: RequestLine,
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

/// The first line of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// Version as the log spells it.
    pub version: String,
    /// Method.
    pub method: String,
    /// URL with its query.
    pub url: String,
}

/// Why HTTP.sys let a sound request fail (KB820729).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The queue of its application pool is full.
    QueueFull,
    /// The site has as many connections as it may.
    ConnLimit,
    /// Its application pool is disabled after failures.
    AppOffline,
    /// The kernel had no memory for it.
    NotAvailable,
    /// It waited too long in the queue.
    QueueTimer,
    /// The worker process that had it is gone.
    Abandoned,
}

/// The application pool, as the queue's name.
const QUEUE: &str = "DefaultAppPool";

impl Why {
    /// The phrase. Vista and later speak of the queue where Server 2003 spoke of the pool; the logs
    /// with 13 columns, which both write, are given the older word here.
    fn phrase(self, era: HttperrEra) -> &'static str {
        let by_pool = era == HttperrEra::Columns13;
        match self {
            Self::QueueFull => "QueueFull",
            Self::ConnLimit => "ConnLimit",
            Self::AppOffline => "AppOffline",
            Self::NotAvailable => "N/A",
            Self::QueueTimer if by_pool => "Timer_AppPool",
            Self::QueueTimer => "Timer_ReqQueue",
            Self::Abandoned if by_pool => "Connection_Abandoned_By_AppPool",
            Self::Abandoned => "Connection_Abandoned_By_ReqQueue",
        }
    }

    /// The status answered; `None`: the connection was dropped.
    pub fn status(self) -> Option<u16> {
        match self {
            Self::QueueTimer | Self::Abandoned => None,
            _ => Some(503),
        }
    }

    /// What had been found out by then: site and queue.
    fn routed(self) -> (&'static str, &'static str) {
        match self {
            // Published for N/A: `503 - N/A -`.
            Self::NotAvailable => ("-", "-"),
            Self::ConnLimit => ("1", "-"),
            _ => ("1", QUEUE),
        }
    }
}

/// What a connection was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The next request.
    ConnectionIdle,
    /// The rest of a request's head.
    HeaderWait,
    /// The rest of a request's body.
    EntityBody,
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
                Timer::EntityBody => " Timer_EntityBody -",
            });
            transport(&mut out, last);
        }
        Entry::Failed { why, line, client, server } => {
            ends(&mut out, client, server);
            field(&mut out, &Some(line.version.clone()), MAX_VERB_BYTES);
            field(&mut out, &Some(line.method.clone()), MAX_VERB_BYTES);
            field(&mut out, &Some(line.url.clone()), MAX_URL_BYTES);
            dashes(&mut out, inner.len());
            let status = why.status().map_or_else(|| "-".to_owned(), |s| s.to_string());
            let (site, queue) = why.routed();
            let _ = write!(out, " {status} {site} {} {queue}", why.phrase(era));
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

    fn failed(why: Why) -> Entry {
        let line = RequestLine {
            version: "HTTP/1.1".into(),
            method: "GET".into(),
            url: "/qos/1kbfile.txt".into(),
        };
        let (client, server) =
            ("172.31.77.6:2094".parse().unwrap(), "172.31.77.6:80".parse().unwrap());
        Entry::Failed { why, line, client, server }
    }

    #[test]
    fn failed_requests_have_their_phrase_status_site_and_queue() {
        for (era, why, end) in [
            (HttperrEra::Columns13, Why::ConnLimit, "503 1 ConnLimit -"),
            (HttperrEra::Columns13, Why::QueueFull, "503 1 QueueFull DefaultAppPool"),
            (HttperrEra::Columns13, Why::AppOffline, "503 1 AppOffline DefaultAppPool"),
            (HttperrEra::Columns14, Why::NotAvailable, "- 503 - N/A -"),
            (HttperrEra::Columns13, Why::QueueTimer, "- 1 Timer_AppPool DefaultAppPool"),
            (HttperrEra::Columns14, Why::QueueTimer, "- - 1 Timer_ReqQueue DefaultAppPool"),
            (
                HttperrEra::Columns18,
                Why::Abandoned,
                "- - - 1 Connection_Abandoned_By_ReqQueue DefaultAppPool TCP - -",
            ),
        ] {
            let row = row(era, STAMP, &failed(why)).unwrap();
            let head = "2005-09-02 18:45:12 172.31.77.6 2094 172.31.77.6 80 HTTP/1.1 GET \
                        /qos/1kbfile.txt ";
            assert_eq!(row.trim_end(), format!("{head}{end}"));
        }
    }

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
                failed(Why::QueueFull),
                failed(Why::QueueTimer),
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
