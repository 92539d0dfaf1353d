//! Provides the kernel's settings in force, for `run.json`.

use std::collections::BTreeMap;
use std::fs;

use capture::procfs::port_range;
use model::limit::{Limit, Origin};

/// The settings that bear on churn, below `/proc/sys/net/`.
const SETTINGS: &[&str] = &[
    "core/somaxconn",
    "ipv4/tcp_abort_on_overflow",
    "ipv4/tcp_fin_timeout",
    "ipv4/tcp_max_syn_backlog",
    "ipv4/tcp_max_tw_buckets",
    "ipv4/tcp_rfc1337",
    "ipv4/tcp_syn_retries",
    "ipv4/tcp_timestamps",
    "ipv4/tcp_tw_reuse",
    "ipv4/tcp_tw_reuse_delay",
];

/// The settings of this thread's network namespace by their own name (`net.ipv4.tcp_tw_reuse`),
/// the port range as `….low` and `….high`. One that this kernel does not have is left out.
pub fn tunables() -> BTreeMap<String, Limit> {
    let read = |name: &str| fs::read_to_string(format!("/proc/sys/net/{name}")).ok();
    let measured = |value: u64| Limit { value, origin: Origin::Measured };
    let mut tunables: BTreeMap<String, Limit> = SETTINGS
        .iter()
        .filter_map(|name| {
            let value = read(name)?.trim().parse().ok()?;
            Some((format!("net.{}", name.replace('/', ".")), measured(value)))
        })
        .collect();
    if let Some((low, high)) = read("ipv4/ip_local_port_range").and_then(|text| port_range(&text)) {
        for (end, port) in [("low", low), ("high", high)] {
            tunables.insert(format!("net.ipv4.ip_local_port_range.{end}"), measured(port.into()));
        }
    }
    tunables
}
