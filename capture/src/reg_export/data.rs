//! Provides what a registry value holds.

use std::borrow::Cow;

/// What a value holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// A number (`dword`, `hex(b)`, `REG_DWORD`, `REG_QWORD`).
    Number(u64),
    /// Text, also what `reg query` prints of types that are not numbers.
    Text(String),
    /// Bytes of any other type (`hex`, `hex(7)` …).
    Bytes(Vec<u8>),
    /// The file deletes the value.
    Deleted,
}

impl Data {
    /// The number that it is, if it is one; text that is a number counts as one.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Bytes(_) | Self::Deleted => None,
        }
    }

    /// What stands behind `=` in a .reg file.
    pub(super) fn exported(text: &str) -> Result<Self, String> {
        if text == "-" {
            return Ok(Self::Deleted);
        }
        if let Some(inside) = text.strip_prefix('"') {
            let (text, _) = quoted(inside).ok_or("has no closing quote")?;
            return Ok(Self::Text(text.into_owned()));
        }
        let (kind, digits) = text.split_once(':').ok_or_else(|| no_value(text))?;
        match kind.trim().to_ascii_lowercase().as_str() {
            "dword" => u32::from_str_radix(digits.trim(), 16)
                .map(|number| Self::Number(number.into()))
                .map_err(|_| no_value(text)),
            "hex(b)" => bytes(digits).and_then(|b| eight(&b)).ok_or_else(|| no_value(text)),
            kind if kind.starts_with("hex") => {
                bytes(digits).map(Self::Bytes).ok_or_else(|| no_value(text))
            }
            _ => Err(no_value(text)),
        }
    }

    /// What `reg query` prints behind the type.
    pub(super) fn queried(kind: &str, text: &str) -> Result<Self, String> {
        if !matches!(kind, "REG_DWORD" | "REG_QWORD") {
            return Ok(Self::Text(text.to_owned()));
        }
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        let number = digits.map_or_else(|| text.parse(), |hex| u64::from_str_radix(hex, 16));
        number.map(Self::Number).map_err(|_| no_value(text))
    }
}

fn no_value(text: &str) -> String {
    format!("has \"{text:.40}\" for a value")
}

/// `1e,00,ff`.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| u8::from_str_radix(part, 16).ok()).collect()
}

fn eight(bytes: &[u8]) -> Option<Data> {
    Some(Data::Number(u64::from_le_bytes(bytes.try_into().ok()?)))
}

/// The text up to the closing quote with `\\` and `\"` undone, and its length with the quote.
pub(super) fn quoted(text: &str) -> Option<(Cow<'_, str>, usize)> {
    let plain = text.find(['"', '\\'])?;
    if text[plain..].starts_with('"') {
        return Some((Cow::Borrowed(&text[..plain]), plain + 1));
    }
    let mut value = text[..plain].to_owned();
    let mut characters = text[plain..].char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((Cow::Owned(value), plain + at + 1)),
            '\\' => value.push(characters.next()?.1),
            c => value.push(c),
        }
    }
    None
}
