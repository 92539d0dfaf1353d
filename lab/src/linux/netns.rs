//! Provides two hosts' network namespaces: unnamed, held only by their processes, so that nothing is
//! left when those end, however they end.

use std::path::Path;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};

use super::wires::links;
use crate::error::LabError;
use crate::isolation::Isolation;
use crate::tool;

/// Moves this process into a fresh network namespace, the generator's. Must be called while the
/// process has a single thread. Where that is not possible, says so in [`Isolation::Loopback`];
/// fails only when the namespace was entered and cannot be used.
pub fn enter_generator() -> Result<Isolation, LabError> {
    let loopback = |why: &str| Ok(Isolation::loopback(why));
    let Some(ip) = tool::find("ip") else {
        return loopback("No `ip` is installed (package iproute2)");
    };
    if let Err(why) = leave_host_namespace() {
        return loopback(&format!("A network namespace of our own is not allowed here ({why})"));
    }
    links(&ip, "link set lo up\n")?;
    // Whether this kernel has veth shows only by making one; the namespace is ours and empty.
    if let Err(why) = links(&ip, "link add probe0 type veth peer name probe1\nlink del probe0\n") {
        return loopback(&format!("This kernel cannot join two namespaces ({why})"));
    }
    Ok(Isolation::Namespaces)
}

fn leave_host_namespace() -> Result<(), LabError> {
    if geteuid().is_root() && unshare(CloneFlags::CLONE_NEWNET).is_ok() {
        return Ok(());
    }
    let (uid, gid) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)
        .map_err(|e| LabError::because("unshare", e))?;
    // The group map may only be written once setgroups is denied (user_namespaces(7)).
    for (file, text) in [
        ("uid_map", format!("0 {uid} 1")),
        ("setgroups", "deny".into()),
        ("gid_map", format!("0 {gid} 1")),
    ] {
        std::fs::write(Path::new("/proc/self").join(file), text)
            .map_err(|e| LabError::because(format!("/proc/self/{file}"), e))?;
    }
    Ok(())
}

/// Moves this process into a namespace of its own within what the generator's has.
pub fn leave_generator() -> Result<(), LabError> {
    unshare(CloneFlags::CLONE_NEWNET)
        .map_err(|e| LabError::because("cannot enter a network namespace of its own", e))
}
