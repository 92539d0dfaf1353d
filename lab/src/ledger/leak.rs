//! Defines drivers that take non-paged pool and never give it back.

use scenarios::LeakRate;

use super::pool::{Pool, TagId};

/// A driver that leaks non-paged pool.
#[derive(Clone, Debug, PartialEq)]
pub struct LeakSpec {
    /// Its pool tag.
    pub tag: String,
    /// What it grows with, bytes.
    pub rate: LeakRate,
    /// Where it stops; `None`: never.
    pub up_to_bytes: Option<u64>,
}

/// An allocation of a driver that leaks by the clock. Assumed: nothing depends on it but the "Per
/// Alloc" column of poolmon.
const PER_SECOND_ALLOCATION_BYTES: u64 = 1024;

/// A driver and what it has taken so far.
#[derive(Clone, Debug)]
pub struct Leak {
    rate: LeakRate,
    up_to_bytes: u64,
    tag: TagId,
    /// Connections or packets seen; whole numbers, so that their order cannot matter.
    seen: u64,
    taken: u64,
    taken_bytes: u64,
}

impl Leak {
    /// The driver with its static part taken.
    pub fn new(spec: &LeakSpec, pool: &mut Pool, room_bytes: u64) -> Self {
        let tag = pool.tag(&spec.tag);
        let up_to_bytes = spec.up_to_bytes.unwrap_or(u64::MAX);
        let mut leak =
            Self { rate: spec.rate, up_to_bytes, tag, seen: 0, taken: 0, taken_bytes: 0 };
        if let LeakRate::Static(bytes) = spec.rate {
            leak.take(bytes, 1, pool, room_bytes);
        }
        leak
    }

    /// `n` connections were accepted.
    pub fn connections(&mut self, n: u64, pool: &mut Pool, room_bytes: u64) {
        if let LeakRate::PerConnection(each) = self.rate {
            self.seen += n;
            self.take_seen(each, pool, room_bytes);
        }
    }

    /// `n` segments went in or out.
    pub fn packets(&mut self, n: u64, pool: &mut Pool, room_bytes: u64) {
        if let LeakRate::PerPacket(each) = self.rate {
            self.seen += n;
            self.take_seen(each, pool, room_bytes);
        }
    }

    /// The clock of the emulated host stands `seconds` after the leak began.
    pub fn seconds(&mut self, seconds: f64, pool: &mut Pool, room_bytes: u64) {
        if let LeakRate::PerSecond(each) = self.rate {
            let total = ((seconds * each) as u64).min(self.up_to_bytes);
            self.take(total, total.div_ceil(PER_SECOND_ALLOCATION_BYTES), pool, room_bytes);
        }
    }

    /// One allocation for each thing seen, until the driver's end is reached.
    fn take_seen(&mut self, each: f64, pool: &mut Pool, room_bytes: u64) {
        let last = (self.up_to_bytes as f64 / each).ceil() as u64;
        self.take((self.seen as f64 * each) as u64, self.seen.min(last), pool, room_bytes);
    }

    /// Grows to `bytes` in `count` allocations, as far as its end and the pool's ceiling allow.
    fn take(&mut self, bytes: u64, count: u64, pool: &mut Pool, room_bytes: u64) {
        let more = bytes.min(self.up_to_bytes).saturating_sub(self.taken_bytes).min(room_bytes);
        let allocs = count.saturating_sub(self.taken);
        if room_bytes > 0 && (more > 0 || allocs > 0) {
            pool.alloc(self.tag, allocs, more);
            self.taken += allocs;
            self.taken_bytes += more;
        }
    }
}
