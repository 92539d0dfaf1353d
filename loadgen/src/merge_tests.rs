//! Rows from ticks: what several threads did is one row, and nothing is counted twice.

use super::*;
use crate::fault::{Fault, Why};
use crate::meter::Meter;
use crate::step::Times;
use base64::Engine as _;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use model::attempt::Phase;

const TICK_US: u64 = 250_000;

fn merger(threads: usize) -> Merger {
    let destination = SocketAddr::from(([127, 0, 0, 1], 80));
    Merger::new(threads, TICK_US, destination, Spreads::new().unwrap())
}

fn times(at_us: u64, took_us: u64) -> Times {
    Times {
        intended_us: at_us,
        started_us: at_us,
        connected_us: Some(at_us + took_us),
        first_byte_us: Some(at_us + took_us),
        ended_us: at_us + took_us,
    }
}

fn refused() -> Fault {
    Fault::failed(Phase::Connect, Why::Os(111))
}

fn intervals(rows: &[Row]) -> Vec<&Interval> {
    rows.iter().filter_map(|r| if let Row::Interval(i) = r { Some(i) } else { None }).collect()
}

#[test]
fn two_threads_make_one_row() {
    let mut meters = [0.0, 0.0].map(|cpu_s| Meter::new(TICK_US, cpu_s).unwrap());
    for (thread, meter) in meters.iter_mut().enumerate() {
        meter.offered(10);
        meter.begun();
        meter.fault(refused(), None, &times(100 + thread as u64, 50));
        meter.offered(10);
        meter.begun();
        meter.served(&times(200, 70), thread == 0);
    }
    let mut merger = merger(2);
    let mut rows = Vec::new();
    let [first, second] = &mut meters;
    merger.push(0, first.roll(TICK_US, 3, 0.5).unwrap(), &mut rows);
    assert!(rows.is_empty(), "the other thread's tick is missing");
    merger.push(1, second.roll(TICK_US, 4, 0.25).unwrap(), &mut rows);
    let row = intervals(&rows)[0];
    assert_eq!((row.t_s, row.seconds, row.cpu_s), (0.0, 0.25, 0.75));
    assert_eq!((row.offered, row.begun, row.served, row.failed, row.in_flight), (4, 4, 2, 2, 7));
    assert_eq!((row.closers.target, row.closers.generator), (1, 1));
    assert_eq!((row.total_us.p50, row.total_us.max, row.lateness_us.p99), (70, 70, 10));
    assert_eq!(row.failures.len(), 1, "the same kind on both threads");
    let failure = &row.failures[0];
    assert_eq!((failure.count, failure.first_s, failure.last_s), (2, 0.00015, 0.000151));
    assert_eq!((failure.source.as_str(), failure.destination.as_str()), ("any", "127.0.0.1:80"));
    let exemplars = rows.iter().filter(|row| matches!(row, Row::Event(_))).count();
    assert_eq!(exemplars, 2);
}

#[test]
fn histograms_come_once_a_second_and_hold_what_the_rows_hold() {
    let mut meter = Meter::new(TICK_US, 0.0).unwrap();
    let mut merger = merger(1);
    let mut rows = Vec::new();
    for tick in 1..=6 {
        if tick != 6 {
            meter.served(&times(0, tick * 1000), true);
        }
        merger.push(0, meter.roll(tick * TICK_US, 0, 0.0).unwrap(), &mut rows);
    }
    merger.finish(&mut rows);
    let totals: Vec<&Latency> = rows
        .iter()
        .filter_map(|row| match row {
            Row::Latency(latency) if latency.tag == "total" => Some(latency),
            _ => None,
        })
        .collect();
    let spans: Vec<_> = totals.iter().map(|l| (l.t_s, l.seconds, l.max_ms)).collect();
    assert_eq!(spans.len(), 2, "{spans:?}");
    assert_eq!((spans[0].0, spans[0].1), (0.0, 1.0));
    assert!((spans[0].2 - 4.0).abs() < 0.01, "the largest of its second: {spans:?}");
    assert_eq!((spans[1].0, spans[1].1), (1.0, 0.5), "the rest at the end");
    let bytes = base64::engine::general_purpose::STANDARD.decode(&totals[0].v2_base64).unwrap();
    let histogram: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap();
    assert_eq!((histogram.len(), histogram.value_at_quantile(0.5)), (4, 2000));
}

#[test]
fn a_thread_that_ends_earlier_keeps_its_unfinished_attempts() {
    let mut meters = [0, 1].map(|_| Meter::new(TICK_US, 0.0).unwrap());
    let mut merger = merger(2);
    let mut rows = Vec::new();
    let [short, long] = &mut meters;
    merger.push(0, short.finish(TICK_US / 2, 2, 0.0), &mut rows);
    merger.push(1, long.roll(TICK_US, 5, 0.0).unwrap(), &mut rows);
    merger.push(1, long.finish(TICK_US + 1000, 1, 0.0), &mut rows);
    merger.finish(&mut rows);
    let in_flight: Vec<_> = intervals(&rows).iter().map(|row| row.in_flight).collect();
    assert_eq!(in_flight, [7, 3]);
    assert_eq!(intervals(&rows)[1].seconds, 0.001);
    assert_eq!(merger.totals().unfinished, 3);
}
