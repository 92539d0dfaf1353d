//! Provides the hosts of a simulated run and what passes between them: attempts come due in cohorts
//! and meet the generator's limits. What becomes of those that are begun stands in `opening` and
//! `visit`.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use model::attempt::{CloseStyle, Phase};
use model::cause::Cause;
use scenarios::{HttpVersion, Retry, Scenario, Schedule, Slow};

use super::agenda::Agenda;
use super::chance::Chance;
use super::client::{Client, ClientSpec};
use super::cohort::{Balancer, Cohort};
use super::failures::Fate;
use super::host::{Ends, Host};
use super::opening::Syn;
use super::path::Path;
use super::reuse::Reused;
use super::tally::{Tally, Way};
use super::visit::{Parked, Rest, Visit};
use crate::doors::httperr::FLUSH_S;
use crate::isolation::TARGET_IP;
use crate::ledger::Closer;
use crate::target::PORTS;

/// Tries of a refused connection that a Windows client makes.
const WINDOWS_TRIES: u32 = 3;
/// The log is flushed at most this often, however fast the host's time runs, seconds.
const SHORTEST_FLUSH_S: f64 = 0.05;
/// A request's head with a path as short as most, bytes (the generator's own requests).
const REQUEST_HEAD_BYTES: u64 = 80;

/// What a failed attempt was really due to; `None`: to nothing that is a cause by its name.
pub type Truth = Option<Cause>;

/// What is due later.
#[derive(Clone, Copy, Debug)]
pub(super) enum Later {
    /// A refused connection is tried again.
    Again(Cohort),
    /// A SYN that was not answered is sent again, or given up.
    Syn(Syn),
    /// A visit goes on.
    GoOn(u64, Rest),
    /// The generator has waited long enough for a visit.
    Deadline(u64),
    /// The target gives up `n` connections whose client is gone.
    Forget(usize, u64),
}

/// What every attempt of the load is like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Talk {
    pub requests: u64,
    pub closer: Closer,
    pub tries: u32,
    pub in_flight: u64,
    pub connect_timeout_s: f64,
    pub timeout_s: f64,
    pub pause_s: f64,
    pub slow: Option<Slow>,
    pub request_bytes: u64,
    /// Nobody closes until the target is tired of waiting.
    pub abandons: bool,
    /// Nothing on the way, on the target or in an attempt takes any time.
    pub is_plain: bool,
}

/// Both ends.
#[derive(Clone, Debug)]
pub struct World {
    pub(super) schedule: Schedule,
    pub(super) talk: Talk,
    pub(super) path: Path,
    pub(super) chance: Chance,
    pub(super) reused: Option<Reused>,
    /// Of all the load.
    pub client: Client,
    /// Behind one address.
    pub hosts: Vec<Host>,
    balancer: Balancer,
    /// What came of the load, by the target that was to have it.
    pub tallies: Vec<Tally>,
    /// An attempt could not be begun since somebody last asked.
    pub is_short: bool,
    /// The old connection of the probes is open.
    pub old_is_open: bool,
    pub(super) later: Agenda<Later>,
    /// Visits that wait for something, by number.
    pub(super) parked: BTreeMap<u64, Parked>,
    /// Connections that nobody has accepted yet, by target.
    pub(super) held: Vec<Vec<u64>>,
    pub(super) next_id: u64,
    destination: SocketAddr,
    /// Moments at which something begins or ends by plan, the latest first.
    edges_s: Vec<f64>,
    /// Attempts that have come due.
    due: u64,
    pub(super) in_flight: Vec<u64>,
    step_s: f64,
    flush_every_s: f64,
    next_flush_s: f64,
    pub(super) now_s: f64,
}

impl World {
    /// The hosts of a scenario at run time `born_s`, in steps of `step_s`.
    pub fn new(scenario: &Scenario, hosts: Vec<Host>, step_s: f64, born_s: f64) -> Self {
        let load = &scenario.load;
        let flush_every_s = (FLUSH_S / scenario.target.time_scale).max(SHORTEST_FLUSH_S);
        let path = Path::new(&scenario.network.faults);
        let of_target = scenario.target.faults.iter().flat_map(|f| [f.at_s, f.at_s + f.for_s]);
        let mut edges_s: Vec<f64> = path.edges_s().chain(of_target).collect();
        edges_s.sort_by(|a, b| b.total_cmp(a));
        Self {
            schedule: Schedule::new(load, scenario.seed),
            talk: talk(scenario),
            path,
            chance: Chance::new(scenario.seed),
            reused: load.reuse_ports.then(|| Reused::new(scenario)),
            client: Client::new(ClientSpec::of(scenario)),
            held: vec![Vec::new(); hosts.len()],
            balancer: Balancer::new(&scenario.farm.weights),
            tallies: vec![Tally::default(); hosts.len()],
            in_flight: vec![0; hosts.len()],
            hosts,
            is_short: false,
            old_is_open: false,
            later: Agenda::default(),
            parked: BTreeMap::new(),
            next_id: 0,
            destination: SocketAddr::from((TARGET_IP, PORTS.0)),
            edges_s,
            due: 0,
            step_s,
            flush_every_s,
            next_flush_s: born_s + flush_every_s,
            now_s: born_s,
        }
    }

    /// Where the load goes.
    pub fn destination(&self) -> SocketAddr {
        self.destination
    }

    /// Run time.
    pub fn now_s(&self) -> f64 {
        self.now_s
    }

    /// Attempts begun and not over.
    pub fn in_flight(&self) -> u64 {
        self.in_flight.iter().sum()
    }

    /// Of them those that a target was to have.
    pub fn in_flight_to(&self, host: usize) -> u64 {
        self.in_flight[host]
    }

    /// Moves everything to run time `to_s`.
    pub fn advance(&mut self, to_s: f64) {
        while self.now_s < to_s {
            let later_s = self.later.next_s().unwrap_or(f64::INFINITY).max(self.now_s);
            let edge_s = self.edges_s.last().copied().unwrap_or(f64::INFINITY).max(self.now_s);
            let next_s = (self.now_s + self.step_s).min(to_s).min(self.next_flush_s);
            self.step(next_s.min(later_s).min(edge_s));
        }
    }

    fn step(&mut self, now_s: f64) {
        self.now_s = now_s;
        while self.edges_s.pop_if(|edge_s| *edge_s <= now_s).is_some() {}
        self.client.age(now_s);
        let mut events = Vec::new();
        for (at, host) in self.hosts.iter_mut().enumerate() {
            host.advance(now_s, |event| events.push((at, event)));
        }
        for (host, event) in events {
            self.heard(host, event);
        }
        for host in 0..self.hosts.len() {
            self.accept_held(host);
        }
        while let Some((_, later)) = self.later.pop_due(now_s) {
            self.go_on(later);
        }
        let due = self.schedule.due_before(now_s);
        for cohort in self.balancer.hand_round(self.due, due) {
            self.arrive(cohort);
        }
        self.due = due.max(self.due);
        if now_s >= self.next_flush_s {
            self.hosts.iter_mut().for_each(|host| host.flush(now_s));
            self.next_flush_s += self.flush_every_s;
        }
    }

    fn go_on(&mut self, later: Later) {
        match later {
            Later::Again(cohort) => self.connect(cohort),
            Later::Syn(syn) => self.send_again(syn),
            Later::GoOn(id, rest) => self.rested(id, rest),
            Later::Deadline(id) => self.deadline(id),
            Later::Forget(host, n) => self.hosts[host].forget(n),
        }
    }

    /// Attempts come due: as many as the generator can begin are begun.
    fn arrive(&mut self, mut cohort: Cohort) {
        self.tallies[cohort.host].offered(cohort.n);
        while cohort.n > 0 {
            match self.allowed() {
                Ok(most) => {
                    let part = cohort.take(most);
                    self.tallies[cohort.host].begun(part.n);
                    self.in_flight[cohort.host] += part.n;
                    self.connect(part);
                }
                Err(fate) => {
                    let due_s = cohort.due_s(&self.schedule);
                    let way = Way { source: None, destination: self.destination };
                    self.tallies[cohort.host].failed(cohort.n, fate, way, due_s);
                    if fate.1 == Some(Cause::ClientMemory) {
                        self.client.counts.aborts_on_memory += cohort.n;
                    }
                    self.is_short = true;
                    return;
                }
            }
        }
    }

    /// How many more attempts the generator can begin; why none, where that is so.
    fn allowed(&self) -> Result<u64, (Fate, Truth)> {
        let (client, errors) = (&self.client, &self.client.spec.errors);
        let mut most = u64::MAX;
        let room = self.talk.in_flight.saturating_sub(self.in_flight());
        for (left, fate, cause) in [
            (room, errors.capped(), Cause::GeneratorLimit),
            (client.descriptors_left(), errors.no_descriptor(), Cause::GeneratorLimit),
            (client.memory_left(), errors.no_memory(), Cause::ClientMemory),
            (client.ports_left(), errors.no_port(client.spec.binds), Cause::ClientPorts),
        ] {
            if left == 0 {
                return Err((fate, Some(cause)));
            }
            most = most.min(left);
        }
        Ok(most)
    }

    /// Attempts fail. Whoever knows of them on the target has been told.
    pub(super) fn fail(&mut self, cohort: Cohort, fate: (Fate, Truth)) {
        self.in_flight[cohort.host] -= cohort.n;
        let way = Way { source: Some(self.client.end_of(0)), destination: self.destination };
        let due_s = cohort.due_s(&self.schedule);
        self.tallies[cohort.host].failed(cohort.n, fate, way, due_s);
        if let Some(reused) = &mut self.reused {
            reused.give_back(cohort.first_k);
        }
    }

    /// From when the attempts of a cohort were due until now, microseconds.
    pub(super) fn since_due_us(&self, cohort: &Cohort) -> u64 {
        ((self.now_s - cohort.due_s(&self.schedule).0).max(0.0) * 1e6) as u64
    }

    /// Both ends of the connection that was opened last: as good as any of its cohort.
    pub(super) fn ends(&self) -> Ends {
        Ends { client: self.client.end_of(0), server: self.destination }
    }

    /// Has a visit wait, and fail with `cause` if it has not gone on when the generator's patience is
    /// over. Gives its number.
    pub(super) fn park(&mut self, visit: Visit, cause: Truth, phase: Phase) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.parked.insert(id, Parked { visit, cause, phase, is_gone: false });
        let began_s = visit.cohort.due_s(&self.schedule).0;
        self.later.put((began_s + self.talk.timeout_s).max(self.now_s), Later::Deadline(id));
        id
    }
}

fn talk(scenario: &Scenario) -> Talk {
    let load = &scenario.load;
    let closes_at_once = load.http == HttpVersion::V10;
    Talk {
        requests: load.requests_per_connection.into(),
        closer: match load.close {
            CloseStyle::Reset => Closer::Reset,
            CloseStyle::ClientFirst if !closes_at_once => Closer::Client,
            CloseStyle::ClientFirst | CloseStyle::TargetFirst | CloseStyle::Abandon => {
                Closer::Target
            }
        },
        tries: if load.retry == Some(Retry::Windows) { WINDOWS_TRIES } else { 1 },
        in_flight: load.in_flight.into(),
        connect_timeout_s: load.connect_timeout_s,
        timeout_s: load.timeout_s,
        pause_s: load.pause_s,
        slow: load.slow,
        abandons: load.close == CloseStyle::Abandon && !closes_at_once,
        request_bytes: REQUEST_HEAD_BYTES + load.request_bytes,
        is_plain: scenario.network.faults.is_empty() && load.slow.is_none() && !load.reuse_ports,
    }
}
