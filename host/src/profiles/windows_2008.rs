//! Provides Windows Server 2008 (64-bit), IIS 7.0; 2008 R2 differs in nothing that is held here.

use model::run::PortAllocation;

use super::{
    BASELINE_VISTA, BYTES_PER_OPEN_CONNECTION, BYTES_PER_TIME_WAIT, GATE, GATE_AGGRESSIVE, GIB,
    IDLE_TIMEOUT, PORTS_VISTA, TAGS_VISTA, TIME_WAIT_120,
};
use crate::profile::{Ceiling, HostOs, HttperrEra, Profile};
use crate::sourced::Sourced;

pub(super) const WINDOWS_2008: Profile = Profile {
    name: "windows-2008",
    title: "Windows Server 2008 (64-bit), IIS 7.0",
    os: HostOs::Windows,
    ram_bytes: Sourced::assumed(8 * GIB, "a usual server of its day"),
    ceiling: Sourced::stated(
        Ceiling::RamShare { percent: 75, cap_bytes: 128 * GIB },
        "Microsoft, Memory Limits for Windows Releases: 75 % of RAM up to 128 GB on x64",
    ),
    paged_ceiling: Sourced::stated(
        Ceiling::Fixed(128 * GIB),
        "Microsoft, Memory Limits for Windows Releases: 128 GB, or the commit limit",
    ),
    gate_bytes: Some(GATE),
    gate_aggressive_bytes: Some(GATE_AGGRESSIVE),
    time_wait_s: TIME_WAIT_120,
    ports: PORTS_VISTA,
    port_allocation: Sourced::stated(
        PortAllocation::Global,
        "KB3149157: reuse before the end of TIME_WAIT came with later systems and updates",
    ),
    bytes_per_open_connection: BYTES_PER_OPEN_CONNECTION,
    bytes_per_time_wait: BYTES_PER_TIME_WAIT,
    idle_timeout_s: IDLE_TIMEOUT,
    server_header: "Microsoft-IIS/7.0",
    httperr: HttperrEra::Columns13,
    httperr_software: "Microsoft HTTP API 2.0",
    tags: TAGS_VISTA,
    baseline_tags: BASELINE_VISTA,
};
