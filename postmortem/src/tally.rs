//! Provides the fold of an HTTP.sys error log: its size does not depend on the log's.

mod cells;
mod names;

use std::collections::BTreeMap;

use capture::httperr::Counted;

use self::cells::{Cell, Cells, Key};
use self::names::Names;

/// Counts of refusals kept before stamps are rounded down to coarser ones: eleven days without a break.
const REFUSALS_MAX: usize = 200_000;
/// The same of other rows, whose second matters less.
const OTHERS_MAX: usize = 20_000;

/// A group of rows as it is told: stamp in seconds since 1970, reason, status, queue, rows, sum of N.
pub(crate) type Group<'a> = (i64, &'a str, Option<u16>, Option<&'a str>, u64, u64);

/// Aggregated refusals of one stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Seconds since 1970 UTC.
    pub unix_s: i64,
    /// Rows.
    pub rows: u64,
    /// The sum of N.
    pub n: u64,
}

/// What a log adds up to; to be read once it is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Rows.
    pub records: u64,
    /// The sum of N over aggregated refusals.
    pub refused: u64,
    /// Rows of aggregated refusals.
    pub refused_rows: u64,
    /// The earliest stamp, seconds since 1970 UTC.
    pub first_s: Option<i64>,
    /// The latest.
    pub last_s: Option<i64>,
    /// Rows by the port of this host.
    pub by_port: BTreeMap<u16, u64>,
    /// Rows of refusals by seconds modulo five: HTTP.sys writes them on a five-second grid.
    pub refused_phase: [u64; 5],
    reasons: Names,
    reason_rows: Vec<u64>,
    queues: Names,
    refusals: Cells,
    others: Cells,
    /// Rows with the same port in a row.
    port_run: (u16, u64),
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            records: 0,
            refused: 0,
            refused_rows: 0,
            first_s: None,
            last_s: None,
            by_port: BTreeMap::new(),
            refused_phase: [0; 5],
            reasons: Names::default(),
            reason_rows: Vec::new(),
            queues: Names::default(),
            refusals: Cells::new(REFUSALS_MAX),
            others: Cells::new(OTHERS_MAX),
            port_run: (0, 0),
        }
    }
}

impl Tally {
    /// Takes in one row.
    #[inline]
    pub fn add(&mut self, row: &Counted<'_>) {
        self.count(row, 1);
    }

    /// Takes in rows that are alike; N is their sum.
    #[inline]
    pub(crate) fn count(&mut self, row: &Counted<'_>, rows: u64) {
        let unix_s = row.unix_s;
        self.records += rows;
        self.first_s = Some(self.first_s.map_or(unix_s, |s| s.min(unix_s)));
        self.last_s = Some(self.last_s.map_or(unix_s, |s| s.max(unix_s)));
        if let Some(port) = row.s_port {
            self.count_port(port, rows);
        }
        let reason = self.reasons.place(row.reason);
        self.count_reason(reason, rows);
        let queue = row.queue.map(|queue| self.queues.place(queue));
        let key = Key { reason, status: row.status, queue };
        let cell = Cell { first_s: unix_s, key, rows, refused: row.refused.unwrap_or(0) };
        if row.refused.is_some() {
            self.refused_rows += rows;
            self.refused = self.refused.saturating_add(cell.refused);
            self.refused_phase[unix_s.rem_euclid(5) as usize] += rows;
            self.refusals.add(cell);
        } else {
            self.others.add(cell);
        }
    }

    #[inline]
    fn count_port(&mut self, port: u16, rows: u64) {
        if self.port_run.0 != port {
            self.settle_port();
            self.port_run.0 = port;
        }
        self.port_run.1 += rows;
    }

    fn settle_port(&mut self) {
        let (port, rows) = std::mem::take(&mut self.port_run);
        if rows > 0 {
            *self.by_port.entry(port).or_default() += rows;
        }
    }

    #[inline]
    fn count_reason(&mut self, reason: u16, rows: u64) {
        let at = usize::from(reason);
        if at >= self.reason_rows.len() {
            self.reason_rows.resize(at + 1, 0);
        }
        self.reason_rows[at] += rows;
    }

    /// Brings in what is held back while rows come. Two tallies of the same rows are equal then,
    /// however the rows were parted and joined again in order, unless names [overflowed](Self::overflowed).
    pub fn settle(&mut self) {
        self.settle_port();
        self.reasons.settle();
        self.queues.settle();
        self.refusals.settle();
        self.others.settle();
    }

    /// Whether there were more distinct names than find room, so that some share one.
    pub fn overflowed(&self) -> bool {
        self.reasons.overflowed() || self.queues.overflowed()
    }

    /// Takes in another log of the same host, which stands behind this one; both are settled.
    pub fn join(&mut self, other: &Self) {
        self.records += other.records;
        self.refused = self.refused.saturating_add(other.refused);
        self.refused_rows += other.refused_rows;
        self.first_s = self.first_s.into_iter().chain(other.first_s).min();
        self.last_s = self.last_s.into_iter().chain(other.last_s).max();
        for (port, rows) in &other.by_port {
            *self.by_port.entry(*port).or_default() += rows;
        }
        for (sum, rows) in self.refused_phase.iter_mut().zip(other.refused_phase) {
            *sum += rows;
        }
        for (name, rows) in other.reasons.iter().zip(&other.reason_rows) {
            let reason = self.reasons.place(name);
            self.count_reason(reason, *rows);
        }
        for queue in other.queues.iter() {
            self.queues.place(queue);
        }
        for (mine, theirs) in
            [(&mut self.refusals, &other.refusals), (&mut self.others, &other.others)]
        {
            for cell in theirs.all() {
                let reason = self.reasons.place(other.reasons.name(cell.key.reason));
                let queue = cell.key.queue.map(|q| self.queues.place(other.queues.name(q)));
                mine.add(Cell { key: Key { reason, queue, ..cell.key }, ..*cell });
            }
        }
        self.settle();
    }

    /// Rows by reason.
    pub fn by_reason(&self) -> BTreeMap<String, u64> {
        let rows = self.reason_rows.iter().copied();
        self.reasons.iter().map(str::to_owned).zip(rows).collect()
    }

    /// Rows of one reason.
    pub fn rows_of(&self, reason: &str) -> u64 {
        let found = self.reasons.iter().zip(&self.reason_rows).find(|(name, _)| *name == reason);
        found.map_or(0, |(_, rows)| *rows)
    }

    /// Names of request queues.
    pub(crate) fn queues(&self) -> impl Iterator<Item = &str> {
        self.queues.iter()
    }

    /// Refusals by stamp, in order of time.
    pub fn refusals(&self) -> Vec<Refused> {
        let mut by_stamp: BTreeMap<i64, Refused> = BTreeMap::new();
        for cell in self.refusals.all() {
            let unix_s = cell.first_s;
            let sum = by_stamp.entry(unix_s).or_insert(Refused { unix_s, rows: 0, n: 0 });
            sum.rows += cell.rows;
            sum.n = sum.n.saturating_add(cell.refused);
        }
        by_stamp.into_values().collect()
    }

    /// How far apart two stamps that were told as one may lie, seconds; 1 where none were.
    pub fn grain_s(&self) -> i64 {
        self.refusals.grain_s()
    }

    /// Every group of rows.
    pub(crate) fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        let cells = self.refusals.all().chain(self.others.all());
        cells.map(|cell| {
            let queue = cell.key.queue.map(|queue| self.queues.name(queue));
            let reason = self.reasons.name(cell.key.reason);
            (cell.first_s, reason, cell.key.status, queue, cell.rows, cell.refused)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::names::NAMES_MAX;
    use super::*;

    fn tally(rows: impl Iterator<Item = String>) -> Tally {
        let mut tally = Tally::default();
        for row in rows {
            capture::httperr::Parser::new().count(&row, |row| tally.add(row), |_, _, _| {});
        }
        tally.settle();
        tally
    }

    fn row(s: u32, reason: &str) -> String {
        let (h, m, s) = (s / 3600 % 24, s / 60 % 60, s % 60);
        format!("2012-02-06 {h:02}:{m:02}:{s:02} - - - - - - - - - {reason} -")
    }

    #[test]
    fn equal_rows_are_one_group_whatever_their_order() {
        let rows = [
            (5, "Client_Reset"),
            (0, "3_Connections_Refused"),
            (5, "Client_Reset"),
            (0, "4_Connections_Refused"),
        ];
        let tally = tally(rows.iter().map(|(s, reason)| row(*s, reason)));
        assert_eq!((tally.records, tally.refused, tally.refused_rows), (4, 7, 2));
        let groups: Vec<_> = tally.groups().map(|g| (g.1.to_owned(), g.4, g.5)).collect();
        assert_eq!(
            groups,
            [("Connections_Refused".to_owned(), 2, 7), ("Client_Reset".to_owned(), 2, 0)]
        );
        assert_eq!(tally.last_s.unwrap() - tally.first_s.unwrap(), 5);
    }

    #[test]
    fn stamps_get_coarser_before_memory_does() {
        let mut tally = tally((0..60_000).map(|s| row(s, "Client_Reset")));
        assert!(tally.others.all().count() <= OTHERS_MAX);
        assert_eq!(tally.groups().map(|g| g.4).sum::<u64>(), 60_000, "and no row is lost");
        assert_eq!(tally.grain_s(), 1, "refusals keep their second");
        let other = tally.clone();
        tally.join(&other);
        assert_eq!(tally.groups().map(|g| g.4).sum::<u64>(), 120_000);
        assert_eq!(tally.rows_of("Client_Reset"), 120_000);
    }

    #[test]
    fn names_beyond_the_bound_are_told_together() {
        let tally = tally((0..1_000).map(|n| row(0, &format!("Reason{n}"))));
        assert_eq!(tally.by_reason().len(), NAMES_MAX);
        assert_eq!(tally.by_reason().values().sum::<u64>(), 1_000);
    }
}
