//! The latency log is one that HdrHistogram's own reader takes.

#![allow(clippy::unwrap_used)]

mod kit;

use std::time::Duration;

use hdrhistogram::Histogram;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
use kit::{Folder, begun};
use model::row::{Latency, Row};

/// A histogram as the log holds it. The log writer of hdrhistogram is the only public way to its
/// base64, so the payload is taken out of a log of one row.
fn payload(histogram: &Histogram<u64>) -> String {
    let mut log = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    hdrhistogram::serialization::interval_log::IntervalLogWriterBuilder::new()
        .begin_log_with(&mut log, &mut serializer)
        .unwrap()
        .write_histogram(histogram, Duration::ZERO, Duration::ZERO, None)
        .unwrap();
    String::from_utf8(log).unwrap().trim_end().rsplit(',').next().unwrap().to_owned()
}

#[test]
fn hdrhistogram_reads_the_log_row_by_row() {
    let mut histogram = Histogram::<u64>::new(3).unwrap();
    for us in [23, 23, 51, 1042] {
        histogram.record(us).unwrap();
    }
    let mut raw = Vec::new();
    V2DeflateSerializer::new().serialize(&histogram, &mut raw).unwrap();
    let decoded: Histogram<u64> = Deserializer::new().deserialize(&mut &raw[..]).unwrap();
    assert_eq!(decoded, histogram);

    let folder = Folder::new();
    let (dir, mut journal) = begun(&folder);
    let row = |t_s, tag: &str| Latency {
        t_s,
        seconds: 0.25,
        tag: tag.into(),
        max_ms: 1.042,
        v2_base64: payload(&histogram),
    };
    for latency in [row(-0.25, "connect"), row(12.5, "first-byte")] {
        journal.append(&Row::Latency(latency)).unwrap();
    }

    let log = std::fs::read(dir.path().join("latency.hlog")).unwrap();
    assert!(log.starts_with(b"#[Histogram log format version 1.3]\n"));
    let entries: Vec<_> = IntervalLogIterator::new(&log).map(Result::unwrap).collect();
    let wall = Duration::from_millis(1_700_000_000_250);
    assert_eq!(entries[..2], [LogEntry::StartTime(wall), LogEntry::BaseTime(wall)]);
    let rows: Vec<_> = entries[2..]
        .iter()
        .map(|entry| match entry {
            LogEntry::Interval(row) => (
                row.tag().unwrap().as_str(),
                row.start_timestamp().as_millis(),
                row.duration().as_millis(),
                row.max(),
                row.encoded_histogram(),
            ),
            other => panic!("{other:?} after the head"),
        })
        .collect();
    let payload = payload(&histogram);
    assert_eq!(
        rows,
        [
            ("connect", 0, 250, 1.042, payload.as_str()),
            ("first-byte", 12_500, 250, 1.042, payload.as_str())
        ]
    );
}
