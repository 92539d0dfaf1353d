//! Provides a scenario as JSON with the keys of its TOML, so that a record can be run again.

use model::attempt::CloseStyle;
use model::run::Expect;
use serde_json::{Map, Value, json};

use crate::scenario::{
    App, Arrival, Backend, Errors, Farm, Fault, FaultKind, HttpVersion, Leak, LeakRate, Leaked,
    Load, NetworkFault, NetworkFaultKind, Pool, Refuse, Retry, Scenario, Slow, Target,
};

impl Scenario {
    /// This scenario with the keys of the TOML form; reading it gives an equal scenario. Durations
    /// are text in seconds, sizes whole bytes; what was left to the profile is left out.
    pub fn to_json(&self) -> Value {
        let probe = match self.probe.every_s {
            Some(every_s) => json!({ "every": seconds(every_s) }),
            None => json!({ "enabled": false }),
        };
        without_nulls(json!({
            "name": self.name,
            "summary": self.summary,
            "seed": self.seed,
            "target": target(&self.target),
            "network": network(&self.network.faults),
            "farm": farm(&self.farm),
            "load": load(&self.load),
            "observe": { "every": seconds(self.observe.every_s) },
            "probe": probe,
            "expect": self.expect.as_ref().map(expect),
        }))
    }
}

fn network(faults: &[NetworkFault]) -> Value {
    if faults.is_empty() {
        return Value::Null;
    }
    json!({ "fault": faults.iter().map(network_fault).collect::<Vec<_>>() })
}

fn farm(farm: &Farm) -> Value {
    if farm.is_one() {
        return Value::Null;
    }
    json!({
        "weights": farm.weights,
        "generators": farm.generators,
        "source_addresses": farm.source_addresses,
    })
}

fn target(target: &Target) -> Value {
    let Pool { baseline_bytes, ceiling_bytes, paged_ceiling_bytes } = target.pool;
    without_nulls(json!({
        "profile": target.profile.name,
        "time_scale": target.time_scale,
        "refuse": word(&Refuse::ALL, target.refuse),
        "ram": target.ram_bytes,
        "gate_bytes": target.gate_bytes,
        "resume_bytes": target.resume_bytes,
        "bytes_per_open_connection": target.bytes_per_open_connection,
        "bytes_per_time_wait": target.bytes_per_time_wait,
        "idle_timeout": target.idle_timeout_s.map(seconds),
        "time_wait": target.time_wait_s.map(seconds),
        "aggressive_memory": target.aggressive_memory.then_some(true),
        "timestamps": (!target.timestamps).then_some(false),
        "response_bytes": target.response_bytes,
        "pool": without_nulls(json!({
            "baseline": baseline_bytes,
            "ceiling": ceiling_bytes,
            "paged_ceiling": paged_ceiling_bytes,
        })),
        "app": target.app.as_ref().map(app),
        "leak": target.leaks.iter().map(leak).collect::<Vec<_>>(),
        "fault": target.faults.iter().map(fault).collect::<Vec<_>>(),
    }))
}

fn app(app: &App) -> Value {
    let errors = |e: &Errors| json!({ "share": e.share, "status": e.status });
    let backend = |b: &Backend| {
        without_nulls(json!({
            "ports": b.ports.map(ports),
            "latency": seconds(b.latency_s),
            "give_up": seconds(b.give_up_s),
            "leak": (b.leak > 0.0).then_some(b.leak),
        }))
    };
    without_nulls(json!({
        "workers": app.workers,
        "service_time": seconds(app.service_time_s),
        "queue_length": app.queue_length,
        "queue_timeout": seconds(app.queue_timeout_s),
        "connection_limit": app.connection_limit,
        "concurrency_limit": app.concurrency_limit,
        "errors": app.errors.as_ref().map(errors),
        "backend": app.backend.as_ref().map(backend),
    }))
}

fn leak(leak: &Leak) -> Value {
    let (of, unit, owner) = match &leak.of {
        Leaked::Nonpaged { tag } => ("nonpaged", "bytes", Some(("tag", tag))),
        Leaked::Paged { tag } => ("paged", "bytes", Some(("tag", tag))),
        Leaked::Commit { process } => ("commit", "bytes", Some(("process", process))),
        Leaked::Ptes => ("ptes", "ptes", None),
        Leaked::Handles { process } => ("handles", "handles", Some(("process", process))),
    };
    let (key, rate) = match leak.rate {
        LeakRate::PerConnection(each) => (format!("{unit}_per_connection"), json!(each)),
        LeakRate::PerPacket(each) => (format!("{unit}_per_packet"), json!(each)),
        LeakRate::PerSecond(each) => (format!("{unit}_per_second"), json!(each)),
        LeakRate::Static(amount) => ("static".to_owned(), json!(amount)),
    };
    let mut told = without_nulls(json!({ "of": of, key: rate, "up_to": leak.up_to }));
    if let Some((key, owner)) = owner {
        told[key] = json!(owner);
    }
    told
}

fn fault(fault: &Fault) -> Value {
    let slow = fault.kind == FaultKind::SlowApp;
    without_nulls(json!({
        "kind": word(&FaultKind::ALL, fault.kind),
        "at": seconds(fault.at_s),
        "for": seconds(fault.for_s),
        "factor": slow.then_some(fault.factor),
        "backlog": fault.backlog,
    }))
}

fn network_fault(fault: &NetworkFault) -> Value {
    let cut = fault.kind == NetworkFaultKind::Cut;
    without_nulls(json!({
        "kind": word(&NetworkFaultKind::ALL, fault.kind),
        "at": seconds(fault.at_s),
        "for": seconds(fault.for_s),
        "share": (!cut).then_some(fault.share),
    }))
}

fn arrival(arrival: &Arrival) -> Value {
    match arrival {
        Arrival::Constant { per_second } => {
            json!({ "kind": "constant", "per_second": per_second })
        }
        Arrival::Hourly { per_second, hour_s } => {
            json!({ "kind": "hourly", "per_second": per_second, "hour": seconds(*hour_s) })
        }
    }
}

fn load(load: &Load) -> Value {
    let slow = |s: &Slow| json!({ "share": s.share, "bytes_per_second": s.bytes_per_second });
    without_nulls(json!({
        "arrival": arrival(&load.arrival),
        "duration": seconds(load.duration_s),
        "close": word(&CloseStyle::ALL, load.close),
        "requests_per_connection": load.requests_per_connection,
        "request_bytes": (load.request_bytes > 0).then_some(load.request_bytes),
        "pause": (load.pause_s > 0.0).then(|| seconds(load.pause_s)),
        "http": word(&HttpVersion::ALL, load.http),
        "path": load.path,
        "connect_timeout": seconds(load.connect_timeout_s),
        "timeout": seconds(load.timeout_s),
        "in_flight": load.in_flight,
        "retry": load.retry.map(|Retry::Windows| "windows"),
        "client_profile": load.client_profile.map(|profile| profile.name),
        "client_time_wait": load.client_time_wait_s.map(seconds),
        "client_ports": load.client_ports.map(ports),
        "source_ports": load.source_ports.map(ports),
        "source_ips": load.source_ips,
        "slow": load.slow.as_ref().map(slow),
        "reuse_ports": load.reuse_ports.then_some(true),
        "descriptors": load.descriptors,
        "memory": load.memory_bytes,
    }))
}

fn ports((low, high): (u16, u16)) -> String {
    format!("{low}-{high}")
}

fn expect(expect: &Expect) -> Value {
    let causes: Vec<&str> = expect.causes.iter().map(|cause| cause.as_str()).collect();
    let window = without_nulls(json!({
        "after": expect.first_failure_after_s.map(seconds),
        "before": expect.first_failure_before_s.map(seconds),
    }));
    without_nulls(json!({
        "cause": if causes.is_empty() { json!("none") } else { json!(causes) },
        "first_failure": if window == json!({}) { Value::Null } else { window },
        "thresholds": if expect.thresholds.is_empty() { Value::Null } else { json!(expect.thresholds) },
    }))
}

/// A duration as text; `f64` prints the shortest digits that read back the same, never an exponent.
fn seconds(seconds: f64) -> String {
    format!("{seconds}s")
}

fn word<T: PartialEq>(all: &[(T, &'static str)], value: T) -> Option<&'static str> {
    all.iter().find(|(v, _)| *v == value).map(|(_, word)| *word)
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>(),
        ),
        other => other,
    }
}
