//! Defines a scenario: what is asked of a run, after reading and checking.

use std::net::IpAddr;

use host::Profile;
use model::attempt::CloseStyle;
use model::run::Expect;

/// One story, ready to run. Durations in seconds, sizes in bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its name; run directories are named after it.
    pub name: String,
    /// What it shows, one sentence; may be empty.
    pub summary: String,
    /// Seed of the schedule.
    pub seed: u64,
    /// The host under load.
    pub target: Target,
    /// The load.
    pub load: Load,
    /// How closely it is watched.
    pub observe: Observe,
    /// The probes.
    pub probe: Probe,
    /// What should be found.
    pub expect: Option<Expect>,
}

/// The emulated host. `None` stands for the profile's own value.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// What kind of host it is.
    pub profile: &'static Profile,
    /// How many times faster its durations run; above 0.
    pub time_scale: f64,
    /// What a refused client sees.
    pub refuse: Refuse,
    /// RAM, from which some ceilings follow.
    pub ram_bytes: Option<u64>,
    /// Free non-paged pool below which it refuses.
    pub gate_bytes: Option<u64>,
    /// Free non-paged pool at which it accepts again; default: the gate.
    pub resume_bytes: Option<u64>,
    /// Non-paged pool of one open connection.
    pub bytes_per_open_connection: Option<u64>,
    /// Non-paged pool of one TIME_WAIT entry.
    pub bytes_per_time_wait: Option<u64>,
    /// How long an idle connection is kept, seconds of the emulated host.
    pub idle_timeout_s: Option<f64>,
    /// Length of the body of an answer.
    pub response_bytes: u64,
    /// Its non-paged pool.
    pub pool: Pool,
    /// Drivers that take pool for good.
    pub leaks: Vec<Leak>,
    /// What goes wrong by plan.
    pub faults: Vec<Fault>,
}

/// What a client that is refused sees. Which of the two Windows shows is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refuse {
    /// A reset in answer to its SYN.
    RstToSyn,
    /// A connection that is reset at once.
    AcceptThenReset,
}

impl Refuse {
    /// Every shape, with its spelling.
    pub const ALL: [(Self, &'static str); 2] =
        [(Self::RstToSyn, "rst-to-syn"), (Self::AcceptThenReset, "accept-then-reset")];
}

/// The non-paged pool of the emulated host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// Held by the rest of the system from the start; `None`: half of the refuse level,
    /// at most 384 MiB.
    pub baseline_bytes: Option<u64>,
    /// Its greatest size; `None`: the profile's rule.
    pub ceiling_bytes: Option<u64>,
}

/// A driver that takes non-paged pool and never gives it back.
#[derive(Clone, Debug, PartialEq)]
pub struct Leak {
    /// Its pool tag, 1 to 4 printable ASCII characters.
    pub tag: String,
    /// What it grows with.
    pub rate: LeakRate,
    /// Where it stops; `None`: never.
    pub up_to_bytes: Option<u64>,
}

/// What a leak grows with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LeakRate {
    /// Bytes for each accepted connection.
    BytesPerConnection(f64),
    /// Bytes for each TCP segment in or out.
    BytesPerPacket(f64),
    /// Bytes for each second of the emulated host.
    BytesPerSecond(f64),
    /// Held from the start and never more: a hog, not a leak.
    Static(u64),
}

/// Something that goes wrong at a planned time, in run time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What.
    pub kind: FaultKind,
    /// When it begins.
    pub at_s: f64,
    /// How long it lasts.
    pub for_s: f64,
}

/// What can go wrong by plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Nothing listens.
    ListenerDown,
}

impl FaultKind {
    /// Every fault, with its spelling.
    pub const ALL: [(Self, &'static str); 1] = [(Self::ListenerDown, "listener-down")];
}

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
    /// A range that narrows the generator's own ports, both ends included.
    pub source_ports: Option<(u16, u16)>,
    /// Addresses that the load comes from; empty: the kernel's choice.
    pub source_ips: Vec<IpAddr>,
}

/// When attempts are due, whatever becomes of earlier ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arrival {
    /// At even distances.
    Constant {
        /// How many a second, above 0.
        per_second: f64,
    },
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

/// How closely the hosts are watched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observe {
    /// Time between samples, at least 50 ms.
    pub every_s: f64,
}

/// The small known acts that tell look-alikes apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probe {
    /// Time between probes; `None`: no probes.
    pub every_s: Option<f64>,
}
