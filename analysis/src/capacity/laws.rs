//! Provides the rate at which each resource binds, by its law, for one system under test.

use host::laws::{
    max_outgoing_rate_per_s, max_pool_rate_per_s, max_rate_of_places_per_s, refuse_level_bytes,
};
use model::capacity::{Bound, Direction};
use model::findings::ResourceName;
use model::limit::{Limit, Origin};
use model::units::{format_bytes, format_count, format_seconds};

use super::setup::{PoolSetup, Setup};
use crate::words::small_bytes;

/// Every resource that the record speaks of, the one that binds at the lowest rate first.
pub(super) fn bounds(setup: &Setup) -> Vec<Bound> {
    let mut all: Vec<Bound> = [
        client_ports(setup),
        pool(setup),
        time_wait(setup, 0),
        time_wait(setup, 1),
        descriptors(setup),
        workers(setup),
        target_ports(setup),
    ]
    .into_iter()
    .flatten()
    .collect();
    let rate = |b: &Bound| b.binds_at_per_s.unwrap_or(f64::INFINITY);
    all.sort_by(|a, b| rate(a).total_cmp(&rate(b)));
    all
}

/// The rate at which the first of them binds; `None` where none does.
pub(super) fn first(setup: &Setup) -> Option<f64> {
    bounds(setup).first().and_then(|bound| bound.binds_at_per_s)
}

/// Beyond this rate processors bind and no table does: a law that gives more says that its resource never
/// binds. Chosen, well above what web servers of one host are known to take.
pub(super) const NEVER_PER_S: f64 = 200_000.0;

fn finite(rate: f64) -> Option<f64> {
    (rate < NEVER_PER_S).then_some(rate)
}

fn client_ports(setup: &Setup) -> Option<Bound> {
    let seen = setup.ports?;
    let ports = setup.ports_count()?;
    let (share, length_s) = (1.0 - setup.closed_by_target, setup.generator.time_wait_s);
    let by_generator = share > 0.0 && setup.closes_by != "as the scenario asks: nobody, by reset";
    let (binds_at_per_s, per_connection, law) = match by_generator {
        true => {
            let rate = max_outgoing_rate_per_s(ports.round() as u64, share * length_s);
            let law = format!(
                "\u{3bb} = P / T = {} / {}",
                format_count(ports.round() as u64),
                seconds(length_s)
            );
            (finite(rate), format!("1 port for {}", seconds(length_s)), law)
        }
        false => {
            let rate = max_rate_of_places_per_s(ports, setup.open_s) / setup.scale;
            let law = format!(
                "\u{3bb} = P / W = {} / {}: the generator does not close first, so ports come back at once",
                format_count(ports.round() as u64),
                seconds(setup.open_s)
            );
            (finite(rate), format!("1 port for {}", seconds(setup.open_s)), law)
        }
    };
    Some(Bound {
        resource: ResourceName::ClientPorts,
        direction: Direction::Outgoing,
        source: setup.source.clone(),
        destination: setup.destination.clone(),
        unit: "ports".into(),
        limit: Some(Limit { value: ports.round() as u64, origin: setup.ports_origin }),
        per_connection,
        headroom_now: Some((seen.limit - seen.now) as i64),
        headroom_at_peak: Some((seen.limit - seen.peak) as i64),
        binds_at_per_s,
        law,
    })
}

fn pool(setup: &Setup) -> Option<Bound> {
    let pool = setup.pool.as_ref()?;
    let refuses_at = refuse_level_bytes(pool.limit.value, pool.gate_bytes as u64) as f64;
    let room = refuses_at - pool.seen.at_first;
    let rate = max_pool_rate_per_s(room, pool.held, setup.horizon_s);
    Some(Bound {
        resource: ResourceName::NonpagedPool,
        direction: Direction::Incoming,
        source: setup.source.clone(),
        destination: setup.destination.clone(),
        unit: "bytes".into(),
        limit: Some(Limit { value: refuses_at as u64, origin: pool.limit.origin }),
        per_connection: held_words(pool),
        headroom_now: Some((refuses_at - pool.seen.at_last) as i64),
        headroom_at_peak: Some((refuses_at - pool.seen.at_peak) as i64),
        binds_at_per_s: finite(rate),
        law: pool_law(setup, pool, room),
    })
}

fn held_words(pool: &PoolSetup) -> String {
    let held = pool.held;
    let how = if pool.measured { "measured" } else { "assumed" };
    let mut parts = Vec::new();
    if held.time_wait_each > 0.0 {
        let each = small_bytes(held.bytes_per_time_wait);
        parts.push(format!("{each} ({how}) for {}", seconds(held.time_wait_s)));
    }
    parts.push(format!(
        "{} (assumed) for {}",
        small_bytes(held.bytes_per_open),
        seconds(held.open_s)
    ));
    if held.leak_bytes > 0.0 {
        parts.push(format!("{} for good", small_bytes(held.leak_bytes)));
    }
    parts.join(", ")
}

fn pool_law(setup: &Setup, pool: &PoolSetup, room: f64) -> String {
    let room = format_bytes(room as i128);
    match pool.held.leak_bytes > 0.0 {
        true => format!(
            "\u{3bb} = R / (T\u{b7}b + W\u{b7}c + L\u{b7}H), R = {room} above the gate at the start, L = {} leaked per connection, borne for H = {}",
            small_bytes(pool.held.leak_bytes),
            seconds(setup.horizon_s)
        ),
        false => {
            format!("\u{3bb} = R / (T\u{b7}b + W\u{b7}c), R = {room} above the gate at the start")
        }
    }
}

fn time_wait(setup: &Setup, which: usize) -> Option<Bound> {
    let limit = setup.time_wait_limits[which]?;
    let (share, side, direction) = match which {
        0 => (1.0 - setup.closed_by_target, &setup.generator, Direction::Outgoing),
        _ => (setup.closed_by_target, &setup.target, Direction::Incoming),
    };
    let whose = if which == 0 { "generator" } else { "target" };
    let rate = max_outgoing_rate_per_s(limit, share * side.time_wait_s);
    Some(Bound {
        resource: ResourceName::TimeWait,
        direction,
        source: setup.source.clone(),
        destination: setup.destination.clone(),
        unit: "entries".into(),
        limit: Some(Limit { value: limit, origin: Origin::Measured }),
        per_connection: match share > 0.0 {
            true => format!("1 entry for {}", seconds(side.time_wait_s)),
            false => "none: it does not close first".into(),
        },
        headroom_now: None,
        headroom_at_peak: None,
        binds_at_per_s: finite(rate),
        law: format!(
            "\u{3bb} = N / T, N = {} entries that the {whose}'s kernel keeps; beyond, TIME_WAIT is cut short",
            format_count(limit)
        ),
    })
}

fn descriptors(setup: &Setup) -> Option<Bound> {
    let seen = setup.descriptors?;
    let rate = max_rate_of_places_per_s(seen.limit, setup.open_s) / setup.scale;
    Some(Bound {
        resource: ResourceName::Descriptors,
        direction: Direction::Outgoing,
        source: setup.source.clone(),
        destination: setup.destination.clone(),
        unit: "descriptors".into(),
        limit: Some(Limit { value: seen.limit as u64, origin: Origin::Measured }),
        per_connection: format!("1 descriptor for {}", seconds(setup.open_s)),
        headroom_now: Some((seen.limit - seen.now) as i64),
        headroom_at_peak: Some((seen.limit - seen.peak) as i64),
        binds_at_per_s: finite(rate),
        law: "\u{3bb} = N / W; this is the generator's own limit, not the target's".into(),
    })
}

fn workers(setup: &Setup) -> Option<Bound> {
    let (workers, held_s) = setup.app?;
    let rate = max_rate_of_places_per_s(workers, held_s * setup.requests) / setup.scale;
    Some(Bound {
        resource: ResourceName::RequestQueue,
        direction: Direction::Incoming,
        source: setup.source.clone(),
        destination: setup.destination.clone(),
        unit: "requests".into(),
        limit: Some(Limit { value: workers as u64, origin: Origin::Declared }),
        per_connection: format!("1 worker for {}", seconds(held_s * setup.requests)),
        headroom_now: None,
        headroom_at_peak: None,
        binds_at_per_s: finite(rate),
        law: format!(
            "\u{3bb} = N / S, N = {workers} workers; beyond, the queue grows until it is full"
        ),
    })
}

fn target_ports(setup: &Setup) -> Option<Bound> {
    let ports = setup.backend_ports?;
    let each = setup.requests * setup.target.time_wait_s;
    let rate = max_outgoing_rate_per_s(ports as u64, each);
    Some(Bound {
        resource: ResourceName::TargetPorts,
        direction: Direction::Outgoing,
        source: setup.destination.clone(),
        destination: "its backend".into(),
        unit: "ports".into(),
        limit: Some(Limit { value: ports as u64, origin: Origin::Declared }),
        per_connection: format!("{} ports for {}", setup.requests, seconds(setup.target.time_wait_s)),
        headroom_now: None,
        headroom_at_peak: None,
        binds_at_per_s: finite(rate),
        law: "\u{3bb} = P / (n\u{b7}T): each request opens a connection to the backend, which the target closes first".into(),
    })
}

const YEAR_S: f64 = 365.25 * 86_400.0;

/// A length for people: a bare number of seconds below ten minutes, as registries have it.
pub(super) fn seconds(value: f64) -> String {
    match value {
        v if (1.0..=600.0).contains(&v) && v.fract() == 0.0 => format!("{v:.0} s"),
        v if (0.0..0.001).contains(&v) => format!("{:.2} ms", v * 1e3),
        v if v >= 2.0 * YEAR_S => format!("{:.0} years", v / YEAR_S),
        v if v >= 2.0 * 86_400.0 => format!("{:.1} days", v / 86_400.0),
        v => format_seconds(v),
    }
}
