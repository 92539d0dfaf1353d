//! Defines the requests that hold a worker: those whose end is known, by that time, and those whose
//! end will be told.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap};

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It calls the backend.
    Call,
    /// It is worked on, which ends in an answer.
    Work,
}

/// The end of a stage.
#[derive(Clone, Copy, Debug)]
pub struct Done {
    /// When.
    pub at_s: f64,
    /// Of which cohort.
    pub id: u64,
    /// How many of it.
    pub n: u64,
    /// Which stage ends.
    pub stage: Stage,
}

impl PartialEq for Done {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Done {}

impl PartialOrd for Done {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Done {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at_s.total_cmp(&other.at_s).then(self.id.cmp(&other.id))
    }
}

/// All requests that hold a worker.
#[derive(Clone, Debug, Default)]
pub struct Works {
    timed: BinaryHeap<Reverse<Done>>,
    told: BTreeMap<u64, u64>,
    count: u64,
}

impl Works {
    /// A stage that will end by itself.
    pub fn push(&mut self, done: Done) {
        self.count += done.n;
        self.timed.push(Reverse(done));
    }

    /// Work whose end will be told.
    pub fn hold(&mut self, id: u64, n: u64) {
        self.count += n;
        *self.told.entry(id).or_default() += n;
    }

    /// The work on `n` of cohort `id` is done; false where it is not known (any more).
    pub fn finish(&mut self, id: u64, n: u64) -> bool {
        let Some(held) = self.told.get_mut(&id) else { return false };
        let n = n.min(*held);
        *held -= n;
        if *held == 0 {
            self.told.remove(&id);
        }
        self.count -= n;
        true
    }

    /// The next end that has come by `now_s`.
    pub fn pop_due(&mut self, now_s: f64) -> Option<Done> {
        self.timed.peek().filter(|Reverse(done)| done.at_s <= now_s)?;
        let Reverse(done) = self.timed.pop()?;
        self.count -= done.n;
        Some(done)
    }

    /// When the next stage ends by itself.
    pub fn next_s(&self) -> Option<f64> {
        self.timed.peek().map(|Reverse(done)| done.at_s)
    }

    /// Requests that hold a worker.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Lets go of all: cohort, how many, and whether they were in a call.
    pub fn abandon(&mut self) -> Vec<(u64, u64, bool)> {
        self.count = 0;
        let mut timed = std::mem::take(&mut self.timed).into_sorted_vec();
        timed.reverse();
        let timed = timed.into_iter().map(|Reverse(d)| (d.id, d.n, d.stage == Stage::Call));
        let told = std::mem::take(&mut self.told).into_iter().map(|(id, n)| (id, n, false));
        timed.chain(told).collect()
    }
}
