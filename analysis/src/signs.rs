//! Provides the earliest sign of trouble on the way or at a listener: attempts that were served, and
//! took a second and more to connect, since a SYN had to be sent again.

use crate::facts::Facts;
use crate::words::{at, count};

/// The first retransmission of a SYN comes after 1 s, the next after 3 s and 7 s (RFC 6298; Linux and
/// Windows); timers are a tenth early at most. Connects are timed from the intended start, so a start
/// that came late is no sign.
const SLOW_US: u64 = 900_000;

/// When served attempts first took so long to connect, run time, and the longest that one took, seconds.
pub(crate) fn slowest_connect(facts: &Facts<'_>) -> Option<(f64, f64)> {
    let from_s = slow(facts).next()?.0;
    let worst_us = slow(facts).map(|s| s.1).max()?;
    Some((from_s, worst_us as f64 / 1e6))
}

/// The same in a sentence.
pub(crate) fn slow_connects(facts: &Facts<'_>) -> Option<String> {
    let (from_s, worst_s) = slowest_connect(facts)?;
    let ticks: u64 = slow(facts).map(|s| s.2).sum();
    Some(format!(
        "the earliest sign: from {} on, in {}, attempts were served that took up to {worst_s:.1} s to connect, as when a SYN is sent again after 1, 3 and 7 s",
        at(from_s),
        count(ticks, "tick"),
    ))
}

/// Ticks with such attempts: start, the slowest connect, and how many ticks it stands for.
fn slow<'a>(facts: &Facts<'a>) -> impl Iterator<Item = (f64, u64, u64)> + use<'a> {
    let ticks = facts.store.ticks.all.iter();
    let own = ticks.map(|t| (t, t.connect_max_us.saturating_sub(t.lateness_max_us)));
    own.filter(|(_, us)| *us >= SLOW_US).map(|(t, us)| (t.t_s, us, u64::from(t.ticks)))
}
