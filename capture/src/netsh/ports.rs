//! Provides the readers of `netsh int ipv4 show dynamicport` and `show excludedportrange`.
//!
//! Labels are localised, so only numbers, their order and the protocol's name are read.

use std::ops::RangeInclusive;

use crate::netstat::Proto;
use crate::{Skipped, SkippedRows};

/// A range of ephemeral ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DynamicPorts {
    /// The protocol that the heading names; `None` without a heading.
    pub proto: Option<Proto>,
    /// First port.
    pub start: u16,
    /// Number of ports.
    pub count: u32,
}

impl DynamicPorts {
    /// Last port, 65,535 at most.
    pub fn last(&self) -> u16 {
        let last = u32::from(self.start) + self.count.saturating_sub(1);
        u16::try_from(last).unwrap_or(u16::MAX)
    }
}

/// Reads `show dynamicport`, several of them too: in each the first number is the start, the second
/// the number of ports. Lines that could not be read come second.
pub fn dynamic_ports(text: &str) -> (Vec<DynamicPorts>, SkippedRows) {
    let (mut ranges, mut skipped) = (Vec::new(), SkippedRows::default());
    let (mut proto, mut start) = (None, None);
    for (at, line) in text.lines().enumerate() {
        let line_no = at + 1;
        let value = line.rsplit_once(':').map(|(_, value)| value.trim());
        let Some(value) = value.filter(|v| v.starts_with(|c: char| c.is_ascii_digit())) else {
            if let Some(named) = proto_of(line) {
                (proto, start) = (Some(named), None);
            }
            continue;
        };
        match (value.parse::<u32>(), start) {
            (Ok(count @ 1..=65_536), Some(first)) => {
                ranges.push(DynamicPorts { proto, start: first, count });
                start = None;
            }
            (Ok(first), None) if u16::try_from(first).is_ok() => start = u16::try_from(first).ok(),
            _ => {
                skipped.push(Skipped::new(line_no, format!("has \"{value}\" for a port")));
                start = None;
            }
        }
    }
    (ranges, skipped)
}

/// The protocol that a heading names, in any language: `Protocol tcp Dynamic Port Range`.
fn proto_of(line: &str) -> Option<Proto> {
    line.split(|c: char| !c.is_ascii_alphanumeric()).find_map(|word| match word {
        _ if word.eq_ignore_ascii_case("tcp") => Some(Proto::Tcp),
        _ if word.eq_ignore_ascii_case("udp") => Some(Proto::Udp),
        _ => None,
    })
}

/// A range of ports that is never given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExcludedPorts {
    /// The protocol that the heading names; `None` without a heading.
    pub proto: Option<Proto>,
    /// The ports.
    pub ports: RangeInclusive<u16>,
    /// Whether an administrator or a service asked for it (`*`), to stay over restarts.
    pub administered: bool,
}

/// Reads `show excludedportrange`: rows of two numbers and perhaps a `*`. Lines that could not be
/// read come second.
pub fn excluded_ports(text: &str) -> (Vec<ExcludedPorts>, SkippedRows) {
    let (mut ranges, mut skipped) = (Vec::new(), SkippedRows::default());
    let mut proto = None;
    for (at, line) in text.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().take(4).collect();
        let is_row = words.first().is_some_and(|w| w.starts_with(|c: char| c.is_ascii_digit()));
        if !is_row {
            proto = proto_of(line).or(proto);
            continue;
        }
        let port = |at: usize| words.get(at).and_then(|word| word.parse::<u16>().ok());
        match (port(0), port(1), &words[2.min(words.len())..]) {
            (Some(low), Some(high), mark @ ([] | ["*"])) if low <= high => {
                let administered = !mark.is_empty();
                ranges.push(ExcludedPorts { proto, ports: low..=high, administered });
            }
            _ => {
                let reason = format!("has \"{}\" for a range of ports", line.trim());
                skipped.push(Skipped::new(at + 1, reason));
            }
        }
    }
    (ranges, skipped)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::soup::soup;

    #[test]
    fn dynamic_ports_are_read_in_any_language() {
        for (text, ranges, why) in [
            (
                "\r\nProtocol tcp Dynamic Port Range\r\n---------------------------------\r\n\
                 Start Port      : 49152\r\nNumber of Ports : 16384\r\n",
                vec![(Some(Proto::Tcp), 49_152, 65_535)],
                "English",
            ),
            (
                "Диапазон динамических портов протокола tcp\n---\n\
                 Начальный порт    : 1025\nКоличество портов : 64510\n\n\
                 Диапазон динамических портов протокола udp\n---\n\
                 Начальный порт    : 49152\nКоличество портов : 16384\n",
                vec![(Some(Proto::Tcp), 1025, 65_534), (Some(Proto::Udp), 49_152, 65_535)],
                "Russian, two in one file",
            ),
            ("Start : 1\nCount : 65535\n", vec![(None, 1, 65_535)], "no heading"),
            ("Start : 70000\nCount : 16384\n", vec![], "no port"),
            ("Protocol tcp\nStart : 49152\nProtocol udp\nCount : 16\n", vec![], "cut off"),
            ("", vec![], "nothing"),
        ] {
            let read: Vec<_> =
                dynamic_ports(text).0.iter().map(|r| (r.proto, r.start, r.last())).collect();
            assert_eq!(read, ranges, "{why}");
        }
        assert_eq!(dynamic_ports("Start : 70000\nCount : 1x\n").1.len(), 2);
    }

    /// Japanese headings, and a row that a terminal has cut.
    #[test]
    fn excluded_ports_are_rows_of_two_numbers() {
        let text = "
プロトコル tcp ポート除外範囲

開始ポート    終了ポート
----------    --------
      5357        5357
     50000       50059     *
     50060
     60000       50000

* - 管理されている除外ポート。
";
        let (ranges, skipped) = excluded_ports(text);
        let tcp = Some(Proto::Tcp);
        assert_eq!(
            ranges,
            [
                ExcludedPorts { proto: tcp, ports: 5357..=5357, administered: false },
                ExcludedPorts { proto: tcp, ports: 50_000..=50_059, administered: true },
            ]
        );
        assert_eq!(skipped.iter().map(|s| s.line).collect::<Vec<_>>(), [8, 9]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_no_line_counts_twice(
            text in soup(&["Protocol tcp\n", "Start Port : ", "49152\n", "16384", "5357  5357 *\n"])
        ) {
            let lines = text.lines().count();
            let (ranges, skipped) = dynamic_ports(&text);
            prop_assert!(2 * ranges.len() + skipped.len() <= lines);
            let (ranges, skipped) = excluded_ports(&text);
            let is_row = |l: &&str| l.trim_start().starts_with(|c: char| c.is_ascii_digit());
            prop_assert_eq!(ranges.len() + skipped.len(), text.lines().filter(is_row).count());
        }
    }
}
