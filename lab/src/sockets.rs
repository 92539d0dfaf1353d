//! Provides the emulated host's socket table: the kernel's own in a namespace, or, on plain loopback,
//! what the server itself knows, with TIME_WAIT as long as the ledger keeps it.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use model::reading::TcpState;

use crate::doors::SocketRow;
use crate::os::{Sweeper, Table};

/// Whose table is shown.
#[derive(Debug)]
pub enum Sockets {
    /// The namespace's.
    Kernel {
        /// Where it is read.
        table: Table,
        /// Who ages its TIME_WAIT.
        sweeper: Sweeper,
        /// The site's listener, while only the gate has closed its socket.
        stands_in: Option<SocketAddr>,
    },
    /// The server's own.
    Own(Own),
}

/// What the server knows of its sockets.
#[derive(Debug, Default)]
pub struct Own {
    listening: Vec<SocketAddr>,
    open: BTreeMap<u64, (SocketAddr, SocketAddr)>,
    /// The connections in TIME_WAIT, the oldest first.
    waiting: VecDeque<(SocketAddr, SocketAddr)>,
}

impl Own {
    /// A listener is there.
    pub fn listen(&mut self, address: SocketAddr) {
        if !self.listening.contains(&address) {
            self.listening.push(address);
        }
    }

    /// A listener is gone.
    pub fn unlisten(&mut self, address: SocketAddr) {
        self.listening.retain(|a| *a != address);
    }

    /// A connection was accepted.
    pub fn open(&mut self, id: u64, local: SocketAddr, remote: SocketAddr) {
        self.open.insert(id, (local, remote));
    }

    /// A connection ended; `waits`: in TIME_WAIT.
    pub fn close(&mut self, id: u64, waits: bool) {
        if let Some(pair) = self.open.remove(&id).filter(|_| waits) {
            self.waiting.push_back(pair);
        }
    }

    /// Forgets the oldest TIME_WAIT until `n` are left.
    pub fn age(&mut self, n: u64) {
        while self.waiting.len() as u64 > n {
            self.waiting.pop_front();
        }
    }

    fn rows(&self) -> Vec<SocketRow> {
        let row =
            |state, &(local, remote): &(SocketAddr, SocketAddr)| SocketRow { state, local, remote };
        let listening = self.listening.iter().map(listener);
        let open = self.open.values().map(|pair| row(TcpState::Established, pair));
        let waiting = self.waiting.iter().map(|pair| row(TcpState::TimeWait, pair));
        listening.chain(open).chain(waiting).collect()
    }
}

fn listener(local: &SocketAddr) -> SocketRow {
    let nobody = SocketAddr::from(([0, 0, 0, 0], 0));
    SocketRow { state: TcpState::Listening, local: *local, remote: nobody }
}

impl Sockets {
    /// The site listens or not, as the emulated host has it, and its socket is open or not. The gate
    /// of HTTP.sys leaves the listener in place, also where it is played by closing the socket.
    pub fn site(&mut self, address: SocketAddr, listens: bool, is_open: bool) {
        match self {
            Self::Own(own) if listens => own.listen(address),
            Self::Own(own) => own.unlisten(address),
            Self::Kernel { stands_in, .. } => {
                *stands_in = (listens && !is_open).then_some(address);
            }
        }
    }

    /// Every socket, now. The error is that of sock_diag.
    pub fn rows(&mut self) -> std::io::Result<Vec<SocketRow>> {
        match self {
            Self::Own(own) => Ok(own.rows()),
            Self::Kernel { table, stands_in, .. } => {
                let mut rows: Vec<SocketRow> = stands_in.iter().map(listener).collect();
                rows.append(&mut table.rows()?);
                Ok(rows)
            }
        }
    }
}
