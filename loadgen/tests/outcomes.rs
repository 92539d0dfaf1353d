//! What becomes of attempts against real servers: served, failed, unfinished, each with its phase.
#![allow(clippy::unwrap_used, reason = "in tests a surprise may panic")]

mod common;

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::{Behaviour, Server, plan, run, run_until};
use loadgen::Http;
use model::attempt::CloseStyle::{ClientFirst, Reset, TargetFirst};
use model::row::Row;

#[test]
fn each_close_style_is_served_and_its_closer_observed() {
    for (behaviour, close, http, requests, target_closes, why) in [
        (Behaviour::Good, TargetFirst, Http::V11, 1, true, "the target closes first"),
        (Behaviour::Good, TargetFirst, Http::V10, 1, true, "with HTTP/1.0 as well"),
        (Behaviour::Good, TargetFirst, Http::V11, 3, true, "after three requests"),
        (Behaviour::Good, ClientFirst, Http::V11, 1, false, "the generator closes first"),
        (Behaviour::Good, ClientFirst, Http::V10, 3, false, "HTTP/1.0 is asked to keep alive"),
        (Behaviour::Good, Reset, Http::V11, 1, false, "the generator resets"),
        (Behaviour::Chunked, ClientFirst, Http::V11, 2, false, "chunked bodies have an end"),
        (Behaviour::Chunked, TargetFirst, Http::V11, 1, true, "and then comes the FIN"),
    ] {
        let server = Server::start(behaviour);
        let mut plan = plan(server.address, 200.0, 0.1, close);
        (plan.http, plan.requests) = (http, requests);
        let ran = run(&plan);
        assert_eq!(
            (ran.totals.offered, ran.totals.served),
            (20, 20),
            "{why}: {:?}",
            ran.failures()
        );
        assert_eq!(ran.target_closed(), if target_closes { 20 } else { 0 }, "{why}");
        let tags = ran.rows.iter().filter(|row| matches!(row, Row::Latency(_))).count();
        assert_eq!(tags, 3, "connect, first-byte and total: {why}");
    }
}

/// Phase, error number and name of a failure.
#[cfg(target_os = "linux")]
type Kind = (&'static str, Option<i32>, &'static str);

#[cfg(target_os = "linux")]
#[test]
fn failures_keep_their_phase_and_code() {
    let rows: &[(Behaviour, u32, Kind, &str)] = &[
        (Behaviour::Busy, 1, ("first-byte", None, "HTTP 503"), "a status is a failure"),
        (
            Behaviour::OneOnly,
            2,
            ("first-byte", None, "closed without an answer"),
            "the second request fails the attempt",
        ),
        (Behaviour::Reset, 1, ("first-byte", Some(104), "ECONNRESET"), "reset after the request"),
    ];
    for (behaviour, requests, (phase, code, name), why) in rows {
        let server = Server::start(*behaviour);
        let mut plan = plan(server.address, 200.0, 0.1, TargetFirst);
        plan.requests = *requests;
        let ran = run(&plan);
        assert_eq!(ran.failures(), [(*phase, *code, (*name).to_owned(), 20)], "{why}");
        assert_eq!(ran.totals.failed, 20, "{why}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_port_without_a_listener_refuses_and_windows_tries_three_times() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut plan = plan(address, 100.0, 0.1, TargetFirst);
    let ran = run(&plan);
    let refused = ("connect", Some(111), "ECONNREFUSED".to_owned(), 10);
    assert_eq!(ran.failures(), std::slice::from_ref(&refused));
    let exemplars: Vec<_> = ran
        .rows
        .iter()
        .filter_map(|row| if let Row::Event(event) = row { Some(event) } else { None })
        .collect();
    assert!((1..=8).contains(&exemplars.len()), "some in full, capped: {}", exemplars.len());
    let quick = ran.intervals()[0].failures[0].last_s;

    (plan.windows_retry, plan.timeout) = (true, Duration::from_secs(3));
    (plan.connect_timeout, plan.drain) = (Duration::from_secs(3), Duration::from_secs(2));
    let start = Instant::now();
    let ran = run(&plan);
    assert_eq!(ran.failures(), [refused], "one failure an attempt, not one a SYN");
    assert!(quick < 0.5, "without retries it fails at once");
    assert!(start.elapsed() >= Duration::from_secs(1), "two pauses of half a second");
}

#[test]
fn what_takes_too_long_fails_in_its_phase_or_is_unfinished() {
    for (behaviour, timeout_ms, drain_ms, expected, why) in [
        (Behaviour::Silent, 200, 1000, Some("first-byte timed out"), "no answer in time"),
        (Behaviour::NeverCloses, 200, 1000, Some("close timed out"), "the FIN never comes"),
        (Behaviour::Silent, 5000, 150, None, "in flight at the end is no failure"),
    ] {
        let server = Server::start(behaviour);
        let mut plan = plan(server.address, 100.0, 0.1, TargetFirst);
        plan.timeout = Duration::from_millis(timeout_ms);
        plan.drain = Duration::from_millis(drain_ms);
        let ran = run(&plan);
        let names: Vec<_> = ran.failures().into_iter().map(|f| f.2).collect();
        assert_eq!(names, Vec::from_iter(expected.map(str::to_owned)), "{why}");
        let left = if expected.is_some() { 0 } else { 10 };
        assert_eq!(ran.totals.unfinished, left, "{why}");
    }
}

#[test]
fn a_connection_that_is_never_taken_times_out_in_connect() {
    // A queue of one that nobody empties: further SYNs are dropped.
    let listener =
        socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    listener.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(1).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let mut plan = plan(address, 100.0, 0.1, TargetFirst);
    plan.connect_timeout = Duration::from_millis(200);
    plan.timeout = Duration::from_millis(400);
    let ran = run(&plan);
    let by_name: Vec<_> = ran.failures().into_iter().map(|f| (f.2, f.3)).collect();
    let connect = by_name.iter().find(|f| f.0 == "connect timed out").map_or(0, |f| f.1);
    assert!(connect >= 5, "most SYNs are dropped: {by_name:?}");
    assert_eq!(ran.totals.failed, 10);
}

#[test]
fn every_attempt_of_a_flaky_target_is_accounted_for() {
    let server = Server::start(Behaviour::Flaky);
    for (close, threads) in [(TargetFirst, 1), (ClientFirst, 3), (Reset, 2)] {
        let mut plan = plan(server.address, 1000.0, 0.2, close);
        plan.threads = threads;
        let ran = run(&plan);
        assert_eq!(ran.totals.offered, 200, "the same schedule on {threads} threads");
        assert_eq!(ran.totals.served, 50, "one in four is served: {:?}", ran.failures());
    }
}

#[test]
fn a_stop_ends_the_arrivals_and_nothing_is_lost() {
    let server = Server::start(Behaviour::Good);
    let plan = plan(server.address, 500.0, 60.0, TargetFirst);
    let stop = AtomicBool::new(false);
    let accepted = server.accepted.clone();
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            let deadline = Instant::now() + Duration::from_secs(10);
            while accepted.load(Ordering::SeqCst) < 20 && Instant::now() < deadline {
                std::thread::yield_now();
            }
            stop.store(true, Ordering::SeqCst);
        });
        run_until(&plan, &stop)
    });
    assert!((20..5000).contains(&ran.totals.offered), "{:?}", ran.totals);
    assert_eq!(ran.totals.unfinished, 0);
}

#[test]
fn a_stop_before_run_time_zero_offers_nothing() {
    let server = Server::start(Behaviour::Good);
    let plan = plan(server.address, 500.0, 60.0, TargetFirst);
    let ran = run_until(&plan, &AtomicBool::new(true));
    assert_eq!(ran.totals, loadgen::Totals::default());
}

/// The engine comes a second late and finds the stop: 500 arrivals are due by then.
#[test]
fn arrivals_due_but_not_started_at_the_stop_are_not_offered() {
    let server = Server::start(Behaviour::Good);
    let mut plan = plan(server.address, 500.0, 60.0, TargetFirst);
    for threads in [1, 2] {
        plan.threads = threads;
        let (out, rows) = std::sync::mpsc::channel();
        let t0 = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
        let totals = loadgen::run(&plan, t0, &AtomicBool::new(true), &out).unwrap();
        assert_eq!(totals, loadgen::Totals::default(), "{threads} threads");
        drop(out);
        assert!(
            rows.iter().all(|row| !matches!(row, model::row::Row::Interval(i) if i.offered > 0))
        );
    }
}

#[test]
fn a_gone_receiver_ends_the_run() {
    let server = Server::start(Behaviour::Good);
    let plan = plan(server.address, 100.0, 60.0, TargetFirst);
    let (out, rows) = std::sync::mpsc::channel();
    drop(rows);
    let error = loadgen::run(&plan, Instant::now(), &AtomicBool::new(false), &out).unwrap_err();
    assert!(matches!(error, loadgen::LoadError::Closed), "{error}");
}
