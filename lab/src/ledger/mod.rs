//! Provides the ledger of the emulated host: its non-paged pool by tag, its open connections, its
//! TIME_WAIT and its gate. Pure, and in the emulated host's own seconds: whoever calls it decides
//! how fast they pass.

mod gate;
mod leak;
mod memory;
mod pool;
pub(crate) mod time_wait;

pub use gate::GateSpec;
pub use memory::{Memory, MemorySpec, Process, Short};
pub use pool::{Pool, Tag};
pub use scenarios::{Leak as LeakSpec, LeakRate, Leaked};

use gate::Gate;
use leak::{Leak, Stores};
use pool::TagId;
use time_wait::{Ring, TimeWait};

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
    /// The rest of its memory.
    pub memory: MemorySpec,
    /// What is taken for good.
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
    memory: Memory,
    leaks: Vec<Leak>,
    leaking_since_s: Option<f64>,
    now_s: f64,
}

impl Ledger {
    /// A host with nothing but its baseline and static hogs, at second 0.
    pub fn new(spec: &LedgerSpec) -> Self {
        let mut pool = Pool::default();
        let parts = spec.baseline.iter().map(|s| (s.tag.as_str(), s.per_mille, s.bytes_each));
        pool.lay(spec.baseline_bytes, parts);
        let connection = spec.connection.iter().map(|o| (pool.tag(&o.tag), o.bytes)).collect();
        let time_wait_object = (pool.tag(&spec.time_wait.tag), spec.time_wait.bytes);
        let mut memory = Memory::new(&spec.memory, spec.baseline_bytes);
        let ceiling_bytes = spec.ceiling_bytes;
        let mut stores = Stores { pool: &mut pool, ceiling_bytes, memory: &mut memory };
        let leaks = spec.leaks.iter().map(|leak| Leak::new(leak, &mut stores)).collect();
        let time_wait = match spec.keeping {
            Keeping::Aged(length_s) => TimeWait::Aged(Ring::new(length_s)),
            Keeping::Counted => TimeWait::Counted(0),
        };
        Self {
            pool,
            ceiling_bytes,
            connection,
            time_wait_object,
            time_wait,
            open: 0,
            gate: spec.gate.map(Gate::new),
            memory,
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
            self.leak(|leak, stores| leak.seconds(now_s - since_s, stores));
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
        self.leak(|leak, stores| leak.connections(n, stores));
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

    /// Up to `n` TIME_WAIT entries, the oldest first, end before their time: a new connection has
    /// taken over what they kept. Only where the ledger ages them itself.
    pub fn take_over(&mut self, n: u64) {
        if let TimeWait::Aged(ring) = &mut self.time_wait {
            let ended = ring.end_oldest(n);
            let (tag, bytes) = self.time_wait_object;
            self.pool.free(tag, ended, ended * bytes);
        }
    }

    /// `n` TCP segments went in or out.
    pub fn packets(&mut self, n: u64) {
        self.leak(|leak, stores| leak.packets(n, stores));
    }

    fn leak(&mut self, mut grow: impl FnMut(&mut Leak, &mut Stores<'_>)) {
        let Self { pool, ceiling_bytes, memory, leaks, .. } = self;
        let mut stores = Stores { pool, ceiling_bytes: *ceiling_bytes, memory };
        leaks.iter_mut().for_each(|leak| grow(leak, &mut stores));
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

    /// What there is too little of for requests to be served.
    pub fn short(&self) -> Option<Short> {
        self.memory.short(self.pool.used_bytes())
    }

    /// The rest of the host's memory.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Committed memory, bytes.
    pub fn committed_bytes(&self) -> u64 {
        self.memory.committed_bytes(self.pool.used_bytes())
    }

    /// Available memory, bytes.
    pub fn available_bytes(&self) -> u64 {
        self.memory.available_bytes(self.pool.used_bytes())
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

#[cfg(test)]
mod tests;
