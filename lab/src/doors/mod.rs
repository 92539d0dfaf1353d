//! Provides the doors: the text that a real host can be asked for, written from the ledger and the
//! socket table. Pure; the names are those of the emulated host's own tools.

pub mod exporter;
pub mod httperr;
pub mod netstat;
pub mod poolmon;
pub mod proc;
pub mod system_log;
pub mod w3c;

use std::collections::BTreeMap;
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
    /// Connections completed that nobody has accepted yet.
    pub waiting: u64,
    /// Connections completed and reset at once, which count as taken.
    pub taken_and_reset: u64,
    /// Segments that were answered with a reset: SYNs mostly, of connections that were not taken.
    pub turned_away: u64,
    /// Connections ended by a reset.
    pub reset: u64,
    /// Segments in.
    pub segments_in: u64,
    /// Segments out.
    pub segments_out: u64,
    /// Requests by method: GET, HEAD, and all others.
    pub requests: [u64; 3],
    /// Answers of the site by status, from 400 on.
    pub errors: BTreeMap<u16, u64>,
    /// Connections that it tried to open itself.
    pub opened: u64,
    /// Connections that failed before they were established, either way.
    pub open_failures: u64,
    /// Segments sent again.
    pub retransmitted: u64,
}
