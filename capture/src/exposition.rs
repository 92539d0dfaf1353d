//! Provides the reader of Prometheus' text exposition format (version 0.0.4).
//!
//! A family may have HELP and TYPE and no sample. A type is not kept: exporters have named counters
//! gauges and the other way round.

use std::borrow::Cow;

use crate::{Skipped, SkippedRows};

/// One sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample<'a> {
    /// Name of the metric.
    pub name: &'a str,
    /// Labels in order.
    pub labels: Vec<(&'a str, Cow<'a, str>)>,
    /// Its value; may be NaN or infinite.
    pub value: f64,
}

impl Sample<'_> {
    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_ref())
    }
}

/// A whole page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exposition<'a> {
    /// Samples in order.
    pub samples: Vec<Sample<'a>>,
    /// Lines that could not be read.
    pub skipped: SkippedRows,
}

/// Reads a page.
pub fn parse(text: &str) -> Exposition<'_> {
    let mut page = Exposition::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match sample(line) {
            Some(sample) => page.samples.push(sample),
            None => page.skipped.push(Skipped::new(at + 1, format!("is no sample: {:.60}", line))),
        }
    }
    page
}

/// `name{label="value",…} value [timestamp]`.
fn sample(line: &str) -> Option<Sample<'_>> {
    let end = line.find(|c: char| !is_name(c)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let rest = rest.trim_start();
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => labels(inside)?,
        None => (Vec::new(), rest),
    };
    let mut words = rest.split_ascii_whitespace();
    // Rust reads Go's spellings of numbers, NaN and +Inf included.
    let value = words.next()?.parse().ok()?;
    let stamp = words.next().is_none_or(|stamp| stamp.parse::<f64>().is_ok());
    (stamp && words.next().is_none()).then_some(Sample { name, labels, value })
}

/// What stands between a name's braces.
type Labels<'a> = Vec<(&'a str, Cow<'a, str>)>;

/// The labels up to the closing brace, and what follows it.
fn labels(mut rest: &str) -> Option<(Labels<'_>, &str)> {
    let mut labels = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if let Some(behind) = rest.strip_prefix('}') {
            return Some((labels, behind));
        }
        let (name, behind) = rest.split_once('=')?;
        let (value, behind) = quoted(behind.trim_start().strip_prefix('"')?)?;
        labels.push((name.trim(), value));
        rest = behind;
    }
}

/// The text up to the closing quote with `\\`, `\"` and `\n` undone, and what follows it.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let plain = text.find(['"', '\\'])?;
    if text[plain..].starts_with('"') {
        return Some((Cow::Borrowed(&text[..plain]), &text[plain + 1..]));
    }
    let mut value = text[..plain].to_owned();
    let mut characters = text[plain..].char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((Cow::Owned(value), &text[plain + at + 1..])),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            c => value.push(c),
        }
    }
    None
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | ':')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::soup::soup;

    #[test]
    fn samples_are_read() {
        for (line, name, label, value, why) in [
            (
                "windows_memory_pool_nonpaged_bytes 9.728e+07",
                "windows_memory_pool_nonpaged_bytes",
                None,
                9.728e7,
                "no labels, an exponent",
            ),
            (r#"a{state="TIME_WAIT",af="ipv4"} 12"#, "a", Some("TIME_WAIT"), 12.0, "labels"),
            (r#"a{ state = "x" , } -1 1700000000000"#, "a", Some("x"), -1.0, "spaces, stamp"),
            (
                r#"a{state="C:\\dir \"q\"\n}"} +Inf"#,
                "a",
                Some("C:\\dir \"q\"\n}"),
                f64::INFINITY,
                "escapes, a brace in a value",
            ),
            (r#"a{state=""}0"#, "a", Some(""), 0.0, "an empty value, no space"),
        ] {
            let page = parse(line);
            assert_eq!(page.skipped, [], "{why}");
            let sample = &page.samples[0];
            assert_eq!((sample.name, sample.value), (name, value), "{why}");
            assert_eq!(sample.label("state"), label, "{why}");
        }
    }

    #[test]
    fn families_without_samples_are_legal_and_bad_lines_are_counted() {
        let page = parse(
            "\u{feff}# HELP a Help.\r\n# TYPE a counter\r\n\r\n# HELP b Help.\r\nb 1\r\n\
             c{x=\"unclosed} 1\r\n9d 1\r\ne\r\nf 1 2 3\r\ng one\r\nNaN_ok NaN\r\n",
        );
        let names: Vec<_> = page.samples.iter().map(|s| s.name).collect();
        assert_eq!(names, ["b", "NaN_ok"]);
        let lines: Vec<_> = page.skipped.iter().map(|s| s.line).collect();
        assert_eq!(lines, [6, 7, 8, 9, 10]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            name in "[a-z_:][a-z0-9_:]{0,9}",
            labels in prop::collection::vec(("[a-z_]{1,6}", any::<String>()), 0..4),
            value in any::<f64>().prop_filter("NaN is not itself", |v| !v.is_nan()),
        ) {
            let escaped = |text: &str| {
                text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\r', "")
            };
            let pairs = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
            let line = format!("{name}{{{}}} {value}\n", pairs.collect::<Vec<_>>().join(","));
            let page = parse(&line);
            prop_assert_eq!(&page.skipped.to_vec(), &[]);
            let sample = &page.samples[0];
            prop_assert_eq!((sample.name, sample.value), (name.as_str(), value));
            let read: Vec<_> = sample.labels.iter().map(|(n, v)| ((*n).to_owned(), v.clone().into_owned())).collect();
            let wanted: Vec<_> = labels.into_iter().map(|(n, v)| (n, v.replace('\r', ""))).collect();
            prop_assert_eq!(read, wanted);
        }

        #[test]
        fn every_line_is_a_sample_a_comment_blank_or_counted(
            text in soup(&["# HELP a b\n", "a_b", "{c=\"d\"}", " 1\n", "NaN", "+Inf", "}", "{", "\\"])
        ) {
            let page = parse(&text);
            let is_row = |l: &&str| !l.trim().is_empty() && !l.trim().starts_with('#');
            let lines = text.trim_start_matches('\u{feff}').lines().filter(is_row).count();
            prop_assert_eq!(page.samples.len() + page.skipped.len(), lines);
        }
    }
}
