//! The journal: what it accepted is on disk at once, and nobody can hold it up.

mod kit;

use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use kit::{Folder, begun, event, exemplar, interval, latency, run_info, sample};
use model::reading::GapKind;
use model::row::Row;
use record::{Journal, Record, RecordError, RunDir};

#[test]
fn a_row_is_in_its_file_before_append_returns() {
    let folder = Folder::new();
    let (dir, mut journal) = begun(&folder);
    let rows = [interval(0.0), sample(0.1, "target"), event(0.2), exemplar(0.3), latency(0.4)];
    for (nth, row) in rows.iter().enumerate() {
        journal.append(row).unwrap();
        // Read while the journal is open and never flushed: what kill -9 would leave.
        let read: Vec<Row> = Record::open(dir.path()).unwrap().rows().unwrap().collect();
        assert_eq!(read, rows[..=nth]);
    }
}

#[test]
fn each_file_holds_plain_rows_of_its_kind() {
    let folder = Folder::new();
    let (dir, mut journal) = begun(&folder);
    for row in [interval(0.0), sample(0.0, "target"), event(0.0)] {
        journal.append(&row).unwrap();
    }
    for (name, key) in [
        ("intervals.ndjson", "offered"),
        ("samples.ndjson", "vantage"),
        ("events.ndjson", "refused"),
    ] {
        let text = std::fs::read_to_string(dir.path().join(name)).unwrap();
        assert_eq!(
            text.matches('\n').count(),
            1,
            "{name} has one line per row, also with \\n in it"
        );
        let row: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(row.get(key).is_some() && row.get("row").is_none(), "{name}: {row}");
    }
}

#[test]
fn a_slow_subscriber_loses_its_place_and_the_others_keep_theirs() {
    let folder = Folder::new();
    let (dir, mut journal) = begun(&folder);
    let slow = journal.subscribe(2);
    let quick = journal.subscribe(100);
    drop(journal.subscribe(1));
    for t in 0..10 {
        journal.append(&interval(f64::from(t))).unwrap();
    }
    assert_eq!(journal.dropped_subscribers(), 1, "one that left by itself is not counted as slow");
    assert_eq!(slow.try_iter().count(), 2, "it still gets what waited for it");
    let ended = slow.recv_timeout(Duration::ZERO);
    assert_eq!(ended, Err(RecvTimeoutError::Disconnected), "and then its end");
    assert_eq!(quick.try_iter().count(), 10);
    assert_eq!(Record::open(dir.path()).unwrap().rows().unwrap().count(), 10);
}

#[test]
fn a_counter_that_is_no_number_becomes_a_gap_for_file_and_subscriber_alike() {
    let folder = Folder::new();
    let (dir, mut journal) = begun(&folder);
    let live = journal.subscribe(1);
    let Row::Sample(mut odd) = sample(1.0, "target") else { unreachable!() };
    odd.counters.insert("windows_memory_odd".into(), f64::NAN);
    journal.append(&Row::Sample(odd)).unwrap();

    let published = live.recv().unwrap();
    let read: Vec<Row> = Record::open(dir.path()).unwrap().rows().unwrap().collect();
    assert_eq!(read, [published.as_ref().clone()]);
    let Row::Sample(sample) = &read[0] else { unreachable!() };
    assert_eq!(sample.counters.keys().collect::<Vec<_>>(), ["TcpExt.ListenDrops"]);
    let gap = sample.gaps.last().unwrap();
    assert_eq!((gap.what.as_str(), gap.kind), ("windows_memory_odd", GapKind::Failed));
}

#[test]
fn a_latency_row_that_would_break_the_log_is_refused() {
    let folder = Folder::new();
    let (_dir, mut journal) = begun(&folder);
    let live = journal.subscribe(10);
    let Row::Latency(good) = latency(1.0) else { unreachable!() };
    for (bad, why) in [
        (model::row::Latency { tag: "a,b".into(), ..good.clone() }, "a comma in the tag"),
        (model::row::Latency { v2_base64: "SElT\nRkFB".into(), ..good.clone() }, "a line end"),
        (model::row::Latency { max_ms: f64::NAN, ..good.clone() }, "no number"),
    ] {
        let refused = journal.append(&Row::Latency(bad));
        assert!(matches!(refused, Err(RecordError::BadLatency(_))), "{why}");
    }
    assert_eq!(live.try_iter().count(), 0, "what is not written is not published");
}

#[test]
fn a_record_is_never_overwritten() {
    let folder = Folder::new();
    let (dir, journal) = begun(&folder);
    drop(journal);
    let again = Journal::create(dir.path()).unwrap_err().to_string();
    assert!(again.contains("exists already and a record is never overwritten"), "{again}");
}

#[test]
fn what_was_asked_is_on_disk_before_the_first_row() {
    let folder = Folder::new();
    let without = Journal::create(folder.path()).unwrap_err();
    assert!(matches!(without, RecordError::NotARecord { .. }), "{without}");

    let dir = RunDir::create(folder.path(), "story", "now").unwrap();
    let odd = model::run::RunInfo { started: "yesterday".into(), ..run_info() };
    dir.write_run_info(&odd).unwrap();
    let error = Journal::create(dir.path()).unwrap_err().to_string();
    assert!(error.contains("\"started\" is \"yesterday\", which is no RFC 3339 time"), "{error}");
}
