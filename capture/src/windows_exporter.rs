//! Provides what a page of windows_exporter says about kernel memory, sockets and IIS.
//!
//! Names have changed over its releases (`wmi_` before 0.9, `…_bytes_total` for a gauge before
//! 0.17); both are known. Counters keep the name that their host gives them, summed over labels.

use std::collections::BTreeMap;

use model::reading::{KernelMemory, ProcessUse, TcpState};

use crate::exposition::{Exposition, Sample};
use crate::netstat;

/// Metrics taken as they stand, without their prefix; the sum over labels is a host's total.
const COUNTERS: &[&str] = &[
    "cs_physical_memory_bytes",
    "iis_connection_attempts_all_instances_total",
    "iis_current_connections",
    "iis_http_request_total_rejected_request",
    "iis_http_requests_current_queue_size",
    "iis_http_requests_max_queue_item_age",
    "iis_recent_worker_process_failures",
    "iis_requests_total",
    "iis_worker_request_errors_total",
    "memory_physical_free_bytes",
    "memory_physical_total_bytes",
    "memory_pool_nonpaged_allocs_total",
    "system_boot_time_timestamp",
    "system_boot_time_timestamp_seconds",
    "system_system_up_time",
    "tcp_connection_failures",
    "tcp_connection_failures_total",
    "tcp_connections_active",
    "tcp_connections_active_total",
    "tcp_connections_established",
    "tcp_connections_passive",
    "tcp_connections_passive_total",
    "tcp_connections_reset",
    "tcp_connections_reset_total",
    "tcp_segments_received_total",
    "tcp_segments_retransmitted_total",
    "tcp_segments_sent_total",
    "tcp_segments_total",
];

/// Metrics that are counted by one of their labels too, and kept as `name.label`.
const COUNTERS_BY_LABEL: &[(&str, &str)] = &[
    ("iis_current_application_pool_state", "state"),
    ("iis_worker_request_errors_total", "status_code"),
];

/// Processes kept by handles, and as many by memory: a leak is among them long before it matters.
const PROCESSES_KEPT: usize = 16;

/// What a page says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WindowsExporter {
    /// Kernel memory; `None` where the page has none of it.
    pub memory: Option<KernelMemory>,
    /// Sockets by state over both families; empty where the page does not count them. It never
    /// tells their ports, so neither listeners nor who opened a TIME_WAIT.
    pub by_state: BTreeMap<TcpState, u64>,
    /// Finite counters and gauges by the name their host gives them.
    pub counters: BTreeMap<String, f64>,
    /// Processes with the most handles, the largest first; empty where the page has none.
    pub processes: Vec<ProcessUse>,
    /// Collectors that are on and failed at this scrape.
    pub failed_collectors: Vec<String>,
}

impl WindowsExporter {
    /// When the host was started, seconds since 1970. The oldest of the names speaks of a time that
    /// it is up and holds the moment all the same.
    pub fn boot_unix_s(&self) -> Option<f64> {
        let names = ["boot_time_timestamp_seconds", "boot_time_timestamp", "system_up_time"];
        let of = |name| self.counters.get(&format!("windows_system_{name}")).copied();
        names.into_iter().find_map(of).filter(|unix_s| *unix_s > 0.0)
    }
}

/// Reads what matters out of a page.
pub fn read(page: &Exposition<'_>) -> WindowsExporter {
    let mut read = WindowsExporter::default();
    for sample in &page.samples {
        let name = sample.name;
        let Some(short) = name.strip_prefix("windows_").or_else(|| name.strip_prefix("wmi_"))
        else {
            continue;
        };
        take(&mut read, short, sample);
    }
    keep_largest(&mut read.processes);
    read
}

/// Keeps the processes that hold most, those with the most handles first.
fn keep_largest(processes: &mut Vec<ProcessUse>) {
    processes.sort_by(|a, b| b.private_bytes.cmp(&a.private_bytes).then(a.pid.cmp(&b.pid)));
    let by_memory: Vec<u32> = processes.iter().take(PROCESSES_KEPT).map(|p| p.pid).collect();
    processes.sort_by(|a, b| b.handles.cmp(&a.handles).then(a.pid.cmp(&b.pid)));
    let mut at = 0;
    processes.retain(|p| {
        at += 1;
        at <= PROCESSES_KEPT || (p.private_bytes.is_some() && by_memory.contains(&p.pid))
    });
}

fn take(read: &mut WindowsExporter, short: &str, sample: &Sample<'_>) {
    if !sample.value.is_finite() {
        return;
    }
    if let Some(field) = memory_field(short) {
        let whole = (sample.value >= 0.0).then_some(sample.value as u64);
        *field(read.memory.get_or_insert_default()) = whole;
    } else if short == "tcp_connections_state_count" {
        let state = sample.label("state").map_or(TcpState::Other, netstat::state);
        let count = read.by_state.entry(state).or_default();
        *count = count.saturating_add(sample.value as u64);
    } else if short == "exporter_collector_success" && sample.value == 0.0 {
        read.failed_collectors.extend(sample.label("collector").map(str::to_owned));
    } else if let "process_handles" | "process_handle_count" = short {
        if let Some(process) = process(&mut read.processes, sample) {
            process.handles = sample.value.max(0.0) as u64;
        }
    } else if short == "process_private_bytes" {
        if let Some(process) = process(&mut read.processes, sample) {
            process.private_bytes = Some(sample.value.max(0.0) as u64);
        }
    } else if COUNTERS.contains(&short) {
        *read.counters.entry(sample.name.to_owned()).or_default() += sample.value;
    }
    let by_label = COUNTERS_BY_LABEL.iter().find(|(name, _)| *name == short);
    if let Some(value) = by_label.and_then(|(_, label)| sample.label(label)) {
        *read.counters.entry(format!("{}.{value}", sample.name)).or_default() += sample.value;
    }
}

/// The process that a metric is about; `_Total` and what has no id is none.
fn process<'a>(known: &'a mut Vec<ProcessUse>, sample: &Sample<'_>) -> Option<&'a mut ProcessUse> {
    let name = sample.label("process").filter(|name| *name != "_Total")?;
    let pid = sample.label("process_id")?.parse().ok()?;
    let at = known.iter().position(|p| p.pid == pid && p.name == name).unwrap_or_else(|| {
        known.push(ProcessUse { name: name.to_owned(), pid, ..ProcessUse::default() });
        known.len() - 1
    });
    known.get_mut(at)
}

/// The reading that a memory metric is; the older name beside the newer.
fn memory_field(short: &str) -> Option<fn(&mut KernelMemory) -> &mut Option<u64>> {
    Some(match short {
        "memory_pool_nonpaged_bytes" | "memory_pool_nonpaged_bytes_total" => {
            |m| &mut m.nonpaged_used_bytes
        }
        "memory_pool_paged_bytes" => |m| &mut m.paged_used_bytes,
        "memory_committed_bytes" => |m| &mut m.committed_bytes,
        "memory_commit_limit" => |m| &mut m.commit_limit_bytes,
        "memory_free_system_page_table_entries" => |m| &mut m.free_system_ptes,
        "memory_available_bytes" => |m| &mut m.available_bytes,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::exposition;
    use crate::soup::soup;

    #[test]
    fn old_and_new_names_of_the_pool_are_the_same_reading() {
        for (line, why) in [
            ("windows_memory_pool_nonpaged_bytes 9.728e+07", "0.17 and later"),
            ("windows_memory_pool_nonpaged_bytes_total 9.728e+07", "0.16"),
            ("wmi_memory_pool_nonpaged_bytes_total 9.728e+07", "wmi_exporter"),
        ] {
            let memory = read(&exposition::parse(line)).memory.unwrap();
            assert_eq!(memory.nonpaged_used_bytes, Some(97_280_000), "{why}");
            assert_eq!(memory.paged_used_bytes, None, "a reading that is not there is not zero");
        }
    }

    #[test]
    fn the_boot_is_told_under_each_of_its_names() {
        for (name, boot, why) in [
            ("system_boot_time_timestamp_seconds", Some(1.7e9), "0.30 and later"),
            ("system_system_up_time", Some(1.7e9), "before: a moment, whatever its name"),
            ("system_threads", None, "another metric"),
        ] {
            let page = format!("windows_{name} 1.7e+09");
            assert_eq!(read(&exposition::parse(&page)).boot_unix_s(), boot, "{why}");
        }
    }

    #[test]
    fn families_are_summed_and_failed_collectors_are_told() {
        let read = read(&exposition::parse(
            r#"windows_tcp_connections_state_count{af="ipv4",state="TIME_WAIT"} 40
windows_tcp_connections_state_count{af="ipv6",state="TIME_WAIT"} 2
windows_tcp_connections_state_count{af="ipv4",state="DELETE_TCB"} 1
windows_tcp_connections_state_count{af="ipv4",state="FIN_WAIT1"} 3
windows_tcp_connection_failures_total{af="ipv4"} 10
windows_tcp_connection_failures_total{af="ipv6"} 5
windows_iis_current_connections{site="Default Web Site"} NaN
windows_exporter_collector_success{collector="tcp"} 1
windows_exporter_collector_success{collector="iis"} 0
go_goroutines 9"#,
        ));
        assert_eq!(
            read.by_state,
            BTreeMap::from([
                (TcpState::FinWait1, 3),
                (TcpState::TimeWait, 42),
                (TcpState::Other, 1)
            ])
        );
        assert_eq!(
            read.counters,
            BTreeMap::from([("windows_tcp_connection_failures_total".to_owned(), 15.0)]),
            "NaN is no reading, and other programs' metrics are not taken"
        );
        assert_eq!(read.failed_collectors, ["iis"]);
        assert_eq!(read.memory, None);
    }

    #[test]
    fn processes_are_ordered_by_handles_and_states_are_counted_by_label() {
        let read = read(&exposition::parse(
            r#"windows_process_handles{process="w3wp",process_id="4120"} 91234
windows_process_handles{process="svchost",process_id="900"} 512
windows_process_handles{process="_Total",process_id="0"} 120000
windows_process_handles{process="nobody"} 7
windows_process_private_bytes{process="w3wp",process_id="4120"} 5e+07
windows_iis_current_application_pool_state{app="a",state="Running"} 1
windows_iis_current_application_pool_state{app="b",state="Running"} 1
windows_iis_current_application_pool_state{app="b",state="Disabled"} 0
windows_iis_worker_request_errors_total{app="a",pid="4120",status_code="502"} 6
windows_iis_worker_request_errors_total{app="a",pid="4121",status_code="500"} 2"#,
        ));
        let told: Vec<_> = read.processes.iter().map(|p| (p.name.as_str(), p.handles)).collect();
        assert_eq!(told, [("w3wp", 91_234), ("svchost", 512)]);
        assert_eq!(read.processes[0].private_bytes, Some(50_000_000));
        for (name, value) in [
            ("windows_iis_current_application_pool_state.Running", 2.0),
            ("windows_iis_current_application_pool_state.Disabled", 0.0),
            ("windows_iis_worker_request_errors_total", 8.0),
            ("windows_iis_worker_request_errors_total.502", 6.0),
        ] {
            assert_eq!(read.counters.get(name), Some(&value), "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_page_is_read_without_a_reading_that_is_no_number(
            text in soup(&[
                "windows_", "wmi_", "memory_pool_nonpaged_bytes ", "memory_commit_limit ", "1e300\n", "-5\n",
                "tcp_connections_state_count{state=\"TIME_WAIT\"} ", "NaN\n", "+Inf\n", "tcp_segments_total 7\n",
                "exporter_collector_success{collector=\"x\"} 0\n",
            ])
        ) {
            let read = read(&exposition::parse(&text));
            prop_assert!(read.counters.values().all(|value| !value.is_nan()));
        }
    }
}
