//! Provides the columns of one row, without a copy.

use super::columns::COLUMNS_MAX;
use super::trouble::Trouble;

/// Bytes that are searched for spaces at a time.
const CHUNK: usize = 64;

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
        let mut high = 0;
        let (chunks, rest) = bytes.as_chunks::<CHUNK>();
        let mut base = 0;
        for chunk in chunks {
            self.take_all(spaces(chunk, &mut high), base)?;
            base += CHUNK as u32;
        }
        if let Some(last) = bytes.last_chunk::<CHUNK>() {
            // The last chunk overlaps the one before: what was seen there is shifted out.
            let seen = CHUNK - rest.len();
            let spaces = spaces(last, &mut high).unbounded_shr(seen as u32);
            self.take_all(spaces, base)?;
        } else {
            let mut padded = [0; CHUNK];
            padded[..rest.len()].copy_from_slice(rest);
            self.take_all(spaces(&padded, &mut high), base)?;
        }
        if high != 0 {
            return self.of_any(line);
        }
        self.take(length)
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

    /// Ends a column at each of these spaces, the lowest bit standing for `base`.
    fn take_all(&mut self, mut spaces: u64, base: u32) -> Result<(), Trouble<'static>> {
        while spaces != 0 {
            let at = base + spaces.trailing_zeros();
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

    /// A column of the row that was split; empty beyond its last.
    #[inline]
    pub(super) fn column<'a>(&self, line: &'a str, at: usize) -> &'a str {
        let place = self.places[..self.count].get(at);
        place.and_then(|(from, to)| line.get(*from as usize..*to as usize)).unwrap_or("")
    }
}

/// A bit for each byte that is a space, the first byte's the lowest; bytes that are not ASCII show
/// in `high`.
#[inline]
fn spaces(chunk: &[u8; CHUNK], high: &mut u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    const TOP: u64 = !LOW;
    // Moves the top bit of byte n to bit 56 + n.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (words, _) = chunk.as_chunks::<8>();
    let mut bits = 0;
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        *high |= word & TOP;
        let word = word ^ 0x2020_2020_2020_2020;
        let tops = !((word & LOW).wrapping_add(LOW) | word | LOW);
        bits |= ((tops >> 7).wrapping_mul(GATHER) >> 56) << (8 * at);
    }
    bits
}
