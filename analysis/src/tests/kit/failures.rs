//! Failures as clients see them.

use model::attempt::{Failure, LatencyClass, Os, Outcome, Phase};

fn failure(outcome: Outcome, phase: Phase, code: i32, name: &str) -> Failure {
    Failure { outcome, phase, os: Os::Linux, os_code: Some(code), name: name.into() }
}

pub fn refused() -> Failure {
    failure(Outcome::Failed, Phase::Connect, 111, "ECONNREFUSED")
}

pub fn reset() -> Failure {
    failure(Outcome::Failed, Phase::FirstByte, 104, "ECONNRESET")
}

pub fn no_port() -> Failure {
    failure(Outcome::NotSent, Phase::Connect, 99, "EADDRNOTAVAIL")
}

pub fn no_buffers() -> Failure {
    let os = Os::Windows;
    Failure { os, ..failure(Outcome::NotSent, Phase::Connect, 10055, "WSAENOBUFS") }
}

pub fn no_descriptor() -> Failure {
    failure(Outcome::NotSent, Phase::Open, 24, "EMFILE")
}

pub fn at_the_cap() -> Failure {
    Failure { os_code: None, ..failure(Outcome::NotSent, Phase::Schedule, 0, "in-flight cap") }
}

/// An answer with this status.
pub fn http(status: u16) -> Failure {
    let name = format!("HTTP {status}");
    Failure { os_code: None, ..failure(Outcome::Failed, Phase::FirstByte, 0, &name) }
}

/// A SYN that nobody answered within 3 s.
pub fn connect_timeout() -> Failure {
    let name = "connect timed out";
    Failure { os_code: None, ..failure(Outcome::Failed, Phase::Connect, 0, name) }
}

/// A request that nobody answered in time.
pub fn answer_timeout() -> Failure {
    let name = "first-byte timed out";
    Failure { os_code: None, ..failure(Outcome::Failed, Phase::FirstByte, 0, name) }
}

/// A connection that ended without an answer.
pub fn closed() -> Failure {
    let name = "closed without an answer";
    Failure { os_code: None, ..failure(Outcome::Failed, Phase::FirstByte, 0, name) }
}

/// Want of memory for a socket, on Linux.
pub fn no_memory() -> Failure {
    failure(Outcome::NotSent, Phase::Connect, 12, "ENOMEM")
}

/// A handshake that the target refused with an alert.
pub fn no_handshake() -> Failure {
    let name = "received fatal alert: HandshakeFailure";
    Failure { os_code: None, ..failure(Outcome::Failed, Phase::Tls, 0, name) }
}

/// A name that did not resolve.
pub fn no_name() -> Failure {
    failure(Outcome::Failed, Phase::Open, -2, "EAI_NONAME")
}

/// How long failures of this kind take.
pub fn latency_of(failure: &Failure) -> LatencyClass {
    match failure.name.ends_with("timed out") {
        true => LatencyClass::Under6900ms,
        false => LatencyClass::Under1ms,
    }
}
