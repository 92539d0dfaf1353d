//! Provides the tunables in force on either host: what the scenario sets, else what its profile has, by
//! the names that the hosts themselves give them.

use std::collections::BTreeMap;

use host::{HostOs, Profile};
use model::limit::{Limit, Origin};

use super::{App, Scenario};

/// The length of an application pool's queue (applicationPools).
const QUEUE: &str = "queueLength";
/// The connections that a site may have (limits).
const CONNECTIONS: &str = "maxConnections";
/// The registry's name for the length of TIME_WAIT, seconds.
const TIME_WAIT: &str = "TcpTimedWaitDelay";
/// Where Windows keeps the range of ephemeral ports: `netsh interface ipv4 show dynamicport tcp`.
const PORTS: [&str; 2] = ["dynamicport.start", "dynamicport.number"];
/// The registry's name for the lower gate (KB820129).
const AGGRESSIVE: &str = "EnableAggressiveMemoryUsage";

impl Scenario {
    /// TIME_WAIT of the emulated target, seconds of that host.
    pub fn target_time_wait_s(&self) -> f64 {
        self.target.time_wait_s.unwrap_or(self.target.profile.time_wait_s.value)
    }

    /// Free non-paged pool below which the emulated target refuses, bytes; `None` without a gate.
    pub fn target_gate_bytes(&self) -> Option<u64> {
        let profile = self.target.profile;
        let of_profile = match self.target.aggressive_memory {
            true => profile.gate_aggressive_bytes.as_ref(),
            false => profile.gate_bytes.as_ref(),
        };
        self.target.gate_bytes.or(of_profile.map(|gate| gate.value))
    }

    /// TIME_WAIT of the generator as its client profile has it, seconds of that host; `None` without
    /// a profile.
    pub fn client_time_wait_s(&self) -> Option<f64> {
        let profile = self.load.client_profile?;
        Some(self.load.client_time_wait_s.unwrap_or(profile.time_wait_s.value))
    }

    /// Ephemeral ports of the generator as its client profile has them, both ends included; `None`
    /// without a profile.
    pub fn client_ports(&self) -> Option<(u16, u16)> {
        let range = self.load.client_profile?.ports.value;
        Some(self.load.client_ports.unwrap_or((range.low, range.high)))
    }

    /// What the emulated target is tuned to.
    pub fn target_tunables(&self) -> BTreeMap<String, Limit> {
        let profile = self.target.profile;
        let mut all = BTreeMap::new();
        if profile.os != HostOs::Windows {
            return all;
        }
        let time_wait_s = self.target_time_wait_s();
        all.insert(TIME_WAIT.into(), seconds(time_wait_s, self.target.time_wait_s.is_some()));
        if profile.gate_bytes.is_some() {
            let set = self.target.aggressive_memory;
            all.insert(AGGRESSIVE.into(), limit(u64::from(set), set));
        }
        let Some(app) = &self.target.app else { return all };
        let (queue, connections) = (u64::from(app.queue_length), app.connection_limit);
        all.insert(QUEUE.into(), limit(queue, queue != u64::from(App::QUEUE_LENGTH)));
        if let Some(most) = connections {
            all.insert(CONNECTIONS.into(), limit(most.into(), true));
        }
        if let Some((low, high)) = self.target_ports() {
            let set = app.backend.is_some_and(|backend| backend.ports.is_some());
            all.extend(port_range(low, high, set));
        }
        all
    }

    /// The ports that the target calls its backend from, both ends included; `None` without one.
    pub fn target_ports(&self) -> Option<(u16, u16)> {
        let backend = self.target.app.as_ref()?.backend?;
        let range = self.target.profile.ports.value;
        Some(backend.ports.unwrap_or((range.low, range.high)))
    }

    /// What the generator's client profile is tuned to; nothing without one.
    pub fn client_tunables(&self) -> BTreeMap<String, Limit> {
        let windows = |profile: &&Profile| profile.os == HostOs::Windows;
        let mut all = BTreeMap::new();
        let Some(_) = self.load.client_profile.filter(windows) else { return all };
        if let Some(time_wait_s) = self.client_time_wait_s() {
            let set = self.load.client_time_wait_s.is_some();
            all.insert(TIME_WAIT.into(), seconds(time_wait_s, set));
        }
        if let Some((low, high)) = self.client_ports() {
            let set = self.load.client_ports.is_some();
            all.extend(port_range(low, high, set));
        }
        all
    }
}

fn port_range(low: u16, high: u16, set: bool) -> impl Iterator<Item = (String, Limit)> {
    let count = u64::from(high) + 1 - u64::from(low);
    let named = PORTS.into_iter().zip([u64::from(low), count]);
    named.map(move |(name, value)| (name.to_owned(), limit(value, set)))
}

fn seconds(value_s: f64, set: bool) -> Limit {
    limit(value_s.round() as u64, set)
}

fn limit(value: u64, set: bool) -> Limit {
    Limit { value, origin: if set { Origin::Configured } else { Origin::Derived } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{builtin, read};

    fn scenario(sets: &[&str]) -> Scenario {
        let text = builtin("client-port-exhaustion").unwrap();
        let sets: Vec<String> = sets.iter().map(|s| (*s).to_owned()).collect();
        read(text, "client-port-exhaustion", &sets).unwrap()
    }

    #[test]
    fn a_profile_has_its_tunables_and_a_scenario_may_set_them() {
        let as_installed = scenario(&[]);
        let limit = |value, origin| Some(Limit { value, origin });
        let client = as_installed.client_tunables();
        assert_eq!(client.get(TIME_WAIT).copied(), limit(240, Origin::Derived));
        assert_eq!(client.get("dynamicport.number").copied(), limit(3976, Origin::Derived));
        let tuned = scenario(&[
            "load.client_time_wait=30s",
            "load.client_ports=1025-65535",
            "target.time_wait=60s",
            "target.aggressive_memory=true",
        ]);
        let client = tuned.client_tunables();
        assert_eq!(client.get(TIME_WAIT).copied(), limit(30, Origin::Configured));
        assert_eq!(client.get("dynamicport.number").copied(), limit(64_511, Origin::Configured));
        let target = tuned.target_tunables();
        assert_eq!(target.get(TIME_WAIT).copied(), limit(60, Origin::Configured));
        assert_eq!(target.get(AGGRESSIVE).copied(), limit(1, Origin::Configured));
        assert_eq!(tuned.target_gate_bytes(), Some(8 << 20));
        assert_eq!(as_installed.target_gate_bytes(), Some(20 << 20));
    }
}
