//! Provides the sections of the report that say what the figures rest on, and where they end.

use model::capacity::{Alarm, Bound, Fact, TrialLine};
use model::findings::ResourceName;
use model::run::{Ground, PortAllocation};
use model::threshold::{Level, Measure};
use model::units::{format_bytes, format_count};

use super::laws::seconds;
use super::setup::Setup;
use super::what_if::rate_words;
use super::{Asked, Tried, TriedKnob};
use crate::compare::Measured;
use crate::words::small_bytes;

fn fact(name: &str, value: String) -> Fact {
    Fact { name: name.into(), value }
}

/// What was examined.
pub(super) fn system(measured: &Measured, setup: &Setup) -> Vec<Fact> {
    let run = &measured.run;
    let named =
        |profile: Option<&host::Profile>| profile.map_or("not declared", |p| p.title).to_owned();
    let length = |side: &super::setup::Side| {
        format!("{} ({})", seconds(side.time_wait_s), side.time_wait_origin.as_str())
    };
    let mut all = vec![
        fact("target", named(setup.target.profile)),
        fact("TIME_WAIT of the target", length(&setup.target)),
    ];
    if let Some(pool) = &setup.pool {
        let (ceiling, gate) = (pool.limit.value.into(), pool.gate_bytes as i128);
        let origin = pool.limit.origin.as_str();
        let value = format!("{} ({origin}), gate {}", format_bytes(ceiling), format_bytes(gate));
        all.push(fact("non-paged pool", value));
    }
    all.push(fact("generator", named(setup.generator.profile)));
    all.push(fact("TIME_WAIT of the generator", length(&setup.generator)));
    if let Some(ports) = setup.ports {
        let how = match setup.allocation {
            PortAllocation::Global => "one for all destinations",
            PortAllocation::PerTuple => "counted per source address and destination",
        };
        let count = format_count(ports.limit as u64);
        all.push(fact("ports of the generator", format!("{count}, {how}")));
    }
    all.push(fact("ground", format!("{} ({})", run.ground.as_str(), run.ground.claim())));
    all
}

/// How production may differ.
pub(super) fn differs(measured: &Measured, setup: &Setup) -> Vec<String> {
    let mut all = Vec::new();
    all.push(match measured.run.ground {
        Ground::Simulate => "simulated: no sockets, no CPU, no network; the same facts as the law, so that agreement shows consistency and not that Windows does so".to_owned(),
        Ground::Lab => "the lab: real sockets and ports on one machine, an emulated host; its pool is a ledger".to_owned(),
        Ground::Live => "one live host under a made load: others differ in drivers, RAM and what else they serve".to_owned(),
    });
    if setup.scale != 1.0 {
        all.push(format!(
            "durations ran {} times faster; what is held only while a connection is open binds that much earlier here than on the host",
            setup.scale
        ));
    }
    if let Some(profile) = setup.target.profile {
        let fact = &profile.time_wait_s;
        let others: Vec<String> =
            fact.others.iter().map(|(s, why)| format!("{s:.0} s ({why})")).collect();
        if !others.is_empty() {
            all.push(format!("TIME_WAIT of such a host is also said to be {}", others.join("; ")));
        }
    }
    if let Some(pool) = &setup.pool {
        let assumed = if pool.measured {
            "bytes of an open connection are"
        } else {
            "bytes of an open connection and of a TIME_WAIT are"
        };
        all.push(format!("{assumed} assumed: nobody has published them"));
    }
    all
}

/// The load.
pub(super) fn workload(measured: &Measured, setup: &Setup) -> Vec<Fact> {
    let closes = match setup.closed_by_target {
        s if s >= 0.99 => "the target".to_owned(),
        s if s <= 0.01 => "the generator".to_owned(),
        s => format!("the target in {:.0} % of connections", 100.0 * s),
    };
    let mut all = vec![
        fact("scenario", measured.findings.run.scenario.clone()),
        fact("closes first", format!("{closes} ({})", setup.closes_by)),
        fact("requests per connection", format!("{}", setup.requests)),
        fact("a connection is open for", seconds(setup.open_s)),
    ];
    if let Some(rate) = setup.rate_per_s {
        let run = rate * setup.scale;
        let value = match setup.scale {
            1.0 => format!("{}/s", rate_words(rate)),
            k => format!("{}/s host rate ({}/s run rate / {k})", rate_words(rate), rate_words(run)),
        };
        all.push(fact("rate on record", value));
    }
    all
}

/// How often and how long.
pub(super) fn repeats(measured: &Measured, setup: &Setup, tried: &Tried) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(load) = measured.seen.load {
        let host = load.seconds * setup.scale;
        all.push(format!(
            "the record that the laws rest on: {} of load, {} of the host",
            seconds(load.seconds.round()),
            seconds(host.round())
        ));
    }
    let plateau = Measure::Resource(ResourceName::TimeWait, Level::Plateau);
    let held = ["generator", "target"].iter().filter_map(|v| {
        let entries = measured.value(plateau, Some(v)).filter(|n| *n > 0.0)?;
        Some(format!(
            "TIME_WAIT of the {v} levelled off at {}",
            format_count(entries.round() as u64)
        ))
    });
    let held: Vec<String> = held.collect();
    match held.is_empty() {
        true => all.push("TIME_WAIT did not level off while it was watched".into()),
        false => all.extend(held),
    }
    for (name, column) in [("simulation", &tried.simulation), ("lab", &tried.lab)] {
        let trials: usize = column.iter().map(|t| t.found.trials.len()).sum();
        if trials > 0 {
            all.push(format!(
                "{name}: {trials} trials of one run each; a rate is enclosed within {:.0} %, and no rate was repeated",
                100.0 * tried.precision
            ));
        }
    }
    all
}

/// Readings that lie this close to a line are taken to lie within a page. Sizes come in pages.
const PAGE: f64 = 4096.0;

/// The slowest leak that this length could have shown.
pub(super) fn slowest_leak(setup: &Setup) -> String {
    let Some(pool) = &setup.pool else {
        return "no pool was read, so no leak could have been seen".into();
    };
    let seen = pool.seen;
    if seen.seconds <= 0.0 {
        return "one reading of the pool shows no leak at all".into();
    }
    // As the forecast has it: growth of three times the band.
    let bytes = 3.0 * seen.band.max(PAGE);
    let per_s = bytes / (seen.seconds * setup.scale);
    let room = host::laws::refuse_level_bytes(pool.limit.value, pool.gate_bytes as u64) as f64
        - seen.at_last;
    let fills = match room > 0.0 {
        true => format!("{} away from the gate", seconds(room / per_s)),
        false => "at the gate already".into(),
    };
    let each = match setup.rate_per_s {
        Some(rate) if rate > 0.0 => {
            format!(", {} per connection at this rate", small_bytes(per_s / rate))
        }
        _ => String::new(),
    };
    format!(
        "a leak below {}/s{each} would not have been seen in {} of the host; such a one is {fills}",
        small_bytes(per_s),
        seconds((seen.seconds * setup.scale).round())
    )
}

/// Half and four fifths of the way to a limit. Chosen: the first leaves as much time again, the second a
/// quarter of what has passed.
const WARN: f64 = 0.5;
const CRITICAL: f64 = 0.8;

/// When to be told: for what binds first and second.
pub(super) fn alarms(setup: &Setup, bounds: &[Bound]) -> Vec<Alarm> {
    let watched = bounds.iter().filter(|b| b.binds_at_per_s.is_some()).take(2);
    watched.filter_map(|bound| alarm(setup, bound)).collect()
}

fn alarm(setup: &Setup, bound: &Bound) -> Option<Alarm> {
    let limit = bound.limit?.value as f64;
    let from = match (bound.resource, &setup.pool) {
        (ResourceName::NonpagedPool, Some(pool)) => pool.seen.at_first,
        _ => 0.0,
    };
    let level = |share: f64| {
        let value = from + share * (limit - from);
        match bound.unit.as_str() {
            "bytes" => format_bytes(value as i128),
            unit => format!("{} {unit}", format_count(value.max(0.0) as u64)),
        }
    };
    let watch = match bound.resource {
        ResourceName::NonpagedPool => {
            r"\Memory\Pool Nonpaged Bytes (windows_memory_pool_nonpaged_bytes)"
        }
        ResourceName::ClientPorts => {
            "local ports in use towards the destination, TIME_WAIT included (netstat -an)"
        }
        ResourceName::TargetPorts => {
            "local ports of the target in use towards its backend (netstat -ano)"
        }
        ResourceName::TimeWait => {
            "sockets in TIME_WAIT (windows_tcp_connections_state_count; /proc/net/sockstat)"
        }
        ResourceName::RequestQueue => {
            "windows_iis_http_requests_current_queue_size, and busy workers"
        }
        ResourceName::Descriptors => "open descriptors of the process",
        _ => return None,
    };
    Some(Alarm { watch: watch.into(), warn: level(WARN), critical: level(CRITICAL) })
}

/// What nobody has tested.
pub(super) fn not_tested(measured: &Measured, asked: &Asked, tried: &Tried) -> Vec<String> {
    let mut all = Vec::new();
    if tried.simulation.is_empty() && tried.lab.is_empty() {
        all.push(
            "no rate was tried: the figures are the laws' (churnlab capacity SCENARIO tries rates)"
                .to_owned(),
        );
    }
    if tried.measured_per_s.is_none() {
        all.push("nothing here was measured on your host: run the scenario with --target and give that record".to_owned());
    }
    if asked.p99_s.is_none() {
        all.push("latency had no bound (--p99)".into());
    }
    all.push("other services of the host that take ports, pool or descriptors; a firewall or balancer on the way with limits of its own; TLS".into());
    all.extend(measured.left_out.iter().cloned());
    all
}

/// Every trial, in host rates.
pub(super) fn trials(setup: &Setup, tried: &Tried) -> Vec<TrialLine> {
    use model::capacity::Means;
    let as_is = |column: &[TriedKnob], means: Means| -> Vec<TrialLine> {
        let found = column.iter().find(|t| t.at == super::KnobAt::AsIs);
        let trials = found.into_iter().flat_map(|t| &t.found.trials);
        let line = |trial: &super::Trial| TrialLine {
            per_s: trial.run_per_s / setup.scale,
            run_per_s: trial.run_per_s,
            means,
            sustained: trial.sustained && trial.not_valid_because.is_empty(),
            because: match trial.not_valid_because.is_empty() {
                true => trial.because.clone(),
                false => format!("NOT VALID: {}", trial.not_valid_because.join("; ")),
            },
            waited: trial.waited.clone(),
        };
        trials.map(line).collect()
    };
    [as_is(&tried.simulation, Means::Simulation), as_is(&tried.lab, Means::Lab)].concat()
}
