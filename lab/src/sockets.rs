//! Provides the emulated host's socket table: the kernel's own in a namespace, or, on plain loopback,
//! what the server itself knows, with TIME_WAIT as long as the ledger keeps it.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

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
        /// What was last read, for the doors that ask for it together.
        last: Shared,
    },
    /// The server's own.
    Own(Own),
}

/// How long a dump of the kernel's table serves: a witness asks three doors in a row, and each dump
/// holds up the server, which has one thread.
const SHARED_FOR: Duration = Duration::from_millis(50);

/// The last dump, and what it was made of.
#[derive(Debug, Default)]
pub struct Shared {
    read: Option<(Instant, Rc<[SocketRow]>)>,
    listening: BTreeMap<SocketAddr, bool>,
}

impl Shared {
    /// The last rows where they are young enough, else new ones.
    fn rows(
        &mut self,
        now: Instant,
        read: impl FnOnce() -> std::io::Result<Vec<SocketRow>>,
    ) -> std::io::Result<Rc<[SocketRow]>> {
        if let Some((at, rows)) = &self.read
            && now.saturating_duration_since(*at) < SHARED_FOR
        {
            return Ok(Rc::clone(rows));
        }
        let rows: Rc<[SocketRow]> = read()?.into();
        self.read = Some((now, Rc::clone(&rows)));
        Ok(rows)
    }

    /// A listener that comes or goes is shown at once.
    fn site(&mut self, address: SocketAddr, listens: bool) {
        if self.listening.insert(address, listens) != Some(listens) {
            self.read = None;
        }
    }
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
            Self::Kernel { stands_in, last, .. } => {
                *stands_in = (listens && !is_open).then_some(address);
                last.site(address, listens);
            }
        }
    }

    /// Every socket, at most [`SHARED_FOR`] ago. The error is that of sock_diag.
    pub fn rows(&mut self) -> std::io::Result<Rc<[SocketRow]>> {
        match self {
            Self::Own(own) => Ok(own.rows().into()),
            Self::Kernel { table, stands_in, last, .. } => last.rows(Instant::now(), || {
                let mut rows: Vec<SocketRow> = stands_in.iter().map(listener).collect();
                rows.append(&mut table.rows()?);
                Ok(rows)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doors_asked_together_share_one_dump() {
        let (mut shared, mut dumps) = (Shared::default(), 0);
        let start = Instant::now();
        let site: SocketAddr = "198.18.0.80:80".parse().unwrap();
        for (after_ms, listens, expected, why) in [
            (0, true, 1, "the first"),
            (10, true, 1, "the second door of a round"),
            (49, true, 1, "the third"),
            (50, true, 2, "the next round"),
            (60, false, 3, "the listener went: an older dump would still show it"),
            (70, false, 3, "and is gone for all doors"),
        ] {
            shared.site(site, listens);
            let read = || {
                dumps += 1;
                Ok(vec![listener(&site); dumps])
            };
            let rows = shared.rows(start + Duration::from_millis(after_ms), read).unwrap();
            assert_eq!(rows.len(), expected, "{why}");
        }
    }

    #[test]
    fn a_dump_that_failed_is_tried_again() {
        let (mut shared, now) = (Shared::default(), Instant::now());
        assert!(shared.rows(now, || Err(std::io::ErrorKind::Interrupted.into())).is_err());
        assert_eq!(shared.rows(now, || Ok(Vec::new())).unwrap().len(), 0);
    }
}
