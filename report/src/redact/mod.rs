//! Provides pseudonyms for what a report for others must not show: addresses, hosts, accounts, sites,
//! paths, URLs. It works on a finished value before any format sees it, and on every text of it, so
//! that no field can be forgotten.
//!
//! Pseudonyms are numbers in order of appearance: the same in every run over the same value, and
//! without the captures nothing leads back from one. A hash of an address would: there are only four
//! thousand million of them to try.

mod address;
mod known;
mod pseudonyms;
mod scan;
mod url;
mod vocabulary;

use model::names::Names;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::known::Known;
use self::scan::Scan;

/// Texts under these names quote rows of captures that could not be read.
const QUOTING: [&str; 1] = ["reason"];

/// The value with pseudonyms; `names` are those that only the captures' structure tells.
///
/// # Errors
/// Where the value has no JSON form, such as a number that is none.
pub fn redact<T: Serialize + DeserializeOwned>(
    value: &T,
    names: &Names,
) -> Result<T, serde_json::Error> {
    let mut tree = serde_json::to_value(value)?;
    let mut known = Known::new(names);
    each_text(&tree, &mut |text| scan::learn(text, &mut known));
    let mut scan = Scan::new(known);
    rewrite(&mut tree, false, &mut scan);
    serde_json::from_value(tree)
}

/// Shows every text of a value, keys of maps included.
fn each_text(value: &Value, show: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => show(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, show)),
        Value::Object(fields) => {
            for (key, item) in fields {
                show(key);
                each_text(item, show);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn rewrite(value: &mut Value, quotes: bool, scan: &mut Scan) {
    match value {
        Value::String(text) if quotes => *text = scan.text(&without_quotations(text)),
        Value::String(text) => *text = scan.text(text),
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, quotes, scan)),
        Value::Object(fields) => {
            let old = std::mem::take(fields);
            for (key, mut item) in old {
                rewrite(&mut item, QUOTING.contains(&key.as_str()), scan);
                let key = if is_field(&key) { key } else { scan.text(&key) };
                fields.insert(key, item);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a key is a field of ours rather than something that a capture named.
fn is_field(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// A reason without what it quotes of a row; one that was cut may have no end of quotation.
fn without_quotations(text: &str) -> String {
    let Some(from) = text.find('"') else { return text.to_owned() };
    let to = text.rfind('"').filter(|to| *to > from).map_or(text.len(), |to| to + 1);
    format!("{}\"\u{2026}\"{}", &text[..from], &text[to..])
}

#[cfg(test)]
mod tests;
