//! Provides counts by stamp, ever coarser as they grow, so that memory does not.

use std::collections::BTreeMap;

/// Counts of one stamp that are searched one by one.
const NOW_MAX: usize = 32;
/// By how much stamps get coarser each time, as a power of two.
const COARSER: u32 = 2;
/// The coarsest stamp, seconds as a power of two: some hundred years, beyond which a log has no cells
/// to save.
const COARSEST: u32 = 32;

/// Rows that have a stamp, a reason, a status and a queue in common. Names are told by their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// Seconds since 1970 UTC, shifted right by the grain.
    pub(super) bucket: i64,
    pub(super) reason: u16,
    pub(super) status: Option<u16>,
    pub(super) queue: Option<u16>,
}

/// How many rows these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) first_s: i64,
    pub(super) rows: u64,
    pub(super) refused: u64,
}

impl Cell {
    fn join(&mut self, other: &Self) {
        self.first_s = self.first_s.min(other.first_s);
        self.rows = self.rows.saturating_add(other.rows);
        self.refused = self.refused.saturating_add(other.refused);
    }
}

/// Counts by stamp. Once settled, what they hold does not depend on the order in which it was added:
/// the grain is the finest at which all keys find room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    most: usize,
    /// How far apart stamps may lie that are held as one, seconds as a power of two.
    grain: u32,
    by_key: BTreeMap<Key, Cell>,
    /// Those of the stamp that rows now have: rows stand in order, and this is a short list.
    now: Vec<(Key, Cell)>,
    now_bucket: i64,
}

impl Cells {
    /// No cells yet, and room for so many.
    pub(super) fn new(most: usize) -> Self {
        Self { most, grain: 0, by_key: BTreeMap::new(), now: Vec::new(), now_bucket: i64::MIN }
    }

    /// How far apart two stamps that are held as one may lie, seconds.
    pub(super) fn grain_s(&self) -> i64 {
        1 << self.grain
    }

    /// Cells held.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.by_key.len() + self.now.len()
    }

    /// Counts rows; the key's bucket is their second.
    #[inline]
    pub(super) fn add(&mut self, key: Key, cell: Cell) {
        let bucket = key.bucket >> self.grain;
        if self.now_bucket != bucket {
            self.settle();
            self.now_bucket = key.bucket >> self.grain;
        }
        let key = Key { bucket: self.now_bucket, ..key };
        match self.now.iter_mut().find(|(known, _)| *known == key) {
            Some((_, sum)) => sum.join(&cell),
            None => self.begin(key, cell),
        }
    }

    fn begin(&mut self, key: Key, cell: Cell) {
        self.now.push((key, cell));
        if self.now.len() > NOW_MAX {
            self.settle();
        }
    }

    /// Moves the list to the others, and makes all coarser where they are too many.
    pub(super) fn settle(&mut self) {
        for (key, cell) in self.now.drain(..) {
            self.by_key.entry(key).and_modify(|sum| sum.join(&cell)).or_insert(cell);
        }
        while self.by_key.len() > self.most && self.grain < COARSEST {
            self.grain += COARSER;
            for (key, cell) in std::mem::take(&mut self.by_key) {
                let key = Key { bucket: cell.first_s >> self.grain, ..key };
                self.by_key.entry(key).and_modify(|sum| sum.join(&cell)).or_insert(cell);
            }
        }
        self.now_bucket = i64::MIN;
    }

    /// All that was settled, in order of time.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Key, &Cell)> {
        self.by_key.iter().chain(self.now.iter().map(|(key, cell)| (key, cell)))
    }
}
