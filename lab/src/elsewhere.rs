//! Provides what the lab has where there are no network namespaces: plain loopback, and refusals of
//! everything that would need a kernel of its own.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::process::Command;
use std::time::SystemTime;

use crate::doors::SocketRow;
use crate::error::LabError;
use crate::isolation::Isolation;

/// This process stays where it is.
pub fn enter_generator() -> Result<Isolation, LabError> {
    Ok(Isolation::loopback("Network namespaces exist on Linux only"))
}

fn linux_only<T>() -> Result<T, LabError> {
    Err(LabError("network namespaces exist on Linux only".into()))
}

/// Always an error.
pub fn leave_generator() -> Result<(), LabError> {
    linux_only()
}

/// Always an error.
pub fn wire_generator(_: u32, _: bool, _sources: &[Ipv4Addr]) -> Result<(), LabError> {
    linux_only()
}

/// Always an error.
pub fn wire_path_to_target(_path_pid: u32, _target_pid: u32) -> Result<(), LabError> {
    linux_only()
}

/// Always an error.
pub fn wire_target_to_backend(_target_pid: u32, _backend_pid: u32) -> Result<(), LabError> {
    linux_only()
}

/// Always an error.
pub fn wire_target_back(_ports: (u16, u16)) -> Result<(), LabError> {
    linux_only()
}

/// Always an error.
pub fn wire_backend() -> Result<(), LabError> {
    linux_only()
}

/// Always an error.
pub fn wire_path() -> Result<(), LabError> {
    linux_only()
}

/// Always an error.
pub fn timestamps(_yes: bool) -> Result<(), LabError> {
    linux_only()
}

/// Always an error.
pub fn pass(_yes: bool) -> Result<(), LabError> {
    linux_only()
}

/// Always an error.
pub fn wire_target(_over_path: bool) -> Result<(), LabError> {
    linux_only()
}

/// Always an error.
pub fn dress_generator(_low: u16, _high: u16) -> Result<(), LabError> {
    linux_only()
}

/// A kernel's socket table, which is not read here.
#[derive(Debug)]
pub struct Table(Infallible);

impl Table {
    /// Always an error.
    pub fn open() -> Result<Self, LabError> {
        linux_only()
    }

    /// Never called: there is no table.
    pub fn rows(&mut self) -> std::io::Result<Vec<SocketRow>> {
        match self.0 {}
    }
}

/// Ages a kernel's TIME_WAIT, which cannot be done here.
#[derive(Debug)]
pub struct Sweeper(Infallible);

impl Sweeper {
    /// Always an error.
    pub fn start(_length_s: f64) -> Result<Self, LabError> {
        linux_only()
    }

    /// Never called: there is no sweeper.
    pub fn left(&self) -> Option<u64> {
        match self.0 {}
    }

    /// Never called: there is no sweeper.
    pub fn failed(&self) -> u64 {
        match self.0 {}
    }
}

/// Resets are not counted here, so the N of refusals is not known.
pub fn resets_answered() -> Option<u64> {
    None
}

/// No kernel's counters are this host's own here.
pub fn resent_and_failed() -> Option<(u64, u64)> {
    None
}

/// The one clock that processes share here without a call of the system's own: the wall clock, which
/// may be stepped.
pub fn mono_ns() -> Option<u64> {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    u64::try_from(since_1970.as_nanos()).ok()
}

/// Nothing is to be raised.
pub fn raise_descriptors() {}

/// The end of standard input alone ends the target.
pub fn die_with(_parent_pid: u32) -> Result<(), LabError> {
    Ok(())
}

/// Here a process that is started stays in the group of this one.
pub fn own_process_group(_command: &mut Command) {}
