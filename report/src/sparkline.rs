//! Provides curves as one line of block characters each, on one time axis. A gap is a space. The lowest
//! block is zero (of a headroom: its lowest), and whatever is more than that is seen to be more.

use model::told::Series;

use crate::words::{level, plain};

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A point stands for the time until the next one, yet never for longer than this many usual
/// distances: beyond that nobody knows.
const HOLD: f64 = 2.5;

/// A headroom that moves by less than this share of itself is drawn as what it is: flat.
const FLAT: f64 = 0.05;

/// More series than this are thinned out to those that tell the story of a run.
const MANY: usize = 6;

/// A curve, drawn.
pub(crate) struct Curve {
    /// What it shows, and whose it is where that is not plain.
    pub(crate) label: String,
    /// One character per column of the axis.
    pub(crate) line: String,
    /// Its most telling value: the lowest of a headroom, the highest of anything else.
    pub(crate) extreme: String,
}

/// The curves and the run time that their columns span.
pub(crate) struct Chart {
    pub(crate) from_s: f64,
    pub(crate) to_s: f64,
    pub(crate) curves: Vec<Curve>,
}

/// The series worth a line each: all where there are few, else load, TIME_WAIT and headroom. One that
/// was read and never rose above zero is worth a line only where that is the news: served and failed.
pub(crate) fn chosen(series: &[Series]) -> Vec<&Series> {
    let telling = |name: &str| {
        let name = name.to_lowercase().replace(['_', '-'], " ");
        ["served", "failed", "not sent", "time wait", "headroom"].iter().any(|w| name.contains(w))
    };
    let news = |s: &Series| !never_rose(s) || ["served", "failed"].contains(&s.name.as_str());
    let worth = |s: &&Series| news(s) && (series.len() <= MANY || telling(&s.name));
    series.iter().filter(worth).collect()
}

fn never_rose(series: &Series) -> bool {
    let mut known = series.points.iter().filter_map(|p| p.1).peekable();
    known.peek().is_some() && known.all(|value| value == 0.0)
}

/// Draws the series over `columns` columns; `None` where no series has a point.
pub(crate) fn chart(series: &[&Series], columns: usize) -> Option<Chart> {
    let times = || series.iter().flat_map(|s| &s.points).map(|p| p.0).filter(|t| t.is_finite());
    let from_s = times().reduce(f64::min)?;
    let to_s = times().reduce(f64::max)?;
    let curves = series.iter().map(|s| curve(s, from_s, to_s, columns.max(1))).collect();
    Some(Chart { from_s, to_s, curves })
}

fn curve(series: &Series, from_s: f64, to_s: f64, columns: usize) -> Curve {
    let lowest = is_headroom(series);
    let points: Vec<_> = series.points.iter().copied().filter(|p| p.0.is_finite()).collect();
    let values = buckets(&points, from_s, to_s, columns, lowest);
    let known = || points.iter().filter_map(|p| p.1).filter(|v| v.is_finite());
    let low = known().reduce(f64::min).unwrap_or(0.0);
    let high = known().reduce(f64::max).unwrap_or(0.0);
    // What a headroom does far above zero would not be seen from zero.
    let floor = if lowest && high - low > FLAT * high { low } else { low.min(0.0) };
    let span = high - floor;
    let show = |value| level(value, &series.unit);
    let extreme = match known().next() {
        None => "no reading".into(),
        Some(_) if lowest => format!("low {}", show(low)),
        Some(_) => format!("peak {}", show(high)),
    };
    let line = values.into_iter().map(|value| value.map_or(' ', |v| block(v - floor, span)));
    Curve { label: label(series), line: line.collect(), extreme }
}

/// What the load shows is the generator's in any case.
fn label(series: &Series) -> String {
    let of_load = ["offered", "begun", "served", "failed", "not sent", "not-sent"];
    match of_load.contains(&series.name.as_str()) {
        true => plain(&series.name),
        false => plain(&format!("{} ({})", series.name, series.vantage)),
    }
}

/// Of these the lowest value is the news.
fn is_headroom(series: &Series) -> bool {
    series.name.contains("headroom") || series.name.contains("free")
}

fn block(height: f64, span: f64) -> char {
    if height <= 0.0 || span <= 0.0 {
        return BLOCKS[0];
    }
    let step = (height / span * 7.0).ceil() as usize;
    BLOCKS[step.clamp(1, 7)]
}

/// The value of each column: the extreme of the points within it, else the point that still stands.
fn buckets(
    points: &[(f64, Option<f64>)],
    from: f64,
    to: f64,
    columns: usize,
    lowest: bool,
) -> Vec<Option<f64>> {
    let hold_s = HOLD * usual_distance(points);
    let width_s = (to - from) / columns as f64;
    let pick = |a: f64, b: f64| if lowest { a.min(b) } else { a.max(b) };
    let mut next = 0;
    let mut values = Vec::with_capacity(columns);
    for column in 0..columns {
        let end = if column + 1 == columns {
            f64::INFINITY
        } else {
            from + width_s * (column + 1) as f64
        };
        let first = next;
        while next < points.len() && points[next].0 < end {
            next += 1;
        }
        let inside = points[first..next].iter().filter_map(|p| p.1).filter(|v| v.is_finite());
        let standing = || {
            let (t, value) = next.checked_sub(1).map(|at| points[at])?;
            let start = from + width_s * column as f64;
            value.filter(|v| first == next && v.is_finite() && start - t < hold_s)
        };
        values.push(inside.reduce(pick).or_else(standing));
    }
    values
}

/// The median distance between points, seconds.
fn usual_distance(points: &[(f64, Option<f64>)]) -> f64 {
    let mut distances: Vec<f64> = points.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    distances.sort_by(f64::total_cmp);
    distances.get(distances.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(name: &str, points: &[(f64, Option<f64>)], columns: usize) -> String {
        let points = points.to_vec();
        let series = Series { name: name.into(), vantage: "v".into(), unit: "x".into(), points };
        chart(&[&series], columns).map_or("nothing".into(), |mut c| c.curves.remove(0).line)
    }

    fn every_second(values: &[f64]) -> Vec<(f64, Option<f64>)> {
        values.iter().enumerate().map(|(t, value)| (t as f64, Some(*value))).collect()
    }

    #[test]
    fn curves_tell_what_was_read_and_what_was_not() {
        let one_in_many = every_second(&[0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        let mut gap = every_second(&[5.0; 8]);
        gap[3].1 = None;
        gap[4].1 = None;
        let mut silent = every_second(&[5.0; 12]);
        silent.drain(4..9);
        for (points, columns, line, why) in [
            (every_second(&[0.0, 1.0, 4.0, 7.0]), 4, "▁▂▅█", "levels"),
            (every_second(&[0.0, 0.0]), 2, "▁▁", "zero is a reading"),
            (every_second(&[1.0, 1000.0]), 2, "▂█", "a little is more than nothing"),
            (one_in_many, 3, "▁█▁", "a single peak is kept"),
            (gap, 8, "███  ███", "a reading that is missing is a space"),
            (silent, 12, "██████   ███", "a witness that fell silent is believed for a while only"),
            (every_second(&[1.0, 7.0]), 6, "▂▂▂▂▂█", "a point stands until the next"),
            (every_second(&[3.0]), 3, "  █", "one point is one column"),
            (vec![(0.0, None), (1.0, None)], 4, "    ", "nothing but gaps"),
            (Vec::new(), 4, "nothing", "no point at all"),
            (every_second(&[-7.0, 0.0]), 2, "▁█", "negative values have their own floor"),
        ] {
            assert_eq!(drawn("served", &points, columns), line, "{why}");
        }
    }

    #[test]
    fn a_headroom_is_drawn_between_its_ends() {
        let falling = every_second(&[27.0, 26.0, 25.0, 24.0, 23.0, 22.0, 21.0, 20.0]);
        assert_eq!(drawn("headroom", &falling, 8), "█▇▆▅▄▃▂▁");
        let dip = every_second(&[27.0, 27.0, 20.0, 27.0]);
        assert_eq!(drawn("headroom", &dip, 2), "█▁", "of a column the lowest is kept");
        let steady = every_second(&[100.0, 99.9, 100.0]);
        assert_eq!(drawn("headroom", &steady, 3), "███", "a small wobble is none");
    }

    #[test]
    fn of_many_series_the_telling_ones_are_chosen() {
        let named = |name: &str| Series {
            name: name.into(),
            vantage: "v".into(),
            unit: "x".into(),
            points: Vec::new(),
        };
        let all: Vec<_> = ["served", "TIME_WAIT", "connect p99", "cpu", "a", "b"].map(named).into();
        assert_eq!(chosen(&all).len(), 6, "few enough");
        let more: Vec<_> = all.into_iter().chain([named("nonpaged-pool headroom")]).collect();
        let names: Vec<_> = chosen(&more).iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["served", "TIME_WAIT", "nonpaged-pool headroom"]);
    }
}
