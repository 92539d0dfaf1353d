//! Provides numbers as people write them: sizes, durations, counts with SI suffixes.
//!
//! In: `MB` is 10^6 and `MiB` 2^20, a count takes `k`, `M`, `G`, a duration `us`, `ms`, `s`, `m`
//! (or `min`), `h`, `d`. Out: sizes in KiB, MiB, GiB; durations in ms, s, min.

/// Why a number could not be read; a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadNumber(pub String);

/// Splits `12.5MiB` into its number and its unit.
fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..at].parse().ok()?;
    Some((number, text[at..].trim()))
}

/// Reads a size: `105MiB`, `20 MB`, `900` (bytes).
pub fn parse_bytes(text: &str) -> Result<u64, BadNumber> {
    let bad = || {
        BadNumber(format!(
            "\"{text}\" is not a size; write bytes, or a number with B, kB, KiB, MB, MiB, GB or GiB, such as \"105MiB\""
        ))
    };
    let (number, unit) = split(text).ok_or_else(bad)?;
    let factor = match unit {
        "" | "B" => 1.0,
        "kB" | "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "TB" => 1e12,
        "KiB" => 1024.0,
        "MiB" => 1024.0 * 1024.0,
        "GiB" => 1024.0 * 1024.0 * 1024.0,
        "TiB" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return Err(bad()),
    };
    Ok((number * factor).round() as u64)
}

/// Reads a duration into seconds: `15s`, `250ms`, `4m`, `1h`. A bare number is refused, since
/// nobody can tell its unit.
pub fn parse_seconds(text: &str) -> Result<f64, BadNumber> {
    let bad = || {
        BadNumber(format!(
            "\"{text}\" is not a duration; write a number with us, ms, s, m, h or d, such as \"15s\""
        ))
    };
    let (number, unit) = split(text).ok_or_else(bad)?;
    let factor = match unit {
        "us" | "µs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return Err(bad()),
    };
    Ok(number * factor)
}

/// Reads a count: `400`, `10k`, `1.5M`.
pub fn parse_count(text: &str) -> Result<f64, BadNumber> {
    let bad = || {
        BadNumber(format!(
            "\"{text}\" is not a count; write a number, optionally with k, M or G, such as \"10k\""
        ))
    };
    let (number, unit) = split(text).ok_or_else(bad)?;
    let factor = match unit {
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        _ => return Err(bad()),
    };
    Ok(number * factor)
}

/// A size for people, in binary units with three significant digits or one decimal.
pub fn format_bytes(bytes: i128) -> String {
    let (sign, size) = (if bytes < 0 { "-" } else { "" }, bytes.unsigned_abs() as f64);
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let step = (0..units.len() - 1).find(|&i| size < 1024f64.powi(i as i32 + 1)).unwrap_or(4);
    if step == 0 {
        return format!("{sign}{size} B");
    }
    format!("{sign}{:.1} {}", size / 1024f64.powi(step as i32), units[step])
}

/// A count for people, with a comma between thousands.
pub fn format_count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A moment of run time for people: `7.4 s`, then, as seconds lose their meaning, `25 min 5 s`, `5 h 12 min`,
/// `4 d 11 h`.
pub fn format_moment(t_s: f64) -> String {
    if t_s.abs() < 1000.0 {
        return format!("{t_s:.1} s");
    }
    let sign = if t_s < 0.0 { "-" } else { "" };
    let whole = t_s.abs() as u64;
    let (days, hours, minutes) = (whole / 86_400, whole / 3600, whole / 60);
    match whole {
        0..7200 => format!("{sign}{minutes} min {} s", whole % 60),
        7200..172_800 => format!("{sign}{hours} h {} min", minutes % 60),
        _ => format!("{sign}{} d {} h", format_count(days), hours % 24),
    }
}

/// A duration for people: `850 ms`, `7.4 s`, `4.0 min`, `2.5 h`, `3.5 d`.
pub fn format_seconds(seconds: f64) -> String {
    match seconds.abs() {
        s if s < 1.0 => format!("{:.0} ms", seconds * 1e3),
        s if s < 120.0 => format!("{seconds:.1} s"),
        s if s < 7200.0 => format!("{:.1} min", seconds / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", seconds / 3600.0),
        _ => format!("{:.1} d", seconds / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_decimal_or_binary_as_written() {
        for (text, bytes, why) in [
            ("20MB", 20_000_000, "MB is decimal"),
            ("20 MiB", 20_971_520, "MiB is binary, a space is fine"),
            ("900", 900, "a bare number is bytes"),
            ("1.5KiB", 1536, "fractions are allowed"),
        ] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{why}");
        }
        for text in ["", "MiB", "-5MiB", "5 megs", "1e9", "12mb"] {
            assert!(parse_bytes(text).is_err(), "{text:?} must be refused");
        }
    }

    #[test]
    fn durations_need_their_unit() {
        for (text, seconds) in [("15s", 15.0), ("250ms", 0.25), ("4m", 240.0), ("2h", 7200.0)] {
            assert_eq!(parse_seconds(text), Ok(seconds));
        }
        for text in ["15", "fast", "", "-1s", "3 weeks"] {
            assert!(parse_seconds(text).is_err(), "{text:?} must be refused");
        }
    }

    #[test]
    fn moments_keep_the_units_that_mean_something() {
        for (t_s, told) in [
            (-0.25, "-0.2 s"),
            (825.0, "825.0 s"),
            (1505.0, "25 min 5 s"),
            (18_720.0, "5 h 12 min"),
            (-387_000.0, "-4 d 11 h"),
            (716_048_998.0, "8,287 d 14 h"),
        ] {
            assert_eq!(format_moment(t_s), told);
        }
    }

    #[test]
    fn people_get_binary_units_and_thousands() {
        assert_eq!(format_bytes(111_673_344), "106.5 MiB");
        assert_eq!(format_bytes(-2048), "-2.0 KiB");
        assert_eq!(format_bytes(12), "12 B");
        assert_eq!(format_count(1_234_567), "1,234,567");
        assert_eq!(format_count(999), "999");
    }
}
