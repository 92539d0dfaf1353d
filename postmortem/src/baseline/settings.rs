//! Compares settings: what the registry holds, the ports, the boot options.

use std::collections::BTreeSet;

use model::diagnosis::{Compared, Standing, Subject};

use crate::Gathered;

/// What is set otherwise on the two hosts.
pub(super) fn compare(here: &Gathered, peer: &Gathered) -> Vec<Compared> {
    let mut compared = Vec::new();
    let (mine, theirs) = (&here.facts.registry, &peer.facts.registry);
    let names: BTreeSet<&String> = mine.keys().chain(theirs.keys()).collect();
    // A setting that no export speaks of may be set all the same.
    let told = |g: &Gathered, name: &str| {
        g.facts.registry.contains_key(name) || g.facts.registry_defaults.contains(name)
    };
    let names = names.into_iter().filter(|name| told(here, name) && told(peer, name));
    compared.extend(
        names.filter_map(|name| differs(name, mine.get(name).copied(), theirs.get(name).copied())),
    );
    let ports = |g: &Gathered| {
        let (low, high) = g.facts.ports?;
        Some((u64::from(high) + 1).saturating_sub(u64::from(low)))
    };
    if let (Some(mine), Some(theirs)) = (ports(here), ports(peer)) {
        compared.extend(differs("ports of the dynamic range", Some(mine), Some(theirs)));
        let (mine, theirs) = (here.facts.excluded_ports, peer.facts.excluded_ports);
        compared.extend(differs("ports excluded from it", Some(mine), Some(theirs)));
    }
    compared
}

fn differs(name: &str, here: Option<u64>, peer: Option<u64>) -> Option<Compared> {
    if here == peer {
        return None;
    }
    let words = |value: Option<u64>| value.map_or("not set".to_owned(), |value| value.to_string());
    let ratio = here.zip(peer).filter(|(_, peer)| *peer > 0);
    Some(Compared {
        subject: Subject::Setting,
        name: name.to_owned(),
        unit: String::new(),
        here: here.map(|value| value as f64),
        peer: peer.map(|value| value as f64),
        peer_at_most: false,
        ratio: ratio.map(|(here, peer)| here as f64 / peer as f64),
        share: None,
        here_per_day: None,
        peer_per_day: None,
        standing: Standing::Differs,
        sentence: format!("{name}: {} here, {} on the healthy peer.", words(here), words(peer)),
    })
}
