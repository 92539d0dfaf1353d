//! Defines the host's memory beside its non-paged pool: paged pool by tag, commit, free system page
//! table entries, and the handles of processes.

use super::pool::Pool;

/// What the host's memory starts from. Sizes in bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct MemorySpec {
    /// RAM.
    pub physical_bytes: u64,
    /// Available at the start.
    pub available_bytes: u64,
    /// Committed at the start.
    pub committed_bytes: u64,
    /// The commit limit.
    pub commit_limit_bytes: u64,
    /// The paged pool's maximum; `None`: it has none of its own.
    pub paged_ceiling_bytes: Option<u64>,
    /// Paged pool in use at the start.
    pub paged_bytes: u64,
    /// Free system page table entries at the start.
    pub free_ptes: u64,
    /// The objects that handles stand for, taken in turn.
    pub handle_objects: Vec<super::Object>,
}

/// Tags of the paged pool, their parts in thousandths, bytes each: registry, file system and token
/// objects. Assumed: ordinary tags (Windows pooltag.txt), no share of theirs is published.
const PAGED_BASELINE: [(&str, u32, u64); 5] = [
    ("CM31", 420, 4096),
    ("MmSt", 240, 1480),
    ("NtfF", 180, 1024),
    ("Toke", 90, 904),
    ("Key ", 70, 103),
];

/// Kernel memory of which there is too little for requests to be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Short {
    /// The paged pool is at its limit.
    Paged,
    /// Free system page table entries.
    Ptes,
    /// Commit is at its limit.
    Commit,
}

/// Below this many free page table entries drivers cannot map what they send. Microsoft's guidance on
/// \Memory\Free System Page Table Entries: under 5,000 is critical.
const LEAST_PTES: u64 = 5_000;
/// Less room than this in the paged pool fails a request. Assumed: a few allocations of a page.
const LEAST_PAGED_BYTES: u64 = 64 * 1024;
/// Parts of the commit limit that must be left. Assumed: allocations of the usual size fail within
/// the last 2 %.
const COMMIT_PARTS: u64 = 50;

impl MemorySpec {
    /// A quiet server of this much RAM. Assumed, in the proportions of the founding report (1 GiB:
    /// 428 MiB available, 43 MiB paged pool, 526 MiB committed).
    pub fn of_ram(physical_bytes: u64) -> Self {
        Self {
            physical_bytes,
            available_bytes: physical_bytes / 100 * 42,
            committed_bytes: physical_bytes / 2,
            commit_limit_bytes: physical_bytes / 2 * 5,
            paged_ceiling_bytes: None,
            paged_bytes: physical_bytes / 100 * 4,
            free_ptes: 180_000,
            handle_objects: Vec::new(),
        }
    }
}

/// A process that holds more than at its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its name, such as `w3wp.exe`.
    pub name: String,
    /// Handles that it holds.
    pub handles: u64,
    /// Memory that it has committed, bytes.
    pub private_bytes: u64,
}

/// Handles that a process has from its start, and memory. Assumed: an idle worker process.
const FIRST_HANDLES: u64 = 850;
const FIRST_PRIVATE_BYTES: u64 = 48 << 20;

/// The memory as it is.
#[derive(Clone, Debug)]
pub struct Memory {
    pub(super) spec: MemorySpec,
    /// The paged pool.
    pub(super) paged: Pool,
    /// Committed beyond the start by processes.
    pub(super) leaked_commit_bytes: u64,
    /// Page table entries taken since the start.
    pub(super) taken_ptes: u64,
    /// The processes that anything is known of.
    pub(super) processes: Vec<Process>,
    first_nonpaged_bytes: u64,
}

impl Memory {
    /// The memory of a host that has just started, with so much non-paged pool in use.
    pub(super) fn new(spec: &MemorySpec, nonpaged_bytes: u64) -> Self {
        let mut paged = Pool::default();
        paged.lay(spec.paged_bytes, PAGED_BASELINE.into_iter());
        Self {
            spec: spec.clone(),
            paged,
            leaked_commit_bytes: 0,
            taken_ptes: 0,
            processes: Vec::new(),
            first_nonpaged_bytes: nonpaged_bytes,
        }
    }

    /// The place of a process, made when it is not there yet.
    pub(super) fn process(&mut self, name: &str) -> usize {
        let found = self.processes.iter().position(|p| p.name == name);
        found.unwrap_or_else(|| {
            self.processes.push(Process {
                name: name.to_owned(),
                handles: FIRST_HANDLES,
                private_bytes: FIRST_PRIVATE_BYTES,
            });
            self.processes.len() - 1
        })
    }

    /// What the paged pool has room for.
    pub(super) fn paged_room(&self) -> u64 {
        self.spec
            .paged_ceiling_bytes
            .map_or(u64::MAX, |ceiling| ceiling.saturating_sub(self.paged.used_bytes()))
    }

    /// Committed, with so much non-paged pool in use.
    pub fn committed_bytes(&self, nonpaged_bytes: u64) -> u64 {
        let pools = self.grown_bytes(nonpaged_bytes);
        let committed = self.spec.committed_bytes + pools + self.leaked_commit_bytes;
        committed.min(self.spec.commit_limit_bytes)
    }

    /// Available, with so much non-paged pool in use.
    pub fn available_bytes(&self, nonpaged_bytes: u64) -> u64 {
        let taken = self.grown_bytes(nonpaged_bytes) + self.leaked_commit_bytes;
        self.spec.available_bytes.saturating_sub(taken)
    }

    /// By how much both pools have grown.
    fn grown_bytes(&self, nonpaged_bytes: u64) -> u64 {
        nonpaged_bytes.saturating_sub(self.first_nonpaged_bytes)
            + self.paged.used_bytes().saturating_sub(self.spec.paged_bytes)
    }

    /// RAM.
    pub fn physical_bytes(&self) -> u64 {
        self.spec.physical_bytes
    }

    /// The commit limit.
    pub fn commit_limit_bytes(&self) -> u64 {
        self.spec.commit_limit_bytes
    }

    /// The paged pool.
    pub fn paged(&self) -> &Pool {
        &self.paged
    }

    /// Free system page table entries.
    pub fn free_ptes(&self) -> u64 {
        self.spec.free_ptes.saturating_sub(self.taken_ptes)
    }

    /// The processes that anything is known of.
    pub fn processes(&self) -> &[Process] {
        &self.processes
    }

    /// What there is too little of, with so much non-paged pool in use.
    pub fn short(&self, nonpaged_bytes: u64) -> Option<Short> {
        let limit = self.spec.commit_limit_bytes;
        let commit_room = limit.saturating_sub(self.committed_bytes(nonpaged_bytes));
        if self.paged_room() < LEAST_PAGED_BYTES {
            Some(Short::Paged)
        } else if self.free_ptes() < LEAST_PTES {
            Some(Short::Ptes)
        } else if commit_room < limit / COMMIT_PARTS {
            Some(Short::Commit)
        } else {
            None
        }
    }
}
