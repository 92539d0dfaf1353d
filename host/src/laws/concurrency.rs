//! Provides the rates that places bear which are held while a connection or a request lasts.

/// Connections per second that `places` bear, each held for `held_s` seconds (Little's law):
///
/// `λ = N / W`. Infinite for `W = 0`.
pub fn max_rate_of_places_per_s(places: f64, held_s: f64) -> f64 {
    if held_s > 0.0 { places / held_s } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_taken_for_as_long_as_they_are_held() {
        for (places, held_s, rate, why) in [
            (25.0, 0.02, 1250.0, "25 workers of 20 ms"),
            (1024.0, 0.5, 2048.0, "descriptors of half a second"),
            (5.0, 0.0, f64::INFINITY, "held for no time"),
        ] {
            assert_eq!(max_rate_of_places_per_s(places, held_s), rate, "{why}");
        }
    }
}
