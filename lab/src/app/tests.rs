//! What becomes of requests, and when.

use proptest::prelude::*;

use super::*;

fn spec() -> AppSpec {
    AppSpec {
        workers: 2,
        work: Work::Timed { service_s: 1.0, backend: None },
        queue_length: 3,
        queue_timeout_s: 100.0,
        connection_limit: None,
        concurrency_limit: 5000,
        plan: Vec::new(),
    }
}

fn calling(ports: u64, give_up_s: f64) -> AppSpec {
    let backend =
        Some(BackendSpec { ports, time_wait_s: 10.0, latency_s: 0.5, give_up_s, leak: 0.0 });
    AppSpec { workers: 3, work: Work::Timed { service_s: 1.0, backend }, ..spec() }
}

fn planned(what: Trouble, from_s: f64, until_s: f64) -> AppSpec {
    AppSpec { plan: vec![Planned { what, from_s, until_s }], ..spec() }
}

/// `(at_s, n)` of arrivals; cohort k is the k-th. Gives what became of the newcomers, and of all by
/// `until_s`: time, cohort, how many, what.
fn play(spec: &AppSpec, arrivals: &[(f64, u64)], until_s: f64) -> (Vec<Taken>, Vec<Told>) {
    let (mut app, mut taken, mut told) = (App::new(spec), Vec::new(), Vec::new());
    for (k, (at_s, n)) in arrivals.iter().enumerate() {
        app.advance(*at_s, |e| told.push((e.at_s, e.id, e.n, e.what)));
        taken.push(app.arrive(k as u64, *n));
    }
    app.advance(until_s, |e| told.push((e.at_s, e.id, e.n, e.what)));
    (taken, told)
}

type Told = (f64, u64, u64, What);

#[test]
fn workers_first_then_the_queue_then_nothing() {
    let (taken, told) = play(&spec(), &[(0.0, 7)], 10.0);
    let expected = Taken { started: 2, queued: 3, queue_full: 2, ..Taken::default() };
    assert_eq!(taken, [expected]);
    use What::{Answered, Started};
    let expected = [
        (1.0, 0, 2, Answered),
        (1.0, 0, 2, Started),
        (2.0, 0, 2, Answered),
        (2.0, 0, 1, Started),
        (3.0, 0, 1, Answered),
    ];
    assert_eq!(told, expected, "two at a time, one second each");
}

#[test]
fn a_queue_is_left_in_the_order_in_which_it_was_joined() {
    let (_, told) = play(&spec(), &[(0.0, 2), (0.1, 1), (0.2, 1), (0.3, 1)], 10.0);
    let answered: Vec<(f64, u64)> =
        told.iter().filter(|t| t.3 == What::Answered).map(|t| (t.0, t.1)).collect();
    assert_eq!(answered, [(1.0, 0), (2.0, 1), (2.0, 2), (3.0, 3)]);
}

#[test]
fn who_waits_too_long_is_dropped() {
    let spec = AppSpec { workers: 1, queue_timeout_s: 1.5, ..spec() };
    let (_, told) = play(&spec, &[(0.0, 3)], 10.0);
    use What::{Answered, Started, TimedOut};
    let expected =
        [(1.0, 0, 1, Answered), (1.0, 0, 1, Started), (1.5, 0, 1, TimedOut), (2.0, 0, 1, Answered)];
    assert_eq!(told, expected);
}

#[test]
fn a_low_concurrency_limit_answers_for_itself_and_no_queue_forms() {
    let spec = AppSpec { workers: 8, concurrency_limit: 2, ..spec() };
    let (taken, told) = play(&spec, &[(0.0, 5), (1.0, 1)], 5.0);
    assert_eq!(taken[0], Taken { started: 2, concurrency: 3, ..Taken::default() });
    assert_eq!(taken[1], Taken { started: 1, ..Taken::default() }, "at 1 s both are done");
    assert_eq!(told.iter().filter(|t| t.3 == What::Answered).map(|t| t.2).sum::<u64>(), 3);
}

#[test]
fn connections_beyond_the_limit_are_counted() {
    for (limit, open, n, beyond, why) in [
        (None, 1_000_000, 5, 0, "no limit"),
        (Some(10), 8, 2, 0, "just the last two"),
        (Some(10), 8, 5, 3, "three too many"),
        (Some(10), 12, 5, 5, "full before"),
    ] {
        let spec = AppSpec { connection_limit: limit, ..spec() };
        assert_eq!(spec.beyond_limit(open, n), beyond, "{why}");
    }
}

#[test]
fn ports_are_held_for_the_call_and_then_by_time_wait() {
    let mut app = App::new(&calling(4, 5.0));
    app.advance(0.0, |_| ());
    app.arrive(0, 3);
    assert_eq!(app.ports_used(), (3, 0));
    app.advance(0.5, |_| ());
    assert_eq!((app.ports_used(), app.busy()), ((0, 3), 3), "the calls are over, the work is not");
    app.advance(10.4, |_| ());
    assert_eq!(app.ports_used(), (0, 3));
    app.advance(10.5, |_| ());
    assert_eq!((app.ports_used(), app.busy()), ((0, 0), 0));
}

#[test]
fn a_forgotten_connection_keeps_its_port_as_long_as_its_process() {
    let mut spec = calling(4, 0.0);
    if let Work::Timed { backend: Some(backend), .. } = &mut spec.work {
        backend.leak = 0.5;
    }
    spec.plan = vec![Planned { what: Trouble::Recycle, from_s: 50.0, until_s: 51.0 }];
    let mut app = App::new(&spec);
    for (now_s, used, leaked, why) in [
        (0.0, (0, 0), 0, "nothing has been called"),
        (2.0, (0, 1), 1, "two calls are over, one connection is closed"),
        (20.0, (0, 0), 1, "TIME_WAIT is over, what was forgotten stays"),
        (50.0, (0, 0), 0, "the process is replaced"),
    ] {
        app.advance(now_s, |_| ());
        assert_eq!((app.ports_used(), app.ports_leaked()), (used, leaked), "{why}");
        if now_s == 0.0 {
            app.arrive(0, 2);
        }
    }
}

#[test]
fn without_a_port_a_worker_waits_as_long_as_it_may() {
    use What::{Answered, NoPort, Started};
    for (give_up_s, expected, why) in [
        (0.0, [(1.0, 1, NoPort), (1.5, 0, Answered)], "at once"),
        (5.0, [(1.5, 0, Answered), (6.0, 1, NoPort)], "five seconds later"),
        (9.5, [(1.5, 0, Answered), (10.5 + 1.5, 1, Answered)], "the port is back just in time"),
    ] {
        let (_, told) = play(&calling(1, give_up_s), &[(0.0, 1), (1.0, 1)], 20.0);
        let told: Vec<(f64, u64, What)> = told.iter().map(|t| (t.0, t.1, t.3)).collect();
        assert_eq!(told, expected, "{why}");
        assert!(!told.iter().any(|t| t.2 == Started), "{why}: both had a worker at once");
    }
}

/// The chain of the issue: no ports, so workers wait, so the queue fills.
#[test]
fn a_queue_fills_behind_workers_without_ports() {
    let (taken, _) = play(&calling(6, 5.0), &[(0.0, 3), (1.6, 3), (3.2, 3), (3.3, 9)], 3.3);
    assert_eq!(taken[1].started, 3, "six ports serve six requests");
    assert_eq!(taken[2].started, 3, "a worker each, and no port");
    assert_eq!(taken[3], Taken { queued: 3, queue_full: 6, ..Taken::default() });
}

#[test]
fn a_crash_takes_what_is_worked_on_and_leaves_the_queue() {
    let spec = planned(Trouble::Crash, 0.5, 3.0);
    let (taken, told) = play(&spec, &[(0.0, 3), (1.0, 1)], 10.0);
    assert_eq!(taken[1], Taken { queued: 1, ..Taken::default() }, "while no process is there");
    use What::{Abandoned, Answered, Started};
    let expected = [
        (0.5, 0, 2, Abandoned),
        (3.0, 0, 1, Started),
        (3.0, 1, 1, Started),
        (4.0, 0, 1, Answered),
        (4.0, 1, 1, Answered),
    ];
    assert_eq!(told, expected);
}

#[test]
fn troubles_that_meet_happen_once_each() {
    let at = |from_s, until_s| Planned { what: Trouble::Crash, from_s, until_s };
    let spec = AppSpec { plan: vec![at(1.0, 2.0), at(1.0, 3.0), at(3.0, 4.0)], ..spec() };
    let mut app = App::new(&spec);
    app.advance(10.0, |_| ());
    assert_eq!((app.crashes(), app.processes()), (3, 4));
}

#[test]
fn a_disabled_pool_answers_503_to_all() {
    let spec = planned(Trouble::Offline, 0.5, 3.0);
    let (taken, told) = play(&spec, &[(0.0, 3), (1.0, 9), (3.0, 1)], 10.0);
    assert_eq!(taken[1], Taken { offline: 9, ..Taken::default() });
    assert_eq!(taken[2], Taken { started: 1, ..Taken::default() }, "enabled again");
    use What::{Answered, Offline};
    let expected = [(0.5, 0, 1, Offline), (1.0, 0, 2, Answered), (4.0, 2, 1, Answered)];
    assert_eq!(told, expected);
}

#[test]
fn a_recycle_disturbs_nobody() {
    let spec = planned(Trouble::Recycle, 0.5, 3.0);
    let (taken, told) = play(&spec, &[(0.0, 2), (1.0, 2)], 10.0);
    assert!(taken.iter().all(|t| t.started == 2));
    assert!(told.iter().all(|t| t.3 == What::Answered));
    let mut app = App::new(&spec);
    app.advance(1.0, |_| ());
    assert_eq!((app.processes(), app.crashes()), (2, 0));
}

#[test]
fn a_slow_application_is_slow_for_those_that_begin_then() {
    let spec = planned(Trouble::Slow(10.0), 1.0, 2.0);
    let (_, told) = play(&spec, &[(0.5, 1), (1.0, 1), (2.0, 1)], 20.0);
    let at: Vec<(f64, u64)> = told.iter().map(|t| (t.0, t.1)).collect();
    assert_eq!(at, [(1.5, 0), (3.0, 2), (11.0, 1)]);
}

#[test]
fn who_does_the_work_elsewhere_tells_its_end() {
    let mut app = App::new(&AppSpec {
        workers: 1,
        work: Work::Told,
        plan: vec![Planned { what: Trouble::Crash, from_s: 5.0, until_s: 6.0 }],
        ..spec()
    });
    app.advance(0.0, |_| ());
    assert_eq!((app.arrive(7, 1).started, app.arrive(8, 1).queued), (1, 1));
    let mut told = Vec::new();
    app.advance(3.0, |e| told.push(e));
    assert!(told.is_empty(), "nothing ends by itself");
    assert!(app.finish(7, 1, |e| told.push(e)));
    assert_eq!(told, [Event { id: 8, n: 1, what: What::Started, at_s: 3.0 }]);
    app.advance(5.5, |e| told.push(e));
    assert_eq!(told[1], Event { id: 8, n: 1, what: What::Abandoned, at_s: 5.0 });
    assert!(!app.finish(8, 1, |_| ()), "nobody waits for it any more");
}

#[test]
fn the_oldest_in_the_queue_says_how_long_it_has_waited() {
    let mut app = App::new(&AppSpec { workers: 1, ..spec() });
    app.advance(0.0, |_| ());
    app.arrive(0, 1);
    assert_eq!(app.oldest_wait_s(), None, "nobody waits");
    app.advance(0.25, |_| ());
    app.arrive(1, 1);
    app.advance(0.75, |_| ());
    assert_eq!(app.oldest_wait_s(), Some(0.5));
}

proptest! {
    /// Every request has exactly one end, however it came and whatever went wrong.
    #[test]
    fn nobody_is_lost_and_nobody_ends_twice(
        arrivals in prop::collection::vec((0.0..0.4_f64, 1..9_u64), 1..60),
        troubles in prop::collection::vec((0..4_u8, 0.0..9.0_f64, 0.1..4.0_f64), 0..4),
        ports in 1..12_u64,
        with_backend in any::<bool>(),
    ) {
        let base = if with_backend { calling(ports, 1.0) } else { spec() };
        let trouble = |(kind, from_s, for_s): &(u8, f64, f64)| Planned {
            what: [Trouble::Offline, Trouble::Crash, Trouble::Recycle, Trouble::Slow(3.0)]
                [usize::from(*kind)],
            from_s: *from_s,
            until_s: from_s + for_s,
        };
        let plan = troubles.iter().map(trouble).collect();
        let spec = AppSpec { queue_timeout_s: 1.2, plan, ..base };
        let mut now_s = 0.0;
        let times: Vec<(f64, u64)> = arrivals.iter().map(|(gap_s, n)| {
            now_s += gap_s;
            (now_s, *n)
        }).collect();
        let (taken, told) = play(&spec, &times, 1000.0);
        let mut last_s = 0.0;
        let mut open = vec![0_u64; times.len()];
        for (taken, (_, n)) in taken.iter().zip(&times) {
            let Taken { started, queued, queue_full, concurrency, offline } = *taken;
            prop_assert_eq!(started + queued + queue_full + concurrency + offline, *n);
        }
        for (k, taken) in taken.iter().enumerate() {
            open[k] = taken.started + taken.queued;
        }
        for (at_s, id, n, what) in told {
            prop_assert!(at_s >= last_s, "told in order");
            last_s = at_s;
            if what != What::Started {
                open[id as usize] = open[id as usize].checked_sub(n).expect("ends once");
            }
        }
        prop_assert!(open.iter().all(|n| *n == 0), "somebody is still there: {open:?}");
    }
}
