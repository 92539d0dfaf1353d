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
    word: Word,
    /// From its start to the failure, microseconds.
    pub took_us: u64,
}

/// What it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Name(&'static str),
    Status(u16),
}

impl Fate {
    /// The form that a record keeps.
    pub fn failure(&self) -> Failure {
        let Self { outcome, phase, os, os_code, word, .. } = *self;
        let name = match word {
            Word::Name(name) => name.to_owned(),
            Word::Status(status) => format!("HTTP {status}"),
        };
        Failure { outcome, phase, os, os_code, name }
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
    /// How long a first SYN is waited for, seconds.
    first_again_s: f64,
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
    first_again_s: 1.0,
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
    first_again_s: 3.0,
};

/// Windows since Vista: want of ports is told as 10048 too (hotfix notes of 2008 SP2).
pub const WINDOWS: Errors =
    Errors { no_port: (10048, "WSAEADDRINUSE"), first_again_s: 1.0, ..WINDOWS_NT5 };

impl Errors {
    fn of(&self, outcome: Outcome, phase: Phase, code: (i32, &'static str), took_us: u64) -> Fate {
        let (os_code, word) = (Some(code.0), Word::Name(code.1));
        Fate { outcome, phase, os: self.os, os_code, word, took_us }
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
        self.own(Outcome::NotSent, Phase::Schedule, Word::Name("in-flight cap"), 0)
    }

    /// No answer to any SYN within the generator's patience.
    pub fn connect_timed_out(&self, took_us: u64) -> Fate {
        self.own(Outcome::Failed, Phase::Connect, Word::Name("connect timed out"), took_us)
    }

    /// The generator's patience was over in this phase of a connection that stood.
    pub fn timed_out(&self, phase: Phase, took_us: u64) -> Fate {
        let name = match phase {
            Phase::Send => "send timed out",
            Phase::Close => "close timed out",
            _ => "first-byte timed out",
        };
        self.own(Outcome::Failed, phase, Word::Name(name), took_us)
    }

    /// The connection was closed in order, before an answer or while a request was still being sent.
    pub fn no_answer(&self, phase: Phase, took_us: u64) -> Fate {
        self.own(Outcome::Failed, phase, Word::Name("closed without an answer"), took_us)
    }

    /// An answer that is no success.
    pub fn status(&self, status: u16, took_us: u64) -> Fate {
        self.own(Outcome::Failed, Phase::FirstByte, Word::Status(status), took_us)
    }

    /// How long after the `sent + 1`-th SYN the next one follows, seconds. Linux since 6.5 sends four
    /// a second apart before it doubles the time (tcp_syn_linear_timeouts); Windows doubles from 3 s,
    /// since 2012 from 1 s.
    pub fn syn_again_s(&self, sent: u32) -> f64 {
        let doubled = |first_s: f64, times: u32| first_s * f64::from(1_u32 << times.min(6));
        match self.os {
            Os::Windows => doubled(self.first_again_s, sent),
            Os::Linux | Os::Other => doubled(self.first_again_s, sent.saturating_sub(4)),
        }
    }

    /// What has no code of the system: the generator's own patience, or what the target said.
    fn own(&self, outcome: Outcome, phase: Phase, word: Word, took_us: u64) -> Fate {
        Fate { outcome, phase, os: self.os, os_code: None, word, took_us }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syns_are_repeated_as_each_system_does() {
        let at = |errors: &Errors| -> Vec<f64> {
            let mut at_s = 0.0;
            let again = (0..6).map(|sent| {
                at_s += errors.syn_again_s(sent);
                at_s
            });
            again.collect()
        };
        assert_eq!(at(&LINUX), [1.0, 2.0, 3.0, 4.0, 5.0, 7.0]);
        assert_eq!(at(&WINDOWS)[..3], [1.0, 3.0, 7.0]);
        assert_eq!(at(&WINDOWS_NT5)[..2], [3.0, 9.0]);
    }
}
