//! Single files of a record: told by content, read from any stream.

#![allow(clippy::unwrap_used)]

mod kit;

use std::fs;
use std::io::BufReader;

use kit::{Folder, begun, event, interval, latency, sample};
use model::row::Row;
use record::{Part, PartRows, part};

#[test]
fn every_file_of_a_record_is_told_by_its_content() {
    let folder = Folder::new();
    let (dir, mut journal) = begun(&folder);
    for row in [interval(0.0), sample(0.25, "target"), event(0.5), latency(1.0)] {
        journal.append(&row).unwrap();
    }
    for part in [Part::RunInfo, Part::Intervals, Part::Samples, Part::Events, Part::Latency] {
        let head = fs::read(dir.path().join(part.file())).unwrap();
        assert_eq!(Part::of(&head), Some(part), "{}", part.file());
    }
    for (text, part, why) in [
        ("{\"row\":\"sample\",\"t_s\":0.0}", Some(Part::Observed), "observe's own form"),
        ("{\"hello\":{\"vantage\":\"local\"}}\n", Some(Part::Observed), "with its clock first"),
        (
            "{\n \"format\": 1,\n \"run\": {},\n \"valid\": true,\n \"not_valid_because\": []",
            Some(Part::Findings),
            "an earlier verdict",
        ),
        ("# story\n\n**All well.**\n\npredicted (lab): story", Some(Part::Report), "for a ticket"),
        ("# notes\n\nof mine", None, "another text with a heading"),
        ("{\"format\": 1}", None, "JSON of something else"),
        ("{\"t_s\":0.0,\"x\":1}", None, "rows of something else"),
        ("", None, "nothing"),
    ] {
        assert_eq!(Part::of(text.as_bytes()), part, "{why}");
    }
}

#[test]
fn rows_of_a_stream_are_those_of_the_file_and_bad_ones_are_counted() {
    let rows = [sample(-0.5, "target"), sample(0.25, "generator")];
    let lines: Vec<String> = rows
        .iter()
        .map(|row| match row {
            Row::Sample(sample) => serde_json::to_string(sample).unwrap(),
            other => panic!("{other:?}"),
        })
        .collect();
    let text = format!("{}\nno row\n{}", lines[0], lines[1]);
    let mut read = PartRows::new(Part::Samples, BufReader::with_capacity(7, text.as_bytes()));
    assert_eq!(read.by_ref().collect::<Vec<_>>(), rows, "also the last, which has no line end");
    assert_eq!(read.skipped().count, 1);
    assert_eq!(read.skipped().named[0].line, 2);
    let tagged = format!("{{\"hello\":{{}}}}\n{}\n", serde_json::to_string(&rows[0]).unwrap());
    let read = PartRows::new(Part::Observed, tagged.as_bytes());
    assert_eq!(read.collect::<Vec<_>>(), rows[..1], "the greeting is no row");
}

#[test]
fn what_was_asked_is_read_from_bytes() {
    let json = serde_json::to_vec(&kit::run_info()).unwrap();
    assert_eq!(part::run_info(&json).unwrap(), kit::run_info());
    let later = serde_json::json!({"format": 2});
    let why = part::run_info(later.to_string().as_bytes()).unwrap_err();
    assert_eq!(why, "is of format 2, and only 1 is known");
    assert!(part::run_info(b"{\"format\": 1").unwrap_err().starts_with("cannot be understood"));
}
