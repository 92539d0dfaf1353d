//! Provides the greatest rate of outgoing connections that a port range sustains.

/// Connections per second that can be opened for ever to one destination from one source address,
/// the opener closing first, without reuse of ports in TIME_WAIT:
///
/// `λmax = P / T`, with `P` ports and `T` seconds of TIME_WAIT. Infinite for `T = 0`.
pub fn max_outgoing_rate_per_s(ports: u64, time_wait_s: f64) -> f64 {
    if time_wait_s <= 0.0 { f64::INFINITY } else { ports as f64 / time_wait_s }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_those_of_the_tables() {
        for (ports, time_wait_s, rate, why) in [
            (3976, 240.0, 16.6, "Windows 2000/2003 as installed; \"16/s\" of a mail vendor"),
            (3976, 120.0, 33.1, "… with 120 s"),
            (3976, 30.0, 132.5, "… with TcpTimedWaitDelay at its least"),
            (64511, 30.0, 2150.4, "… and MaxUserPort at its most"),
            (16384, 240.0, 68.3, "Vista's range"),
            (16384, 120.0, 136.5, "… with 120 s"),
            (16384, 30.0, 546.1, "… with 30 s"),
            (28232, 60.0, 470.5, "Linux"),
        ] {
            let found = max_outgoing_rate_per_s(ports, time_wait_s);
            assert!((found - rate).abs() < 0.06, "{ports} / {time_wait_s}: {found}, {why}");
        }
        assert_eq!(max_outgoing_rate_per_s(100, 0.0), f64::INFINITY, "no TIME_WAIT, no bound");
    }
}
