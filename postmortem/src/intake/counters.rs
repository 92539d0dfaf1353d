//! Provides the reading of counters: performance logs, scraped pages, statistics of a stack.

use std::collections::BTreeMap;

use capture::perfmon::{self, Counter, Table};
use capture::{SkippedRows, exposition, netstat_statistics, nstat, procfs, windows_exporter};
use model::reading::{KernelMemory, ProcessUse, TcpCounts};

use super::Parsed;
use crate::clock::stamp_of;
use crate::facts::HostFacts;
use crate::held::{Holding, Snapshot, count, most_handles};
use crate::history::ZONES_S;
use crate::names;

/// Samples kept of one log; beyond it every n-th is kept, with its peaks in the counters.
const SAMPLES_MAX: usize = 20_000;
/// Rows of one log of which the handles of every process are kept.
const HANDLES_MAX: usize = 200;
/// Counters kept by path.
const PATHS_MAX: usize = 2_000;

/// Samples of a page whose labels name the host.
const NAMING: [&str; 2] = ["windows_cs_hostname", "windows_os_hostname"];

/// How connections that a host accepted since boot are called in a snapshot, whoever counted them.
pub(crate) const PASSIVE: &str = "tcp_connections_passive_total";

/// A performance log.
pub(super) fn perfmon(file: &str, text: &str) -> Parsed {
    let log = perfmon::parse(text);
    let mut holding = Holding::default();
    let mut records = 0;
    for table in &log.tables {
        records += table.rows.len() as u64;
        paths(table, &mut holding.counters);
        let names = &mut holding.facts.names;
        table.columns.iter().for_each(|column| names::of_counter(column, names));
        for host in table.columns.iter().filter_map(|column| column.host.as_deref()) {
            holding.facts.computers.call(host, file);
        }
        let unknown = table.unknown().count();
        if unknown == table.columns.len() && unknown > 0 {
            let first = &table.columns[0].path;
            holding.facts.remarks.push(format!("none of the {unknown} counters of {file} is known by its name, such as {first:?}: log them by their English names"));
        }
        let places = places(table);
        let step = table.rows.len().div_ceil(SAMPLES_MAX).max(1);
        let rare = table.rows.len().div_ceil(HANDLES_MAX).max(1);
        for (at, row) in table.rows.iter().enumerate().step_by(step) {
            let zoned = row.local.to_zoned(jiff::tz::TimeZone::UTC).ok();
            let as_utc = zoned.map(|z| z.timestamp().as_second() as f64);
            let mut snapshot = sample(&places, &row.values);
            if at % rare < step || at + step >= table.rows.len() {
                snapshot.processes = processes(table, &row.values);
            }
            snapshot.file = file.to_owned();
            snapshot.unix_s = row.unix_s.or(as_utc);
            snapshot.bound_s = if row.unix_s.is_some() { 0.0 } else { ZONES_S };
            holding.snapshots.push(snapshot);
        }
    }
    Parsed { records, skipped: log.skipped, holding }
}

fn paths(table: &Table, counters: &mut BTreeMap<String, model::diagnosis::Counter>) {
    for (at, column) in table.columns.iter().enumerate().take(PATHS_MAX) {
        for value in table.rows.iter().filter_map(|row| *row.values.get(at)?) {
            count(counters, &column.path, value);
        }
    }
}

/// Open handles by process in one row.
fn processes(table: &Table, values: &[Option<f64>]) -> Option<Vec<ProcessUse>> {
    let whole = |at: usize| values.get(at).copied()?.filter(|v| *v >= 0.0).map(|v| v as u64);
    let pid = |instance: &str| {
        let mut ids = table.columns_of(Counter::ProcessId);
        let (at, _) = ids.find(|(_, column)| column.instance.as_deref() == Some(instance))?;
        u32::try_from(whole(at)?).ok()
    };
    let columns = table.columns_of(Counter::ProcessHandles);
    let held = columns.filter_map(|(at, column)| {
        let name = column.instance.as_deref().filter(|name| !matches!(*name, "_Total" | "Idle"))?;
        let (handles, pid) = (whole(at)?, pid(name).unwrap_or(0));
        Some(ProcessUse { name: name.to_owned(), pid, handles, private_bytes: None })
    });
    most_handles(held)
}

/// Where in a row the values of each counter stand that together are one host's: of the first host
/// that the log names, and not the instances where their total is logged too.
fn places(table: &Table) -> BTreeMap<Counter, Vec<usize>> {
    let host = table.columns.iter().find_map(|column| column.host.as_deref());
    let mut places: BTreeMap<Counter, Vec<usize>> = BTreeMap::new();
    let is_total = |at: &usize| table.columns[*at].instance.as_deref() == Some("_Total");
    for (at, column) in table.columns.iter().enumerate() {
        if let Some(counter) = column.counter
            && column.host.as_deref().is_none_or(|named| Some(named) == host)
        {
            places.entry(counter).or_default().push(at);
        }
    }
    for of_one in places.values_mut().filter(|of_one| of_one.iter().any(is_total)) {
        of_one.retain(is_total);
    }
    places
}

/// One row of a log.
fn sample(places: &BTreeMap<Counter, Vec<usize>>, values: &[Option<f64>]) -> Snapshot {
    let of = |counter: Counter| {
        let found = places.get(&counter)?.iter().filter_map(|at| values.get(*at).copied()?);
        found.reduce(|a, b| a + b)
    };
    let whole = |counter| of(counter).filter(|v| *v >= 0.0).map(|v| v as u64);
    let memory = KernelMemory {
        nonpaged_used_bytes: whole(Counter::PoolNonpagedBytes),
        paged_used_bytes: whole(Counter::PoolPagedBytes),
        committed_bytes: whole(Counter::CommittedBytes),
        commit_limit_bytes: whole(Counter::CommitLimitBytes),
        free_system_ptes: whole(Counter::FreeSystemPtes),
        available_bytes: whole(Counter::AvailableBytes),
    };
    let named = [
        ("tcp_connections_established", Counter::ConnectionsEstablished),
        ("tcp_connection_failures_total", Counter::ConnectionFailures),
        ("tcp_connections_reset_total", Counter::ConnectionsReset),
        ("tcp_connections_active_total", Counter::ConnectionsActive),
        (PASSIVE, Counter::ConnectionsPassive),
        ("http_requests_current_queue_size", Counter::QueueSize),
        ("http_request_total_rejected_request", Counter::QueueRejected),
        ("iis_current_connections", Counter::WebConnections),
        ("iis_connection_attempts_total", Counter::WebConnectionAttempts),
    ];
    let counters = named.iter().filter_map(|(name, c)| Some(((*name).to_owned(), of(*c)?)));
    Snapshot {
        kind: "perfmon",
        memory: (memory != KernelMemory::default()).then_some(memory),
        counters: counters.collect(),
        uptime_s: of(Counter::SystemUpTime),
        ..Snapshot::default()
    }
}

/// A page of windows_exporter.
pub(super) fn exposition(file: &str, text: &str) -> Parsed {
    let page = exposition::parse(text);
    let records = page.samples.len() as u64;
    let read = windows_exporter::read(&page);
    let mut holding = Holding::default();
    let physical = ["windows_memory_physical_total_bytes", "windows_cs_physical_memory_bytes"];
    holding.facts.names = names::of_page(&page);
    let named = page.samples.iter().filter(|sample| NAMING.contains(&sample.name));
    for (_, host) in named.flat_map(|s| &s.labels).filter(|(label, _)| *label == "hostname") {
        holding.facts.computers.call(host, file);
    }
    holding.facts.boot_unix_s = read.boot_unix_s();
    holding.facts.boot = read.boot_unix_s().map(|s| format!("{} (from the exporter)", stamp_of(s)));
    holding.facts.ram_bytes =
        physical.iter().find_map(|name| read.counters.get(*name)).map(|bytes| *bytes as u64);
    for collector in &read.failed_collectors {
        holding.facts.remarks.push(format!("{file}: the exporter's collector {collector} failed"));
    }
    for (name, value) in &read.counters {
        count(&mut holding.counters, name, *value);
    }
    // A page counts by state and names no port: who opened a TIME_WAIT is not known.
    let tcp = TcpCounts { by_state: read.by_state, ..TcpCounts::default() };
    holding.snapshots.push(Snapshot {
        file: file.to_owned(),
        kind: "exposition",
        memory: read.memory,
        tcp: (!tcp.by_state.is_empty()).then_some(tcp),
        counters: read.counters,
        processes: (!read.processes.is_empty()).then_some(read.processes),
        ..Snapshot::default()
    });
    Parsed { records, skipped: page.skipped, holding }
}

/// `netstat -s`.
pub(super) fn statistics(file: &str, text: &str) -> Parsed {
    let read = netstat_statistics::parse(text);
    let name = |c: &netstat_statistics::Counter<'_>| format!("{}: {}", c.section, c.name);
    let mut values: BTreeMap<String, f64> =
        read.counters.iter().map(|c| (name(c), c.value as f64)).collect();
    let tcp = read.tcp();
    let known = [
        (PASSIVE, tcp.passive_opens),
        ("tcp_connections_active_total", tcp.active_opens),
        ("tcp_connection_failures_total", tcp.failed_attempts),
        ("tcp_connections_reset_total", tcp.resets),
    ];
    values.extend(known.into_iter().filter_map(|(name, n)| Some((name.to_owned(), n? as f64))));
    named(file, "netstat-statistics", values, read.skipped)
}

/// `nstat`.
pub(super) fn nstat(file: &str, text: &str) -> Parsed {
    let read = nstat::parse(text);
    let values = read.counters.iter().map(|c| (c.name.to_owned(), c.value as f64)).collect();
    named(file, "nstat", values, read.skipped)
}

/// `/proc/net/sockstat`.
pub(super) fn sockstat(file: &str, text: &str) -> Parsed {
    kernel(file, "proc-sockstat", procfs::sockstat(text))
}

/// `/proc/net/netstat` and `/proc/net/snmp`.
pub(super) fn proc_counters(file: &str, text: &str) -> Parsed {
    kernel(file, "proc-counters", procfs::two_line(text))
}

fn kernel(file: &str, kind: &'static str, read: procfs::Counters<'_>) -> Parsed {
    let name = |c: &procfs::Counter<'_>| format!("{}.{}", c.group, c.key);
    let values = read.counters.iter().map(|c| (name(c), c.value as f64)).collect();
    named(file, kind, values, read.skipped)
}

fn named(
    file: &str,
    kind: &'static str,
    values: BTreeMap<String, f64>,
    skipped: SkippedRows,
) -> Parsed {
    let mut counters = BTreeMap::new();
    for (name, value) in values.iter().take(PATHS_MAX) {
        count(&mut counters, name, *value);
    }
    let records = values.len() as u64;
    let snapshot =
        Snapshot { file: file.to_owned(), kind, counters: values, ..Snapshot::default() };
    let facts = HostFacts::default();
    let holding = Holding { snapshots: vec![snapshot], counters, facts, ..Holding::default() };
    Parsed { records, skipped, holding }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_and_its_instances_are_one_figure_and_hosts_are_not_mixed() {
        for (columns, values, wanted, why) in [
            ("(_Total)|(Default)|(Other)", "9|7|2", 9.0, "the total, not twice"),
            ("(Default)|(Other)", "7|2", 9.0, "no total: the sum"),
            ("(Default)", "7", 7.0, "one"),
        ] {
            let cell = |i: &str| format!("\"\\\\WEB1\\Web Service{i}\\Current Connections\"");
            let columns: Vec<_> = columns.split('|').map(cell).collect();
            let values: Vec<_> = values.split('|').map(|v| format!("\"{v}\"")).collect();
            let text = format!(
                "\"(PDH-CSV 4.0) (X)(0)\",{},\"\\\\WEB2\\Web Service(_Total)\\Current Connections\"\n\
                 \"01/12/2021 09:18:20.123\",{},\"50\"\n",
                columns.join(","),
                values.join(",")
            );
            let read = perfmon("log.csv", &text);
            let counters = &read.holding.snapshots[0].counters;
            assert_eq!(counters["iis_current_connections"], wanted, "{why}");
        }
    }
}
