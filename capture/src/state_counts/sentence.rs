//! Provides the counts that a sentence gives: `124 ESTABLISHED connections versus 431 in TIME_WAIT`.

use std::net::{IpAddr, SocketAddr};

use model::reading::TcpState;

use super::line::number;
use crate::cut::at_most;
use crate::netstat::state;

/// How much of a line is looked at, bytes: a paragraph pasted as one line.
const BYTES_MAX: usize = 4096;
/// A count stands at most so many words before its state: `1,000 TCP ports in the TIME_WAIT`.
const WORDS_BETWEEN: usize = 4;
/// A number before one of these is no count of sockets.
const UNITS: &[&str] = &[
    "s", "sec", "secs", "second", "seconds", "min", "minute", "minutes", "ms", "h", "hour",
    "hours", "day", "days", "bytes", "kb", "mb", "gb", "percent",
];

/// Whether no other word than TCP's is spelt so.
pub(super) fn is_of_tcp(state: TcpState) -> bool {
    use TcpState::{CloseWait, FinWait1, FinWait2, LastAck, SynReceived, SynSent, TimeWait};
    matches!(state, SynSent | SynReceived | FinWait1 | FinWait2 | CloseWait | LastAck | TimeWait)
}

/// The counts of a line that names two states or more, one of them by a word of TCP alone.
pub(super) fn told(line: &str) -> Option<Vec<(TcpState, u64)>> {
    let counts = counts(line);
    let is_told = counts.len() > 1 && counts.iter().any(|(state, _)| is_of_tcp(*state));
    is_told.then_some(counts)
}

/// The same of a sentence that goes on in the next line, where each of both gives a count.
pub(super) fn told_over(line: &str, next: &str) -> Option<Vec<(TcpState, u64)>> {
    if counts(line).is_empty() || told(next).is_some() {
        return None;
    }
    told(&format!("{} {}", at_most(line, BYTES_MAX / 2), at_most(next, BYTES_MAX / 2)))
}

/// A word without what surrounds it.
struct Word<'a> {
    text: &'a str,
    state: Option<TcpState>,
    number: Option<u64>,
    /// Whether its value follows: `TIME_WAIT: 431`, `TIME_WAIT (431)`.
    leads: bool,
    /// Whether it numbers a list: `2.`, `2)`.
    numbers_list: bool,
    used: bool,
}

/// Whether words are somebody's and not a row of a list: no address among them, and something that
/// only people write, a small word or a comma.
fn is_prose(line: &str) -> bool {
    let is_address = |word: &str| {
        let bare = word.trim_matches(['[', ']', ',', '(', ')']).split('%').next().unwrap_or("");
        bare.parse::<IpAddr>().is_ok() || bare.parse::<SocketAddr>().is_ok()
    };
    let is_small = |word: &str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_lowercase());
    let mut written = false;
    for word in line.split_whitespace() {
        if is_address(word) {
            return false;
        }
        written |= is_small(word) || word.ends_with(',') || word.contains([':', '=', ';', '(']);
    }
    written
}

/// Each state with its count, the first of each; at most one count to a state and a state to a count.
fn counts(line: &str) -> Vec<(TcpState, u64)> {
    let line = at_most(line, BYTES_MAX);
    if !line.bytes().any(|b| b.is_ascii_digit()) || !is_prose(line) {
        return Vec::new();
    }
    let mut words = words(line);
    let mut counts: Vec<(TcpState, u64)> = Vec::new();
    for at in 0..words.len() {
        let Some(state) = words[at].state else { continue };
        let Some(of) = count_of(&words, at) else { continue };
        words[of].used = true;
        if let Some(count) = words[of].number
            && counts.iter().all(|(seen, _)| *seen != state)
        {
            counts.push((state, count));
        }
    }
    counts
}

/// Where the count of the state at this place stands.
fn count_of(words: &[Word], at: usize) -> Option<usize> {
    let is_count = |of: usize| {
        let unit =
            words.get(of + 1).is_some_and(|next| UNITS.contains(&&*next.text.to_lowercase()));
        words.get(of).is_some_and(|word| word.number.is_some() && !word.used && !unit)
    };
    let follows = Some(at + 1).filter(|of| is_count(*of));
    if words[at].leads {
        return follows;
    }
    // At the end of a line the point ends a sentence.
    let follows = follows.filter(|of| !words[*of].numbers_list || of + 1 == words.len());
    let near = (at.saturating_sub(WORDS_BETWEEN + 1)..at).rev();
    let near = near.take_while(|of| words[*of].state.is_none());
    let mut numbers = near.filter(|of| words[*of].number.is_some());
    let before = numbers.next().filter(|of| is_count(*of) && !words[*of].numbers_list);
    before.or(follows)
}

fn words(line: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word> = Vec::new();
    for raw in line.split_whitespace() {
        if let (Some(last), true) = (words.last_mut(), raw.starts_with(['(', ':', '='])) {
            last.leads = true;
        }
        for part in raw.split_inclusive([':', '=', '(']) {
            let text = part.trim_matches(|c: char| !c.is_alphanumeric());
            if text.is_empty() {
                continue;
            }
            let number = number(text);
            words.push(Word {
                text,
                state: Some(state(text))
                    .filter(|state| *state != TcpState::Other && number.is_none()),
                number,
                leads: part.ends_with([':', '=', '(']),
                numbers_list: part.ends_with(['.', ')']),
                used: false,
            });
        }
    }
    words
}
