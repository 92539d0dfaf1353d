//! Provides what falls by chance, drawn from the scenario's seed so that a run can be made again.

/// A source of chance (SplitMix64).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The same seed gives the same run.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// How many of `n` happen, each with this probability.
    pub fn of(&mut self, n: u64, probability: f64) -> u64 {
        if probability <= 0.0 {
            return 0;
        }
        if probability >= 1.0 {
            return n;
        }
        let below = (probability * (1_u64 << 53) as f64) as u64;
        (0..n).filter(|_| self.next() >> 11 < below).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_happen_as_are_probable() {
        for (probability, low, high) in [(0.0, 0, 0), (1.0, 10_000, 10_000), (0.3, 2_850, 3_150)] {
            let happened = Chance::new(7).of(10_000, probability);
            assert!((low..=high).contains(&happened), "{happened} of 10,000 at {probability}");
        }
        assert_eq!(Chance::new(7).of(99, 0.5), Chance::new(7).of(99, 0.5), "the same seed");
    }
}
