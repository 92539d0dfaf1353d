//! Provides the non-paged pool that churn itself holds.

use super::steady_time_wait;

/// Bytes of non-paged pool held by steady churn:
///
/// `ΔNPP = λ·T·b_tw + C·b_conn`, with `λ` connections per second closed first by this host, `T`
/// seconds of TIME_WAIT, `C` open connections, `b_tw` and `b_conn` bytes each.
pub fn pool_use_of_churn_bytes(
    rate_per_s: f64,
    time_wait_s: f64,
    bytes_per_time_wait: u64,
    open_connections: u64,
    bytes_per_open_connection: u64,
) -> f64 {
    steady_time_wait(rate_per_s, time_wait_s) * bytes_per_time_wait as f64
        + open_connections as f64 * bytes_per_open_connection as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn churn_holds_its_time_wait_and_its_open_connections() {
        let headroom = 20.0 * 1024.0 * 1024.0;
        for (rate, length_s, each, open, open_each, bytes, why) in [
            (128.0 / 3.0, 240.0, 2048, 0, 4096, headroom, "20 MiB are 10,240 entries of 2 KB"),
            (64.0 / 3.0, 240.0, 4096, 0, 4096, headroom, "… or 5,120 of 4 KB: 21/s at 240 s"),
            (400.0, 4.0, 256, 10, 4096, 450_560.0, "both terms"),
            (0.0, 240.0, 256, 3, 4096, 12_288.0, "no churn, three open connections"),
        ] {
            let found = pool_use_of_churn_bytes(rate, length_s, each, open, open_each);
            assert!((found - bytes).abs() < 1.0, "{found}: {why}");
        }
    }
}
