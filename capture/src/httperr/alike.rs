//! Provides a short way for rows that are like one before but for their stamp and their client, as most
//! rows of a healthy host are: an idle connection was closed, over and over.

use std::ops::Range;

use super::columns::Columns;
use super::count::Counted;
use super::split::{Split, is_ascii, spaces};

/// Kinds of rows that are remembered: a few sites with a few reasons each.
const KNOWN_MAX: usize = 8;
/// Where the client's address begins, behind date and time.
const CLIENT: usize = 20;

/// Tails of rows under the header in force.
#[derive(Clone, Debug, Default)]
pub(super) struct Alike {
    known: Vec<Known>,
    /// The place of the next to be replaced.
    oldest: usize,
}

/// A tail, and what its row counted for.
#[derive(Clone, Debug)]
struct Known {
    tail: Box<[u8]>,
    s_port: Option<u16>,
    status: Option<u16>,
    refused: Option<u64>,
    /// Where the reason stands in the tail.
    reason: Range<usize>,
    queue: Option<Range<usize>>,
}

impl Alike {
    /// Forgets everything: the header has changed.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    /// What a row counts for apart from its stamp, where one like it is known.
    #[inline]
    pub(super) fn find<'a>(&self, row: &'a str) -> Option<Counted<'a>> {
        let tail = row.get(tail_at(row.as_bytes())?..)?;
        let known = self.known.iter().find(|known| *known.tail == *tail.as_bytes())?;
        Some(Counted {
            unix_s: 0,
            s_port: known.s_port,
            status: known.status,
            reason: if known.refused.is_some() {
                super::REFUSED
            } else {
                tail.get(known.reason.clone())?
            },
            queue: known.queue.clone().and_then(|queue| tail.get(queue)),
            refused: known.refused,
        })
    }

    /// Remembers a row that has been read. One with a URI is not likely to come again.
    pub(super) fn learn(
        &mut self,
        row: &str,
        columns: &Columns,
        split: &Split,
        counted: &Counted<'_>,
    ) {
        let has_uri = columns.uri.is_some_and(|uri| split.column(row, uri) != "-");
        let Some(at) = tail_at(row.as_bytes()).filter(|_| columns.has_usual_head() && !has_uri)
        else {
            return;
        };
        let place = |column: usize| {
            let place = split.place(column)?;
            Some(place.start.checked_sub(at)?..place.end.checked_sub(at)?)
        };
        let queue = columns.queue.filter(|_| counted.queue.is_some());
        let (Some(reason), queue) = (place(columns.reason), queue.and_then(place)) else { return };
        let known = Known {
            tail: row.as_bytes()[at..].into(),
            s_port: counted.s_port,
            status: counted.status,
            refused: counted.refused,
            reason,
            queue,
        };
        if self.known.len() < KNOWN_MAX {
            self.known.push(known);
        } else {
            self.known[self.oldest] = known;
            self.oldest = (self.oldest + 1) % KNOWN_MAX;
        }
    }
}

/// Where the tail of a row begins, if the row begins with date, time, an address and a port of ASCII,
/// with single spaces between them, and so with four columns. Whether date and time are some is not looked at.
#[inline]
fn tail_at(row: &[u8]) -> Option<usize> {
    let port = port(row)?;
    let spaces = row[CLIENT - 1] == b' ' && row[10] == b' ';
    (spaces && is_port(&row[port.clone()])).then_some(port.end + 1)
}

/// Where the client's port stands, if what is before it is ASCII and the address not empty.
#[inline]
fn port(row: &[u8]) -> Option<Range<usize>> {
    let (words, _) = row.get(CLIENT..)?.as_chunks::<8>();
    let mut first = None;
    for (word, at) in words.iter().zip((CLIENT..).step_by(8)) {
        let word = u64::from_le_bytes(*word);
        if !is_ascii(word) {
            return None;
        }
        let mut spaces = spaces(word);
        while spaces != 0 {
            let space = at + spaces.trailing_zeros() as usize / 8;
            match first {
                None if space == CLIENT => return None,
                None => first = Some(space + 1),
                Some(first) => return Some(first..space),
            }
            spaces &= spaces - 1;
        }
    }
    None
}

/// Whether these bytes are a port, or `-`.
#[inline]
fn is_port(bytes: &[u8]) -> bool {
    let digits = || bytes.iter().all(u8::is_ascii_digit);
    match bytes.len() {
        1 => bytes == b"-" || digits(),
        2..=4 => digits(),
        5 => digits() && bytes <= b"65535",
        _ => false,
    }
}
