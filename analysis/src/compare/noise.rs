//! Provides how large a difference noise alone makes, from the spread of repeats.
//!
//! Lord's test (Lord 1947, Biometrika 34): two sets of `n` values differ when their middles are further
//! apart than `u(n)` × the sum of their ranges. Ranges need no more than two repeats and no table of a
//! normal distribution; the level is one of a hundred, since a comparison holds some twenty measures.

/// `u` for 2, 3 … 10 values a side at a level of 1 % (both sides).
const LORD: [f64; 9] = [3.958, 1.046, 0.618, 0.448, 0.357, 0.300, 0.260, 0.232, 0.210];

/// The difference that noise makes in one of a hundred comparisons; `None` with a single value on
/// either side. With more than ten values the factor of ten is kept, which claims less.
pub(super) fn noise(base: &[f64], new: &[f64]) -> Option<f64> {
    let repeats = base.len().min(new.len());
    let factor = LORD[repeats.checked_sub(2)?.min(LORD.len() - 1)];
    Some(factor * (range(base) + range(new)))
}

fn range(values: &[f64]) -> f64 {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    high - low
}

/// The mean of some values; 0 without any. Lord's table is for means.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The middle of some values; 0 without any.
pub(super) fn middle(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_repeats_make_a_narrower_band() {
        let band = |n: usize| {
            let values: Vec<f64> =
                (0..n).map(|i| 100.0 + i as f64 / (n - 1).max(1) as f64).collect();
            noise(&values, &values)
        };
        assert_eq!(band(1), None, "one run each tells nothing of noise");
        assert_eq!(band(2), Some(3.958 * 2.0));
        assert_eq!(band(3), Some(1.046 * 2.0));
        assert_eq!(band(40), band(10), "no more is claimed than the table holds");
        assert_eq!(
            noise(&[5.0, 5.0], &[5.0, 5.0]),
            Some(0.0),
            "repeats that agree to the last digit"
        );
    }

    #[test]
    fn the_middle_is_the_median() {
        for (values, expected) in
            [(&[][..], 0.0), (&[3.0], 3.0), (&[9.0, 1.0], 5.0), (&[9.0, 1.0, 2.0], 2.0)]
        {
            assert_eq!(middle(values), expected, "{values:?}");
        }
    }
}
