//! Defines the outgoing ports of a target that calls a backend: each is in use for the length of a
//! call and then in TIME_WAIT, since the target closes first; or, of a connection that the application
//! forgets, for as long as its process lives.

use std::collections::VecDeque;

/// The ports, by what holds them.
#[derive(Clone, Debug)]
pub struct Ports {
    free: u64,
    calling: u64,
    waiting: u64,
    /// Cohorts in TIME_WAIT by the time at which they leave it, the earliest first.
    leave: VecDeque<(f64, u64)>,
    time_wait_s: f64,
    /// Share of connections that are forgotten, and how many have ended.
    leak: f64,
    ended: u64,
    leaked: u64,
}

impl Ports {
    /// So many free ones.
    pub fn new(count: u64, time_wait_s: f64, leak: f64) -> Self {
        Self {
            free: count,
            calling: 0,
            waiting: 0,
            leave: VecDeque::new(),
            time_wait_s,
            leak,
            ended: 0,
            leaked: 0,
        }
    }

    /// Takes up to `n`; gives how many.
    pub fn take(&mut self, n: u64) -> u64 {
        let n = n.min(self.free);
        self.free -= n;
        self.calling += n;
        n
    }

    /// `n` calls ended at `now_s`, no earlier than those before.
    pub fn close(&mut self, now_s: f64, n: u64) {
        let n = n.min(self.calling);
        self.calling -= n;
        let before = (self.ended as f64 * self.leak).floor();
        self.ended += n;
        let forgotten = ((self.ended as f64 * self.leak).floor() - before) as u64;
        self.leaked += forgotten;
        let n = n - forgotten;
        if n == 0 {
            return;
        }
        self.waiting += n;
        let leaves_s = now_s + self.time_wait_s;
        match self.leave.back_mut() {
            Some((at_s, cohort)) if *at_s >= leaves_s => *cohort += n,
            _ => self.leave.push_back((leaves_s, n)),
        }
    }

    /// The process is gone, and with it the connections that it had forgotten.
    pub fn forget(&mut self) {
        self.free += std::mem::take(&mut self.leaked);
    }

    /// Ports of connections that the application has forgotten.
    pub fn leaked(&self) -> u64 {
        self.leaked
    }

    /// When the next one leaves TIME_WAIT.
    pub fn next_s(&self) -> Option<f64> {
        self.leave.front().map(|(at_s, _)| *at_s)
    }

    /// Frees what has left TIME_WAIT by `now_s`.
    pub fn age(&mut self, now_s: f64) {
        while let Some((_, n)) = self.leave.pop_front_if(|(at_s, _)| *at_s <= now_s) {
            self.waiting -= n;
            self.free += n;
        }
    }

    /// Ports of calls under way.
    pub fn calling(&self) -> u64 {
        self.calling
    }

    /// Ports in TIME_WAIT.
    pub fn waiting(&self) -> u64 {
        self.waiting
    }
}
