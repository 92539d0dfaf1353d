//! Provides the reader of `netsh http show servicestate`, in both of its views: the request queues
//! of HTTP.sys. English only: the labels are the format.

use crate::{Skipped, SkippedRows};

/// One request queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestQueue<'a> {
    /// Its name; that of an unnamed one is a sentence that says so.
    pub name: &'a str,
    /// `Active` or what else is printed.
    pub state: Option<&'a str>,
    /// Its longest length (`Max requests`).
    pub max_requests: Option<u64>,
    /// Requests being worked on, Windows 10 and later.
    pub active_requests: Option<u64>,
    /// Requests that wait, Windows 10 and later.
    pub queued_requests: Option<u64>,
    /// Requests since it was made, Windows 10 and later.
    pub arrived_requests: Option<u64>,
    /// Requests refused since it was made, Windows 10 and later.
    pub rejected_requests: Option<u64>,
    /// Processes that take from it.
    pub active_processes: Option<u64>,
    /// Their ids, as far as they are listed.
    pub pids: Vec<u32>,
}

/// A whole state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceState<'a> {
    /// Request queues in order.
    pub queues: Vec<RequestQueue<'a>>,
    /// Lines that could not be read.
    pub skipped: SkippedRows,
}

/// Reads a state. A URL group names its queue too; what is indented below a group is not the
/// queue's.
pub fn service_state(text: &str) -> ServiceState<'_> {
    let mut read = ServiceState::default();
    let mut group_indent = None;
    for (at, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let (label, value) = line.split_once(':').unwrap_or((line, ""));
        let (label, value) = (label.trim(), value.trim());
        if label.is_empty() {
            continue;
        }
        if group_indent.is_some_and(|group| indent <= group) {
            group_indent = None;
        }
        if label == "URL group ID" {
            group_indent = Some(indent);
        }
        match (label, read.queues.last_mut()) {
            _ if group_indent.is_some() => {}
            ("Request queue name", _) => {
                read.queues.push(RequestQueue { name: value, ..RequestQueue::default() });
            }
            (_, Some(queue)) => {
                if let Err(reason) = take(queue, label, value) {
                    read.skipped.push(Skipped::new(at + 1, reason));
                }
            }
            _ => {}
        }
    }
    read
}

fn take<'a>(queue: &mut RequestQueue<'a>, label: &str, value: &'a str) -> Result<(), String> {
    let figure = match label {
        "State" => {
            queue.state = queue.state.or(Some(value));
            return Ok(());
        }
        "Max requests" => &mut queue.max_requests,
        "Active requests" => &mut queue.active_requests,
        "Queued requests" => &mut queue.queued_requests,
        "Requests arrived" => &mut queue.arrived_requests,
        "Requests rejected" => &mut queue.rejected_requests,
        "Number of active processes attached" => &mut queue.active_processes,
        // `ID: 2688, image: C:\…` of later systems; a line of digits of earlier ones.
        _ => {
            let id = if label == "ID" { value.split(',').next().unwrap_or("") } else { label };
            queue.pids.extend(id.trim().parse::<u32>());
            return Ok(());
        }
    };
    *figure = Some(value.parse().map_err(|_| format!("has \"{value}\" for {label}"))?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::soup::soup;

    /// The session view of Server 2008 R2, shortened.
    const SESSIONS: &str = "
Snapshot of HTTP service state (Server Session View):
-----------------------------------------------------

Server session ID: FF00000120000001
    Version: 1.0
    State: Active
    URL groups:
    URL group ID: FF00000040000001
        State: Active
        Request queue name: DefaultAppPool
        Properties:
            Max connections: 4294967295
        Number of registered URLs: 1

Request queues:
    Request queue name: Request queue is unnamed.
        Version: 1.0
        State: Active
        Max requests: 1000
        Number of active processes attached: 1
        Process IDs:
            3416

    Request queue name: DefaultAppPool
        Version: 2.0
        State: Inactive
        Max requests: 4000
        Number of active processes attached: 0
        Controller process ID: 3408
        Process IDs:
";

    #[test]
    fn queues_are_told_from_the_groups_that_name_them() {
        let read = service_state(SESSIONS);
        assert_eq!(read.skipped, []);
        let queues: Vec<_> =
            read.queues.iter().map(|q| (q.name, q.state, q.max_requests, &q.pids[..])).collect();
        assert_eq!(
            queues,
            [
                ("Request queue is unnamed.", Some("Active"), Some(1000), &[3416][..]),
                ("DefaultAppPool", Some("Inactive"), Some(4000), &[][..]),
            ]
        );
        assert_eq!(read.queues[1].active_processes, Some(0));
    }

    /// The queue view of Server 2022, shortened: groups stand below their queue.
    #[test]
    fn later_systems_count_requests() {
        let read = service_state(
            "Request queue name: Pool1
    Version: 2.0
    State: Active
    Max requests: 1000
    Active requests: 12
    Queued requests: 998
    Max queued request age: 7s
    Requests arrived: 70123
    Requests rejected: 41
    Number of active processes attached: 1
    Processes:
        ID: 2688, image: C:\\Windows\\System32\\inetsrv\\w3wp.exe
    URL groups:
    URL group ID: FE00000040000001
        State: Inactive
        Request queue name: Pool1

Request queue name: Pool2
    Max requests: many
",
        );
        assert_eq!(read.queues.len(), 2);
        let queue = &read.queues[0];
        assert_eq!((queue.active_requests, queue.queued_requests), (Some(12), Some(998)));
        assert_eq!((queue.arrived_requests, queue.rejected_requests), (Some(70_123), Some(41)));
        assert_eq!((queue.state, &queue.pids[..]), (Some("Active"), &[2688][..]));
        assert_eq!(read.skipped.iter().map(|s| s.line).collect::<Vec<_>>(), [19]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_no_line_counts_twice(
            text in soup(&["Request queue name:", "URL group ID:", "  Max requests:", "  State:", "\n"])
        ) {
            let read = service_state(&text);
            prop_assert!(read.queues.len() + read.skipped.len() <= text.lines().count());
        }
    }
}
