//! Provides what virtual time cannot play of a scenario, as a sentence.

use scenarios::Scenario;

use crate::error::LabError;

/// Refuses what would otherwise be left out in silence.
pub fn check(scenario: &Scenario) -> Result<(), LabError> {
    let load = &scenario.load;
    match load.source_ips.iter().find(|ip| ip.is_ipv6()) {
        Some(ip) => Err(LabError(format!(
            "load.source_ips: {ip} is an IPv6 address, and the simulated hosts speak IPv4; name IPv4 \
             addresses"
        ))),
        None => Ok(()),
    }
}
