//! Provides Windows Server 2012 R2, IIS 8.5, as installed.

use model::run::PortAllocation;

use super::{GIB, TIB, windows_2008::WINDOWS_2008};
use crate::profile::{Ceiling, Profile};
use crate::sourced::Sourced;

pub(super) const WINDOWS_2012R2: Profile = Profile {
    name: "windows-2012r2",
    title: "Windows Server 2012 R2, IIS 8.5",
    ram_bytes: Sourced::assumed(16 * GIB, "a usual server of its day"),
    ceiling: Sourced::stated(
        Ceiling::Ram { cap_bytes: 16 * TIB },
        "Microsoft, Memory Limits for Windows Releases: RAM or 16 TB, whichever is smaller",
    ),
    paged_ceiling: Sourced::stated(
        Ceiling::Fixed(31 * TIB / 2),
        "Microsoft, Memory Limits for Windows Releases: 15.5 TB, or the commit limit",
    ),
    port_allocation: Sourced::stated(PortAllocation::Global, "KB3149157: before its updates")
        .beside(&[(PortAllocation::PerTuple, "KB3149157: with its updates")]),
    server_header: "Microsoft-IIS/8.5",
    ..WINDOWS_2008
};
