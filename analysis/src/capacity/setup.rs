//! Provides the system under test as the laws need it: what a record shows, what was declared, and what
//! had to be assumed. Durations and rates are the host's own.

use host::laws::HeldBytes;
use host::{Profile, knobs::Family};
use model::limit::{Limit, Origin};
use model::run::PortAllocation;

use crate::compare::Measured;
use crate::forecast::{LevelSeen, PoolSeen, TimeWaitSeen, churn};
use crate::pool::bounds;

/// One host of the two.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) profile: Option<&'static Profile>,
    pub(super) family: Family,
    /// TIME_WAIT, seconds of the host, and how that is known.
    pub(super) time_wait_s: f64,
    pub(super) time_wait_origin: Origin,
}

/// The pool of the target.
#[derive(Clone, Debug)]
pub(super) struct PoolSetup {
    pub(super) limit: Limit,
    pub(super) gate_bytes: f64,
    pub(super) seen: PoolSeen,
    pub(super) held: HeldBytes,
    /// Whether bytes of a TIME_WAIT were measured.
    pub(super) measured: bool,
}

/// The system under test.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) generator: Side,
    pub(super) target: Side,
    /// How much faster durations ran.
    pub(super) scale: f64,
    /// The share of connections that the target closes first.
    pub(super) closed_by_target: f64,
    pub(super) closes_by: &'static str,
    /// Requests on a connection, where the scenario says so.
    pub(super) requests: f64,
    /// How long a connection is open, seconds.
    pub(super) open_s: f64,
    /// Host rate of the record.
    pub(super) rate_per_s: Option<f64>,
    pub(super) ports: Option<LevelSeen>,
    pub(super) ports_origin: Origin,
    pub(super) allocation: PortAllocation,
    /// Source addresses of the load.
    pub(super) sources: f64,
    pub(super) descriptors: Option<LevelSeen>,
    pub(super) pool: Option<PoolSetup>,
    /// Entries of TIME_WAIT that the generator's and the target's kernel allow.
    pub(super) time_wait_limits: [Option<u64>; 2],
    /// Workers and seconds of one request, where the scenario has an application.
    pub(super) app: Option<(f64, f64)>,
    /// Ports of the target towards its backend, where it has one.
    pub(super) backend_ports: Option<f64>,
    pub(super) source: String,
    pub(super) destination: String,
    /// For how long a leak must be borne, seconds of the host.
    pub(super) horizon_s: f64,
}

/// A connection is open for so long where no latency was measured, seconds. Assumed: an answer on a
/// local network.
const OPEN_S: f64 = 0.01;

/// A length of TIME_WAIT is as it was said to be when it is measured within this share of it. Chosen.
const AS_SAID: f64 = 0.05;

impl Setup {
    /// What a record shows; `horizon_s` in seconds of the host.
    pub(super) fn of(measured: &Measured, horizon_s: f64) -> Self {
        let run = &measured.run;
        let scale = if run.target.time_scale > 0.0 { run.target.time_scale } else { 1.0 };
        let load = |key: &str| run.scenario.get("load").and_then(|load| load.get(key));
        let (closed_by_target, closes_by) = closed_by_target(measured);
        let sources =
            load("source_ips").and_then(|ips| ips.as_array()).map_or(1, |ips| ips.len().max(1));
        let total = model::threshold::Measure::Latency(
            model::threshold::Timed::Total,
            model::threshold::Percentile::P50,
        );
        let mut setup = Self {
            generator: side(measured, "generator", run.generator.profile.as_deref()),
            target: side(measured, "target", run.target.profile.as_deref()),
            scale,
            closed_by_target,
            closes_by,
            requests: load("requests_per_connection").and_then(|n| n.as_f64()).unwrap_or(1.0),
            open_s: measured.value(total, None).unwrap_or(OPEN_S),
            rate_per_s: measured.seen.load.map(|load| load.per_s / scale),
            ports: measured.seen.ports,
            ports_origin: Origin::Measured,
            allocation: run.generator.port_allocation,
            sources: sources as f64,
            descriptors: measured.seen.descriptors,
            pool: None,
            time_wait_limits: [
                ("generator", run.generator.profile.as_deref()),
                ("target", run.target.profile.as_deref()),
            ]
            .map(|(vantage, profile)| time_wait_limit(measured, vantage, profile)),
            app: app(measured),
            backend_ports: backend_ports(measured),
            source: source(measured),
            destination: run.target.address.clone(),
            horizon_s,
        };
        setup.pool = setup.pool_of(measured);
        setup
    }

    fn pool_of(&self, measured: &Measured) -> Option<PoolSetup> {
        let (limit, gate) = bounds(&measured.run);
        let seen = measured.seen.pool?;
        let profile = self.target.profile;
        let of_time_wait = seen.per_time_wait;
        let declared = |key: &str| {
            let target = measured.run.scenario.get("target")?;
            target.get(key)?.as_f64()
        };
        let taken_per_s = measured.seen.load.map_or(0.0, |load| load.per_s);
        let leak_bytes = match seen.leaks_per_s {
            Some(bytes_per_s) if taken_per_s > 0.0 => bytes_per_s / taken_per_s,
            _ => 0.0,
        };
        let assumed = profile.map_or(256.0, |p| p.bytes_per_time_wait.value as f64);
        let open = profile.map_or(4096.0, |p| p.bytes_per_open_connection.value as f64);
        Some(PoolSetup {
            limit: limit?,
            gate_bytes: gate? as f64,
            seen,
            held: HeldBytes {
                time_wait_each: self.closed_by_target,
                time_wait_s: self.target.time_wait_s,
                bytes_per_time_wait: of_time_wait
                    .or_else(|| declared("bytes_per_time_wait"))
                    .unwrap_or(assumed),
                open_s: self.open_s,
                bytes_per_open: declared("bytes_per_open_connection").unwrap_or(open),
                leak_bytes,
            },
            measured: of_time_wait.is_some(),
        })
    }

    /// Ports that may be given out for this load: those of one address, times addresses where the
    /// system counts them so.
    pub(super) fn ports_count(&self) -> Option<f64> {
        let each = self.ports?.limit;
        Some(match self.allocation {
            PortAllocation::PerTuple => each * self.sources,
            PortAllocation::Global => each,
        })
    }
}

fn side(measured: &Measured, vantage: &str, profile: Option<&str>) -> Side {
    let run = &measured.run;
    let profile = profile.and_then(host::profile);
    let linux =
        run.tunables.get(vantage).is_some_and(|all| all.keys().any(|k| k.starts_with("net.")));
    let scaled = vantage != "generator" || run.generator.profile.is_some();
    let scale = if scaled && run.target.time_scale > 0.0 { run.target.time_scale } else { 1.0 };
    let set = run.tunables.get(vantage).and_then(|all| all.get("TcpTimedWaitDelay"));
    let said_s = churn::time_wait_s(run, vantage) * scale;
    let (time_wait_s, time_wait_origin) = match measured.time_wait.get(vantage) {
        // A length that was measured as it was said to be is exactly that: rounds are apart.
        Some(TimeWaitSeen::Lasted(s)) => {
            let near = (s * scale - said_s).abs() <= AS_SAID * said_s + run.sample_every_s * scale;
            (if near { said_s } else { (s * scale).round() }, Origin::Measured)
        }
        _ => (said_s, set.map_or(Origin::Derived, |limit| limit.origin)),
    };
    let family = match profile {
        Some(profile) => Family::of(profile),
        None if linux => Family::Linux,
        None => Family::Win10,
    };
    Side { profile, family, time_wait_s, time_wait_origin }
}

/// Who closes first: as counted, else as the scenario asks.
fn closed_by_target(measured: &Measured) -> (f64, &'static str) {
    if let Some(share) = measured.seen.load.and_then(|load| load.closed_by_target) {
        return (share, "as counted");
    }
    let close = measured.run.scenario.get("load").and_then(|load| load.get("close"));
    match close.and_then(|c| c.as_str()) {
        Some("client-first") => (0.0, "as the scenario asks"),
        Some("reset") => (0.0, "as the scenario asks: nobody, by reset"),
        _ => (1.0, "as the scenario asks"),
    }
}

/// The kernel beneath a Windows profile has a limit of its own, which that host does not have.
fn time_wait_limit(measured: &Measured, vantage: &str, profile: Option<&str>) -> Option<u64> {
    let profile = profile.and_then(host::profile);
    if profile.is_some_and(|profile| profile.os == host::HostOs::Windows) {
        return None;
    }
    let all = measured.run.tunables.get(vantage)?;
    let found = all.iter().find(|(name, _)| name.ends_with("tcp_max_tw_buckets"));
    found.map(|(_, limit)| limit.value)
}

fn app(measured: &Measured) -> Option<(f64, f64)> {
    use model::units::parse_seconds;
    let app = measured.run.scenario.get("target")?.get("app")?;
    let seconds = |key: &str| parse_seconds(app.get(key)?.as_str()?).ok();
    let backend = app.get("backend").and_then(|b| parse_seconds(b.get("latency")?.as_str()?).ok());
    let held_s = seconds("service_time")? + backend.unwrap_or(0.0);
    Some((app.get("workers")?.as_f64()?, held_s))
}

fn backend_ports(measured: &Measured) -> Option<f64> {
    let backend = measured.run.scenario.get("target")?.get("app")?.get("backend")?;
    let range = backend.get("ports").and_then(|p| p.as_str()).and_then(|text| {
        let (low, high) = text.split_once('-')?;
        Some(high.trim().parse::<f64>().ok()? - low.trim().parse::<f64>().ok()? + 1.0)
    });
    let profile = measured.run.target.profile.as_deref().and_then(host::profile);
    range.or(profile.map(|p| p.ports.value.count() as f64))
}

fn source(measured: &Measured) -> String {
    let load = measured.run.scenario.get("load");
    let ips = load.and_then(|load| load.get("source_ips")).and_then(|ips| ips.as_array());
    match ips.map_or(0, Vec::len) {
        0 => "one address of the generator".into(),
        1 => "one address".into(),
        n => format!("{n} addresses"),
    }
}
