//! Defines a generator's host in virtual time: its ports, its own TIME_WAIT, its descriptors and its
//! memory for connections.

use std::net::{Ipv4Addr, SocketAddr};

use host::HostOs;
use model::run::PortAllocation;
use scenarios::Scenario;

use super::failures::{self, Errors};
use crate::doors::proc::KernelCounts;
use crate::isolation::{GENERATOR_IP, KERNEL_TIME_WAIT_S};
use crate::ledger::time_wait::Ring;

/// Descriptors that the generator holds beside its connections (lab, measured: 29 to 33).
const OWN_DESCRIPTORS: u64 = 30;

/// Addresses taken of each block of 256.
const HOSTS_OF_BLOCK: u32 = 250;

/// What limits a host that makes load.
#[derive(Clone, Debug)]
pub struct ClientSpec {
    /// Hosts of this kind that make the load together; limits are those of one.
    pub hosts: u64,
    /// Their addresses, host after host.
    pub sources: Vec<Ipv4Addr>,
    /// Its ephemeral ports, both ends included.
    pub ports: (u16, u16),
    /// The generator binds each socket to a port of that range by itself.
    pub binds: bool,
    /// Whether a port in use is taken for every destination and address.
    pub allocation: PortAllocation,
    /// Its TIME_WAIT, seconds of run time.
    pub time_wait_s: f64,
    /// The errors of its system.
    pub errors: Errors,
    /// True for Linux, whose kernel has pages of its own.
    pub is_linux: bool,
    /// Descriptors that it may have; `None`: any number.
    pub descriptors: Option<u64>,
    /// Memory that it may hold for connections, bytes; `None`: as much as there is.
    pub memory_bytes: Option<u64>,
    /// The greatest size of its non-paged pool; `None` where it has none.
    pub ceiling_bytes: Option<u64>,
    /// Of one open connection, and of one TIME_WAIT.
    pub bytes_each: (u64, u64),
}

impl ClientSpec {
    /// The generator of a scenario: the one of the lab, or the host of its client profile.
    pub fn of(scenario: &Scenario) -> Self {
        let load = &scenario.load;
        let linux = host::profile("linux");
        let profile = load.client_profile.or(linux).unwrap_or(scenario.target.profile);
        let is_linux = profile.os == HostOs::Linux;
        let of_profile = (profile.ports.value.low, profile.ports.value.high);
        let range = scenario.client_ports().unwrap_or(of_profile);
        let inside = |(low, high): (u16, u16)| range.0 <= low && high <= range.1;
        // A generator without a profile is a Linux kernel, whose time nobody scales.
        let scaled = |host_s: f64| host_s / scenario.target.time_scale;
        let time_wait_s = scenario.client_time_wait_s().map_or(KERNEL_TIME_WAIT_S, scaled);
        let old =
            matches!(profile.name, "windows-2000") || profile.name.starts_with("windows-2003");
        let errors = match (is_linux, old) {
            (true, _) => failures::LINUX,
            (false, true) => failures::WINDOWS_NT5,
            (false, false) => failures::WINDOWS,
        };
        let named: Vec<Ipv4Addr> = load
            .source_ips
            .iter()
            .filter_map(|ip| match ip {
                std::net::IpAddr::V4(ip) => Some(*ip),
                std::net::IpAddr::V6(_) => None,
            })
            .collect();
        Self {
            hosts: scenario.farm.generators.into(),
            sources: match (scenario.farm.generators, scenario.farm.source_addresses) {
                (1, 1) if named.is_empty() => vec![GENERATOR_IP.into()],
                (1, 1) => named,
                (hosts, each) => (0..hosts * each).map(farm_address).collect(),
            },
            ports: load.source_ports.unwrap_or(range),
            binds: load.source_ports.is_some_and(|asked| !inside(asked)),
            allocation: profile.port_allocation.value,
            time_wait_s,
            errors,
            is_linux,
            descriptors: load.descriptors.map(u64::from),
            memory_bytes: load.memory_bytes,
            ceiling_bytes: profile.ceiling_bytes(None),
            bytes_each: (
                profile.bytes_per_open_connection.value,
                profile.bytes_per_time_wait.value,
            ),
        }
    }

    /// Ports of one address.
    pub fn usable(&self) -> u64 {
        (u64::from(self.ports.1) + 1).saturating_sub(u64::from(self.ports.0))
    }
}

/// The host. Load comes from its addresses in turn, so that all of them are used alike and one count
/// stands for all.
#[derive(Clone, Debug)]
pub struct Client {
    /// What limits it.
    pub spec: ClientSpec,
    /// Its kernel's counters.
    pub counts: KernelCounts,
    open: u64,
    waiting: Ring,
    given: u64,
}

impl Client {
    /// An idle host.
    pub fn new(spec: ClientSpec) -> Self {
        let waiting = Ring::new(spec.time_wait_s);
        Self { counts: KernelCounts::default(), open: 0, waiting, given: 0, spec }
    }

    /// Ends the TIME_WAIT that have lasted long enough at `now_s`.
    pub fn age(&mut self, now_s: f64) {
        self.waiting.expire(now_s);
    }

    /// Connections towards one destination that its ports allow at once.
    pub fn tuples(&self) -> u64 {
        match self.spec.allocation {
            PortAllocation::PerTuple => self.spec.usable() * self.spec.sources.len() as u64,
            PortAllocation::Global => self.spec.usable() * self.spec.hosts,
        }
    }

    /// Connections that ports are left for.
    pub fn ports_left(&self) -> u64 {
        self.tuples().saturating_sub(self.open + self.waiting())
    }

    /// `n` connections take a port each.
    pub fn open(&mut self, n: u64) {
        self.open += n;
        self.given += n;
    }

    /// `n` of them have ended; those that this host `waits` for keep their port.
    pub fn close(&mut self, n: u64, waits: bool) {
        self.open = self.open.saturating_sub(n);
        if waits {
            self.waiting.enter(n);
        }
    }

    /// Connections that descriptors are left for.
    pub fn descriptors_left(&self) -> u64 {
        let most = self.spec.descriptors.unwrap_or(u64::MAX);
        most.saturating_mul(self.spec.hosts).saturating_sub(self.descriptors() * self.spec.hosts)
    }

    /// Descriptors in use on each host.
    pub fn descriptors(&self) -> u64 {
        OWN_DESCRIPTORS + self.open.div_ceil(self.spec.hosts)
    }

    /// Connections that memory is left for.
    pub fn memory_left(&self) -> u64 {
        let most = self.spec.memory_bytes.unwrap_or(u64::MAX).saturating_mul(self.spec.hosts);
        most.saturating_sub(self.memory_bytes()) / self.spec.bytes_each.0.max(1)
    }

    /// Memory that it holds for connections.
    fn memory_bytes(&self) -> u64 {
        let (open_bytes, wait_bytes) = self.spec.bytes_each;
        self.open * open_bytes + self.waiting() * wait_bytes
    }

    /// Its non-paged pool in use, where what is left of it is what connections may hold.
    pub fn nonpaged_bytes(&self) -> Option<u64> {
        let others = self.spec.ceiling_bytes?.saturating_sub(self.spec.memory_bytes?);
        Some(others + self.memory_bytes() / self.spec.hosts)
    }

    /// Open connections.
    pub fn in_use(&self) -> u64 {
        self.open
    }

    /// TIME_WAIT that it keeps.
    pub fn waiting(&self) -> u64 {
        self.waiting.total()
    }

    /// Whether an end is of the first host, the one that is looked at.
    pub fn is_of_first(&self, end: SocketAddr) -> bool {
        let each = self.spec.sources.len() / self.spec.hosts.max(1) as usize;
        self.spec.hosts == 1 || self.spec.sources[..each].iter().any(|ip| end.ip() == *ip)
    }

    /// The `i`-th youngest of its connections' own ends: ports are taken in turn.
    pub fn end_of(&self, i: u64) -> SocketAddr {
        let sources = self.spec.sources.len() as u64;
        let number = self.given.wrapping_sub(i + 1);
        let source = self.spec.sources[(number % sources) as usize];
        let turn = number / sources % self.spec.usable().max(1);
        SocketAddr::from((source, self.spec.ports.0 + turn as u16))
    }
}

/// The `i`-th address of a farm's generators, from 198.18.16.1 on.
fn farm_address(i: u32) -> Ipv4Addr {
    let (block, of_block) = (i / HOSTS_OF_BLOCK, i % HOSTS_OF_BLOCK);
    Ipv4Addr::new(198, 18 + (block / 200) as u8, 16 + (block % 200) as u8, 1 + of_block as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(sets: &[&str]) -> Client {
        let sets: Vec<String> = sets.iter().map(|s| (*s).to_owned()).collect();
        let text = scenarios::builtin("client-port-exhaustion").unwrap();
        Client::new(ClientSpec::of(&scenarios::read(text, "story", &sets).unwrap()))
    }

    #[test]
    fn a_port_is_held_until_its_time_wait_is_over() {
        let mut client = client(&[]);
        assert_eq!(client.spec.time_wait_s, 60.0, "240 s, four times faster");
        client.open(3000);
        client.close(2000, true);
        client.close(500, false);
        assert_eq!(client.ports_left(), 3976 - 500 - 2000);
        client.age(59.9);
        assert_eq!(client.ports_left(), 3976 - 2500, "not yet");
        client.age(60.1);
        assert_eq!(client.ports_left(), 3976 - 500);
    }

    #[test]
    fn old_windows_gives_a_port_out_once_and_linux_once_for_each_address() {
        let two = "load.source_ips=[\"198.18.0.1\", \"198.18.0.3\"]";
        for (profile, left, why) in [
            ("windows-2003-x86", 3976 - 100, "a port is taken for every address"),
            ("linux", 2 * 28_232 - 100, "a port is taken for its own tuple"),
        ] {
            let mut client = client(&[two, &format!("load.client_profile=\"{profile}\"")]);
            client.open(100);
            assert_eq!(client.ports_left(), left, "{profile}: {why}");
        }
    }

    #[test]
    fn ends_are_taken_in_turn_and_none_twice() {
        let two = "load.source_ips=[\"198.18.0.1\", \"198.18.0.3\"]";
        let mut client = client(&[two, "load.client_profile=\"linux\""]);
        client.open(2 * 28_232 + 1);
        let all: std::collections::BTreeSet<_> =
            (0..2 * 28_232).map(|i| client.end_of(i)).collect();
        assert_eq!(all.len(), 2 * 28_232);
        assert_eq!(client.end_of(0).to_string(), "198.18.0.1:32768", "the first again");
        assert_eq!(client.end_of(1).to_string(), "198.18.0.3:60999");
    }

    #[test]
    fn a_farms_generators_have_the_ports_of_all_their_addresses() {
        let farm = ["farm.generators=3", "farm.source_addresses=2", "load.client_time_wait=240s"];
        for (profile, ports, why) in [
            ("linux", 6 * 28_232, "a range for each address"),
            ("windows-2003-x86", 3 * 3976, "a range for each host"),
        ] {
            let profile = format!("load.client_profile=\"{profile}\"");
            let client = client(&[&[profile.as_str()][..], &farm].concat());
            assert_eq!(client.tuples(), ports, "{profile}: {why}");
        }
        let all: std::collections::BTreeSet<_> = (0..50_000).map(farm_address).collect();
        assert_eq!(all.len(), 50_000, "no address twice");
    }

    #[test]
    fn each_system_has_its_own_word_for_want_of_ports() {
        for (profile, code, why) in [
            ("windows-2003-x86", 10055, "KB196271"),
            ("windows-2016", 10048, "since Vista"),
            ("linux", 99, "measured"),
        ] {
            let client = client(&[&format!("load.client_profile=\"{profile}\"")]);
            let fate = client.spec.errors.no_port(client.spec.binds);
            assert_eq!(fate.failure().os_code, Some(code), "{profile}: {why}");
        }
        let bound = client(&["load.source_ports=\"2000-2099\"", "load.client_profile=\"linux\""]);
        assert!(bound.spec.binds && bound.spec.usable() == 100, "outside the kernel's own range");
    }

    #[test]
    fn descriptors_and_memory_are_left_for_so_many() {
        let mut client = client(&["load.descriptors=130", "load.memory=\"1MiB\""]);
        assert_eq!((client.descriptors_left(), client.memory_left()), (100, 256));
        client.open(60);
        client.close(10, true);
        assert_eq!((client.descriptors_left(), client.memory_left()), (50, 205));
    }
}
