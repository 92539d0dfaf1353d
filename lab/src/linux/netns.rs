//! Provides two hosts' network namespaces: unnamed, held only by their processes, so that nothing is
//! left when those end, however they end.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::Path;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};

use super::sysctl;
use crate::error::LabError;
use crate::isolation::{GENERATOR_IP, Isolation, PROBE_IP, TARGET_IP};
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

/// Moves this process, the target's, into a namespace of its own within what the generator's has.
pub fn leave_generator() -> Result<(), LabError> {
    unshare(CloneFlags::CLONE_NEWNET)
        .map_err(|e| LabError::because("cannot give the target a network namespace of its own", e))
}

/// The generator's end of the wire, made together with the target's, which goes to `target_pid`.
/// `sources` are further addresses that the load comes from.
pub fn wire_generator(target_pid: u32, sources: &[Ipv4Addr]) -> Result<(), LabError> {
    let mut batch = format!("link add gen0 type veth peer name tgt0 netns {target_pid}\n");
    let (own, probe, target) =
        (Ipv4Addr::from(GENERATOR_IP), Ipv4Addr::from(PROBE_IP), Ipv4Addr::from(TARGET_IP));
    if sources.contains(&target) {
        return Err(LabError(format!("load.source_ips: {target} is the target's own address")));
    }
    for address in [own, probe] {
        batch.push_str(&format!("addr add {address}/24 dev gen0\n"));
    }
    let others: BTreeSet<_> = sources.iter().filter(|ip| ![own, probe].contains(ip)).collect();
    for address in others {
        batch.push_str(&format!("addr add {address}/32 dev gen0\n"));
    }
    batch.push_str("link set gen0 up\n");
    links(&ip_tool()?, &batch)
}

/// The target's end of the wire, and its kernel's settings: RSTs do not end TIME_WAIT early
/// (tcp_rfc1337), and queues are as long as they may be, since HTTP.sys has no backlog of its own.
pub fn wire_target() -> Result<(), LabError> {
    let own = Ipv4Addr::from(TARGET_IP);
    // The default route brings answers back to whatever address the load comes from.
    let batch = format!(
        "link set lo up\naddr add {own}/24 dev tgt0\nlink set tgt0 up\nroute add default dev tgt0\n"
    );
    links(&ip_tool()?, &batch)?;
    sysctl::set("ipv4/tcp_rfc1337", "1")?;
    sysctl::set("core/somaxconn", "65535")?;
    sysctl::set("ipv4/tcp_max_syn_backlog", "65535")
}

/// Makes the generator's kernel give out ports as a client profile does: its range, no reuse of
/// TIME_WAIT, and none ended early by an RST.
pub fn dress_generator(low: u16, high: u16) -> Result<(), LabError> {
    sysctl::set("ipv4/ip_local_port_range", &format!("{low} {high}"))?;
    sysctl::set("ipv4/tcp_tw_reuse", "0")?;
    sysctl::set("ipv4/tcp_rfc1337", "1")
}

fn ip_tool() -> Result<std::path::PathBuf, LabError> {
    tool::find("ip").ok_or_else(|| LabError("`ip` is gone; install the package iproute2".into()))
}

fn links(ip: &Path, batch: &str) -> Result<(), LabError> {
    tool::feed(ip, &["-batch", "-"], batch).map(drop)
}
