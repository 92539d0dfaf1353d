//! Provides the cause: an open-loop generator of connection churn that records every failure with
//! its phase and code, and the probes that tell look-alikes apart.
//!
//! In reading order: [`plan`] (what is asked), [`attempt`] (the pure machine of one try at one
//! connection) with [`step`], [`conversation`], [`answer`], [`fault`] and [`os_error`], the engine that drives
//! attempts by their due times, the meter that counts them, [`mod@run`] (threads in, rows out), and
//! [`mod@probe`]. Rows leave through a channel; nothing here knows who takes them.

pub mod answer;
pub mod attempt;
mod chunked;
pub mod conversation;
mod dial;
mod engine;
pub mod fault;
mod from_scenario;
mod merge;
mod meter;
pub mod os_error;
pub mod plan;
mod ports;
pub mod probe;
mod probes;
pub mod run;
mod slot;
mod spreads;
pub mod step;
mod sys;
mod timers;

pub use conversation::Http;
pub use plan::{LoadError, Plan};
pub use probe::{ProbePlan, Probes, probe};
pub use run::{Totals, host_header, run};
pub use spreads::encode_counted;
