//! Probes against real servers: each act tells its own story.
#![allow(clippy::unwrap_used, reason = "in tests a surprise may panic")]

mod common;

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use common::{Behaviour, Server};
use loadgen::ProbePlan;
use model::reading::{GapKind, ProbeResult};
use model::row::{Row, Sample};

fn probe_plan(target: SocketAddr) -> ProbePlan {
    ProbePlan {
        target,
        host_header: "h".into(),
        path: "/".into(),
        every: Duration::from_millis(20),
        other_port: None,
        other_source: None,
        reserve_ports: loadgen::probe::reserve_ports(None),
    }
}

/// `served`, the failure's phase and name, or `reopened`; for a gap its kind.
fn told(sample: &Sample, name: &str) -> String {
    match sample.probes.get(name) {
        Some(ProbeResult::Served { .. }) => "served".into(),
        Some(ProbeResult::Reopened) => "reopened".into(),
        Some(ProbeResult::Failed { failure, .. }) => {
            format!("{} {}", failure.phase.as_str(), failure.name)
        }
        None => match sample.gaps.iter().find(|gap| gap.what == name).map(|gap| gap.kind) {
            Some(GapKind::Unsupported) => "unsupported".into(),
            Some(GapKind::Failed) => "gap".into(),
            None => "missing".into(),
        },
    }
}

#[test]
fn a_healthy_target_serves_every_act() {
    let server = Server::start(Behaviour::Good);
    let other = Server::start(Behaviour::Silent);
    let mut plan = probe_plan(server.address);
    plan.other_port = Some(other.address);
    plan.other_source = Some(IpAddr::from([127, 0, 0, 9]));
    let t0 = Instant::now() + Duration::from_secs(60);
    let mut probes = plan.open();
    for _ in 0..3 {
        let sample = probes.round(t0);
        for name in ["old-connection", "fresh-connect", "other-port", "other-source"] {
            assert_eq!(told(&sample, name), "served", "{name}");
        }
        assert!(sample.t_s < 0.0 && sample.wall.ends_with('Z'), "{sample:?}");
        assert_eq!((sample.vantage.as_str(), sample.gaps.len()), ("probe", 0));
    }
    // The old connection once, two fresh ones (reserve port, other source) a round.
    assert_eq!(server.accepted.load(Ordering::SeqCst), 1 + 3 * 2);
}

#[test]
fn what_was_not_named_is_a_gap() {
    let server = Server::start(Behaviour::Good);
    let sample = probe_plan(server.address).open().round(Instant::now());
    assert_eq!(told(&sample, "other-port"), "unsupported");
    assert_eq!(told(&sample, "other-source"), "unsupported");
}

#[test]
fn a_closed_idle_connection_is_reopened_and_a_dead_listener_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let plan = probe_plan(listener.local_addr().unwrap());
    let mut probes = plan.open();
    drop(listener.accept().unwrap());
    // Fresh connections wait in the listener's queue, so that the round needs nobody to answer.
    let first = probes.round(Instant::now());
    assert_eq!(told(&first, "old-connection"), "reopened");
    assert_eq!(told(&first, "fresh-connect"), "first-byte first-byte timed out");
    drop(listener);
    let second = probes.round(Instant::now());
    assert_eq!(told(&second, "fresh-connect"), "connect ECONNREFUSED");
    assert!(told(&second, "old-connection").ends_with("ECONNRESET"), "it died in the queue");
    let third = probes.round(Instant::now());
    assert_eq!(told(&third, "old-connection"), "gap", "no old connection is left to ask");
}

#[test]
fn a_status_fails_the_act() {
    let server = Server::start(Behaviour::Busy);
    let sample = probe_plan(server.address).open().round(Instant::now());
    assert_eq!(told(&sample, "fresh-connect"), "first-byte HTTP 503");
    assert_eq!(told(&sample, "old-connection"), "first-byte HTTP 503");
}

#[test]
fn rounds_come_as_rows_until_the_stop() {
    let server = Server::start(Behaviour::Good);
    let plan = probe_plan(server.address);
    let (out, rows) = channel();
    let stop = AtomicBool::new(false);
    let samples: Vec<Sample> = std::thread::scope(|scope| {
        scope.spawn(|| loadgen::probe(&plan, Instant::now(), &stop, &out));
        let samples = rows
            .iter()
            .take(3)
            .map(|row| if let Row::Sample(sample) = row { sample } else { panic!("{row:?}") })
            .collect();
        stop.store(true, Ordering::SeqCst);
        samples
    });
    for sample in &samples[1..] {
        let into = sample.t_s % 0.02;
        assert!(into < 0.015, "rounds lie on multiples of the period: {}", sample.t_s);
    }
}

/// Runs itself again as a child that uses up all its descriptors after the probes took theirs.
#[cfg(target_os = "linux")]
#[test]
fn probes_have_descriptors_in_reserve() {
    const ADDRESS: &str = "LOADGEN_TEST_ADDRESS";
    if let Ok(address) = std::env::var(ADDRESS) {
        return without_descriptors(address.parse().unwrap());
    }
    let server = Server::start(Behaviour::Good);
    let out = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "probes_have_descriptors_in_reserve", "--nocapture"])
        .env(ADDRESS, server.address.to_string())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
}

#[cfg(target_os = "linux")]
fn without_descriptors(target: SocketAddr) {
    use nix::sys::resource::{Resource, setrlimit};
    setrlimit(Resource::RLIMIT_NOFILE, 64, 64).unwrap();
    let mut plan = probe_plan(target);
    plan.other_port = Some(target);
    plan.other_source = Some(IpAddr::from([127, 0, 0, 9]));
    let mut probes = plan.open();
    let all: Vec<_> = (0..64).map_while(|_| std::fs::File::open("/dev/null").ok()).collect();
    assert!(all.len() < 64 && std::fs::File::open("/dev/null").is_err(), "none is left");
    for _ in 0..2 {
        let sample = probes.round(Instant::now());
        for name in ["old-connection", "fresh-connect", "other-port", "other-source"] {
            assert_eq!(told(&sample, name), "served", "{name}");
        }
    }
}
