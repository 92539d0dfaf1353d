//! Provides deadlines that all lie equally far ahead: a queue, so that adding and expiring cost
//! nothing but a push and a pop.

use std::collections::VecDeque;

/// A slot of the engine, and the attempt that held it when the deadline was set. Slots are reused,
/// serials never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Index of the slot.
    pub slot: usize,
    /// Serial of the attempt.
    pub serial: u64,
}

/// Deadlines in the order in which they run out.
#[derive(Debug)]
pub struct Timers {
    after_us: u64,
    queue: VecDeque<(u64, Holder)>,
}

impl Timers {
    /// Every deadline lies `after_us` microseconds ahead of when it is set.
    pub fn new(after_us: u64) -> Self {
        Self { after_us, queue: VecDeque::new() }
    }

    /// Sets a deadline for the holder.
    pub fn set(&mut self, now_us: u64, holder: Holder) {
        self.queue.push_back((now_us + self.after_us, holder));
    }

    /// Takes the next deadline that has run out. Those of attempts that are over (by `alive`) are
    /// dropped on the way, also before their time, which keeps the queue as short as what is alive.
    pub fn expired(&mut self, now_us: u64, alive: impl Fn(Holder) -> bool) -> Option<Holder> {
        while let Some((at_us, holder)) = self.queue.front().copied() {
            let living = alive(holder);
            if living && at_us > now_us {
                return None;
            }
            self.queue.pop_front();
            if living {
                return Some(holder);
            }
        }
        None
    }

    /// When the next deadline runs out.
    pub fn next_us(&self) -> Option<u64> {
        self.queue.front().map(|(at_us, _)| *at_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_expire_in_order_and_only_for_the_living() {
        let holder = |slot, serial| Holder { slot, serial };
        let mut timers = Timers::new(100);
        timers.set(0, holder(0, 0));
        timers.set(10, holder(1, 1));
        timers.set(20, holder(0, 2));
        assert_eq!(timers.next_us(), Some(100), "the first set runs out first");
        assert_eq!(timers.expired(99, |_| true), None, "a microsecond too early");
        assert_eq!(timers.expired(100, |_| true), Some(holder(0, 0)), "at its time");
        let only_last = |h: Holder| h.serial == 2;
        assert_eq!(timers.expired(119, only_last), None, "a dead one is passed over");
        assert_eq!(timers.next_us(), Some(120), "and is gone");
        assert_eq!(timers.expired(120, only_last), Some(holder(0, 2)), "its slot lives on");
        assert_eq!(timers.next_us(), None);
    }
}
