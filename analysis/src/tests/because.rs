//! What stands behind a full pool: growers, pairs, plateaus, the largest holder.

use model::cause::Cause::NonpagedPool;
use model::cause::Stance;

use super::kit::*;

/// Seconds until the gate: 3 MiB of room.
const FULL_S: f64 = 6.0;

/// A host whose pool is full at 6 s, with these tags on top of a baseline.
fn host(t_s: f64, tags: &[(&'static str, u64, u64)], time_wait: u64) -> Host {
    let baseline = 105 * MIB;
    let grown = (t_s.clamp(0.0, FULL_S) / FULL_S * 3.2 * MIB as f64) as u64;
    let mut all = vec![("MmCm", baseline / 2, 9000)];
    all.extend(tags);
    Host { time_wait, tags: all, ..pool(baseline + grown) }
}

fn because_of(reads: impl Fn(f64) -> Host) -> (Vec<String>, model::findings::Findings) {
    let fails = |t: f64| if t >= FULL_S - 0.5 { vec![(refused(), 40)] } else { vec![] };
    let story = Story::new(8.0).load(fails).target(reads).log(6.0, 90).log(7.0, 90).log(8.0, 90);
    let findings = story.findings();
    assert_eq!(stance(&findings, NonpagedPool), Stance::Supported, "{findings:#?}");
    (findings.verdict.causes[0].because_of.clone(), findings)
}

/// Connections opened by then: 400/s until the pool is full.
fn opened(t_s: f64) -> u64 {
    (t_s.clamp(0.0, FULL_S) * 400.0) as u64
}

/// 240 s of TIME_WAIT at scale 60: a plateau after 4 s.
fn time_wait(t_s: f64) -> u64 {
    (t_s.clamp(0.0, 4.0) * 400.0) as u64
}

#[test]
fn the_tag_that_keeps_growing_is_named_with_its_rates() {
    let (behind, findings) = because_of(|t| {
        let n = opened(t);
        let tw = time_wait(t);
        host(t, &[("ISil", n * 900, n), ("TCPT", tw * 700, tw), ("I100", 14 * MIB, 80_909)], tw)
    });
    assert_eq!(behind, ["tag ISil"], "TCPT is a plateau, I100 is large and does not grow");
    assert!(says(&findings, NonpagedPool, "900 B per connection"), "{findings:#?}");
    assert!(
        says(&findings, NonpagedPool, "351.6 KiB/s run rate (6,000 B/s host rate)"),
        "{findings:#?}"
    );
    let sentence = &findings.verdict.sentence;
    assert!(sentence.starts_with("HTTP.sys on the target refused 400 connections from 5.5 s on because free non-paged pool fell to its 20 MiB gate; tag ISil grew by 900 B per connection"), "{sentence}");
}

#[test]
fn tags_that_move_together_are_told_as_such() {
    let (behind, findings) = because_of(|t| {
        let n = opened(t);
        host(t, &[("ISil", n * 500, 100 + n), ("I100", n * 400, 99 + n)], time_wait(t))
    });
    assert_eq!(behind, ["tag ISil", "tag I100"]);
    assert!(says(&findings, NonpagedPool, "ISil and I100 move together"), "{findings:#?}");
    let (_, findings) = because_of(|t| {
        let n = opened(t);
        host(t, &[("ISil", n * 500, n), ("SavE", n * 400, 2 * n)], time_wait(t))
    });
    assert!(!says(&findings, NonpagedPool, "move together"), "two drivers of their own");
}

#[test]
fn a_plateau_of_time_wait_is_no_leak() {
    let (behind, findings) = because_of(|t| {
        let tw = time_wait(t);
        host(t, &[("TCPT", tw * 2000, tw), ("Xyzw", tw * 100, tw)], tw)
    });
    assert_eq!(behind, ["connections and TIME_WAIT of the load"]);
    assert!(says(&findings, NonpagedPool, "churn, not a leak"), "{findings:#?}");
}

#[test]
fn a_tag_in_step_with_time_wait_that_still_grows_is_load_only_if_it_is_known_to_be() {
    // 6 s of a TIME_WAIT that lasts longer: nothing levels off before the pool is full.
    let (behind, findings) = because_of(|t| {
        let n = opened(t);
        host(t, &[("SavE", n * 700, n), ("TCPT", n * 600, n), ("UlHC", n * 500, n)], n)
    });
    assert_eq!(behind, ["tag SavE"], "TCPT and UlHC hold what connections need");
    assert!(says(&findings, NonpagedPool, "a longer run would tell"), "{findings:#?}");
}

#[test]
fn what_fills_up_once_or_hardly_grows_is_not_blamed() {
    let (behind, _) = because_of(|t| {
        let cache = (t.clamp(0.0, 2.0) / 2.0 * 1.5 * MIB as f64) as u64;
        let n = opened(t);
        host(t, &[("UriC", cache, 10), ("ISil", n * 700, n), ("Tiny", n * 60, n / 3)], time_wait(t))
    });
    assert_eq!(behind, ["tag ISil"], "UriC was full after 2 s, Tiny is 4 % of the growth");
}

#[test]
fn one_snapshot_names_the_largest_holder_only() {
    let (behind, findings) = because_of(|t| {
        let mut host = host(t, &[("ISil", 60 * MIB, 80_939)], 0);
        if !(5.0..5.25).contains(&t) {
            host.tags.clear();
        }
        host
    });
    assert_eq!(behind, ["largest holder: tag ISil"]);
    assert!(says(&findings, NonpagedPool, "takes two snapshots"));
}

#[test]
fn nothing_is_blamed_where_nothing_listed_grew() {
    let (behind, findings) = because_of(|t| host(t, &[], 0));
    assert_eq!(behind, Vec::<String>::new());
    assert!(says(&findings, NonpagedPool, "nothing leaks that was listed"));
}
