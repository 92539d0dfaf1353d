//! The rules of evidence: testimony, order, release, gaps, late rows, and two causes in one run.

use model::attempt::Failure;
use model::cause::{Cause, Stance};
use model::limit::Origin;
use model::run::Expect;

use super::kit::*;
use crate::expect::differences;
use Cause::{ListenerDown, NonpagedPool};
use Stance::{Consistent, Contradicted, Supported, Untested};

fn refused_when(fails: impl Fn(f64) -> bool) -> impl Fn(f64) -> Vec<(Failure, u64)> {
    move |t| if fails(t) { vec![(refused(), 40)] } else { vec![] }
}

/// In use at the gate of 20 MiB, and comfortably above it.
const AT_GATE: u64 = 108 * MIB + 4096;
const ABOVE: u64 = 100 * MIB;

#[test]
fn the_hosts_own_word_outranks_a_derived_ceiling() {
    let mut story = Story::new(10.0).load(refused_when(|t| t >= 5.0)).target(|_| pool(ABOVE));
    for stamp in 5..11 {
        story = story.log(f64::from(stamp), 300);
    }
    let findings = story.findings();
    assert_eq!(stance(&findings, NonpagedPool), Supported);
    assert_eq!(findings.verdict.unexplained, 0);
    assert!(
        says(&findings, NonpagedPool, "28.0 MiB of a ceiling of 128.0 MiB (derived)"),
        "both readings"
    );
    assert!(says(&findings, NonpagedPool, "the ceiling must be wrong"));
    assert!(says(&findings, NonpagedPool, "\u{3a3}N = 1,800 refused SYNs"), "SYNs …");
    assert!(says(&findings, NonpagedPool, "800 attempts"), "… beside attempts");
    let pool = &findings.resources[0];
    assert_eq!(pool.limit.unwrap().origin, Origin::Derived);
    assert_eq!(pool.at_limit_from_s, Some(5.01), "the refusals say when");
}

#[test]
fn testimony_covers_its_window_and_no_more() {
    let slow = |stamp: f64, scale: f64| {
        let mut story = Story::new(20.0).load(refused_when(|t| t == 10.0)).target(|_| pool(ABOVE));
        story.run.target.time_scale = scale;
        stance(&story.log(stamp, 40).findings(), NonpagedPool)
    };
    for (stamp, scale, expected, why) in [
        (12.0, 1.0, Supported, "the flush came 2 s later"),
        (15.9, 1.0, Supported, "a row stands for 5 s and the second of its stamp"),
        (17.0, 1.0, Contradicted, "7 s later it stands for others"),
        (9.5, 1.0, Supported, "stamps are whole seconds"),
        (8.5, 1.0, Contradicted, "refusals come before their row"),
        (12.0, 60.0, Contradicted, "at scale 60 a row stands for a second or so"),
        (10.5, 60.0, Supported, "… and here for this one"),
    ] {
        assert_eq!(slow(stamp, scale), expected, "stamp {stamp} at scale {scale}: {why}");
    }
}

#[test]
fn a_log_that_is_read_and_silent_speaks_against_the_gate() {
    let at_gate = |t: f64| pool(if t >= 3.0 { AT_GATE } else { ABOVE });
    let story = |seconds, scale| {
        let story = Story::new(seconds).reading_log();
        let mut story = story.load(refused_when(|t| t >= 3.0)).target(at_gate);
        story.run.target.time_scale = scale;
        story.findings()
    };
    for (seconds, scale, expected, why) in [
        (10.0, 60.0, Contradicted, "any row would have been written long ago"),
        (10.0, 1.0, Supported, "rows may lie in a buffer for a minute"),
        (4.0, 60.0, Supported, "too early to miss a row"),
    ] {
        assert_eq!(stance(&story(seconds, scale), NonpagedPool), expected, "{why}");
    }
}

/// A log row for each second of `from_s .. to_s`, so that silence does not speak.
fn with_log(mut story: Story, from_s: u32, to_s: u32) -> Story {
    for stamp in from_s..to_s {
        story = story.log(f64::from(stamp), 100);
    }
    story
}

#[test]
fn order_and_release_are_tested() {
    let level = |low: fn(f64) -> bool| move |t: f64| pool(if low(t) { AT_GATE } else { ABOVE });
    for (fails, low, expected, words, why) in [
        (
            (|t| t >= 4.0) as fn(f64) -> bool,
            (|t| t >= 4.0) as fn(f64) -> bool,
            Supported,
            "release not seen",
            "the level and the refusals begin together",
        ),
        (|t| t >= 4.0, |t| t >= 2.0, Supported, "release not seen", "the level came first"),
        (
            |t| t >= 4.0,
            |t| (4.0..10.1).contains(&t),
            Supported,
            "release not seen",
            "the level was left only once no attempt was due",
        ),
        (
            |t| (4.0..7.0).contains(&t),
            |t| (4.0..7.0).contains(&t),
            Supported,
            "ended with it",
            "the refusals ended with the level",
        ),
        (
            |t| t >= 4.0,
            |t| (4.0..7.0).contains(&t),
            Contradicted,
            "went on after",
            "the refusals outlived the level",
        ),
        (
            |t| t >= 4.0,
            |t| t >= 6.0,
            Contradicted,
            "began before",
            "the refusals began two seconds before the level was reached",
        ),
    ] {
        let story = Story::new(10.0).load(refused_when(fails)).target(level(low));
        let findings = story.findings();
        assert_eq!(stance(&findings, NonpagedPool), expected, "{why}");
        assert!(
            says(&findings, NonpagedPool, words),
            "{why}: {:?}",
            about(&findings, NonpagedPool)
        );
    }
}

#[test]
fn a_gap_in_the_decisive_window_leaves_the_order_open() {
    let reads = |t: f64| match t {
        _ if t < 3.0 => pool(ABOVE),
        _ if t < 6.0 => Host { listens: Some(true), ..Host::default() },
        _ => pool(AT_GATE),
    };
    let findings = Story::new(10.0).load(refused_when(|t| t >= 4.0)).target(reads).findings();
    assert_eq!(stance(&findings, NonpagedPool), Consistent);
    assert_eq!(causes(&findings), [NonpagedPool], "the only claimant, and nothing against it");
    let sentence = &findings.verdict.sentence;
    assert!(sentence.contains("perhaps"), "{sentence}");
    let testified = Story::new(10.0).load(refused_when(|t| t >= 4.0)).target(reads);
    let findings = with_log(testified, 4, 11).findings();
    assert_eq!(stance(&findings, NonpagedPool), Supported, "testimony bridges the gap");
}

#[test]
fn a_clock_nobody_knows_leaves_the_order_untested() {
    let reads = |t: f64| pool(if t >= 4.0 { AT_GATE } else { ABOVE });
    let story = |bound_s| {
        let story = Story::new(10.0).clock(bound_s).load(refused_when(|t| t >= 4.0)).target(reads);
        stance(&story.findings(), NonpagedPool)
    };
    assert_eq!(story(0.1), Supported);
    assert_eq!(story(5.5), Consistent);
}

#[test]
fn rows_may_come_late_and_in_any_order() {
    let reads = |t: f64| pool(if t >= 4.0 { AT_GATE } else { ABOVE });
    let story = Story::new(10.0).load(refused_when(|t| t >= 4.0)).target(reads);
    let mut story = with_log(story, 4, 10);
    let in_order = story.findings();
    assert_eq!(causes(&in_order), [NonpagedPool]);
    story.rows.reverse();
    assert_eq!(story.findings(), in_order, "the last row first");
    let middle = story.rows.len() / 2;
    story.rows.rotate_left(middle);
    assert_eq!(story.findings(), in_order, "one half before the other");
}

#[test]
fn two_causes_in_one_run_are_split_in_time() {
    let fails = |t: f64| (2.0..4.0).contains(&t) || t >= 6.0;
    let reads = |t: f64| Host {
        listens: Some(!(2.0..4.0).contains(&t)),
        ..pool(if t >= 6.0 { AT_GATE } else { ABOVE })
    };
    let findings =
        with_log(Story::new(10.0).load(refused_when(fails)).target(reads), 7, 11).findings();
    assert_eq!(causes(&findings), [ListenerDown, NonpagedPool], "in order of first failure");
    let failures: Vec<u64> = findings.verdict.causes.iter().map(|c| c.failures).collect();
    assert_eq!(failures, [8 * 40, 16 * 40]);
    let expect = |causes: &[Cause]| Expect { causes: causes.to_vec(), ..Expect::default() };
    assert!(differences(&findings, &expect(&[ListenerDown, NonpagedPool])).is_empty());
    assert_eq!(differences(&findings, &expect(&[NonpagedPool, ListenerDown])).len(), 1);
}

#[test]
fn an_earlier_row_of_refusals_is_another_story() {
    let fails = |t: f64| (1.0..1.5).contains(&t) || t >= 6.0;
    let reads = |t: f64| pool(if t >= 6.0 { AT_GATE } else { ABOVE });
    let findings = Story::new(10.0).load(refused_when(fails)).target(reads).findings();
    assert_eq!(stance(&findings, NonpagedPool), Supported);
    assert_eq!(findings.verdict.causes[0].from_s, 6.01);
    assert_eq!(findings.verdict.unexplained, 2 * 40);
    let sentence = &findings.verdict.sentence;
    assert!(sentence.ends_with("; then 80 more failures stay unexplained."), "{sentence}");
}

#[test]
fn the_hosts_own_word_stands_though_other_refusals_go_on() {
    let reads = |t: f64| pool(if (4.0..7.0).contains(&t) { AT_GATE } else { ABOVE });
    let story = Story::new(12.0).load(refused_when(|t| t >= 4.0)).target(reads);
    let findings = with_log(story, 4, 8).findings();
    assert_eq!(stance(&findings, NonpagedPool), Supported);
    assert!(says(&findings, NonpagedPool, "went on after"));
    assert!(findings.verdict.unexplained > 0, "what the log does not cover is not claimed");
}

#[test]
fn two_causes_that_touch_are_each_given_their_own() {
    let reads = |t: f64| Host {
        listens: Some(!(2.0..5.0).contains(&t)),
        ..pool(if t >= 5.0 { AT_GATE } else { ABOVE })
    };
    let story = Story::new(10.0).load(refused_when(|t| t >= 2.0)).target(reads);
    let findings = with_log(story, 6, 11).findings();
    assert_eq!(causes(&findings), [ListenerDown, NonpagedPool]);
    let [down, gate] = &findings.verdict.causes[..] else { panic!() };
    assert_eq!(down.failures + gate.failures + findings.verdict.unexplained, 32 * 40);
    assert!(findings.verdict.unexplained <= 3 * 40, "only the seam may stay open");
}

#[test]
fn a_listener_that_goes_for_the_gates_sake_is_told_by_the_hosts_own_word() {
    let reads =
        |t: f64| Host { listens: Some(t < 4.0), ..pool(if t >= 4.0 { AT_GATE } else { ABOVE }) };
    let story = || Story::new(10.0).load(refused_when(|t| t >= 4.0)).target(reads);
    let findings = with_log(story(), 4, 11).findings();
    assert_eq!(causes(&findings), [NonpagedPool]);
    assert_eq!(findings.verdict.unexplained, 0);
    assert_eq!(stance(&findings, ListenerDown), Contradicted);
    assert!(says(&findings, ListenerDown, "it went for that"));
    assert_eq!(causes(&story().findings()), [ListenerDown], "without that word it is just away");
}

#[test]
fn probes_speak_for_and_against_the_gate() {
    let reads = |t: f64| pool(if t >= 4.0 { AT_GATE } else { ABOVE });
    let story = |old_served: bool| {
        Story::new(10.0).load(refused_when(|t| t >= 4.0)).target(reads).probes(move |t| {
            let early = t < 4.0;
            vec![
                ("old-connection", early || old_served),
                ("fresh-connect", early),
                ("other-port", true),
            ]
        })
    };
    let findings = with_log(story(true), 4, 11).findings();
    assert!(says(&findings, NonpagedPool, "in 6 probe rounds a fresh connect was refused while"));
    assert!(about(&findings, NonpagedPool).against.is_empty());
    let findings = with_log(story(false), 4, 11).findings();
    assert!(says(&findings, NonpagedPool, "which the gate leaves alone"));
}

#[test]
fn nothing_failed_is_nothing_to_explain_and_still_told() {
    let findings =
        Story::new(5.0).load(|_| vec![]).target(|_| pool(107 * MIB + MIB / 2)).findings();
    assert!(findings.hypotheses.iter().all(|h| h.stance == Untested));
    assert!(says(&findings, NonpagedPool, "came within 512.0 KiB of the 20 MiB gate"));
    assert_eq!(
        findings.verdict.sentence,
        "Nothing failed: 2,000 of 2,000 attempts were served, though free non-paged pool came within 512.0 KiB of the 20 MiB gate."
    );
    assert_eq!(findings.resources[0].at_limit_from_s, None);
    assert_eq!(findings.resources[0].headroom_min, Some((20 * MIB + MIB / 2) as i64));
    let findings = Story::new(5.0).load(|_| vec![]).target(|_| pool(50 * MIB)).findings();
    assert!(findings.verdict.sentence.ends_with("and no resource came near its limit."));
    let nobody = Story::new(5.0).target(|_| pool(50 * MIB)).findings();
    assert_eq!(nobody.attempts, None, "without a generator there are no zeros");
}

#[test]
fn what_was_expected_is_compared_in_sentences() {
    let reads = |t: f64| pool(if t >= 4.0 { AT_GATE } else { ABOVE });
    let story = Story::new(10.0).load(refused_when(|t| t >= 4.0)).target(reads);
    let findings = with_log(story, 4, 11).findings();
    let expect = |causes: &[Cause], after, before| Expect {
        causes: causes.to_vec(),
        first_failure_after_s: after,
        first_failure_before_s: before,
        ..Expect::default()
    };
    for (expected, differs, why) in [
        (expect(&[NonpagedPool], Some(3.0), Some(6.0)), 0, "as expected"),
        (expect(&[], None, None), 1, "nothing was expected"),
        (expect(&[ListenerDown], None, Some(3.0)), 2, "another cause, and earlier"),
        (expect(&[NonpagedPool], Some(5.0), None), 1, "too early"),
    ] {
        assert_eq!(differences(&findings, &expected).len(), differs, "{why}");
    }
    let clean = Story::new(5.0).load(|_| vec![]).findings();
    assert_eq!(differences(&clean, &expect(&[], None, None)), Vec::<String>::new());
    let waited = differences(&clean, &expect(&[NonpagedPool], None, Some(4.0)));
    assert_eq!(waited.len(), 2, "no cause and no first failure: {waited:?}");
    let unexplained = Story::new(10.0).load(refused_when(|t| t >= 4.0)).findings();
    assert_eq!(differences(&unexplained, &expect(&[], None, None)).len(), 1);
}

#[test]
fn slow_attempts_that_were_served_are_the_earliest_sign() {
    let slow = |lateness_us| {
        move |tick: &mut model::row::Interval| {
            if tick.t_s >= 3.0 {
                (tick.connect_us.max, tick.lateness_us.max) = (3_004_000, lateness_us);
            }
        }
    };
    for (lateness_us, told, why) in
        [(800, true, "a SYN was sent again"), (2_900_000, false, "the start itself came late")]
    {
        let story = Story::new(5.0).ticks(|_| vec![], slow(lateness_us)).target(|_| pool(ABOVE));
        let sentence = story.findings().verdict.sentence;
        assert!(sentence.starts_with("Nothing failed"), "{why}: {sentence}");
        let says = sentence.contains("from 3.0 s on connects took up to 3.0 s");
        assert_eq!(says, told, "{why}: {sentence}");
    }
}
