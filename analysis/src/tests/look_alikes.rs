//! The look-alikes: the same failure on the client's side, another cause behind it.

use model::cause::{Cause, Stance};
use model::row::{Row, Sample};
use model::run::PortAllocation;

use super::kit::*;
use Cause::{ClientPorts, GeneratorLimit, ListenerDown, NonpagedPool};
use Stance::{Consistent, Contradicted, Supported, Untested};

/// Free pool falls from 23 MiB by 1 MiB a second, and stops at 19.9: the gate from 1.0 s on with the
/// tolerance, from 3.0 s on without.
fn falling(t_s: f64) -> u64 {
    let grown = (t_s.max(0.0) * MIB as f64) as u64;
    (105 * MIB + grown).min(128 * MIB - 199 * MIB / 10)
}

fn refused_between(from_s: f64, to_s: f64) -> impl Fn(f64) -> Vec<(model::attempt::Failure, u64)> {
    move |t| if t >= from_s && t < to_s { vec![(refused(), 40)] } else { vec![] }
}

#[test]
fn refusals_are_told_apart_by_what_was_read_around_them() {
    let gate = Story::new(8.0).load(refused_between(3.0, 8.0)).target(|t| pool(falling(t)));
    let down = Story::new(8.0)
        .load(refused_between(3.0, 6.0))
        .target(|t| Host { listens: Some(!(3.0..6.0).contains(&t)), ..pool(60 * MIB) });
    let far = Story::new(8.0).load(refused_between(3.0, 8.0)).target(|_| pool(60 * MIB));
    let blind = Story::new(8.0).load(refused_between(3.0, 8.0)).target(|_| Host::default());
    let pool_blind = Story::new(8.0)
        .load(refused_between(3.0, 8.0))
        .target(|_| Host { listens: Some(true), ..Host::default() });
    let full_and_gone = Story::new(8.0)
        .load(refused_between(3.0, 8.0))
        .target(|t| Host { listens: Some(t < 3.0), ..pool(falling(t)) });
    for (story, of_pool, of_listener, found, why) in [
        (
            gate,
            Supported,
            Contradicted,
            &[NonpagedPool][..],
            "the pool at its gate, the listener there",
        ),
        (
            down,
            Contradicted,
            Supported,
            &[ListenerDown],
            "no listener, and a pool that is half empty",
        ),
        (far, Contradicted, Contradicted, &[], "a listener, and a pool that is half empty"),
        (blind, Untested, Untested, &[], "no reading at all"),
        (pool_blind, Untested, Contradicted, &[], "a listener, and nothing known of the pool"),
        (
            full_and_gone,
            Contradicted,
            Supported,
            &[ListenerDown],
            "a full pool leaves its listener in place, so without one it is not the gate",
        ),
    ] {
        let findings = story.findings();
        assert_eq!(stance(&findings, NonpagedPool), of_pool, "pool: {why}");
        assert_eq!(stance(&findings, ListenerDown), of_listener, "listener: {why}");
        assert_eq!(causes(&findings), found, "{why}");
        assert_eq!(stance(&findings, ClientPorts), Untested, "no port reading: {why}");
        assert_eq!(stance(&findings, GeneratorLimit), Contradicted, "on time: {why}");
        let told: u64 = findings.verdict.causes.iter().map(|c| c.failures).sum();
        let attempts = findings.attempts.unwrap();
        assert_eq!(told + findings.verdict.unexplained, attempts.failed, "{why}");
    }
}

#[test]
fn what_is_untested_says_what_to_collect() {
    let story = Story::new(8.0).load(refused_between(3.0, 8.0)).target(|_| Host::default());
    let findings = story.findings();
    assert!(says(&findings, NonpagedPool, "Pool Nonpaged Bytes"), "the counter to watch");
    assert!(says(&findings, NonpagedPool, "no answer in 250 ms"), "the gap's own reason");
    assert!(says(&findings, ListenerDown, "netstat -an"), "the command to run");
    assert_eq!(findings.verdict.unexplained, 40 * 20);
}

#[test]
fn accept_then_reset_is_the_gate_too_and_a_stray_reset_is_not() {
    let resets = |from_s: f64| move |t: f64| if t >= from_s { vec![(reset(), 40)] } else { vec![] };
    let findings = Story::new(8.0).load(resets(3.0)).target(|t| pool(falling(t))).findings();
    assert_eq!(causes(&findings), [NonpagedPool]);
    assert_eq!(findings.verdict.unexplained, 0);
    let findings = Story::new(8.0).load(resets(3.0)).target(|_| pool(60 * MIB)).findings();
    assert_eq!(causes(&findings), []);
    assert_eq!(stance(&findings, NonpagedPool), Contradicted);
}

#[test]
fn a_listener_takes_its_queue_along() {
    let fails = |t: f64| match t {
        _ if t == 3.0 => vec![(reset(), 9), (refused(), 40)],
        _ if (3.0..6.0).contains(&t) => vec![(refused(), 50)],
        _ if t == 7.0 => vec![(reset(), 5)],
        _ => vec![],
    };
    let down = |t: f64| Host { listens: Some(!(3.0..6.0).contains(&t)), ..pool(60 * MIB) };
    let findings = Story::new(8.0).load(fails).target(down).findings();
    assert_eq!(causes(&findings), [ListenerDown]);
    assert_eq!(findings.verdict.causes[0].failures, 9 + 40 + 11 * 50, "the queue died with it");
    assert_eq!(findings.verdict.unexplained, 5, "a reset while it listens is another story");
}

/// Ports fill at 500/s of 3,976 and are full from 8 s on, nearly all by TIME_WAIT.
fn filling(t_s: f64) -> Option<(u32, u64)> {
    let used = (t_s.max(0.0) * 500.0).min(3976.0) as u32;
    Some((used, u64::from(used.saturating_sub(10))))
}

fn not_sent(
    failure: model::attempt::Failure,
) -> impl Fn(f64) -> Vec<(model::attempt::Failure, u64)> {
    move |t| if t >= 8.0 { vec![(failure.clone(), 90)] } else { vec![] }
}

#[test]
fn ports_are_the_generators_own_limit() {
    let half = |_| Some((1800, 1700));
    let unread = |_| None;
    for (story, found, of_ports, why) in [
        (
            Story::new(12.0).load(not_sent(no_port())).ports(filling),
            &[ClientPorts][..],
            Supported,
            "EADDRNOTAVAIL, and every port taken",
        ),
        (
            Story::new(12.0).load(not_sent(no_buffers())).ports(filling),
            &[ClientPorts],
            Supported,
            "10055 with every port taken is ports",
        ),
        (
            Story::new(12.0).load(not_sent(no_buffers())).ports(half),
            &[],
            Contradicted,
            "10055 with ports to spare is memory, or nobody knows",
        ),
        (
            Story::new(12.0).load(not_sent(no_port())).ports(half),
            &[],
            Contradicted,
            "EADDRNOTAVAIL with ports to spare: an explicit bind into an own TIME_WAIT, perhaps",
        ),
        (
            Story::new(12.0).load(not_sent(no_port())).ports(unread),
            &[],
            Untested,
            "no reading of the ports",
        ),
    ] {
        let findings = story.target(|_| pool(60 * MIB)).findings();
        assert_eq!(causes(&findings), found, "{why}");
        assert_eq!(stance(&findings, ClientPorts), of_ports, "{why}");
        assert_eq!(stance(&findings, NonpagedPool), Contradicted, "nothing was refused: {why}");
        assert_eq!(stance(&findings, ListenerDown), Contradicted, "it was there: {why}");
        assert!(findings.valid, "{why}");
    }
}

#[test]
fn ports_are_counted_as_the_host_gives_them_out() {
    let full_elsewhere = |allocation| {
        let mut story = Story::new(12.0).load(not_sent(no_port())).ports(filling);
        story.run.generator.port_allocation = allocation;
        for row in &mut story.rows {
            if let Row::Sample(Sample { ports: Some(ports), .. }) = row {
                ports.used_to_destination = Some(ports.used_any / 2);
            }
        }
        stance(&story.findings(), ClientPorts)
    };
    assert_eq!(full_elsewhere(PortAllocation::Global), Supported, "a port in use is taken for all");
    assert_eq!(
        full_elsewhere(PortAllocation::PerTuple),
        Contradicted,
        "half are free to this target"
    );
}

#[test]
fn full_ports_name_time_wait_and_what_else_was_seen() {
    let slow = |tick: &mut model::row::Interval| {
        tick.connect_call_us.p50 = if tick.t_s < 4.0 { 23 } else { 280 };
        tick.lateness_us.p99 = if tick.t_s < 6.0 { 900 } else { 300_000 };
    };
    let findings = Story::new(12.0)
        .ticks(not_sent(no_port()), slow)
        .ports(filling)
        .probes(|_| vec![("other-source", true)])
        .findings();
    assert_eq!(findings.verdict.causes[0].because_of, ["TIME_WAIT on the generator"]);
    assert!(says(&findings, ClientPorts, "another source address"));
    assert!(says(&findings, ClientPorts, "rose from 23"));
    assert!(findings.valid, "the lateness belongs to the ports");
    assert!(says(&findings, GeneratorLimit, "belongs to client-ports"));
    assert_eq!(stance(&findings, GeneratorLimit), Contradicted);
    let sentence = &findings.verdict.sentence;
    assert!(
        sentence.contains("3,976 ephemeral ports") && sentence.contains("from 8.0 s on"),
        "{sentence}"
    );
}

#[test]
fn the_instruments_own_limits_make_a_run_not_valid() {
    let late = |tick: &mut model::row::Interval| tick.lateness_us.p99 = 150_000;
    let busy = |tick: &mut model::row::Interval| {
        tick.lateness_us.p99 = 20_000;
        tick.cpu_s = 0.245;
    };
    let once = |tick: &mut model::row::Interval| {
        if tick.t_s < 0.5 {
            tick.lateness_us.p99 = 500_000;
        }
    };
    let fails = |failure: fn() -> model::attempt::Failure| {
        move |t: f64| if t >= 2.0 { vec![(failure(), 10)] } else { vec![] }
    };
    let none = |_: f64| vec![];
    for (story, valid, found, why) in [
        (
            Story::new(4.0)
                .load(fails(no_descriptor))
                .descriptors(|t| if t < 1.9 { 500 } else { 1024 }),
            false,
            &[GeneratorLimit][..],
            "descriptors ran out",
        ),
        (Story::new(4.0).load(fails(at_the_cap)), true, &[GeneratorLimit], "the user's own cap"),
        (Story::new(4.0).ticks(none, late), false, &[], "behind schedule, though nothing failed"),
        (Story::new(4.0).ticks(none, busy), false, &[], "a core was the limit"),
        (Story::new(4.0).ticks(none, once), true, &[], "one stall of the machine is no limit"),
        (Story::new(4.0).load(none), true, &[], "on time"),
    ] {
        let findings = story.findings();
        assert_eq!(findings.valid, valid, "{why}: {:?}", findings.not_valid_because);
        assert_eq!(findings.not_valid_because.is_empty(), valid, "{why}");
        assert_eq!(causes(&findings), found, "{why}");
    }
    let unread = Story::new(4.0).load(fails(no_descriptor)).findings();
    assert_eq!(stance(&unread, GeneratorLimit), Consistent, "the kernel's word, without a reading");
    assert_eq!(
        unread.verdict.causes[0].stance, Consistent,
        "the only claimant, nothing against it"
    );
    assert!(unread.valid, "what is not shown does not undo a run");
}
