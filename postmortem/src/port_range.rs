//! Provides the range that a host takes its ephemeral ports from.

use host::Profile;

use crate::facts::HostFacts;

/// The least that MaxUserPort can be set to (KB196271).
const USER_PORT_LEAST: u16 = 5000;

/// A range of ports, both ends included, and how it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) low: u16,
    pub(crate) high: u16,
    pub(crate) whose: String,
}

impl Range {
    /// Ports that can be given out, less those excluded.
    pub(crate) fn usable(&self, excluded: u64) -> u64 {
        (u64::from(self.high) + 1).saturating_sub(u64::from(self.low)).saturating_sub(excluded)
    }
}

/// The range in force: as printed, as MaxUserPort sets it before Vista, else the profile's.
pub(crate) fn range(facts: &HostFacts, profile: Option<&Profile>) -> Option<Range> {
    if let Some((low, high)) = facts.ports {
        return Some(Range { low, high, whose: "as netsh printed it".into() });
    }
    let ports = profile?.ports;
    let (low, high) = (ports.value.low, ports.value.high);
    // MaxUserPort is not read since Vista (KB929851).
    let set = facts.registry.get("MaxUserPort").filter(|_| profile.is_some_and(before_vista));
    if let Some(set) = set.and_then(|set| u16::try_from(*set).ok()) {
        let whose = "MaxUserPort as the registry holds it".to_owned();
        return Some(Range { low, high: set.max(USER_PORT_LEAST), whose });
    }
    Some(Range { low, high, whose: format!("by default, {}", ports.source) })
}

/// Windows 2000 and Server 2003: another TCP/IP, with settings of its own.
pub(crate) fn before_vista(profile: &Profile) -> bool {
    profile.name == "windows-2000" || profile.name.starts_with("windows-2003")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn max_user_port_counts_only_before_vista() {
        let set = |ports, max_user_port: Option<u64>| HostFacts {
            ports,
            registry: BTreeMap::from_iter(max_user_port.map(|v| ("MaxUserPort".to_owned(), v))),
            ..HostFacts::default()
        };
        for (facts, profile, wanted, why) in [
            (
                set(None, None),
                Some("windows-2003-x86"),
                Some((1_025, 5_000)),
                "the default of 2003",
            ),
            (set(None, Some(65_534)), Some("windows-2003-x86"), Some((1_025, 65_534)), "set there"),
            (
                set(None, Some(10)),
                Some("windows-2000"),
                Some((1_025, 5_000)),
                "less than the least",
            ),
            (set(None, Some(65_534)), Some("windows-2022"), Some((49_152, 65_535)), "not read"),
            (set(Some((1_025, 65_535)), None), None, Some((1_025, 65_535)), "netsh said it"),
            (set(None, Some(65_534)), None, None, "of which system nobody knows"),
        ] {
            let found = range(&facts, profile.and_then(host::profile));
            assert_eq!(found.map(|r| (r.low, r.high)), wanted, "{why}");
        }
    }
}
