//! Defines what captures say of a host as such: its system, its limits, its history.

use std::collections::BTreeMap;

use capture::event_log::Meaning;

/// An entry of the System log that matters here.
#[derive(Clone, Debug, PartialEq)]
pub struct Noted {
    /// Seconds since 1970 UTC, where the export tells.
    pub unix_s: Option<f64>,
    /// What it says.
    pub meaning: Meaning,
    /// Provider and number: `EventLog 6005`.
    pub name: String,
    /// Its stamp, UTC where it is known, else as printed.
    pub stamp: String,
    /// The head of its message.
    pub message: String,
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
    /// Whether it is started with /3GB or increaseuserva; `None`: nobody said.
    pub three_gb: Option<bool>,
    /// The non-paged pool's ceiling as a kernel debugger read it, bytes.
    pub ceiling_bytes: Option<u64>,
    /// Registry values by their name: TcpTimedWaitDelay, MaxUserPort …
    pub registry: BTreeMap<String, u64>,
    /// The dynamic port range in force.
    pub ports: Option<(u16, u16)>,
    /// Ports of it that are never given out.
    pub excluded_ports: u64,
    /// Processes by id.
    pub processes: BTreeMap<u32, String>,
    /// The processes with most handles: name, handles.
    pub handles: Vec<(String, u64)>,
    /// Entries of the System log.
    pub events: Vec<Noted>,
    /// A pooltag.txt that was given.
    pub pooltag: Option<String>,
    /// Sentences that a capture says of itself.
    pub remarks: Vec<String>,
    /// Answers of IIS by status and sub-status, from its W3C logs.
    pub iis_status: BTreeMap<String, u64>,
}

/// Remarks and events kept of all captures together.
const KEPT_MAX: usize = 1_000;

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
        later(&mut self.three_gb, other.three_gb);
        later(&mut self.ceiling_bytes, other.ceiling_bytes);
        self.registry.extend(other.registry);
        later(&mut self.ports, other.ports);
        self.excluded_ports = self.excluded_ports.max(other.excluded_ports);
        self.processes.extend(other.processes);
        self.handles.extend(other.handles);
        self.events.extend(other.events);
        self.events.truncate(KEPT_MAX);
        later(&mut self.pooltag, other.pooltag);
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
