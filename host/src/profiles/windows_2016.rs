//! Provides Windows Server 2016, 2022 and 2025, IIS 10.0. The Memory Limits page does not list their
//! pools one by one; the rule of 2012 R2 is taken to hold.

use model::run::PortAllocation;

use super::{GIB, TIB, windows_2012::WINDOWS_2012R2};
use crate::profile::{Ceiling, HttperrEra, Profile};
use crate::sourced::Sourced;

pub(super) const WINDOWS_2016: Profile = Profile {
    name: "windows-2016",
    title: "Windows Server 2016, IIS 10.0",
    ceiling: Sourced::assumed(
        Ceiling::Ram { cap_bytes: 16 * TIB },
        "the rule of 2012 R2 (Memory Limits for Windows Releases), not listed separately",
    ),
    port_allocation: Sourced::stated(
        PortAllocation::PerTuple,
        "KB3149157: Server 2016 supports the auto-reuse range by default",
    ),
    server_header: "Microsoft-IIS/10.0",
    httperr: HttperrEra::Columns14,
    ..WINDOWS_2012R2
};

pub(super) const WINDOWS_2022: Profile = Profile {
    name: "windows-2022",
    title: "Windows Server 2022, IIS 10.0",
    ram_bytes: Sourced::assumed(32 * GIB, "a usual server of its day"),
    httperr: HttperrEra::Columns18,
    ..WINDOWS_2016
};

pub(super) const WINDOWS_2025: Profile =
    Profile { name: "windows-2025", title: "Windows Server 2025, IIS 10.0", ..WINDOWS_2022 };
