//! Defines what is asked of a run: [`Scenario`], its reader that tells all problems at once
//! ([`read`]), the stories built into the program ([`builtin`]) and the [`Schedule`] of a load.

mod nearest;
mod problem;
mod read;
mod scenario;
mod schedule;
mod stories;
mod to_json;
mod tree;
mod value;

pub use problem::{Problem, Problems};
pub use read::read;
pub use scenario::{
    App, Arrival, Backend, Errors, Farm, Fault, FaultKind, HttpVersion, Leak, LeakRate, Leaked,
    Load, Network, NetworkFault, NetworkFaultKind, Observe, Pool, Probe, Refuse, Retry, Scenario,
    Slow, Target, strikes,
};
pub use schedule::Schedule;
pub use stories::{builtin, builtins, controls, pairs};
