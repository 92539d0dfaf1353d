//! The reader: whatever was cut, damaged or lost, every other row comes back.

#![allow(clippy::unwrap_used)]

mod kit;

use std::fs;
use std::path::Path;

use kit::{Folder, begun, event, exemplar, interval, latency, sample};
use model::row::Row;
use record::{Record, Skipped};

/// A small record on disk, with its rows in the order in which they are read back.
fn small(folder: &Folder) -> (std::path::PathBuf, Vec<Row>) {
    let (dir, mut journal) = begun(folder);
    let written = [
        sample(-0.5, "target"),
        interval(0.0),
        latency(0.0),
        sample(0.25, "generator"),
        interval(1.0),
        exemplar(1.1),
        // A log row is seen late: it is older than the event before it.
        event(0.5),
        latency(1.0),
    ];
    for row in &written {
        journal.append(row).unwrap();
    }
    let read_back = [0, 1, 2, 3, 4, 7, 5, 6].map(|nth: usize| written[nth].clone());
    (dir.path().to_owned(), read_back.to_vec())
}

fn read(dir: &Path) -> (Vec<Row>, Skipped) {
    let mut rows = Record::open(dir).unwrap().rows().unwrap();
    let all = rows.by_ref().collect();
    (all, rows.skipped())
}

#[test]
fn rows_come_back_exactly_and_merged_by_run_time() {
    let folder = Folder::new();
    let (dir, rows) = small(&folder);
    assert_eq!(read(&dir), (rows, Skipped::default()));
    let record = Record::open(&dir).unwrap();
    assert_eq!(record.info(), &kit::run_info());
}

/// The file that a row stands in.
fn file_of(row: &Row) -> &'static str {
    match row {
        Row::Interval(_) => "intervals.ndjson",
        Row::Sample(_) => "samples.ndjson",
        Row::Event(_) => "events.ndjson",
        Row::Latency(_) => "latency.hlog",
    }
}

#[test]
fn a_file_cut_at_any_byte_loses_the_row_under_way_and_no_other() {
    let folder = Folder::new();
    let (dir, rows) = small(&folder);
    for name in ["intervals.ndjson", "samples.ndjson", "events.ndjson", "latency.hlog"] {
        let whole = fs::read(dir.join(name)).unwrap();
        for length in 0..whole.len() {
            fs::write(dir.join(name), &whole[..length]).unwrap();
            let (got, skipped) = read(&dir);

            let lines: Vec<&[u8]> = whole[..length].split(|&b| b == b'\n').collect();
            let (tail, ended) = lines.split_last().unwrap();
            // A JSON row shows by itself that it is whole, a histogram only by its line end.
            let spared = whole[length] == b'\n' && name.ends_with("ndjson") && is_row(tail);
            let lost = is_row(tail) && !spared;
            let expected_here = ended.iter().filter(|l| is_row(l)).count() + usize::from(spared);

            let here = |row: &&Row| file_of(row) == name;
            assert_eq!(got.iter().filter(here).count(), expected_here, "{name} cut at {length}");
            let elsewhere = rows.iter().filter(|row| !here(row)).count();
            assert_eq!(got.len() - expected_here, elsewhere, "{name} cut at {length}");
            assert!(got.iter().all(|row| rows.contains(row)), "{name} cut at {length}: invented");
            assert_eq!(skipped.count, u64::from(lost), "{name} cut at {length}: {skipped:?}");
        }
        fs::write(dir.join(name), whole).unwrap();
    }
}

fn is_row(line: &[u8]) -> bool {
    !line.is_empty() && !line.starts_with(b"#") && !line.starts_with(b"\"")
}

#[test]
fn a_bad_row_is_named_with_its_line_and_reason() {
    let good = serde_json::to_string(&match interval(3.0) {
        Row::Interval(interval) => interval,
        _ => unreachable!(),
    })
    .unwrap();
    for (bad, reason) in [
        ("{", "EOF while parsing an object at column 1"),
        ("{}", "missing field `t_s` at column 2"),
        ("nonsense", "expected ident at column 2"),
        ("\u{0}\u{0}\u{0}", "expected value at column 1"),
    ] {
        let folder = Folder::new();
        let (dir, _) = begun(&folder);
        let text = format!("{good}\n\n{bad}\n{good}\n");
        fs::write(dir.path().join("intervals.ndjson"), text).unwrap();
        let (rows, skipped) = read(dir.path());
        assert_eq!(rows, [interval(3.0), interval(3.0)], "{bad:?} loses no other row");
        assert_eq!(skipped.count, 1);
        assert_eq!(skipped.named[0].to_string(), format!("intervals.ndjson, line 3: {reason}"));
    }
}

#[test]
fn bad_latency_lines_are_told_apart() {
    let folder = Folder::new();
    let (dir, _) = begun(&folder);
    let text = "#[a comment]\n1.0,2.0\nconnect,1.0,1.0,1.0,QUJD\nTag=total,x,1.0,1.0,QUJD\n\
                Tag=total,1.0,1.0,1.0,{}\nTag=total,1.0,1.0,1.0,QUJD\nTag=total,2.0,1.0,1.0,QUJ";
    fs::write(dir.path().join("latency.hlog"), text).unwrap();
    let (rows, skipped) = read(dir.path());
    assert_eq!(rows.len(), 1);
    assert_eq!(
        skipped.named.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "latency.hlog, line 2: it has 2 fields where 5 belong",
            "latency.hlog, line 3: its first field is not Tag=NAME",
            "latency.hlog, line 4: \"x\" is not a number",
            "latency.hlog, line 5: its histogram is not base64",
            "latency.hlog, line 7: the line is cut off: its writer was stopped while it wrote it",
        ]
    );
}

#[test]
fn thousands_of_bad_rows_are_counted_and_the_first_twenty_named() {
    let folder = Folder::new();
    let (dir, _) = begun(&folder);
    fs::write(dir.path().join("events.ndjson"), "?\n".repeat(5000)).unwrap();
    fs::write(dir.path().join("samples.ndjson"), "?\n").unwrap();
    let mut rows = Record::open(dir.path()).unwrap().rows().unwrap();
    assert_eq!(rows.by_ref().count(), 0);
    let skipped = rows.skipped();
    assert_eq!((skipped.count, skipped.named.len()), (5001, 21));
    assert_eq!(
        rows.troubles(),
        [
            "1 row of samples.ndjson could not be read (line 1): expected value at column 1",
            "5,000 rows of events.ndjson could not be read, the first at line 1: expected value at column 1",
        ]
    );
}

#[test]
fn a_line_without_end_is_skipped_without_being_kept() {
    let folder = Folder::new();
    let (dir, mut journal) = begun(&folder);
    let path = dir.path().join("intervals.ndjson");
    fs::write(&path, format!("{}\n", "x".repeat((17 << 20) + 3))).unwrap();
    journal.append(&interval(1.0)).unwrap();
    let (rows, skipped) = read(dir.path());
    assert_eq!(rows, [interval(1.0)]);
    let only = skipped.named[0].to_string();
    assert_eq!(only, "intervals.ndjson, line 1: it is longer than 16 MiB");
}

#[test]
fn missing_files_are_named_and_the_rest_is_read() {
    let folder = Folder::new();
    let (dir, rows) = small(&folder);
    fs::remove_file(dir.join("samples.ndjson")).unwrap();
    fs::remove_file(dir.join("latency.hlog")).unwrap();
    assert_eq!(
        Record::open(&dir).unwrap().rows().unwrap().troubles(),
        ["samples.ndjson is missing from the record", "latency.hlog is missing from the record"]
    );
    let left: Vec<Row> =
        rows.into_iter().filter(|row| matches!(row, Row::Interval(_) | Row::Event(_))).collect();
    assert_eq!(read(&dir).0, left);
}

#[test]
fn without_a_sound_run_json_there_is_no_record() {
    for (content, sentence) in [
        (None, "holds no run.json, so it is not a run directory"),
        (Some(""), "cannot be understood: EOF while parsing"),
        (Some("{\"format\": 1}"), "cannot be understood: missing field `churnlab`"),
        (Some("{\"format\": 2}"), "is of format 2 and this churnlab reads format 1"),
    ] {
        let folder = Folder::new();
        if let Some(content) = content {
            fs::write(folder.path().join("run.json"), content).unwrap();
        }
        let error = Record::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains(sentence), "{content:?}: {error}");
    }
}
