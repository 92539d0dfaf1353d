//! Defines a scenario: what is asked of a run, after reading and checking.

mod app;
mod farm;
mod fault;
mod leak;
mod load;
mod tunables;

use host::Profile;
use model::run::Expect;

pub use app::{App, Backend, Errors};
pub use farm::Farm;
pub use fault::{Fault, FaultKind, NetworkFault, NetworkFaultKind};
pub use leak::{Leak, LeakRate, Leaked};
pub use load::{Arrival, HttpVersion, Load, Retry, Slow};

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
    /// What goes wrong on the way between generator and target.
    pub network: Network,
    /// How many hosts of each kind there are.
    pub farm: Farm,
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
    /// TcpTimedWaitDelay: how long it keeps an entry in TIME_WAIT, seconds of the emulated host.
    pub time_wait_s: Option<f64>,
    /// EnableAggressiveMemoryUsage: the lower gate of its profile.
    pub aggressive_memory: bool,
    /// Whether TCP timestamps are used between the hosts. Without them a SYN that meets a TIME_WAIT
    /// of its own 4-tuple is judged by its sequence number alone.
    pub timestamps: bool,
    /// Length of the body of an answer.
    pub response_bytes: u64,
    /// Its non-paged pool.
    pub pool: Pool,
    /// What answers requests; `None`: HTTP.sys itself, at once.
    pub app: Option<App>,
    /// What is taken and never given back.
    pub leaks: Vec<Leak>,
    /// What goes wrong by plan.
    pub faults: Vec<Fault>,
}

/// The way between generator and target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// What goes wrong by plan.
    pub faults: Vec<NetworkFault>,
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
    /// The greatest size of the paged pool; `None`: the profile's rule.
    pub paged_ceiling_bytes: Option<u64>,
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

/// Whether a fault that strikes a `share` strikes the `k`-th of many: evenly spread, and the same
/// for whoever asks.
pub fn strikes(share: f64, k: u64) -> bool {
    let struck = |n: u64| (n as f64 * share).floor();
    struck(k + 1) > struck(k)
}
