//! Defines the names of socket errors on each system, and which of them mean that the generator
//! itself could not begin: an attempt is then *not sent* and never counts as the target's refusal.

use std::io;

use model::attempt::{Os, Outcome, Phase};

/// Error numbers by name: Linux (`asm-generic/errno.h`), then macOS and the BSDs
/// (`sys/errno.h`, the 4.4BSD numbers they share).
const POSIX: &[(&str, i32, i32)] = &[
    ("EPERM", 1, 1),
    ("EINTR", 4, 4),
    ("EIO", 5, 5),
    ("EAGAIN", 11, 35),
    ("ENOMEM", 12, 12),
    ("EACCES", 13, 13),
    ("EINVAL", 22, 22),
    ("ENFILE", 23, 23),
    ("EMFILE", 24, 24),
    ("EPIPE", 32, 32),
    ("EPROTO", 71, 100),
    ("ENOPROTOOPT", 92, 42),
    ("EAFNOSUPPORT", 97, 47),
    ("EADDRINUSE", 98, 48),
    ("EADDRNOTAVAIL", 99, 49),
    ("ENETDOWN", 100, 50),
    ("ENETUNREACH", 101, 51),
    ("ECONNABORTED", 103, 53),
    ("ECONNRESET", 104, 54),
    ("ENOBUFS", 105, 55),
    ("ENOTCONN", 107, 57),
    ("ETIMEDOUT", 110, 60),
    ("ECONNREFUSED", 111, 61),
    ("EHOSTDOWN", 112, 64),
    ("EHOSTUNREACH", 113, 65),
];

/// Winsock error numbers by name (`winsock2.h`).
const WINSOCK: &[(&str, i32)] = &[
    ("WSAEACCES", 10013),
    ("WSAEINVAL", 10022),
    ("WSAEMFILE", 10024),
    ("WSAEWOULDBLOCK", 10035),
    ("WSAEADDRINUSE", 10048),
    ("WSAEADDRNOTAVAIL", 10049),
    ("WSAENETDOWN", 10050),
    ("WSAENETUNREACH", 10051),
    ("WSAECONNABORTED", 10053),
    ("WSAECONNRESET", 10054),
    ("WSAENOBUFS", 10055),
    ("WSAENOTCONN", 10057),
    ("WSAETIMEDOUT", 10060),
    ("WSAECONNREFUSED", 10061),
    ("WSAEHOSTDOWN", 10064),
    ("WSAEHOSTUNREACH", 10065),
];

/// What an error number is called on its system; `None` for one that is in no table here.
pub fn name(os: Os, code: i32) -> Option<&'static str> {
    match os {
        Os::Linux => POSIX.iter().find(|row| row.1 == code).map(|row| row.0),
        Os::Other => POSIX.iter().find(|row| row.2 == code).map(|row| row.0),
        Os::Windows => WINSOCK.iter().find(|row| row.1 == code).map(|row| row.0),
    }
}

/// The name in the record: `ECONNREFUSED`, or `errno 4711` for one without a name here.
pub fn name_or_number(os: Os, code: i32) -> String {
    name(os, code).map_or_else(|| format!("errno {code}"), str::to_owned)
}

/// The error number of an I/O error. An error that std made up itself has none and is 0, which no
/// system uses.
pub fn code(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(0)
}

/// What an error means for an attempt of which no packet has left yet.
///
/// Asking for a socket and binding it are the generator's own affair. A `connect()` that returns
/// one of the codes below chose no port or found no memory: exhausted ports are EADDRNOTAVAIL on
/// Linux (measured, 6.18) and 10055 or 10048 on Windows (KB196271); EAGAIN is what Linux's
/// connect(2) documents for insufficient entries in the routing cache.
pub fn outcome_before_begun(os: Os, phase: Phase, code: i32) -> Outcome {
    let own = match phase {
        Phase::Open | Phase::Bind | Phase::Schedule => true,
        Phase::Connect => matches!(
            name(os, code),
            Some(
                "EADDRNOTAVAIL"
                    | "EADDRINUSE"
                    | "EAGAIN"
                    | "ENOBUFS"
                    | "ENOMEM"
                    | "WSAEADDRINUSE"
                    | "WSAEADDRNOTAVAIL"
                    | "WSAENOBUFS"
            )
        ),
        _ => false,
    };
    if own { Outcome::NotSent } else { Outcome::Failed }
}

/// Whether the code says that the peer (or something on the way) refused a SYN with a reset.
pub fn is_refused(os: Os, code: i32) -> bool {
    matches!(name(os, code), Some("ECONNREFUSED" | "WSAECONNREFUSED"))
}

/// Whether the code says that an established connection was reset.
pub fn is_reset(os: Os, code: i32) -> bool {
    matches!(name(os, code), Some("ECONNRESET" | "EPIPE" | "WSAECONNRESET"))
}

/// Whether the code says that the process or the system has no descriptor left.
pub fn is_out_of_descriptors(os: Os, code: i32) -> bool {
    matches!(name(os, code), Some("EMFILE" | "ENFILE" | "WSAEMFILE"))
}

/// Whether a non-blocking `connect()` that returned this number is under way.
pub fn is_in_progress(os: Os, code: i32) -> bool {
    let in_progress = match os {
        Os::Linux => 115,
        Os::Windows => 10035,
        Os::Other => 36,
    };
    code == in_progress
}

/// The number of an address that is in use, on the system this was built for.
pub fn address_in_use() -> i32 {
    match Os::HERE {
        Os::Linux => 98,
        Os::Windows => 10048,
        Os::Other => 48,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_names_their_system_gives_them() {
        for (os, code, expected, why) in [
            (Os::Linux, 111, "ECONNREFUSED", "a reset in answer to a SYN"),
            (Os::Linux, 99, "EADDRNOTAVAIL", "no port left at connect"),
            (Os::Linux, 98, "EADDRINUSE", "no port left at bind"),
            (Os::Windows, 10055, "WSAENOBUFS", "ports or memory on Windows"),
            (Os::Windows, 10048, "WSAEADDRINUSE", "the other word for no port on Windows"),
            (Os::Other, 61, "ECONNREFUSED", "the BSD number"),
            (Os::Linux, 4711, "errno 4711", "an unknown number stays a number"),
            (Os::Windows, 111, "errno 111", "a Linux number is nothing on Windows"),
        ] {
            assert_eq!(name_or_number(os, code), expected, "{why}");
        }
    }

    #[test]
    fn own_exhaustion_is_not_sent_and_the_rest_is_failed() {
        use Outcome::{Failed, NotSent};
        for (os, phase, code, expected, why) in [
            (Os::Linux, Phase::Open, 24, NotSent, "no descriptor: EMFILE"),
            (Os::Linux, Phase::Open, 23, NotSent, "no descriptor in the system: ENFILE"),
            (Os::Linux, Phase::Open, 12, NotSent, "no memory for a socket"),
            (Os::Linux, Phase::Bind, 98, NotSent, "every port of the range is bound"),
            (Os::Linux, Phase::Bind, 99, NotSent, "the source address is not this host's"),
            (Os::Linux, Phase::Connect, 99, NotSent, "no free 4-tuple"),
            (Os::Linux, Phase::Connect, 11, NotSent, "EAGAIN from connect"),
            (Os::Linux, Phase::Connect, 105, NotSent, "no buffers for the SYN"),
            (Os::Windows, Phase::Connect, 10055, NotSent, "ports or memory, either is our own"),
            (Os::Windows, Phase::Connect, 10048, NotSent, "no port on Windows"),
            (Os::Linux, Phase::Connect, 111, Failed, "the target refused"),
            (Os::Linux, Phase::Connect, 101, Failed, "no route: tried, and failed"),
            (Os::Linux, Phase::Connect, 113, Failed, "the host did not answer ARP"),
            (Os::Windows, Phase::Connect, 10061, Failed, "the target refused"),
            (Os::Linux, Phase::Send, 105, Failed, "once established an attempt has begun"),
            (Os::Linux, Phase::FirstByte, 104, Failed, "reset while waiting"),
        ] {
            assert_eq!(outcome_before_begun(os, phase, code), expected, "{why}");
        }
    }
}
