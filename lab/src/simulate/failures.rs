//! Provides the ways in which simulated attempts fail: phase, code and name as the generator's system
//! gives them (Linux 6.18, measured in the lab; KB196271 and winsock2.h for Windows).

use model::attempt::{Failure, LatencyClass, Os, Outcome, Phase};

/// What a failed attempt saw, and how long it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    /// Failed or not sent.
    pub outcome: Outcome,
    phase: Phase,
    os: Os,
    os_code: Option<i32>,
    name: &'static str,
    /// From its start to the failure, microseconds.
    pub took_us: u64,
}

impl Fate {
    /// The form that a record keeps.
    pub fn failure(&self) -> Failure {
        let Self { outcome, phase, os, os_code, name, .. } = *self;
        Failure { outcome, phase, os, os_code, name: name.to_owned() }
    }

    /// The same after another time.
    pub fn after_us(self, took_us: u64) -> Self {
        Self { took_us, ..self }
    }

    /// The class of its duration.
    pub fn latency(&self) -> LatencyClass {
        LatencyClass::of_us(self.took_us)
    }

    /// Whether both are of one kind, whatever time they took within a class.
    pub fn is_like(&self, other: &Self) -> bool {
        self.latency() == other.latency() && self.after_us(0) == other.after_us(0)
    }
}

/// A round trip with what both kernels do: what an answered SYN takes (lab, median of a run).
pub const ROUND_TRIP_US: u64 = 100;
/// Until the first byte of an answer that costs nothing (lab, median of a run).
pub const FIRST_BYTE_US: u64 = 160;
/// Until such an attempt is over (lab, median of a run).
pub const TOTAL_US: u64 = 170;
/// What `connect()` takes while ports are plenty (lab, median of a run).
pub const CONNECT_CALL_US: u64 = 20;

/// Names and numbers of one system's socket errors.
#[derive(Clone, Copy, Debug)]
pub struct Errors {
    os: Os,
    refused: (i32, &'static str),
    reset: (i32, &'static str),
    no_port: (i32, &'static str),
    no_bound_port: (i32, &'static str),
    no_memory: (i32, &'static str),
    no_descriptor: (i32, &'static str),
}

/// Linux.
pub const LINUX: Errors = Errors {
    os: Os::Linux,
    refused: (111, "ECONNREFUSED"),
    reset: (104, "ECONNRESET"),
    no_port: (99, "EADDRNOTAVAIL"),
    no_bound_port: (98, "EADDRINUSE"),
    no_memory: (105, "ENOBUFS"),
    no_descriptor: (24, "EMFILE"),
};

/// Windows 2000 and 2003: want of ports is 10055 (KB196271).
pub const WINDOWS_NT5: Errors = Errors {
    os: Os::Windows,
    refused: (10061, "WSAECONNREFUSED"),
    reset: (10054, "WSAECONNRESET"),
    no_port: (10055, "WSAENOBUFS"),
    no_bound_port: (10048, "WSAEADDRINUSE"),
    no_memory: (10055, "WSAENOBUFS"),
    no_descriptor: (10024, "WSAEMFILE"),
};

/// Windows since Vista: want of ports is told as 10048 too (hotfix notes of 2008 SP2).
pub const WINDOWS: Errors = Errors { no_port: (10048, "WSAEADDRINUSE"), ..WINDOWS_NT5 };

impl Errors {
    fn of(&self, outcome: Outcome, phase: Phase, code: (i32, &'static str), took_us: u64) -> Fate {
        let (os_code, name) = (Some(code.0), code.1);
        Fate { outcome, phase, os: self.os, os_code, name, took_us }
    }

    /// A reset in answer to the SYN.
    pub fn refused(&self) -> Fate {
        self.of(Outcome::Failed, Phase::Connect, self.refused, ROUND_TRIP_US)
    }

    /// A connection that is reset as soon as it stands.
    pub fn reset(&self) -> Fate {
        self.of(Outcome::Failed, Phase::FirstByte, self.reset, FIRST_BYTE_US)
    }

    /// No port: the system's own choice found none, or none of a range is left to bind to.
    pub fn no_port(&self, bound: bool) -> Fate {
        match bound {
            true => self.of(Outcome::NotSent, Phase::Bind, self.no_bound_port, CONNECT_CALL_US),
            false => self.of(Outcome::NotSent, Phase::Connect, self.no_port, CONNECT_CALL_US),
        }
    }

    /// No memory for a connection.
    pub fn no_memory(&self) -> Fate {
        self.of(Outcome::NotSent, Phase::Connect, self.no_memory, CONNECT_CALL_US)
    }

    /// No descriptor for a socket.
    pub fn no_descriptor(&self) -> Fate {
        self.of(Outcome::NotSent, Phase::Open, self.no_descriptor, CONNECT_CALL_US)
    }

    /// Due while as many attempts as allowed were in flight.
    pub fn capped(&self) -> Fate {
        self.own(Outcome::NotSent, Phase::Schedule, "in-flight cap", 0)
    }

    /// What has no code of the system: the generator's own patience, or what the target said.
    fn own(&self, outcome: Outcome, phase: Phase, name: &'static str, took_us: u64) -> Fate {
        Fate { outcome, phase, os: self.os, os_code: None, name, took_us }
    }
}
