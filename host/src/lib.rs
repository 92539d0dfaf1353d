//! Defines what a host can bear: [`mod@profile`]s of Windows and Linux hosts as data with sources, and
//! the [`laws`] that follow from them, and the [`knobs`] that change them. Nothing here reads a clock, a file or a socket.

pub mod knobs;
pub mod laws;
pub mod profile;
mod profiles;
pub mod sourced;
pub mod tags;

pub use profile::{Ceiling, ConnectionTags, HostOs, HttperrEra, PortRange, Profile};
pub use profiles::{all, profile};
pub use sourced::Sourced;
