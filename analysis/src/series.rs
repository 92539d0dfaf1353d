//! Provides the curves of a run: at most 2,000 points each, peaks and gaps kept.

use model::told::Series;

use crate::attribution::client_ports;
use crate::facts::Facts;
use crate::store::{GENERATOR, Reading, TARGET, Tick};

/// A curve has at most so many points.
const MOST_POINTS: usize = 2_000;

/// A stretch of readings gives its lowest, its highest and, where one is missing, a gap.
const POINTS_PER_STRETCH: usize = 3;

/// Readings further apart than so many sample periods have a gap between them.
const HOLE: f64 = 3.0;

type Point = (f64, Option<f64>);

/// Every curve that has a reading.
pub(crate) fn series(facts: &Facts<'_>) -> Vec<Series> {
    let mut all = load(facts);
    for (vantage, readings) in &facts.store.readings {
        let time_wait = |r: &Reading| r.tcp.map(|t| t.time_wait as f64);
        all.extend(of(facts, readings, time_wait, "TIME_WAIT", vantage, "entries"));
    }
    let target = facts.store.of(TARGET);
    let ceiling = facts.pool.limit.map(|l| l.value as f64);
    let used = |r: &Reading| r.nonpaged_used_bytes.map(|b| b as f64);
    let free = |r: &Reading| Some(ceiling? - used(r)?);
    all.extend(of(facts, target, free, "nonpaged-pool headroom", TARGET, "bytes"));
    all.extend(of(facts, target, used, "nonpaged-pool used", TARGET, "bytes"));
    let generator = facts.store.of(GENERATOR);
    let allocation = facts.run.generator.port_allocation;
    let ports = |r: &Reading| r.ports.map(|p| client_ports::used(p, allocation) as f64);
    all.extend(of(facts, generator, ports, "ports in use", GENERATOR, "ports"));
    let open = |r: &Reading| r.descriptors.map(|d| d.used as f64);
    all.extend(of(facts, generator, open, "descriptors", GENERATOR, "descriptors"));
    all
}

fn load(facts: &Facts<'_>) -> Vec<Series> {
    let ticks = &facts.store.ticks.all;
    if ticks.is_empty() {
        return Vec::new();
    }
    let of_points = |name: &str, unit: &str, points: Vec<Point>| Series {
        name: name.to_owned(),
        vantage: GENERATOR.into(),
        unit: unit.to_owned(),
        points: thinned(points),
    };
    let curve = |name: &str, unit: &str, value: &dyn Fn(&Tick) -> f64| {
        of_points(name, unit, ticks.iter().map(|t| (t.t_s, Some(value(t)))).collect())
    };
    vec![
        of_points("served", "attempts/s", ticks.iter().flat_map(served).collect()),
        curve("failed", "attempts/s", &|t| t.failed_per_s),
        curve("not sent", "attempts/s", &|t| t.not_sent_per_s),
        curve("in flight", "attempts", &|t| t.in_flight as f64),
        curve("lateness p99", "ms", &|t| t.lateness_p99_us as f64 / 1e3),
        curve("connect() median", "ms", &|t| t.connect_call_p50_us as f64 / 1e3),
    ]
}

/// Ticks that were joined show the least and the most of them.
fn served(tick: &Tick) -> Vec<Point> {
    let (least, most) = tick.served_per_s;
    let mut points = vec![(tick.t_s, Some(most))];
    if least < most {
        points.push((tick.t_s + tick.seconds / 2.0, Some(least)));
    }
    points
}

/// One reading over time; `None` where it was never read.
fn of(
    facts: &Facts<'_>,
    readings: &[Reading],
    value: impl Fn(&Reading) -> Option<f64>,
    name: &str,
    vantage: &str,
    unit: &str,
) -> Option<Series> {
    // Thinned readings lie further apart than they were taken.
    let grain_s = facts.store.grain_s.get(vantage).copied().unwrap_or(0.0);
    let hole_s = HOLE * facts.run.sample_every_s.max(grain_s);
    let mut points: Vec<Point> = Vec::with_capacity(readings.len());
    for reading in readings {
        if let Some((last_s, Some(_))) = points.last()
            && reading.t_s - last_s > hole_s
        {
            points.push((f64::midpoint(*last_s, reading.t_s), None));
        }
        points.push((reading.t_s, value(reading)));
    }
    points.iter().any(|p| p.1.is_some()).then(|| Series {
        name: name.to_owned(),
        vantage: vantage.to_owned(),
        unit: unit.to_owned(),
        points: thinned(points),
    })
}

/// At most [`MOST_POINTS`]: of each stretch its lowest and highest point and one gap.
fn thinned(points: Vec<Point>) -> Vec<Point> {
    if points.len() <= MOST_POINTS {
        return points;
    }
    let stretch = points.len().div_ceil(MOST_POINTS / POINTS_PER_STRETCH);
    points.chunks(stretch).flat_map(kept).collect()
}

fn kept(stretch: &[Point]) -> Vec<Point> {
    let known = || stretch.iter().enumerate().filter_map(|(i, p)| Some((i, p.1?)));
    let low = known().min_by(|a, b| a.1.total_cmp(&b.1)).map(|k| k.0);
    let high = known().max_by(|a, b| a.1.total_cmp(&b.1)).map(|k| k.0);
    let gap = stretch.iter().position(|p| p.1.is_none());
    let mut chosen: Vec<usize> = [low, high, gap].into_iter().flatten().collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen.into_iter().map(|i| stretch[i]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_keeps_its_peaks_and_its_gaps() {
        let mut points: Vec<Point> =
            (0..100_000).map(|i| (f64::from(i), Some(f64::from(i % 7)))).collect();
        points[54_321].1 = Some(1e6);
        points[12_345].1 = Some(-1e6);
        points[77_777].1 = None;
        let thin = thinned(points);
        assert!(thin.len() <= MOST_POINTS, "{}", thin.len());
        for (point, why) in [
            ((54_321.0, Some(1e6)), "the highest"),
            ((12_345.0, Some(-1e6)), "the lowest"),
            ((77_777.0, None), "the gap"),
        ] {
            assert!(thin.contains(&point), "{why} is kept");
        }
        assert!(thin.is_sorted_by(|a, b| a.0 <= b.0), "in order of time");
    }
}
