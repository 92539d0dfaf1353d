//! Provides the application of a site as a pure model: workers, the queue before them, the outgoing
//! ports that they need, and what goes wrong with them. Requests come in cohorts, of one in the lab
//! and of a tick's count in virtual time; a cohort may part on its way. Time is an argument.
//!
//! [`App::arrive`] says at once what becomes of newcomers; [`App::advance`] tells what became of the
//! others since, in the order of time.

mod ports;
mod spec;
#[cfg(test)]
mod tests;
mod told;
mod turn;
mod work;

use std::collections::VecDeque;

pub use spec::{AppSpec, BackendSpec, Planned, Trouble, Work};
pub use told::{Event, Taken, What};

use ports::Ports;
use work::{Done, Stage, Works};

/// Requests that wait for something.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    id: u64,
    n: u64,
    since_s: f64,
}

/// The application.
#[derive(Clone, Debug)]
pub struct App {
    spec: AppSpec,
    works: Works,
    /// For a worker, the oldest first.
    queue: VecDeque<Waiting>,
    queued: u64,
    /// With a worker and without a port, the oldest first.
    portless: VecDeque<Waiting>,
    ports: Option<Ports>,
    /// Beginnings of the plan, with what begins, and its ends, the latest first; those that have been
    /// are gone.
    edges: Vec<(f64, Option<Trouble>)>,
    crashes: u64,
    processes: u64,
    calls: u64,
    now_s: f64,
}

impl App {
    /// An application with nothing to do.
    pub fn new(spec: &AppSpec) -> Self {
        let ports = match spec.work {
            Work::Timed { backend: Some(b), .. } => {
                Some(Ports::new(b.ports, b.time_wait_s, b.leak))
            }
            _ => None,
        };
        let both = |p: &Planned| [(p.from_s, Some(p.what)), (p.until_s, None)];
        let mut edges: Vec<_> = spec.plan.iter().flat_map(both).collect();
        edges.sort_by(|a, b| b.0.total_cmp(&a.0));
        Self {
            spec: spec.clone(),
            works: Works::default(),
            queue: VecDeque::new(),
            queued: 0,
            portless: VecDeque::new(),
            ports,
            edges,
            crashes: 0,
            processes: 1,
            calls: 0,
            now_s: f64::NEG_INFINITY,
        }
    }

    /// `n` requests arrive at once, at the time of the last [`App::advance`], as cohort `id`.
    pub fn arrive(&mut self, id: u64, n: u64) -> Taken {
        let mut taken = Taken::default();
        if self.is_offline() {
            taken.offline = n;
            return taken;
        }
        taken.started = n.min(self.idle());
        self.start(id, taken.started);
        let rest = n - taken.started;
        // Where it works on fewer than it has workers for, the application itself says no.
        if !self.is_down() && self.spec.concurrency_limit <= self.spec.workers {
            taken.concurrency = rest;
            return taken;
        }
        taken.queued = rest.min(self.spec.queue_length.saturating_sub(self.queued));
        if taken.queued > 0 {
            self.queue.push_back(Waiting { id, n: taken.queued, since_s: self.now_s });
            self.queued += taken.queued;
        }
        taken.queue_full = rest - taken.queued;
        taken
    }

    /// Moves the clock to `now_s` and tells what became of requests until then, in order. Earlier
    /// times are ignored.
    pub fn advance(&mut self, now_s: f64, mut told: impl FnMut(Event)) {
        while let Some(at_s) = self.next_s().filter(|at_s| *at_s <= now_s) {
            self.now_s = self.now_s.max(at_s);
            self.turn(&mut told);
        }
        self.now_s = self.now_s.max(now_s);
        if let Some(ports) = &mut self.ports {
            ports.age(self.now_s);
        }
    }

    /// The work on `n` of cohort `id` is done ([`Work::Told`]); what an abandoned request's work
    /// comes to is nobody's affair any more. True where somebody waits for the answer.
    pub fn finish(&mut self, id: u64, n: u64, mut told: impl FnMut(Event)) -> bool {
        let had = self.works.finish(id, n);
        self.dequeue(&mut told);
        had
    }

    /// When something next happens by itself.
    pub fn next_s(&self) -> Option<f64> {
        let ports = self.ports.as_ref().filter(|_| !self.portless.is_empty());
        [
            self.works.next_s(),
            self.queue.front().map(|w| w.since_s + self.spec.queue_timeout_s),
            self.portless.front().map(|w| w.since_s + self.give_up_s()),
            ports.and_then(Ports::next_s),
            self.edges.last().map(|(at_s, _)| *at_s),
        ]
        .into_iter()
        .flatten()
        .min_by(f64::total_cmp)
    }

    /// Requests waiting for a worker.
    pub fn queued(&self) -> u64 {
        self.queued
    }

    /// Requests that hold a worker.
    pub fn busy(&self) -> u64 {
        self.works.count() + self.portless()
    }

    /// How long the oldest request in the queue has waited, seconds.
    pub fn oldest_wait_s(&self) -> Option<f64> {
        self.queue.front().map(|w| self.now_s - w.since_s)
    }

    /// Outgoing ports of connections that the application has forgotten.
    pub fn ports_leaked(&self) -> u64 {
        self.ports.as_ref().map_or(0, Ports::leaked)
    }

    /// Outgoing ports in calls and in TIME_WAIT; 0 where the model keeps none.
    pub fn ports_used(&self) -> (u64, u64) {
        self.ports.as_ref().map_or((0, 0), |p| (p.calling(), p.waiting()))
    }

    /// How long a request that meets no trouble is worked on, seconds; 0 where its user says when.
    pub fn service_s(&self) -> f64 {
        match self.spec.work {
            Work::Timed { service_s, backend } => service_s + backend.map_or(0.0, |b| b.latency_s),
            Work::Told => 0.0,
        }
    }

    /// Connections to the backend opened so far; 0 where the model opens none.
    pub fn calls(&self) -> u64 {
        self.calls
    }

    /// Requests that hold a worker and have no port to call from.
    pub fn portless(&self) -> u64 {
        self.portless.iter().map(|w| w.n).sum()
    }

    /// True while the pool is disabled.
    pub fn is_offline(&self) -> bool {
        self.now_in(|what| matches!(what, Trouble::Offline))
    }

    /// Worker processes that died so far.
    pub fn crashes(&self) -> u64 {
        self.crashes
    }

    /// Worker processes so far, the one at work included.
    pub fn processes(&self) -> u64 {
        self.processes
    }

    /// By how much longer requests are worked on that begin now.
    pub fn slowness(&self) -> f64 {
        let slow = self.current().filter_map(|p| match p.what {
            Trouble::Slow(factor) => Some(factor),
            _ => None,
        });
        slow.product()
    }

    fn current(&self) -> impl Iterator<Item = &Planned> {
        self.spec.plan.iter().filter(|p| (p.from_s..p.until_s).contains(&self.now_s))
    }

    fn now_in(&self, is: impl Fn(Trouble) -> bool) -> bool {
        self.current().any(|p| is(p.what))
    }

    /// True while there is no worker process to take requests.
    fn is_down(&self) -> bool {
        self.now_in(|what| matches!(what, Trouble::Offline | Trouble::Crash))
    }

    fn idle(&self) -> u64 {
        if self.is_down() {
            return 0;
        }
        self.spec.workers.min(self.spec.concurrency_limit).saturating_sub(self.busy())
    }

    fn give_up_s(&self) -> f64 {
        match self.spec.work {
            Work::Timed { backend: Some(b), .. } => b.give_up_s,
            _ => 0.0,
        }
    }

    /// `n` of cohort `id` get a worker now.
    fn start(&mut self, id: u64, n: u64) {
        if n == 0 {
            return;
        }
        match self.spec.work {
            Work::Told => self.works.hold(id, n),
            Work::Timed { service_s, backend: None } => {
                let until_s = self.now_s + service_s * self.slowness();
                self.works.push(Done { at_s: until_s, id, n, stage: Stage::Work });
            }
            Work::Timed { backend: Some(_), .. } => {
                self.portless.push_back(Waiting { id, n, since_s: self.now_s });
                self.call();
            }
        }
    }

    /// Whoever waits for a port gets one, as far as they go.
    fn call(&mut self) {
        let Work::Timed { backend: Some(b), .. } = self.spec.work else { return };
        let Some(ports) = &mut self.ports else { return };
        let mut called = Vec::new();
        while let Some(first) = self.portless.front_mut() {
            let n = ports.take(first.n);
            if n == 0 {
                break;
            }
            called.push((first.id, n));
            self.calls += n;
            first.n -= n;
            if first.n == 0 {
                self.portless.pop_front();
            }
        }
        let at_s = self.now_s + b.latency_s * self.slowness();
        for (id, n) in called {
            self.works.push(Done { at_s, id, n, stage: Stage::Call });
        }
    }
}
