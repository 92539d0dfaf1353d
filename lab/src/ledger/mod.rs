//! Provides the ledger of the emulated host: its non-paged pool by tag, its open connections, its
//! TIME_WAIT and its gate. Pure, and in the emulated host's own seconds: whoever calls it decides
//! how fast they pass.

mod gate;
mod leak;
mod pool;
mod time_wait;

pub use gate::GateSpec;
pub use leak::LeakSpec;
pub use pool::Tag;
pub use scenarios::LeakRate;

use gate::Gate;
use leak::Leak;
use pool::{Pool, TagId};
use time_wait::{Ring, TimeWait};

/// Frees that lie behind each live allocation of the baseline. Assumed: a host up for days has freed
/// far more than it holds (poolmon examples of the driver documentation).
const FREED_PER_LIVE: u64 = 24;

/// An object of the kernel: its tag and size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The tag that it is charged to.
    pub tag: String,
    /// Bytes of pool for one of it.
    pub bytes: u64,
}

/// A part of what the rest of the system holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The tag.
    pub tag: String,
    /// Its part of the baseline, in thousandths.
    pub per_mille: u32,
    /// Bytes of one allocation.
    pub bytes_each: u64,
}

/// Who keeps TIME_WAIT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Keeping {
    /// The ledger ages entries itself: this many seconds of the emulated host.
    Aged(f64),
    /// A kernel's table is counted, and the ledger is told (`set_time_wait`).
    Counted,
}

/// What the ledger starts from. Sizes in bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerSpec {
    /// The pool's maximum; `None`: it has none of its own.
    pub ceiling_bytes: Option<u64>,
    /// Held by the rest of the system from the start.
    pub baseline_bytes: u64,
    /// The tags of the baseline; what their parts leave over goes to the first.
    pub baseline: Vec<Share>,
    /// What each open connection holds.
    pub connection: Vec<Object>,
    /// What each TIME_WAIT entry holds.
    pub time_wait: Object,
    /// Who keeps TIME_WAIT.
    pub keeping: Keeping,
    /// The gate; `None`: nothing is ever refused.
    pub gate: Option<GateSpec>,
    /// Drivers that take pool for good.
    pub leaks: Vec<LeakSpec>,
}

/// Which side closed a connection first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closer {
    /// The target: it keeps the TIME_WAIT.
    Target,
    /// The client: it keeps the TIME_WAIT.
    Client,
    /// A reset by either: nobody keeps one.
    Reset,
}

/// The state of the emulated host's pool.
#[derive(Clone, Debug)]
pub struct Ledger {
    pool: Pool,
    ceiling_bytes: Option<u64>,
    connection: Vec<(TagId, u64)>,
    time_wait_object: (TagId, u64),
    time_wait: TimeWait,
    open: u64,
    gate: Option<Gate>,
    leaks: Vec<Leak>,
    leaking_since_s: Option<f64>,
    now_s: f64,
}

impl Ledger {
    /// A host with nothing but its baseline and static hogs, at second 0.
    pub fn new(spec: &LedgerSpec) -> Self {
        let mut pool = Pool::default();
        lay_baseline(&mut pool, spec);
        let connection = spec.connection.iter().map(|o| (pool.tag(&o.tag), o.bytes)).collect();
        let time_wait_object = (pool.tag(&spec.time_wait.tag), spec.time_wait.bytes);
        let leaks = spec
            .leaks
            .iter()
            .map(|leak| {
                let room = room(spec.ceiling_bytes, &pool);
                Leak::new(leak, &mut pool, room)
            })
            .collect();
        let time_wait = match spec.keeping {
            Keeping::Aged(length_s) => TimeWait::Aged(Ring::new(length_s)),
            Keeping::Counted => TimeWait::Counted(0),
        };
        Self {
            pool,
            ceiling_bytes: spec.ceiling_bytes,
            connection,
            time_wait_object,
            time_wait,
            open: 0,
            gate: spec.gate.map(Gate::new),
            leaks,
            leaking_since_s: None,
            now_s: 0.0,
        }
    }

    /// Moves the host's clock to `now_s`; earlier times are ignored.
    pub fn advance(&mut self, now_s: f64) {
        if now_s <= self.now_s {
            return;
        }
        self.now_s = now_s;
        if let TimeWait::Aged(ring) = &mut self.time_wait {
            let gone = ring.expire(now_s);
            let (tag, bytes) = self.time_wait_object;
            self.pool.free(tag, gone, gone * bytes);
        }
        if let Some(since_s) = self.leaking_since_s {
            for leak in &mut self.leaks {
                let room = room(self.ceiling_bytes, &self.pool);
                leak.seconds(now_s - since_s, &mut self.pool, room);
            }
        }
    }

    /// Drivers that leak by the clock begin at `since_s`.
    pub fn leak_since(&mut self, since_s: f64) {
        self.leaking_since_s.get_or_insert(since_s);
    }

    /// `n` connections were accepted.
    pub fn connect(&mut self, n: u64) {
        self.open += n;
        for &(tag, bytes) in &self.connection {
            self.pool.alloc(tag, n, n * bytes);
        }
        for leak in &mut self.leaks {
            let room = room(self.ceiling_bytes, &self.pool);
            leak.connections(n, &mut self.pool, room);
        }
    }

    /// `n` open connections ended; no more than are open. Where the ledger ages TIME_WAIT itself,
    /// those that the target closed first enter it.
    pub fn close(&mut self, n: u64, first: Closer) {
        let n = n.min(self.open);
        self.open -= n;
        for &(tag, bytes) in &self.connection {
            self.pool.free(tag, n, n * bytes);
        }
        if let (TimeWait::Aged(ring), Closer::Target) = (&mut self.time_wait, first) {
            ring.enter(n);
            let (tag, bytes) = self.time_wait_object;
            self.pool.alloc(tag, n, n * bytes);
        }
    }

    /// `n` TCP segments went in or out.
    pub fn packets(&mut self, n: u64) {
        for leak in &mut self.leaks {
            let room = room(self.ceiling_bytes, &self.pool);
            leak.packets(n, &mut self.pool, room);
        }
    }

    /// The kernel's table holds `n` TIME_WAIT now. Ignored where the ledger ages them itself.
    pub fn set_time_wait(&mut self, n: u64) {
        let TimeWait::Counted(held) = &mut self.time_wait else { return };
        let (tag, bytes) = self.time_wait_object;
        let (more, fewer) = (n.saturating_sub(*held), held.saturating_sub(n));
        *held = n;
        self.pool.alloc(tag, more, more * bytes);
        self.pool.free(tag, fewer, fewer * bytes);
    }

    /// Moves the gate for the pool as it is; true while connections are refused.
    pub fn weigh(&mut self) -> bool {
        let free = self.free_bytes();
        match (&mut self.gate, free) {
            (Some(gate), Some(free)) => gate.weigh(free),
            _ => false,
        }
    }

    /// True while connections are refused, as of the last `weigh`.
    pub fn refusing(&self) -> bool {
        self.gate.is_some_and(|gate| gate.refusing())
    }

    /// Non-paged pool in use.
    pub fn used_bytes(&self) -> u64 {
        self.pool.used_bytes()
    }

    /// What is left below the ceiling; `None` without one.
    pub fn free_bytes(&self) -> Option<u64> {
        self.ceiling_bytes.map(|ceiling| ceiling.saturating_sub(self.pool.used_bytes()))
    }

    /// Allocations since boot.
    pub fn allocs(&self) -> u64 {
        self.pool.allocs()
    }

    /// All tags.
    pub fn tags(&self) -> &[Tag] {
        self.pool.tags()
    }

    /// Open connections.
    pub fn open(&self) -> u64 {
        self.open
    }

    /// TIME_WAIT entries charged.
    pub fn time_wait(&self) -> u64 {
        self.time_wait.count()
    }
}

/// Below the ceiling a driver's allocation fails instead of growing further.
fn room(ceiling_bytes: Option<u64>, pool: &Pool) -> u64 {
    ceiling_bytes.map_or(u64::MAX, |ceiling| ceiling.saturating_sub(pool.used_bytes()))
}

fn lay_baseline(pool: &mut Pool, spec: &LedgerSpec) {
    let part = |share: &Share| spec.baseline_bytes / 1000 * u64::from(share.per_mille);
    let told: u64 = spec.baseline.iter().map(part).sum();
    let mut left_over = spec.baseline_bytes.saturating_sub(told);
    for share in &spec.baseline {
        let tag = pool.tag(&share.tag);
        let bytes = part(share) + std::mem::take(&mut left_over);
        let live = (bytes / share.bytes_each.max(1)).max(1);
        let past = live * FREED_PER_LIVE;
        pool.alloc(tag, live + past, bytes);
        pool.free(tag, past, 0);
    }
}

#[cfg(test)]
mod tests;
