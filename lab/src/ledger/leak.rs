//! Defines what takes memory of the host and never gives it back.

use scenarios::{Leak as LeakSpec, LeakRate, Leaked};

use super::memory::Memory;
use super::pool::{Pool, TagId};

/// An allocation of a driver that leaks by the clock. Assumed: nothing depends on it but the "Per
/// Alloc" column of poolmon.
const PER_SECOND_ALLOCATION_BYTES: u64 = 1024;

/// Where a leak takes from.
#[derive(Clone, Debug)]
enum From {
    Nonpaged(TagId),
    Paged(TagId),
    /// The committing process' place.
    Commit(usize),
    Ptes,
    /// The holding process' place, and the objects that handles stand for, in turn.
    Handles(usize, Vec<(TagId, u64)>),
}

/// All that can be taken from.
pub(super) struct Stores<'a> {
    pub pool: &'a mut Pool,
    pub ceiling_bytes: Option<u64>,
    pub memory: &'a mut Memory,
}

impl Stores<'_> {
    /// Below the ceiling a driver's allocation fails instead of growing further.
    fn nonpaged_room(&self) -> u64 {
        self.ceiling_bytes
            .map_or(u64::MAX, |ceiling| ceiling.saturating_sub(self.pool.used_bytes()))
    }
}

/// A leak and what it has taken so far.
#[derive(Clone, Debug)]
pub struct Leak {
    rate: LeakRate,
    up_to: u64,
    from: From,
    /// Connections or packets seen; whole numbers, so that their order cannot matter.
    seen: u64,
    /// Allocations made.
    allocs: u64,
    /// What has been taken, in its own unit.
    taken: u64,
}

impl Leak {
    /// The leak with its static part taken.
    pub(super) fn new(spec: &LeakSpec, stores: &mut Stores<'_>) -> Self {
        let from = match &spec.of {
            Leaked::Nonpaged { tag } => From::Nonpaged(stores.pool.tag(tag)),
            Leaked::Paged { tag } => From::Paged(stores.memory.paged.tag(tag)),
            Leaked::Commit { process } => From::Commit(stores.memory.process(process)),
            Leaked::Ptes => From::Ptes,
            Leaked::Handles { process } => {
                let objects = stores.memory.spec.handle_objects.iter();
                let objects = objects.map(|o| (stores.pool.tag(&o.tag), o.bytes)).collect();
                From::Handles(stores.memory.process(process), objects)
            }
        };
        let up_to = spec.up_to.unwrap_or(u64::MAX);
        let mut leak = Self { rate: spec.rate, up_to, from, seen: 0, allocs: 0, taken: 0 };
        if let LeakRate::Static(amount) = spec.rate {
            leak.take(amount, 1, stores);
        }
        leak
    }

    /// `n` connections were accepted.
    pub(super) fn connections(&mut self, n: u64, stores: &mut Stores<'_>) {
        if let LeakRate::PerConnection(each) = self.rate {
            self.seen += n;
            self.take_seen(each, stores);
        }
    }

    /// `n` segments went in or out.
    pub(super) fn packets(&mut self, n: u64, stores: &mut Stores<'_>) {
        if let LeakRate::PerPacket(each) = self.rate {
            self.seen += n;
            self.take_seen(each, stores);
        }
    }

    /// The clock of the emulated host stands `seconds` after the leak began.
    pub(super) fn seconds(&mut self, seconds: f64, stores: &mut Stores<'_>) {
        if let LeakRate::PerSecond(each) = self.rate {
            let total = ((seconds * each) as u64).min(self.up_to);
            self.take(total, total.div_ceil(PER_SECOND_ALLOCATION_BYTES), stores);
        }
    }

    /// One allocation for each thing seen, until the leak's end is reached.
    fn take_seen(&mut self, each: f64, stores: &mut Stores<'_>) {
        let last = (self.up_to as f64 / each).ceil() as u64;
        self.take((self.seen as f64 * each) as u64, self.seen.min(last), stores);
    }

    /// Grows to `amount` in `count` allocations, as far as its end and the host's limits allow.
    fn take(&mut self, amount: u64, count: u64, stores: &mut Stores<'_>) {
        let wanted = amount.min(self.up_to).saturating_sub(self.taken);
        let allocs = count.saturating_sub(self.allocs);
        let room = match &self.from {
            From::Nonpaged(_) => stores.nonpaged_room(),
            From::Paged(_) => stores.memory.paged_room(),
            From::Commit(_) => {
                let committed = stores.memory.committed_bytes(stores.pool.used_bytes());
                stores.memory.commit_limit_bytes().saturating_sub(committed)
            }
            From::Ptes => stores.memory.free_ptes(),
            From::Handles(_, objects) => {
                let largest = objects.iter().map(|(_, bytes)| *bytes).max().unwrap_or(1).max(1);
                stores.nonpaged_room() / largest
            }
        };
        let more = wanted.min(room);
        if room == 0 || (more == 0 && allocs == 0) {
            return;
        }
        match &self.from {
            From::Nonpaged(tag) => stores.pool.alloc(*tag, allocs, more),
            From::Paged(tag) => stores.memory.paged.alloc(*tag, allocs, more),
            From::Commit(process) => {
                stores.memory.leaked_commit_bytes += more;
                stores.memory.processes[*process].private_bytes += more;
            }
            From::Ptes => stores.memory.taken_ptes += more,
            From::Handles(process, objects) => {
                open_handles(self.taken, more, objects, stores.pool);
                stores.memory.processes[*process].handles += more;
            }
        }
        self.allocs += allocs;
        self.taken += more;
    }
}

/// The `more` objects behind handles number `before` and after.
fn open_handles(before: u64, more: u64, objects: &[(TagId, u64)], pool: &mut Pool) {
    let turns = objects.len() as u64;
    for (i, (tag, bytes)) in (0..turns).zip(objects) {
        // Handle number k stands for object k mod `turns`.
        let up_to = |end: u64| (end + turns - 1 - i) / turns;
        let n = up_to(before + more) - up_to(before);
        pool.alloc(*tag, n, n * bytes);
    }
}
