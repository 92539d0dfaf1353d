//! Provides Windows 2000: IIS 5.0 in user mode, thus no HTTP.sys, no gate and no HTTPERR.

use model::run::PortAllocation;

use super::{BYTES_PER_OPEN_CONNECTION, BYTES_PER_TIME_WAIT, MIB, PORTS_NT5};
use crate::profile::{Ceiling, ConnectionTags, HostOs, HttperrEra, Profile};
use crate::sourced::Sourced;

pub(super) const WINDOWS_2000: Profile = Profile {
    name: "windows-2000",
    title: "Windows 2000 Server, IIS 5.0",
    os: HostOs::Windows,
    ram_bytes: Sourced::assumed(512 * MIB, "a usual server of its day"),
    ceiling: Sourced::assumed(
        Ceiling::Fixed(256 * MIB),
        "general knowledge: about 256 MB, less with /3GB; no article at hand",
    ),
    paged_ceiling: Sourced::stated(
        Ceiling::Fixed(350 * MIB),
        "Microsoft, Memory Limits for Windows Releases: 350 MB",
    ),
    gate_bytes: None,
    gate_aggressive_bytes: None,
    time_wait_s: Sourced::stated(240.0, "TechNet cc938217: TcpTimedWaitDelay, Windows 2000"),
    ports: PORTS_NT5,
    port_allocation: Sourced::stated(PortAllocation::Global, "KB196271: one range per host"),
    bytes_per_open_connection: BYTES_PER_OPEN_CONNECTION,
    bytes_per_time_wait: BYTES_PER_TIME_WAIT,
    idle_timeout_s: Sourced::assumed(900.0, "general knowledge: IIS 5 connection timeout"),
    server_header: "Microsoft-IIS/5.0",
    httperr: HttperrEra::None,
    httperr_software: "",
    tags: ConnectionTags { http_connection: "AfdC", tcp_control_block: "TCPC", time_wait: "TCPT" },
    baseline_tags: super::windows_2003::BASELINE,
};
