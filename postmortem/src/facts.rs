//! Defines what captures say of a host as such: its system, its limits, its history.

use std::collections::{BTreeMap, BTreeSet};

use model::names::Names;
use model::os_event::Meaning;

use crate::collected::Collected;
use crate::computers::Computers;

/// An entry of the System log that matters here.
#[derive(Clone, Debug, PartialEq)]
pub struct Noted {
    /// Seconds since 1970 UTC; `None` where its stamp cannot be read.
    pub unix_s: Option<f64>,
    /// How far that may be wrong, seconds: the export does not always say its zone.
    pub bound_s: f64,
    /// Its stamp as printed, taken for UTC, where it names no zone.
    pub local_s: Option<f64>,
    /// Source or provider, as printed.
    pub provider: String,
    /// Event id.
    pub id: u32,
    /// What it says.
    pub meaning: Meaning,
    /// Its stamp, UTC where it is known, else as printed.
    pub stamp: String,
    /// The head of its message.
    pub message: String,
}

impl Noted {
    /// Provider and number: `EventLog 6005`.
    pub fn name(&self) -> String {
        format!("{} {}", self.provider, self.id)
    }
}

/// What is known of a host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostFacts {
    /// Name of the operating system.
    pub os_name: Option<String>,
    /// Processor family, as systeminfo prints it.
    pub system_type: Option<String>,
    /// Physical memory, bytes.
    pub ram_bytes: Option<u64>,
    /// When it was last started, in words.
    pub boot: Option<String>,
    /// The same, seconds since 1970 UTC, where that is sure.
    pub boot_unix_s: Option<f64>,
    /// How far its standard time is ahead of UTC, seconds.
    pub utc_offset_s: Option<f64>,
    /// Whether it is started with /3GB or increaseuserva; `None`: nobody said.
    pub three_gb: Option<bool>,
    /// The non-paged pool's ceiling as a kernel debugger read it, bytes.
    pub ceiling_bytes: Option<u64>,
    /// Registry values by their name: TcpTimedWaitDelay, MaxUserPort …
    pub registry: BTreeMap<String, u64>,
    /// Those whose key was exported and holds no such value: the default is in force.
    pub registry_defaults: BTreeSet<String>,
    /// The dynamic port range in force.
    pub ports: Option<(u16, u16)>,
    /// Ports of it that are never given out.
    pub excluded_ports: u64,
    /// Processes by id.
    pub processes: BTreeMap<u32, String>,
    /// Entries of the System log, in order of time once they are joined.
    pub events: Vec<Noted>,
    /// A pooltag.txt that was given.
    pub pooltag: Option<String>,
    /// By which names captures call the host.
    pub computers: Computers,
    /// Names that a report for others must not show.
    pub names: Names,
    /// What the collecting script noted about its own work.
    pub collected: Collected,
    /// Sentences that a capture says of itself.
    pub remarks: Vec<String>,
    /// Answers of IIS by status and sub-status, from its W3C logs.
    pub iis_status: BTreeMap<String, u64>,
}

/// Remarks kept of all captures together.
const KEPT_MAX: usize = 1_000;
/// Entries of the System log that say the same, kept of all captures together: a log that is full of
/// one must not crowd out the boots.
const EVENTS_MAX: usize = 5_000;

impl HostFacts {
    /// Takes in what another capture says; what is said later wins.
    pub(crate) fn join(&mut self, other: Self) {
        fn later<T>(mine: &mut Option<T>, theirs: Option<T>) {
            if theirs.is_some() {
                *mine = theirs;
            }
        }
        later(&mut self.os_name, other.os_name);
        later(&mut self.system_type, other.system_type);
        later(&mut self.ram_bytes, other.ram_bytes);
        if other.boot_unix_s >= self.boot_unix_s {
            later(&mut self.boot, other.boot);
            later(&mut self.boot_unix_s, other.boot_unix_s);
        }
        later(&mut self.utc_offset_s, other.utc_offset_s);
        later(&mut self.three_gb, other.three_gb);
        later(&mut self.ceiling_bytes, other.ceiling_bytes);
        self.registry.extend(other.registry);
        self.registry_defaults.extend(other.registry_defaults);
        later(&mut self.ports, other.ports);
        self.excluded_ports = self.excluded_ports.max(other.excluded_ports);
        self.processes.extend(other.processes);
        let mut alike: BTreeMap<Meaning, usize> = BTreeMap::new();
        self.events.iter().for_each(|event| *alike.entry(event.meaning).or_default() += 1);
        for event in other.events {
            let alike = alike.entry(event.meaning).or_default();
            if *alike < EVENTS_MAX {
                *alike += 1;
                self.events.push(event);
            }
        }
        later(&mut self.pooltag, other.pooltag);
        self.computers.join(other.computers);
        self.names.join(other.names);
        self.collected.join(other.collected);
        for remark in other.remarks {
            if self.remarks.len() < KEPT_MAX && !self.remarks.contains(&remark) {
                self.remarks.push(remark);
            }
        }
        for (status, rows) in other.iis_status {
            *self.iis_status.entry(status).or_default() += rows;
        }
    }
}
