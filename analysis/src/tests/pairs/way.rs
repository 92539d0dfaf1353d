//! Pairs on the way to the target: segments in vain, and resets.

use model::attempt::LatencyClass;
use model::row::Interval;

use super::*;

/// A Linux target: its listener, and what its kernel counts.
fn linux(counters: Vec<(&'static str, f64)>) -> Host {
    Host { listens: Some(true), time_wait: 300, counters, ..Host::default() }
}

/// Connects that time out against a Linux target, SYNs sent again, and what probes show meanwhile.
fn unanswered(
    counts: impl Fn(f64) -> Vec<(&'static str, f64)>,
    data_per_s: f64,
    fresh: bool,
    old_us: u64,
) -> Story {
    // The SYN went out 3 s before its time-out.
    let syns = |t: f64| 50.0 + 300.0 * (t.clamp(1.0, 9.0) - 1.0);
    let data = move |t: f64| data_per_s * (t.clamp(1.0, 9.0) - 1.0);
    failing(connect_timeout)
        .profile("linux")
        .target(move |t| linux(counts(t)))
        .kernel(move |t| {
            vec![("TcpExt.TCPSynRetrans", syns(t)), ("Tcp.RetransSegs", syns(t) + data(t))]
        })
        .acts(move |t| {
            let hurt = (1.0..9.0).contains(&t);
            let failed = (hurt && !fresh).then(connect_timeout);
            vec![
                ("old-connection", None, if hurt { old_us } else { 300 }),
                ("fresh-connect", failed, 300),
                ("other-source", None, 300),
            ]
        })
}

/// A counter that grows while SYNs are in vain.
fn lost(t_s: f64, per_s: f64) -> f64 {
    7.0 + per_s * (t_s.clamp(1.0, 9.0) - 1.0)
}

#[test]
fn syns_dropped_at_the_host_or_lost_on_the_way() {
    let flat = |_| vec![("TcpExt.ListenOverflows", 7.0), ("TcpExt.TCPACKSkippedTimeWait", 0.0)];
    let at_host = |t| vec![("TcpExt.ListenOverflows", lost(t, 250.0))];
    check(vec![
        told(
            unanswered(at_host, 0.0, false, 300),
            Some(AcceptBacklog),
            &[],
            "its listener lost them",
        ),
        told(
            unanswered(flat, 90.0, false, 250_000),
            Some(NetworkLoss),
            &[],
            "data was sent again too, and the old connection was slow",
        ),
        told(unanswered(flat, 0.0, false, 300), None, &[], "neither: a filter before the host?"),
        told(
            unanswered(flat, 0.0, false, 300).acts(|t| {
                let silent = (4.0..9.0).contains(&t).then(connect_timeout);
                vec![("fresh-connect", silent.clone(), 300), ("other-port", silent, 300)]
            }),
            Some(NetworkLoss),
            &[],
            "no port answers, and no old connection is left to suffer: a cut",
        ),
    ]);
    let findings = unanswered(flat, 0.0, false, 300).findings();
    assert!(says(&findings, NetworkLoss, "not on the way"), "{findings:#?}");
    assert!(says(&findings, AcceptBacklog, "ListenOverflows did not grow"), "{findings:#?}");
}

#[test]
fn a_tuple_in_time_wait_or_a_full_backlog() {
    let skipped =
        |t| vec![("TcpExt.ListenOverflows", 7.0), ("TcpExt.TCPACKSkippedTimeWait", lost(t, 100.0))];
    let full =
        |t| vec![("TcpExt.ListenOverflows", lost(t, 250.0)), ("TcpExt.TCPACKSkippedTimeWait", 0.0)];
    check(vec![
        told(
            unanswered(skipped, 0.0, true, 300),
            Some(TupleCollision),
            &[],
            "passed over for a TIME_WAIT, fresh ports are served",
        ),
        told(unanswered(full, 0.0, true, 300), Some(AcceptBacklog), &[], "lost at the listener"),
    ]);
}

#[test]
fn a_reset_on_the_way_or_by_the_host() {
    let resets = |per_s: f64| move |t| linux(vec![("Tcp.OutRsts", grows(t, per_s))]);
    let gate = |t| pool(if during(t) { AT_GATE } else { HALF });
    let base = || failing(reset).reading_log();
    let idle = || base().profile("linux").rows(4, 9, "Timer_ConnectionIdle", 0, 160);
    // The idle timer of 120 s is 2 s at a scale of 60.
    let late = idle().took(LatencyClass::Under2900ms);
    check(vec![
        told(
            base().profile("linux").target(resets(2.0)),
            Some(Middlebox),
            &[],
            "the target sent hardly any",
        ),
        told(
            base().profile("linux").target(resets(160.0)),
            None,
            &[],
            "it sent them itself, for a reason that nobody read",
        ),
        told(late.target(resets(2.0)), None, &[], "the host closed them as idle: a race"),
        told(
            idle().target(resets(2.0)),
            Some(Middlebox),
            &[],
            "idle timers run too, yet these failed at once",
        ),
        told(
            (4..10).fold(base(), |s, t| s.log(f64::from(t), 200)).target(gate),
            Some(NonpagedPool),
            &[],
            "the gate, which accepts and then resets",
        ),
    ]);
}

/// A Windows target that serves 60 of 100 attempts a tick, and what it counts and holds.
fn windows(taken_per_s: f64, reset_per_s: f64, held: u64) -> impl Fn(f64) -> Host {
    move |t| Host {
        established: if during(t) { 4 + held } else { 4 },
        counters: vec![
            ("windows_tcp_connections_passive_total", 240.0 * t + grows(t, taken_per_s)),
            ("windows_tcp_connections_reset_total", grows(t, reset_per_s)),
        ],
        ..pool(HALF)
    }
}

/// 40 of 100 attempts fail from 4 s to 9 s, and no others come due.
fn cut_off(failure: fn() -> Failure) -> Story {
    let fails = move |t| if during(t) { vec![(failure(), 40)] } else { vec![] };
    let rate = |tick: &mut Interval| {
        tick.served = 60;
        (tick.begun, tick.offered) = (60 + tick.failed, 60 + tick.failed);
    };
    Story::new(12.0).reading_log().ticks(fails, rate)
}

#[test]
fn what_a_windows_target_shows_of_what_it_did_not_cut_off() {
    check(vec![
        told(
            cut_off(reset).target(windows(160.0, 1.0, 300)),
            Some(Middlebox),
            &[],
            "it took them, reset none, and still holds them",
        ),
        told(
            cut_off(reset).target(windows(160.0, 160.0, 0)),
            None,
            &[],
            "it took them, and reset them for a reason that nobody read",
        ),
        told(
            cut_off(reset).target(windows(0.0, 1.0, 0)),
            Some(Middlebox),
            &[],
            "it never had them",
        ),
        told(
            cut_off(refused).target(windows(0.0, 1.0, 0)),
            Some(Middlebox),
            &[],
            "it had no reason to refuse, and served others: what is left",
        ),
        told(
            cut_off(refused).target(windows(0.0, 1.0, 300)),
            Some(AcceptBacklog),
            &[],
            "connections pile up that nobody serves",
        ),
    ]);
}
