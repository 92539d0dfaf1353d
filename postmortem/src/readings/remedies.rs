//! Tells what each remedy would change by the laws: whether it applies to this system and direction at
//! all, what it changes, how to check that it is in force, what it risks.

mod gate;
mod ports;
mod time_wait;

use host::Profile;
use model::reading::TcpState;

use super::words::{profile, sockets};
use crate::Gathered;
use crate::port_range::before_vista;

/// The age of TCP/IP that settings go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    /// Windows 2000, Server 2003: TcpTimedWaitDelay and MaxUserPort are documented.
    BeforeVista,
    /// Vista to 2012 R2: a dynamic range by netsh.
    Vista,
    /// Server 2016 and later: ports are given out per 4-tuple.
    Since2016,
    /// Linux.
    Linux,
    /// Nobody said.
    Unknown,
}

impl Age {
    fn of(profile: Option<&Profile>) -> Self {
        match profile {
            None => Self::Unknown,
            Some(p) if p.os == host::HostOs::Linux => Self::Linux,
            Some(p) if before_vista(p) => Self::BeforeVista,
            Some(p) if matches!(p.name, "windows-2008" | "windows-2012r2") => Self::Vista,
            Some(_) => Self::Since2016,
        }
    }
}

/// What is there to be remedied.
struct Trouble<'a> {
    g: &'a Gathered,
    age: Age,
    /// HTTP.sys refused for want of non-paged pool.
    refused: bool,
    /// TIME_WAIT in the last list, and of them those of connections that this host opened.
    time_wait: u64,
    /// `None` where the list does not say who opened them.
    opened: Option<u64>,
}

/// The remedies that people name, in the order in which they help.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let list = sockets(g);
    let of = |state| list.and_then(|(_, tcp)| tcp.by_state.get(&state).copied()).unwrap_or(0);
    let trouble = Trouble {
        g,
        age: Age::of(profile(g)),
        refused: g.tally.as_ref().is_some_and(|t| t.refused_rows > 0),
        time_wait: of(TcpState::TimeWait),
        opened: list
            .filter(|(s, tcp)| super::words::says_who_opened(s, tcp))
            .map(|(_, tcp)| tcp.time_wait_opened),
    };
    let mut said = Vec::new();
    if trouble.refused {
        said.push("Fixing the leak (updating or removing the driver that grows) is the only remedy that lasts; a reboot empties the pool and starts the same clock again.".to_owned());
        said.extend(gate::say(&trouble));
    }
    if trouble.time_wait > 0 {
        said.extend(time_wait::say(&trouble));
    }
    said.extend(ports::say(&trouble));
    said
}
