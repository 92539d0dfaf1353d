//! Defines the TIME_WAIT population: aged here in cohorts, or counted elsewhere and told.

/// Parts that the length of TIME_WAIT is divided into: an entry leaves at most 1/1000 of it late.
const PARTS: usize = 1000;

/// TIME_WAIT entries of the emulated host.
#[derive(Clone, Debug)]
pub enum TimeWait {
    /// Aged by the ledger.
    Aged(Ring),
    /// The number that a kernel's own table holds.
    Counted(u64),
}

impl TimeWait {
    /// Entries now.
    pub fn count(&self) -> u64 {
        match self {
            Self::Aged(ring) => ring.total,
            Self::Counted(n) => *n,
        }
    }
}

/// Entries by the tick in which they expire; memory is the same for any rate.
#[derive(Clone, Debug)]
pub struct Ring {
    slots: Vec<u64>,
    tick_s: f64,
    length_s: f64,
    now_s: f64,
    /// The last tick that has expired.
    at: u64,
    total: u64,
}

impl Ring {
    /// An empty population whose entries stay `length_s` seconds of the emulated host.
    pub fn new(length_s: f64) -> Self {
        // A length of zero would make ticks of zero; a microsecond is below anything observable.
        let length_s = length_s.max(1e-6);
        let tick_s = length_s / PARTS as f64;
        Self { slots: vec![0; PARTS + 3], tick_s, length_s, now_s: 0.0, at: 0, total: 0 }
    }

    /// Adds a cohort of `n` at the time of the last `expire`.
    pub fn enter(&mut self, n: u64) {
        let due = ((self.now_s + self.length_s) / self.tick_s).ceil() as u64;
        let len = self.slots.len();
        self.slots[(due % len as u64) as usize] += n;
        self.total += n;
    }

    /// Entries now.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Removes up to `n` of the entries that would expire first, and says how many that were.
    pub fn end_oldest(&mut self, n: u64) -> u64 {
        let len = self.slots.len() as u64;
        let before = self.total;
        let mut left = n.min(self.total);
        for tick in self.at + 1..=self.at + len {
            if left == 0 {
                break;
            }
            let slot = &mut self.slots[(tick % len) as usize];
            let ended = left.min(*slot);
            *slot -= ended;
            self.total -= ended;
            left -= ended;
        }
        before - self.total
    }

    /// Removes what has expired by `now_s`, and says how many that were.
    pub fn expire(&mut self, now_s: f64) -> u64 {
        let to = (now_s / self.tick_s) as u64;
        let len = self.slots.len() as u64;
        let before = self.total;
        for tick in (self.at + 1..=to).take(self.slots.len()) {
            self.total -= std::mem::take(&mut self.slots[(tick % len) as usize]);
        }
        self.at = self.at.max(to);
        self.now_s = self.now_s.max(now_s);
        before - self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stay_their_length_and_no_more_than_a_thousandth_longer() {
        let mut ring = Ring::new(240.0);
        ring.expire(10.0);
        ring.enter(7);
        assert_eq!(ring.expire(249.9), 0, "not yet 240 s old");
        assert_eq!(ring.expire(250.24 + 0.24), 7, "one tick after its time it is gone");
        assert_eq!(ring.total, 0);
    }

    #[test]
    fn the_oldest_can_be_ended_early() {
        let mut ring = Ring::new(100.0);
        for second in 0..10 {
            ring.expire(f64::from(second));
            ring.enter(10);
        }
        assert_eq!(ring.end_oldest(25), 25);
        assert_eq!(ring.total(), 75);
        assert_eq!(
            ring.expire(102.3),
            5,
            "of the first three cohorts only half of the third is left"
        );
        assert_eq!(ring.end_oldest(1000), 70, "no more than there are");
    }

    #[test]
    fn a_steady_rate_levels_off_at_rate_times_length() {
        let mut ring = Ring::new(120.0);
        for second in 0..1000 {
            ring.expire(f64::from(second));
            ring.enter(10);
        }
        assert!((1200..=1210).contains(&ring.total), "10/s for 120 s, a step late at most");
        let held = ring.total;
        assert_eq!(ring.expire(1e9), held, "a long jump empties it in one go");
    }
}
