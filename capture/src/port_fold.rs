//! Provides the fold of a host's sockets into its use of ephemeral ports, one socket at a time.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use model::reading::Ports;

/// A set of ports and its size.
#[derive(Clone, Debug)]
struct PortSet {
    bits: Box<[u64; 1024]>,
    size: u32,
}

impl PortSet {
    fn new() -> Self {
        Self { bits: Box::new([0; 1024]), size: 0 }
    }

    fn insert(&mut self, port: u16) {
        let (word, bit) = (&mut self.bits[usize::from(port / 64)], 1 << (port % 64));
        self.size += u32::from(*word & bit == 0);
        *word |= bit;
    }

    fn clear(&mut self) {
        self.bits.fill(0);
        self.size = 0;
    }
}

/// Counts distinct local ports round by round; 8 KiB per source address.
#[derive(Clone, Debug)]
pub struct PortFold {
    destination: Option<SocketAddr>,
    low: u16,
    high: u16,
    any: PortSet,
    towards: HashMap<IpAddr, PortSet>,
}

impl PortFold {
    /// A fold that also counts ports towards this destination, per source address.
    pub fn new(destination: Option<SocketAddr>) -> Self {
        Self { destination, low: 0, high: 0, any: PortSet::new(), towards: HashMap::new() }
    }

    /// Starts a round over the ports `low..=high`.
    pub fn begin(&mut self, low: u16, high: u16) {
        (self.low, self.high) = (low, high);
        self.any.clear();
        self.towards.values_mut().for_each(PortSet::clear);
    }

    /// Takes in one socket, whatever its state: a listener's port cannot be given out either.
    pub fn add(&mut self, source: IpAddr, source_port: u16, peer: IpAddr, peer_port: u16) {
        if !(self.low..=self.high).contains(&source_port) {
            return;
        }
        self.any.insert(source_port);
        // A socket of IPv6 may have a peer of IPv4.
        if self.destination.is_some_and(|to| {
            to.port() == peer_port && to.ip().to_canonical() == peer.to_canonical()
        }) {
            let source = source.to_canonical();
            self.towards.entry(source).or_insert_with(PortSet::new).insert(source_port);
        }
    }

    /// Ends the round; `reserved` is how many ports of the range the host keeps out of use.
    pub fn finish(&self, reserved: u32) -> Ports {
        let most = self.towards.values().map(|set| set.size).max().unwrap_or(0);
        Ports {
            low: self.low,
            high: self.high,
            reserved,
            used_any: self.any.size,
            used_to_destination: self.destination.map(|_| most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_counted_once_and_per_source_towards_the_destination() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let mut fold = PortFold::new(Some("192.0.2.80:80".parse().unwrap()));
        fold.begin(1025, 5000);
        for (source, port, peer, peer_port, why) in [
            ("198.51.100.1", 1025, "192.0.2.80", 80, "first of the range"),
            ("198.51.100.1", 5000, "192.0.2.80", 80, "last of the range"),
            ("198.51.100.1", 5000, "192.0.2.80", 443, "the same port, another destination"),
            ("198.51.100.2", 5000, "192.0.2.80", 80, "the same port, another source"),
            ("::ffff:198.51.100.1", 1026, "::ffff:192.0.2.80", 80, "IPv4 in a socket of IPv6"),
            ("198.51.100.1", 5001, "192.0.2.80", 80, "outside"),
            ("198.51.100.1", 80, "192.0.2.80", 80, "outside"),
            ("0.0.0.0", 3389, "0.0.0.0", 0, "a listener"),
        ] {
            let before = fold.any.size;
            fold.add(ip(source), port, ip(peer), peer_port);
            assert!(fold.any.size - before <= 1, "{why}");
        }
        let ports = fold.finish(7);
        assert_eq!((ports.used_any, ports.used_to_destination), (4, Some(3)));
        assert_eq!((ports.low, ports.high, ports.reserved), (1025, 5000, 7));
        fold.begin(1025, 5000);
        assert_eq!(fold.finish(0).used_to_destination, Some(0), "rounds do not add up");
        assert_eq!(PortFold::new(None).finish(0).used_to_destination, None);
    }
}
