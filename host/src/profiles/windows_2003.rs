//! Provides Windows Server 2003, IIS 6.0: the host of the classic outage.

use model::run::PortAllocation;

use super::{
    BYTES_PER_OPEN_CONNECTION, BYTES_PER_TIME_WAIT, GATE, GATE_AGGRESSIVE, GIB, IDLE_TIMEOUT, MIB,
    PORTS_NT5,
};
use crate::profile::{Ceiling, ConnectionTags, HostOs, HttperrEra, Profile};
use crate::sourced::Sourced;

/// After the poolmon table of one Server 2003 host, without the tags that leaked there; bytes per
/// allocation are that table's where it lists the tag, the shares are assumed.
pub(super) const BASELINE: &[(&str, u32, u64)] = &[
    ("MmCm", 320, 8806),
    ("File", 160, 152),
    ("NDpp", 120, 4096),
    ("Thre", 100, 624),
    ("Devi", 80, 1336),
    ("LSwr", 80, 3256),
    ("AfdC", 80, 160),
    ("Pool", 60, 200_704),
];

pub(super) const X86: Profile = Profile {
    name: "windows-2003-x86",
    title: "Windows Server 2003 (32-bit), IIS 6.0",
    os: HostOs::Windows,
    ram_bytes: Sourced::assumed(GIB, "the host of a published outage of 2005 had 1 GB"),
    ceiling: Sourced::stated(
        Ceiling::Fixed(256 * MIB),
        "Microsoft, Memory Limits for Windows Releases: 256 MB",
    )
    .beside(&[
        (Ceiling::Fixed(250 * MIB), "KB924047: fixed 250 MB"),
        (Ceiling::Fixed(32 * MIB), "amol, 2012: 32-256 MB with up to 1.2 GB RAM, lower end"),
    ]),
    paged_ceiling: Sourced::stated(
        Ceiling::Fixed(530 * MIB),
        "Microsoft, Memory Limits for Windows Releases: 530 MB",
    )
    .beside(&[
        (Ceiling::Fixed(168 * MIB), "Ask the Performance Team, 2007: 2003 SP1 with 1 GB RAM"),
        (Ceiling::Fixed(178 * MIB), "a published !vm of one 2003 SP2 host"),
    ]),
    gate_bytes: Some(GATE),
    gate_aggressive_bytes: Some(GATE_AGGRESSIVE),
    time_wait_s: Sourced::stated(240.0, "MSDN ms819739; prose of TechNet cc757512: 4 minutes")
        .beside(&[(120.0, "table of TechNet cc757512: 0x78")]),
    ports: PORTS_NT5,
    port_allocation: Sourced::stated(PortAllocation::Global, "KB196271: one range per host"),
    bytes_per_open_connection: BYTES_PER_OPEN_CONNECTION,
    bytes_per_time_wait: BYTES_PER_TIME_WAIT,
    idle_timeout_s: IDLE_TIMEOUT,
    server_header: "Microsoft-IIS/6.0",
    httperr: HttperrEra::Columns13,
    httperr_software: "Microsoft HTTP API 1.0",
    // Its pooltag.txt: TCPC connection pool, TCPT TCB pool. That a TIME_WAIT keeps the latter and
    // not the former is inferred.
    tags: ConnectionTags { http_connection: "UlHC", tcp_control_block: "TCPC", time_wait: "TCPT" },
    baseline_tags: BASELINE,
};

pub(super) const X86_3GB: Profile = Profile {
    name: "windows-2003-x86-3gb",
    title: "Windows Server 2003 (32-bit, /3GB), IIS 6.0",
    ceiling: Sourced::stated(
        Ceiling::Fixed(128 * MIB),
        "Microsoft, Memory Limits for Windows Releases: 128 MB with 4GT (/3GB)",
    )
    .beside(&[(
        Ceiling::Fixed(129_536 * 1024),
        "a published outage: 109,056 KB in use while refusing, plus the 20 MiB gate",
    )]),
    ..X86
};

pub(super) const X64: Profile = Profile {
    name: "windows-2003-x64",
    title: "Windows Server 2003 (64-bit), IIS 6.0",
    ram_bytes: Sourced::assumed(4 * GIB, "a usual server of its day"),
    ceiling: Sourced::stated(
        Ceiling::RamShare { percent: 40, cap_bytes: 128 * GIB },
        "red-gate: min(40 % of RAM, 128 GB); Memory Limits page: up to 128 GB",
    )
    .beside(&[(
        Ceiling::RamShare { percent: 39, cap_bytes: 128 * GIB },
        "amol, 2012: about 400 KB per MB of RAM",
    )]),
    paged_ceiling: Sourced::stated(
        Ceiling::Fixed(128 * GIB),
        "Microsoft, Memory Limits for Windows Releases: up to 128 GB",
    ),
    ..X86
};
