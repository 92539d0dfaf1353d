//! Provides a straight line through readings that outliers cannot tilt: Theil (1950), Sen (1968). Its
//! slope is the median of the slopes of all pairs; up to 29 % of the readings may be wild.

/// A line and how far readings lie from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    /// Growth per unit of `x`.
    pub(super) slope: f64,
    /// The line's value at the last `x`.
    pub(super) end: f64,
    /// From the first `x` to the last.
    pub(super) span: f64,
    /// Nineteen of twenty readings lie within this of the line, either way.
    pub(super) band: f64,
}

impl Line {
    /// Growth from the first `x` to the last.
    pub(super) fn growth(&self) -> f64 {
        self.slope * self.span
    }
}

/// The share of readings that [`Line::band`] holds.
const WITHIN: f64 = 0.95;

/// The line through points in order of `x`; `None` where fewer than three differ in `x`.
pub(super) fn line(points: &[(f64, f64)]) -> Option<Line> {
    let (first, last) = (points.first()?, points.last()?);
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (i, a) in points.iter().enumerate() {
        let later = points[i + 1..].iter().filter(|b| b.0 > a.0);
        slopes.extend(later.map(|b| (b.1 - a.1) / (b.0 - a.0)));
    }
    if slopes.len() < 3 {
        return None;
    }
    let slope = median(&mut slopes);
    let mut starts: Vec<f64> = points.iter().map(|p| p.1 - slope * (p.0 - first.0)).collect();
    let start = median(&mut starts);
    let mut off: Vec<f64> =
        points.iter().map(|p| (p.1 - start - slope * (p.0 - first.0)).abs()).collect();
    let nth = ((off.len() as f64 * WITHIN).ceil() as usize).clamp(1, off.len()) - 1;
    let band = *off.select_nth_unstable_by(nth, f64::total_cmp).1;
    let span = last.0 - first.0;
    Some(Line { slope, end: start + slope * span, span, band })
}

/// The median of at least one value; their order is lost.
pub(super) fn median(values: &mut [f64]) -> f64 {
    let half = values.len() / 2;
    let upper = *values.select_nth_unstable_by(half, f64::total_cmp).1;
    if values.len() % 2 == 1 {
        return upper;
    }
    let lower = values[..half].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    f64::midpoint(lower, upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_wild_readings_does_not_tilt_the_line() {
        let points: Vec<(f64, f64)> = (0..40)
            .map(|i| {
                let x = f64::from(i);
                (x, if i % 4 == 1 { 1e6 } else { 5.0 + 3.0 * x })
            })
            .collect();
        let line = line(&points).unwrap();
        assert!((line.slope - 3.0).abs() < 0.1, "{line:?}");
    }

    #[test]
    fn the_band_holds_what_lies_beside_the_line() {
        let points: Vec<(f64, f64)> = (0..41)
            .map(|i| (f64::from(i), 2.0 * f64::from(i) + [0.0, 1.0, -1.0][i as usize % 3]))
            .collect();
        let line = line(&points).unwrap();
        assert!((line.slope - 2.0).abs() < 0.02, "{line:?}");
        assert!((line.band - 1.0).abs() < 0.2, "{line:?}");
        assert!((line.end - 80.0).abs() < 0.5, "{line:?}");
        assert!((line.growth() - 80.0).abs() < 1.0, "{line:?}");
    }

    #[test]
    fn too_few_readings_make_no_line() {
        assert_eq!(line(&[]), None);
        assert_eq!(line(&[(0.0, 1.0), (1.0, 2.0)]), None);
        assert_eq!(line(&[(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)]), None, "all at one moment");
    }
}
