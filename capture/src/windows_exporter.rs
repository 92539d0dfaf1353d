//! Provides what a page of windows_exporter says about kernel memory, sockets and IIS.
//!
//! Names have changed over its releases (`wmi_` before 0.9, `…_bytes_total` for a gauge before
//! 0.17); both are known. Counters keep the name that their host gives them, summed over labels.

use std::collections::BTreeMap;

use model::reading::{KernelMemory, TcpState};

use crate::exposition::{Exposition, Sample};
use crate::netstat;

/// Metrics taken as they stand, without their prefix; the sum over labels is a host's total.
const COUNTERS: &[&str] = &[
    "cs_physical_memory_bytes",
    "iis_connection_attempts_all_instances_total",
    "iis_current_connections",
    "iis_http_request_total_rejected_request",
    "iis_http_requests_current_queue_size",
    "iis_requests_total",
    "iis_worker_request_errors_total",
    "memory_physical_free_bytes",
    "memory_physical_total_bytes",
    "memory_pool_nonpaged_allocs_total",
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
    /// Collectors that are on and failed at this scrape.
    pub failed_collectors: Vec<String>,
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
    read
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
    } else if COUNTERS.contains(&short) {
        *read.counters.entry(sample.name.to_owned()).or_default() += sample.value;
    }
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
    use super::*;
    use crate::exposition;

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
}
