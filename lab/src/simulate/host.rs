//! Defines the emulated host in virtual time: the ledger of the lab with the host's counts, its error
//! log and its plan of faults. It takes connections in cohorts.

use host::HostOs;
use scenarios::{LeakRate, Leaked, Refuse, Scenario};

use super::log::Log;
use crate::doors::Counts;
use crate::doors::httperr::Entry;
use crate::doors::poolmon::Poolmon;
use crate::ledger::{Closer, Ledger};
use crate::spec::{self, TargetSpec};

/// Segments of opening a connection: SYN and ACK in, SYN-ACK out.
const OPENING: (u64, u64) = (2, 1);
/// Segments of closing one: FIN and ACK each way.
const CLOSING: (u64, u64) = (2, 2);
/// Payload of a full segment on Ethernet.
const SEGMENT_BYTES: u64 = 1460;
/// Head of an answer, about.
const HEAD_BYTES: u64 = 150;

/// The host.
#[derive(Clone, Debug)]
pub struct Host {
    /// What it is.
    pub spec: TargetSpec,
    /// Its pool.
    pub ledger: Ledger,
    /// What it has counted.
    pub counts: Counts,
    /// Its error log.
    pub log: Log,
    /// Its screen of pool tags.
    pub poolmon: Poolmon,
    /// True for Linux, whose kernel has pages of its own.
    pub is_linux: bool,
    /// SYNs that the gate has refused since the log last told.
    refused: u64,
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
    pub fn new(scenario: &Scenario, log: Log, born_s: f64) -> Self {
        let spec = spec::target(scenario, false);
        let ledger = Ledger::new(&spec.ledger);
        let answer = (spec.response_bytes + HEAD_BYTES).div_ceil(SEGMENT_BYTES);
        // A request in and an acknowledgement for each segment of the answer; the same outwards.
        let exchange = (1 + answer, answer + 1);
        let requests = u64::from(scenario.load.requests_per_connection);
        Self {
            growth_bytes: growth_bytes(&spec, exchange, requests),
            ledger,
            counts: Counts::default(),
            log,
            poolmon: Poolmon::default(),
            is_linux: scenario.target.profile.os == HostOs::Linux,
            refused: 0,
            born_s,
            exchange,
            spec,
            now_s: born_s,
        }
    }

    /// Moves the host to run time `now_s`.
    pub fn advance(&mut self, now_s: f64) {
        self.now_s = now_s;
        if now_s >= 0.0 {
            self.ledger.leak_since(self.host_s(0.0));
        }
        self.ledger.advance(self.host_s(now_s));
        self.ledger.weigh();
    }

    fn host_s(&self, t_s: f64) -> f64 {
        (t_s - self.born_s) * self.spec.time_scale
    }

    /// True while nothing listens.
    pub fn is_absent(&self) -> bool {
        self.spec.listener_down.iter().any(|(from, until)| (*from..*until).contains(&self.now_s))
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
    /// oldest are taken over.
    pub fn accept(&mut self, n: u64, tuples: u64) {
        let over = (self.ledger.time_wait() + self.ledger.open() + n).saturating_sub(tuples);
        if over > 0 {
            self.ledger.take_over(over);
        }
        self.counts.accepted += n;
        self.ledger.connect(n);
        self.segments(n * OPENING.0, n * OPENING.1);
    }

    /// `n` requests have been answered.
    pub fn answered(&mut self, n: u64) {
        self.counts.requests[0] += n;
        self.segments(n * self.exchange.0, n * self.exchange.1);
    }

    /// `n` connections have ended.
    pub fn ended(&mut self, n: u64, first: Closer) {
        self.ledger.close(n, first);
        match first {
            Closer::Reset => self.counts.reset += n,
            Closer::Target | Closer::Client => self.segments(n * CLOSING.0, n * CLOSING.1),
        }
    }

    fn segments(&mut self, inward: u64, outward: u64) {
        self.counts.segments_in += inward;
        self.counts.segments_out += outward;
        self.ledger.packets(inward + outward);
    }

    /// Writes what the log has to say at run time `now_s`.
    pub fn flush(&mut self, now_s: f64) {
        let refused = std::mem::take(&mut self.refused);
        if refused > 0 {
            self.log.add(now_s, Entry::Refused(refused));
        }
        self.log.flush();
    }
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
