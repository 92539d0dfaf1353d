//! Defines the origin of run time on the two clocks of a machine.

use std::time::Duration;

use jiff::Timestamp;

use crate::os;

/// Run time zero on this machine's clocks. Processes of one machine share the monotonic clock, so
/// the difference of two origins shifts the rows of one witness onto the other's run time exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The monotonic clock at run time zero, nanoseconds (`CLOCK_MONOTONIC` on Linux).
    pub mono_ns: u64,
    /// The wall clock at run time zero, nanoseconds since 1970 in UTC.
    pub unix_ns: i64,
}

impl Origin {
    /// Run time begins now.
    pub fn now() -> Self {
        let unix_ns = i64::try_from(Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX);
        Self { mono_ns: os::mono_ns(), unix_ns }
    }

    /// Run time begins `by` later than here.
    pub fn later(self, by: Duration) -> Self {
        let by_ns = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        Self {
            mono_ns: self.mono_ns.saturating_add(by_ns),
            unix_ns: self.unix_ns.saturating_add_unsigned(by_ns),
        }
    }

    /// The wall clock at run time zero: RFC 3339, UTC, nanoseconds.
    pub fn wall(&self) -> String {
        let stamp = Timestamp::from_nanosecond(i128::from(self.unix_ns)).unwrap_or_default();
        format!("{stamp:.9}")
    }

    /// Run time now, nanoseconds; negative before the origin.
    pub(crate) fn elapsed_ns(&self) -> i64 {
        os::mono_ns().cast_signed().wrapping_sub(self.mono_ns.cast_signed())
    }

    /// Run time now, seconds.
    pub(crate) fn elapsed_s(&self) -> f64 {
        self.elapsed_ns() as f64 / 1e9
    }

    /// The run time of a moment on the wall clock, seconds.
    pub(crate) fn of_unix_s(&self, unix_s: i64) -> f64 {
        (i128::from(unix_s) * 1_000_000_000 - i128::from(self.unix_ns)) as f64 / 1e9
    }

    /// What to add to a run time of `self` to get one of `other`, seconds.
    pub(crate) fn shift_to_s(&self, other: &Self) -> f64 {
        (i128::from(self.mono_ns) - i128::from(other.mono_ns)) as f64 / 1e9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_against_the_origin() {
        let origin = Origin { mono_ns: 5_000_000_000, unix_ns: 1_763_700_000_250_000_000 };
        assert_eq!(origin.wall(), "2025-11-21T04:40:00.250000000Z");
        assert_eq!(origin.of_unix_s(1_763_700_003), 2.75);
        assert_eq!(origin.of_unix_s(1_763_700_000), -0.25, "before the run");
        let later = origin.later(Duration::from_millis(1500));
        assert_eq!(later.wall(), "2025-11-21T04:40:01.750000000Z");
        assert_eq!(later.shift_to_s(&origin), 1.5, "its run time 0 is 1.5 here");
    }

    #[test]
    fn run_time_is_negative_before_its_origin() {
        let ahead = Origin::now().later(Duration::from_secs(3600));
        assert!(ahead.elapsed_s() < -3500.0);
        let behind = Origin::now();
        assert!(behind.elapsed_ns() >= 0);
    }
}
