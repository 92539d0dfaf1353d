//! Provides what virtual time cannot play of a scenario, as a sentence.

use std::net::IpAddr;

use model::attempt::CloseStyle;
use scenarios::{FaultKind, Scenario};

use crate::error::LabError;

/// Refuses what would otherwise be left out in silence.
pub fn check(scenario: &Scenario) -> Result<(), LabError> {
    let (target, load) = (&scenario.target, &scenario.load);
    let other_fault = target.faults.iter().any(|fault| fault.kind != FaultKind::ListenerDown);
    let v6 = load.source_ips.iter().any(IpAddr::is_ipv6);
    for (asked, key) in [
        (target.app.is_some(), "target.app"),
        (other_fault, "target.fault of any kind but listener-down"),
        (!scenario.network.faults.is_empty(), "network.fault"),
        (load.pause_s > 0.0, "load.pause"),
        (load.slow.is_some(), "load.slow"),
        (load.reuse_ports, "load.reuse_ports"),
        (load.close == CloseStyle::Abandon, "load.close = \"abandon\""),
        (v6, "an IPv6 address in load.source_ips"),
    ] {
        if asked {
            return Err(LabError(format!("--ground simulate does not play {key}; leave it out")));
        }
    }
    Ok(())
}
