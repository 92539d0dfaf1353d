//! Compares the sockets state by state.

use model::diagnosis::{Compared, Standing, Subject};
use model::reading::{TcpCounts, TcpState};
use model::units::format_count;

use super::Ages;
use super::item::{Item, times};
use crate::{Gathered, held};

/// Fewer sockets in a state are not worth a line.
const LEAST: u64 = 20;

/// The sockets of the last list of each host.
pub(super) fn compare(here: &Gathered, peer: &Gathered) -> Vec<Compared> {
    let of_both = held::sockets(&here.snapshots).zip(held::sockets(&peer.snapshots));
    let Some(((_, mine), (_, theirs))) = of_both else { return Vec::new() };
    let whole = mine.by_state.values().sum::<u64>() as f64;
    let states = mine.by_state.iter().filter(|(_, n)| **n >= LEAST);
    let mut compared: Vec<Compared> =
        states.map(|(state, n)| of_state(*state, *n, of(theirs, *state), whole)).collect();
    compared.extend(ratio(mine, theirs));
    compared.extend(opened(mine, theirs, whole));
    compared
}

fn of(tcp: &TcpCounts, state: TcpState) -> u64 {
    tcp.by_state.get(&state).copied().unwrap_or(0)
}

fn of_state(state: TcpState, here: u64, peer: u64, whole: f64) -> Compared {
    let name = name(state);
    let item = Item {
        subject: Subject::Sockets,
        name: &name,
        unit: "sockets",
        here: here as f64,
        peer: peer as f64,
        at_most: false,
        whole,
        ages: Ages::default(),
        grows: false,
    };
    item.judged(|compared| {
        format!(
            "{name}: {} sockets here, {} on the healthy peer{}.",
            format_count(here),
            format_count(peer),
            times(compared)
        )
    })
}

/// As the model spells it.
fn name(state: TcpState) -> String {
    let spelled = serde_json::to_value(state).ok();
    spelled.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// TIME_WAIT to ESTABLISHED: what a busy host and an idle one can be compared by.
fn ratio(mine: &TcpCounts, theirs: &TcpCounts) -> Option<Compared> {
    let pair = |tcp: &TcpCounts| (of(tcp, TcpState::TimeWait), of(tcp, TcpState::Established));
    let (a, b) = (pair(mine), pair(theirs));
    if a.0 < LEAST || a.1 == 0 || b.1 == 0 {
        return None;
    }
    let to_one = |pair: (u64, u64)| pair.0 as f64 / pair.1 as f64;
    let item = Item {
        subject: Subject::Sockets,
        name: "TIME_WAIT to ESTABLISHED",
        unit: "to 1",
        here: to_one(a),
        peer: to_one(b),
        at_most: false,
        whole: 0.0,
        ages: Ages::default(),
        grows: false,
    };
    Some(item.judged(|compared| {
        let verdict = match compared.standing {
            Standing::Alike => "connections are kept as long on both",
            _ => "connections are kept for less time here, or this host closes first more often",
        };
        format!(
            "TIME_WAIT to ESTABLISHED: {:.1} to 1 here ({} to {}), {:.1} to 1 on the healthy peer: {verdict}.",
            to_one(a),
            format_count(a.0),
            format_count(a.1),
            to_one(b)
        )
    }))
}

/// Ports that outgoing connections hold.
fn opened(mine: &TcpCounts, theirs: &TcpCounts, whole: f64) -> Option<Compared> {
    let (here, peer) = (u64::from(mine.opened_ports?), u64::from(theirs.opened_ports?));
    if here < LEAST {
        return None;
    }
    let item = Item {
        subject: Subject::Sockets,
        name: "ports of outgoing connections",
        unit: "ports",
        here: here as f64,
        peer: peer as f64,
        at_most: false,
        whole,
        ages: Ages::default(),
        grows: false,
    };
    Some(item.judged(|compared| {
        format!(
            "Ports held by outgoing connections: {} here, {} on the healthy peer{}.",
            format_count(here),
            format_count(peer),
            times(compared)
        )
    }))
}
