//! What looks like trouble and is none: nobody may be accused, neither when all is served nor when a few
//! attempts fail for a reason that was not read.

use model::attempt::Failure;
use model::reading::KernelMemory;
use model::row::Interval;

use super::kit::*;

/// What is seen of a host that has nothing.
struct Control {
    why: &'static str,
    host: fn(f64) -> Host,
    log: Option<(&'static str, u64)>,
    busy: bool,
}

const QUIET: Control = Control { why: "", host: |_| pool(60 * MIB), log: None, busy: false };

fn controls() -> Vec<Control> {
    vec![
        Control {
            why: "20,000 TIME_WAIT, and healthy",
            host: |_| Host { time_wait: 20_000, ..pool(60 * MIB) },
            ..QUIET
        },
        Control {
            why: "a flood of Timer_ConnectionIdle",
            log: Some(("Timer_ConnectionIdle", 300)),
            ..QUIET
        },
        Control {
            why: "a large hog that does not grow",
            host: |_| Host { tags: vec![("I100", 90 * MIB, 80_909)], ..pool(105 * MIB) },
            ..QUIET
        },
        Control {
            why: "an application pool is recycled",
            host: |t| {
                let pending = f64::from(u8::from((5.0..6.0).contains(&t)));
                Host {
                    counters: vec![
                        ("windows_iis_current_application_pool_state.Running", 1.0),
                        ("windows_iis_current_application_pool_state.Shutdown Pending", pending),
                        ("windows_iis_current_application_pool_state.Disabled", 0.0),
                    ],
                    ..pool(60 * MIB)
                }
            },
            ..QUIET
        },
        Control { why: "the generator's CPU is the limit", busy: true, ..QUIET },
        Control {
            why: "a backup takes memory for a while",
            host: |t| {
                let backup = (4.0..8.0).contains(&t);
                let committed = if backup { 900 } else { 500 };
                Host {
                    memory: KernelMemory {
                        committed_bytes: Some(committed * MIB),
                        commit_limit_bytes: Some(1000 * MIB),
                        free_system_ptes: Some(if backup { 30_000 } else { 180_000 }),
                        ..KernelMemory::default()
                    },
                    ..pool(if backup { 100 * MIB } else { 60 * MIB })
                }
            },
            ..QUIET
        },
        Control {
            why: "a leak that stops in time",
            host: |t| {
                let n = (t.clamp(0.0, 6.0) * 1000.0) as u64;
                Host { tags: vec![("ISil", n * 500, n)], ..pool(102 * MIB + n * 500) }
            },
            ..QUIET
        },
    ]
}

fn story(control: &Control, fails: impl Fn(f64) -> Vec<(Failure, u64)>) -> Story {
    let busy = control.busy;
    let more = move |tick: &mut Interval| {
        if busy {
            (tick.lateness_us.p99, tick.cpu_s) = (30_000, tick.seconds);
        }
    };
    let story = Story::new(12.0).reading_log().ticks(fails, more).target(control.host);
    let story = story.ports(|_| Some((900, 300)));
    match control.log {
        Some((reason, rows)) => story.rows(0, 12, reason, 0, rows),
        None => story,
    }
}

#[test]
fn all_that_is_served_accuses_nobody() {
    for control in controls() {
        let findings = story(&control, |_| vec![]).findings();
        let why = control.why;
        assert_eq!(causes(&findings), [], "{why}");
        assert_eq!(findings.verdict.unexplained, 0, "{why}");
        assert_eq!(findings.valid, !control.busy, "{why}: only a busy generator is not valid");
        let sentence = &findings.verdict.sentence;
        assert!(sentence.starts_with("Nothing failed"), "{why}: {sentence}");
        let supported = findings.hypotheses.iter().filter(|h| {
            h.stance == model::cause::Stance::Supported
                && h.cause != model::cause::Cause::GeneratorLimit
        });
        assert_eq!(supported.count(), 0, "{why}");
    }
}

#[test]
fn a_stray_failure_accuses_none_of_them() {
    let stray: [fn() -> Failure; 6] =
        [refused, reset, closed, || http(503), connect_timeout, answer_timeout];
    for control in controls() {
        for failure in stray {
            let fails = |t: f64| if t == 5.0 { vec![(failure(), 3)] } else { vec![] };
            let findings = story(&control, fails).findings();
            let why = format!("{} and a stray {}", control.why, failure().name);
            assert_eq!(causes(&findings), [], "{why}: {findings:#?}");
            assert_eq!(findings.verdict.unexplained, 3, "{why}");
        }
    }
}
