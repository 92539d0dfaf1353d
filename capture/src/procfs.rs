//! Provides the readers of a Linux kernel's network counters and port settings (`/proc`).
//!
//! Which keys there are depends on the kernel, so every key is kept under the name it has there.

use std::ops::RangeInclusive;

use crate::{Skipped, SkippedRows};

/// One counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter<'a> {
    /// `TCP`, `Tcp`, `TcpExt` …: what stands before the colon.
    pub group: &'a str,
    /// Its key.
    pub key: &'a str,
    /// Its value; some are -1 for "none".
    pub value: i64,
}

/// A file of counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters<'a> {
    /// Counters in order.
    pub counters: Vec<Counter<'a>>,
    /// Lines that could not be read.
    pub skipped: SkippedRows,
}

impl Counters<'_> {
    /// The value of a counter, where there is one.
    pub fn get(&self, group: &str, key: &str) -> Option<i64> {
        self.counters.iter().find(|c| c.group == group && c.key == key).map(|c| c.value)
    }
}

/// Reads `/proc/net/sockstat`: `TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 209`. `inuse` and `tw` are
/// the namespace's; `orphan`, `alloc` and `mem` (pages) are the whole host's.
pub fn sockstat(text: &str) -> Counters<'_> {
    let mut read = Counters::default();
    for (at, line) in text.lines().enumerate() {
        let Some((group, rest)) = line.split_once(':') else { continue };
        let mut words = rest.split_ascii_whitespace();
        while let Some(key) = words.next() {
            match words.next().and_then(|value| value.parse().ok()) {
                Some(value) => read.counters.push(Counter { group, key, value }),
                None => read.skipped.push(Skipped::new(at + 1, format!("has no number for {key}"))),
            }
        }
    }
    read
}

/// Reads `/proc/net/snmp` or `/proc/net/netstat`: a line of keys and a line of values per group. A
/// line without its pair is counted by itself, so that no group behind it is lost.
pub fn two_line(text: &str) -> Counters<'_> {
    let mut read = Counters::default();
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).peekable();
    while let Some((at, keys)) = lines.next() {
        let group = keys.split_once(':').map(|(group, _)| group);
        let is_pair =
            |line: &str| group.is_some() && line.split_once(':').map(|(same, _)| same) == group;
        let values = lines.next_if(|(_, line)| is_pair(line)).map_or("", |(_, values)| values);
        match self::group(keys, values) {
            Ok(counters) => read.counters.extend(counters),
            Err(reason) => read.skipped.push(Skipped::new(at + 1, reason)),
        }
    }
    read
}

fn group<'a>(keys: &'a str, values: &'a str) -> Result<Vec<Counter<'a>>, String> {
    let (group, keys) = keys.split_once(':').ok_or("names no group")?;
    let (_, values) = values.split_once(':').ok_or("has no line of values behind it")?;
    let keys: Vec<&str> = keys.split_ascii_whitespace().collect();
    let values: Vec<&str> = values.split_ascii_whitespace().collect();
    if keys.len() != values.len() {
        return Err(format!("holds {} keys for {} values", keys.len(), values.len()));
    }
    keys.into_iter()
        .zip(values)
        .map(|(key, value)| {
            let value = value.parse().map_err(|_| format!("has \"{value}\" for {key}"))?;
            Ok(Counter { group, key, value })
        })
        .collect()
}

/// Reads `ip_local_port_range`: first and last port. `None` where the text is no range.
pub fn port_range(text: &str) -> Option<(u16, u16)> {
    let mut words = text.split_ascii_whitespace().map(|word| word.parse().ok());
    let (low, high) = (words.next()??, words.next()??);
    (words.next().is_none() && low <= high).then_some((low, high))
}

/// Reads `ip_local_reserved_ports`: `8080,9148-9150`, or nothing. `None` where a part is no range.
pub fn reserved_ports(text: &str) -> Option<Vec<RangeInclusive<u16>>> {
    let parts = text.trim().split(',').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            Some(low.parse().ok()?..=high.parse().ok()?)
        })
        .collect()
}

/// How many ports of `low..=high` are reserved. The kernel prints reserved ranges without overlap.
pub fn reserved_within(reserved: &[RangeInclusive<u16>], low: u16, high: u16) -> u32 {
    let within = |range: &RangeInclusive<u16>| {
        let (first, last) = ((*range.start()).max(low), (*range.end()).min(high));
        (u32::from(last) + 1).saturating_sub(u32::from(first))
    };
    reserved.iter().map(within).fold(0, u32::saturating_add)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::soup::soup;

    /// Linux 6.18, shortened.
    #[test]
    fn sockstat_keeps_every_pair() {
        let read = sockstat(
            "sockets: used 14\nTCP: inuse 1 orphan 0 tw 57 alloc 3 mem 209\nTCP6: inuse\n",
        );
        assert_eq!(read.get("TCP", "tw"), Some(57));
        assert_eq!(read.get("sockets", "used"), Some(14));
        assert_eq!(read.get("TCP6", "inuse"), None);
        assert_eq!(read.skipped[0].line, 3);
    }

    /// Linux 6.18, shortened; the last group is cut off.
    #[test]
    fn two_line_groups_are_read_each_by_itself() {
        let read = two_line(
            "Tcp: RtoMin MaxConn ActiveOpens\nTcp: 200 -1 58\n\
             TcpExt: TW ListenDrops\nTcpExt: 10\n\
             IpExt: InOctets\nIpExt: 49573072\nMPTcpExt: NewKey\n",
        );
        assert_eq!(read.get("Tcp", "MaxConn"), Some(-1));
        assert_eq!(read.get("Tcp", "ActiveOpens"), Some(58));
        assert_eq!(read.get("IpExt", "InOctets"), Some(49_573_072), "behind a bad group");
        let lines: Vec<_> = read.skipped.iter().map(|s| s.line).collect();
        assert_eq!(lines, [3, 7]);
    }

    /// `cat /proc/net/snmp; echo; cat /proc/net/netstat` under a heading of one's own.
    #[test]
    fn a_line_without_its_pair_shifts_no_group() {
        let read = two_line("== host a\nTcp: CurrEstab\nTcp: 7\n\nTcpExt: TW\nTcpExt: 10\n");
        assert_eq!((read.get("Tcp", "CurrEstab"), read.get("TcpExt", "TW")), (Some(7), Some(10)));
        assert_eq!(read.skipped.iter().map(|s| s.line).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn port_settings_are_read() {
        assert_eq!(port_range("32768\t60999\n"), Some((32768, 60999)));
        for bad in ["", "32768", "60999 32768", "1 2 3", "1 70000"] {
            assert_eq!(port_range(bad), None, "{bad:?}");
        }
        assert_eq!(reserved_ports("\n"), Some(vec![]));
        let reserved = reserved_ports("8080,40000-40009,60990-61010\n").unwrap();
        assert_eq!(reserved_within(&reserved, 32768, 60999), 20, "cut at the range's end");
        assert_eq!(reserved_within(&reserved, 1025, 5000), 0);
        assert_eq!(reserved_within(&[0..=u16::MAX], 0, u16::MAX), 65_536);
        assert_eq!(reserved_ports("80-x"), None);
    }

    proptest! {
        #[test]
        fn every_pair_of_sockstat_is_a_counter_or_counted(
            text in soup(&["TCP:", " inuse ", "1 ", "tw", "-1", "\n", "sockets: used 14\n"])
        ) {
            let read = sockstat(&text);
            let words = |line: &str| line.split_once(':').map_or(0, |(_, rest)| rest.split_ascii_whitespace().count());
            let pairs: usize = text.lines().map(|line| words(line).div_ceil(2)).sum();
            prop_assert_eq!(read.counters.len() + read.skipped.len(), pairs);
        }

        #[test]
        fn groups_written_are_read_back_whatever_stands_between(
            groups in prop::collection::vec(("[A-Z][a-z]{1,5}", prop::collection::vec(("[A-Za-z]{1,8}", any::<i64>()), 1..5), "[ -9]{0,9}"), 0..5)
        ) {
            let text: String = groups.iter().map(|(group, pairs, between)| {
                let keys: Vec<_> = pairs.iter().map(|(key, _)| key.clone()).collect();
                let values: Vec<_> = pairs.iter().map(|(_, value)| value.to_string()).collect();
                format!("{group}: {}\n{group}: {}\n{between}\n", keys.join(" "), values.join(" "))
            }).collect();
            let wanted: Vec<_> = groups.iter().flat_map(|(group, pairs, _)| {
                pairs.iter().map(move |(key, value)| (group.as_str(), key.as_str(), *value))
            }).collect();
            let read = two_line(&text);
            let read: Vec<_> = read.counters.iter().map(|c| (c.group, c.key, c.value)).collect();
            prop_assert_eq!(read, wanted);
        }

        #[test]
        fn any_text_is_read(text in soup(&["Tcp: ", "a b", "1 2\n", "TcpExt:", "1-2,", "80"])) {
            two_line(&text);
            port_range(&text);
            let reserved = reserved_ports(&text).unwrap_or_default();
            prop_assert!(reserved_within(&reserved, 0, u16::MAX) as usize <= reserved.len() * 65_536);
        }
    }
}
