//! Comparisons of small runs whose differences are known.

use std::collections::BTreeMap;

use model::comparison::{Comparison, Finding, InForce};
use model::limit::{Limit, Origin};
use model::row::Closers;
use model::threshold::Threshold;
use model::told::LatencySpread;

use super::{Measured, Placed, compare};
use crate::tests::kit::{Host, MIB, Story, pool};

/// A run of 12 s at 400/s, closed by the target, whose TIME_WAIT lasts so long.
fn run(time_wait_s: f64, set_s: Option<u64>, latency_s: f64, wobble: u64) -> Measured {
    let standing = move |t: f64| (400.0 * t.clamp(0.0, time_wait_s)) as u64 + wobble;
    let mut story = Story::new(12.0)
        .ticks(|_| vec![], |tick| tick.closers = Closers { target: tick.served, generator: 0 })
        .target(|t| Host { time_wait: standing(t), ..pool(100 * MIB) });
    if let Some(set_s) = set_s {
        let limit = Limit { value: set_s, origin: Origin::Configured };
        let target = BTreeMap::from([("TcpTimedWaitDelay".to_owned(), limit)]);
        story.run.tunables.insert("target".into(), target);
    }
    let spread =
        LatencySpread { count: 4800, p50_s: latency_s, p99_s: 2.0 * latency_s, max_s: 1.0 };
    let latency = BTreeMap::from([("total".to_owned(), spread)]);
    Measured::of(story.run.clone(), &story.timeline(), &latency, Vec::new())
}

fn placed(runs: Vec<Measured>) -> Vec<Placed> {
    let each = runs.into_iter().enumerate();
    each.map(|(nth, measured)| Placed { path: format!("run-{nth}"), measured }).collect()
}

fn side(time_wait_s: f64, set_s: Option<u64>, latency_s: f64) -> Vec<Placed> {
    let noisy = |nth: u64| run(time_wait_s, set_s, latency_s * (1.0 + nth as f64 / 100.0), nth);
    placed((0..3).map(noisy).collect())
}

fn finding(compared: &Comparison, measure: &str) -> Finding {
    let line = compared.measures.iter().find(|m| m.measure == measure);
    line.unwrap_or_else(|| panic!("{measure} in {compared:?}")).finding
}

#[test]
fn a_difference_beyond_the_noise_of_repeats_is_better_or_worse() {
    // 240 s and 60 s of the host, played 60 times faster.
    let compared = compare(&side(4.0, Some(240), 0.002), &side(1.0, Some(60), 0.010), &[]);
    assert!(compared.valid);
    for (measure, expected) in [
        ("time_wait.peak", Finding::Better),
        ("time_wait.plateau", Finding::Better),
        ("latency.p50", Finding::Worse),
        ("latency.max", Finding::NoEvidence),
        ("attempts.served", Finding::NoEvidence),
        ("nonpaged_pool.headroom", Finding::NoEvidence),
    ] {
        assert_eq!(finding(&compared, measure), expected, "{measure}");
    }
    let [tuned] = &compared.tunables[..] else { panic!("{:?}", compared.tunables) };
    assert_eq!((tuned.base, tuned.new, tuned.in_force), (Some(240), Some(60), InForce::Yes));
    let [seen] = &compared.time_wait[..] else { panic!("{:?}", compared.time_wait) };
    assert_eq!((&seen.base[..], &seen.new[..]), ("240 s", "60 s"));
    assert!(compared.left_out.is_empty(), "{:?}", compared.left_out);
    assert!(compared.sentence.contains("better: time_wait.peak"), "{}", compared.sentence);
}

#[test]
fn a_setting_that_changed_nothing_is_told_and_credited_with_nothing() {
    let compared = compare(&side(4.0, Some(240), 0.002), &side(4.0, Some(30), 0.001), &[]);
    let [tuned] = &compared.tunables[..] else { panic!("{:?}", compared.tunables) };
    assert_eq!(tuned.in_force, InForce::No);
    assert!(
        tuned.sentence.contains("seen to last 240 s, as before, not 30 s"),
        "{}",
        tuned.sentence
    );
    assert!(
        compared.sentence.contains("NOT in force, and no gain is owed"),
        "{}",
        compared.sentence
    );
    let unseen = compare(&side(40.0, Some(2400), 0.002), &side(40.0, Some(1200), 0.002), &[]);
    assert_eq!(unseen.tunables[0].in_force, InForce::NotShown, "12 s are too short to tell");
}

#[test]
fn one_run_a_side_is_no_evidence_and_said_so() {
    let one = |time_wait_s| placed(vec![run(time_wait_s, None, 0.001, 0)]);
    let compared = compare(&one(4.0), &one(1.0), &[]);
    assert!(
        compared.measures.iter().all(|m| m.finding == Finding::NoEvidence && m.noise.is_none())
    );
    assert!(compared.left_out[0].contains("one run only"), "{:?}", compared.left_out);
}

#[test]
fn other_scenarios_are_compared_in_what_does_not_follow_from_them() {
    let mut other = side(1.0, Some(60), 0.001);
    other.iter_mut().for_each(|p| p.measured.findings.run.scenario = "another".into());
    let compared = compare(&side(4.0, Some(240), 0.001), &other, &[]);
    assert!(compared.measures.is_empty());
    assert!(compared.left_out[0].contains("different scenarios (another, story)"));
    assert_eq!(compared.tunables.len(), 1, "what does not depend on the load is compared");
}

#[test]
fn a_run_that_is_not_valid_spoils_the_comparison() {
    let mut spoilt = side(4.0, None, 0.001);
    let findings = &mut spoilt[0].measured.findings;
    findings.valid = false;
    findings.not_valid_because.push("the generator was the limit: no descriptor was left".into());
    let compared = compare(&side(4.0, None, 0.001), &spoilt, &[]);
    assert!(!compared.valid);
    assert!(compared.not_valid_because[0].starts_with("run-0: the generator was the limit"));
}

#[test]
fn thresholds_fail_a_comparison() {
    let fail_on: Vec<Threshold> =
        ["time_wait.peak>+10%", "latency.p99>100ms"].iter().map(|t| t.parse().unwrap()).collect();
    let compared = compare(&side(1.0, None, 0.001), &side(4.0, None, 0.001), &fail_on);
    let failed: Vec<bool> = compared.thresholds.iter().map(|t| t.failed).collect();
    assert_eq!(failed, [true, false]);
    assert!(compared.sentence.contains("1 of 2 thresholds failed"), "{}", compared.sentence);
}
