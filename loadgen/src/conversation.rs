//! Defines what every attempt of a run says once it is connected.

use model::attempt::CloseStyle;

/// The version of HTTP that requests are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Http {
    /// HTTP/1.0.
    V10,
    /// HTTP/1.1.
    V11,
}

/// Tries at a refused connection where a client retries as Windows does
/// (TcpMaxConnectRetransmissions = 2: the first SYN and two more).
pub const WINDOWS_TRIES: u32 = 3;

/// What every attempt of a run does.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// A request that is not the connection's last.
    keep: Vec<u8>,
    /// The connection's last request.
    last: Vec<u8>,
    /// Requests per connection, at least 1.
    pub requests: u32,
    /// Who closes, and how.
    pub close: CloseStyle,
    /// Tries at a connection that is refused; 1: no retry.
    pub tries: u32,
    /// Whether it rests before each request but the first.
    pub pauses: bool,
}

impl Conversation {
    /// GETs of `path` from `host_header`. With target-first the last one asks the target to close;
    /// every other keeps the connection open, which HTTP/1.0 has to ask for.
    pub fn new(
        host_header: &str,
        path: &str,
        http: Http,
        requests: u32,
        close: CloseStyle,
        tries: u32,
    ) -> Self {
        let keep = match http {
            Http::V10 => "Connection: keep-alive\r\n",
            Http::V11 => "",
        };
        let last = if close == CloseStyle::TargetFirst { "Connection: close\r\n" } else { keep };
        Self {
            keep: get(host_header, path, http, keep),
            last: get(host_header, path, http, last),
            requests: requests.max(1),
            close,
            tries: tries.max(1),
            pauses: false,
        }
    }

    /// The same with so many bytes of body in each request; 0: none.
    pub fn with_body(mut self, bytes: u64) -> Self {
        if bytes > 0 {
            for request in [&mut self.keep, &mut self.last] {
                request.truncate(request.len() - 2);
                request.extend_from_slice(format!("Content-Length: {bytes}\r\n\r\n").as_bytes());
                request.resize(request.len() + bytes as usize, b'x');
            }
        }
        self
    }

    /// The request that follows `done` answered ones.
    pub fn request(&self, done: u32) -> &[u8] {
        if done + 1 < self.requests { &self.keep } else { &self.last }
    }
}

fn get(host_header: &str, path: &str, http: Http, connection: &str) -> Vec<u8> {
    let version = match http {
        Http::V10 => "1.0",
        Http::V11 => "1.1",
    };
    format!(
        "GET {path} HTTP/{version}\r\nHost: {host_header}\r\nUser-Agent: churnlab\r\n{connection}\r\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_as_long_as_its_head_says() {
        let talk = Conversation::new("h", "/", Http::V11, 2, CloseStyle::TargetFirst, 1);
        let plain = talk.request(1).len();
        let talk = talk.with_body(1000);
        for done in [0, 1] {
            let text = String::from_utf8(talk.request(done).to_vec()).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.ends_with("\r\nContent-Length: 1000"), "{head}");
            assert_eq!(body.len(), 1000);
        }
        let without = Conversation::new("h", "/", Http::V11, 2, CloseStyle::TargetFirst, 1);
        assert_eq!(without.with_body(0).request(1).len(), plain, "no body, no header");
    }

    #[test]
    fn requests_ask_for_what_the_close_style_needs() {
        let rows: &[(Http, CloseStyle, u32, Option<&str>, &str)] = &[
            (Http::V11, CloseStyle::TargetFirst, 1, Some("close"), "the last asks for the close"),
            (Http::V11, CloseStyle::TargetFirst, 0, None, "one before it does not"),
            (Http::V11, CloseStyle::ClientFirst, 1, None, "we close, the target must not"),
            (Http::V11, CloseStyle::Reset, 1, None, "we reset, the target must not close"),
            (Http::V11, CloseStyle::Abandon, 1, None, "nobody closes, until the target is tired"),
            (Http::V10, CloseStyle::ClientFirst, 1, Some("keep-alive"), "HTTP/1.0 has to ask"),
            (Http::V10, CloseStyle::TargetFirst, 1, Some("close"), "a close is a close in both"),
        ];
        for (http, close, done, connection, why) in rows {
            let talk = Conversation::new("h:80", "/p", *http, 2, *close, 1);
            let text = String::from_utf8(talk.request(*done).to_vec()).unwrap();
            assert!(text.starts_with("GET /p HTTP/1.") && text.ends_with("\r\n\r\n"), "{why}");
            assert!(text.contains("\r\nHost: h:80\r\n"), "{why}");
            let header = connection.map(|value| format!("\r\nConnection: {value}\r\n"));
            match header {
                Some(header) => assert!(text.contains(&header), "{why}"),
                None => assert!(!text.contains("Connection"), "{why}"),
            }
        }
    }
}
