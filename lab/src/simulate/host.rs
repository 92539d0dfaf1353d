//! Defines the emulated host in virtual time: the ledger and the application of the lab, with the host's
//! counts, its logs and its plan of faults. It takes connections and requests in cohorts.

use std::net::SocketAddr;

use scenarios::{LeakRate, Leaked, Refuse, Scenario};

use super::logs::Logs;
use super::path::Ks;
use crate::app::{App, AppSpec, Event, Taken};
use crate::doors::Counts;
use crate::doors::httperr::{Entry, RequestLine, Why};
use crate::doors::poolmon::Poolmon;
use crate::doors::system_log::Told;
use crate::doors::w3c::Answered;
use crate::ledger::{Closer, Ledger, Short};
use crate::spec::{self, TargetSpec};
use crate::stall::StallSpec;

/// Segments of opening a connection: SYN and ACK in, SYN-ACK out.
const OPENING: (u64, u64) = (2, 1);
/// Segments of closing one: FIN and ACK each way.
const CLOSING: (u64, u64) = (2, 2);
/// Payload of a full segment on Ethernet.
const SEGMENT_BYTES: u64 = 1460;
/// Head of a request or of an answer, about.
const HEAD_BYTES: u64 = 150;
/// The first worker process, and from one to the next. Scenery: no process of this machine is meant.
const PIDS: (u32, u32) = (1972, 344);

/// What the System log has been told of already.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    crashes: u64,
    recycles: u64,
    is_offline: bool,
    is_empty: bool,
    short: Option<Short>,
}

/// The host.
#[derive(Clone, Debug)]
pub struct Host {
    /// What it is.
    pub spec: TargetSpec,
    /// Its memory.
    pub ledger: Ledger,
    /// What it has counted.
    pub counts: Counts,
    /// SYNs that met a full backlog, and those that met a TIME_WAIT and were ignored.
    pub dropped_syns: (u64, u64),
    /// Its logs.
    pub logs: Logs,
    /// Its screen of pool tags.
    pub poolmon: Poolmon,
    /// What answers requests; `None`: HTTP.sys itself.
    pub app: Option<App>,
    /// Requests that the full queue turned away.
    pub rejected: u64,
    /// The first of its ports for calls to a backend, and how many there are.
    pub call_ports: (u16, u64),
    path: String,
    known: Known,
    /// SYNs that the gate has refused since the log last told.
    refused: u64,
    /// Answers of the application so far.
    answers: u64,
    /// When this host started, run time.
    born_s: f64,
    /// Segments in and out of one request with its answer.
    exchange: (u64, u64),
    /// The most pool that one more connection can take.
    growth_bytes: u64,
    now_s: f64,
}

impl Host {
    /// The target of a scenario, started at run time `born_s`.
    pub fn new(scenario: &Scenario, started_unix_ns: i64, born_s: f64) -> Self {
        let mut spec = spec::target(scenario, false);
        // Calls to a backend are the model's own here.
        spec.app = AppSpec::of(scenario);
        let (load, profile) = (&scenario.load, scenario.target.profile);
        let answer = (spec.response_bytes + HEAD_BYTES).div_ceil(SEGMENT_BYTES);
        let request = (load.request_bytes + HEAD_BYTES).div_ceil(SEGMENT_BYTES);
        // Each side acknowledges the other's segments.
        let exchange = (request + answer, answer + request);
        let requests = u64::from(load.requests_per_connection);
        Self {
            growth_bytes: growth_bytes(&spec, exchange, requests),
            ledger: Ledger::new(&spec.ledger),
            counts: Counts::default(),
            dropped_syns: (0, 0),
            logs: Logs::new(profile, spec.app.is_some(), started_unix_ns, born_s),
            poolmon: Poolmon::default(),
            app: spec.app.as_ref().map(App::new),
            rejected: 0,
            call_ports: call_ports(scenario),
            path: load.path.clone(),
            known: Known::default(),
            refused: 0,
            answers: 0,
            born_s,
            exchange,
            spec,
            now_s: born_s,
        }
    }

    /// Moves the host to run time `now_s`; what becomes of requests meanwhile is `told`.
    pub fn advance(&mut self, now_s: f64, told: impl FnMut(Event)) {
        self.now_s = now_s;
        if now_s >= 0.0 {
            self.ledger.leak_since(self.host_s(0.0));
        }
        self.ledger.advance(self.host_s(now_s));
        self.ledger.weigh();
        if let Some(app) = self.app.as_mut().filter(|_| now_s >= 0.0) {
            app.advance(now_s, told);
            self.counts.opened = app.calls();
        }
        self.watch();
    }

    fn host_s(&self, t_s: f64) -> f64 {
        (t_s - self.born_s) * self.spec.time_scale
    }

    /// How long it keeps an idle connection, seconds of run time.
    pub fn idle_s(&self) -> f64 {
        self.spec.idle_timeout_s / self.spec.time_scale
    }

    /// True while nothing listens.
    pub fn is_absent(&self) -> bool {
        self.spec.listener_down.iter().any(|(from, until)| (*from..*until).contains(&self.now_s))
    }

    /// The time in which nobody accepts, while it is so.
    pub fn stall(&self) -> Option<&StallSpec> {
        self.spec.stalls.iter().find(|s| (s.from_s..s.until_s).contains(&self.now_s))
    }

    /// Of `n` connections that nobody accepts, those that may wait.
    pub fn wait(&mut self, n: u64) -> u64 {
        let backlog = self.stall().map_or(0, |stall| u64::from(stall.backlog));
        let waits = n.min(backlog.saturating_sub(self.counts.waiting));
        self.counts.waiting += waits;
        if self.spec.is_linux {
            self.dropped_syns.0 += n - waits;
        }
        waits
    }

    /// How many of `n` more connections may be accepted before the gate is weighed again; 0 while it
    /// refuses.
    pub fn room(&mut self, n: u64) -> u64 {
        if self.ledger.weigh() {
            return 0;
        }
        let (Some(gate), Some(free)) = (self.spec.ledger.gate, self.ledger.free_bytes()) else {
            return n;
        };
        let above = free.saturating_sub(gate.stop_bytes);
        n.min((above / self.growth_bytes.max(1)).max(1))
    }

    /// The gate has refused `n` SYNs.
    pub fn refused(&mut self, n: u64) {
        self.refused += n;
    }

    /// What a refused client sees.
    pub fn refuse(&self) -> Refuse {
        self.spec.refuse
    }

    /// `n` connections are accepted. Where more TIME_WAIT would stand than there are `tuples`, the
    /// oldest are taken over. Gives how many of them are beyond the site's limit.
    pub fn accept(&mut self, n: u64, tuples: u64) -> u64 {
        let over = (self.ledger.time_wait() + self.ledger.open() + n).saturating_sub(tuples);
        if over > 0 {
            self.ledger.take_over(over);
        }
        let before = self.ledger.open();
        self.counts.accepted += n;
        self.ledger.connect(n);
        self.segments(n * OPENING.0, n * OPENING.1);
        self.spec.app.as_ref().map_or(0, |app| app.beyond_limit(before, n))
    }

    /// Why HTTP.sys answers no request at all now.
    pub fn short(&self) -> Option<Why> {
        self.ledger.short().map(|_| Why::NotAvailable)
    }

    /// `n` requests come to the application as cohort `id`.
    pub fn arrive(&mut self, id: u64, n: u64) -> Option<Taken> {
        let app = self.app.as_mut().filter(|_| self.now_s >= 0.0)?;
        let taken = app.arrive(id, n);
        self.rejected += taken.queue_full;
        self.counts.opened = app.calls();
        self.watch();
        Some(taken)
    }

    /// How many of the next `n` answers of the application are errors, and which.
    pub fn errors(&mut self, n: u64) -> (u64, u16) {
        let ks = Ks { first: self.answers, stride: 1, n };
        self.answers += n;
        self.spec.errors.map_or((0, 0), |errors| (ks.struck(errors.share), errors.status))
    }

    /// `n` requests have been read, and answered unless the connection is cut.
    pub fn answered(&mut self, n: u64) {
        self.counts.requests[0] += n;
        self.segments(n * self.exchange.0, n * self.exchange.1);
    }

    /// `n` answers of the application were errors: status, sub-status and Windows' error.
    pub fn error(&mut self, n: u64, (status, substatus, win32): (u16, u16, u32), ends: Ends) {
        *self.counts.errors.entry(status).or_default() += n;
        let answered = Answered {
            method: "GET".into(),
            path: self.path.clone(),
            query: None,
            agent: None,
            client: ends.client,
            server: ends.server,
            status,
            substatus,
            win32,
            took_ms: 0,
        };
        self.logs.answered(self.now_s, &answered, n);
    }

    /// HTTP.sys let `n` requests fail by itself.
    pub fn let_fail(&mut self, n: u64, why: Why, at_s: f64, ends: Ends) {
        let line = RequestLine {
            version: "HTTP/1.1".into(),
            method: "GET".into(),
            url: self.path.clone(),
        };
        let (client, server) = (ends.client, ends.server);
        self.logs.error(at_s, Entry::Failed { why, line, client, server }, n);
    }

    /// `n` connections have ended.
    pub fn ended(&mut self, n: u64, first: Closer) {
        self.ledger.close(n, first);
        match first {
            Closer::Reset => self.counts.reset += n,
            Closer::Target | Closer::Client => self.segments(n * CLOSING.0, n * CLOSING.1),
        }
    }

    /// `n` connections are given up whose client is gone already: nobody waits for them.
    pub fn forget(&mut self, n: u64) {
        self.ledger.close(n, Closer::Reset);
    }

    fn segments(&mut self, inward: u64, outward: u64) {
        self.counts.segments_in += inward;
        self.counts.segments_out += outward;
        self.ledger.packets(inward + outward);
    }

    /// Writes what the logs have to say at run time `now_s`.
    pub fn flush(&mut self, now_s: f64) {
        let refused = std::mem::take(&mut self.refused);
        if refused > 0 {
            self.logs.error(now_s, Entry::Refused(refused), 1);
        }
        self.logs.flush();
    }

    /// The number of the worker process that is at work.
    pub fn worker_pid(&self) -> u32 {
        let replaced = self.app.as_ref().map_or(0, |app| app.processes().saturating_sub(1));
        PIDS.0 + PIDS.1 * replaced as u32
    }

    /// Tells the System log what is new.
    fn watch(&mut self) {
        let (now_s, before) = (self.now_s, self.known);
        let of_app = |app: &App| {
            let recycles = app.processes().saturating_sub(1 + app.crashes());
            (app.crashes(), recycles, app.is_offline(), app.portless() > 0)
        };
        let (crashes, recycles, is_offline, is_portless) =
            self.app.as_ref().map_or((0, 0, false, false), of_app);
        let (short, is_empty) = (self.ledger.short(), self.ledger.free_bytes() == Some(0));
        self.known = Known { crashes, recycles, is_offline, is_empty, short };
        let mut tell = |is_new: bool, told: Told| {
            if is_new {
                self.logs.system(now_s, told);
            }
        };
        for nth in before.crashes..crashes {
            tell(true, Told::WorkerDied { pid: PIDS.0 + PIDS.1 * nth as u32 });
        }
        tell(recycles > before.recycles, Told::Recycle);
        tell(is_offline && !before.is_offline, Told::PoolDisabled);
        tell(is_portless, Told::PortsExhausted);
        tell(is_empty && !before.is_empty, Told::NonpagedEmpty);
        let is_new = short != before.short;
        tell(is_new && short == Some(Short::Paged), Told::PagedEmpty);
        tell(is_new && short == Some(Short::Commit), Told::CommitLow);
    }
}

fn call_ports(scenario: &Scenario) -> (u16, u64) {
    let range = scenario.target.profile.ports.value;
    let asked = scenario.target.app.and_then(|app| app.backend).and_then(|b| b.ports);
    let (low, high) = asked.unwrap_or((range.low, range.high));
    (low, u64::from(high.saturating_sub(low)) + 1)
}

/// Both ends of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// The client's.
    pub client: SocketAddr,
    /// The host's.
    pub server: SocketAddr,
}

/// What one connection leaves in the pool at most, from its SYN to its TIME_WAIT.
fn growth_bytes(spec: &TargetSpec, exchange: (u64, u64), requests: u64) -> u64 {
    let open: u64 = spec.ledger.connection.iter().map(|object| object.bytes).sum();
    let around = OPENING.0 + OPENING.1 + CLOSING.0 + CLOSING.1;
    let segments = around + requests * (exchange.0 + exchange.1);
    let object = spec.ledger.memory.handle_objects.iter().map(|object| object.bytes).max();
    let leaks = spec.ledger.leaks.iter().map(|leak| {
        let bytes = match leak.of {
            Leaked::Nonpaged { .. } => 1.0,
            Leaked::Handles { .. } => object.unwrap_or(0) as f64,
            Leaked::Paged { .. } | Leaked::Commit { .. } | Leaked::Ptes => 0.0,
        };
        match leak.rate {
            LeakRate::PerConnection(each) => bytes * each,
            LeakRate::PerPacket(each) => bytes * each * segments as f64,
            LeakRate::PerSecond(_) | LeakRate::Static(_) => 0.0,
        }
    });
    open + spec.ledger.time_wait.bytes + leaks.sum::<f64>().ceil() as u64
}
