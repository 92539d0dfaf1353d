//! Provides the earliest sign of trouble on the way or at a listener: attempts that were served, and
//! took a second and more to connect, since a SYN had to be sent again.

use crate::facts::Facts;
use crate::words::{at, count};

/// The first retransmission of a SYN comes after 1 s, the next after 3 s and 7 s (RFC 6298; Linux and
/// Windows); timers are a tenth early at most.
const SLOW_US: u64 = 900_000;

/// A sentence where attempts were served whose connect took so long.
pub(crate) fn slow_connects(facts: &Facts<'_>) -> Option<String> {
    let slow = facts.store.ticks.all.iter().filter(|t| t.connect_max_us >= SLOW_US);
    let first = slow.clone().next()?;
    let worst = slow.clone().map(|t| t.connect_max_us).max().unwrap_or(0);
    let ticks: u64 = slow.map(|t| u64::from(t.ticks)).sum();
    Some(format!(
        "the earliest sign: from {} on, in {}, attempts were served that took up to {:.1} s to connect, as when a SYN is sent again after 1, 3 and 7 s",
        at(first.t_s),
        count(ticks, "tick"),
        worst as f64 / 1e6
    ))
}
