//! Provides who opened connections from this host, and to where: what its ephemeral ports are used for.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::reading::TcpState;

/// Destinations kept of a list, those with most connections.
const DESTINATIONS_MAX: usize = 16;

/// One socket of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Socket<'a> {
    pub(crate) state: TcpState,
    pub(crate) local: (&'a str, Option<u16>),
    pub(crate) remote: (&'a str, Option<u16>),
    pub(crate) pid: Option<u32>,
}

/// Sockets that this host opened or keeps bound.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// `10.0.0.7:1433` with its connections from the local address that has most of them, the largest
    /// first; at most sixteen.
    pub by_destination: Vec<(String, u64)>,
    /// How many destinations there are.
    pub destinations: u64,
    /// Ports by process, those in TIME_WAIT left out: they belong to none.
    pub by_process: HashMap<u32, u64>,
    /// Ports that are BOUND and nothing else: Windows lists a BOUND socket beside each connection that
    /// was opened, which is no leak.
    pub bound_alone: u64,
    /// The same by process.
    pub bound_alone_by_process: HashMap<u32, u64>,
    /// The distinct local ports, a bit each.
    ports: Option<Box<[u64; 1024]>>,
}

impl Outgoing {
    /// What a list shows; `listening` are the ports with a listener. Where a list has none of them, a
    /// port that several sockets share is taken for a server's.
    pub(crate) fn of<'a>(
        sockets: impl Iterator<Item = Socket<'a>> + Clone,
        listening: &[u16],
        served: impl Fn(u16) -> bool,
    ) -> Self {
        let listening: BTreeSet<u16> = listening.iter().copied().collect();
        let accepted =
            |port: &u16| listening.contains(port) || listening.is_empty() && served(*port);
        let opened = sockets.filter(|socket| socket.state != TcpState::Listening);
        let opened = opened.filter_map(|s| Some((s.local.1.filter(|p| !accepted(p))?, s)));
        let mut found = Self::default();
        let mut held: HashSet<(Option<u32>, u16)> = HashSet::new();
        let mut connected: HashSet<u16> = HashSet::new();
        let mut pairs: HashMap<(&str, &str, u16), u64> = HashMap::new();
        for (port, socket) in opened.clone() {
            let ports = found.ports.get_or_insert_with(|| Box::new([0; 1024]));
            ports[usize::from(port / 64)] |= 1 << (port % 64);
            if socket.state != TcpState::TimeWait {
                held.insert((socket.pid, port));
            }
            if let (remote, Some(to)) = socket.remote
                && socket.state != TcpState::Bound
            {
                connected.insert(port);
                *pairs.entry((socket.local.0, remote, to)).or_default() += 1;
            }
        }
        held.iter().for_each(|(pid, _)| count(&mut found.by_process, *pid));
        let bound = opened.filter(|(_, socket)| socket.state == TcpState::Bound);
        let alone = bound.filter(|(port, _)| !connected.contains(port));
        let alone: HashSet<(Option<u32>, u16)> = alone.map(|(port, s)| (s.pid, port)).collect();
        alone.iter().for_each(|(pid, _)| count(&mut found.bound_alone_by_process, *pid));
        found.bound_alone = alone.len() as u64;
        found.destined(pairs);
        found
    }

    fn destined(&mut self, pairs: HashMap<(&str, &str, u16), u64>) {
        let mut most: HashMap<(&str, u16), u64> = HashMap::new();
        for ((_, remote, port), n) in pairs {
            let known = most.entry((remote, port)).or_default();
            *known = (*known).max(n);
        }
        self.destinations = most.len() as u64;
        let mut all: Vec<(String, u64)> =
            most.into_iter().map(|((remote, port), n)| (format!("{remote}:{port}"), n)).collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all.truncate(DESTINATIONS_MAX);
        self.by_destination = all;
    }

    /// Distinct local ports from `low` to `high`.
    pub fn ports_within(&self, low: u16, high: u16) -> u64 {
        let Some(ports) = &self.ports else { return 0 };
        let held = |port: &u16| ports[usize::from(port / 64)] & (1 << (port % 64)) != 0;
        (low..=high).filter(held).count() as u64
    }

    /// The most connections to one destination from one local address.
    pub fn busiest(&self) -> u64 {
        self.by_destination.first().map_or(0, |(_, n)| *n)
    }
}

fn count(by_process: &mut HashMap<u32, u64>, pid: Option<u32>) {
    if let Some(pid) = pid {
        *by_process.entry(pid).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(
        state: TcpState,
        local: (&'static str, u16),
        remote: (&'static str, u16),
        pid: u32,
    ) -> Socket<'static> {
        let (local, remote) = ((local.0, Some(local.1)), (remote.0, Some(remote.1)));
        Socket { state, local, remote, pid: Some(pid) }
    }

    #[test]
    fn connections_that_were_opened_are_told_from_those_that_were_accepted() {
        use TcpState::{Bound, CloseWait, Established, Listening, TimeWait};
        let me = "10.0.0.1";
        let sockets = [
            socket(Listening, ("0.0.0.0", 80), ("0.0.0.0", 0), 4),
            socket(Established, (me, 80), ("10.0.0.9", 50_000), 4),
            socket(TimeWait, (me, 49_152), ("10.0.0.7", 1_433), 0),
            socket(TimeWait, (me, 49_153), ("10.0.0.7", 1_433), 0),
            socket(Established, ("10.0.0.2", 49_153), ("10.0.0.7", 1_433), 1_234),
            socket(CloseWait, (me, 49_154), ("10.0.0.8", 443), 1_234),
            socket(Bound, ("0.0.0.0", 49_154), ("0.0.0.0", 0), 1_234),
            socket(Bound, ("0.0.0.0", 49_155), ("0.0.0.0", 0), 1_300),
            socket(Bound, ("0.0.0.0", 1_025), ("0.0.0.0", 0), 1_300),
        ];
        let found = Outgoing::of(sockets.iter().copied(), &[80], |_| false);
        let to = |name: &str, n| (name.to_owned(), n);
        assert_eq!(found.by_destination, [to("10.0.0.7:1433", 2), to("10.0.0.8:443", 1)]);
        assert_eq!((found.destinations, found.busiest()), (2, 2), "per source address");
        assert_eq!(found.by_process, HashMap::from([(1_234, 2), (1_300, 2)]));
        assert_eq!(found.bound_alone, 2, "the one beside CLOSE_WAIT is that connection's own");
        assert_eq!(found.bound_alone_by_process, HashMap::from([(1_300, 2)]));
        assert_eq!(found.ports_within(49_152, 65_535), 4, "a port is counted once");
        assert_eq!(found.ports_within(1_025, 5_000), 1);
        assert_eq!(Outgoing::default().ports_within(0, u16::MAX), 0);
        let without = Outgoing::of(sockets[1..].iter().copied(), &[], |port| port == 80);
        assert_eq!(without.by_destination, found.by_destination, "no listeners are listed");
    }
}
