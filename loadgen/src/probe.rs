//! Provides the probes: small known acts, repeated, that tell look-alikes apart. One sample row of
//! vantage `probe` a round, its acts side by side, each bounded to a second.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use model::attempt::CloseStyle;
use model::reading::{Gap, GapKind, ProbeResult};
use model::row::{Row, Sample, SourceCost};

use crate::conversation::{Conversation, Http};
use crate::fault::Fault;
use crate::probes::connect::From;
use crate::probes::fresh::fresh;
use crate::probes::old_connection::OldConnection;
use crate::probes::reserve::{self, ReservePorts, SpareDescriptor};
use crate::run::sleep_until;
use crate::sys;

/// What is probed.
#[derive(Clone, Debug)]
pub struct ProbePlan {
    /// The target of the load.
    pub target: SocketAddr,
    /// The Host header.
    pub host_header: String,
    /// The path of every request.
    pub path: String,
    /// Time between rounds.
    pub every: Duration,
    /// Another port on which the same host listens.
    pub other_port: Option<SocketAddr>,
    /// Another address of this host that can reach the target.
    pub other_source: Option<IpAddr>,
    /// Source ports for fresh connections, inclusive, outside the kernel's range and the load's.
    pub reserve_ports: (u16, u16),
}

impl ProbePlan {
    /// Opens the old connection and takes the reserves. To be called before the load begins.
    pub fn open(&self) -> Probes {
        let get = Conversation::new(
            &self.host_header,
            &self.path,
            Http::V11,
            1,
            CloseStyle::ClientFirst,
            1,
        );
        let mut spares = <[SpareDescriptor; 3]>::default();
        spares.iter_mut().for_each(SpareDescriptor::hold);
        let (low, high) = self.reserve_ports;
        // Two acts take ports at the same time, each from a half of its own.
        let middle = low + (high - low) / 2;
        Probes {
            plan: self.clone(),
            request: get.request(0).to_vec(),
            old: OldConnection::open(self.target),
            fresh_ports: ReservePorts::new((low, middle)),
            other_ports: ReservePorts::new(((middle + 1).min(high), high)),
            spares,
        }
    }
}

/// Ports for [`ProbePlan::reserve_ports`]: outside the range that the kernel of this thread's
/// network namespace gives out, and outside the load's own.
pub fn reserve_ports(load: Option<(u16, u16)>) -> (u16, u16) {
    let taken: Vec<_> = [sys::kernel_ports(), load].into_iter().flatten().collect();
    reserve::reserve_ports(&taken)
}

/// Probes with their old connection open and their reserves in hand.
#[derive(Debug)]
pub struct Probes {
    plan: ProbePlan,
    request: Vec<u8>,
    old: OldConnection,
    fresh_ports: ReservePorts,
    other_ports: ReservePorts,
    spares: [SpareDescriptor; 3],
}

/// What an act came to, or why nothing is known.
type Act = Result<ProbeResult, Gap>;

impl Probes {
    /// Probes in rounds at whole multiples of the period from `t0`, until `stop` or until nobody
    /// takes rows any more. A round that takes longer than the period leaves the next ones out.
    pub fn run(mut self, t0: Instant, stop: &AtomicBool, out: &Sender<Row>) {
        let every = self.plan.every.max(Duration::from_millis(10));
        while !stop.load(Ordering::Relaxed) {
            if out.send(Row::Sample(self.round(t0))).is_err() {
                return;
            }
            sleep_until(next_round(Instant::now(), t0, every), stop);
        }
    }

    /// One round.
    pub fn round(&mut self, t0: Instant) -> Sample {
        let start = Instant::now();
        let wall = jiff::Timestamp::now().to_string();
        let acts = self.acts();
        let mut probes = BTreeMap::new();
        let mut gaps = Vec::new();
        for (name, act) in acts {
            match act {
                Ok(result) => {
                    probes.insert(name.to_owned(), result);
                }
                Err(gap) => gaps.push(gap),
            }
        }
        let took_ms = start.elapsed().as_secs_f64() * 1e3;
        Sample {
            t_s: run_time_s(start, t0),
            wall,
            vantage: "probe".to_owned(),
            sources: vec![SourceCost { name: "probe".to_owned(), took_ms }],
            probes,
            gaps,
            ..Sample::default()
        }
    }

    /// The acts of a round side by side, so that one that hangs delays no other.
    fn acts(&mut self) -> [(&'static str, Act); 4] {
        let Self { plan, request, old, fresh_ports, other_ports, spares } = self;
        let (target, request) = (plan.target, request.as_slice());
        let [spare_fresh, spare_port, spare_source] = spares;
        thread::scope(|scope| {
            let old = spawn(scope, "old-connection", || {
                old.round(request).map_err(|fault| no_old_connection(&fault))
            });
            let fresh_act = spawn(scope, "fresh-connect", || {
                Ok(fresh(target, From::Reserve(fresh_ports), Some(request), spare_fresh))
            });
            let port = spawn(scope, "other-port", || match plan.other_port {
                Some(other) => Ok(fresh(other, From::Reserve(other_ports), None, spare_port)),
                None => Err(unsupported("other-port", "no other port of the target was named")),
            });
            let source = spawn(scope, "other-source", || match plan.other_source {
                Some(ip) => Ok(fresh(target, From::Address(ip), Some(request), spare_source)),
                None => {
                    Err(unsupported("other-source", "this host has no other source address to try"))
                }
            });
            [old, fresh_act, port, source].map(Spawned::join)
        })
    }
}

/// Opens the old connection and probes until `stop`; see [`ProbePlan::open`] and [`Probes::run`].
pub fn probe(plan: &ProbePlan, t0: Instant, stop: &AtomicBool, out: &Sender<Row>) {
    plan.open().run(t0, stop, out);
}

/// An act under way.
struct Spawned<'scope> {
    name: &'static str,
    handle: std::io::Result<thread::ScopedJoinHandle<'scope, Act>>,
}

fn spawn<'scope, 'env>(
    scope: &'scope thread::Scope<'scope, 'env>,
    name: &'static str,
    act: impl FnOnce() -> Act + Send + 'scope,
) -> Spawned<'scope> {
    Spawned { name, handle: thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, act) }
}

impl Spawned<'_> {
    fn join(self) -> (&'static str, Act) {
        let act = match self.handle.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(act)) => act,
            Ok(Err(_)) => Err(failed(self.name, "the act died".to_owned())),
            Err(error) => Err(failed(self.name, format!("no thread could be started: {error}"))),
        };
        (self.name, act)
    }
}

fn no_old_connection(fault: &Fault) -> Gap {
    let failure = fault.to_failure();
    let phase = failure.phase.as_str();
    let name = failure.name;
    let reason = format!("no old connection is open and a new one failed at {phase}: {name}");
    failed("old-connection", reason)
}

fn unsupported(what: &str, reason: &str) -> Gap {
    Gap { what: what.to_owned(), kind: GapKind::Unsupported, reason: reason.to_owned() }
}

fn failed(what: &str, reason: String) -> Gap {
    Gap { what: what.to_owned(), kind: GapKind::Failed, reason }
}

/// Run time of a moment, negative before `t0`.
fn run_time_s(at: Instant, t0: Instant) -> f64 {
    match at.checked_duration_since(t0) {
        Some(after) => after.as_secs_f64(),
        None => -t0.duration_since(at).as_secs_f64(),
    }
}

/// The next whole multiple of the period after `now`, counted from `t0` both ways.
fn next_round(now: Instant, t0: Instant, every: Duration) -> Instant {
    let into = match now.checked_duration_since(t0) {
        Some(after) => after.as_nanos() % every.as_nanos(),
        None => {
            let before = t0.duration_since(now).as_nanos() % every.as_nanos();
            if before == 0 { 0 } else { every.as_nanos() - before }
        }
    };
    now + Duration::from_nanos((every.as_nanos() - into) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_lie_on_multiples_of_the_period_on_both_sides_of_zero() {
        let t0 = Instant::now() + Duration::from_secs(10);
        let every = Duration::from_secs(1);
        let at = |ms: u64, after: bool| {
            let away = Duration::from_millis(ms);
            if after { t0 + away } else { t0 - away }
        };
        for (now, expected, why) in [
            (at(2300, false), at(2000, false), "before zero, towards it"),
            (at(2000, false), at(1000, false), "on a multiple: the next one"),
            (at(300, false), t0, "the last before zero is followed by zero"),
            (t0, at(1000, true), "zero is followed by one"),
            (at(2700, true), at(3000, true), "after zero, away from it"),
        ] {
            assert_eq!(next_round(now, t0, every), expected, "{why}");
        }
    }

    #[test]
    fn run_time_is_negative_before_zero() {
        let t0 = Instant::now() + Duration::from_secs(5);
        assert_eq!(run_time_s(t0 - Duration::from_millis(1500), t0), -1.5);
        assert_eq!(run_time_s(t0 + Duration::from_millis(250), t0), 0.25);
    }
}
