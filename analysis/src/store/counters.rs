//! Provides the counters that hypotheses ask for, whatever a host calls them.

use std::collections::BTreeMap;

/// A counter or gauge of a host. Those marked as a total only grow while the host is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counter {
    /// Connections opened by the host (total).
    Active,
    /// Connections taken by the host (total).
    Passive,
    /// Attempts to connect that failed, of either side (total).
    ConnectFailures,
    /// Established connections that were reset (total).
    Resets,
    /// Resets sent (total).
    ResetsSent,
    /// Segments sent again, SYNs among them (total).
    Retransmits,
    /// SYNs and SYN-ACKs sent again (total).
    SynRetransmits,
    /// Connections lost to a full queue of completed ones (total).
    ListenOverflows,
    /// SYNs lost at a listener for any reason (total).
    ListenDrops,
    /// SYNs lost to a full queue of half-open connections (total).
    SynQueueDrops,
    /// Segments that met a TIME_WAIT and were not even answered (total).
    SkippedTimeWait,
    /// Sockets refused or aborted for want of memory (total).
    MemoryAborts,
    /// Requests waiting for a worker.
    QueueSize,
    /// Age of the request that waits longest, in the exporter's unit.
    QueueAge,
    /// Requests refused by a full queue (total).
    QueueRejected,
    /// Application pools that are disabled.
    PoolsStopped,
    /// Application pools that run.
    PoolsRunning,
    /// Worker processes that failed within the period of rapid fail.
    WorkerFailures,
    /// Requests a worker answered with 5xx (total).
    ServerErrors,
    /// Pages that TCP's buffers hold.
    SocketPages,
}

/// How many there are.
const COUNT: usize = Counter::SocketPages as usize + 1;

/// What one round showed of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counters([f64; COUNT]);

impl Counters {
    /// Those among a sample's counters; several names of one counter are added up.
    pub(crate) fn of(named: &BTreeMap<String, f64>) -> Self {
        let mut values = [f64::NAN; COUNT];
        for (name, value) in named {
            if let Some(counter) = meant(name) {
                let slot = &mut values[counter as usize];
                *slot = if slot.is_nan() { *value } else { *slot + *value };
            }
        }
        Self(values)
    }

    /// Whether there is one at all.
    pub(crate) fn any(&self) -> bool {
        self.0.iter().any(|value| !value.is_nan())
    }

    /// Its value; `None` where the host did not tell it.
    pub(crate) fn get(&self, counter: Counter) -> Option<f64> {
        let value = self.0[counter as usize];
        (!value.is_nan()).then_some(value)
    }
}

/// The counter that a host's name means: windows_exporter (also under its older names), `/proc/net`,
/// `nstat`, and the names that a post-mortem gives to PerfMon's.
fn meant(name: &str) -> Option<Counter> {
    use Counter as C;
    let short = name.strip_prefix("windows_").or_else(|| name.strip_prefix("wmi_"));
    Some(match short.unwrap_or(name) {
        "tcp_connections_active_total" | "tcp_connections_active" => C::Active,
        "Tcp.ActiveOpens" | "TcpActiveOpens" => C::Active,
        "tcp_connections_passive_total" | "tcp_connections_passive" => C::Passive,
        "Tcp.PassiveOpens" | "TcpPassiveOpens" => C::Passive,
        "tcp_connection_failures_total" | "tcp_connection_failures" => C::ConnectFailures,
        "Tcp.AttemptFails" | "TcpAttemptFails" => C::ConnectFailures,
        "tcp_connections_reset_total" | "tcp_connections_reset" => C::Resets,
        "Tcp.EstabResets" | "TcpEstabResets" => C::Resets,
        "Tcp.OutRsts" | "TcpOutRsts" => C::ResetsSent,
        "tcp_segments_retransmitted_total" => C::Retransmits,
        "Tcp.RetransSegs" | "TcpRetransSegs" => C::Retransmits,
        "TcpExt.TCPSynRetrans" | "TcpExtTCPSynRetrans" => C::SynRetransmits,
        "TcpExt.ListenOverflows" | "TcpExtListenOverflows" => C::ListenOverflows,
        "TcpExt.ListenDrops" | "TcpExtListenDrops" => C::ListenDrops,
        "TcpExt.TCPReqQFullDrop" | "TcpExtTCPReqQFullDrop" => C::SynQueueDrops,
        "TcpExt.TCPACKSkippedTimeWait" | "TcpExtTCPACKSkippedTimeWait" => C::SkippedTimeWait,
        "TcpExt.TCPAbortOnMemory" | "TcpExtTCPAbortOnMemory" => C::MemoryAborts,
        "TcpExt.TCPMemoryPressures" | "TcpExtTCPMemoryPressures" => C::MemoryAborts,
        "iis_http_requests_current_queue_size" | "http_requests_current_queue_size" => C::QueueSize,
        "iis_http_requests_max_queue_item_age" => C::QueueAge,
        "iis_http_request_total_rejected_request" => C::QueueRejected,
        "http_request_total_rejected_request" => C::QueueRejected,
        "iis_recent_worker_process_failures" => C::WorkerFailures,
        "sockstat.mem" => C::SocketPages,
        short => return by_label(short),
    })
}

/// Counters whose name ends in a label.
fn by_label(name: &str) -> Option<Counter> {
    if let Some(state) = name.strip_prefix("iis_current_application_pool_state.") {
        return match state {
            "Running" => Some(Counter::PoolsRunning),
            // "Shutdown Pending" is what a recycle passes through.
            "Disabled" => Some(Counter::PoolsStopped),
            _ => None,
        };
    }
    let status = name.strip_prefix("iis_worker_request_errors_total.")?;
    status.starts_with('5').then_some(Counter::ServerErrors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_found_under_each_of_its_names() {
        let named = |all: &[(&str, f64)]| {
            let named = all.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
            Counters::of(&named)
        };
        for (name, counter) in [
            ("windows_tcp_connections_active_total", Counter::Active),
            ("wmi_tcp_connections_active", Counter::Active),
            ("Tcp.ActiveOpens", Counter::Active),
            ("TcpExtListenOverflows", Counter::ListenOverflows),
            ("windows_iis_current_application_pool_state.Disabled", Counter::PoolsStopped),
        ] {
            assert_eq!(named(&[(name, 3.0)]).get(counter), Some(3.0), "{name}");
        }
        let errors = named(&[
            ("windows_iis_worker_request_errors_total", 9.0),
            ("windows_iis_worker_request_errors_total.502", 4.0),
            ("windows_iis_worker_request_errors_total.500", 2.0),
            ("windows_iis_worker_request_errors_total.404", 3.0),
        ]);
        assert_eq!(errors.get(Counter::ServerErrors), Some(6.0), "5xx alone");
        assert_eq!(errors.get(Counter::QueueSize), None, "not told is not zero");
    }
}
