//! Provides the columns of one row, without a copy.

use std::ops::Range;

use super::columns::COLUMNS_MAX;
use super::trouble::Trouble;

/// Where the columns of the last row stand.
#[derive(Clone, Debug)]
pub(super) struct Split {
    /// Where each column begins and ends; beyond `count`, those of older rows.
    places: [(u32, u32); COLUMNS_MAX],
    pub(super) count: usize,
    /// Where the column that is being read begins.
    from: u32,
}

impl Default for Split {
    fn default() -> Self {
        Self { places: [(0, 0); COLUMNS_MAX], count: 0, from: 0 }
    }
}

impl Split {
    /// Finds the columns of a row: at spaces, and at U+00A0, which a blog makes of them.
    #[inline]
    pub(super) fn of<'a>(&mut self, line: &'a str) -> Result<(), Trouble<'a>> {
        (self.count, self.from) = (0, 0);
        let bytes = line.as_bytes();
        let length = u32::try_from(bytes.len()).map_err(|_| Trouble::TooLong)?;
        let (words, rest) = bytes.as_chunks::<8>();
        let (mut base, mut all) = (0, 0);
        for word in words {
            let word = u64::from_le_bytes(*word);
            all |= word;
            self.take_all(spaces(word), base)?;
            base += 8;
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        let last = u64::from_le_bytes(last);
        self.take_all(spaces(last), base)?;
        if is_ascii(all | last) { self.take(length) } else { self.of_any(line) }
    }

    /// The same for a row that is not all ASCII.
    #[cold]
    fn of_any<'a>(&mut self, line: &'a str) -> Result<(), Trouble<'a>> {
        (self.count, self.from) = (0, 0);
        for (at, space) in line.match_indices([' ', '\u{a0}']) {
            self.take(at as u32)?;
            self.from = (at + space.len()) as u32;
        }
        self.take(line.len() as u32)
    }

    /// Ends a column at each of these spaces, the lowest byte standing for `base`.
    fn take_all(&mut self, mut spaces: u64, base: u32) -> Result<(), Trouble<'static>> {
        while spaces != 0 {
            let at = base + spaces.trailing_zeros() / 8;
            self.take(at)?;
            self.from = at + 1;
            spaces &= spaces - 1;
        }
        Ok(())
    }

    /// Ends a column; between two spaces in a row there is none.
    fn take(&mut self, to: u32) -> Result<(), Trouble<'static>> {
        match self.places.get_mut(self.count) {
            Some(place) => *place = (self.from, to),
            None if self.from == to => return Ok(()),
            None => return Err(Trouble::TooManyColumns(COLUMNS_MAX)),
        }
        self.count += usize::from(self.from < to);
        Ok(())
    }

    /// Where a column of the row that was split stands.
    pub(super) fn place(&self, at: usize) -> Option<Range<usize>> {
        let (from, to) = self.places[..self.count].get(at)?;
        Some(*from as usize..*to as usize)
    }

    /// A column of the row that was split; empty beyond its last.
    #[inline]
    pub(super) fn column<'a>(&self, line: &'a str, at: usize) -> &'a str {
        let place = self.places[..self.count].get(at);
        place.and_then(|(from, to)| line.get(*from as usize..*to as usize)).unwrap_or("")
    }
}

/// The high bit of each of eight bytes that is a space, the first byte the lowest.
#[inline]
pub(super) fn spaces(word: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let word = word ^ 0x2020_2020_2020_2020;
    !((word & LOW).wrapping_add(LOW) | word | LOW)
}

/// Whether all of eight bytes are ASCII.
#[inline]
pub(super) fn is_ascii(word: u64) -> bool {
    word & 0x8080_8080_8080_8080 == 0
}
