//! The sums that hold for any rows: every failed or not-sent attempt is told once.

use model::attempt::Failure;
use model::cause::Cause;
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
    log: Option<u64>,
}

fn kinds() -> [Failure; 6] {
    [refused(), reset(), no_port(), no_buffers(), no_descriptor(), at_the_cap()]
}

fn round() -> impl Strategy<Value = Round> {
    let fails = prop::collection::vec((0..6_usize, 0..9_u64), 0..4);
    let used = prop::option::of(prop_oneof![Just(60_u64), 104..110_u64]);
    let read = (used, prop::option::of(any::<bool>()), prop::option::of(3900..3977_u32));
    let more = (any::<bool>(), prop::option::weighted(0.1, 1..50_u64), 0..3_u64);
    (fails, read, more).prop_map(|(fails, (used_mib, listens, ports), (late, log, extra))| Round {
        fails,
        extra,
        used_mib,
        listens,
        ports,
        late,
        log,
    })
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
    let mut story = Story::new(rounds.len() as f64 * EVERY_S)
        .ticks(fails, more)
        .target(|t| Host {
            used_bytes: at(t).and_then(|r| r.used_mib).map(|m| m * MIB),
            listens: at(t).and_then(|r| r.listens),
            ..Host::default()
        })
        .ports(|t| at(t).and_then(|r| r.ports).map(|used| (used, 3900)));
    for (i, n) in rounds.iter().enumerate().filter_map(|(i, r)| Some((i, r.log?))) {
        story = story.log(i as f64 * EVERY_S, n);
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
        live in any::<bool>(),
    ) {
        let mut story = story(&rounds);
        if live {
            story.run.target.profile = None;
        }
        // Vantages go missing for a while, and rows change places.
        let mut dropping = keep.iter().cycle();
        story.rows.retain(|row| matches!(row, Row::Interval(_)) || *dropping.next().unwrap() > 2);
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
        } else {
            prop_assert!(rounds.is_empty());
        }
        prop_assert!(verdict.causes.iter().all(|c| c.failures > 0 && c.from_s <= c.to_s));
        prop_assert!(verdict.causes.is_sorted_by(|a, b| a.from_s <= b.from_s));
        prop_assert_eq!(findings.hypotheses.len(), Cause::ALL.len());
        prop_assert!(findings.hypotheses.is_sorted_by(|a, b| a.cause < b.cause));
        prop_assert_eq!(timeline.findings(), findings.clone(), "asking again changes nothing");
        prop_assert!(timeline.series().iter().all(|s| s.points.len() <= 2000));
    }
}
