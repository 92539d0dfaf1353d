//! Provides `[target.app]`.

use super::section::{Reader, Section};
use crate::scenario::{App, Backend, Errors};
use crate::tree::Node;
use crate::value::{count, port_range, seconds, seconds_above_zero, share, whole_above_zero};

const KEYS: &[&str] = &[
    "workers",
    "service_time",
    "queue_length",
    "queue_timeout",
    "connection_limit",
    "concurrency_limit",
    "errors",
    "backend",
];

/// Worker threads that take requests at first. Assumed: a small server; no single figure is
/// published, it follows processors and version.
const WORKERS: u32 = 25;
/// How long a request is worked on. Assumed: a page that is computed.
const SERVICE_TIME_S: f64 = 0.02;
/// AppPoolQueueLength and queueLength take 10 to 65535; less is taken here for short stories.
const MAX_QUEUE_LENGTH: u32 = 65_535;
/// ConnectionTimeout, 2 minutes, after which a queued request is dropped (KB820729: Timer_AppPool).
const QUEUE_TIMEOUT_S: f64 = 120.0;
/// serverRuntime@appConcurrentRequestLimit: 5000.
const CONCURRENCY_LIMIT: u32 = 5000;
/// How long a backend takes. Assumed: a database beside the server.
const LATENCY_S: f64 = 0.005;
/// How long a worker tries to get a port. Assumed: a client library's connect time-out.
const GIVE_UP_S: f64 = 5.0;

pub(super) fn app(r: &mut Reader, target: &Section) -> Option<App> {
    let s = r.section(target, "app", KEYS);
    s.table?;
    let workers = r.optional(&s, "workers", whole_above_zero);
    let service_time_s = r.optional(&s, "service_time", seconds);
    let queue_length = r.optional(&s, "queue_length", queue_length);
    let queue_timeout_s = r.optional(&s, "queue_timeout", seconds_above_zero);
    let connection_limit = r.optional(&s, "connection_limit", whole_above_zero);
    let concurrency_limit = r.optional(&s, "concurrency_limit", whole_above_zero);
    let errors = errors(r, &s);
    let backend = backend(r, &s);
    Some(App {
        workers: workers.unwrap_or(WORKERS),
        service_time_s: service_time_s.unwrap_or(SERVICE_TIME_S),
        queue_length: queue_length.unwrap_or(App::QUEUE_LENGTH),
        queue_timeout_s: queue_timeout_s.unwrap_or(QUEUE_TIMEOUT_S),
        connection_limit,
        concurrency_limit: concurrency_limit.unwrap_or(CONCURRENCY_LIMIT),
        errors,
        backend,
    })
}

fn errors(r: &mut Reader, app: &Section) -> Option<Errors> {
    let s = r.section(app, "errors", &["share", "status"]);
    s.table?;
    let share = r.required(&s, "share", share);
    let status = r.required(&s, "status", status);
    Some(Errors { share: share?, status: status? })
}

fn backend(r: &mut Reader, app: &Section) -> Option<Backend> {
    let s = r.section(app, "backend", &["ports", "latency", "give_up", "leak"]);
    s.table?;
    let ports = r.optional(&s, "ports", port_range);
    let latency_s = r.optional(&s, "latency", seconds);
    let give_up_s = r.optional(&s, "give_up", seconds);
    let leak = r.optional(&s, "leak", share);
    Some(Backend {
        ports,
        latency_s: latency_s.unwrap_or(LATENCY_S),
        give_up_s: give_up_s.unwrap_or(GIVE_UP_S),
        leak: leak.unwrap_or(0.0),
    })
}

fn queue_length(node: &Node) -> Result<u32, String> {
    let length = whole_above_zero(node)?;
    if length > MAX_QUEUE_LENGTH {
        return Err(format!("IIS takes no queue longer than {MAX_QUEUE_LENGTH}"));
    }
    Ok(length)
}

fn status(node: &Node) -> Result<u16, String> {
    let status = count(node)?;
    if status.fract() != 0.0 || !(400.0..600.0).contains(&status) {
        return Err(format!("the status of an error is from 400 to 599, not {status}"));
    }
    Ok(status as u16)
}
