//! Pairs among answers: why the target said 5xx.

use super::*;

/// 503 from 4 s to 9 s, each with its row in HTTPERR.
fn queue_full() -> Story {
    failing(|| http(503)).rows(4, 9, "QueueFull", 503, 160)
}

#[test]
fn no_outgoing_port_or_a_slow_backend_behind_a_full_queue() {
    let host = |ports: u32| Host { opened: Some((ports, u64::from(ports / 10 * 9))), ..pool(HALF) };
    check(vec![
        told(
            queue_full().target(|t| host(if t >= 2.0 { 3976 } else { 800 })),
            Some(RequestQueue),
            &["target-ports"],
            "its ports had run out two seconds before",
        ),
        told(
            queue_full().target(|_| host(800)),
            Some(RequestQueue),
            &["a slow application"],
            "its ports were free",
        ),
        told(queue_full().target(|_| pool(HALF)), Some(RequestQueue), &[], "nobody read its ports"),
    ]);
    let by_itself = failing(|| http(502)).target(|t| host(if t >= 2.0 { 3976 } else { 800 }));
    check(vec![
        told(by_itself, Some(TargetPorts), &["TIME_WAIT on the target"], "and 502 at once"),
        told(
            failing(|| http(502)).target(|_| host(800)),
            Some(Application),
            &[],
            "502 with ports to spare is the application's",
        ),
    ]);
}

#[test]
fn a_503_for_this_reason_or_for_that() {
    let low = |t: f64| Host {
        memory: KernelMemory {
            free_system_ptes: Some(if during(t) { 2_000 } else { 150_000 }),
            ..KernelMemory::default()
        },
        ..pool(HALF)
    };
    let base = || failing(|| http(503)).reading_log();
    check(vec![
        told(queue_full().target(low), Some(RequestQueue), &[], "QueueFull"),
        told(
            base().rows(4, 9, "AppOffline", 503, 160).target(low),
            Some(AppOffline),
            &[],
            "AppOffline",
        ),
        told(
            base().rows(4, 9, "ConnLimit", 503, 160).target(low),
            Some(ConnectionLimit),
            &[],
            "ConnLimit",
        ),
        told(
            base().answers(4, 9, (503, 2), 160).target(low),
            Some(ConcurrencyLimit),
            &[],
            "503.2 in the web log",
        ),
        told(
            base().rows(4, 9, "N/A", 503, 160).target(low),
            Some(KernelMemoryOther),
            &[],
            "N/A while page table entries are gone",
        ),
        told(
            base().rows(4, 9, "N/A", 503, 160).target(|_| pool(HALF)),
            None,
            &[],
            "N/A with memory to spare",
        ),
        told(
            failing(|| http(503)).target(low),
            Some(KernelMemoryOther),
            &[],
            "no log, and kernel memory that was short: the only mechanism seen",
        ),
        told(failing(|| http(503)).target(|_| pool(HALF)), None, &[], "no log: nobody knows"),
    ]);
}

#[test]
fn what_holds_the_ports_is_told() {
    let host = |t: f64, time_wait: u64, close_wait: u64, bound: u64| {
        let opened = Some((if t >= 2.0 { 3976 } else { 800 }, time_wait));
        Host { opened, close_wait, bound, ..pool(HALF) }
    };
    let leak = |t: f64| (t.clamp(0.0, 6.0) * 600.0) as u64;
    let base = || failing(|| http(502));
    check(vec![
        told(
            base().target(|t| host(t, 3700, 20, 0)),
            Some(TargetPorts),
            &["TIME_WAIT on the target"],
            "its own TIME_WAIT",
        ),
        told(
            base().target(|t| host(t, 100, leak(t), 0)),
            Some(TargetPorts),
            &["a socket leak (CLOSE_WAIT)"],
            "sockets that nobody closes",
        ),
        told(
            base().target(|t| host(t, 100, 20, leak(t))),
            Some(TargetPorts),
            &["a socket leak (BOUND)"],
            "sockets that never connect",
        ),
        told(base().target(|t| host(t, 100, 20, 0)), Some(TargetPorts), &[], "calls under way"),
    ]);
}
