//! Defines a host profile: what one kind of host can bear, as plain data with sources.

use model::run::PortAllocation;

use crate::sourced::Sourced;

/// The family of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostOs {
    /// Windows, any version.
    Windows,
    /// Linux.
    Linux,
}

/// Which columns the HTTP.sys error log of a host has (DOMAIN: eras by sample).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttperrEra {
    /// There is no such log.
    None,
    /// 13 columns: Server 2003 SP1 to 2012 R2.
    Columns13,
    /// 14 columns: with `streamid`, Server 2016 and 2019.
    Columns14,
    /// 18 columns: with `streamid_ex`, `transport` and fault codes, Server 2022 and later.
    Columns18,
}

/// A rule for the greatest size of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceiling {
    /// So many bytes, whatever the RAM.
    Fixed(u64),
    /// A share of RAM, up to a cap.
    RamShare {
        /// Part of RAM, per cent.
        percent: u64,
        /// Never more than this, bytes.
        cap_bytes: u64,
    },
    /// All of RAM, up to a cap.
    Ram {
        /// Never more than this, bytes.
        cap_bytes: u64,
    },
    /// The host has no such pool (Linux).
    None,
}

impl Ceiling {
    /// The ceiling with so much RAM; `None` where there is no such pool.
    pub fn bytes(self, ram_bytes: u64) -> Option<u64> {
        match self {
            Self::Fixed(bytes) => Some(bytes),
            Self::RamShare { percent, cap_bytes } => {
                let share = u128::from(ram_bytes) * u128::from(percent) / 100;
                Some(u64::try_from(share).unwrap_or(u64::MAX).min(cap_bytes))
            }
            Self::Ram { cap_bytes } => Some(ram_bytes.min(cap_bytes)),
            Self::None => None,
        }
    }

    /// Whether it depends on how much RAM there is.
    pub fn goes_by_ram(self) -> bool {
        matches!(self, Self::RamShare { .. } | Self::Ram { .. })
    }
}

/// A range of ports, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortRange {
    /// The lowest port.
    pub low: u16,
    /// The highest port.
    pub high: u16,
}

impl PortRange {
    /// How many ports it holds; 0 where it is upside down.
    pub fn count(self) -> u64 {
        (u64::from(self.high) + 1).saturating_sub(u64::from(self.low))
    }
}

/// Which allocation is charged to which pool tag; on Linux, to which slab cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionTags {
    /// The web server's own object of an open connection.
    pub http_connection: &'static str,
    /// The stack's control block of an open connection.
    pub tcp_control_block: &'static str,
    /// What is left of a connection in TIME_WAIT.
    pub time_wait: &'static str,
}

/// What one kind of host can bear. Durations and rates are the host's own, unscaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// The name used in scenarios: `windows-2003-x86-3gb`.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// The family.
    pub os: HostOs,
    /// RAM of such a host, bytes.
    pub ram_bytes: Sourced<u64>,
    /// The rule for the ceiling of its non-paged pool.
    pub ceiling: Sourced<Ceiling>,
    /// The rule for the ceiling of its paged pool.
    pub paged_ceiling: Sourced<Ceiling>,
    /// Free non-paged pool below which HTTP.sys refuses, bytes; `None` without HTTP.sys.
    pub gate_bytes: Option<Sourced<u64>>,
    /// The same with EnableAggressiveMemoryUsage = 1.
    pub gate_aggressive_bytes: Option<Sourced<u64>>,
    /// How long an entry stays in TIME_WAIT, seconds.
    pub time_wait_s: Sourced<f64>,
    /// Ephemeral ports.
    pub ports: Sourced<PortRange>,
    /// Whether a port in use is taken for all destinations.
    pub port_allocation: Sourced<PortAllocation>,
    /// Non-paged pool held by one open connection, bytes, all tags together.
    pub bytes_per_open_connection: Sourced<u64>,
    /// Non-paged pool held by one entry in TIME_WAIT, bytes.
    pub bytes_per_time_wait: Sourced<u64>,
    /// How long the web server keeps an idle connection, seconds.
    pub idle_timeout_s: Sourced<f64>,
    /// The `Server` header of its answers.
    pub server_header: &'static str,
    /// The shape of its HTTP.sys error log.
    pub httperr: HttperrEra,
    /// What that log's `#Software` line says; empty without one.
    pub httperr_software: &'static str,
    /// Where connections are charged.
    pub tags: ConnectionTags,
    /// What the rest of the system holds: tag, per mille of it, bytes per allocation. The parts add
    /// up to 1,000, or the list is empty. Assumed, after the poolmon table of one Server 2003 host.
    pub baseline_tags: &'static [(&'static str, u32, u64)],
}

impl Profile {
    /// The ceiling of the non-paged pool in bytes with this RAM (`None`: the profile's own RAM);
    /// `None` where the host has no such pool.
    pub fn ceiling_bytes(&self, ram_bytes: Option<u64>) -> Option<u64> {
        self.ceiling.value.bytes(ram_bytes.unwrap_or(self.ram_bytes.value))
    }

    /// The same for the paged pool.
    pub fn paged_ceiling_bytes(&self, ram_bytes: Option<u64>) -> Option<u64> {
        self.paged_ceiling.value.bytes(ram_bytes.unwrap_or(self.ram_bytes.value))
    }
}
