//! Provides the doors: the text that a real host can be asked for, written from the ledger and the
//! socket table. Pure; the names are those of the emulated host's own tools.

pub mod exporter;
pub mod httperr;
pub mod netstat;
pub mod poolmon;

use std::net::SocketAddr;

use model::reading::TcpState;

/// A socket as the doors show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketRow {
    /// Its state.
    pub state: TcpState,
    /// Its own address.
    pub local: SocketAddr,
    /// Its peer's; port 0 of a listener.
    pub remote: SocketAddr,
}

/// One more than the number of the last state.
const STATES: usize = TcpState::Other as usize + 1;

/// How many sockets a host has in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct States([u64; STATES]);

impl States {
    /// The states of these sockets, counted.
    pub fn of(sockets: &[SocketRow]) -> Self {
        let mut states = Self::default();
        sockets.iter().for_each(|socket| states.add(socket.state, 1));
        states
    }

    /// There are `n` more in this state.
    pub fn add(&mut self, state: TcpState, n: u64) {
        self.0[state as usize] += n;
    }

    /// How many are in this state.
    pub fn count(&self, state: TcpState) -> u64 {
        self.0[state as usize]
    }
}

/// What the emulated host has counted since it started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections accepted.
    pub accepted: u64,
    /// Connections ended by a reset.
    pub reset: u64,
    /// Segments in.
    pub segments_in: u64,
    /// Segments out.
    pub segments_out: u64,
    /// Requests by method: GET, HEAD, and all others.
    pub requests: [u64; 3],
}

/// The rest of the host's memory. Scenery: it stands still but for what the pool takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// RAM.
    pub physical_bytes: u64,
    /// Available at the start.
    pub available_bytes: u64,
    /// Committed at the start.
    pub committed_bytes: u64,
    /// The commit limit.
    pub commit_limit_bytes: u64,
    /// Paged pool.
    pub paged_bytes: u64,
    /// Allocations from paged pool.
    pub paged_allocs: u64,
    /// Free system page table entries.
    pub free_ptes: u64,
}

impl Memory {
    /// A quiet server of this much RAM. Assumed, in the proportions of the founding report (1 GiB:
    /// 428 MiB available, 43 MiB paged pool, 526 MiB committed).
    pub fn of_ram(physical_bytes: u64) -> Self {
        Self {
            physical_bytes,
            available_bytes: physical_bytes / 100 * 42,
            committed_bytes: physical_bytes / 2,
            commit_limit_bytes: physical_bytes / 2 * 5,
            paged_bytes: physical_bytes / 100 * 4,
            paged_allocs: physical_bytes / 25_000,
            free_ptes: 180_000,
        }
    }

    /// What is available once the pool has grown by `grown_bytes`.
    pub fn available_after(&self, grown_bytes: u64) -> u64 {
        self.available_bytes.saturating_sub(grown_bytes)
    }
}
