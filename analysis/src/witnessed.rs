//! Provides the failures that only the host's own logs count, for captures without a generator.

use model::attempt::{Failure, Os, Outcome, Phase};
use model::os_event::Meaning;

use crate::kinds::{DROPPED, WITNESSED};
use crate::store::{Reason, Span, Store, TARGET};

/// What HTTP.sys answers with 503 by itself (KB820729).
const ANSWERED_503: &[Reason] = &[
    Reason::QueueFull,
    Reason::ConnLimit,
    Reason::AppOffline,
    Reason::AppShutdown,
    Reason::Disabled,
    Reason::AppPoolTimer,
    Reason::NotAvailable,
];

/// For what HTTP.sys drops a connection whose request it had taken (TN-2003: a reset).
const DROPPED_BY_HOST: &[Reason] = &[Reason::Abandoned, Reason::TimerQueue];

/// Answers of 503 that IIS' own log tells apart (KB943891): the concurrency limit, and the queues of
/// ASP.NET and FastCGI.
const ANSWERED_503_BY_IIS: &[(u16, &str)] = &[(2, "503.2"), (3, "503.3"), (4, "503.4")];

/// Answers of 5xx this long before or after the host's own word that its ports ran out are of that
/// outage, seconds. Chosen: Tcpip tells of a shortage once in a while only.
const OF_ONE_OUTAGE_S: f64 = 300.0;

/// Failures with their times: refusals, 503s, requests that were dropped, and other answers of 5xx while
/// the host's ports ran out. Timers of slow clients, requests that could not be read and an application's
/// errors are met on every healthy host and count for nothing by themselves.
pub(crate) fn witnessed(store: &Store) -> Vec<(Failure, Span)> {
    let mut all = Vec::new();
    let mut add = |phase, name: String, spans: &[Span]| {
        let os = Os::Windows;
        let failure = Failure { outcome: Outcome::Failed, phase, os, os_code: None, name };
        all.extend(spans.iter().map(|span| (failure.clone(), *span)));
    };
    let log = &store.log;
    add(Phase::Connect, WITNESSED.to_owned(), log.rows_of(Reason::ConnectionsRefused));
    for reason in ANSWERED_503 {
        add(Phase::FirstByte, format!("HTTP 503 ({})", reason.phrase()), log.rows_of(*reason));
    }
    for reason in DROPPED_BY_HOST {
        add(Phase::FirstByte, format!("{DROPPED} ({})", reason.phrase()), log.rows_of(*reason));
    }
    for (sub, of) in ANSWERED_503_BY_IIS {
        let spans = store.answers.spans(|status, s| (status, s) == (503, *sub));
        add(Phase::FirstByte, format!("HTTP 503 ({of})"), &spans);
    }
    for status in (500..600).filter(|status| *status != 503) {
        let spans = store.answers.spans(|s, _| s == status);
        let spans: Vec<Span> = spans.into_iter().filter(|s| is_of_ports(store, s)).collect();
        add(Phase::FirstByte, format!("HTTP {status}"), &spans);
    }
    all
}

/// Whether the host says that its ports ran out around this time.
fn is_of_ports(store: &Store, span: &Span) -> bool {
    let words = [Meaning::TcpPortsExhausted, Meaning::TimeWaitCollision];
    let said = words.iter().filter_map(|meaning| store.os_events.said(TARGET, *meaning));
    said.flat_map(|said| said.all().iter().map(|s| (s, said.bound_s))).any(|(said, bound_s)| {
        let reach_s = OF_ONE_OUTAGE_S + bound_s;
        said.from_s - reach_s <= span.to_s && said.to_s + reach_s >= span.from_s
    })
}
