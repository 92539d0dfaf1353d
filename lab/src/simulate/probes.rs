//! Provides the probes of a simulated run: the acts of the real ones, with what the model makes of
//! them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::reading::ProbeResult;
use model::row::{Sample, SourceCost};
use scenarios::Scenario;

use super::failures::Fate;
use super::world::World;
use crate::doors::httperr::{Entry, Timer};

/// What an act that is answered takes, microseconds (lab: 300 to 700).
const TOOK_US: u64 = 400;
/// What a mere connect takes, microseconds (lab: 20 to 60).
const CONNECT_US: u64 = 40;

/// The probes.
#[derive(Clone, Debug)]
pub struct Probes {
    started_unix_ns: i64,
    /// Set where the target closes the old connection between two rounds, as idle: so long after the
    /// round before, seconds of run time.
    idle_s: Option<f64>,
    /// When the round before was.
    before_s: Option<f64>,
}

impl Probes {
    /// Opens the old connection.
    pub fn open(scenario: &Scenario, started_unix_ns: i64, world: &mut World) -> Self {
        let idle_s = world.hosts[0].spec.idle_timeout_s / scenario.target.time_scale;
        // Rounds that a long run does not show are made all the same.
        let is_idle = scenario.probe.every_s.is_some_and(|every_s| every_s >= idle_s);
        world.open_old();
        Self { started_unix_ns, idle_s: is_idle.then_some(idle_s), before_s: None }
    }

    /// One round at run time `now_s`.
    pub fn round(&mut self, world: &mut World, now_s: f64) -> Sample {
        let probes = BTreeMap::from([
            ("old-connection".to_owned(), self.old(world, now_s)),
            ("fresh-connect".to_owned(), told(world.probe(), TOOK_US)),
            ("other-port".to_owned(), told(None, CONNECT_US)),
            ("other-source".to_owned(), told(world.probe(), TOOK_US)),
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
            world.hosts[0].answered(1);
            return told(None, TOOK_US);
        };
        let (client, server) = (world.old_end(), world.destination());
        let entry = Entry::TimedOut { timer: Timer::ConnectionIdle, client, server };
        world.hosts[0].log.add(before_s + idle_s, entry);
        match world.reopen_old() {
            Some(fate) => told(Some(fate), TOOK_US),
            None => ProbeResult::Reopened,
        }
    }
}

fn told(fate: Option<Fate>, took_us: u64) -> ProbeResult {
    match fate {
        None => ProbeResult::Served { took_us },
        Some(fate) => ProbeResult::Failed { failure: fate.failure(), took_us: fate.took_us },
    }
}
