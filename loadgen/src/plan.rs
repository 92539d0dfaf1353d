//! Defines what a generator is asked to do, and why it could not.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use model::attempt::CloseStyle;
use scenarios::{Schedule, Slow};

use crate::conversation::{Conversation, Http, WINDOWS_TRIES};

/// Ticks unless asked otherwise: the sample period that scenarios default to.
pub const DEFAULT_TICK: Duration = Duration::from_millis(250);
/// How long attempts may stay in flight after the last arrival, unless asked otherwise.
pub const DEFAULT_DRAIN: Duration = Duration::from_secs(5);

/// A load.
#[derive(Debug)]
pub struct Plan {
    /// Where it goes.
    pub target: SocketAddr,
    /// The Host header.
    pub host_header: String,
    /// The path of every request.
    pub path: String,
    /// The version that requests are written in.
    pub http: Http,
    /// When attempts are due.
    pub schedule: Schedule,
    /// How long the load lasts; the run is never shorter.
    pub duration: Duration,
    /// Requests per connection.
    pub requests: u32,
    /// Who closes, and how.
    pub close: CloseStyle,
    /// From the start of an attempt (with its retries) to its connection.
    pub connect_timeout: Duration,
    /// From the start of an attempt to its end.
    pub timeout: Duration,
    /// Attempts that may be in flight at once; an arrival beyond is not sent.
    pub in_flight: u32,
    /// Whether a refused connection is tried three times, 0.5 s apart, as a Windows client does.
    pub windows_retry: bool,
    /// What else its clients do.
    pub habits: Habits,
    /// Descriptors that this process may have; `None`: as many as the system allows.
    pub descriptors: Option<u32>,
    /// Source ports to keep to, inclusive; `None`: the kernel's own.
    pub source_ports: Option<(u16, u16)>,
    /// Source addresses, taken in turn; empty: the kernel's choice.
    pub source_ips: Vec<IpAddr>,
    /// Length of a tick.
    pub tick: Duration,
    /// How long attempts may stay in flight after the last arrival; those left are unfinished.
    pub drain: Duration,
    /// Engine threads; thread c of n takes every arrival k ≡ c mod n.
    pub threads: usize,
}

/// What clients do that most do not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Habits {
    /// Some send their request slowly.
    pub slow: Option<Slow>,
    /// How long a connection rests between an answer and its next request.
    pub pause: Duration,
    /// Bytes of a request's body.
    pub body_bytes: u64,
    /// Each takes the source port of one that has just ended, where there is one.
    pub reuse_ports: bool,
}

impl Plan {
    /// What every attempt says.
    pub(crate) fn conversation(&self) -> Conversation {
        let tries = if self.windows_retry { WINDOWS_TRIES } else { 1 };
        let mut talk = Conversation::new(
            &self.host_header,
            &self.path,
            self.http,
            self.requests,
            self.close,
            tries,
        );
        talk.pauses = !self.habits.pause.is_zero();
        talk.with_body(self.habits.body_bytes)
    }

    /// Refuses a plan that no engine can carry out.
    pub(crate) fn check(&self) -> Result<(), LoadError> {
        match self.source_ips.iter().find(|ip| ip.is_ipv4() != self.target.is_ipv4()) {
            Some(ip) => Err(LoadError::SourceFamily { source_ip: *ip, target: self.target }),
            None => Ok(()),
        }
    }
}

/// Why a load could not be made, or not to its end. Failures of attempts are rows, never errors.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// IPv4 and IPv6 do not mix.
    #[error("the source address {source_ip} cannot reach {target}: they are not of one IP version")]
    SourceFamily {
        /// The source address.
        source_ip: IpAddr,
        /// The target.
        target: SocketAddr,
    },
    /// The event queue could not be made or waited for.
    #[error("the generator cannot wait for its sockets: {0}")]
    Poll(#[source] std::io::Error),
    /// The limit of descriptors could not be set.
    #[error("the generator cannot limit its descriptors: {0}")]
    Descriptors(#[source] std::io::Error),
    /// A thread could not be started.
    #[error("the generator cannot start a thread: {0}")]
    Thread(#[source] std::io::Error),
    /// A thread panicked.
    #[error("a thread of the generator died; the rows up to then are complete")]
    Died,
    /// The receiver of rows is gone.
    #[error("nobody takes the generator's rows any more")]
    Closed,
    /// A histogram could not be made.
    #[error("the generator cannot make a histogram: {0}")]
    Histogram(#[from] hdrhistogram::CreationError),
}
