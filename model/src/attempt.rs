//! Defines an attempt's vocabulary: its phases, its outcome, who closes, and how it failed.

use serde::{Deserialize, Serialize};

/// Where in its life an attempt was when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Asking the kernel for a socket.
    Open,
    /// Binding the socket to a source address or port.
    Bind,
    /// From `connect()` until the connection is established.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Writing the request.
    Send,
    /// From the written request to the first byte of its answer.
    FirstByte,
    /// From the first byte of an answer to its last.
    Body,
    /// From the last answer until the connection is closed as the close style asks.
    Close,
    /// Before anything was tried: the attempt could not be started when it was due.
    Schedule,
}

impl Phase {
    /// The spelling used in `findings.json` and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Bind => "bind",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Send => "send",
            Self::FirstByte => "first-byte",
            Self::Body => "body",
            Self::Close => "close",
            Self::Schedule => "schedule",
        }
    }
}

/// How an attempt that was not served ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Begun, and not served.
    Failed,
    /// Due, and never begun: the generator itself could not.
    NotSent,
}

impl Outcome {
    /// The spelling used in `findings.json` and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NotSent => "not-sent",
        }
    }
}

/// Who closes a connection, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloseStyle {
    /// The target closes first; the generator reads to EOF and then closes.
    TargetFirst,
    /// The generator closes first, once the last answer is whole.
    ClientFirst,
    /// The generator aborts with a TCP reset (`SO_LINGER` of zero), which leaves no TIME_WAIT.
    Reset,
    /// The generator leaves the connection open and asks for nothing more; the target closes it when
    /// it has been idle for long enough.
    Abandon,
}

impl CloseStyle {
    /// Every close style, with the spelling used in scenarios.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::TargetFirst, "target-first"),
        (Self::ClientFirst, "client-first"),
        (Self::Reset, "reset"),
        (Self::Abandon, "abandon"),
    ];
}

/// The operating system whose error numbers a failure carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Os {
    /// errno values of Linux.
    Linux,
    /// Winsock error codes.
    Windows,
    /// errno values of macOS and the BSDs.
    Other,
}

impl Os {
    /// The system this program was built for.
    pub const HERE: Self = if cfg!(target_os = "linux") {
        Self::Linux
    } else if cfg!(windows) {
        Self::Windows
    } else {
        Self::Other
    };
}

/// How one attempt failed: the facts that keep two causes in one tick apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Failure {
    /// Failed or not sent.
    pub outcome: Outcome,
    /// Where it failed.
    pub phase: Phase,
    /// Whose error numbers `os_code` is one of.
    pub os: Os,
    /// The operating system's error number; `None` where no system call failed (a 503, a time-out
    /// of our own, an arrival at the cap).
    pub os_code: Option<i32>,
    /// `ECONNREFUSED`, `HTTP 503`, `connect timed out`, `in-flight cap` …
    pub name: String,
}

/// How long a failed attempt took, in classes that tell causes apart: an immediate refusal, a slow
/// answer, and SYN retransmissions near 1, 3 and 7 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LatencyClass {
    /// Below 1 ms.
    Under1ms,
    /// Below 10 ms.
    Under10ms,
    /// Below 100 ms.
    Under100ms,
    /// Below 0.9 s.
    Under900ms,
    /// 0.9 s to below 2.9 s: one SYN retransmission.
    Under2900ms,
    /// 2.9 s to below 6.9 s: two SYN retransmissions.
    Under6900ms,
    /// 6.9 s and longer.
    Longer,
}

impl LatencyClass {
    /// The class of a duration in microseconds.
    pub fn of_us(us: u64) -> Self {
        match us {
            0..1_000 => Self::Under1ms,
            1_000..10_000 => Self::Under10ms,
            10_000..100_000 => Self::Under100ms,
            100_000..900_000 => Self::Under900ms,
            900_000..2_900_000 => Self::Under2900ms,
            2_900_000..6_900_000 => Self::Under6900ms,
            _ => Self::Longer,
        }
    }
}
