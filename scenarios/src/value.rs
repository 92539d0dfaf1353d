//! Provides single values of a scenario from their nodes; an error is a sentence without its key.

use std::cmp::Ordering;
use std::fmt::Display;

use host::Profile;
use model::units::{parse_bytes, parse_count, parse_seconds};

use crate::nearest::nearest;
use crate::tree::{Node, Value};

/// Sizes above this are slips of the pen; the largest pool of any Windows is 16 TB.
const MAX_BYTES: u64 = 1 << 50;
/// Durations above this (about three years) are slips of the pen.
const MAX_S: f64 = 1e8;

/// Some text.
pub(crate) fn text(node: &Node) -> Result<String, String> {
    match (&node.value, &node.bare) {
        (Value::Text(text), _) => Ok(text.clone()),
        (Value::Integer(_) | Value::Float(_) | Value::Bool(_) | Value::Other(_), Some(bare)) => {
            Ok(bare.clone())
        }
        (other, _) => Err(format!("text in quotes is wanted, not {}", other.kind())),
    }
}

/// True or false.
pub(crate) fn yes(node: &Node) -> Result<bool, String> {
    match &node.value {
        Value::Bool(b) => Ok(*b),
        other => Err(format!("true or false is wanted, not {}", other.kind())),
    }
}

/// A number, or text such as "10k".
pub(crate) fn count(node: &Node) -> Result<f64, String> {
    let number = match &node.value {
        Value::Integer(i) => *i as f64,
        Value::Float(f) => *f,
        Value::Text(text) => parse_count(text).map_err(|e| e.0)?,
        other => return Err(format!("a number is wanted, not {}", other.kind())),
    };
    if number.is_finite() { Ok(number) } else { Err("a finite number is wanted".into()) }
}

/// A whole number from 1 to 4,294,967,295.
pub(crate) fn whole_above_zero(node: &Node) -> Result<u32, String> {
    let number = count(node)?;
    if number.fract() != 0.0 || number < 1.0 || number > f64::from(u32::MAX) {
        return Err(format!("a whole number from 1 to {} is wanted, not {number}", u32::MAX));
    }
    Ok(number as u32)
}

/// A whole number of 64 bits.
pub(crate) fn seed(node: &Node) -> Result<u64, String> {
    match &node.value {
        Value::Integer(i) => u64::try_from(*i).map_err(|_| format!("{i} is not from 0 to 2^64-1")),
        other => Err(format!("a whole number is wanted, not {}", other.kind())),
    }
}

/// A size in bytes: a whole number, or text with a unit.
pub(crate) fn bytes(node: &Node) -> Result<u64, String> {
    let size = match &node.value {
        Value::Integer(i) => u64::try_from(*i).map_err(|_| format!("{i} is not a size"))?,
        Value::Text(text) => parse_bytes(text).map_err(|e| e.0)?,
        Value::Float(f) => return Err(format!("{f} is not a size: bytes are whole numbers")),
        other => return Err(format!("a size is wanted, such as \"105MiB\", not {}", other.kind())),
    };
    if size > MAX_BYTES { Err("sizes over 1 PiB are not taken".into()) } else { Ok(size) }
}

/// Bytes each, above 0: a number, or text with a unit.
pub(crate) fn bytes_each(node: &Node) -> Result<f64, String> {
    match &node.value {
        Value::Float(f) if f.is_finite() && *f <= MAX_BYTES as f64 => above_zero(*f),
        Value::Float(f) => Err(format!("{f} is not a size")),
        _ => above_zero(bytes(node)? as f64),
    }
}

/// A duration in seconds: text with a unit.
pub(crate) fn seconds(node: &Node) -> Result<f64, String> {
    let seconds = match &node.value {
        Value::Text(text) => {
            parse_seconds(text).map_err(|e| match text.trim().strip_prefix('-') {
                // Its number and its unit are there: the sign is what is wrong.
                Some(rest) if parse_seconds(rest).is_ok() => format!("{text} is below 0"),
                _ => e.0,
            })?
        }
        Value::Integer(_) | Value::Float(_) => {
            return Err("a duration needs its unit, such as \"15s\" or \"250ms\"".into());
        }
        other => {
            return Err(format!("a duration is wanted, such as \"15s\", not {}", other.kind()));
        }
    };
    if seconds > MAX_S { Err("durations over 1e8 s are not taken".into()) } else { Ok(seconds) }
}

/// A duration in seconds above 0.
pub(crate) fn seconds_above_zero(node: &Node) -> Result<f64, String> {
    let bare = match &node.value {
        Value::Integer(i) => Some(*i as f64),
        Value::Float(f) => Some(*f),
        _ => None,
    };
    // Nothing is as little in every unit.
    match bare.filter(|number| *number <= 0.0) {
        Some(number) => above_zero(number),
        None => above_zero(seconds(node)?),
    }
}

/// Refuses what is not above 0.
pub(crate) fn above_zero<T: PartialOrd + Default + Display>(number: T) -> Result<T, String> {
    match number.partial_cmp(&T::default()) {
        Some(Ordering::Greater) => Ok(number),
        Some(Ordering::Equal) => Err("must be above 0".into()),
        _ => Err(format!("must be above 0, not {number}")),
    }
}

/// A share: above 0, at most 1.
pub(crate) fn share(node: &Node) -> Result<f64, String> {
    let share = above_zero(count(node)?)?;
    if share > 1.0 { Err(format!("a share is at most 1, not {share}")) } else { Ok(share) }
}

/// `LOW-HIGH`, both ends included.
pub(crate) fn port_range(node: &Node) -> Result<(u16, u16), String> {
    let range = text(node)?;
    let ports = range.split_once('-').and_then(|(low, high)| {
        let port = |p: &str| p.trim().parse::<u16>().ok().filter(|p| *p > 0);
        Some((port(low)?, port(high)?))
    });
    match ports {
        Some((low, high)) if low <= high => Ok((low, high)),
        Some((low, high)) => Err(format!("\"{range}\" is upside down; write \"{high}-{low}\"")),
        None => Err(format!("\"{range}\" is not LOW-HIGH, such as \"43000-43099\"")),
    }
}

/// One of a closed set of words; `what` names the set in singular, with its article.
pub(crate) fn one_of<T: Copy>(
    node: &Node,
    what: &str,
    known: &[(T, &'static str)],
) -> Result<T, String> {
    let word = text(node)?;
    known.iter().find(|(_, w)| *w == word).map(|(value, _)| *value).ok_or_else(|| {
        let words: Vec<&str> = known.iter().map(|(_, w)| *w).collect();
        unknown_word(&word, what, &words)
    })
}

/// A host profile by its name.
pub(crate) fn profile(node: &Node) -> Result<&'static Profile, String> {
    let name = text(node)?;
    host::profile(&name).ok_or_else(|| {
        let names: Vec<&str> = host::all().iter().map(|p| p.name).collect();
        unknown_word(&name, "a host profile", &names)
    })
}

/// Longer sets are not listed beside a word that comes close.
const MAX_LISTED: usize = 12;

/// The sentence about a word outside its set.
pub(crate) fn unknown_word(word: &str, what: &str, known: &[&str]) -> String {
    let wrong = format!("\"{word}\" is not {what};");
    let choice = if known.len() == 1 { "it can only be" } else { "the choice is" };
    let choice = format!("{choice} {}", known.join(", "));
    match nearest(word, known) {
        Some(near) if known.len() > MAX_LISTED => format!("{wrong} did you mean \"{near}\"?"),
        Some(near) => format!("{wrong} did you mean \"{near}\"? {choice}"),
        None => format!("{wrong} {choice}"),
    }
}
