//! Defines how an attempt went wrong, in the small copyable form that the hot path keeps.

use model::attempt::{Failure, Os, Outcome, Phase};

use crate::os_error;

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// A system call failed with this number.
    Os(i32),
    /// An answer had this status, which is neither 2xx nor 3xx.
    Status(u16),
    /// A time-out of our own.
    TimedOut,
    /// The connection ended before the first byte of an answer.
    NoAnswer,
    /// The connection ended within an answer.
    CutShort,
    /// What came was no HTTP answer.
    Malformed,
    /// The arrival came due while as many attempts as allowed were in flight.
    InFlightCap,
    /// The arrival came due and the run ended before its turn.
    BehindSchedule,
}

/// How one attempt went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fault {
    /// Failed or not sent.
    pub outcome: Outcome,
    /// Where.
    pub phase: Phase,
    /// What was seen.
    pub why: Why,
}

impl Fault {
    /// A begun attempt that failed.
    pub fn failed(phase: Phase, why: Why) -> Self {
        Self { outcome: Outcome::Failed, phase, why }
    }

    /// An arrival that was never begun.
    pub fn not_sent(phase: Phase, why: Why) -> Self {
        Self { outcome: Outcome::NotSent, phase, why }
    }

    /// The form that a record keeps. `os_code` is set only where a system call failed.
    pub fn to_failure(self) -> Failure {
        let name = match self.why {
            Why::Os(code) => os_error::name_or_number(Os::HERE, code),
            Why::Status(status) => format!("HTTP {status}"),
            Why::TimedOut => format!("{} timed out", self.phase.as_str()),
            Why::NoAnswer => "closed without an answer".to_owned(),
            Why::CutShort => "answer cut short".to_owned(),
            Why::Malformed => "malformed answer".to_owned(),
            Why::InFlightCap => "in-flight cap".to_owned(),
            Why::BehindSchedule => "behind schedule".to_owned(),
        };
        let os_code = match self.why {
            Why::Os(code) => Some(code),
            _ => None,
        };
        Failure { outcome: self.outcome, phase: self.phase, os: Os::HERE, os_code, name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_keeps_phase_code_and_name() {
        for (fault, code, name) in [
            (Fault::failed(Phase::FirstByte, Why::Status(503)), None, "HTTP 503"),
            (Fault::failed(Phase::Connect, Why::TimedOut), None, "connect timed out"),
            (Fault::failed(Phase::FirstByte, Why::TimedOut), None, "first-byte timed out"),
            (Fault::not_sent(Phase::Schedule, Why::InFlightCap), None, "in-flight cap"),
            (
                Fault::not_sent(Phase::Bind, Why::Os(os_error::address_in_use())),
                Some(os_error::address_in_use()),
                if cfg!(windows) { "WSAEADDRINUSE" } else { "EADDRINUSE" },
            ),
        ] {
            let failure = fault.to_failure();
            assert_eq!((failure.os_code, failure.name.as_str()), (code, name));
        }
    }
}
