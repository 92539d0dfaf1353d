//! Provides what the lab takes from Linux: namespaces joined by a wire, the kernel's own TIME_WAIT
//! aged and shown, and children that do not outlive their parent.

mod netns;
mod sock_diag;
mod sweeper;
mod sysctl;
mod wires;

use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use nix::time::{ClockId, clock_gettime};
use nix::unistd::getppid;

use crate::doors::SocketRow;
use crate::error::LabError;
use sock_diag::SockDiag;
use sock_diag::wire::ALL_STATES;

pub use netns::{enter_generator, leave_generator};
pub use sweeper::Sweeper;
pub use sysctl::{resent_and_failed, resets_answered};
pub use wires::{
    dress_generator, pass, timestamps, wire_backend, wire_generator, wire_path,
    wire_path_to_target, wire_target, wire_target_back, wire_target_to_backend,
};

/// The socket table of a namespace.
#[derive(Debug)]
pub struct Table(SockDiag);

impl Table {
    /// Opens that of the calling thread's namespace.
    pub fn open() -> Result<Self, LabError> {
        SockDiag::open().map(Self)
    }

    /// Every TCP socket, now.
    pub fn rows(&mut self) -> std::io::Result<Vec<SocketRow>> {
        let mut rows = Vec::new();
        self.0.dump(ALL_STATES, |socket| {
            let (local, remote) = (socket.local, socket.remote);
            rows.push(SocketRow { state: socket.state, local, remote });
        })?;
        Ok(rows)
    }
}

/// CLOCK_MONOTONIC, which all processes of a machine share.
pub fn mono_ns() -> Option<u64> {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).ok()?;
    u64::try_from(now.tv_sec()).ok()?.checked_mul(1_000_000_000)?.checked_add(now.tv_nsec() as u64)
}

/// Every connection takes a descriptor; the hard limit is ours to use.
pub fn raise_descriptors() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // What cannot be raised shows as failed accepts, which are told.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

/// Has the kernel end this process when its parent ends, however that ends.
pub fn die_with(parent_pid: u32) -> Result<(), LabError> {
    set_pdeathsig(Signal::SIGKILL)
        .map_err(|e| LabError::because("cannot tie the target's life to its parent's", e))?;
    // The parent may have ended before the line above.
    if getppid().as_raw() != parent_pid as i32 {
        return Err(LabError("the target's parent is gone".into()));
    }
    Ok(())
}

/// Starts the command in a group of its own, which the terminal's Ctrl-C does not reach.
pub fn own_process_group(command: &mut Command) {
    command.process_group(0);
}
