//! Provides the one place where a scenario becomes what the lab works with: profile defaults filled
//! in, sizes in bytes, durations in seconds of the emulated host.

use std::time::Duration;

use host::{HostOs, HttperrEra};
use scenarios::{Errors, Fault, FaultKind, Refuse, Scenario};

use crate::app::{AppSpec, BackendSpec, Planned, Trouble, Work};
use crate::check::has_backend;
use crate::ledger::{GateSpec, Keeping, LedgerSpec, MemorySpec, Object, Share};
use crate::outgoing::Outgoing;
use crate::stall::StallSpec;

/// The emulated host.
#[derive(Clone, Debug)]
pub struct TargetSpec {
    /// Its pool.
    pub ledger: LedgerSpec,
    /// How many times faster its durations run.
    pub time_scale: f64,
    /// Its TIME_WAIT, seconds of the host.
    pub time_wait_s: f64,
    /// When it closes an idle connection, seconds of the host.
    pub idle_timeout_s: f64,
    /// What it calls itself.
    pub server_header: &'static str,
    /// Bytes of an answer's body.
    pub response_bytes: u64,
    /// The form of its HTTP.sys error log.
    pub era: HttperrEra,
    /// What that log calls its writer.
    pub software: &'static str,
    /// What a client sees when it refuses.
    pub refuse: Refuse,
    /// Its application; `None`: HTTP.sys answers by itself.
    pub app: Option<AppSpec>,
    /// How it calls its backend, where it has one.
    pub outgoing: Option<Outgoing>,
    /// Errors that the application answers without any shortage.
    pub errors: Option<Errors>,
    /// When nobody accepts.
    pub stalls: Vec<StallSpec>,
    /// Whether the kernel beneath is the host itself.
    pub is_linux: bool,
    /// When its listener is away, run time in seconds: from, until.
    pub listener_down: Vec<(f64, f64)>,
}

/// RAM parts of which a host without a pool ceiling holds one as baseline. Assumed.
const BASELINE_OF_RAM: u64 = 64;

/// Most that the rest of the system holds from the start where nothing is said of it. Assumed: an
/// idle server of this century holds a few hundred MiB, however large its ceiling.
const MOST_BASELINE_BYTES: u64 = 384 * 1024 * 1024;

/// The target of a scenario. `counted`: a kernel's table holds its TIME_WAIT.
pub fn target(scenario: &Scenario, counted: bool) -> TargetSpec {
    let asked = &scenario.target;
    let profile = asked.profile;
    TargetSpec {
        ledger: ledger(scenario, counted),
        time_scale: asked.time_scale,
        time_wait_s: scenario.target_time_wait_s(),
        idle_timeout_s: asked.idle_timeout_s.unwrap_or(profile.idle_timeout_s.value),
        server_header: profile.server_header,
        response_bytes: asked.response_bytes,
        era: profile.httperr,
        software: profile.httperr_software,
        refuse: asked.refuse,
        app: AppSpec::of(scenario).map(|app| AppSpec {
            // Calls are made for real, so that only who makes them knows when they are over.
            work: if has_backend(scenario) { Work::Told } else { app.work },
            ..app
        }),
        outgoing: outgoing(scenario),
        errors: asked.app.and_then(|app| app.errors),
        stalls: asked.faults.iter().filter_map(stall).collect(),
        is_linux: profile.os == HostOs::Linux,
        listener_down: asked
            .faults
            .iter()
            .filter(|f| f.kind == FaultKind::ListenerDown)
            .map(|f| (f.at_s, f.at_s + f.for_s))
            .collect(),
    }
}

/// Connections that may wait where nothing is said of it: what nginx asks for, a common default.
const BACKLOG: u32 = 511;

fn stall(fault: &Fault) -> Option<StallSpec> {
    (fault.kind == FaultKind::AcceptStall).then(|| StallSpec {
        from_s: fault.at_s,
        until_s: fault.at_s + fault.for_s,
        backlog: fault.backlog.unwrap_or(BACKLOG),
    })
}

fn ledger(scenario: &Scenario, counted: bool) -> LedgerSpec {
    let asked = &scenario.target;
    let profile = asked.profile;
    let ram_bytes = asked.ram_bytes.unwrap_or(profile.ram_bytes.value);
    let ceiling_bytes = asked.pool.ceiling_bytes.or_else(|| profile.ceiling_bytes(asked.ram_bytes));
    let connection_bytes =
        asked.bytes_per_open_connection.unwrap_or(profile.bytes_per_open_connection.value);
    let own_gate = scenario.target_gate_bytes();
    // Without a gate the pool itself is the limit: refused is what it has no room for.
    let stop_bytes = own_gate.unwrap_or(connection_bytes);
    let resume_bytes = asked.resume_bytes.unwrap_or(stop_bytes);
    let half = |ceiling: u64| (ceiling.saturating_sub(stop_bytes) / 2).min(MOST_BASELINE_BYTES);
    let baseline = |(tag, per_mille, bytes_each): &(&str, u32, u64)| Share {
        tag: (*tag).to_owned(),
        per_mille: *per_mille,
        bytes_each: *bytes_each,
    };
    LedgerSpec {
        ceiling_bytes,
        baseline_bytes: asked
            .pool
            .baseline_bytes
            .unwrap_or_else(|| ceiling_bytes.map_or(ram_bytes / BASELINE_OF_RAM, half)),
        baseline: profile.baseline_tags.iter().map(baseline).collect(),
        connection: connection_objects(&profile.tags, connection_bytes),
        time_wait: Object {
            tag: profile.tags.time_wait.to_owned(),
            bytes: asked.bytes_per_time_wait.unwrap_or(profile.bytes_per_time_wait.value),
        },
        keeping: match counted {
            true => Keeping::Counted,
            false => Keeping::Aged(scenario.target_time_wait_s()),
        },
        gate: ceiling_bytes.map(|_| GateSpec { stop_bytes, resume_bytes }),
        memory: memory(scenario, ram_bytes),
        leaks: asked.leaks.clone(),
    }
}

impl AppSpec {
    /// The application of a scenario in run time; `None`: HTTP.sys answers by itself. Work is timed by the
    /// model, the calls to a backend included.
    pub fn of(scenario: &Scenario) -> Option<Self> {
        let target = &scenario.target;
        let app = target.app.as_ref()?;
        let backend = app.backend.map(|backend| BackendSpec {
            ports: backend.ports.map_or(target.profile.ports.value.count(), |(low, high)| {
                u64::from(high) + 1 - u64::from(low)
            }),
            time_wait_s: scenario.target_time_wait_s() / target.time_scale,
            latency_s: backend.latency_s,
            give_up_s: backend.give_up_s,
            leak: backend.leak,
        });
        let trouble = |fault: &Fault| {
            let what = match fault.kind {
                FaultKind::AppOffline => Trouble::Offline,
                FaultKind::WorkerCrash => Trouble::Crash,
                FaultKind::AppRecycle => Trouble::Recycle,
                FaultKind::SlowApp => Trouble::Slow(fault.factor),
                FaultKind::ListenerDown | FaultKind::AcceptStall => return None,
            };
            Some(Planned { what, from_s: fault.at_s, until_s: fault.at_s + fault.for_s })
        };
        Some(Self {
            workers: app.workers.into(),
            work: Work::Timed { service_s: app.service_time_s, backend },
            queue_length: app.queue_length.into(),
            queue_timeout_s: app.queue_timeout_s / target.time_scale,
            connection_limit: app.connection_limit.map(u64::from),
            concurrency_limit: app.concurrency_limit.into(),
            plan: target.faults.iter().filter_map(trouble).collect(),
        })
    }
}

/// The objects behind eight handles of a worker process: mostly files and sockets, events, a thread.
/// Assumed: the mix follows a process's !handle summary only roughly.
const HANDLE_OBJECTS: [&str; 8] = ["File", "Even", "File", "Even", "File", "Even", "File", "Thre"];
/// An event object with its header, where the profile has none. Assumed: about 64 bytes.
const OBJECT_BYTES: u64 = 64;

fn memory(scenario: &Scenario, ram_bytes: u64) -> MemorySpec {
    let (pool, profile) = (&scenario.target.pool, scenario.target.profile);
    let size = |tag: &str| {
        let of_tag = profile.baseline_tags.iter().find(|(name, ..)| *name == tag);
        of_tag.map_or(OBJECT_BYTES, |(_, _, bytes_each)| *bytes_each)
    };
    let object = |tag: &str| Object { tag: tag.to_owned(), bytes: size(tag) };
    MemorySpec {
        paged_ceiling_bytes: pool
            .paged_ceiling_bytes
            .or_else(|| profile.paged_ceiling_bytes(Some(ram_bytes))),
        handle_objects: HANDLE_OBJECTS.map(object).into(),
        ..MemorySpec::of_ram(ram_bytes)
    }
}

/// A third of a connection's bytes is HTTP.sys's, the rest TCP's. Assumed: nobody has measured it.
fn connection_objects(tags: &host::ConnectionTags, bytes: u64) -> Vec<Object> {
    let http = bytes / 3;
    vec![
        Object { tag: tags.http_connection.to_owned(), bytes: http },
        Object { tag: tags.tcp_control_block.to_owned(), bytes: bytes - http },
    ]
}

fn outgoing(scenario: &Scenario) -> Option<Outgoing> {
    let app = scenario.target.app.as_ref()?;
    let backend = app.backend?;
    Some(Outgoing {
        service: Duration::from_secs_f64(app.service_time_s),
        latency: Duration::from_secs_f64(backend.latency_s),
        give_up: Duration::from_secs_f64(backend.give_up_s),
        leak: backend.leak,
    })
}
