//! Provides the System event log as `wevtutil qe System /f:text /rd:true` of current Windows prints
//! it: the latest first, stamps in UTC.

use std::collections::VecDeque;
use std::fmt::Write;

/// Events kept; a real log keeps as many as fit its size.
const KEPT: usize = 512;

/// What happened on the emulated host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// An application pool was disabled after a series of failures.
    PoolDisabled,
    /// A worker process died.
    WorkerDied {
        /// Its number.
        pid: u32,
    },
    /// An administrator asked for a recycle.
    Recycle,
    /// No ephemeral port of TCP was left for an outgoing connection.
    PortsExhausted,
    /// Non-paged pool is empty.
    NonpagedEmpty,
    /// Paged pool is empty.
    PagedEmpty,
    /// Commit is running out.
    CommitLow,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Event {
    stamp: String,
    source: &'static str,
    id: u32,
    level: &'static str,
    message: String,
}

/// The log.
#[derive(Clone, Debug)]
pub struct SystemLog {
    /// Vista and later name their services anew and tell more.
    since_vista: bool,
    events: VecDeque<Event>,
}

impl SystemLog {
    /// An empty log. `since_vista`: of a host of Vista's time or later.
    pub fn new(since_vista: bool) -> Self {
        Self { since_vista, events: VecDeque::new() }
    }

    /// Adds an event where such a host has one. `stamp` is RFC 3339 in UTC.
    pub fn add(&mut self, stamp: &str, told: Told) {
        let Some((source, id, level, message)) = words(self.since_vista, told) else { return };
        if self.events.len() == KEPT {
            self.events.pop_front();
        }
        self.events.push_back(Event { stamp: stamp.to_owned(), source, id, level, message });
    }

    /// The page. The log of a host that never said anything still has its first entry, as every log
    /// has: that it was started, at `born`.
    pub fn page(&self, born: &str) -> String {
        let started = Event {
            stamp: born.to_owned(),
            source: "EventLog",
            id: 6005,
            level: "Information",
            message: "The Event log service was started.".into(),
        };
        let mut out = String::new();
        for (i, event) in self.events.iter().rev().chain([&started]).enumerate() {
            let Event { stamp, source, id, level, message } = event;
            // Writing to a String cannot fail.
            let _ = write!(
                out,
                "Event[{i}]\r\n  Log Name: System\r\n  Source: {source}\r\n  Date: {stamp}\r\n  \
                 Event ID: {id}\r\n  Task: N/A\r\n  Level: {level}\r\n  Opcode: Info\r\n  \
                 Keyword: Classic\r\n  User: N/A\r\n  User Name: N/A\r\n  \
                 Computer: EMULATED\r\n  Description: \r\n{message}\r\n\r\n"
            );
        }
        out
    }
}

/// Source, id, level and message (netevent constants of Srv and Tcpip; the message tables of WAS and,
/// before Vista, of W3SVC, whose ids are those of WAS less 4,000). `None` where such a host has none:
/// Tcpip tells of ports, and the resource exhaustion detector exists, since Vista.
fn words(since_vista: bool, told: Told) -> Option<(&'static str, u32, &'static str, String)> {
    let pool = "DefaultAppPool";
    let (was, base) = if since_vista { ("Microsoft-Windows-WAS", 5000) } else { ("W3SVC", 1000) };
    Some(match told {
        Told::PoolDisabled => (
            was,
            base + 2,
            "Error",
            format!(
                "Application pool '{pool}' is being automatically disabled due to a series of \
                 failures in the process(es) serving that application pool."
            ),
        ),
        Told::WorkerDied { pid } => (
            was,
            base + 11,
            "Warning",
            format!(
                "A process serving application pool '{pool}' suffered a fatal communication error \
                 with the service. The process id was '{pid}'."
            ),
        ),
        Told::Recycle => (
            was,
            base + 79,
            "Information",
            format!(
                "An administrator has requested a recycle of all worker processes in application \
                 pool '{pool}'."
            ),
        ),
        Told::PortsExhausted | Told::CommitLow if !since_vista => return None,
        Told::PortsExhausted => (
            "Tcpip",
            4231,
            "Warning",
            "A request to allocate an ephemeral port number from the global TCP port space has \
             failed due to all such ports being in use."
                .into(),
        ),
        Told::NonpagedEmpty => (
            "Srv",
            2019,
            "Error",
            "The server was unable to allocate from the system nonpaged pool because the pool was \
             empty."
                .into(),
        ),
        Told::PagedEmpty => (
            "Srv",
            2020,
            "Error",
            "The server was unable to allocate from the system paged pool because the pool was \
             empty."
                .into(),
        ),
        Told::CommitLow => (
            "Microsoft-Windows-Resource-Exhaustion-Detector",
            2004,
            "Warning",
            "Windows successfully diagnosed a low virtual memory condition.".into(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_event_stands_first_and_the_start_last() {
        let mut log = SystemLog::new(true);
        log.add("2026-11-26T05:00:07.0000000Z", Told::WorkerDied { pid: 1972 });
        log.add("2026-11-26T05:00:09.0000000Z", Told::PoolDisabled);
        let page = log.page("2026-11-26T04:59:00.0000000Z");
        let lines = |label: &str| -> Vec<String> {
            let rows = page.lines().filter_map(|line| line.trim().strip_prefix(label));
            rows.map(|value| value.trim().to_owned()).collect()
        };
        assert_eq!(lines("Event ID:"), ["5002", "5011", "6005"]);
        assert_eq!(lines("Source:")[..2], ["Microsoft-Windows-WAS"; 2]);
        assert!(lines("Date:")[0].ends_with("05:00:09.0000000Z"));
        assert!(page.contains("The process id was '1972'."), "{page}");
    }

    #[test]
    fn server_2003_says_so_in_its_own_words_and_nothing_of_ports() {
        let mut log = SystemLog::new(false);
        for told in [Told::PortsExhausted, Told::CommitLow, Told::PoolDisabled, Told::PagedEmpty] {
            log.add("2026-11-26T05:00:07Z", told);
        }
        let page = log.page("2026-11-26T05:00:00Z");
        let ids: Vec<&str> =
            page.lines().filter_map(|line| line.trim().strip_prefix("Event ID: ")).collect();
        assert_eq!(ids, ["2020", "1002", "6005"]);
        assert!(page.contains("Source: W3SVC"), "{page}");
    }

    #[test]
    fn a_log_keeps_so_many_and_forgets_the_oldest() {
        let mut log = SystemLog::new(true);
        for n in 0..1000 {
            log.add("2026-11-26T05:00:07Z", Told::WorkerDied { pid: n });
        }
        let page = log.page("2026-11-26T05:00:00Z");
        assert_eq!(page.matches("Event ID: 5011").count(), 512);
        assert!(page.contains("'999'") && !page.contains("'487'"), "the latest are kept");
    }
}
