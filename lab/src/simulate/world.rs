//! Provides the hosts of a simulated run and what passes between them: attempts come due in cohorts
//! and meet the generator's limits, the way, and the target's.

use std::net::SocketAddr;

use model::attempt::CloseStyle;
use model::cause::Cause;
use scenarios::{HttpVersion, Refuse, Retry, Scenario, Schedule};

use super::agenda::Agenda;
use super::client::{Client, ClientSpec};
use super::cohort::{Cohort, hand_round};
use super::failures::{FIRST_BYTE_US, Fate, ROUND_TRIP_US, TOTAL_US};
use super::host::Host;
use super::tally::{Served, Tally, Way};
use crate::doors::httperr::FLUSH_S;
use crate::isolation::{GENERATOR_IP, TARGET_IP};
use crate::ledger::Closer;
use crate::target::PORTS;

/// Tries of a refused connection that a Windows client makes.
const WINDOWS_TRIES: u32 = 3;
/// From one to the next, seconds.
const TRY_AGAIN_S: f64 = 0.5;
/// The log is flushed at most this often, however fast the host's time runs, seconds.
const SHORTEST_FLUSH_S: f64 = 0.05;

/// The generator's port of the probes' old connection: of the range that probes keep to themselves.
const OLD_PORT: u16 = 61_000;

/// What is due later.
#[derive(Clone, Copy, Debug)]
enum Later {
    /// A refused connection is tried again.
    Again(Cohort),
}

/// What every attempt of the load is like.
#[derive(Clone, Copy, Debug)]
struct Talk {
    requests: u64,
    closer: Closer,
    tries: u32,
    in_flight: u64,
}

/// Both ends.
#[derive(Clone, Debug)]
pub struct World {
    schedule: Schedule,
    talk: Talk,
    /// Of all the load.
    pub client: Client,
    /// Behind one address, in turn.
    pub hosts: Vec<Host>,
    /// What came of the load.
    pub tally: Tally,
    /// An attempt could not be begun since somebody last asked.
    pub is_short: bool,
    /// The old connection of the probes is open.
    pub old_is_open: bool,
    later: Agenda<Later>,
    destination: SocketAddr,
    /// Attempts that have come due.
    due: u64,
    in_flight: u64,
    step_s: f64,
    flush_every_s: f64,
    next_flush_s: f64,
    now_s: f64,
}

impl World {
    /// The hosts of a scenario at run time `born_s`, in steps of `step_s`.
    pub fn new(scenario: &Scenario, hosts: Vec<Host>, step_s: f64, born_s: f64) -> Self {
        let load = &scenario.load;
        let closes_at_once = load.http == HttpVersion::V10;
        let talk = Talk {
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
        };
        let flush_every_s = (FLUSH_S / scenario.target.time_scale).max(SHORTEST_FLUSH_S);
        Self {
            schedule: Schedule::new(load, scenario.seed),
            talk,
            client: Client::new(ClientSpec::of(scenario)),
            hosts,
            tally: Tally::default(),
            is_short: false,
            old_is_open: false,
            later: Agenda::default(),
            destination: SocketAddr::from((TARGET_IP, PORTS.0)),
            due: 0,
            in_flight: 0,
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

    /// The generator's end of the old connection.
    pub fn old_end(&self) -> SocketAddr {
        SocketAddr::from((GENERATOR_IP, OLD_PORT))
    }

    /// The probes open their old connection, before anything has happened.
    pub fn open_old(&mut self) {
        self.hosts[0].accept(1, u64::MAX);
        self.old_is_open = true;
    }

    /// The target has closed the old connection as idle; it is opened anew. Gives why it cannot be.
    pub fn reopen_old(&mut self) -> Option<Fate> {
        if std::mem::take(&mut self.old_is_open) {
            self.hosts[0].ended(1, Closer::Target);
        }
        let fate = self.unwelcome();
        if fate.is_none() {
            self.open_old();
        }
        fate
    }

    /// A fresh connection with a request, which ends with a reset. Gives why it fails.
    pub fn probe(&mut self) -> Option<Fate> {
        let fate = self.unwelcome();
        if fate.is_none() {
            let host = &mut self.hosts[0];
            host.accept(1, u64::MAX);
            host.answered(1);
            host.ended(1, Closer::Reset);
        }
        fate
    }

    /// Why one more connection would not be taken.
    fn unwelcome(&mut self) -> Option<Fate> {
        let (host, errors) = (&mut self.hosts[0], self.client.spec.errors);
        if host.is_absent() {
            return Some(errors.refused());
        }
        if host.room(1) > 0 {
            return None;
        }
        host.refused(1);
        Some(match host.refuse() {
            Refuse::RstToSyn => errors.refused(),
            Refuse::AcceptThenReset => errors.reset(),
        })
    }

    /// Attempts begun and not over.
    pub fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// Moves everything to run time `to_s`.
    pub fn advance(&mut self, to_s: f64) {
        while self.now_s < to_s {
            let later_s = self.later.next_s().unwrap_or(f64::INFINITY).max(self.now_s);
            let next_s = (self.now_s + self.step_s).min(to_s).min(self.next_flush_s).min(later_s);
            self.step(next_s);
        }
    }

    fn step(&mut self, now_s: f64) {
        self.now_s = now_s;
        self.client.age(now_s);
        self.hosts.iter_mut().for_each(|host| host.advance(now_s));
        while let Some((_, later)) = self.later.pop_due(now_s) {
            match later {
                Later::Again(cohort) => self.connect(cohort),
            }
        }
        let due = self.schedule.due_before(now_s);
        for cohort in hand_round(self.due, due, self.hosts.len()) {
            self.arrive(cohort);
        }
        self.due = due.max(self.due);
        if now_s >= self.next_flush_s {
            self.hosts.iter_mut().for_each(|host| host.flush(now_s));
            self.next_flush_s += self.flush_every_s;
        }
    }

    /// Attempts come due: as many as the generator can begin are begun.
    fn arrive(&mut self, mut cohort: Cohort) {
        self.tally.offered(cohort.n);
        while cohort.n > 0 {
            match self.allowed() {
                Ok(most) => {
                    let part = cohort.take(most);
                    self.tally.begun(part.n);
                    self.in_flight += part.n;
                    self.connect(part);
                }
                Err(fate) => {
                    let due_s = cohort.due_s(&self.schedule);
                    let way = Way { source: None, destination: self.destination };
                    self.tally.failed(cohort.n, fate, way, due_s);
                    self.is_short = true;
                    return;
                }
            }
        }
    }

    /// How many more attempts the generator can begin; why none, where that is so.
    fn allowed(&self) -> Result<u64, (Fate, Cause)> {
        let (client, errors) = (&self.client, &self.client.spec.errors);
        let mut most = u64::MAX;
        let room = self.talk.in_flight.saturating_sub(self.in_flight);
        for (left, fate, cause) in [
            (room, errors.capped(), Cause::GeneratorLimit),
            (client.descriptors_left(), errors.no_descriptor(), Cause::GeneratorLimit),
            (client.memory_left(), errors.no_memory(), Cause::ClientMemory),
            (client.ports_left(), errors.no_port(client.spec.binds), Cause::ClientPorts),
        ] {
            if left == 0 {
                return Err((fate, cause));
            }
            most = most.min(left);
        }
        Ok(most)
    }

    /// SYNs go out, and the target takes them or does not.
    fn connect(&mut self, mut cohort: Cohort) {
        self.client.open(cohort.n);
        self.client.counts.active_opens += cohort.n;
        if self.hosts[cohort.host].is_absent() {
            return self.refused(cohort, Cause::ListenerDown);
        }
        while cohort.n > 0 {
            let room = self.hosts[cohort.host].room(cohort.n);
            if room == 0 {
                self.hosts[cohort.host].refused(cohort.n);
                match self.hosts[cohort.host].refuse() {
                    Refuse::RstToSyn => self.refused(cohort, Cause::NonpagedPool),
                    Refuse::AcceptThenReset => self.reset(cohort, Cause::NonpagedPool),
                }
                return;
            }
            let part = cohort.take(room);
            self.serve(part);
        }
    }

    /// A reset in answer to their SYN: some clients try again.
    fn refused(&mut self, mut cohort: Cohort, cause: Cause) {
        self.client.counts.attempt_fails += cohort.n;
        self.client.close(cohort.n, false);
        if cohort.tries < self.talk.tries {
            cohort.tries += 1;
            return self.later.put(self.now_s + TRY_AGAIN_S, Later::Again(cohort));
        }
        let waited_us = (f64::from(cohort.tries - 1) * TRY_AGAIN_S * 1e6) as u64;
        let fate = self.client.spec.errors.refused().after_us(waited_us + ROUND_TRIP_US);
        self.fail(cohort, (fate, cause));
    }

    /// Taken, and reset at once.
    fn reset(&mut self, cohort: Cohort, cause: Cause) {
        self.client.counts.estab_resets += cohort.n;
        self.client.close(cohort.n, false);
        self.fail(cohort, (self.client.spec.errors.reset(), cause));
    }

    fn fail(&mut self, cohort: Cohort, fate: (Fate, Cause)) {
        self.in_flight -= cohort.n;
        let way = Way { source: Some(self.client.end_of(0)), destination: self.destination };
        self.tally.failed(cohort.n, fate, way, cohort.due_s(&self.schedule));
    }

    /// Taken, answered and closed within a moment.
    fn serve(&mut self, cohort: Cohort) {
        let (n, talk) = (cohort.n, self.talk);
        let tuples = self.client.tuples() + u64::from(self.old_is_open);
        let host = &mut self.hosts[cohort.host];
        host.accept(n, tuples);
        host.answered(n * talk.requests);
        host.ended(n, talk.closer);
        self.client.close(n, talk.closer == Closer::Client);
        if talk.closer == Closer::Client {
            self.client.counts.time_waited += n;
        }
        self.in_flight -= n;
        let waited_us = (f64::from(cohort.tries - 1) * TRY_AGAIN_S * 1e6) as u64;
        let how = Served {
            connect_us: waited_us + ROUND_TRIP_US,
            first_byte_us: waited_us + FIRST_BYTE_US,
            total_us: waited_us + TOTAL_US,
            by_target: talk.closer == Closer::Target,
        };
        self.tally.served(n, &how);
    }
}
