//! Provides the lines of the web site's own log: W3C extended, the columns that IIS 7 and later choose
//! unless told otherwise. What HTTP.sys answers by itself is not in it.

use std::net::SocketAddr;

/// One answered request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Method.
    pub method: String,
    /// Path without its query.
    pub path: String,
    /// Query.
    pub query: Option<String>,
    /// What the client calls itself.
    pub agent: Option<String>,
    /// The client.
    pub client: SocketAddr,
    /// The address it had connected to.
    pub server: SocketAddr,
    /// Status.
    pub status: u16,
    /// Sub-status: 503.2 is the concurrency limit, 502.3 a call to another host that failed.
    pub substatus: u16,
    /// Windows' error.
    pub win32: u32,
    /// From the request's first byte to the answer's last, milliseconds.
    pub took_ms: u64,
}

/// The block at the head of a file. `stamp` is `YYYY-MM-DD HH:MM:SS`, UTC.
pub fn header(version: &str, stamp: &str) -> String {
    format!(
        "#Software: Microsoft Internet Information Services {version}\r\n#Version: 1.0\r\n\
         #Date: {stamp}\r\n\
         #Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip \
         cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\r\n"
    )
}

/// One row.
pub fn row(stamp: &str, answered: &Answered) -> String {
    let Answered { client, server, status, substatus, win32, took_ms, .. } = answered;
    let (method, path) = (field(Some(&answered.method)), field(Some(&answered.path)));
    let (query, agent) = (field(answered.query.as_deref()), field(answered.agent.as_deref()));
    format!(
        "{stamp} {} {method} {path} {query} {} - {} {agent} {status} {substatus} {win32} {took_ms}\r\n",
        server.ip(),
        server.port(),
        client.ip(),
    )
}

/// What a client sent, with `+` for what would break the row.
fn field(text: Option<&str>) -> String {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => {
            text.chars().map(|c| if c == ' ' || c.is_control() { '+' } else { c }).collect()
        }
        None => "-".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_columns_of_their_header() {
        let answered = Answered {
            method: "GET".into(),
            path: "/a b".into(),
            query: None,
            agent: Some("churn lab".into()),
            client: "198.18.0.1:40000".parse().unwrap(),
            server: "198.18.0.80:80".parse().unwrap(),
            status: 503,
            substatus: 2,
            win32: 0,
            took_ms: 12,
        };
        let row = row("2026-11-26 05:00:00", &answered);
        let expected =
            "2026-11-26 05:00:00 198.18.0.80 GET /a+b - 80 - 198.18.0.1 churn+lab 503 2 0 12";
        assert_eq!(row, format!("{expected}\r\n"));
        let header = header("10.0", "2026-11-26 05:00:00");
        let fields = header.lines().last().unwrap().split(' ').skip(1).count();
        assert_eq!(row.trim_end().split(' ').count(), fields);
    }
}
