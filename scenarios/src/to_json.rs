//! Provides a scenario as JSON with the keys of its TOML, so that a record can be run again.

use model::attempt::CloseStyle;
use model::run::Expect;
use serde_json::{Map, Value, json};

use crate::scenario::{
    Arrival, Fault, FaultKind, HttpVersion, Leak, LeakRate, Load, Pool, Refuse, Retry, Scenario,
    Target,
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
            "load": load(&self.load),
            "observe": { "every": seconds(self.observe.every_s) },
            "probe": probe,
            "expect": self.expect.as_ref().map(expect),
        }))
    }
}

fn target(target: &Target) -> Value {
    let Pool { baseline_bytes, ceiling_bytes } = target.pool;
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
        "response_bytes": target.response_bytes,
        "pool": without_nulls(json!({ "baseline": baseline_bytes, "ceiling": ceiling_bytes })),
        "leak": target.leaks.iter().map(leak).collect::<Vec<_>>(),
        "fault": target.faults.iter().map(fault).collect::<Vec<_>>(),
    }))
}

fn leak(leak: &Leak) -> Value {
    let (key, rate) = match leak.rate {
        LeakRate::BytesPerConnection(bytes) => ("bytes_per_connection", json!(bytes)),
        LeakRate::BytesPerPacket(bytes) => ("bytes_per_packet", json!(bytes)),
        LeakRate::BytesPerSecond(bytes) => ("bytes_per_second", json!(bytes)),
        LeakRate::Static(bytes) => ("static", json!(bytes)),
    };
    without_nulls(json!({ "tag": leak.tag, key: rate, "up_to": leak.up_to_bytes }))
}

fn fault(fault: &Fault) -> Value {
    json!({
        "kind": word(&FaultKind::ALL, fault.kind),
        "at": seconds(fault.at_s),
        "for": seconds(fault.for_s),
    })
}

fn load(load: &Load) -> Value {
    let Arrival::Constant { per_second } = load.arrival;
    without_nulls(json!({
        "arrival": { "kind": "constant", "per_second": per_second },
        "duration": seconds(load.duration_s),
        "close": word(&CloseStyle::ALL, load.close),
        "requests_per_connection": load.requests_per_connection,
        "http": word(&HttpVersion::ALL, load.http),
        "path": load.path,
        "connect_timeout": seconds(load.connect_timeout_s),
        "timeout": seconds(load.timeout_s),
        "in_flight": load.in_flight,
        "retry": load.retry.map(|Retry::Windows| "windows"),
        "client_profile": load.client_profile.map(|profile| profile.name),
        "source_ports": load.source_ports.map(|(low, high)| format!("{low}-{high}")),
        "source_ips": load.source_ips,
    }))
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
