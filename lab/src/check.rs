//! Provides what a ground of the lab can play of a scenario, and the sentences about what it cannot.

use scenarios::Scenario;

use crate::error::LabError;
use crate::isolation::KERNEL_TIME_WAIT_S;
use crate::{path, tool};

/// True where something goes wrong between generator and target.
pub fn has_path(scenario: &Scenario) -> bool {
    !scenario.network.faults.is_empty()
}

/// True where the target calls another host.
pub fn has_backend(scenario: &Scenario) -> bool {
    scenario.target.app.is_some_and(|app| app.backend.is_some())
}

/// What no ground of the lab plays, as a sentence.
pub fn check_any(scenario: &Scenario) -> Result<(), LabError> {
    if !scenario.farm.is_one() {
        return Err(LabError(
            "farm: the lab has one target and one generator; run it with --ground simulate, or leave \
             [farm] out"
                .into(),
        ));
    }
    if scenario.load.memory_bytes.is_some() {
        return Err(LabError(
            "load.memory cannot be played with real sockets: no kernel gives one network so much \
             memory and no more; leave it out here"
                .into(),
        ));
    }
    Ok(())
}

/// What a pair of namespaces cannot play, as a sentence: their TIME_WAIT is the kernel's own, which
/// can be shortened and not lengthened.
pub fn check_namespaces(scenario: &Scenario) -> Result<(), LabError> {
    if scenario.network.faults.iter().any(path::needs_nft) && tool::find("nft").is_none() {
        return Err(LabError(
            "network.fault: packets are lost, and connections reset or refused on the way, by rules \
             of nf_tables, and no `nft` is installed; install the package nftables, or use kind = \
             \"cut\""
                .into(),
        ));
    }
    let scale = scenario.target.time_scale;
    let target = Some((scenario.target.profile, scenario.target_time_wait_s()));
    let client = scenario.load.client_profile.zip(scenario.client_time_wait_s());
    for (who, host) in [("target.profile", target), ("load.client_profile", client)] {
        let Some((profile, host_s)) = host else { continue };
        let length_s = host_s / scale;
        if length_s > KERNEL_TIME_WAIT_S + 1e-9 {
            let needed = host_s / KERNEL_TIME_WAIT_S;
            return Err(LabError(format!(
                "{who} = \"{}\" keeps TIME_WAIT for {host_s} s; at time_scale {scale} that is {length_s:.1} s, \
                 and the kernel of this lab keeps none longer than {KERNEL_TIME_WAIT_S} s; \
                 set target.time_scale to {needed} or more",
                profile.name
            )));
        }
    }
    Ok(())
}

/// What plain loopback cannot play, as a sentence.
pub fn check_loopback(scenario: &Scenario) -> Result<(), LabError> {
    for (asked, key, what) in [
        (has_path(scenario), "network.fault", "for the way between the hosts"),
        (has_backend(scenario), "target.app.backend", "for the backend"),
    ] {
        if asked {
            return Err(LabError(format!(
                "{key} needs a network namespace {what}, which this machine does not allow; run as \
                 root, allow unprivileged user namespaces, or leave the key out"
            )));
        }
    }
    match scenario.load.client_profile {
        None => Ok(()),
        Some(profile) => Err(LabError(format!(
            "load.client_profile = \"{}\" needs a network namespace for the generator, which this \
             machine does not allow; run as root, allow unprivileged user namespaces, or leave the \
             key out",
            profile.name
        ))),
    }
}
