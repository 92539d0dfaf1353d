//! Provides how long a port range lasts under a rate that it cannot sustain.

use super::max_outgoing_rate_per_s;

/// Seconds from the start of churn until the ports of one source address to one destination run out:
///
/// `t = P / λ`, with `P` ports and `λ` connections per second. `None` where `λ ≤ P / T`: ports then
/// come back as fast as they are taken.
pub fn time_to_exhaustion_s(ports: u64, rate_per_s: f64, time_wait_s: f64) -> Option<f64> {
    (rate_per_s > max_outgoing_rate_per_s(ports, time_wait_s)).then(|| ports as f64 / rate_per_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_last_as_long_as_the_rate_takes_to_use_them_once() {
        for (ports, rate, length_s, seconds, why) in [
            (3976, 500.0, 60.0, Some(7.952), "2003's range at 500/s"),
            (28232, 400.0, 60.0, None, "Linux sustains 470/s"),
            (16384, 136.0, 120.0, None, "just under P / T"),
            (16384, 256.0, 120.0, Some(64.0), "above P / T"),
            (100, 1e9, 0.0, None, "without TIME_WAIT ports do not run out this way"),
        ] {
            assert_eq!(time_to_exhaustion_s(ports, rate, length_s), seconds, "{why}");
        }
    }
}
