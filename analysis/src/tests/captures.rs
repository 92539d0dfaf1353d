//! Captures without a generator: failures are what the host's own log counts, attempts are unknown.

use model::cause::Cause::{ClientPorts, ListenerDown, NonpagedPool};
use model::cause::Stance::{Contradicted, Supported, Untested};
use model::row::Row;

use super::kit::{Host, MIB, Story, causes, pool, stance};

#[test]
fn the_hosts_own_log_is_enough_for_a_verdict() {
    let mut story = Story::new(100.0).log(0.0, 1).log(55.0, 1).log(75.0, 2);
    story.run.target.time_scale = 1.0;
    let findings = story.findings();
    assert_eq!(findings.attempts, None, "nobody counted attempts");
    assert_eq!(causes(&findings), [NonpagedPool]);
    assert_eq!(stance(&findings, NonpagedPool), Supported);
    assert_eq!(findings.verdict.causes[0].failures, 4, "the sum of N");
    assert_eq!(findings.failures.len(), 1);
    assert_eq!(findings.failures[0].count, 4);
    assert_eq!(stance(&findings, ClientPorts), Untested, "no client was observed");
    assert_eq!(stance(&findings, ListenerDown), Untested, "no list of sockets");
}

#[test]
fn captures_without_a_refusal_accuse_nobody() {
    let mut story = Story::new(4.0).target(|_| pool(50 * MIB));
    story.rows.retain(|row| !matches!(row, Row::Interval(_)));
    let findings = story.findings();
    assert_eq!(findings.attempts, None);
    assert!(findings.verdict.causes.is_empty() && findings.failures.is_empty());
    assert_ne!(stance(&findings, NonpagedPool), Contradicted, "there was nothing to contradict");
    assert!(findings.verdict.sentence.starts_with("No refusal was counted"));
}

#[test]
fn snapshots_of_a_later_outage_name_the_tag_that_grew_up_to_it() {
    // Refused at 0 s, started again at 40 s, refused again at 95 s: nothing was read before the first.
    let reads = |t: f64| {
        let since_boot_s = if t < 40.0 { t + 60.0 } else { t - 40.0 };
        let leaked = (since_boot_s * 350.0 * 1024.0) as u64;
        let tags = vec![("MmCm", 50 * MIB, 9000), ("ISil", leaked, leaked / 900)];
        Host { tags, ..pool(88 * MIB + leaked) }
    };
    let mut story = Story::new(100.0).log(0.0, 1).target(reads).log(95.0, 2);
    story.run.target.time_scale = 1.0;
    story.rows.retain(|row| !matches!(row, Row::Sample(s) if s.t_s <= 1.0));
    let findings = story.findings();
    assert_eq!(causes(&findings), [NonpagedPool]);
    assert_eq!(findings.verdict.causes[0].because_of, ["tag ISil"], "{findings:#?}");
}
