//! Provides the reading of a run's own files, and of rows that `observe` printed.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};

use model::diagnosis::{Counter, Input, SkippedRow};
use model::row::{Happening, Row};
use record::{Part, PartRows, part};

use super::{input, note, skips, unusable};
use crate::held::{Holding, Recorded, Taken, count};
use crate::join::TARGET;
use crate::open::fill;

/// Rows kept of one file. Chosen: nine hours of one sample a second from three vantages; a row is some
/// 4 KB, and `report` judges a record of any length.
const ROWS_MAX: usize = 100_000;
/// What is read of a `run.json`, bytes.
const INFO_BYTES_MAX: u64 = 16 << 20;
/// What lines are read by, bytes.
const BUFFER_BYTES: usize = 64 * 1024;

/// What a part is called in the list of inputs.
fn label(part: Part) -> &'static str {
    match part {
        Part::RunInfo => "run",
        Part::Intervals => "run-load",
        Part::Samples => "run-samples",
        Part::Events => "run-events",
        Part::Latency => "run-latency",
        Part::Findings => "run-findings",
        Part::Report => "run-report",
        Part::Observed => "observe",
    }
}

/// Reads one file of a run.
pub(super) fn take(name: &str, part: Part, mut reader: impl Read) -> Taken {
    let label = label(part);
    match part {
        Part::RunInfo => info(name, label, &mut reader),
        Part::Findings | Part::Report => {
            let why = "holds what was found before, which is no evidence: the rows are judged anew";
            unusable(name, label, why.into())
        }
        Part::Latency => {
            let why = "holds how long attempts took, from which no cause is judged";
            unusable(name, label, why.into())
        }
        Part::Intervals | Part::Samples | Part::Events | Part::Observed => {
            rows(name, part, BufReader::with_capacity(BUFFER_BYTES, reader))
        }
    }
}

fn info(name: &str, label: &str, reader: &mut dyn Read) -> Taken {
    let (bytes, failed) = fill(reader, INFO_BYTES_MAX);
    let whole = failed.map_or(Ok(bytes), |error| Err(format!("breaks off: {error}")));
    match whole.and_then(|bytes| part::run_info(&bytes)) {
        Ok(info) => {
            let recorded = Some(Recorded::Info(Box::new(info)));
            Taken {
                input: Input { records: 1, ..input(name, label) },
                holding: Holding { recorded, ..Holding::default() },
            }
        }
        Err(why) => unusable(name, label, why),
    }
}

fn rows(name: &str, part: Part, reader: impl std::io::BufRead) -> Taken {
    let mut read = PartRows::new(part, reader);
    let (mut records, mut rows, mut counters) = (0, Vec::new(), BTreeMap::new());
    for row in read.by_ref().take(ROWS_MAX) {
        records += 1;
        fold(&row, &mut counters);
        if !is_example(&row) {
            rows.push(row);
        }
    }
    let mut input = Input { records, ..input(name, label(part)) };
    let skipped = read.skipped();
    input.skipped = skipped.count;
    let first = skipped.named.iter().take(skips::TOLD);
    input.skipped_rows =
        first.map(|bad| SkippedRow { line: bad.line, reason: bad.reason.clone() }).collect();
    if records == ROWS_MAX as u64 && read.next().is_some() {
        note(
            &mut input,
            0,
            format!(
                "holds more than {ROWS_MAX} rows, and the rest was not read: `churnlab report` judges a record of any length"
            ),
        );
    }
    if records == 0 {
        input.unusable_because = Some("holds no row that can be read".into());
    }
    let recorded = Some(Recorded::Rows(part, rows));
    Taken { input, holding: Holding { recorded, counters, ..Holding::default() } }
}

/// Examples of failures are counted in the rows of load as well.
fn is_example(row: &Row) -> bool {
    matches!(row, Row::Event(event) if matches!(event.what, Happening::Exemplar { .. }))
}

/// The target's counters are told like those of a capture.
fn fold(row: &Row, counters: &mut BTreeMap<String, Counter>) {
    if let Row::Sample(sample) = row
        && sample.vantage == TARGET
    {
        for (name, value) in &sample.counters {
            count(counters, name, *value);
        }
    }
}
