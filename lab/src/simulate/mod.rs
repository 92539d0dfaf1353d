//! Provides the ground without sockets: the hosts of a scenario in virtual time. The same schedule,
//! ledger and doors as in the lab; what the doors show is handed out as text, to be read by whoever
//! reads a real host's.
//!
//! In reading order: [`Simulation`] (what is shown when), [`Pace`] (how long a step is), `world` (what
//! becomes of attempts), `host` and `client` (both ends), `look` (their pages), `tally` (rows of load).

mod agenda;
mod chance;
mod check;
mod client;
mod cohort;
mod failures;
mod host;
mod logs;
mod look;
mod opening;
mod pace;
mod path;
mod probes;
mod reuse;
mod tally;
#[cfg(test)]
mod tests;
mod visit;
mod world;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use model::row::{Event, Interval, Sample};
use scenarios::Scenario;

use self::host::Host;
use self::look::Lists;
pub use self::look::{Door, Look};
pub use self::pace::Pace;
use self::probes::Probes;
pub use self::tally::{Durations, TAGS};
pub use self::world::Truth;
use self::world::World;
use crate::doors::httperr::FLUSH_S;
use crate::error::LabError;

/// Hosts are looked at for this long before the first attempt, so that every level has a "before".
const LEAD_S: f64 = 1.0;
/// How long attempts may stay in flight after the last arrival, seconds.
const DRAIN_S: f64 = 5.0;

/// What a simulated run shows, in order of time.
#[derive(Clone, Debug)]
pub enum Shown {
    /// A tick of load: the share of a target.
    Load {
        /// Which target; 0 is the first.
        host: usize,
        /// What came of it.
        tick: Box<Interval>,
    },
    /// Something of the first target's share in full.
    Event(Event),
    /// A round of probes.
    Probes(Box<Sample>),
    /// A host's pages.
    Look(Look),
    /// The durations of attempts that the first target has served since the last of these, by [`TAGS`].
    Latencies {
        /// From run time.
        t_s: f64,
        /// Over so long.
        seconds: f64,
        /// Microseconds, with how often each was seen.
        durations: [Durations; 3],
    },
}

/// A run in virtual time. An iterator over what it shows; it ends by itself.
#[derive(Clone, Debug)]
pub struct Simulation {
    world: World,
    probes: Option<Probes>,
    lists: Vec<Lists>,
    pace: Pace,
    ticks: Beat,
    latencies: Beat,
    rounds: Beat,
    looks: Beat,
    duration_s: f64,
    tail_s: f64,
    /// When the load was over, once it is.
    load_end_s: Option<f64>,
    ended: bool,
    ready: VecDeque<Shown>,
}

/// Something that comes back, counted so that it does not drift.
#[derive(Clone, Copy, Debug)]
struct Beat {
    every_s: f64,
    /// How many periods after run time zero it is next due.
    next: i64,
    /// When it last was.
    last_s: f64,
}

impl Beat {
    /// First due `from` periods after run time zero.
    fn new(every_s: f64, from: i64) -> Self {
        Self { every_s, next: from, last_s: 0.0 }
    }

    fn at_s(&self) -> f64 {
        self.next as f64 * self.every_s
    }

    /// Whether it is due; then since when it was not, and it is due again later.
    fn strike(&mut self, now_s: f64) -> Option<f64> {
        (now_s >= self.at_s()).then(|| self.force(now_s))
    }

    /// As if it were due.
    fn force(&mut self, now_s: f64) -> f64 {
        self.next = (now_s / self.every_s).floor() as i64 + 1;
        if self.at_s() <= now_s {
            self.next += 1;
        }
        std::mem::replace(&mut self.last_s, now_s)
    }
}

/// Where things are in a simulated run, for whoever writes down what was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedFacts {
    /// Where the load goes.
    pub target: SocketAddr,
    /// The first ephemeral port of the generator and the last, as its own choice is narrowed.
    pub ports: (u16, u16),
    /// What differs from the lab and from what was asked, a sentence each.
    pub notes: Vec<String>,
}

/// Refuses with a sentence what virtual time cannot play of a scenario.
pub fn check(scenario: &Scenario) -> Result<(), LabError> {
    check::check(scenario)
}

impl Simulation {
    /// The hosts of a scenario just started; `started_unix_ns` is the wall clock at run time zero,
    /// nanoseconds since 1970. Fails with a sentence where it cannot be played.
    pub fn new(scenario: &Scenario, started_unix_ns: i64) -> Result<Self, LabError> {
        check(scenario)?;
        let pace = Pace::of(scenario);
        let one = Host::new(scenario, started_unix_ns, -LEAD_S);
        let hosts = vec![one; scenario.farm.targets()];
        let flush_s = FLUSH_S / scenario.target.time_scale;
        let tail_s = (2.0 * pace.look_s).max(flush_s + 0.5);
        let looks = (scenario.load.duration_s + tail_s) / pace.look_s;
        let mut world = World::new(scenario, hosts, pace.step_s, -LEAD_S);
        let probes = pace.probe_s.map(|_| Probes::open(scenario, started_unix_ns, &mut world));
        let before = |every_s: f64| (-LEAD_S / every_s).floor() as i64 + 1;
        let rounds_s = pace.probe_s.unwrap_or(f64::INFINITY);
        Ok(Self {
            lists: vec![Lists::new(looks); 1 + world.hosts.len()],
            world,
            probes,
            ticks: Beat::new(pace.tick_s, 1),
            latencies: Beat::new(pace.latency_s, 1),
            rounds: Beat::new(rounds_s, before(rounds_s)),
            looks: Beat::new(pace.look_s, before(pace.look_s)),
            pace,
            duration_s: scenario.load.duration_s,
            tail_s,
            load_end_s: None,
            ended: false,
            ready: VecDeque::new(),
        })
    }

    /// How many attempts of the first target's share have failed so far, and for which cause, as the model itself knows: what a
    /// judgement can be graded by, and never a part of what is shown.
    pub fn truth(&self) -> &BTreeMap<Truth, u64> {
        self.world.tallies[0].truth()
    }

    /// The lengths of its steps, ticks and looks.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Where things are.
    pub fn facts(&self) -> SimulatedFacts {
        let client = &self.world.client.spec;
        SimulatedFacts { target: self.world.destination(), ports: client.ports, notes: Vec::new() }
    }

    /// Goes on to the next moment at which something is shown.
    fn turn(&mut self) {
        let now_s = self.world.now_s();
        let end_s = self.load_end_s.map_or(f64::INFINITY, |s| s + self.tail_s);
        // The load may be over before the tick is.
        let over_s = [self.duration_s, self.duration_s + DRAIN_S];
        let beats = [self.rounds.at_s(), self.looks.at_s(), end_s];
        let of_load = [self.ticks.at_s(), self.latencies.at_s()].into_iter().chain(over_s);
        let of_load = of_load.filter(|_| self.load_end_s.is_none());
        let next_s = beats.into_iter().chain(of_load).filter(|s| *s > now_s);
        let now_s = next_s.fold(f64::INFINITY, f64::min);
        self.world.advance(now_s);
        if self.load_end_s.is_none() {
            self.load(now_s);
        }
        if let Some(probes) = &mut self.probes
            && self.rounds.strike(now_s).is_some()
        {
            self.ready.push_back(Shown::Probes(Box::new(probes.round(&mut self.world, now_s))));
        }
        self.ended = now_s >= end_s;
        if self.looks.strike(now_s).is_some() || self.ended {
            self.look(now_s);
        }
    }

    /// Shows what has come of the load, and notes its end.
    fn load(&mut self, now_s: f64) {
        let is_drained = self.world.in_flight() == 0 || now_s >= self.duration_s + DRAIN_S;
        let is_over = now_s >= self.duration_s && is_drained;
        let due = |beat: &mut Beat| match is_over {
            true => Some(beat.force(now_s)),
            false => beat.strike(now_s),
        };
        let (tick, latencies) = (due(&mut self.ticks), due(&mut self.latencies));
        if let Some(from_s) = tick.filter(|from_s| now_s > *from_s) {
            for host in 0..self.world.hosts.len() {
                let in_flight = self.world.in_flight_to(host);
                let (tick, events) = self.world.tallies[host].cut(from_s, now_s, in_flight);
                self.ready.push_back(Shown::Load { host, tick: Box::new(tick) });
                let of_first = events.into_iter().filter(|_| host == 0);
                self.ready.extend(of_first.map(Shown::Event));
            }
        }
        if let Some(t_s) = latencies {
            let durations = self.world.tallies[0].take_latencies();
            if durations.iter().any(|d| !d.is_empty()) {
                self.ready.push_back(Shown::Latencies { t_s, seconds: now_s - t_s, durations });
            }
        }
        self.load_end_s = is_over.then_some(now_s);
    }

    fn look(&mut self, now_s: f64) {
        let [of_client, of_hosts @ ..] = &mut self.lists[..] else { return };
        let look = look::client(&mut self.world, of_client, now_s, self.ended);
        self.ready.push_back(Shown::Look(look));
        for (host, lists) in of_hosts.iter_mut().enumerate() {
            let look = look::host(&mut self.world, host, lists, now_s, self.ended);
            self.ready.push_back(Shown::Look(look));
        }
    }
}

impl Iterator for Simulation {
    type Item = Shown;

    fn next(&mut self) -> Option<Shown> {
        while self.ready.is_empty() && !self.ended {
            self.turn();
        }
        self.ready.pop_front()
    }
}
