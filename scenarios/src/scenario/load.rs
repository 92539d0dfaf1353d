//! Defines the load of a scenario.

use std::net::IpAddr;

use host::Profile;
use model::attempt::CloseStyle;

/// The load.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// When attempts are due.
    pub arrival: Arrival,
    /// How long attempts go on being due.
    pub duration_s: f64,
    /// Who closes, and how.
    pub close: CloseStyle,
    /// Requests on each connection, at least 1.
    pub requests_per_connection: u32,
    /// Bytes of body in each request; 0: none.
    pub request_bytes: u64,
    /// How long a connection rests between an answer and its next request; 0: not at all.
    pub pause_s: f64,
    /// The version of the requests.
    pub http: HttpVersion,
    /// The path asked for; begins with a slash.
    pub path: String,
    /// How long a connection may take to be established.
    pub connect_timeout_s: f64,
    /// How long an attempt may take as a whole.
    pub timeout_s: f64,
    /// Attempts in flight at once, at most; arrivals beyond are not sent.
    pub in_flight: u32,
    /// What is done about a refused SYN.
    pub retry: Option<Retry>,
    /// The host that the generator's kernel is set up as: ports and TIME_WAIT.
    pub client_profile: Option<&'static Profile>,
    /// TcpTimedWaitDelay of that host, seconds of the host; `None`: the profile's.
    pub client_time_wait_s: Option<f64>,
    /// Its ephemeral ports (MaxUserPort, the dynamic port range), both ends included; `None`: the
    /// profile's.
    pub client_ports: Option<(u16, u16)>,
    /// A range that narrows the generator's own ports, both ends included.
    pub source_ports: Option<(u16, u16)>,
    /// Addresses that the load comes from; empty: the kernel's choice.
    pub source_ips: Vec<IpAddr>,
    /// Attempts that send their request slowly.
    pub slow: Option<Slow>,
    /// Each attempt takes the source port of one that has just ended, where there is one, as many
    /// clients behind one address do.
    pub reuse_ports: bool,
    /// Descriptors that the generator may have; `None`: as many as its system allows.
    pub descriptors: Option<u32>,
    /// Memory that the generator's kernel may hold for its connections, bytes; `None`: as much as
    /// there is. Only simulated: no kernel lets one process's network have so much and no more.
    pub memory_bytes: Option<u64>,
}

/// When attempts are due, whatever becomes of earlier ones.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrival {
    /// At even distances.
    Constant {
        /// How many a second, above 0.
        per_second: f64,
    },
    /// At even distances within each hour of a day that is repeated; the first hour begins at 0.
    Hourly {
        /// How many a second in each hour; 1 to [`Arrival::MAX_HOURS`], at least one above 0.
        per_second: Vec<f64>,
        /// How long an hour lasts, seconds of run time.
        hour_s: f64,
    },
}

impl Arrival {
    /// Most hours of a day: quarter hours of a week.
    pub const MAX_HOURS: usize = 672;

    /// The rate at `t_s`, per second.
    pub fn rate_at(&self, t_s: f64) -> f64 {
        match self {
            Self::Constant { per_second } => *per_second,
            Self::Hourly { per_second, hour_s } => {
                let hour = (t_s / hour_s).max(0.0) as usize % per_second.len();
                per_second[hour]
            }
        }
    }

    /// The highest rate, per second.
    pub fn peak_per_second(&self) -> f64 {
        match self {
            Self::Constant { per_second } => *per_second,
            Self::Hourly { per_second, .. } => per_second.iter().copied().fold(0.0, f64::max),
        }
    }
}

/// Attempts that send their request slowly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slow {
    /// Their share of all, above 0 and at most 1.
    pub share: f64,
    /// How fast they send.
    pub bytes_per_second: f64,
}

/// The version of HTTP that requests are made in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/1.0.
    V10,
    /// HTTP/1.1.
    V11,
}

impl HttpVersion {
    /// Every version, with its spelling.
    pub const ALL: [(Self, &'static str); 2] = [(Self::V10, "1.0"), (Self::V11, "1.1")];
}

/// How a client repeats a refused SYN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Three tries in all, 0.5 s apart, as Windows does.
    Windows,
}
