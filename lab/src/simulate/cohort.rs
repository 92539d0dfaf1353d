//! Defines a cohort: attempts that came due one after another and fare alike so far.

use scenarios::Schedule;

/// Attempts `first_k`, `first_k + stride` …, `n` of them, on their way to one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// Which target.
    pub host: usize,
    /// Number of the first.
    pub first_k: u64,
    /// From one to the next.
    pub stride: u64,
    /// How many.
    pub n: u64,
    /// Which try of a connection this is, from 1.
    pub tries: u32,
}

impl Cohort {
    /// Takes the first `m`, and leaves the rest.
    pub fn take(&mut self, m: u64) -> Self {
        let taken = Self { n: m.min(self.n), ..*self };
        self.first_k += taken.n * self.stride;
        self.n -= taken.n;
        taken
    }

    /// When the first and the last of them were due, run time in seconds.
    pub fn due_s(&self, schedule: &Schedule) -> (f64, f64) {
        let last_k = self.first_k + self.n.saturating_sub(1) * self.stride;
        (schedule.start_s(self.first_k), schedule.start_s(last_k))
    }
}

/// A balancer: gives connections to targets in a turn that it repeats.
#[derive(Clone, Debug)]
pub struct Balancer {
    /// Which target is given each connection of a turn.
    turn: Vec<usize>,
}

impl Balancer {
    /// One that gives each target so many of a turn, as evenly spread as they go.
    pub fn new(weights: &[u32]) -> Self {
        let most = weights.iter().copied().max().unwrap_or(1);
        let all = || weights.iter().enumerate();
        let round = |nth: u32| all().filter(move |(_, w)| nth < **w).map(|(host, _)| host);
        Self { turn: (0..most).flat_map(round).collect() }
    }

    /// The attempts from number `from` up to `until`, handed round.
    pub fn hand_round(&self, from: u64, until: u64) -> impl Iterator<Item = Cohort> + use<> {
        let stride = self.turn.len() as u64;
        let firsts = (from..until).take(self.turn.len());
        let cohorts: Vec<Cohort> = firsts
            .map(|first_k| Cohort {
                host: self.turn[(first_k % stride) as usize],
                first_k,
                stride,
                n: (until - first_k).div_ceil(stride),
                tries: 1,
            })
            .collect();
        cohorts.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_handed_round_and_none_is_lost() {
        for (from, until, weights, expected, why) in [
            (0, 5, &[1][..], vec![(0, 0, 5)], "one target gets all"),
            (0, 5, &[1, 1], vec![(0, 0, 3), (1, 1, 2)], "the first gets the odd one"),
            (5, 8, &[1, 1], vec![(1, 5, 2), (0, 6, 1)], "the turn goes on from step to step"),
            (7, 8, &[1, 1, 1], vec![(1, 7, 1)], "fewer attempts than targets"),
            (0, 4, &[1, 3], vec![(0, 0, 1), (1, 1, 1), (1, 2, 1), (1, 3, 1)], "three of four"),
            (4, 4, &[1, 1], vec![], "none"),
        ] {
            let balancer = Balancer::new(weights);
            let all: Vec<_> =
                balancer.hand_round(from, until).map(|c| (c.host, c.first_k, c.n)).collect();
            assert_eq!(all, expected, "{why}");
        }
    }

    #[test]
    fn a_part_is_taken_from_the_front() {
        let mut cohort = Cohort { host: 0, first_k: 10, stride: 2, n: 5, tries: 1 };
        let taken = cohort.take(2);
        assert_eq!((taken.first_k, taken.n), (10, 2));
        assert_eq!((cohort.first_k, cohort.n), (14, 3));
        assert_eq!(cohort.take(9).n, 3, "no more than there are");
    }
}
