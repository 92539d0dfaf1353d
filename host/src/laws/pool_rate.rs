//! Provides the greatest rate of connections that non-paged pool sustains.

/// Bytes that one connection holds, and for how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldBytes {
    /// TIME_WAIT entries on this host per connection: 1 where it closes first, else 0.
    pub time_wait_each: f64,
    /// Seconds of TIME_WAIT.
    pub time_wait_s: f64,
    /// Bytes of one entry.
    pub bytes_per_time_wait: f64,
    /// Seconds that a connection is open.
    pub open_s: f64,
    /// Bytes of an open connection.
    pub bytes_per_open: f64,
    /// Bytes that are never given back.
    pub leak_bytes: f64,
}

/// Connections per second that `room_bytes` of pool bear for `horizon_s` seconds:
///
/// `λ = R / (s·T·b_tw + W·b_conn + L·H)`, with `R` bytes of room above the gate, `s` the share of
/// connections that this host closes first, `T` and `W` seconds of TIME_WAIT and of an open connection,
/// `b_tw` and `b_conn` bytes of each, `L` bytes leaked per connection and `H` the horizon. Infinite
/// where a connection holds nothing.
pub fn max_pool_rate_per_s(room_bytes: f64, held: HeldBytes, horizon_s: f64) -> f64 {
    let steady = held.time_wait_each * held.time_wait_s * held.bytes_per_time_wait
        + held.open_s * held.bytes_per_open;
    let each = steady + held.leak_bytes * horizon_s;
    if each > 0.0 { (room_bytes / each).max(0.0) } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: HeldBytes = HeldBytes {
        time_wait_each: 0.0,
        time_wait_s: 240.0,
        bytes_per_time_wait: 256.0,
        open_s: 0.0,
        bytes_per_open: 4096.0,
        leak_bytes: 0.0,
    };

    #[test]
    fn room_is_shared_by_time_wait_open_connections_and_the_leak() {
        let mib = 1024.0 * 1024.0;
        for (room, held, horizon_s, rate, why) in [
            (
                20.0 * mib,
                HeldBytes { time_wait_each: 1.0, bytes_per_time_wait: 2048.0, ..NOTHING },
                1.0,
                42.67,
                "20 MiB in entries of 2 KB at 240 s",
            ),
            (
                20.0 * mib,
                HeldBytes { time_wait_each: 1.0, bytes_per_time_wait: 4096.0, ..NOTHING },
                1.0,
                21.33,
                "… of 4 KB: the published 21/s",
            ),
            (
                3.0 * mib,
                HeldBytes { leak_bytes: 900.0, ..NOTHING },
                5.0 * 86_400.0,
                0.0081,
                "a leak for five days",
            ),
            (4096.0, HeldBytes { open_s: 2.0, ..NOTHING }, 1.0, 0.5, "one open connection of 2 s"),
            (-5.0, HeldBytes { open_s: 2.0, ..NOTHING }, 1.0, 0.0, "no room at all"),
            (1.0, NOTHING, 1.0, f64::INFINITY, "nothing is held"),
        ] {
            let found = max_pool_rate_per_s(room, held, horizon_s);
            assert!(found == rate || (found / rate - 1.0).abs() < 0.005, "{why}: {found}");
        }
    }
}
