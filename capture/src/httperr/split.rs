//! Provides the columns of one row, without a copy.

use super::columns::COLUMNS_MAX;

/// Where the columns of the last row stand.
#[derive(Clone, Debug)]
pub(super) struct Split {
    /// Where each column begins and ends; beyond `count`, those of older rows.
    places: [(u32, u32); COLUMNS_MAX],
    pub(super) count: usize,
}

impl Default for Split {
    fn default() -> Self {
        Self { places: [(0, 0); COLUMNS_MAX], count: 0 }
    }
}

impl Split {
    /// Finds the columns of a row: at spaces, and at U+00A0, which a blog makes of them.
    pub(super) fn of(&mut self, line: &str) -> Result<(), String> {
        self.count = 0;
        let length = u32::try_from(line.len()).map_err(|_| "is over 4 GiB long")?;
        let (words, rest) = line.as_bytes().as_chunks::<8>();
        let (mut from, mut base) = (0_u32, 0_u32);
        let mut all = 0_u64;
        for word in words {
            let word = u64::from_le_bytes(*word);
            all |= word;
            let mut spaces = spaces(word);
            while spaces != 0 {
                let at = base + spaces.trailing_zeros() / 8;
                self.take(from, at)?;
                from = at + 1;
                spaces &= spaces - 1;
            }
            base += 8;
        }
        for (at, byte) in (base..).zip(rest) {
            all |= u64::from(*byte);
            if *byte == b' ' {
                self.take(from, at)?;
                from = at + 1;
            }
        }
        if all & 0x8080_8080_8080_8080 != 0 {
            return self.of_any(line);
        }
        self.take(from, length)
    }

    /// The same for a row that is not all ASCII.
    fn of_any(&mut self, line: &str) -> Result<(), String> {
        self.count = 0;
        let mut from = 0;
        for (at, space) in line.match_indices([' ', '\u{a0}']) {
            self.take(from as u32, at as u32)?;
            from = at + space.len();
        }
        self.take(from as u32, line.len() as u32)
    }

    fn take(&mut self, from: u32, to: u32) -> Result<(), String> {
        if from < to {
            let place = self.places.get_mut(self.count);
            *place.ok_or_else(|| format!("holds over {COLUMNS_MAX} columns"))? = (from, to);
            self.count += 1;
        }
        Ok(())
    }

    /// A column of the row that was split; empty beyond its last.
    pub(super) fn column<'a>(&self, line: &'a str, at: usize) -> &'a str {
        let place = self.places[..self.count].get(at);
        place.and_then(|(from, to)| line.get(*from as usize..*to as usize)).unwrap_or("")
    }
}

/// The high bit of each byte that is a space.
fn spaces(word: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let word = word ^ 0x2020_2020_2020_2020;
    !((word & LOW).wrapping_add(LOW) | word | LOW)
}
