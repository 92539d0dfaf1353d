//! Forecasts made from the first quarter of simulated leaks, held against the first refusal of the same run:
//! what the witness read is all that they know.

use analysis::forecast::Outlook;
use model::findings::{Forecast, ResourceName};
use model::row::Row;

use super::run_rows;

/// When a row was made, as far as it matters here.
fn made_s(row: &Row) -> f64 {
    match row {
        Row::Interval(tick) => tick.t_s + tick.seconds,
        Row::Sample(sample) => sample.t_s,
        Row::Event(event) => event.t_s,
        Row::Latency(latency) => latency.t_s,
    }
}

/// A leak like the story's, changed: when it ended in refusals, and what its first quarter told.
fn played(sets: &[String]) -> (f64, Option<Forecast>) {
    let text = scenarios::builtin("nonpaged-pool-leak").unwrap();
    let scenario = scenarios::read(text, "nonpaged-pool-leak", sets).unwrap();
    let (info, rows) = run_rows(&scenario).unwrap();
    let rows: Vec<Row> = rows.collect();
    let failures = rows.iter().filter_map(|row| match row {
        Row::Interval(tick) => tick.failures.iter().map(|f| f.first_s).reduce(f64::min),
        _ => None,
    });
    let end_s = failures.reduce(f64::min).unwrap_or_else(|| panic!("{sets:?} fills nothing"));
    let mut outlook = Outlook::new(&info);
    rows.iter().filter(|row| made_s(row) <= end_s / 4.0).for_each(|row| outlook.push(row));
    (end_s, outlook.forecast())
}

/// A day of a load that doubles at noon, in a list for `--set`.
fn day(rate: f64, hour_s: f64) -> String {
    let rates = (0..24).map(|hour| {
        let share = 1.0 - 0.4 * (f64::from(hour) / 24.0 * std::f64::consts::TAU).cos();
        format!("{:.1}", rate * share)
    });
    let rates = rates.collect::<Vec<_>>().join(",");
    format!("load.arrival={{kind=\"hourly\",per_second=[{rates}],hour=\"{hour_s}s\"}}")
}

/// Leaks of all sorts; each fills the pool within its run.
fn leaks() -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for (nth, rate) in [40.0, 150.0, 400.0].into_iter().enumerate() {
        for (baseline, bytes) in [(104, 3000.0), (100, 5000.0), (105, 1200.0)] {
            for by_the_hour in [false, true] {
                let room = (108.0 - f64::from(baseline)) * 1024.0 * 1024.0;
                let seconds = (room / (rate * bytes) * 1.3).ceil();
                // A dozen looks in the first quarter: fewer tell no trend.
                let every_ms = (seconds * 1e3 / 70.0).clamp(50.0, 500.0) as u32;
                let mut sets = vec![
                    format!("target.pool.baseline={baseline}MiB"),
                    format!("target.leak.0.bytes_per_connection={bytes}"),
                    format!("load.duration={seconds}s"),
                    format!("observe.every={every_ms}ms"),
                    format!("seed={nth}"),
                ];
                sets.push(match by_the_hour {
                    false => format!("load.arrival.per_second={rate}"),
                    // Three days, more or less, until the pool is full.
                    true => day(rate, seconds / 4.0 / 24.0),
                });
                all.push(sets);
            }
        }
    }
    all
}

#[test]
fn the_first_quarter_of_a_simulated_leak_tells_its_first_refusal() {
    let mut off = Vec::new();
    let (mut told, mut held) = (0, 0);
    let leaks = leaks();
    for sets in &leaks {
        let (end_s, forecast) = played(sets);
        let Some(f) = forecast else { continue };
        assert_eq!(f.resource, ResourceName::NonpagedPool, "{sets:?}: {f:?}");
        told += 1;
        held += u32::from(f.low_s <= end_s && end_s <= f.high_s);
        off.push((f.runs_out_at_s / end_s - 1.0).abs());
    }
    off.sort_by(f64::total_cmp);
    let median = off[off.len() / 2];
    eprintln!("{told} of {} told, {held} held, median off {median:.4}", leaks.len());
    assert!(told as usize * 10 >= leaks.len() * 9, "{told} of {} told", leaks.len());
    assert!(f64::from(held) >= 0.95 * f64::from(told), "{held} of {told} held");
    assert!(median <= 0.05, "off by {median}");
}
