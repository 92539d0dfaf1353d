//! Provides the judgement of a request's head that HTTP.sys passes before any worker sees it: whole,
//! not yet whole, or wrong with the reason that its error log gives (KB820729).

use hyper::Uri;

/// Request line and headers together: MaxRequestBytes, default (KB820129).
const MAX_HEAD_BYTES: usize = 16_384;
/// Header lines, as many as the server behind this takes.
const MAX_HEADERS: usize = 100;

/// What some bytes at the start of a request are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// Not yet whole.
    More,
    /// Sound.
    Whole {
        /// Bytes up to its end.
        length: usize,
        /// What follows it.
        body: Body,
    },
    /// To be answered here and now.
    Wrong(Wrong),
}

/// What follows a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// So many bytes, then the next head.
    Bytes(u64),
    /// Chunks, whose end is not looked for.
    Chunks,
}

/// What is wrong with a request, and as much of it as had been read by then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrong {
    /// Status of the answer.
    pub status: u16,
    /// Reason in the error log.
    pub reason: &'static str,
    /// Version as the log spells it.
    pub version: Option<String>,
    /// Method.
    pub method: Option<String>,
    /// URL, raw.
    pub url: Option<String>,
}

impl Wrong {
    /// A request of which nothing could be read.
    pub fn bad(reason: &'static str) -> Self {
        Self { status: 400, reason, ..Self::default() }
    }
}

/// Judges what has come of a request.
pub fn judge(bytes: &[u8]) -> Head {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length <= MAX_HEAD_BYTES => {
            weigh(&request, length)
        }
        Ok(httparse::Status::Partial) if bytes.len() <= MAX_HEAD_BYTES => Head::More,
        Ok(_) => Head::Wrong(Wrong::bad("RequestLength")),
        Err(error) => blame(bytes, error),
    }
}

/// A head of sound form: what it says of its host and its body.
fn weigh(request: &httparse::Request<'_, '_>, length: usize) -> Head {
    let (method, url) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
    let minor = request.version.unwrap_or_default();
    let wrong = |status: u16, reason| {
        let version = Some(format!("HTTP/1.{minor}"));
        let (method, url) = (Some(method.to_owned()), Some(url.to_owned()));
        Head::Wrong(Wrong { status, reason, version, method, url })
    };
    let values = |name: &'static str| {
        let named = request.headers.iter().filter(move |h| h.name.eq_ignore_ascii_case(name));
        named.map(|h| h.value.trim_ascii())
    };
    if Uri::try_from(url).is_err() {
        return wrong(400, "URL");
    }
    let hosts = values("host").count();
    if hosts > 1 || minor == 1 && hosts == 0 {
        return wrong(400, "Hostname");
    }
    if let Some(coding) = values("transfer-encoding").next_back() {
        let chunked = coding.eq_ignore_ascii_case(b"chunked");
        return if chunked {
            Head::Whole { length, body: Body::Chunks }
        } else {
            wrong(501, "N/I")
        };
    }
    let mut body_bytes = None;
    for value in values("content-length") {
        let number =
            std::str::from_utf8(value).ok().filter(|v| v.bytes().all(|b| b.is_ascii_digit()));
        match number.and_then(|v| v.parse::<u64>().ok()) {
            Some(n) if body_bytes.is_none_or(|before| before == n) => body_bytes = Some(n),
            _ => return wrong(400, "Number"),
        }
    }
    Head::Whole { length, body: Body::Bytes(body_bytes.unwrap_or(0)) }
}

/// Where a head that is no head went wrong, in the order in which it is read: verb, URL, version,
/// headers.
fn blame(bytes: &[u8], error: httparse::Error) -> Head {
    let text = bytes.trim_ascii_start();
    let verb = text.iter().take_while(|b| is_token(**b)).count();
    if verb == 0 || text.get(verb) != Some(&b' ') {
        // As published: `- - - - - 400 - Verb`.
        return Head::Wrong(Wrong::bad("Verb"));
    }
    let Some(end) = text.iter().position(|b| *b == b'\n') else {
        // What is wrong with a line shows once it is whole.
        let wrong = Head::Wrong(Wrong::bad("RequestLength"));
        return if bytes.len() <= MAX_HEAD_BYTES { Head::More } else { wrong };
    };
    let line = String::from_utf8_lossy(&text[verb + 1..end]);
    let line = line.trim_end_matches('\r');
    let (url, version) = line.split_once(' ').map_or((line, None), |(url, v)| (url, Some(v)));
    let method = Some(String::from_utf8_lossy(&text[..verb]).into_owned());
    let bad = Wrong { status: 400, method, url: Some(url.to_owned()), ..Wrong::default() };
    if Uri::try_from(url).is_err() {
        return Head::Wrong(Wrong { reason: "URL", version: version.and_then(spelt), ..bad });
    }
    Head::Wrong(match version.and_then(spelt) {
        None => Wrong { reason: "BadRequest", ..bad },
        Some(version) if !matches!(version.as_str(), "HTTP/1.0" | "HTTP/1.1") => {
            Wrong { status: 505, reason: "Version_N/S", version: Some(version), ..bad }
        }
        version => {
            let reason = match error {
                httparse::Error::NewLine => "Invalid_CR/LF",
                httparse::Error::HeaderName
                | httparse::Error::HeaderValue
                | httparse::Error::TooManyHeaders => "Header",
                _ => "BadRequest",
            };
            Wrong { reason, version, ..bad }
        }
    })
}

/// A version as the log spells it: numbers from 10 on are not told (KB820729).
fn spelt(version: &str) -> Option<String> {
    let (major, minor) = version.strip_prefix("HTTP/")?.split_once('.')?;
    let is_number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
    let (true, true) = (is_number(major), is_number(minor)) else { return None };
    Some(if major.len() + minor.len() > 2 { "HTTP/?.?".into() } else { version.to_owned() })
}

/// A character of a method (RFC 9110).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;
