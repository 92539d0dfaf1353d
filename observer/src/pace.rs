//! Provides the times of rounds: absolute, so that they do not drift, and never bunched.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::origin::Origin;

/// How long a stop may go unnoticed.
const STOP_SEEN_WITHIN: Duration = Duration::from_millis(100);

/// The first round after `now_ns`: rounds are due at multiples of `every_ns` of run time. Rounds
/// that a late one ran into are skipped.
pub fn next_round_ns(now_ns: i64, every_ns: i64) -> i64 {
    now_ns.div_euclid(every_ns).saturating_add(1).saturating_mul(every_ns)
}

/// Sleeps until run time `due_ns`; true where it was ended early by `stop`.
pub fn sleep_until(due_ns: i64, origin: &Origin, stop: &AtomicBool) -> bool {
    loop {
        if stop.load(Ordering::Relaxed) {
            return true;
        }
        let left_ns = due_ns.saturating_sub(origin.elapsed_ns());
        let Ok(left_ns @ 1..) = u64::try_from(left_ns) else { return false };
        std::thread::sleep(Duration::from_nanos(left_ns).min(STOP_SEEN_WITHIN));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_keep_to_multiples_of_their_period() {
        for (now_ns, due_ns, why) in [
            (0, 250, "a round at its own time is followed by the next"),
            (1, 250, "shortly after"),
            (249, 250, "shortly before"),
            (251, 500, "one was just missed"),
            (1_001, 1_250, "four were missed and are skipped, not bunched"),
            (-1_000, -750, "before the run"),
            (-1, 0, "run time zero has a round"),
        ] {
            assert_eq!(next_round_ns(now_ns, 250), due_ns, "{why}");
        }
        assert_eq!(next_round_ns(i64::MAX, 250), i64::MAX, "no overflow");
    }

    #[test]
    fn a_stop_ends_the_wait() {
        let (origin, stopped) = (Origin::now(), AtomicBool::new(true));
        assert!(sleep_until(i64::MAX, &origin, &stopped));
        assert!(!sleep_until(-1, &origin, &AtomicBool::new(false)), "already due");
    }
}
