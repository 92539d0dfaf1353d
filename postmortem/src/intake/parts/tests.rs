//! A log that is read in parts, whatever they are, adds up to what it does as a whole.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;

use super::*;
use crate::intake::skips::Skips;
use crate::tally::Tally;

/// A file that is gone with its test.
struct Log(PathBuf);

impl Log {
    fn new(bytes: &[u8]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("parts-{}-{n}.log", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }

    fn in_parts(&self, plan: Plan) -> (Tally, Skips) {
        let (log, failed) = read(&self.0, "UTF-8", plan).unwrap();
        assert!(failed.is_none(), "{failed:?}");
        log.end()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// From the first line to the last, in one piece.
fn as_a_whole(bytes: &[u8]) -> (Tally, Skips) {
    let mut log = ErrorLog::below(&Parser::new());
    log.lines(&String::from_utf8_lossy(bytes));
    log.end()
}

/// Lines as a log may hold them: headers of every era and broken ones, rows of every era, rows that
/// were wrapped or cut, prose, bytes that are no text.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let stamp = (0..3_u32, 0..60_u32).prop_map(|(d, s)| format!("2012-02-0{} 09:00:{s:02}", d + 1));
    let header = prop::sample::select(vec![
        "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason",
        "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename",
        "# Fields: date time s-reason c-ip c-port s-ip s-port sc-status a b c s-queuename d",
        "#Fields: date time c-ip",
        "#Software: Microsoft HTTP API 2.0",
    ]);
    let reason = "(Verb|Hostname|[1-9]_Connections_Refused|Timer_ConnectionIdle|[a-c])";
    let rest = "10.0.0.9 [0-9]{4} 10.0.0.1 (80|443) - (GET|-) (/[a-z]{0,9}|-) (503|-) [12]";
    let row = (stamp, rest, reason, "( -| [PQ])?")
        .prop_map(|(stamp, rest, reason, queue)| format!("{stamp} {rest} {reason}{queue}"));
    let wrapped = (row.clone(), prop::collection::vec(any::<prop::sample::Index>(), 0..9))
        .prop_map(|(row, at)| at.iter().fold(row, wrap));
    prop_oneof![
        1 => header.prop_map(|header| header.as_bytes().to_vec()),
        8 => row.prop_map(String::into_bytes),
        3 => wrapped.prop_map(String::into_bytes),
        1 => "(2012-|it is down again|-|)".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..30),
    ]
}

/// Breaks a row at one of its spaces.
fn wrap(mut row: String, at: &prop::sample::Index) -> String {
    let spaces: Vec<usize> = row.match_indices(' ').map(|(at, _)| at).collect();
    if !spaces.is_empty() {
        let at = spaces[at.index(spaces.len())];
        row.replace_range(at..=at, "\n");
    }
    row
}

proptest! {
    #[test]
    fn parts_add_up_to_the_whole(
        lines in prop::collection::vec(line(), 0..80),
        ended in any::<bool>(),
        crlf in any::<bool>(),
        (threads, parts, block_bytes) in (1..4_usize, 1..12_usize, 1..400_usize),
    ) {
        let end: &[u8] = if crlf { b"\r\n" } else { b"\n" };
        let mut bytes = lines.join(end);
        if ended {
            bytes.extend(end);
        }
        let plan = Plan { threads, parts, part_bytes_min: 1, block_bytes };
        prop_assert_eq!(Log::new(&bytes).in_parts(plan), as_a_whole(&bytes));
    }
}

const PLAN: Plan = Plan { threads: 2, parts: 5, part_bytes_min: 1, block_bytes: 4096 };

#[test]
fn a_header_that_changes_in_each_part_is_heard() {
    let mut text = String::new();
    for n in 0..40 {
        let (fields, row) = if n % 2 == 0 {
            ("date time s-reason c-ip", "2012-02-06 09:00:00 Verb -\n")
        } else {
            ("date time c-ip s-reason", "2012-02-06 09:00:00 - Hostname\n")
        };
        text.push_str(&format!("#Fields: {fields}\n{}", row.repeat(97 + n)));
    }
    let (tally, skips) = Log::new(text.as_bytes()).in_parts(PLAN);
    assert_eq!((tally.clone(), skips.clone()), as_a_whole(text.as_bytes()));
    assert_eq!((tally.records, skips.count), (40 * 97 + 39 * 20, 0));
    assert_eq!(tally.by_reason().len(), 2, "no row is read under the other header");
}

#[test]
fn more_names_than_find_room_are_shared_as_in_the_whole() {
    let row = |n: u32| format!("2012-02-06 09:00:00 - - - - - - - - - Reason{n} -\n");
    // Names of the first part come again in the second, behind more new ones than find room.
    let text: String = (0..1_200).chain(2_000..2_900).chain(0..300).map(row).collect();
    let (tally, _) = Log::new(text.as_bytes()).in_parts(Plan { parts: 2, ..PLAN });
    assert_eq!(tally, as_a_whole(text.as_bytes()).0);
    assert_eq!(tally.rows_of("Reason7"), 2, "a name that was known stays known");
}

#[test]
fn a_file_is_cut_where_no_row_reaches_over() {
    let row = "2012-02-06 09:00:00 - -\n- - - - - - - Verb -\n";
    let log = Log::new(row.repeat(50).as_bytes());
    let starts = starts(&mut File::open(&log.0).unwrap(), PLAN).unwrap();
    assert_eq!(starts.len(), 5);
    assert!(starts.iter().all(|start| start % row.len() as u64 == 0), "{starts:?}");
    let junk = Log::new(&b"x\n".repeat(100_000));
    let whole = super::starts(&mut File::open(&junk.0).unwrap(), PLAN).unwrap();
    assert_eq!(whole, [0], "what never begins a row is not cut");
}
