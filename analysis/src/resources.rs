//! Provides each resource that was read: its limit with origin, its peak, and when it was at its limit.

use model::findings::{Resource, ResourceName};
use model::limit::{Limit, Origin};

use crate::attribution::kernel_memory::paged_limit;
use crate::attribution::{client_ports, request_queue, target_ports};
use crate::facts::Facts;
use crate::pool::{TOLERANCE_BYTES, signed};
use crate::store::{Counter, GENERATOR, PortUse, Reading, TARGET};

/// Every resource that was read. `refused_from_s` is when refusals that are put down to the pool began.
pub(crate) fn resources(facts: &Facts<'_>, refused_from_s: Option<f64>) -> Vec<Resource> {
    let mut all = Vec::new();
    all.extend(nonpaged_pool(facts, refused_from_s));
    all.extend(client_ports_of(facts));
    all.extend(target_ports_of(facts));
    for (vantage, readings) in &facts.store.readings {
        all.extend(time_wait(facts, vantage, readings));
    }
    all.extend(accept_queue(facts));
    all.extend(request_queue_of(facts));
    all.extend(descriptors(facts));
    all.extend(paged_pool(facts));
    all.extend(commit(facts));
    all
}

/// A resource of the target whose limit is the same all along, from its use at each reading; `full` says
/// from which use on nothing can be had.
fn of_target(
    facts: &Facts<'_>,
    (name, unit): (ResourceName, &str),
    limit: Option<Limit>,
    used: impl Fn(&Reading) -> Option<u64>,
    full: impl Fn(u64, u64) -> bool,
) -> Option<Resource> {
    let readings = || facts.store.of(TARGET).iter().filter_map(|r| Some((r.t_s, used(r)?)));
    let peak = readings().map(|r| r.1).max()?;
    Some(Resource {
        name,
        vantage: TARGET.into(),
        unit: unit.into(),
        limit,
        peak,
        headroom_min: limit.map(|l| signed(l.value) - signed(peak)),
        at_limit_from_s: limit.and_then(|l| readings().find(|r| full(r.1, l.value)).map(|r| r.0)),
    })
}

/// Ports of the connections that the target itself opened. An exporter lists no sockets and tells none.
fn target_ports_of(facts: &Facts<'_>) -> Option<Resource> {
    let told = |r: &Reading| target_ports::use_of(facts, r);
    let limit = facts.store.of(TARGET).iter().find_map(|r| told(r).map(|t| t.1));
    let full = |used, value| limit.is_some_and(|l| target_ports::full(used, Limit { value, ..l }));
    let name = (ResourceName::TargetPorts, "ports");
    of_target(facts, name, limit, |r| told(r).map(|t| t.0), full)
}

/// Connections that wait to be accepted; Linux alone tells them.
fn accept_queue(facts: &Facts<'_>) -> Option<Resource> {
    let queue = |r: &Reading| r.tcp?.accept_queue;
    let most = facts.store.of(TARGET).iter().filter_map(queue).map(|q| q.1).max()?;
    let limit = Some(Limit { value: most, origin: Origin::Measured });
    let name = (ResourceName::AcceptQueue, "connections");
    of_target(facts, name, limit, |r| queue(r).map(|q| q.0), |waiting, limit| waiting >= limit)
}

fn request_queue_of(facts: &Facts<'_>) -> Option<Resource> {
    let waiting = |r: &Reading| r.counter(Counter::QueueSize).map(|n| n.max(0.0) as u64);
    let name = (ResourceName::RequestQueue, "requests");
    of_target(facts, name, Some(request_queue::limit(facts)), waiting, |n, limit| n >= limit)
}

fn paged_pool(facts: &Facts<'_>) -> Option<Resource> {
    let name = (ResourceName::PagedPool, "bytes");
    of_target(facts, name, paged_limit(facts), |r| r.memory.paged_used_bytes, |n, limit| n >= limit)
}

fn commit(facts: &Facts<'_>) -> Option<Resource> {
    let limits = facts.store.of(TARGET).iter().filter_map(|r| r.memory.commit_limit_bytes);
    let limit = limits.max().map(|value| Limit { value, origin: Origin::Measured });
    let name = (ResourceName::Commit, "bytes");
    of_target(facts, name, limit, |r| r.memory.committed_bytes, |n, limit| n >= limit)
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
