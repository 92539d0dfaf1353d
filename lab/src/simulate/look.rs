//! Provides a look at a simulated host: the pages that it shows at one moment, as text.

use std::net::{Ipv4Addr, SocketAddr};

use model::reading::TcpState;

use super::client::Client;
use super::host::Host;
use super::world::World;
use crate::app::App;
use crate::backend::PORT as BACKEND_PORT;
use crate::doors::exporter::{self, View};
use crate::doors::proc::KernelCounts;
use crate::doors::{Counts, SocketRow, States, netstat, proc};
use crate::isolation::{BACKEND_IP, TARGET_BACK_IP};
use crate::ledger::{Keeping, Ledger, LedgerSpec, MemorySpec, Object, Share};
use crate::target::PORTS;

/// RAM of a generator on Windows. Scenery.
const CLIENT_RAM_BYTES: u64 = 1 << 30;

/// Rows of socket lists in one run, about: a list of 48,000 costs as much as a hundred other pages.
const LISTED_ROWS: f64 = 1e6;

/// Which page it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// windows_exporter's.
    Exporter,
    /// The text of `netstat -an`.
    Netstat,
    /// The text of poolmon.
    Poolmon,
    /// What has been appended to the HTTP.sys error log.
    Httperr,
    /// What has been appended to the web site's own log.
    IisLog,
    /// The System log as `wevtutil` prints it.
    EventLog,
    /// `/proc/net/tcp`.
    ProcTcp,
    /// `/proc/net/netstat`.
    ProcNetstat,
    /// `/proc/net/snmp`.
    ProcSnmp,
    /// `/proc/net/sockstat`.
    ProcSockstat,
    /// `/proc/self/limits` and `/proc/self/fd`.
    ProcFd,
}

impl Door {
    /// The name of the source that a witness of the lab reads it through.
    pub fn source(self) -> &'static str {
        match self {
            Self::Exporter => "windows-exporter+simulate:/metrics",
            Self::Netstat => "netstat+simulate:/netstat",
            Self::Poolmon => "poolmon+simulate:/poolmon",
            Self::Httperr => "httperr:simulate",
            Self::IisLog => "iislog:simulate",
            Self::EventLog => "eventlog+simulate:/eventlog",
            Self::ProcTcp => "local:/proc/net/tcp",
            Self::ProcNetstat => "local:/proc/net/netstat",
            Self::ProcSnmp => "local:/proc/net/snmp",
            Self::ProcSockstat => "local:/proc/net/sockstat",
            Self::ProcFd => "local:/proc/self/fd",
        }
    }
}

/// What one host shows at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Run time, nanoseconds.
    pub t_ns: i64,
    /// Whose: `generator`, `target`, or `target-2` and on behind a balancer.
    pub vantage: String,
    /// The pages, each once.
    pub pages: Vec<(Door, String)>,
}

/// When the list of sockets is looked at: at every look while it is short, else ever more rarely, and
/// whenever a cheaper page says that something has changed.
#[derive(Clone, Copy, Debug)]
pub struct Lists {
    looks: f64,
    since: f64,
    listening: u64,
}

impl Lists {
    /// Of a host that will be looked at so many times.
    pub fn new(looks: f64) -> Self {
        Self { looks, since: f64::INFINITY, listening: u64::MAX }
    }

    /// Whether it is looked at now, with so many rows of which so many listen.
    fn is_due(&mut self, rows: u64, listening: u64, is_urgent: bool) -> bool {
        self.since += 1.0;
        let every = self.looks * rows as f64 / LISTED_ROWS;
        let is_due = is_urgent || listening != self.listening || self.since >= every;
        if is_due {
            (self.since, self.listening) = (0.0, listening);
        }
        is_due
    }
}

/// The generator's host.
pub fn client(world: &mut World, lists: &mut Lists, t_s: f64, is_last: bool) -> Look {
    let is_short = std::mem::take(&mut world.is_short);
    let client = &world.client;
    let rows = (client.in_use() + client.waiting()) / client.spec.hosts;
    let is_due = lists.is_due(rows, 0, is_last || is_short);
    let mut pages = Vec::new();
    if client.spec.is_linux {
        let established = client.in_use() / client.spec.hosts + u64::from(world.old_is_open);
        let waiting = client.waiting() / client.spec.hosts;
        pages.push((Door::ProcSnmp, proc::snmp(&client.counts, established)));
        pages.push((Door::ProcNetstat, proc::netstat(&client.counts)));
        pages.push((Door::ProcSockstat, proc::sockstat(established, waiting)));
    }
    pages.extend(client.nonpaged_bytes().map(|bytes| (Door::Exporter, client_page(client, bytes))));
    if let Some(limit) = client.spec.descriptors {
        pages.push((Door::ProcFd, proc::descriptors(client.descriptors(), limit)));
    }
    if is_due {
        let sockets = client_sockets(world);
        pages.push(match client.spec.is_linux {
            true => (Door::ProcTcp, proc::tcp(sockets)),
            false => (Door::Netstat, netstat::page(sockets)),
        });
    }
    Look { t_ns: nanoseconds(t_s), vantage: "generator".into(), pages }
}

/// A target's host.
pub fn host(world: &mut World, at: usize, lists: &mut Lists, t_s: f64, is_last: bool) -> Look {
    let states = states(world, at);
    let listening = states.count(TcpState::Listening);
    let rows = states.count(TcpState::TimeWait) + states.count(TcpState::Established);
    let is_due = lists.is_due(rows, listening, is_last);
    let host = &world.hosts[at];
    let mut pages = Vec::new();
    if host.spec.is_linux {
        let counts = kernel_counts(host);
        let established = states.count(TcpState::Established);
        pages.push((Door::ProcSnmp, proc::snmp(&counts, established)));
        pages.push((Door::ProcNetstat, proc::netstat(&counts)));
        let time_wait = states.count(TcpState::TimeWait);
        pages.push((Door::ProcSockstat, proc::sockstat(established, time_wait)));
        if is_due {
            pages.push((Door::ProcTcp, proc::tcp(host_sockets(world, at))));
        }
    } else {
        pages.push((Door::Exporter, exporter_page(host, &states)));
        if is_due {
            pages.push((Door::Netstat, netstat::page(host_sockets(world, at))));
        }
        let host = &mut world.hosts[at];
        pages.push((Door::Poolmon, host.poolmon.page(&host.ledger)));
        if host.logs.has_errors() {
            pages.push((Door::Httperr, host.logs.take_errors()));
        }
        pages.extend(host.logs.take_site().map(|text| (Door::IisLog, text)));
        pages.push((Door::EventLog, host.logs.system_page()));
    }
    Look { t_ns: nanoseconds(t_s), vantage: vantage(at), pages }
}

/// What a target is called: the first as in the lab.
pub fn vantage(at: usize) -> String {
    if at == 0 { "target".into() } else { format!("target-{}", at + 1) }
}

/// What windows_exporter shows of a generator on Windows: nothing but its pool is ever asked of it.
fn client_page(client: &Client, nonpaged_bytes: u64) -> String {
    let mut states = States::default();
    states.add(TcpState::Established, client.in_use());
    states.add(TcpState::TimeWait, client.waiting());
    let nothing = Object { tag: "TCPC".into(), bytes: 0 };
    let ledger = Ledger::new(&LedgerSpec {
        ceiling_bytes: client.spec.ceiling_bytes,
        baseline_bytes: nonpaged_bytes,
        baseline: vec![Share { tag: "MmCm".into(), per_mille: 1000, bytes_each: 8806 }],
        connection: Vec::new(),
        time_wait: nothing,
        keeping: Keeping::Counted,
        gate: None,
        memory: MemorySpec::of_ram(CLIENT_RAM_BYTES),
        leaks: Vec::new(),
    });
    let counts = Counts { opened: client.counts.active_opens, ..Counts::default() };
    let view = View {
        ledger: &ledger,
        states: &states,
        counts: &counts,
        worker_pid: 0,
        app: None,
        rejected: 0,
    };
    exporter::page(&view)
}

fn exporter_page(host: &Host, states: &States) -> String {
    exporter::page(&View {
        ledger: &host.ledger,
        states,
        counts: &host.counts,
        worker_pid: host.worker_pid(),
        app: host.app.as_ref(),
        rejected: host.rejected,
    })
}

fn kernel_counts(host: &Host) -> KernelCounts {
    KernelCounts {
        passive_opens: host.counts.accepted,
        estab_resets: host.counts.reset,
        in_segs: host.counts.segments_in,
        out_segs: host.counts.segments_out,
        active_opens: host.counts.opened,
        listen_overflows: host.dropped_syns.0,
        listen_drops: host.dropped_syns.0,
        ack_skipped_time_wait: host.dropped_syns.1,
        ..KernelCounts::default()
    }
}

/// The old connection of the probes goes to the first target.
fn states(world: &World, at: usize) -> States {
    let host = &world.hosts[at];
    let (calling, waiting) = host.app.as_ref().map_or((0, 0), App::ports_used);
    let mut states = States::default();
    states.add(TcpState::Listening, 1 + u64::from(!host.is_absent()));
    states.add(TcpState::Established, host.ledger.open() + host.counts.waiting + calling);
    states.add(TcpState::TimeWait, host.ledger.time_wait() + waiting);
    states.add(TcpState::CloseWait, host.app.as_ref().map_or(0, App::ports_leaked));
    states
}

fn client_sockets(world: &World) -> impl Iterator<Item = SocketRow> {
    let (client, remote) = (&world.client, world.destination());
    let row = move |state, local| SocketRow { state, local, remote };
    let old = world.old_is_open.then(|| row(TcpState::Established, world.old_end()));
    let all = in_turn(client.in_use(), client.waiting());
    let all = all.map(move |(i, state)| row(state, client.end_of(i)));
    old.into_iter().chain(all.filter(move |socket| client.is_of_first(socket.local)))
}

/// Open connections, then those in TIME_WAIT, by their number.
fn in_turn(open: u64, waiting: u64) -> impl Iterator<Item = (u64, TcpState)> {
    let state = move |i| if i < open { TcpState::Established } else { TcpState::TimeWait };
    (0..open + waiting).map(move |i| (i, state(i)))
}

fn host_sockets(world: &World, at: usize) -> impl Iterator<Item = SocketRow> {
    let (host, client, local) = (&world.hosts[at], &world.client, world.destination());
    let row = move |state, remote| SocketRow { state, local, remote };
    let listener = |port: u16| SocketRow {
        state: TcpState::Listening,
        local: SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
        remote: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
    };
    let site = (!host.is_absent()).then(|| listener(PORTS.0));
    let old = u64::from(at == 0 && world.old_is_open);
    let open = host.ledger.open().saturating_sub(old) + host.counts.waiting;
    let of_old = (old > 0).then(|| row(TcpState::Established, world.old_end()));
    let all = in_turn(open, host.ledger.time_wait());
    let accepted = all.map(move |(i, state)| row(state, client.end_of(i)));
    site.into_iter().chain([listener(PORTS.1)]).chain(of_old).chain(accepted).chain(calls(host))
}

/// The target's own connections to its backend: its ports are taken in turn.
fn calls(host: &Host) -> impl Iterator<Item = SocketRow> {
    let (calling, waiting) = host.app.as_ref().map_or((0, 0), App::ports_used);
    let (low, count) = (host.call_ports.0, host.call_ports.1.max(1));
    let made = host.app.as_ref().map_or(0, App::calls);
    let leaked = host.app.as_ref().map_or(0, App::ports_leaked);
    let forgotten =
        (calling + waiting..calling + waiting + leaked).map(|i| (i, TcpState::CloseWait));
    in_turn(calling, waiting).chain(forgotten).map(move |(i, state)| {
        let port = low + (made.wrapping_sub(i + 1) % count) as u16;
        let local = SocketAddr::from((TARGET_BACK_IP, port));
        SocketRow { state, local, remote: SocketAddr::from((BACKEND_IP, BACKEND_PORT)) }
    })
}

fn nanoseconds(t_s: f64) -> i64 {
    (t_s * 1e9).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_looked_at_rarely_and_when_something_changes() {
        let mut lists = Lists::new(5_000.0);
        let mut seen = |rows, listening, urgent, looks: u32| {
            (0..looks).filter(|_| lists.is_due(rows, listening, urgent)).count()
        };
        assert_eq!(seen(100, 2, false, 100), 100, "a short list at every look");
        assert_eq!(seen(48_000, 2, false, 4800), 20, "48,000 rows once in 240 looks");
        assert_eq!(seen(48_000, 1, false, 1), 1, "a listener has gone");
        assert_eq!(seen(48_000, 1, false, 1), 0, "… which is old by then");
        assert_eq!(seen(48_000, 1, true, 1), 1, "or somebody has a reason to look");
    }
}
