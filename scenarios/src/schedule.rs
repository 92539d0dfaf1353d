//! Defines the schedule: which attempt is due when, before anything runs.

use crate::scenario::{Arrival, Load};

/// Intended starts as a function of an attempt's number, so that core `c` of `n` takes the attempts
/// `k ≡ c mod n` and all of them together make the same list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    per_second: f64,
    count: u64,
}

impl Schedule {
    /// The schedule of a load: every attempt that falls due before the duration ends. The seed is
    /// for arrivals that are drawn; constant ones lie where they lie.
    pub fn new(load: &Load, _seed: u64) -> Self {
        let Arrival::Constant { per_second } = load.arrival;
        let start_s = |k: u64| k as f64 / per_second;
        // The product may be rounded across a whole number (3/s × 0.1 s), so the starts decide.
        let mut count = (per_second * load.duration_s).ceil() as u64;
        if count > 0 && start_s(count - 1) >= load.duration_s {
            count -= 1;
        } else if start_s(count) < load.duration_s {
            count += 1;
        }
        Self { per_second, count }
    }

    /// How many attempts fall due.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// When attempt `k` is due, seconds of run time: `k / per_second`.
    pub fn start_s(&self, k: u64) -> f64 {
        k as f64 / self.per_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{builtin, read};

    fn schedule(per_second: f64, duration_s: f64) -> Schedule {
        let text = builtin("healthy-baseline").unwrap();
        let mut load = read(text, "healthy-baseline.toml", &[]).unwrap().load;
        load.arrival = Arrival::Constant { per_second };
        load.duration_s = duration_s;
        Schedule::new(&load, 7)
    }

    #[test]
    fn every_start_lies_within_the_duration_and_none_is_left_out() {
        for (per_second, duration_s, count, why) in [
            (400.0, 15.0, 6000, "a whole product"),
            (10.0, 0.3, 3, "0.3 × 10 is rounded"),
            (30.0, 0.1, 3, "30 × 0.1 is rounded"),
            (0.3, 10.0, 3, "0.3 × 10: the fourth would be due at 10 s"),
            (3.0, 1.1, 4, "starts at 0, 1/3, 2/3 and 1 s"),
            (0.001, 1.0, 1, "the first is due at 0 s, however low the rate"),
            (1e6, 86_400.0, 86_400_000_000, "a long plan"),
        ] {
            let s = schedule(per_second, duration_s);
            assert_eq!(s.count(), count, "{per_second}/s for {duration_s} s: {why}");
            assert!(s.start_s(count - 1) < duration_s && s.start_s(count) >= duration_s, "{why}");
        }
    }

    #[test]
    fn starts_never_go_back_and_do_not_depend_on_who_takes_them() {
        let s = schedule(333.3, 3.0);
        let all: Vec<f64> = (0..s.count()).map(|k| s.start_s(k)).collect();
        assert!(all.is_sorted() && all[0] == 0.0);
        let mut by_three: Vec<f64> =
            (0..3u64).flat_map(|core| (core..s.count()).step_by(3).map(|k| s.start_s(k))).collect();
        by_three.sort_by(f64::total_cmp);
        assert_eq!(by_three, all);
    }
}
