//! Provides runs in processes of their own, which do not outlive this one and get its signals once.

use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::interrupt::Interrupt;

/// How often a child is looked after.
const LOOK: Duration = Duration::from_millis(50);

/// Runs the command to its end. Being in a group of its own it hears of Ctrl-C from here, once.
pub fn run(command: &mut Command, interrupt: &Interrupt) -> Result<ExitStatus> {
    own_group(command);
    let mut child = command.spawn().context("cannot start this program anew")?;
    let mut told = false;
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for a run")? {
            return Ok(status);
        }
        if interrupt.asked() && !told {
            told = true;
            interrupt_child(&child);
        }
        std::thread::sleep(LOOK);
    }
}

#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(unix)]
fn interrupt_child(child: &Child) {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    // Not yet collected, so the number is still its own.
    let _ = kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT);
}

/// Elsewhere a child stays in this process's group and hears of Ctrl-C by itself.
#[cfg(not(unix))]
fn own_group(_command: &mut Command) {}

#[cfg(not(unix))]
fn interrupt_child(_child: &Child) {}

/// Has the kernel end this process when its parent, `pid`, ends, however that ends.
#[cfg(target_os = "linux")]
pub fn die_with(pid: u32) -> Result<()> {
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)
        .context("cannot tie this run's life to its parent's")?;
    // The parent may have ended before the line above.
    let parent = nix::unistd::getppid().as_raw().cast_unsigned();
    anyhow::ensure!(parent == pid, "the process that started this run is gone");
    Ok(())
}

/// Elsewhere there is no such tie.
#[cfg(not(target_os = "linux"))]
pub fn die_with(_pid: u32) -> Result<()> {
    Ok(())
}
