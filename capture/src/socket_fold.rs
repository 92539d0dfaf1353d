//! Provides the fold of a listing of sockets by port, by peer and by process: who holds the
//! TIME_WAIT, and which process leaks sockets (CLOSE_WAIT, BOUND).

use std::collections::HashMap;
use std::hash::Hash;

use model::reading::TcpState;

/// What one listing's sockets add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SocketFold {
    /// TIME_WAIT by local port.
    pub time_wait_by_local_port: HashMap<u16, u64>,
    /// TIME_WAIT by the peer's port.
    pub time_wait_by_remote_port: HashMap<u16, u64>,
    /// TIME_WAIT by the peer's address, without brackets.
    pub time_wait_by_peer: HashMap<String, u64>,
    /// CLOSE_WAIT by process id, where the listing has one.
    pub close_wait_by_pid: HashMap<u32, u64>,
    /// BOUND by process id, where the listing has one.
    pub bound_by_pid: HashMap<u32, u64>,
}

impl SocketFold {
    /// Takes in one socket; a port that is `None` was printed as `*`.
    pub fn add(
        &mut self,
        state: TcpState,
        local_port: Option<u16>,
        peer: (&str, Option<u16>),
        pid: Option<u32>,
    ) {
        match state {
            TcpState::TimeWait => {
                count(&mut self.time_wait_by_local_port, local_port);
                count(&mut self.time_wait_by_remote_port, peer.1);
                let address = bare(peer.0);
                match self.time_wait_by_peer.get_mut(address) {
                    Some(count) => *count += 1,
                    None => drop(self.time_wait_by_peer.insert(address.to_owned(), 1)),
                }
            }
            TcpState::CloseWait => count(&mut self.close_wait_by_pid, pid),
            TcpState::Bound => count(&mut self.bound_by_pid, pid),
            _ => {}
        }
    }
}

/// The entries of a count, the largest first, equal ones by their key.
pub fn largest<K: Ord + Clone>(counts: &HashMap<K, u64>) -> Vec<(K, u64)> {
    let mut entries: Vec<_> = counts.iter().map(|(key, count)| (key.clone(), *count)).collect();
    entries.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    entries
}

fn count<K: Eq + Hash>(counts: &mut HashMap<K, u64>, key: Option<K>) {
    if let Some(key) = key {
        *counts.entry(key).or_default() += 1;
    }
}

/// An address without its brackets, and an IPv4 address without its prefix of IPv6.
fn bare(address: &str) -> &str {
    let address = address.strip_prefix('[').and_then(|a| a.strip_suffix(']')).unwrap_or(address);
    address.strip_prefix("::ffff:").filter(|v4| v4.contains('.')).unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_counted_by_port_peer_and_process() {
        let mut fold = SocketFold::default();
        for (state, local, peer, pid) in [
            (TcpState::TimeWait, 80, ("192.0.2.9", 50_001), Some(0)),
            (TcpState::TimeWait, 80, ("[::ffff:192.0.2.9]", 50_002), None),
            (TcpState::TimeWait, 81, ("[2001:db8::1]", 50_002), None),
            (TcpState::CloseWait, 81, ("192.0.2.9", 443), Some(7)),
            (TcpState::CloseWait, 82, ("192.0.2.9", 443), None),
            (TcpState::Bound, 49_200, ("0.0.0.0", 0), Some(7)),
            (TcpState::Established, 80, ("192.0.2.9", 50_003), Some(7)),
        ] {
            fold.add(state, Some(local), (peer.0, Some(peer.1)), pid);
        }
        assert_eq!(largest(&fold.time_wait_by_local_port), [(80, 2), (81, 1)]);
        assert_eq!(largest(&fold.time_wait_by_remote_port), [(50_002, 2), (50_001, 1)]);
        let peers = [("192.0.2.9".to_owned(), 2), ("2001:db8::1".to_owned(), 1)];
        assert_eq!(largest(&fold.time_wait_by_peer), peers);
        assert_eq!(
            largest(&fold.close_wait_by_pid),
            [(7, 1)],
            "a row without a process is no one's"
        );
        assert_eq!(largest(&fold.bound_by_pid), [(7, 1)]);
    }
}
