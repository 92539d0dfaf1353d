//! Provides counts by stamp, ever coarser as they grow, so that memory does not.

/// Counts of one stamp that are searched one by one.
const NOW_MAX: usize = 32;
/// By how much stamps get coarser each time, as a power of two.
const COARSER: u32 = 2;
/// The coarsest stamp, seconds as a power of two: some hundred years, beyond which a log has no cells
/// to save.
const COARSEST: u32 = 32;

/// What rows of one cell have in common beside their stamp. Names are told by their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) reason: u16,
    pub(super) status: Option<u16>,
    pub(super) queue: Option<u16>,
}

/// Rows that are held as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// The earliest stamp among them, seconds since 1970 UTC.
    pub(super) first_s: i64,
    pub(super) key: Key,
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
/// the grain is the finest at which all cells find room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    most: usize,
    /// How far apart stamps may lie that are held as one, seconds as a power of two.
    grain: u32,
    /// In the order in which they were added; some may still be alike.
    cells: Vec<Cell>,
    /// Those of the stamp that rows now have: rows stand in order, and this is a short list.
    now: Vec<Cell>,
}

impl Cells {
    /// No cells yet, and room for so many.
    pub(super) fn new(most: usize) -> Self {
        Self { most, grain: 0, cells: Vec::new(), now: Vec::new() }
    }

    /// How far apart two stamps that are held as one may lie, seconds.
    pub(super) fn grain_s(&self) -> i64 {
        1 << self.grain
    }

    /// All of them; settled, in order of time.
    pub(super) fn all(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().chain(&self.now)
    }

    /// Counts rows.
    #[inline]
    pub(super) fn add(&mut self, cell: Cell) {
        let bucket = cell.first_s >> self.grain;
        if self.now.first().is_some_and(|now| now.first_s >> self.grain != bucket) {
            self.put_by();
        }
        match self.now.iter_mut().find(|known| known.key == cell.key) {
            Some(sum) => sum.join(&cell),
            None => self.begin(cell),
        }
    }

    fn begin(&mut self, cell: Cell) {
        if self.now.len() == NOW_MAX {
            self.put_by();
        }
        self.now.push(cell);
    }

    /// Puts the list of now with the others; twice as many as find room are let come together.
    fn put_by(&mut self) {
        self.cells.append(&mut self.now);
        if self.cells.len() > 2 * self.most {
            self.merge();
        }
    }

    /// Makes cells that are alike one, and all coarser where they are too many.
    fn merge(&mut self) {
        loop {
            let grain = self.grain;
            let bucket = |cell: &Cell| cell.first_s >> grain;
            // Rows stand in order of time, so that most often only what has one stamp is to be sorted.
            if !self.cells.is_sorted_by_key(bucket) {
                self.cells.sort_by_key(bucket);
            }
            for of_one in self.cells.chunk_by_mut(|a, b| bucket(a) == bucket(b)) {
                of_one.sort_unstable_by_key(|cell| cell.key);
            }
            self.cells.dedup_by(|cell, kept| {
                let alike = bucket(cell) == bucket(kept) && cell.key == kept.key;
                if alike {
                    kept.join(cell);
                }
                alike
            });
            if self.cells.len() <= self.most || self.grain >= COARSEST {
                return;
            }
            self.grain += COARSER;
        }
    }

    /// Brings all into order, and into the room there is.
    pub(super) fn settle(&mut self) {
        self.cells.append(&mut self.now);
        self.merge();
    }
}
