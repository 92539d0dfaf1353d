//! Decides when TIME_WAIT that a trial left has drained, from looks at it: never by waiting blindly.

/// What is left is no matter for the next trial, as a share of what the trial left.
const NO_MATTER: f64 = 0.05;

/// When it has not fallen for so long, it will not: others hold it. Longer than any TIME_WAIT between two
/// expiries of a steady load.
const STUCK_S: f64 = 30.0;

/// Looks at TIME_WAIT after a trial.
#[derive(Debug)]
pub struct Drain {
    /// Before the trial.
    before: u64,
    /// The highest since.
    left: u64,
    lowest: u64,
    fell_s: f64,
}

/// What a look says.
#[derive(Debug, PartialEq, Eq)]
pub enum Look {
    /// Wait on.
    Wait,
    /// The next trial may begin.
    Drained,
    /// It does not fall any more.
    Stuck,
}

impl Drain {
    /// Begins with what stood before the trial and what it left.
    pub fn new(before: u64, left: u64) -> Self {
        Self { before, left: left.max(before), lowest: left, fell_s: 0.0 }
    }

    /// One look, `after_s` seconds after the trial.
    pub fn look(&mut self, after_s: f64, standing: u64) -> Look {
        if standing < self.lowest {
            (self.lowest, self.fell_s) = (standing, after_s);
        }
        let added = (self.left - self.before) as f64;
        if standing as f64 <= self.before as f64 + NO_MATTER * added {
            Look::Drained
        } else if after_s - self.fell_s > STUCK_S {
            Look::Stuck
        } else {
            Look::Wait
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_may_begin_once_the_last_ones_time_wait_is_gone() {
        let mut drain = Drain::new(40, 4_040);
        for (after_s, standing, expected) in [
            (1.0, 4_040, Look::Wait),
            (20.0, 3_000, Look::Wait),
            (45.0, 900, Look::Wait),
            (60.0, 240, Look::Drained),
        ] {
            assert_eq!(drain.look(after_s, standing), expected, "at {after_s} s");
        }
        let mut held = Drain::new(0, 500);
        assert_eq!(held.look(10.0, 500), Look::Wait);
        assert_eq!(held.look(31.0, 500), Look::Stuck, "others hold it");
        assert_eq!(Drain::new(7, 7).look(0.0, 7), Look::Drained, "a trial that left nothing");
    }
}
