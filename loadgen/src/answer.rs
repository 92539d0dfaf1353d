//! Provides the reader of one HTTP answer: bytes in, in any portions, until its last byte.
//!
//! Knows Content-Length, chunked coding, bodies that end with the connection, and answers that
//! have no body. Bodies are counted and not kept.

use crate::chunked::Chunked;

/// Heads longer than this are malformed; IIS allows 64 KiB in an answer's head.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// Header lines looked at in one head.
const MAX_HEADERS: usize = 64;

/// How the body of an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    /// So many bytes are still to come.
    Bytes(u64),
    /// Chunked coding.
    Chunks(Chunked),
    /// With the connection.
    UntilEof,
}

/// Where the reader stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Head,
    Body(Body),
    Whole,
}

/// What some bytes led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More is to come.
    More,
    /// That was the last byte.
    Whole,
    /// This is no HTTP answer, or more came than was announced.
    Malformed,
}

/// The reader of one answer. Reused for the next one with [`Answer::reset`].
#[derive(Debug, Default)]
pub struct Answer {
    state: State,
    head: Vec<u8>,
    status: Option<u16>,
    closes: bool,
}

/// What a whole head says.
struct Head {
    length: usize,
    status: u16,
    body: Body,
    closes: bool,
}

impl Answer {
    /// Ready for the next answer on the same connection.
    pub fn reset(&mut self) {
        self.state = State::Head;
        self.head.clear();
        self.status = None;
        self.closes = false;
    }

    /// The final status, once the head is whole.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// True where the answer says that the connection ends with it: `Connection: close`, HTTP/1.0
    /// without `keep-alive`, or a body of no announced length.
    pub fn closes(&self) -> bool {
        self.closes
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Progress {
        match self.state {
            State::Head => self.push_head(bytes),
            State::Body(body) => self.push_body(body, bytes),
            State::Whole if bytes.is_empty() => Progress::Whole,
            State::Whole => Progress::Malformed,
        }
    }

    /// Takes the end of the connection: the end of a body that has no other, else cut short.
    pub fn eof(&mut self) -> Progress {
        if self.state == State::Body(Body::UntilEof) {
            self.state = State::Whole;
        }
        if self.state == State::Whole { Progress::Whole } else { Progress::Malformed }
    }

    fn push_head(&mut self, bytes: &[u8]) -> Progress {
        // Nearly always the head comes in one piece and is never copied.
        if self.head.is_empty() {
            return self.read_heads(bytes);
        }
        let mut stash = std::mem::take(&mut self.head);
        stash.extend_from_slice(bytes);
        self.read_heads(&stash)
    }

    /// Reads the final head, past interim ones; what is not whole is stashed.
    fn read_heads(&mut self, mut bytes: &[u8]) -> Progress {
        loop {
            match parse_head(bytes) {
                Err(()) => return Progress::Malformed,
                Ok(None) if bytes.len() > MAX_HEAD_BYTES => return Progress::Malformed,
                Ok(None) => {
                    self.head = bytes.to_vec();
                    return Progress::More;
                }
                Ok(Some(head)) if head.status < 200 => bytes = &bytes[head.length..],
                Ok(Some(head)) => {
                    self.status = Some(head.status);
                    self.closes = head.closes;
                    self.state = State::Body(head.body);
                    return self.push_body(head.body, &bytes[head.length..]);
                }
            }
        }
    }

    fn push_body(&mut self, body: Body, bytes: &[u8]) -> Progress {
        let (left, used) = match body {
            Body::UntilEof => return Progress::More,
            Body::Bytes(left) => {
                let used = left.min(bytes.len() as u64);
                (if left == used { None } else { Some(Body::Bytes(left - used)) }, used as usize)
            }
            Body::Chunks(mut chunks) => match chunks.push(bytes) {
                Ok((used, true)) => (None, used),
                Ok((used, false)) => (Some(Body::Chunks(chunks)), used),
                Err(()) => return Progress::Malformed,
            },
        };
        match left {
            Some(body) => {
                self.state = State::Body(body);
                Progress::More
            }
            None => {
                self.state = State::Whole;
                if used == bytes.len() { Progress::Whole } else { Progress::Malformed }
            }
        }
    }
}

fn parse_head(bytes: &[u8]) -> Result<Option<Head>, ()> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    let length = match answer.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(()),
    };
    let (Some(status), Some(version)) = (answer.code, answer.version) else { return Err(()) };
    let (mut content_length, mut chunked, mut closes) = (None, false, version == 0);
    for header in answer.headers.iter() {
        let value = std::str::from_utf8(header.value).map_err(|_| ())?.trim();
        if header.name.eq_ignore_ascii_case("content-length") {
            content_length = Some(value.parse::<u64>().map_err(|_| ())?);
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = value.to_ascii_lowercase().ends_with("chunked");
        } else if header.name.eq_ignore_ascii_case("connection") {
            closes = value.eq_ignore_ascii_case("close")
                || closes && !value.eq_ignore_ascii_case("keep-alive");
        }
    }
    let body = match content_length {
        _ if status == 204 || status == 304 || status < 200 => Body::Bytes(0),
        _ if chunked => Body::Chunks(Chunked::default()),
        Some(length) => Body::Bytes(length),
        None => Body::UntilEof,
    };
    Ok(Some(Head { length, status, body, closes: closes || body == Body::UntilEof }))
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
