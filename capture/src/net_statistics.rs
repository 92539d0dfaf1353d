//! Provides `net statistics workstation` (or `server`): since when a host has counted, which is nearly
//! since its boot. On Windows before XP no other inbox tool tells.

use crate::cut::at_most;

/// What is kept of a stamp, bytes.
const STAMP_BYTES: usize = 40;

/// What it tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetStatistics<'a> {
    /// The host, without its strokes.
    pub host: Option<&'a str>,
    /// Since when, local time as the host's language writes it.
    pub since: Option<&'a str>,
}

/// The host that a heading names: `Workstation Statistics for \\WEB1`, in most languages.
pub(crate) fn host_of(line: &str) -> Option<&str> {
    let (title, host) = line.trim().split_once("\\\\")?;
    let one_word = !host.is_empty() && !host.contains([' ', '\\']);
    (one_word && is_title(title)).then_some(host)
}

fn is_title(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "statisti",
        "statystyk",
        "\u{7d71}\u{8a08}",
        "\u{7edf}\u{8ba1}",
        "\u{441}\u{442}\u{430}\u{442}\u{438}\u{441}\u{442}",
    ]
    .iter()
    .any(|word| text.contains(word))
}

/// Reads it. The stamp is the first one behind the heading.
pub fn parse(text: &str) -> NetStatistics<'_> {
    let mut lines = text.lines();
    let Some(host) = lines.find_map(host_of) else { return NetStatistics::default() };
    let since = lines.find_map(|line| {
        let from = line.find(|c: char| c.is_ascii_digit()).filter(|_| is_title(line))?;
        Some(at_most(line[from..].trim(), STAMP_BYTES))
    });
    NetStatistics { host: Some(host), since }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::soup::soup;

    #[test]
    fn the_start_is_told_in_other_languages_too() {
        for (text, host, since, why) in [
            (
                "Workstation Statistics for \\\\WEB1\r\n\r\n\r\nStatistics since 1/28/2026 6:03 AM\r\n\r\n  Bytes received  1234\r\n",
                Some("WEB1"),
                Some("1/28/2026 6:03 AM"),
                "English",
            ),
            (
                "Serverstatistik f\u{fc}r \\\\WEB1\n\n\nStatistik seit 28.01.2026 06:03\n",
                Some("WEB1"),
                Some("28.01.2026 06:03"),
                "German",
            ),
            ("Statistics since 1/28/2026\n", None, None, "without its heading it may be anything"),
            ("Statistics for \\\\WEB1\\x\n", None, None, "a path is no host"),
        ] {
            let read = parse(text);
            assert_eq!((read.host, read.since), (host, since), "{why}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_borne(text in soup(&["Statistics for ", "\\\\WEB1", "\n", "Statistics since ", "1/2"])) {
            let read = parse(&text);
            prop_assert!(read.since.is_none_or(|since| since.len() <= STAMP_BYTES));
        }
    }
}
