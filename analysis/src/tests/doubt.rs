//! What readings do not show must not be said: rare samples, stragglers, a log with holes.

use model::attempt::Failure;
use model::cause::{Cause, Stance};
use model::row::{Event, Happening, Row};

use super::kit::*;
use Cause::{ClientPorts, ListenerDown, NonpagedPool};
use Stance::{Consistent, Contradicted, Supported, Untested};

/// In use at the gate of 20 MiB, and comfortably above it.
const AT_GATE: u64 = 108 * MIB + 4096;
const ABOVE: u64 = 100 * MIB;

fn refused_when(fails: impl Fn(f64) -> bool) -> impl Fn(f64) -> Vec<(Failure, u64)> {
    move |t| if fails(t) { vec![(refused(), 40)] } else { vec![] }
}

/// The same story, its hosts read every `period_s` only.
fn read_every(mut story: Story, period_s: f64) -> Story {
    story.run.sample_every_s = period_s;
    // Witnesses read up to 50 ms after each round is due.
    story.rows.retain(|row| match row {
        Row::Sample(sample) => (sample.t_s + 0.05).rem_euclid(period_s) < 0.2,
        _ => true,
    });
    story
}

#[test]
fn a_restart_between_two_lists_of_sockets_is_not_contradicted_by_them() {
    let away = |t: f64| (62.0..65.0).contains(&t);
    let story = |fails: fn(f64) -> bool, period_s| {
        let target = move |t| Host { listens: Some(!away(t)), ..pool(60 * MIB) };
        read_every(Story::new(120.0).load(refused_when(fails)).target(target), period_s).findings()
    };
    for (fails, period_s, expected, why) in [
        ((|t| (62.0..65.0).contains(&t)) as fn(f64) -> bool, 0.25, Supported, "it was seen to go"),
        (|t| (62.0..65.0).contains(&t), 5.0, Untested, "nobody looked in those 3 s"),
        (|t| (62.0..65.0).contains(&t), 30.0, Untested, "nor here"),
        (|t| (50.0..80.0).contains(&t), 5.0, Contradicted, "it was listed while they went on"),
    ] {
        let findings = story(fails, period_s);
        assert_eq!(stance(&findings, ListenerDown), expected, "every {period_s} s: {why}");
        assert_eq!(says(&findings, ListenerDown, "sample more often"), expected == Untested);
    }
}

#[test]
fn ports_that_ran_out_between_two_rare_readings_are_not_denied() {
    let full = |t: f64| (62.0..65.0).contains(&t);
    let fails = move |t| if full(t) { vec![(no_port(), 90)] } else { vec![] };
    let ports = move |t| Some(if full(t) { (3976, 3970) } else { (900, 880) });
    for (period_s, expected) in [(0.25, Supported), (30.0, Untested)] {
        let story = read_every(Story::new(120.0).load(fails).ports(ports), period_s);
        assert_eq!(stance(&story.findings(), ClientPorts), expected, "every {period_s} s");
    }
}

#[test]
fn a_gate_between_two_rare_readings_leaves_the_order_open() {
    let shut = |t: f64| (118.0..160.0).contains(&t);
    for (from_s, to_s, expected, why) in [
        (100.0, 110.0, Consistent, "they ended before a reading at the gate"),
        (100.0, 150.0, Supported, "a reading at the gate lies among them"),
    ] {
        let story = Story::new(200.0)
            .load(refused_when(move |t| t >= from_s && t < to_s))
            .target(move |t| pool(if shut(t) { AT_GATE } else { ABOVE }));
        let findings = read_every(story, 30.0).findings();
        assert_eq!(stance(&findings, NonpagedPool), expected, "{why}");
    }
}

#[test]
fn stragglers_before_the_gate_do_not_undo_it_and_a_steady_row_does() {
    let reads = |t: f64| pool(if t >= 6.0 { AT_GATE } else { ABOVE });
    for (early, seconds, expected, why) in [
        (1, 12.0, Supported, "a failure a tick, then sixty"),
        (60, 12.0, Contradicted, "as many as later: something else refuses"),
        (60, 300.0, Contradicted, "… however long the pool then stays at its gate"),
    ] {
        let fails = move |t: f64| vec![(refused(), if t >= 6.0 { 60 } else { early })];
        let findings = Story::new(seconds).load(fails).target(reads).findings();
        assert_eq!(stance(&findings, NonpagedPool), expected, "{why}");
        let early_stay_open = findings.verdict.unexplained >= 22 * early;
        assert!(early_stay_open, "{why}: {}", findings.verdict.unexplained);
    }
}

#[test]
fn resets_long_before_a_listener_went_are_another_story() {
    let fails = |t: f64| match t {
        _ if (65.0..70.0).contains(&t) => vec![(reset(), 20)],
        _ if t == 100.0 => vec![(reset(), 7), (refused(), 40)],
        _ if t >= 100.0 => vec![(refused(), 40)],
        _ => vec![],
    };
    let reads = |t| Host { listens: Some(t < 100.0), ..pool(60 * MIB) };
    let story = read_every(Story::new(150.0).load(fails).target(reads), 30.0);
    let findings = story.findings();
    assert_eq!(causes(&findings), [ListenerDown]);
    assert_eq!(findings.verdict.causes[0].from_s, 100.01);
    assert_eq!(findings.verdict.unexplained, 20 * 20, "only its own queue died with it");
}

#[test]
fn a_log_with_a_hole_is_not_silent() {
    let with_trouble = |trouble_s: f64| {
        let mut story = Story::new(12.0)
            .reading_log()
            .load(refused_when(|t| t >= 3.0))
            .target(|t| pool(if t >= 3.0 { AT_GATE } else { ABOVE }));
        story.rows.push(Row::Event(Event {
            t_s: trouble_s,
            vantage: "target".into(),
            what: Happening::LogTrouble {
                file: "httperr1.log".into(),
                sentence: "12 lines could not be read".into(),
            },
        }));
        stance(&story.findings(), NonpagedPool)
    };
    assert_eq!(with_trouble(4.0), Supported, "the row may have been in the hole");
    assert_eq!(with_trouble(-0.5), Contradicted, "a hole before the refusals hides none of them");
    assert_eq!(with_trouble(11.0), Contradicted, "… nor one long after any row was written");
}

#[test]
fn a_clock_nobody_knows_bounds_the_hosts_own_word_too() {
    let story = |bound_s| {
        let reads = |t: f64| pool(if (4.0..7.0).contains(&t) { AT_GATE } else { ABOVE });
        let story = Story::new(60.0).clock(bound_s).load(refused_when(|t| t >= 4.0)).target(reads);
        stance(&story.log(5.0, 100).findings(), NonpagedPool)
    };
    assert_eq!(story(0.1), Supported, "other refusals went on, and these have their row");
    assert_eq!(story(6.0), Consistent);
}

#[test]
fn nothing_is_said_of_a_listener_that_nobody_listed() {
    let reads = |t: f64| Host { listens: None, ..pool(if t >= 4.0 { AT_GATE } else { ABOVE }) };
    let findings = Story::new(10.0).load(refused_when(|t| t >= 4.0)).target(reads).findings();
    assert_eq!(causes(&findings), [NonpagedPool]);
    assert_eq!(stance(&findings, ListenerDown), Untested);
    assert!(says(&findings, ListenerDown, "netstat -an"));
}
