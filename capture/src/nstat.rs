//! Provides the reader of `nstat` (iproute2): a Linux kernel's counters, group and key joined
//! (`TcpExtListenOverflows`).

use crate::{Skipped, SkippedRows};

/// One counter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counter<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value: since boot with `-a`, since `nstat` ran last without.
    pub value: i64,
    /// Its growth per second, where a daemon measures that; 0 otherwise.
    pub per_second: f64,
}

/// A whole listing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counters<'a> {
    /// Counters in order; those that are zero are there with `-z` only.
    pub counters: Vec<Counter<'a>>,
    /// Lines that could not be read.
    pub skipped: SkippedRows,
}

impl Counters<'_> {
    /// The value of a counter, where it is listed.
    pub fn get(&self, name: &str) -> Option<i64> {
        self.counters.iter().find(|c| c.name == name).map(|c| c.value)
    }
}

/// Reads a listing. `#` lines and blank ones are no counters.
pub fn parse(text: &str) -> Counters<'_> {
    let mut read = Counters::default();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match counter(line) {
            Ok(counter) => read.counters.push(counter),
            Err(reason) => read.skipped.push(Skipped::new(at + 1, reason)),
        }
    }
    read
}

fn counter(line: &str) -> Result<Counter<'_>, String> {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap_or("");
    let (Some(value), Some(rate), None) = (words.next(), words.next(), words.next()) else {
        return Err("is not a name, a value and a rate".into());
    };
    let value = value.parse().map_err(|_| format!("has \"{value}\" for {name}"))?;
    let rate: f64 = rate.parse().map_err(|_| format!("has \"{rate}\" for the rate of {name}"))?;
    Ok(Counter { name, value, per_second: rate })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::soup::soup;

    /// iproute2 of Debian on Linux 6.18, shortened.
    #[test]
    fn counters_are_kept_under_their_names() {
        let read = parse(
            "#kernel
TcpActiveOpens                  26183              0.0
TcpMaxConn                      -1                 0.0
TcpExtListenOverflows           96                 1.5

TcpExtTW                        x                  0.0
TcpExtCut
",
        );
        assert_eq!(read.get("TcpExtListenOverflows"), Some(96));
        assert_eq!(read.get("TcpMaxConn"), Some(-1), "some are -1 for none");
        assert_eq!(read.get("TcpExtListenDrops"), None, "not listed is not zero");
        assert_eq!(read.counters[2].per_second, 1.5);
        assert_eq!(read.skipped.iter().map(|s| s.line).collect::<Vec<_>>(), [6, 7]);
    }

    proptest! {
        #[test]
        fn every_line_is_a_counter_a_comment_or_counted(
            text in soup(&["#kernel\n", "TcpExtTW ", "17 ", "0.0", "-1", "\n"])
        ) {
            let read = parse(&text);
            let is_row = |l: &&str| !l.trim().is_empty() && !l.trim().starts_with('#');
            let lines = text.lines().filter(is_row).count();
            prop_assert_eq!(read.counters.len() + read.skipped.len(), lines);
        }
    }
}
