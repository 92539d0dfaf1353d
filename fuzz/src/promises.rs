//! What every parser promises beside not to panic.

use std::cell::RefCell;
use std::ops::Range;

use analysis::Timeline;
use capture::Skipped;
use capture::kind::Kind;
use capture::netstat::Netstat;
use capture::tcp_fold::TcpFold;
use model::diagnosis::Diagnosis;
use model::reading::TcpCounts;
use postmortem::{Asked, gather_held};
use report::TextStyle;

/// A reason is a clause for a person, whatever the row that it is about.
const REASON_BYTES_MAX: usize = 512;

/// Rows that could not be read stand within the text, and no reason is as long as its row.
pub fn kept(skipped: &[Skipped], text: &str) {
    kept_of(skipped, text.lines().count());
}

/// The same of one part of a text of so many lines: counting them for each part would be quadratic.
pub fn kept_of(skipped: &[Skipped], lines: usize) {
    for row in skipped {
        assert!((1..=lines.max(1)).contains(&row.line), "line {} of {lines}", row.line);
        assert!(!row.reason.is_empty());
        within(row.reason.len(), REASON_BYTES_MAX);
    }
}

/// `found` is no more than `most`.
pub fn within(found: usize, most: usize) {
    assert!(found <= most, "{found} where {most} are the most");
}

/// The parts of a text follow each other and are together the whole of it.
pub fn cover(parts: &[(Kind, Range<usize>)], text: &str) {
    let mut at = 0;
    for (_, range) in parts {
        assert_eq!(range.start, at);
        assert!(range.end > at && text.is_char_boundary(range.end));
        at = range.end;
    }
    assert_eq!(at, text.len());
}

thread_local! {
    /// One for all inputs: making one costs more than reading a small list.
    static FOLD: RefCell<TcpFold> = RefCell::new(TcpFold::new());
}

/// Counts with a fold.
pub fn with_fold(count: impl FnOnce(&mut TcpFold) -> TcpCounts) -> TcpCounts {
    FOLD.with_borrow_mut(count)
}

/// A list counts every TCP row once. Counting walks every port there is, which is many times the
/// reading of a small list: it is done for some lists only, told by their length.
pub fn counted(list: &Netstat<'_>) {
    list.sockets();
    if list.rows.len() % 8 != 1 {
        return;
    }
    let counts = with_fold(|fold| list.counts(fold));
    let rows = list.rows.iter().filter(|row| row.state.is_some() && row.local.port.is_some());
    assert_eq!(counts.by_state.values().sum::<u64>(), rows.count() as u64);
}

/// The whole way of `churnlab diagnose`, from bytes to the report.
pub fn diagnosed(bytes: &[u8]) {
    let gathered = gather_held(vec![("held".into(), bytes.to_vec())], &Asked::default());
    let mut timeline = Timeline::new(&gathered.run);
    gathered.rows.iter().for_each(|row| timeline.push(row));
    let findings = timeline.findings();
    let readings = postmortem::readings(&gathered, &findings);
    let found = Diagnosis {
        counted_from: gathered.counted_from().map(str::to_owned),
        inputs: gathered.inputs,
        httperr: gathered.httperr,
        pool: gathered.pool,
        tcp: gathered.tcp,
        counters: gathered.counters,
        baseline: gathered.baseline,
        churnlab: String::new(),
        redacted: false,
        readings,
        findings,
    };
    assert!(!report::diagnosis(&found, &TextStyle { color: false, width: 100 }).is_empty());
}
