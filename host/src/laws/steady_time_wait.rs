//! Provides how many connections stand in TIME_WAIT.

/// Entries in TIME_WAIT once churn has lasted for `T` (Little's law):
///
/// `N = λ·T`, with `λ` connections per second closed first by this host and `T` seconds.
pub fn steady_time_wait(rate_per_s: f64, time_wait_s: f64) -> f64 {
    rate_per_s * time_wait_s
}

/// Entries in TIME_WAIT `t` seconds after churn began on a host without any:
///
/// `N(t) = λ·min(t, T)`; 0 before the beginning.
pub fn time_wait_after(rate_per_s: f64, time_wait_s: f64, t_s: f64) -> f64 {
    rate_per_s * t_s.clamp(0.0, time_wait_s.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_rate_times_length() {
        for (rate, length_s, entries, why) in [
            (10_000.0, 240.0, 2_400_000.0, "a textbook's 2 million control blocks"),
            (500.0, 20.0, 10_000.0, "240 s played twelve times faster"),
            (1.8, 240.0, 432.0, "431 TIME_WAIT seen mean 1.8/s at 240 s"),
        ] {
            assert_eq!(steady_time_wait(rate, length_s), entries, "{why}");
        }
    }

    #[test]
    fn entries_grow_until_the_first_expire() {
        for (t_s, entries, why) in [
            (-1.0, 0.0, "before the load"),
            (0.0, 0.0, "at its start"),
            (10.0, 5_000.0, "half of the length"),
            (20.0, 10_000.0, "the first entries expire"),
            (900.0, 10_000.0, "steady"),
        ] {
            assert_eq!(time_wait_after(500.0, 20.0, t_s), entries, "{why}");
        }
    }
}
