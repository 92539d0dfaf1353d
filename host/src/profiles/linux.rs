//! Provides Linux: no non-paged pool and no gate; its own kernel is then sampled as the host.

use model::run::PortAllocation;

use super::GIB;
use crate::profile::{Ceiling, ConnectionTags, HostOs, HttperrEra, PortRange, Profile};
use crate::sourced::Sourced;

pub(super) const LINUX: Profile = Profile {
    name: "linux",
    title: "Linux",
    os: HostOs::Linux,
    ram_bytes: Sourced::assumed(4 * GIB, "has no part in any limit held here"),
    ceiling: Sourced::stated(Ceiling::None, "Linux has no non-paged pool; slab grows with RAM"),
    paged_ceiling: Sourced::stated(Ceiling::None, "Linux has no paged pool"),
    gate_bytes: None,
    gate_aggressive_bytes: None,
    time_wait_s: Sourced::stated(60.0, "TCP_TIMEWAIT_LEN, a constant of the kernel"),
    ports: Sourced::stated(
        PortRange { low: 32768, high: 60999 },
        "ip-sysctl: ip_local_port_range; Linux 6.18, measured",
    ),
    port_allocation: Sourced::stated(
        PortAllocation::PerTuple,
        "Linux 6.18, measured: another destination connects while one is out of ports",
    ),
    bytes_per_open_connection: Sourced::stated(
        3200,
        "Linux 6.18, measured: slab caches TCP 2368 + sock_inode_cache 832, without buffers",
    ),
    bytes_per_time_wait: Sourced::stated(256, "Linux 6.18, measured: slab cache tw_sock_TCP"),
    idle_timeout_s: Sourced::assumed(75.0, "nginx's default keepalive_timeout"),
    server_header: "churnlab",
    httperr: HttperrEra::None,
    httperr_software: "",
    tags: ConnectionTags {
        http_connection: "sock_inode_cache",
        tcp_control_block: "TCP",
        time_wait: "tw_sock_TCP",
    },
    baseline_tags: &[],
};
