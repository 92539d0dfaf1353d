//! Captures without a generator: failures are what the host's own log counts, attempts are unknown.

use model::cause::Cause::{self, *};
use model::cause::Stance::{Consistent, Contradicted, Supported, Untested};
use model::findings::CauseLine;
use model::os_event::Meaning;
use model::row::{Happening, Row};

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

/// Captures of one host: rows of its logs and entries of its System log, and no generator.
fn captured() -> Story {
    let mut story = Story::new(100.0);
    story.run.target.time_scale = 1.0;
    story
}

#[test]
fn what_the_hosts_logs_count_is_what_failed() {
    let ports = |s: Story| s.os_event(12.0, "target", Meaning::TcpPortsExhausted, ("Tcpip", 4231));
    let queue = || captured().rows(10, 20, "QueueFull", 503, 200);
    let healthy = || captured().rows(0, 60, "Timer_ConnectionIdle", 0, 30);
    for (story, found, why) in [
        (queue(), &[(RequestQueue, 2000, &[][..])][..], "a flood of QueueFull"),
        (
            ports(queue()),
            &[(RequestQueue, 2000, &["target-ports"])],
            "… behind which ports ran out",
        ),
        (captured().rows(10, 12, "AppOffline", 503, 9), &[(AppOffline, 18, &[])], "AppOffline"),
        (captured().rows(10, 12, "Timer_ReqQueue", 0, 9), &[(QueueWait, 18, &[])], "waited"),
        (
            captured().rows(10, 12, "Connection_Abandoned_By_AppPool", 0, 9),
            &[(WorkerCrash, 18, &[])],
            "let go of",
        ),
        (captured().answers(10, 20, (503, 2), 50), &[(ConcurrencyLimit, 500, &[])], "503.2"),
        (healthy(), &[], "idle timers by the hundred"),
        (healthy().rows(0, 60, "Timer_HeaderWait", 0, 3), &[], "and slow clients"),
        (healthy().rows(0, 60, "BadRequest", 400, 3), &[], "and scanners"),
        (captured().answers(10, 20, (500, 0), 3), &[], "an application's errors"),
        (
            ports(captured().answers(10, 20, (502, 3), 30)),
            &[(TargetPorts, 300, &[])],
            "its errors while its ports ran out, by its own word",
        ),
        (ports(captured()), &[(TargetPorts, 0, &[])], "that word alone: nobody counted"),
        (
            captured().os_event(5.0, "target", Meaning::PagedPoolEmpty, ("Srv", 2020)),
            &[(KernelMemoryOther, 0, &[])],
            "2020",
        ),
        (
            captured().os_event(5.0, "target", Meaning::NonpagedPoolEmpty, ("Srv", 2019)),
            &[(NonpagedPool, 0, &[])],
            "2019",
        ),
        (
            captured().os_event(5.0, "target", Meaning::PoolDisabled, ("WAS", 5002)),
            &[(AppOffline, 0, &["worker-crash"])],
            "5002 names its reason itself",
        ),
        (captured().os_event(5.0, "target", Meaning::Boot, ("EventLog", 6005)), &[], "a boot"),
    ] {
        let mut story = story;
        story.rows.retain(|row| !matches!(row, Row::Interval(_)));
        let findings = story.findings();
        let told: Vec<_> = findings.verdict.causes.iter().map(told).collect();
        let found: Vec<_> = found.iter().map(|(c, n, behind)| (*c, *n, behind.to_vec())).collect();
        assert_eq!(told, found, "{why}: {}", findings.verdict.sentence);
        assert_eq!(findings.attempts, None, "{why}");
        assert_eq!(findings.verdict.unexplained, 0, "{why}");
    }
}

fn told(line: &CauseLine) -> (Cause, u64, Vec<&str>) {
    (line.cause, line.failures, line.because_of.iter().map(String::as_str).collect())
}

#[test]
fn an_event_whose_time_is_not_known_leaves_order_open() {
    let mut story = captured().rows(10, 20, "N/A", 503, 30);
    story = story.os_event(50.0, "target", Meaning::PagedPoolEmpty, ("Srv", 2020));
    for row in &mut story.rows {
        if let Row::Event(event) = row
            && let Happening::OsEvent { bound_s, .. } = &mut event.what
        {
            *bound_s = 50_400.0;
        }
    }
    let findings = story.findings();
    assert_eq!(causes(&findings), [KernelMemoryOther]);
    assert_eq!(stance(&findings, KernelMemoryOther), Consistent, "an export in local time");
}
