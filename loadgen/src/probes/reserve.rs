//! Provides what probes hold in reserve, so that they still work when the load has used up all: a
//! descriptor each, and source ports outside the kernel's range.

use std::fs::File;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use model::attempt::Os;
use socket2::{Domain, Protocol, Socket, Type};

use crate::os_error;

/// Ranges to choose reserve ports from, in order of liking. The first lies above Linux's default
/// range (32768–60999), the others beside those of Windows (1025–5000, 49152–65535).
const CANDIDATES: [(u16, u16); 4] = [(61000, 61999), (20000, 20999), (10000, 10999), (6000, 6999)];
/// Ports tried in one round before the probe gives up.
const PORTS_PER_ACT: usize = 16;

/// The first candidate range that meets none of `taken`: the kernel's own range and the load's.
pub fn reserve_ports(taken: &[(u16, u16)]) -> (u16, u16) {
    let apart = |(low, high): (u16, u16)| taken.iter().all(|(from, to)| high < *from || *to < low);
    CANDIDATES.into_iter().find(|range| apart(*range)).unwrap_or(CANDIDATES[0])
}

/// A descriptor that is kept for the next socket.
#[derive(Debug, Default)]
pub struct SpareDescriptor(Option<File>);

impl SpareDescriptor {
    /// Holds one, if one can be had.
    pub fn hold(&mut self) {
        if self.0.is_none() {
            // Without one the probe runs into the same limit as the load, and says so.
            self.0 = File::open("/dev/null").ok();
        }
    }

    /// Opens a TCP socket, if need be in place of the descriptor held.
    ///
    /// # Errors
    /// The system's, where none can be opened even so.
    pub fn open(&mut self, domain: Domain) -> io::Result<Socket> {
        let open = || Socket::new(domain, Type::STREAM, Some(Protocol::TCP));
        match open() {
            Err(error)
                if os_error::is_out_of_descriptors(Os::HERE, os_error::code(&error))
                    && self.0.take().is_some() =>
            {
                open()
            }
            result => result,
        }
    }
}

/// Source ports of a probe's own, used in turn.
#[derive(Debug)]
pub struct ReservePorts {
    range: RangeInclusive<u16>,
    next: u16,
}

impl ReservePorts {
    /// Uses the range from its first port on.
    pub fn new((low, high): (u16, u16)) -> Self {
        Self { range: low..=high, next: low }
    }

    /// Binds to the next port that nobody uses.
    ///
    /// # Errors
    /// The system's for the last port tried.
    pub fn bind(&mut self, socket: &Socket, any: IpAddr) -> io::Result<()> {
        let mut result = Err(io::Error::from_raw_os_error(os_error::address_in_use()));
        for _ in 0..PORTS_PER_ACT {
            let port = self.next;
            self.next = if port < *self.range.end() { port + 1 } else { *self.range.start() };
            result = socket.bind(&SocketAddr::new(any, port).into());
            match &result {
                Err(error) if os_error::code(error) == os_error::address_in_use() => {}
                _ => break,
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserve_ports_lie_outside_what_the_load_uses() {
        for (taken, expected, why) in [
            (vec![(32768, 60999)], (61000, 61999), "above Linux's default"),
            (vec![(49152, 65535)], (20000, 20999), "below Windows 2008's and later"),
            (vec![(1025, 5000)], (61000, 61999), "far above Windows 2003's"),
            (vec![(32768, 60999), (61500, 61510)], (20000, 20999), "the load may have its own"),
            (vec![], (61000, 61999), "nothing is known to be taken"),
            (vec![(1024, 65535)], (61000, 61999), "nothing is free: as good as any"),
        ] {
            assert_eq!(reserve_ports(&taken), expected, "{why}");
        }
    }

    #[test]
    fn a_used_port_is_passed_over() {
        let any = IpAddr::from([127, 0, 0, 1]);
        let taken = std::net::TcpListener::bind((any, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let mut ports = ReservePorts { range: port..=port, next: port };
        let mut spare = SpareDescriptor::default();
        let socket = spare.open(Domain::IPV4).unwrap();
        let error = ports.bind(&socket, any).unwrap_err();
        assert_eq!(os_error::code(&error), os_error::address_in_use());
        drop(taken);
        ports.bind(&socket, any).unwrap();
        assert_eq!(ports.next, port, "the range is gone round");
    }
}
