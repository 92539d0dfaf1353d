//! Provides the probes of a simulated run: the acts of the real ones, with what the model makes of
//! them.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use jiff::Timestamp;
use model::attempt::Phase;
use model::reading::ProbeResult;
use model::row::{Sample, SourceCost};
use scenarios::{Refuse, Scenario};

use super::failures::Fate;
use super::path::Ks;
use super::world::World;
use crate::app::App;
use crate::doors::httperr::{Entry, Timer};
use crate::isolation::GENERATOR_IP;
use crate::ledger::Closer;

/// What an act that is answered takes, microseconds (lab: 300 to 700).
const TOOK_US: u64 = 400;
/// What a mere connect takes, microseconds (lab: 20 to 60).
const CONNECT_US: u64 = 40;
/// An act has no longer than this, microseconds.
const ACT_US: u64 = 1_000_000;
/// The first retransmissions of a request that fit into an act: after 0.2, 0.6 s.
const RESENT: u32 = 2;
/// The generator's port of the old connection: of the range that probes keep to themselves.
const OLD_PORT: u16 = 61_000;

/// The probes.
#[derive(Clone, Debug)]
pub struct Probes {
    started_unix_ns: i64,
    /// Set where the target closes the old connection between two rounds, as idle: so long after the
    /// round before, seconds of run time.
    idle_s: Option<f64>,
    /// When the round before was.
    before_s: Option<f64>,
    /// Acts so far: some faults strike a share of them.
    acts: u64,
}

/// What an act came to: microseconds to its answer, or why there was none.
type Act = Result<u64, Fate>;

impl Probes {
    /// Opens the old connection.
    pub fn open(scenario: &Scenario, started_unix_ns: i64, world: &mut World) -> Self {
        let idle_s = world.hosts[0].idle_s();
        // Rounds that a long run does not show are made all the same.
        let is_idle = scenario.probe.every_s.is_some_and(|every_s| every_s >= idle_s);
        world.open_old();
        Self { started_unix_ns, idle_s: is_idle.then_some(idle_s), before_s: None, acts: 0 }
    }

    /// One round at run time `now_s`.
    pub fn round(&mut self, world: &mut World, now_s: f64) -> Sample {
        self.acts += 1;
        let (fresh, source) = (2 * self.acts, 2 * self.acts + 1);
        let other_port = world.crosses().map(|()| CONNECT_US);
        let probes = BTreeMap::from([
            ("old-connection".to_owned(), self.old(world, now_s)),
            ("fresh-connect".to_owned(), told(world.probe(fresh))),
            ("other-port".to_owned(), told(other_port)),
            ("other-source".to_owned(), told(world.probe(source))),
        ]);
        let unix_ns = i128::from(self.started_unix_ns) + (now_s * 1e9).round() as i128;
        let wall = Timestamp::from_nanosecond(unix_ns).unwrap_or_default();
        Sample {
            t_s: now_s,
            wall: format!("{wall:.9}"),
            vantage: "probe".into(),
            sources: vec![SourceCost { name: "probe".into(), took_ms: 0.0 }],
            probes,
            ..Sample::default()
        }
    }

    /// A request on the old connection. One that the target has closed meanwhile is opened anew.
    fn old(&mut self, world: &mut World, now_s: f64) -> ProbeResult {
        let before_s = self.before_s.replace(now_s);
        let (Some(before_s), Some(idle_s)) = (before_s, self.idle_s) else {
            return told(world.ask(0));
        };
        let (client, server) = (world.old_end(), world.destination());
        let entry = Entry::TimedOut { timer: Timer::ConnectionIdle, client, server };
        world.hosts[0].logs.error(before_s + idle_s, entry, 1);
        match world.reopen_old(self.acts) {
            Ok(_) => ProbeResult::Reopened,
            failed => told(failed),
        }
    }
}

fn told(act: Act) -> ProbeResult {
    match act {
        Ok(took_us) => ProbeResult::Served { took_us },
        Err(fate) => ProbeResult::Failed { failure: fate.failure(), took_us: fate.took_us },
    }
}

impl World {
    /// The generator's end of the old connection.
    pub fn old_end(&self) -> SocketAddr {
        SocketAddr::from((GENERATOR_IP, OLD_PORT))
    }

    /// The probes open their old connection, before anything has happened.
    fn open_old(&mut self) {
        self.hosts[0].accept(1, u64::MAX);
        self.old_is_open = true;
    }

    fn reopen_old(&mut self, nth: u64) -> Act {
        if std::mem::take(&mut self.old_is_open) {
            self.hosts[0].ended(1, Closer::Target);
        }
        self.enter(nth)?;
        self.open_old();
        Ok(TOOK_US)
    }

    /// A fresh connection with a request, which ends with a reset.
    fn probe(&mut self, nth: u64) -> Act {
        self.enter(nth)?;
        let beyond = self.hosts[0].accept(1, u64::MAX);
        let ks = Ks { first: nth, stride: 1, n: 1 };
        let act = match self.path.reset(self.now_s, ks) {
            0 => self.ask(beyond),
            _ => Err(self.client.spec.errors.reset()),
        };
        self.hosts[0].ended(1, Closer::Reset);
        act
    }

    /// A SYN and its answer cross the way within an act.
    fn crosses(&mut self) -> Result<(), Fate> {
        let loss = self.path.exchange_loss(self.now_s);
        match self.chance.of(1, loss) {
            0 => Ok(()),
            _ => Err(self.client.spec.errors.connect_timed_out(ACT_US)),
        }
    }

    /// One more connection is taken, or not.
    fn enter(&mut self, nth: u64) -> Result<(), Fate> {
        self.crosses()?;
        let errors = self.client.spec.errors;
        let ks = Ks { first: nth, stride: 1, n: 1 };
        let host = &mut self.hosts[0];
        if self.path.refused(self.now_s, ks) > 0 || host.is_absent() {
            return Err(errors.refused());
        }
        if host.room(1) == 0 {
            host.refused(1);
            return Err(match host.refuse() {
                Refuse::RstToSyn => errors.refused(),
                Refuse::AcceptThenReset => errors.reset(),
            });
        }
        let Some(stall) = host.stall() else { return Ok(()) };
        let is_full = host.counts.waiting >= u64::from(stall.backlog);
        Err(match (is_full, host.spec.is_linux) {
            (true, true) => errors.connect_timed_out(ACT_US),
            (true, false) => errors.refused(),
            (false, _) => errors.timed_out(Phase::FirstByte, ACT_US),
        })
    }

    /// A request on a connection that stands.
    fn ask(&mut self, beyond: u64) -> Act {
        let errors = self.client.spec.errors;
        let loss = self.path.exchange_loss(self.now_s);
        let mut took_us = TOOK_US;
        let mut resent = 0;
        while self.chance.of(1, loss) > 0 {
            if resent == RESENT {
                return Err(errors.timed_out(Phase::FirstByte, ACT_US));
            }
            took_us += 200_000 << resent;
            resent += 1;
        }
        let host = &mut self.hosts[0];
        if beyond > 0 || host.short().is_some() {
            return Err(errors.status(503, took_us));
        }
        let Some(app) = host.app.as_ref() else {
            host.answered(1);
            return Ok(took_us);
        };
        let spec = host.spec.app.as_ref();
        let is_full = spec.is_some_and(|spec| app.queued() >= spec.queue_length);
        if app.is_offline() || is_full {
            return Err(errors.status(503, took_us));
        }
        took_us += expected_us(app, spec.map_or(1, |spec| spec.workers));
        if took_us >= ACT_US {
            return Err(errors.timed_out(Phase::FirstByte, ACT_US));
        }
        host.answered(1);
        Ok(took_us)
    }
}

/// How long one more request would take: its own work, and that of those before it in the queue.
fn expected_us(app: &App, workers: u64) -> u64 {
    let each_s = app.service_s() * app.slowness();
    let before = app.queued() as f64 / workers.max(1) as f64;
    ((before + 1.0) * each_s * 1e6) as u64
}
