//! Provides what one line of a tally is.

use std::borrow::Cow;

use model::reading::TcpState;

use super::sentence;
use crate::netstat::state;

/// No row has more cells than `Group-Object` exports.
const CELLS_MAX: usize = 8;

/// What a line is.
pub(super) enum Line {
    /// `431 TIME_WAIT`.
    Row(TcpState, u64),
    /// `Name : TimeWait` or `Count : 431`.
    Listed(Part),
    /// The line of `ss -s` about TCP.
    Summary(Vec<(TcpState, u64)>),
    /// A command that counts one state, and its answer in the next line.
    Asked(TcpState, u64),
    /// A sentence, over so many lines.
    Sentence { counts: Vec<(TcpState, u64)>, lines: usize },
    /// Stands between the rows of a tally without ending it: headings, a rule, `1 Foreign`.
    Neutral,
    /// Anything else.
    Other,
}

impl Line {
    /// What a line is, given the one behind it.
    pub(super) fn of(line: &str, next: &str) -> Self {
        if let Some((state, count)) = row(line) {
            return Self::Row(state, count);
        }
        if let Some(part) = Part::of(line) {
            return Self::Listed(part);
        }
        if let Some((state, count)) = asked(line, next) {
            return Self::Asked(state, count);
        }
        if let Some(counts) = summary(line) {
            return Self::Summary(counts);
        }
        if is_neutral(line) {
            return Self::Neutral;
        }
        if let Some(counts) = sentence::told(line) {
            return Self::Sentence { counts, lines: 1 };
        }
        match sentence::told_over(line, next) {
            Some(counts) => Self::Sentence { counts, lines: 2 },
            None => Self::Other,
        }
    }
}

/// A count with a state and nothing else: `431 TIME_WAIT`, `431 TCP TIME_WAIT`, `TIME_WAIT: 431`,
/// `431 TimeWait {MSFT_NetTCPConnection …`, `"TimeWait","431"`.
pub(super) fn row(line: &str) -> Option<(TcpState, u64)> {
    // Every line of every text is asked, and few have a number in them.
    if !line.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let group = line.find(" {").unwrap_or(line.len());
    let line = line[..group].trim();
    of_cells(line.split([' ', '\t', '\u{a0}']), false)
        .or_else(|| of_cells(line.split([',', ';', '\t']), true))
}

/// The only number and the only state of these cells. Exported rows hold the names of types too.
fn of_cells<'a>(cells: impl Iterator<Item = &'a str>, exported: bool) -> Option<(TcpState, u64)> {
    let (mut found, mut count, mut seen) = (None, None, 0);
    for cell in cells.map(|cell| cell.trim_matches(['"', ' ', ':', '='])) {
        seen += usize::from(!cell.is_empty());
        if seen > CELLS_MAX {
            return None;
        }
        let is_protocol = cell.len() < 5 && cell.to_ascii_lowercase().starts_with("tcp");
        match (number(cell), known(cell)) {
            (Some(number), _) if count.is_none() => count = Some(number),
            (_, Some(state)) if found.is_none() => found = Some(state),
            (None, None) if cell.is_empty() || is_protocol => {}
            (None, None) if exported && !cell.starts_with(|c: char| c.is_ascii_digit()) => {}
            _ => return None,
        }
    }
    found.zip(count)
}

/// A state as tools spell it; a word of every day in small letters is none.
fn known(word: &str) -> Option<TcpState> {
    let state = state(word);
    let is_plain = word.bytes().all(|b| b.is_ascii_lowercase());
    let is_told = !is_plain || sentence::is_of_tcp(state);
    (state != TcpState::Other && is_told).then_some(state)
}

/// A whole number, thousands apart or not.
pub(super) fn number(word: &str) -> Option<u64> {
    let first = word.split([',', '.']).next()?;
    let groups = word.split([',', '.']).skip(1);
    let apart = (1..=3).contains(&first.len()) && groups.clone().all(|group| group.len() == 3);
    let word = match groups.count() {
        0 => Cow::Borrowed(word),
        _ if apart => Cow::Owned(word.replace([',', '.'], "")),
        _ => return None,
    };
    word.bytes().all(|b| b.is_ascii_digit()).then(|| word.parse().ok())?
}

/// `TCP:   60 (estab 12, closed 30, orphaned 0, synrecv 0, timewait 28/0), ports 0`.
fn summary(line: &str) -> Option<Vec<(TcpState, u64)>> {
    let (_, inside) = line.trim_start().strip_prefix("TCP:")?.split_once('(')?;
    let parts = inside.split(')').next()?.split(',');
    let counts: Vec<_> = parts
        .filter_map(|part| {
            let (name, count) = part.trim().split_once(' ')?;
            let state = match name {
                "estab" => TcpState::Established,
                "synrecv" => TcpState::SynReceived,
                "timewait" => TcpState::TimeWait,
                // `closed` has the TIME_WAIT in it.
                _ => return None,
            };
            Some((state, count.split('/').next()?.parse().ok()?))
        })
        .collect();
    counts.iter().any(|(state, _)| *state == TcpState::Established).then_some(counts)
}

/// `C:\>netstat -an | find /c "TIME_WAIT"` above `431`; `grep -c`, `wc -l` and `Measure-Object` alike.
pub(super) fn asked(line: &str, next: &str) -> Option<(TcpState, u64)> {
    const COUNTING: [&str; 5] = ["find /c", "find /C", "grep -c", "wc -l", "| measure"];
    let is_command = |line: &str| COUNTING.iter().any(|command| line.contains(command));
    if !is_command(line) && !line.contains("| Measure") {
        return None;
    }
    let is_joint = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'));
    let mut states = line.split(is_joint).filter_map(known);
    let (state, more) = (states.next()?, states.next());
    let count = number(next.trim().trim_start_matches("Count").trim_start_matches([' ', ':']))?;
    more.is_none().then_some((state, count))
}

/// A label of `Group-Object | Format-List`.
pub(super) enum Part {
    State(TcpState),
    Count(u64),
}

impl Part {
    fn of(line: &str) -> Option<Self> {
        let (label, value) = line.split_once(':')?;
        let value = value.trim().trim_matches(['{', '}']);
        match label.trim() {
            "Name" | "Values" => known(value).map(Self::State),
            "Count" => number(value).map(Self::Count),
            _ => None,
        }
    }
}

/// The labels of the object that is being read, in any order.
#[derive(Default)]
pub(super) struct List {
    state: Option<TcpState>,
    count: Option<u64>,
}

impl List {
    /// Takes in a label; gives the pair that it completes.
    pub(super) fn take(&mut self, part: Part) -> Option<(TcpState, u64)> {
        match part {
            Part::State(state) => self.state = Some(state),
            Part::Count(count) => self.count = Some(count),
        }
        let pair = self.state.zip(self.count)?;
        *self = Self::default();
        Some(pair)
    }
}

fn is_neutral(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let (first, second, third) = (words.next(), words.next(), words.next());
    match first {
        None => true,
        Some("Count" | "Name" | "Group" | "Values" | "\"Name\",\"Count\"" | "#TYPE") => true,
        Some(word) if word.bytes().all(|b| b == b'-') => true,
        // Words of headings that a pipe has counted too.
        Some(word) => number(word).is_some() && second.is_some() && third.is_none(),
    }
}
