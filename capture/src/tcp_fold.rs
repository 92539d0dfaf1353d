//! Provides the fold of a host's sockets into [`TcpCounts`], one socket at a time.
//!
//! Whether a TIME_WAIT is of an accepted connection shows only in its local port having a listener.
//! A listener may go away while its TIME_WAIT stay, so a fold that lives over many rounds remembers
//! every port it has seen listening.

use std::collections::BTreeMap;

use model::reading::{AcceptQueue, TcpCounts, TcpState};

/// One more than the highest port.
const PORTS: usize = 65_536;

/// Every state, in the order of its number in [`TcpState`].
const STATES: [TcpState; 12] = [
    TcpState::Listening,
    TcpState::SynSent,
    TcpState::SynReceived,
    TcpState::Established,
    TcpState::FinWait1,
    TcpState::FinWait2,
    TcpState::CloseWait,
    TcpState::Closing,
    TcpState::LastAck,
    TcpState::TimeWait,
    TcpState::Bound,
    TcpState::Other,
];

/// Counts sockets round by round. Its size is fixed (some 450 KiB), whatever the number of sockets.
#[derive(Clone, Debug)]
pub struct TcpFold {
    by_state: [u64; STATES.len()],
    time_wait_by_port: Vec<u32>,
    listening: Vec<bool>,
    ever_listening: Vec<bool>,
    /// Local ports of sockets that do not listen.
    held: Vec<bool>,
    queues: BTreeMap<u16, AcceptQueue>,
}

impl Default for TcpFold {
    fn default() -> Self {
        Self::new()
    }
}

impl TcpFold {
    /// A fold that has seen nothing.
    pub fn new() -> Self {
        Self {
            by_state: [0; STATES.len()],
            time_wait_by_port: vec![0; PORTS],
            listening: vec![false; PORTS],
            ever_listening: vec![false; PORTS],
            held: vec![false; PORTS],
            queues: BTreeMap::new(),
        }
    }

    /// Takes in one socket.
    pub fn add(&mut self, state: TcpState, local_port: u16) {
        self.by_state[state as usize] += 1;
        let port = usize::from(local_port);
        match state {
            TcpState::Listening => {
                self.listening[port] = true;
                self.ever_listening[port] = true;
                return;
            }
            TcpState::TimeWait => self.time_wait_by_port[port] += 1,
            _ => {}
        }
        self.held[port] = true;
    }

    /// Takes in the queue of a listener that [`Self::add`] was given: how many completed connections
    /// wait, and the most that may.
    pub fn queue(&mut self, port: u16, waiting: u32, limit: u32) {
        let queue = AcceptQueue { port, waiting, limit };
        let fullness = |q: &AcceptQueue| f64::from(q.waiting) / f64::from(q.limit.max(1));
        let known = self.queues.entry(port).or_insert(queue);
        if fullness(&queue) > fullness(known) {
            *known = queue;
        }
    }

    /// Ends the round: gives its counts and starts the next with none.
    pub fn finish(&mut self) -> TcpCounts {
        let by_state: BTreeMap<_, _> =
            STATES.into_iter().zip(self.by_state).filter(|(_, count)| *count > 0).collect();
        let per_port = self.time_wait_by_port.iter().zip(&self.ever_listening);
        let accepted =
            per_port.filter(|(_, ever)| **ever).map(|(count, _)| u64::from(*count)).sum();
        let all = by_state.get(&TcpState::TimeWait).copied().unwrap_or(0);
        let listening = (0..=u16::MAX).zip(&self.listening).filter(|(_, l)| **l);
        let held = self.held.iter().zip(&self.ever_listening);
        let opened = held.filter(|(held, ever)| **held && !**ever).count();
        let counts = TcpCounts {
            time_wait_opened: all - accepted,
            time_wait_accepted: accepted,
            listening: listening.map(|(port, _)| port).collect(),
            opened_ports: Some(opened as u32),
            accept_queues: std::mem::take(&mut self.queues).into_values().collect(),
            by_state,
        };
        self.by_state = [0; STATES.len()];
        self.time_wait_by_port.fill(0);
        self.listening.fill(false);
        self.held.fill(false);
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_listed_by_their_number() {
        for (number, state) in STATES.into_iter().enumerate() {
            assert_eq!(state as usize, number);
        }
    }

    #[test]
    fn a_time_wait_belongs_to_whoever_listened_on_its_port() {
        let mut fold = TcpFold::new();
        for (state, port) in [
            (TcpState::TimeWait, 80),
            (TcpState::Listening, 80),
            (TcpState::Listening, 80),
            (TcpState::TimeWait, 50_000),
            (TcpState::TimeWait, 50_001),
            (TcpState::Established, 80),
        ] {
            fold.add(state, port);
        }
        let first = fold.finish();
        assert_eq!((first.time_wait_accepted, first.time_wait_opened), (1, 2));
        assert_eq!(first.listening, [80], "once, though two addresses listen");
        assert_eq!(first.by_state[&TcpState::Listening], 2);
        assert!(!first.by_state.contains_key(&TcpState::SynSent), "none are left out");

        fold.add(TcpState::TimeWait, 80);
        let second = fold.finish();
        assert_eq!(second.time_wait_accepted, 1, "the listener is gone, its TIME_WAIT is not");
        assert_eq!(second.listening, Vec::<u16>::new());
        assert_eq!(second.by_state.values().sum::<u64>(), 1, "rounds do not add up");
        assert_eq!(second.opened_ports, Some(0), "a port that listened once gives out nothing");
    }

    #[test]
    fn a_port_is_opened_once_whatever_stands_on_it() {
        let mut fold = TcpFold::new();
        for (state, port, why) in [
            (TcpState::Listening, 80, "a listener takes none"),
            (TcpState::Established, 80, "nor does what it accepted"),
            (TcpState::Established, 49_200, "an outgoing connection"),
            (TcpState::Bound, 49_200, "Windows lists its BOUND socket beside it"),
            (TcpState::TimeWait, 49_200, "the same port to another peer"),
            (TcpState::Bound, 49_201, "a socket that never connected"),
            (TcpState::CloseWait, 49_202, "one that nobody closes"),
        ] {
            fold.add(state, port);
            assert!(fold.by_state[state as usize] > 0, "{why}");
        }
        assert_eq!(fold.finish().opened_ports, Some(3));
    }

    #[test]
    fn of_listeners_on_one_port_the_fullest_queue_is_told() {
        let mut fold = TcpFold::new();
        for (port, waiting, limit) in [(80, 1, 128), (80, 120, 128), (80, 3, 4096), (443, 0, 5)] {
            fold.add(TcpState::Listening, port);
            fold.queue(port, waiting, limit);
        }
        let queues = fold.finish().accept_queues;
        let told: Vec<_> = queues.iter().map(|q| (q.port, q.waiting, q.limit)).collect();
        assert_eq!(told, [(80, 120, 128), (443, 0, 5)]);
        assert!(fold.finish().accept_queues.is_empty(), "rounds do not add up");
    }
}
