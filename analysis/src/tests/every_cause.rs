//! Every cause once: a story that shows it, and the sentence that tells it.

use model::attempt::Failure;
use model::cause::{Cause, Stance};
use model::os_event::Meaning;
use model::reading::KernelMemory;

use super::kit::*;
use Cause::*;

/// A pool half full, and one at its gate of 20 MiB.
const HALF: u64 = 60 * MIB;
const AT_GATE: u64 = 109 * MIB;

fn during(t_s: f64) -> bool {
    (4.0..9.0).contains(&t_s)
}

/// Failures of one kind from 4 s to 9 s of 12.
fn failing(failure: fn() -> Failure) -> Story {
    let fails = move |t| if during(t) { vec![(failure(), 40)] } else { vec![] };
    Story::new(12.0).reading_log().load(fails)
}

/// A Windows target in good order, with the rows that its log holds for each second of the failures.
fn by_log(failure: fn() -> Failure, reason: &str, status: u16) -> Story {
    failing(failure).rows(4, 9, reason, status, 160).target(|_| pool(HALF))
}

/// A counter that grows by so many a second from `from_s` to 9 s.
fn grows(t_s: f64, from_s: f64, per_s: f64) -> f64 {
    7.0 + per_s * (t_s.clamp(from_s, 9.0) - from_s)
}

fn linux(counters: Vec<(&'static str, f64)>) -> Host {
    Host { listens: Some(true), time_wait: 300, counters, ..Host::default() }
}

/// Connects that time out against a Linux target while SYNs are sent again.
fn unanswered(
    counts: fn(f64) -> Vec<(&'static str, f64)>,
    data_per_s: f64,
    fresh: bool,
    old_us: u64,
) -> Story {
    let syns = |t: f64| grows(t, 1.0, 300.0);
    failing(connect_timeout)
        .profile("linux")
        .target(move |t| linux(counts(t)))
        .kernel(move |t| {
            let all = syns(t) + grows(t, 1.0, data_per_s);
            vec![("TcpExt.TCPSynRetrans", syns(t)), ("Tcp.RetransSegs", all)]
        })
        .acts(move |t| {
            let hurt = (1.0..9.0).contains(&t);
            let failed = (hurt && !fresh).then(connect_timeout);
            vec![
                ("old-connection", None, if hurt { old_us } else { 300 }),
                ("fresh-connect", failed, 300),
                ("other-source", None, 300),
            ]
        })
}

/// A full backlog on a Windows target: connections stand established, fresh ones draw a reset.
pub fn windows_backlog() -> Story {
    failing(refused)
        .target(|t| Host { established: if during(t) { 205 } else { 4 }, ..pool(HALF) })
        .acts(|t| {
            let failed = during(t).then(refused);
            vec![
                ("old-connection", None, 300),
                ("fresh-connect", failed.clone(), 300),
                ("other-source", failed, 300),
                ("other-port", None, 300),
            ]
        })
}

/// A story for every cause, with words of its sentence.
pub fn stories() -> Vec<(Cause, Story, &'static str)> {
    let low = |t: f64| {
        let ptes = if during(t) { 2_000 } else { 150_000 };
        let memory = KernelMemory { free_system_ptes: Some(ptes), ..KernelMemory::default() };
        Host { memory, ..pool(HALF) }
    };
    let overflows = |t: f64| vec![("TcpExt.ListenOverflows", grows(t, 1.0, 250.0))];
    let skipped = |t: f64| {
        vec![
            ("TcpExt.ListenOverflows", 7.0),
            ("TcpExt.TCPACKSkippedTimeWait", grows(t, 1.0, 100.0)),
        ]
    };
    let flat = |_| vec![("TcpExt.ListenOverflows", 7.0), ("TcpExt.TCPACKSkippedTimeWait", 0.0)];
    let ports = |t: f64| Some(if during(t) { (3976, 3900) } else { (900, 800) });
    let short =
        |t: f64| Host { opened: Some((if t >= 3.0 { 3976 } else { 500 }, 300)), ..pool(HALF) };
    let gate = |t| pool(if during(t) { AT_GATE } else { HALF });
    let gone = |t: f64| Host { listens: Some(!during(t)), ..pool(HALF) };
    let kernel = |t: f64| vec![("TcpExt.TCPAbortOnMemory", grows(t, 4.0, 50.0))];
    let memory = failing(no_memory).target(|_| pool(HALF)).ports(|_| Some((900, 300)));
    let descriptors = |t: f64| if during(t) { 1024 } else { 500 };
    vec![
        (
            NonpagedPool,
            (4..10).fold(failing(refused), |s, t| s.log(f64::from(t), 160)).target(gate),
            "HTTP.sys on the target refused 800 connections from 4.0 s to 9.0 s because free non-paged pool fell to its 20 MiB gate",
        ),
        (
            KernelMemoryOther,
            failing(reset).target(low),
            "the target failed 800 attempts from 4.0 s to 9.0 s because free system page table entries had fallen to 2,000",
        ),
        (
            ListenerDown,
            failing(refused).target(gone),
            "the target refused 800 connections from 4.0 s to 9.0 s because nothing listened on port 80",
        ),
        (
            AcceptBacklog,
            unanswered(overflows, 0.0, false, 300),
            "the target did not take 800 connections from 4.0 s to 9.0 s because its queue of completed connections was full",
        ),
        (
            ConnectionLimit,
            by_log(|| http(503), "ConnLimit", 503),
            "answered 503 to 800 requests from 4.0 s to 9.0 s because the site had as many connections as its limit allows",
        ),
        (
            TupleCollision,
            unanswered(skipped, 0.0, true, 300),
            "did not answer 800 connects from 4.0 s to 9.0 s because their source ports were still in TIME_WAIT on it",
        ),
        (
            NetworkLoss,
            unanswered(flat, 90.0, false, 250_000),
            "the network lost packets of 800 attempts from 4.0 s to 9.0 s",
        ),
        (
            Middlebox,
            failing(reset)
                .profile("linux")
                .target(|t| linux(vec![("Tcp.OutRsts", grows(t, 4.0, 1.0))])),
            "something between the hosts cut off 800 attempts from 4.0 s to 9.0 s",
        ),
        (
            Tls,
            failing(no_handshake).target(|_| pool(HALF)),
            "made no TLS session for 800 attempts from 4.0 s to 9.0 s because the handshake failed (received fatal alert",
        ),
        (
            NameResolution,
            failing(no_name).target(|_| pool(HALF)),
            "had nowhere to send 800 attempts from 4.0 s to 9.0 s because the target's name did not resolve",
        ),
        (
            RequestQueue,
            by_log(|| http(503), "QueueFull", 503),
            "answered 503 to 800 requests from 4.0 s to 9.0 s because the queue of requests that wait for a worker was full",
        ),
        (
            QueueWait,
            by_log(closed, "Timer_ReqQueue", 0),
            "dropped 800 requests from 4.0 s to 9.0 s because they had waited in the request queue for too long",
        ),
        (
            AppOffline,
            by_log(|| http(503), "AppOffline", 503),
            "answered 503 to 800 requests from 4.0 s to 9.0 s because the application pool was off line",
        ),
        (
            WorkerCrash,
            by_log(reset, "Connection_Abandoned_By_ReqQueue", 0),
            "let go of 800 requests from 4.0 s to 9.0 s because the worker process that had taken them ended",
        ),
        (
            ConcurrencyLimit,
            failing(|| http(503)).answers(4, 9, (503, 2), 160).target(|_| pool(HALF)),
            "answered 503.2 to 800 requests from 4.0 s to 9.0 s",
        ),
        (
            SlowClient,
            by_log(reset, "Timer_EntityBody", 0),
            "dropped 800 connections from 4.0 s to 9.0 s because their client sent or read too slowly",
        ),
        (
            TargetPorts,
            failing(|| http(502)).target(short),
            "answered 5xx to 800 requests from 4.0 s to 9.0 s because the 3,976 ports that the target has for its own outgoing connections were all taken",
        ),
        (
            Application,
            failing(|| http(500)).target(|_| Host { opened: Some((500, 300)), ..pool(HALF) }),
            "the application on the target answered 5xx to 800 requests from 4.0 s to 9.0 s because it failed by itself",
        ),
        (
            RejectedRequest,
            failing(|| http(404)).target(|_| pool(HALF)),
            "rejected 800 requests from 4.0 s to 9.0 s because of what they asked",
        ),
        (
            ClientPorts,
            failing(no_port).target(|_| pool(HALF)).ports(ports),
            "could not send 800 attempts from 4.0 s to 9.0 s because its 3,976 ephemeral ports were all taken",
        ),
        (
            ClientMemory,
            memory.kernel(kernel),
            "could not send 800 attempts from 4.0 s to 9.0 s because its own memory for sockets had run out",
        ),
        (
            GeneratorLimit,
            failing(no_descriptor).target(|_| pool(HALF)).descriptors(descriptors),
            "could not begin 800 attempts from 4.0 s to 9.0 s because its descriptors ran out",
        ),
    ]
}

#[test]
fn every_cause_is_told_in_its_own_words() {
    let stories = stories();
    let told: Vec<Cause> = stories.iter().map(|s| s.0).collect();
    assert_eq!(told, Cause::ALL, "each cause once");
    for (cause, story, words) in stories {
        let findings = story.findings();
        assert_eq!(causes(&findings), [cause], "{cause}: {findings:#?}");
        assert_eq!(stance(&findings, cause), Stance::Supported, "{cause}: {findings:#?}");
        let sentence = findings.verdict.sentence.to_lowercase();
        assert!(sentence.contains(&words.to_lowercase()), "{cause}: {sentence}");
        assert_eq!(findings.verdict.unexplained, 0, "{cause}: {sentence}");
        assert!(!about(&findings, cause).supporting.is_empty(), "{cause} has evidence");
    }
}

#[test]
fn a_full_backlog_on_windows_is_told_by_what_stands_on_it() {
    let findings = windows_backlog().findings();
    assert_eq!(causes(&findings), [AcceptBacklog], "{findings:#?}");
    assert!(says(&findings, AcceptBacklog, "205 connections stood established"));
    let mut other = windows_backlog();
    other.rows.retain(|row| !matches!(row, model::row::Row::Sample(s) if s.vantage == "target"));
    let alone = other.target(|_| pool(HALF)).findings();
    assert_eq!(stance(&alone, AcceptBacklog), Stance::Contradicted, "nothing stands there");
    assert_eq!(
        stance(&alone, Middlebox),
        Stance::Consistent,
        "the target had no reason: {alone:#?}"
    );
    let sentence = &alone.verdict.sentence;
    assert!(sentence.contains("perhaps") && sentence.contains("what is left"), "{sentence}");
}

#[test]
fn events_speak_where_no_row_does() {
    let base = || failing(|| http(503)).target(|_| pool(HALF));
    let mut offline = base();
    // The log was not read: its source is not among those of the samples.
    for row in &mut offline.rows {
        if let model::row::Row::Sample(sample) = row {
            sample.sources.retain(|s| !s.name.starts_with("httperr"));
        }
    }
    let said = offline.os_event(3.0, "target", Meaning::PoolDisabled, ("WAS", 5002));
    let findings = said.findings();
    assert_eq!(causes(&findings), [AppOffline], "{findings:#?}");
    assert_eq!(stance(&findings, AppOffline), Stance::Consistent);
    assert!(findings.verdict.sentence.contains("perhaps"), "{}", findings.verdict.sentence);
    let crashed = by_log(|| http(503), "AppOffline", 503);
    let crashed = crashed.os_event(2.0, "target", Meaning::WorkerFailed, ("WAS", 5011));
    assert_eq!(crashed.findings().verdict.causes[0].because_of, ["worker-crash"], "rapid fail");
}
