//! Provides the windows_exporter page: the memory, tcp and iis metrics with the names, labels and
//! types of its code (prometheus-community/windows_exporter, 2026).

mod iis;

use std::fmt::Write;

use model::reading::TcpState;

use super::{Counts, States};
use crate::app::App;
use crate::ledger::{Ledger, Process};

/// The worker process of IIS.
pub const WORKER: &str = "w3wp.exe";
/// The number of the first of other processes; each is a multiple of 4 on Windows.
const OTHER_PID: u32 = 3180;

/// What the page is written from.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The pool.
    pub ledger: &'a Ledger,
    /// The sockets by state, all IPv4.
    pub states: &'a States,
    /// What has been counted.
    pub counts: &'a Counts,
    /// The worker process that is at work.
    pub worker_pid: u32,
    /// The application; `None`: HTTP.sys answers by itself.
    pub app: Option<&'a App>,
    /// Requests that its full queue turned away.
    pub rejected: u64,
}

/// The states that the exporter lists, in the order of MIB_TCP_STATE; it knows no BOUND.
const STATES: [(&str, Option<TcpState>); 12] = [
    ("CLOSED", None),
    ("LISTENING", Some(TcpState::Listening)),
    ("SYN_SENT", Some(TcpState::SynSent)),
    ("SYN_RECEIVED", Some(TcpState::SynReceived)),
    ("ESTABLISHED", Some(TcpState::Established)),
    ("FIN_WAIT1", Some(TcpState::FinWait1)),
    ("FIN_WAIT2", Some(TcpState::FinWait2)),
    ("CLOSE_WAIT", Some(TcpState::CloseWait)),
    ("CLOSING", Some(TcpState::Closing)),
    ("LAST_ACK", Some(TcpState::LastAck)),
    ("TIME_WAIT", Some(TcpState::TimeWait)),
    ("DELETE_TCB", None),
];

/// What a reader is told of the page; scrapers pass it over.
const COMMENT: &str =
    "# This host is emulated by churnlab: no Windows and no windows_exporter runs here.\n";

/// The whole page.
pub fn page(view: &View<'_>) -> String {
    let mut page = Page(String::with_capacity(8192));
    page.0.push_str(COMMENT);
    memory(&mut page, view);
    tcp(&mut page, view);
    processes(&mut page, view);
    iis::iis(&mut page, view);
    page.0
}

struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str, samples: &[(&str, u64)]) {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "# HELP windows_{name} {help}\n# TYPE windows_{name} {kind}\n");
        for (labels, value) in samples {
            let _ = match labels {
                &"" => writeln!(self.0, "windows_{name} {value}"),
                _ => writeln!(self.0, "windows_{name}{{{labels}}} {value}"),
            };
        }
    }
}

fn memory(page: &mut Page, view: &View<'_>) {
    let (ledger, memory) = (view.ledger, view.ledger.memory());
    let paged = memory.paged();
    for (name, kind, help, value) in [
        ("available_bytes", "gauge", "AvailableBytes", ledger.available_bytes()),
        ("commit_limit", "gauge", "CommitLimit", memory.commit_limit_bytes()),
        ("committed_bytes", "gauge", "CommittedBytes", ledger.committed_bytes()),
        (
            "free_system_page_table_entries",
            "gauge",
            "FreeSystemPageTableEntries",
            memory.free_ptes(),
        ),
        (
            "physical_free_bytes",
            "gauge",
            "The amount of physical memory currently available, in bytes",
            ledger.available_bytes(),
        ),
        (
            "physical_total_bytes",
            "gauge",
            "The amount of actual physical memory, in bytes",
            memory.physical_bytes(),
        ),
        ("pool_nonpaged_allocs_total", "counter", "PoolNonpagedAllocs", ledger.allocs()),
        ("pool_nonpaged_bytes", "gauge", "PoolNonpagedBytes", ledger.used_bytes()),
        ("pool_paged_allocs_total", "counter", "PoolPagedAllocs", paged.allocs()),
        ("pool_paged_bytes", "gauge", "PoolPagedBytes", paged.used_bytes()),
        // Nothing of it is ever paged out, as /poolmon has it too.
        ("pool_paged_resident_bytes", "gauge", "PoolPagedResidentBytes", paged.used_bytes()),
    ] {
        page.family(&format!("memory_{name}"), kind, help, &[("", value)]);
    }
}

/// The processes that anything is known of: a host without a leak names none.
fn processes(page: &mut Page, view: &View<'_>) {
    let processes = view.ledger.memory().processes();
    if processes.is_empty() {
        return;
    }
    // Performance counters name a process without its ".exe".
    let labels = |(i, p): (usize, &Process)| {
        let name = p.name.strip_suffix(".exe").unwrap_or(&p.name);
        let pid = if p.name == WORKER { view.worker_pid } else { OTHER_PID + 4 * i as u32 };
        format!("process=\"{name}\",process_id=\"{pid}\"")
    };
    let labels: Vec<String> = processes.iter().enumerate().map(labels).collect();
    let mut family = |name: &str, help: &str, value: fn(&Process) -> u64| {
        let samples: Vec<(&str, u64)> =
            labels.iter().map(String::as_str).zip(processes.iter().map(value)).collect();
        page.family(name, "gauge", help, &samples);
    };
    family(
        "process_handles",
        "Total number of handles the process has open. This number is the sum of the handles \
         currently open by each thread in the process.",
        |p| p.handles,
    );
    family(
        "process_private_bytes",
        "Current number of bytes this process has allocated that cannot be shared with other \
         processes.",
        |p| p.private_bytes,
    );
}

fn tcp(page: &mut Page, view: &View<'_>) {
    let counts = view.counts;
    let in_state = |state| view.states.count(state);
    // What is answered with a reset is a segment in and one out (RFC 4022: tcpInSegs, tcpOutSegs).
    let (inward, outward) =
        (counts.segments_in + counts.turned_away, counts.segments_out + counts.turned_away);
    // The TCPv4 counter holds those whose current state is ESTABLISHED or CLOSE-WAIT.
    let established = in_state(TcpState::Established) + in_state(TcpState::CloseWait);
    for (name, kind, help, value) in [
        ("connection_failures_total", "counter", "(TCP.ConnectionFailures)", counts.open_failures),
        ("connections_active_total", "counter", "(TCP.ConnectionsActive)", counts.opened),
        ("connections_established", "gauge", "(TCP.ConnectionsEstablished)", established),
        (
            "connections_passive_total",
            "counter",
            "(TCP.ConnectionsPassive)",
            counts.accepted + counts.waiting + counts.taken_and_reset,
        ),
        ("connections_reset_total", "counter", "(TCP.ConnectionsReset)", counts.reset),
        ("segments_total", "counter", "(TCP.SegmentsTotal)", inward + outward),
        ("segments_received_total", "counter", "(TCP.SegmentsReceivedTotal)", inward),
        (
            "segments_retransmitted_total",
            "counter",
            "(TCP.SegmentsRetransmittedTotal)",
            counts.retransmitted,
        ),
        ("segments_sent_total", "counter", "(TCP.SegmentsSentTotal)", outward),
    ] {
        let samples = [("af=\"ipv4\"", value), ("af=\"ipv6\"", 0)];
        page.family(&format!("tcp_{name}"), kind, help, &samples);
    }
    let mut labels = Vec::new();
    for (af, counted) in [("ipv4", true), ("ipv6", false)] {
        for (name, state) in STATES {
            let value = state.filter(|_| counted).map_or(0, in_state);
            labels.push((format!("af=\"{af}\",state=\"{name}\""), value));
        }
    }
    let samples: Vec<(&str, u64)> = labels.iter().map(|(l, v)| (l.as_str(), *v)).collect();
    let help = "Number of TCP connections by state and address family";
    page.family("tcp_connections_state_count", "gauge", help, &samples);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{
        Keeping, LeakRate, LeakSpec, Leaked, LedgerSpec, MemorySpec, Object, Share,
    };

    #[test]
    fn the_page_has_the_exporters_names_labels_and_values() {
        let mut ledger = Ledger::new(&LedgerSpec {
            ceiling_bytes: None,
            baseline_bytes: 1_000_000,
            baseline: vec![Share { tag: "Mm".into(), per_mille: 1000, bytes_each: 1000 }],
            connection: vec![Object { tag: "UlCO".into(), bytes: 700 }],
            time_wait: Object { tag: "TcTW".into(), bytes: 300 },
            keeping: Keeping::Counted,
            gate: None,
            memory: MemorySpec::of_ram(1 << 30),
            leaks: vec![LeakSpec {
                of: Leaked::Handles { process: "agent.exe".into() },
                rate: LeakRate::Static(150),
                up_to: None,
            }],
        });
        ledger.connect(2);
        ledger.set_time_wait(1);
        let mut states = States::default();
        for state in [TcpState::Established, TcpState::CloseWait, TcpState::TimeWait] {
            states.add(state, 1);
        }
        let text = page(&View {
            ledger: &ledger,
            states: &states,
            counts: &Counts { accepted: 9, requests: [7, 1, 0], ..Counts::default() },
            worker_pid: 1972,
            app: None,
            rejected: 0,
        });
        for line in [
            "windows_memory_pool_nonpaged_bytes 1001700",
            "# TYPE windows_memory_pool_nonpaged_bytes gauge",
            "windows_memory_physical_total_bytes 1073741824",
            "windows_tcp_connections_established{af=\"ipv4\"} 2",
            "windows_tcp_connections_passive_total{af=\"ipv4\"} 9",
            "windows_tcp_connections_state_count{af=\"ipv4\",state=\"TIME_WAIT\"} 1",
            "windows_tcp_connections_state_count{af=\"ipv6\",state=\"TIME_WAIT\"} 0",
            "windows_iis_current_connections{site=\"Default Web Site\"} 2",
            "windows_iis_requests_total{method=\"GET\",site=\"Default Web Site\"} 7",
            "windows_iis_http_requests_current_queue_size{site=\"DefaultAppPool\"} 0",
            "windows_memory_pool_paged_resident_bytes 42949672",
            "windows_process_handles{process=\"agent\",process_id=\"3180\"} 1000",
            "windows_iis_http_requests_max_queue_item_age{site=\"DefaultAppPool\"} 0",
            "windows_iis_http_requests_arrival_rate{site=\"DefaultAppPool\"} 8",
            "windows_iis_current_application_pool_state{app=\"DefaultAppPool\",state=\"Running\"} 1",
            "windows_iis_current_application_pool_state{app=\"DefaultAppPool\",state=\"Disabled\"} 0",
            "windows_iis_worker_request_errors_total{app=\"DefaultAppPool\",pid=\"1972\",status_code=\"500\"} 0",
        ] {
            assert!(text.lines().any(|l| l == line), "missing: {line}\n{text}");
        }
        let first = text.lines().next().unwrap();
        assert!(first.starts_with("# This host is emulated by churnlab"), "{first}");
        let states = text.lines().filter(|l| l.starts_with("windows_tcp_connections_state_count"));
        assert_eq!(states.count(), 24, "12 states of 2 address families");
        assert!(text.lines().all(|l| l.starts_with('#') || l.split(' ').count() >= 2));
    }
}
