//! Provides the sieve in front of the server: bytes of a connection in, those of sound requests out,
//! up to the first head that is wrong.

use crate::head::{Body, Head, Wrong, judge};

/// What comes next on the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Head,
    Body(u64),
    /// Chunks, and all that follows them: the server behind this judges for itself.
    Anything,
}

/// The sieve of one connection.
#[derive(Debug, Default)]
pub struct Sieve {
    held: Vec<u8>,
    /// How many of `held`, from the front, may pass.
    good: usize,
    next: Next,
    wrong: Option<Wrong>,
}

impl Sieve {
    /// Takes bytes as they come.
    pub fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
        while self.wrong.is_none() && self.good < self.held.len() {
            let rest = &self.held[self.good..];
            let (passes, next) = match self.next {
                Next::Anything => (rest.len(), Next::Anything),
                Next::Body(left) => {
                    let passes = left.min(rest.len() as u64);
                    let left = left - passes;
                    (passes as usize, if left == 0 { Next::Head } else { Next::Body(left) })
                }
                Next::Head => match judge(rest) {
                    Head::More => return,
                    Head::Wrong(wrong) => return self.wrong = Some(wrong),
                    Head::Whole { length, body: Body::Bytes(0) } => (length, Next::Head),
                    Head::Whole { length, body: Body::Bytes(n) } => (length, Next::Body(n)),
                    Head::Whole { length, body: Body::Chunks } => (length, Next::Anything),
                },
            };
            self.good += passes;
            self.next = next;
        }
    }

    /// Gives out at most `room` bytes that may pass.
    pub fn take(&mut self, room: usize) -> impl Iterator<Item = u8> {
        let n = self.good.min(room);
        self.good -= n;
        self.held.drain(..n)
    }

    /// True while bytes may pass.
    pub fn has_some(&self) -> bool {
        self.good > 0
    }

    /// True while a part of a head is held.
    pub fn waits_for_head(&self) -> bool {
        let rest = &self.held[self.good..];
        self.wrong.is_none() && !rest.trim_ascii_start().is_empty()
    }

    /// What is wrong; nothing passes behind it.
    pub fn wrong(&self) -> Option<&Wrong> {
        self.wrong.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz\
                         GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    #[test]
    fn all_passes_up_to_a_wrong_head_in_whatever_portions_it_comes() {
        let text = format!("{SOUND}GET / HTTP/9.9\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n");
        for portion in [1, 7, 1000] {
            let (mut sieve, mut passed) = (Sieve::default(), Vec::new());
            for bytes in text.as_bytes().chunks(portion) {
                sieve.push(bytes);
                while sieve.has_some() {
                    passed.extend(sieve.take(5));
                }
            }
            assert_eq!(String::from_utf8(passed).unwrap(), SOUND, "portions of {portion}");
            assert_eq!(sieve.wrong().unwrap().reason, "Version_N/S");
        }
    }

    #[test]
    fn a_part_of_a_head_is_waited_for_and_a_part_of_a_body_is_not() {
        for (text, waits, why) in [
            ("", false, "nothing has come"),
            ("GET / HT", true, "a part of a line"),
            ("GET / HTTP/1.1\r\nHost: a\r\n", true, "the last empty line is missing"),
            (SOUND, false, "whole requests"),
            ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nx", false, "a part of a body"),
            ("\r\n", false, "an empty line begins nothing"),
            ("GET / HTTP/9.9\r\n", false, "what is wrong is waited for no more"),
        ] {
            let mut sieve = Sieve::default();
            sieve.push(text.as_bytes());
            assert_eq!(sieve.waits_for_head(), waits, "{why}");
        }
    }
}
