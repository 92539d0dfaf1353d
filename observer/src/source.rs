//! Defines what can be read, as it is written on the command line.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use hyper::Uri;

/// What is known, for sentences about what is not.
const KNOWN: &str = "local, windows-exporter+http://HOST:PORT[/path], netstat+http://HOST:PORT/path, \
                     poolmon+http://HOST:PORT/path, eventlog+http://HOST:PORT/path, httperr:PATH and \
                     iislog:PATH";

/// A source of readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceSpec {
    /// This host's own kernel.
    Local,
    /// The URL of a page of windows_exporter.
    WindowsExporter(String),
    /// The URL of a page that holds the text of `netstat -an`.
    NetstatPage(String),
    /// The URL of a page that holds the text of poolmon.
    PoolmonPage(String),
    /// The URL of a page that holds the System event log as `wevtutil qe System /f:text` prints it.
    EventLogPage(String),
    /// An HTTP.sys error log, or the folder of its `httperr*.log`.
    Httperr(PathBuf),
    /// The log of a web site of IIS, or the folder of its `u_ex*.log`.
    IisLog(PathBuf),
}

/// Why a source cannot be used; a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSource(String);

impl FromStr for SourceSpec {
    type Err = BadSource;

    fn from_str(text: &str) -> Result<Self, BadSource> {
        if let Some(path) = text.strip_prefix("httperr:") {
            return log(text, path).map(Self::Httperr);
        }
        if let Some(path) = text.strip_prefix("iislog:") {
            return log(text, path).map(Self::IisLog);
        }
        if text == "local" {
            return Ok(Self::Local);
        }
        if text.starts_with("agent://") || text == "slab" {
            return Err(BadSource(format!("{text} is not built yet; sources are {KNOWN}")));
        }
        match text.split_once('+') {
            Some(("windows-exporter", url)) => {
                page(text, url, "/metrics").map(Self::WindowsExporter)
            }
            Some(("netstat", url)) => page(text, url, "/").map(Self::NetstatPage),
            Some(("poolmon", url)) => page(text, url, "/").map(Self::PoolmonPage),
            Some(("eventlog", url)) => page(text, url, "/").map(Self::EventLogPage),
            _ => Err(BadSource(format!("\"{text}\" is no source; sources are {KNOWN}"))),
        }
    }
}

/// The path of a log.
fn log(text: &str, path: &str) -> Result<PathBuf, BadSource> {
    match path {
        "" => Err(BadSource(format!("{text}: name a log or the folder of the logs"))),
        path => Ok(PathBuf::from(path)),
    }
}

/// The URL with its path filled in.
fn page(text: &str, url: &str, path: &str) -> Result<String, BadSource> {
    let uri: Uri = url.parse().map_err(|e| {
        BadSource(format!("{text}: \"{url}\" is no URL ({e}); write http://HOST:PORT"))
    })?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") => {
            return Err(BadSource(format!(
                "{text}: https is not built yet; use http on an address that only you can reach"
            )));
        }
        _ => return Err(BadSource(format!("{text}: write http:// before the host"))),
    }
    let authority = uri.authority().filter(|a| a.port_u16().is_some());
    let authority = authority
        .ok_or_else(|| BadSource(format!("{text}: name the port too, such as http://HOST:9182")))?;
    let asked = uri.path_and_query().map(|p| p.as_str()).filter(|p| *p != "/");
    Ok(format!("http://{authority}{}", asked.unwrap_or(path)))
}

impl fmt::Display for SourceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::WindowsExporter(url) => write!(f, "windows-exporter+{url}"),
            Self::NetstatPage(url) => write!(f, "netstat+{url}"),
            Self::PoolmonPage(url) => write!(f, "poolmon+{url}"),
            Self::EventLogPage(url) => write!(f, "eventlog+{url}"),
            Self::IisLog(path) => write!(f, "iislog:{}", path.display()),
            Self::Httperr(path) => write!(f, "httperr:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_and_written_the_same() {
        for (text, written) in [
            ("local", "local"),
            ("windows-exporter+http://h:9182", "windows-exporter+http://h:9182/metrics"),
            ("windows-exporter+http://h:9182/", "windows-exporter+http://h:9182/metrics"),
            (
                "windows-exporter+http://[::1]:9182/m?x=1",
                "windows-exporter+http://[::1]:9182/m?x=1",
            ),
            ("netstat+http://127.0.0.1:9182/netstat", "netstat+http://127.0.0.1:9182/netstat"),
            ("poolmon+http://127.0.0.1:9182", "poolmon+http://127.0.0.1:9182/"),
            ("eventlog+http://127.0.0.1:9182/eventlog", "eventlog+http://127.0.0.1:9182/eventlog"),
            ("iislog:logs/W3SVC1", "iislog:logs/W3SVC1"),
            (
                r"httperr:C:\Windows\System32\LogFiles\HTTPERR",
                r"httperr:C:\Windows\System32\LogFiles\HTTPERR",
            ),
        ] {
            let spec: SourceSpec = text.parse().unwrap();
            assert_eq!(spec.to_string(), written);
            assert_eq!(written.parse(), Ok(spec), "what is written can be read");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_a_sentence() {
        for (text, word, why) in [
            ("agent://h:1", "not built", "the agent"),
            ("slab", "not built", "slab"),
            ("windows-exporter+https://h:9182", "https", "TLS"),
            ("windows-exporter+http://h", "port", "no port"),
            ("windows-exporter+h:9182", "http://", "no scheme"),
            ("netstat+http://", "URL", "no host"),
            ("httperr:", "folder", "no path"),
            ("iislog:", "folder", "no path"),
            ("windows_exporter+http://h:9182", "sources are", "another spelling"),
            ("", "sources are", "nothing"),
        ] {
            let told = text.parse::<SourceSpec>().unwrap_err().to_string();
            assert!(told.contains(word) && told.contains(text), "{why}: {told}");
        }
    }
}
