//! Provides what a failure's code says by itself (Winsock and errno values: Microsoft's and Linux's
//! headers; which condition gives which: Linux 6.18, measured; KB196271 for 10055).

use model::attempt::{Failure, Os, Outcome, Phase};

fn code_of(failure: &Failure, linux: &[i32], windows: &[i32], other: &[i32]) -> bool {
    let codes = match failure.os {
        Os::Linux => linux,
        Os::Windows => windows,
        Os::Other => other,
    };
    failure.os_code.is_some_and(|code| codes.contains(&code))
}

/// What a refusal is called that only the host's own log counts.
pub(crate) const WITNESSED: &str = "Connections_Refused";

/// A reset in answer to the SYN: ECONNREFUSED, 10061; or a refusal by the host's own count.
pub(crate) fn is_refused(failure: &Failure) -> bool {
    failure.outcome == Outcome::Failed
        && failure.phase == Phase::Connect
        && (code_of(failure, &[111], &[10061], &[61]) || failure.name == WITNESSED)
}

/// A connection that was reset before the first byte of an answer: ECONNRESET, EPIPE, ECONNABORTED.
/// An accepted connection that is dropped at once looks so, and so does one that died in the queue
/// of a listener.
pub(crate) fn is_reset_early(failure: &Failure) -> bool {
    failure.outcome == Outcome::Failed
        && matches!(failure.phase, Phase::Connect | Phase::Send | Phase::FirstByte)
        && code_of(failure, &[104, 32, 103], &[10054, 10053], &[54, 32, 53])
}

/// No port left (EADDRNOTAVAIL, EADDRINUSE, 10048), or one of the codes that may mean that or want
/// of memory (10055, ENOBUFS, ENOMEM): which it was, the port readings decide.
pub(crate) fn is_port_shortage(failure: &Failure) -> bool {
    failure.outcome == Outcome::NotSent
        && matches!(failure.phase, Phase::Connect | Phase::Bind)
        && code_of(failure, &[98, 99, 105, 12], &[10048, 10055], &[48, 49, 55, 12])
}

/// No descriptor left: EMFILE, ENFILE, 10024.
pub(crate) fn is_descriptor_shortage(failure: &Failure) -> bool {
    code_of(failure, &[24, 23], &[10024], &[24, 23])
}

/// Due and never tried, by the generator's own doing.
pub(crate) fn is_unscheduled(failure: &Failure) -> bool {
    failure.outcome == Outcome::NotSent && failure.phase == Phase::Schedule
}
