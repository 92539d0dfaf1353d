//! Tells what the System log says of the outage.

use model::os_event::Meaning;

use super::words::count;
use crate::Gathered;
use crate::facts::Noted;

/// Events told one by one, of each meaning.
const TOLD: usize = 3;

/// What each meaning says; boots and installations have a heading of their own.
const MEANINGS: &[(Meaning, &str)] = &[
    (
        Meaning::NonpagedPoolEmpty,
        "non-paged pool was empty: the host's own word, well past the gate of HTTP.sys",
    ),
    (Meaning::NonpagedPoolLimit, "the file server met its own limit of non-paged pool"),
    (Meaning::PagedPoolEmpty, "paged pool was empty: another shortage than that of HTTP.sys"),
    (Meaning::PagedPoolLimit, "the file server met its own limit of paged pool"),
    (Meaning::WorkItemsShort, "the file server ran out of work items"),
    (
        Meaning::TcpPortsExhausted,
        "all ephemeral ports of TCP were in use: outgoing connections failed, inbound ones need none",
    ),
    (
        Meaning::TimeWaitCollision,
        "outgoing connections met a TIME_WAIT of their own: ports are reused too fast",
    ),
    (Meaning::UdpPortsExhausted, "ephemeral ports of UDP ran out; TCP has its own range"),
    (Meaning::ConnectLimit, "half-open outgoing connections were held back"),
    (Meaning::PoolDisabled, "an application pool was disabled after a series of failures"),
    (Meaning::WorkerFailed, "a worker process failed"),
    (Meaning::ServiceEnded, "a service ended by itself"),
    (Meaning::CommitLow, "commit was running out"),
];

/// Its entries by meaning.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let told = MEANINGS.iter().filter_map(|(meaning, words)| {
        let events: Vec<&Noted> = g.facts.events.iter().filter(|e| e.meaning == *meaning).collect();
        let first = events.first()?;
        let stamps: Vec<&str> = events.iter().take(TOLD).map(|e| e.stamp.as_str()).collect();
        let more = if events.len() > TOLD { ", \u{2026}" } else { "" };
        let times = count(events.len() as u64, "time");
        Some(format!("{}, {times} ({}{more}): {words}.", first.name(), stamps.join(", ")))
    });
    told.chain(g.facts.remarks.iter().map(|remark| format!("{remark}."))).collect()
}
