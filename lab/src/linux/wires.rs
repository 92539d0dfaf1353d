//! Provides the wires between the namespaces of a lab, and the settings of the kernels at their ends.
//! Whatever is made here goes away with the namespaces.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::Path;

use super::sysctl;
use crate::error::LabError;
use crate::isolation::{BACKEND_IP, GENERATOR_IP, PATH_IPS, PROBE_IP, TARGET_BACK_IP, TARGET_IP};
use crate::tool;

/// The generator's end of its wire, made together with the other one: the target's, or where
/// something lies between them that of the path, which goes to the process `to_pid`. `sources` are
/// further addresses that the load comes from.
pub fn wire_generator(to_pid: u32, over_path: bool, sources: &[Ipv4Addr]) -> Result<(), LabError> {
    let peer = if over_path { "mid0" } else { "tgt0" };
    let mut batch = format!("link add gen0 type veth peer name {peer} netns {to_pid}\n");
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
    if over_path {
        let near = Ipv4Addr::from(PATH_IPS[0]);
        batch.push_str(&format!("route add {target}/32 via {near} dev gen0\n"));
    }
    links(&ip_tool()?, &batch)
}

/// The wire from the process that is the path to that which is the target.
pub fn wire_path_to_target(path_pid: u32, target_pid: u32) -> Result<(), LabError> {
    join(("mid1", path_pid), ("tgt0", target_pid))
}

/// The wire from the target to the process that is its backend.
pub fn wire_target_to_backend(target_pid: u32, backend_pid: u32) -> Result<(), LabError> {
    join(("tgt1", target_pid), ("bck0", backend_pid))
}

fn join((one, one_pid): (&str, u32), (other, other_pid): (&str, u32)) -> Result<(), LabError> {
    let batch =
        format!("link add {one} netns {one_pid} type veth peer name {other} netns {other_pid}\n");
    links(&ip_tool()?, &batch)
}

/// The target's end of the wire, and its kernel's settings: RSTs do not end TIME_WAIT early
/// (tcp_rfc1337), and queues are as long as they may be, since HTTP.sys has no backlog of its own.
pub fn wire_target(over_path: bool) -> Result<(), LabError> {
    let (own, far) = (Ipv4Addr::from(TARGET_IP), Ipv4Addr::from(PATH_IPS[1]));
    // The default route brings answers back to whatever address the load comes from.
    let batch = if over_path {
        format!(
            "link set lo up\naddr add {own}/32 dev tgt0\nlink set tgt0 up\n\
             route add {far}/32 dev tgt0\nroute add default via {far} dev tgt0\n"
        )
    } else {
        format!(
            "link set lo up\naddr add {own}/24 dev tgt0\nlink set tgt0 up\n\
             route add default dev tgt0\n"
        )
    };
    links(&ip_tool()?, &batch)?;
    sysctl::set("ipv4/tcp_rfc1337", "1")?;
    sysctl::set("core/somaxconn", "65535")?;
    sysctl::set("ipv4/tcp_max_syn_backlog", "65535")
}

/// The target's end of the wire to its backend, and the ports that its kernel gives out for it: none
/// is used again while it is in TIME_WAIT.
pub fn wire_target_back((low, high): (u16, u16)) -> Result<(), LabError> {
    let own = Ipv4Addr::from(TARGET_BACK_IP);
    let batch = format!("addr add {own}/24 dev tgt1\nlink set tgt1 up\n");
    links(&ip_tool()?, &batch)?;
    sysctl::set("ipv4/ip_local_port_range", &format!("{low} {high}"))?;
    sysctl::set("ipv4/tcp_tw_reuse", "0")
}

/// The backend's end of its wire.
pub fn wire_backend() -> Result<(), LabError> {
    let own = Ipv4Addr::from(BACKEND_IP);
    let batch = format!("link set lo up\naddr add {own}/24 dev bck0\nlink set bck0 up\n");
    links(&ip_tool()?, &batch)?;
    sysctl::set("core/somaxconn", "65535")
}

/// Both ends of the path, and packets passing between them.
pub fn wire_path() -> Result<(), LabError> {
    let (target, [near, far]) = (Ipv4Addr::from(TARGET_IP), PATH_IPS.map(Ipv4Addr::from));
    let batch = format!(
        "link set lo up\naddr add {near}/32 dev mid0\naddr add {far}/32 dev mid1\n\
         link set mid0 up\nlink set mid1 up\n\
         route add {target}/32 dev mid1\nroute add default dev mid0\n"
    );
    links(&ip_tool()?, &batch)?;
    pass(true)
}

/// Lets packets pass the path, or drops them all without a word.
pub fn pass(yes: bool) -> Result<(), LabError> {
    sysctl::set("ipv4/ip_forward", if yes { "1" } else { "0" })
}

/// Makes the generator's kernel give out ports as a client profile does: its range, no reuse of
/// TIME_WAIT, and none ended early by an RST.
pub fn dress_generator(low: u16, high: u16) -> Result<(), LabError> {
    sysctl::set("ipv4/ip_local_port_range", &format!("{low} {high}"))?;
    sysctl::set("ipv4/tcp_tw_reuse", "0")?;
    sysctl::set("ipv4/tcp_rfc1337", "1")
}

/// Whether this namespace's kernel puts timestamps into its segments.
pub fn timestamps(yes: bool) -> Result<(), LabError> {
    sysctl::set("ipv4/tcp_timestamps", if yes { "1" } else { "0" })
}

fn ip_tool() -> Result<std::path::PathBuf, LabError> {
    tool::find("ip").ok_or_else(|| LabError("`ip` is gone; install the package iproute2".into()))
}

/// Has `ip` do these lines.
pub(super) fn links(ip: &Path, batch: &str) -> Result<(), LabError> {
    tool::feed(ip, &["-batch", "-"], batch).map(drop)
}
