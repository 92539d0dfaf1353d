//! Provides the fold of an HTTP.sys error log: its size does not depend on the log's.

use std::collections::BTreeMap;

use capture::httperr::Record;

/// Counts of refusals kept before stamps are rounded down to coarser ones: eleven days without a break.
const REFUSALS_MAX: usize = 200_000;
/// The same of other rows, whose second matters less.
const OTHERS_MAX: usize = 20_000;
/// Counts of one bucket that are searched one by one.
const NOW_MAX: usize = 32;
/// Distinct reasons, queues and ports kept by name; the reasons of a real log are some forty.
const NAMES_MAX: usize = 512;
/// By how much stamps get coarser each time.
const COARSER: i64 = 4;
/// The coarsest stamp, seconds: some hundred years, beyond which a log has no cells to save.
const COARSEST_S: i64 = 1 << 32;
/// What is beyond [`NAMES_MAX`].
const UNNAMED: &str = "(others)";

/// Rows that have a stamp, a reason, a status and a queue in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    bucket: i64,
    reason: usize,
    status: Option<u16>,
    queue: Option<usize>,
}

/// How many rows these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    first_s: i64,
    rows: u64,
    refused: u64,
}

/// Counts by stamp, ever coarser as they grow.
#[derive(Clone, Debug)]
struct Cells {
    most: usize,
    grain_s: i64,
    by_key: BTreeMap<Key, Cell>,
    /// Those of the bucket that rows now fall into: rows stand in order, and this is a short list.
    now: Vec<(Key, Cell)>,
}

impl Cells {
    fn new(most: usize) -> Self {
        Self { most, grain_s: 1, by_key: BTreeMap::new(), now: Vec::new() }
    }

    fn add(&mut self, key: Key, cell: Cell) {
        let key = Key { bucket: key.bucket.div_euclid(self.grain_s), ..key };
        if self.now.first().is_some_and(|(now, _)| now.bucket != key.bucket) {
            self.settle();
        }
        match self.now.iter_mut().find(|(known, _)| *known == key) {
            Some((_, sum)) => sum.join(&cell),
            None => self.now.push((key, cell)),
        }
        if self.now.len() > NOW_MAX {
            self.settle();
        }
    }

    /// Moves the list to the others, and makes all coarser where they are too many.
    fn settle(&mut self) {
        for (key, cell) in self.now.drain(..) {
            self.by_key.entry(key).and_modify(|sum| sum.join(&cell)).or_insert(cell);
        }
        while self.by_key.len() > self.most && self.grain_s < COARSEST_S {
            self.grain_s *= COARSER;
            for (key, cell) in std::mem::take(&mut self.by_key) {
                let key = Key { bucket: cell.first_s.div_euclid(self.grain_s), ..key };
                self.by_key.entry(key).and_modify(|sum| sum.join(&cell)).or_insert(cell);
            }
        }
    }

    fn all(&self) -> impl Iterator<Item = (&Key, &Cell)> {
        self.by_key.iter().chain(self.now.iter().map(|(key, cell)| (key, cell)))
    }
}

impl Cell {
    fn join(&mut self, other: &Self) {
        self.first_s = self.first_s.min(other.first_s);
        self.rows = self.rows.saturating_add(other.rows);
        self.refused = self.refused.saturating_add(other.refused);
    }
}

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

/// What a log adds up to.
#[derive(Clone, Debug)]
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
    reasons: Vec<String>,
    reason_rows: Vec<u64>,
    queues: Vec<String>,
    refusals: Cells,
    others: Cells,
    last_stamp: (String, i64),
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
            reasons: Vec::new(),
            reason_rows: Vec::new(),
            queues: Vec::new(),
            refusals: Cells::new(REFUSALS_MAX),
            others: Cells::new(OTHERS_MAX),
            last_stamp: (String::new(), 0),
        }
    }
}

impl Tally {
    /// Takes in one row.
    pub fn add(&mut self, record: &Record<'_>) {
        let Some(unix_s) = self.unix_s(record) else { return };
        self.records += 1;
        self.first_s = Some(self.first_s.map_or(unix_s, |s| s.min(unix_s)));
        self.last_s = Some(self.last_s.map_or(unix_s, |s| s.max(unix_s)));
        if let Some(port) = record.s_port
            && (self.by_port.len() < NAMES_MAX || self.by_port.contains_key(&port))
        {
            *self.by_port.entry(port).or_default() += 1;
        }
        let reason = place(&mut self.reasons, record.reason_name());
        self.reason_rows.resize(self.reasons.len(), 0);
        self.reason_rows[reason] += 1;
        let queue = record.queue.map(|queue| place(&mut self.queues, queue));
        let key = Key { bucket: unix_s, reason, status: record.status, queue };
        let cell = Cell { first_s: unix_s, rows: 1, refused: record.refused.unwrap_or(0) };
        if record.refused.is_some() {
            self.refused_rows += 1;
            self.refused = self.refused.saturating_add(cell.refused);
            self.refused_phase[unix_s.rem_euclid(5) as usize] += 1;
            self.refusals.add(key, cell);
        } else {
            self.others.add(key, cell);
        }
    }

    /// Takes in rows that were counted before: `of` is rows and the sum of N.
    pub(crate) fn count(
        &mut self,
        unix_s: i64,
        reason: &str,
        status: Option<u16>,
        queue: Option<&str>,
        (rows, refused): (u64, u64),
    ) {
        self.records += rows;
        self.first_s = Some(self.first_s.map_or(unix_s, |s| s.min(unix_s)));
        self.last_s = Some(self.last_s.map_or(unix_s, |s| s.max(unix_s)));
        let reason = place(&mut self.reasons, reason);
        self.reason_rows.resize(self.reasons.len(), 0);
        self.reason_rows[reason] += rows;
        let queue = queue.map(|queue| place(&mut self.queues, queue));
        let key = Key { bucket: unix_s, reason, status, queue };
        let cell = Cell { first_s: unix_s, rows, refused };
        if refused > 0 {
            self.refused_rows += rows;
            self.refused = self.refused.saturating_add(refused);
            self.refused_phase[unix_s.rem_euclid(5) as usize] += rows;
            self.refusals.add(key, cell);
        } else {
            self.others.add(key, cell);
        }
    }

    /// Takes in another log of the same host.
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
            let at = place(&mut self.reasons, name);
            self.reason_rows.resize(self.reasons.len(), 0);
            self.reason_rows[at] += rows;
        }
        for (mine, theirs) in
            [(&mut self.refusals, &other.refusals), (&mut self.others, &other.others)]
        {
            for (key, cell) in theirs.all() {
                let reason = place(&mut self.reasons, &other.reasons[key.reason]);
                let queue = key.queue.map(|q| place(&mut self.queues, &other.queues[q]));
                mine.add(Key { bucket: cell.first_s, reason, queue, ..*key }, *cell);
            }
        }
    }

    /// Rows by reason.
    pub fn by_reason(&self) -> BTreeMap<String, u64> {
        self.reasons.iter().cloned().zip(self.reason_rows.iter().copied()).collect()
    }

    /// Rows of one reason.
    pub fn rows_of(&self, reason: &str) -> u64 {
        let at = self.reasons.iter().position(|r| r == reason);
        at.map_or(0, |at| self.reason_rows[at])
    }

    /// Refusals by stamp, in order of time.
    pub fn refusals(&self) -> Vec<Refused> {
        let mut by_stamp: BTreeMap<i64, Refused> = BTreeMap::new();
        for (_, cell) in self.refusals.all() {
            let unix_s = cell.first_s;
            let sum = by_stamp.entry(unix_s).or_insert(Refused { unix_s, rows: 0, n: 0 });
            sum.rows += cell.rows;
            sum.n = sum.n.saturating_add(cell.refused);
        }
        by_stamp.into_values().collect()
    }

    /// How far apart two stamps that were told as one may lie, seconds; 1 where none were.
    pub fn grain_s(&self) -> i64 {
        self.refusals.grain_s
    }

    /// Every group of rows.
    pub(crate) fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        let cells = self.refusals.all().chain(self.others.all());
        cells.map(|(key, cell)| {
            let queue = key.queue.map(|q| self.queues[q].as_str());
            let reason = self.reasons[key.reason].as_str();
            (cell.first_s, reason, key.status, queue, cell.rows, cell.refused)
        })
    }

    /// Rows stand in order, so most share their stamp with the one before.
    fn unix_s(&mut self, record: &Record<'_>) -> Option<i64> {
        let known = self.last_stamp.0.split_at_checked(10);
        if known == Some((record.date, record.time)) {
            return Some(self.last_stamp.1);
        }
        let unix_s = record.stamp.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
        self.last_stamp.0.clear();
        self.last_stamp.0.push_str(record.date);
        self.last_stamp.0.push_str(record.time);
        self.last_stamp.1 = unix_s;
        Some(unix_s)
    }
}

/// The place of a name among those known; few are, and the usual ones come first.
fn place(names: &mut Vec<String>, name: &str) -> usize {
    if let Some(at) = names.iter().position(|known| known == name) {
        return at;
    }
    if names.len() < NAMES_MAX {
        names.push(name.to_owned());
        return names.len() - 1;
    }
    names[NAMES_MAX - 1] = UNNAMED.to_owned();
    NAMES_MAX - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(rows: impl Iterator<Item = String>) -> Tally {
        let mut tally = Tally::default();
        for row in rows {
            let parsed = capture::httperr::parse(&row);
            parsed.records.iter().for_each(|record| tally.add(record));
        }
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
        assert!(tally.others.by_key.len() <= OTHERS_MAX + NOW_MAX);
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
