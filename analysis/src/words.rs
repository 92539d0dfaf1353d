//! Provides the small words of sentences: counts, moments, rates.

use model::units::{format_bytes, format_count, format_moment};

/// `1 row`, `2,103 rows`.
pub(crate) fn count(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", format_count(n))
}

/// A moment of run time.
pub(crate) fn at(t_s: f64) -> String {
    format_moment(t_s)
}

/// `4.0 s`, or `4.0 s to 8.0 s`.
pub(crate) fn from_to(from_s: f64, to_s: f64) -> String {
    if to_s > from_s { format!("{} to {}", at(from_s), at(to_s)) } else { at(from_s) }
}

/// `from 7.4 s on`, or `from 4.0 s to 8.0 s` where it ended before the load did.
pub(crate) fn when(from_s: f64, to_s: f64, load_end_s: f64) -> String {
    // The last second of the load is its end: what fails then has not stopped.
    if to_s >= load_end_s - 1.0 {
        format!("from {} on", at(from_s))
    } else {
        format!("from {} to {}", at(from_s), at(to_s))
    }
}

/// `900 B` below 10 KiB, else binary units.
pub(crate) fn small_bytes(bytes: f64) -> String {
    if bytes.abs() < 10_240.0 {
        format!("{} B", format_count(bytes.round().max(0.0) as u64))
    } else {
        format_bytes(bytes.round() as i128)
    }
}

/// A rate of growth per second, as run rate and, where durations are scaled, as host rate too.
pub(crate) fn growth_rate(bytes_per_s: f64, time_scale: f64) -> String {
    let run = small_bytes(bytes_per_s);
    if time_scale == 1.0 {
        format!("{run}/s")
    } else {
        format!("{run}/s run rate ({}/s host rate)", small_bytes(bytes_per_s / time_scale))
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}
