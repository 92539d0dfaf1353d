//! What holds for any rows: every failed or not-sent attempt is told once, and nobody is accused without
//! evidence.

use model::attempt::Failure;
use model::cause::{Cause, Stance};
use model::os_event::Meaning;
use model::reading::KernelMemory;
use model::row::{Interval, Row};
use proptest::prelude::*;

use super::kit::*;

#[derive(Clone, Debug)]
struct Round {
    fails: Vec<(usize, u64)>,
    extra: u64,
    used_mib: Option<u64>,
    listens: Option<bool>,
    ports: Option<u32>,
    late: bool,
    log: Option<(usize, u64)>,
    /// Page table entries, ports of the target's own, requests in its queue.
    target: Option<(u64, u32, u64)>,
    /// By how much counters grow.
    grows: [u64; COUNTERS.len()],
    event: Option<usize>,
    /// Whether each probe was served.
    probes: [bool; 4],
}

const REASONS: [(&str, u16); 9] = [
    ("QueueFull", 503),
    ("AppOffline", 503),
    ("ConnLimit", 503),
    ("N/A", 503),
    ("Timer_ReqQueue", 0),
    ("Timer_HeaderWait", 0),
    ("Connection_Abandoned_By_ReqQueue", 0),
    ("Timer_ConnectionIdle", 0),
    ("Connections_Refused", 0),
];

const COUNTERS: [&str; 8] = [
    "TcpExt.ListenOverflows",
    "TcpExt.TCPACKSkippedTimeWait",
    "TcpExt.TCPSynRetrans",
    "Tcp.RetransSegs",
    "Tcp.OutRsts",
    "windows_tcp_connections_passive_total",
    "windows_iis_http_request_total_rejected_request",
    "windows_iis_recent_worker_process_failures",
];

const EVENTS: [(Meaning, &str, u32); 4] = [
    (Meaning::TcpPortsExhausted, "Tcpip", 4231),
    (Meaning::PagedPoolEmpty, "Srv", 2020),
    (Meaning::WorkerFailed, "WAS", 5011),
    (Meaning::PoolDisabled, "WAS", 5002),
];

fn kinds() -> [Failure; 15] {
    [
        refused(),
        reset(),
        no_port(),
        no_buffers(),
        no_descriptor(),
        at_the_cap(),
        closed(),
        connect_timeout(),
        answer_timeout(),
        no_memory(),
        no_handshake(),
        no_name(),
        http(503),
        http(502),
        http(404),
    ]
}

fn round() -> impl Strategy<Value = Round> {
    let fails = prop::collection::vec((0..15_usize, 0..9_u64), 0..4);
    let used = prop::option::of(prop_oneof![Just(60_u64), 104..110_u64]);
    let read = (used, prop::option::of(any::<bool>()), prop::option::of(3900..3977_u32));
    let log = prop::option::weighted(0.2, (0..REASONS.len(), 1..50_u64));
    let more = (any::<bool>(), log, 0..3_u64);
    let target = prop::option::of((0..9_000_u64, 3900..3977_u32, 900..1_001_u64));
    let grows = prop::array::uniform8(prop_oneof![3 => Just(0_u64), 1 => 0..40_u64]);
    let event = prop::option::weighted(0.05, 0..EVENTS.len());
    let host = (target, grows, event, prop::array::uniform4(any::<bool>()));
    (fails, read, more, host).prop_map(|(fails, read, more, host)| {
        let ((used_mib, listens, ports), (late, log, extra)) = (read, more);
        let (target, grows, event, probes) = host;
        Round { fails, extra, used_mib, listens, ports, late, log, target, grows, event, probes }
    })
}

/// Counters as they stand at a moment.
fn counters(rounds: &[Round], t: f64) -> Vec<(&'static str, f64)> {
    let until = ((t / EVERY_S).max(0.0) as usize).min(rounds.len());
    let sum = |i: usize| rounds[..until].iter().map(|r| r.grows[i]).sum::<u64>() as f64;
    COUNTERS.iter().enumerate().map(|(i, name)| (*name, sum(i))).collect()
}

fn host(rounds: &[Round], t: f64) -> Host {
    let Some(round) = rounds.get((t / EVERY_S).max(0.0) as usize) else { return Host::default() };
    let mut counters = counters(rounds, t);
    if let Some((_, _, queue)) = round.target {
        counters.push(("windows_iis_http_requests_current_queue_size", queue as f64));
    }
    let ptes = round.target.map(|target| target.0);
    Host {
        used_bytes: round.used_mib.map(|m| m * MIB),
        listens: round.listens,
        opened: round.target.map(|target| (target.1, 3000)),
        memory: KernelMemory { free_system_ptes: ptes, ..KernelMemory::default() },
        counters,
        ..Host::default()
    }
}

/// The rows of these rounds; `extra` failures are counted and not itemised.
fn story(rounds: &[Round]) -> Story {
    let at = |t: f64| rounds.get((t / EVERY_S).max(0.0) as usize);
    let fails = |t: f64| {
        let kinds = kinds();
        let fails = at(t).map_or_else(Vec::new, |r| r.fails.clone());
        fails.into_iter().map(|(k, n)| (kinds[k].clone(), n)).collect()
    };
    let more = |tick: &mut Interval| {
        if let Some(round) = at(tick.t_s + 0.01) {
            tick.failed += round.extra;
            tick.served -= round.extra;
            tick.lateness_us.p99 = if round.late { 200_000 } else { 500 };
        }
    };
    let probe = |t: f64| {
        let names = ["old-connection", "fresh-connect", "other-port", "other-source"];
        at(t).map_or_else(Vec::new, |r| names.into_iter().zip(r.probes).collect())
    };
    let mut story = Story::new(rounds.len() as f64 * EVERY_S)
        .ticks(fails, more)
        .target(|t| host(rounds, t))
        .kernel(|t| counters(rounds, t))
        .probes(probe)
        .ports(|t| at(t).and_then(|r| r.ports).map(|used| (used, 3900)));
    for (i, round) in rounds.iter().enumerate() {
        let t_s = (i as f64 * EVERY_S).floor();
        if let Some((reason, n)) = round.log {
            let (phrase, status) = REASONS[reason];
            story = match phrase {
                "Connections_Refused" => story.log(t_s, n),
                _ => story.rows(t_s as u32, t_s as u32 + 1, phrase, status, n),
            };
        }
        if let Some(event) = round.event {
            let (meaning, provider, id) = EVENTS[event];
            story = story.os_event(t_s, "target", meaning, (provider, id));
        }
    }
    story
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_failure_is_told_once_whatever_the_rows(
        rounds in prop::collection::vec(round(), 0..60),
        keep in prop::collection::vec(0..10_u8, 1..50),
        turn in 0..400_usize,
        profile in prop::option::of(prop_oneof![Just("linux"), Just("windows-2003-x86-3gb")]),
        load in prop::bool::weighted(0.9),
    ) {
        let mut story = story(&rounds);
        story.run.target.profile = profile.map(str::to_owned);
        // Vantages go missing for a while, and rows change places.
        let mut dropping = keep.iter().cycle();
        story.rows.retain(|row| matches!(row, Row::Interval(_)) || *dropping.next().unwrap() > 2);
        if !load {
            story.rows.retain(|row| !matches!(row, Row::Interval(_)));
        }
        let places = story.rows.len().max(1);
        story.rows.rotate_left(turn % places);
        let timeline = story.timeline();
        let findings = timeline.findings();
        let verdict = &findings.verdict;
        let told: u64 = verdict.causes.iter().map(|c| c.failures).sum();
        let lines: u64 = findings.failures.iter().map(|f| f.count).sum();
        prop_assert_eq!(told + verdict.unexplained, lines);
        if let Some(attempts) = findings.attempts {
            prop_assert_eq!(attempts.failed + attempts.not_sent, lines);
            prop_assert_eq!(attempts.offered, attempts.begun + attempts.not_sent);
            prop_assert_eq!(attempts.begun, attempts.served + attempts.failed + attempts.unfinished);
            prop_assert!(verdict.causes.iter().all(|c| c.failures > 0));
        } else {
            prop_assert!(rounds.is_empty() || !load);
        }
        prop_assert!(verdict.causes.iter().all(|c| c.from_s <= c.to_s));
        prop_assert!(verdict.causes.is_sorted_by(|a, b| a.from_s <= b.from_s));
        let judged: Vec<Cause> = findings.hypotheses.iter().map(|h| h.cause).collect();
        prop_assert_eq!(judged, Cause::ALL);
        for h in &findings.hypotheses {
            let evidence = match h.stance {
                Stance::Supported | Stance::Consistent => !h.supporting.is_empty(),
                Stance::Contradicted => !h.against.is_empty(),
                Stance::Untested => h.untested_because.is_some(),
            };
            prop_assert!(evidence, "{} is {:?} without a word", h.cause, h.stance);
        }
        for line in &verdict.causes {
            let of = findings.hypotheses.iter().find(|h| h.cause == line.cause).unwrap();
            prop_assert_eq!(of.stance, line.stance);
            prop_assert!(matches!(line.stance, Stance::Supported | Stance::Consistent));
        }
        prop_assert!(verdict.sentence.ends_with('.'));
        prop_assert_eq!(timeline.findings(), findings.clone(), "asking again changes nothing");
        prop_assert!(timeline.series().iter().all(|s| s.points.len() <= 2000));
    }
}
