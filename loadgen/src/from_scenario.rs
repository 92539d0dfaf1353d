//! Provides the plan of a scenario's load: the one place where scenario words become plan words.

use std::net::SocketAddr;
use std::time::Duration;

use scenarios::{HttpVersion, Retry, Scenario, Schedule};

use crate::conversation::Http;
use crate::plan::{DEFAULT_DRAIN, DEFAULT_TICK, Habits, Plan};
use crate::run::host_header;

impl Plan {
    /// The load that a scenario asks for, against `target`, on one thread.
    pub fn from_scenario(scenario: &Scenario, target: SocketAddr) -> Self {
        let load = &scenario.load;
        Self {
            target,
            host_header: host_header(target),
            path: load.path.clone(),
            http: match load.http {
                HttpVersion::V10 => Http::V10,
                HttpVersion::V11 => Http::V11,
            },
            schedule: Schedule::new(load, scenario.seed),
            duration: Duration::from_secs_f64(load.duration_s),
            requests: load.requests_per_connection,
            close: load.close,
            connect_timeout: Duration::from_secs_f64(load.connect_timeout_s),
            timeout: Duration::from_secs_f64(load.timeout_s),
            in_flight: load.in_flight,
            windows_retry: load.retry == Some(Retry::Windows),
            habits: Habits {
                slow: load.slow,
                pause: Duration::from_secs_f64(load.pause_s),
                body_bytes: load.request_bytes,
                reuse_ports: load.reuse_ports,
            },
            descriptors: load.descriptors,
            source_ports: load.source_ports,
            source_ips: load.source_ips.clone(),
            tick: DEFAULT_TICK,
            drain: DEFAULT_DRAIN,
            threads: 1,
        }
    }
}
