//! Provides the stand-in: an emulated IIS host on this machine, and the second host that loads it.
//!
//! In reading order: [`ledger`] (pure: what connections cost the host, and when it refuses),
//! [`app`] (pure: workers, their queue and their outgoing ports),
//! [`doors`] (pure: what it can be asked for), the server that drives real connections through both,
//! and the two namespaces ([`Lab`]). [`simulate`] plays ledger and doors without any of these, in
//! virtual time. The host is to be witnessed through its doors alone.

pub mod app;
pub mod doors;
pub mod ledger;
pub mod simulate;

mod alone;
mod backend;
mod check;
mod desk;
mod door_server;
mod emulated;
mod error;
mod error_page;
mod front;
mod head;
mod httperr_file;
mod iis_log_file;
mod isolation;
mod keeper;
mod kin;
mod nft;
mod outgoing;
mod parent;
mod path;
mod protocol;
mod refusal;
mod respond;
mod server;
mod sieve;
mod site;
mod sockets;
mod spec;
mod stall;
mod target;
mod tool;
mod two_hosts;
mod wire;

// The one place where an operating system is chosen.
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod os;
#[cfg(target_os = "linux")]
#[path = "linux/mod.rs"]
mod os;

pub use alone::{AlonePlan, run_alone};
pub use error::LabError;
pub use isolation::Isolation;
pub use os::enter_generator;
pub use target::run_child;
pub use two_hosts::{Lab, LabFacts, LabPlan, check};
