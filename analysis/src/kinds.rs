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
        && matches!(failure.phase, Phase::Connect | Phase::Tls | Phase::Send | Phase::FirstByte)
        && is_reset(failure)
}

/// ECONNRESET, EPIPE, ECONNABORTED, whenever it came.
fn is_reset(failure: &Failure) -> bool {
    code_of(failure, &[104, 32, 103], &[10054, 10053], &[54, 32, 53])
}

/// What a connection is called that ended before its answer, and one that ended within it.
const ENDED_EARLY: [&str; 2] = ["closed without an answer", "answer cut short"];

/// A connection that was taken and then broken off: by a reset, or by an end before the answer's.
pub(crate) fn is_broken_off(failure: &Failure) -> bool {
    use Phase::{Body, Close, FirstByte, Send, Tls};
    failure.outcome == Outcome::Failed
        && matches!(failure.phase, Tls | Send | FirstByte | Body | Close)
        && (is_reset(failure)
            || ENDED_EARLY.contains(&failure.name.as_str())
            || failure.name.starts_with(DROPPED))
}

/// No answer in time: ETIMEDOUT, 10060, or a time-out of the generator's own.
fn is_timed_out(failure: &Failure) -> bool {
    code_of(failure, &[110], &[10060], &[60]) || failure.name.ends_with("timed out")
}

/// A SYN that nobody answered in time.
pub(crate) fn is_connect_timeout(failure: &Failure) -> bool {
    failure.outcome == Outcome::Failed && failure.phase == Phase::Connect && is_timed_out(failure)
}

/// A connection that was made, and then nothing came in time.
pub(crate) fn is_answer_timeout(failure: &Failure) -> bool {
    failure.outcome == Outcome::Failed && failure.phase != Phase::Connect && is_timed_out(failure)
}

/// The status of an answer that counts as a failure.
pub(crate) fn status(failure: &Failure) -> Option<u16> {
    let digits = failure.name.strip_prefix("HTTP ")?.get(..3)?;
    digits.parse().ok()
}

/// 503, whoever answered it.
pub(crate) fn is_503(failure: &Failure) -> bool {
    status(failure) == Some(503)
}

/// What the host's own log calls a connection that it dropped, with the reason behind.
pub(crate) const DROPPED: &str = "dropped";

/// No port left (EADDRNOTAVAIL, EADDRINUSE, 10048), or one of the codes that may mean that or want
/// of memory (10055, ENOBUFS, ENOMEM): which it was, the port readings decide.
pub(crate) fn is_port_shortage(failure: &Failure) -> bool {
    failure.outcome == Outcome::NotSent
        && matches!(failure.phase, Phase::Connect | Phase::Bind)
        && code_of(failure, &[98, 99, 105, 12], &[10048, 10055], &[48, 49, 55, 12])
}

/// Want of memory for a socket (ENOBUFS, ENOMEM), or 10055, which may mean ports as well.
pub(crate) fn is_memory_shortage(failure: &Failure) -> bool {
    failure.outcome == Outcome::NotSent && code_of(failure, &[105, 12], &[10055], &[55, 12])
}

/// 10055 says ports or memory (KB196271); on other systems the codes for them differ.
pub(crate) fn may_mean_ports(failure: &Failure) -> bool {
    failure.os == Os::Windows
}

/// No descriptor left: EMFILE, ENFILE, 10024.
pub(crate) fn is_descriptor_shortage(failure: &Failure) -> bool {
    code_of(failure, &[24, 23], &[10024], &[24, 23])
}

/// Due and never tried, by the generator's own doing.
pub(crate) fn is_unscheduled(failure: &Failure) -> bool {
    failure.outcome == Outcome::NotSent && failure.phase == Phase::Schedule
}

/// A TLS handshake that one side refused; a reset or a time-out within it has other causes.
pub(crate) fn is_tls_failure(failure: &Failure) -> bool {
    failure.phase == Phase::Tls
        && !is_reset(failure)
        && !is_timed_out(failure)
        && !ENDED_EARLY.contains(&failure.name.as_str())
}

/// A name that did not resolve: getaddrinfo's `EAI_…`, Winsock's 11001 to 11004.
pub(crate) fn is_name_failure(failure: &Failure) -> bool {
    let named = failure.name.starts_with("EAI_") || failure.name.contains("resolve");
    named || (failure.os == Os::Windows && matches!(failure.os_code, Some(11001..=11004)))
}

/// The reason that the host's own log gives for a failure that only it counts.
pub(crate) fn reason_told(failure: &Failure) -> Option<&str> {
    let (_, reason) = failure.name.split_once(" (")?;
    reason.strip_suffix(')')
}
