//! Provides each resource that was read: its limit with origin, its peak, and when it was at its limit.

use model::findings::{Resource, ResourceName};
use model::limit::{Limit, Origin};

use crate::attribution::client_ports;
use crate::facts::Facts;
use crate::pool::{TOLERANCE_BYTES, signed};
use crate::store::{GENERATOR, PortUse, Reading, TARGET};

/// Every resource that was read. `refused_from_s` is when refusals that are put down to the pool began.
pub(crate) fn resources(facts: &Facts<'_>, refused_from_s: Option<f64>) -> Vec<Resource> {
    let mut all = Vec::new();
    all.extend(nonpaged_pool(facts, refused_from_s));
    all.extend(client_ports_of(facts));
    for (vantage, readings) in &facts.store.readings {
        all.extend(time_wait(facts, vantage, readings));
    }
    all.extend(descriptors(facts));
    all
}

fn nonpaged_pool(facts: &Facts<'_>, refused_from_s: Option<f64>) -> Option<Resource> {
    let pool = &facts.pool;
    let peak = pool.used.iter().map(|u| u.1).max()?;
    let gate = pool.gate_bytes.map(signed);
    let first = |limit: i64| pool.headroom().find(|&(_, free)| free <= limit).map(|(t, _)| t);
    let at_gate = gate.and_then(first);
    // Refusing may begin a little before a sample shows it, or with a wrong ceiling without one.
    let within = gate.and_then(|gate| first(gate + TOLERANCE_BYTES));
    let at_limit_from_s = match (at_gate, refused_from_s) {
        (None, Some(refused_s)) => Some(within.map_or(refused_s, |t| t.max(refused_s))),
        (at_gate, _) => at_gate,
    };
    Some(Resource {
        name: ResourceName::NonpagedPool,
        vantage: TARGET.into(),
        unit: "bytes".into(),
        limit: pool.limit,
        peak,
        headroom_min: pool.limit.map(|l| signed(l.value) - signed(peak)),
        at_limit_from_s,
    })
}

fn client_ports_of(facts: &Facts<'_>) -> Option<Resource> {
    let allocation = facts.run.generator.port_allocation;
    let readings = || facts.store.of(GENERATOR).iter().filter_map(|r| Some((r.t_s, r.ports?)));
    let used = |ports: PortUse| client_ports::used(ports, allocation);
    let (_, fullest) = readings().max_by_key(|&(_, p)| used(p))?;
    Some(Resource {
        name: ResourceName::ClientPorts,
        vantage: GENERATOR.into(),
        unit: "ports".into(),
        limit: Some(Limit { value: fullest.usable, origin: Origin::Measured }),
        peak: used(fullest),
        headroom_min: Some(signed(fullest.usable) - signed(used(fullest))),
        at_limit_from_s: readings()
            .find(|&(_, p)| client_ports::full(p, allocation))
            .map(|(t_s, _)| t_s),
    })
}

fn time_wait(facts: &Facts<'_>, vantage: &str, readings: &[Reading]) -> Option<Resource> {
    let counts = || readings.iter().filter_map(|r| Some((r.t_s, r.tcp?.time_wait)));
    let peak = counts().map(|c| c.1).max()?;
    let limit = facts.run.tunables.get(vantage).and_then(|all| {
        let found = all.iter().find(|(name, _)| name.ends_with("tcp_max_tw_buckets"));
        found.map(|(_, limit)| *limit)
    });
    Some(Resource {
        name: ResourceName::TimeWait,
        vantage: vantage.to_owned(),
        unit: "entries".into(),
        limit,
        peak,
        headroom_min: limit.map(|l| signed(l.value) - signed(peak)),
        at_limit_from_s: limit.and_then(|l| counts().find(|c| c.1 >= l.value).map(|c| c.0)),
    })
}

fn descriptors(facts: &Facts<'_>) -> Option<Resource> {
    let readings =
        || facts.store.of(GENERATOR).iter().filter_map(|r| Some((r.t_s, r.descriptors?)));
    let (_, most) = readings().max_by_key(|(_, d)| d.used)?;
    Some(Resource {
        name: ResourceName::Descriptors,
        vantage: GENERATOR.into(),
        unit: "descriptors".into(),
        limit: Some(Limit { value: most.limit, origin: Origin::Measured }),
        peak: most.used,
        headroom_min: Some(signed(most.limit) - signed(most.used)),
        at_limit_from_s: readings().find(|(_, d)| d.used >= d.limit).map(|(t_s, _)| t_s),
    })
}
