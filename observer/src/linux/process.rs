//! Provides what a witness must do with its own process: namespaces, descriptors, its end, its
//! clock.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

use model::row::Descriptors;
use nix::sched::{CloneFlags, setns};
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::signal::Signal;
use nix::time::{ClockId, clock_gettime};

/// Enters the network namespace of a process. Must be called while this process has one thread,
/// since the others would stay where they are.
///
/// # Errors
/// Where that process is gone, or this one may not enter its namespace.
pub fn enter_net_of(pid: u32) -> std::io::Result<()> {
    let path = format!("/proc/{pid}/ns/net");
    let told = |e: std::io::Error| {
        let told = format!("cannot enter the network namespace of process {pid} ({path}): {e}");
        std::io::Error::new(e.kind(), told)
    };
    let namespace = fs::File::open(&path).map_err(told)?;
    setns(namespace, CloneFlags::CLONE_NEWNET).map_err(|e| told(e.into()))
}

/// Has the kernel kill this process when the thread that started it ends. A parent that is already
/// gone shows in the end of standard input, which every witness watches.
///
/// # Errors
/// Where the kernel refuses.
pub fn die_with_parent() -> std::io::Result<()> {
    Ok(nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?)
}

/// Has the process that is about to be started get a group of its own, which a terminal's Ctrl-C
/// does not reach.
pub fn own_process_group(command: &mut Command) {
    command.process_group(0);
}

/// Nanoseconds on `CLOCK_MONOTONIC`, which all processes of a machine share.
pub fn mono_ns() -> u64 {
    // The call fails only for a clock that does not exist.
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map_or_else(
        |_| std::time::Duration::ZERO,
        |t| std::time::Duration::new(t.tv_sec().unsigned_abs(), t.tv_nsec().unsigned_abs() as u32),
    );
    u64::try_from(now.as_nanos()).unwrap_or(u64::MAX)
}

/// Open descriptors of this process and its soft limit. The error is a sentence.
pub fn descriptors() -> Result<Descriptors, String> {
    let failed = |e: std::io::Error| format!("/proc/self/fd cannot be read: {e}");
    // Since Linux 6.2 the folder's size is their number; before, it is zero and they are counted,
    // the one that reads the folder left out.
    let used = match fs::metadata("/proc/self/fd").map_err(failed)?.len() {
        0 => (fs::read_dir("/proc/self/fd").map_err(failed)?.count() as u64).saturating_sub(1),
        used => used,
    };
    let (limit, _) = getrlimit(Resource::RLIMIT_NOFILE)
        .map_err(|e| format!("the limit of open descriptors cannot be read: {e}"))?;
    Ok(Descriptors { used, limit })
}
