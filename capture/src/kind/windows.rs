//! Provides the marks of what Windows' tools print.

use std::borrow::Cow;

use super::shape::{is_labelled_number, is_port_pair, next_line, next_two, rule};
use super::{Kind, Mark};
use crate::{collect_notes, csv, event_log, net_statistics, perfmon, poolmon};

/// Headings by how they begin; property names of PowerShell and of XML are in no language.
const BEGINNINGS: &[(&str, Kind)] = &[
    (collect_notes::MARK, Kind::CollectNotes),
    ("Proto ", Kind::Netstat),
    ("Proto. ", Kind::Netstat),
    ("Event[", Kind::EventLog),
    ("<Event", Kind::EventLog),
    ("TimeCreated", Kind::EventLog),
    ("ProviderName:", Kind::EventLog),
    ("Index Time", Kind::EventLog),
    ("Listing the events in '", Kind::EventLog),
    ("*** Virtual Memory Usage", Kind::KernelDebugger),
    ("Sorting by", Kind::KernelDebugger),
    ("Pool Used:", Kind::KernelDebugger),
    ("kd> ", Kind::KernelDebugger),
    ("lkd> ", Kind::KernelDebugger),
    ("Image Name ", Kind::Tasklist),
    ("\"Image Name\",", Kind::Tasklist),
    ("Handles  NPM(K)", Kind::Tasklist),
    ("NPM(K) ", Kind::Tasklist),
    ("Snapshot of HTTP service state", Kind::NetshServiceState),
    ("Server session ID:", Kind::NetshServiceState),
    ("Request queue name:", Kind::NetshServiceState),
    ("\"Host Name\",\"OS Name\"", Kind::SystemInfo),
    ("[boot loader]", Kind::BootConfig),
    ("[operating systems]", Kind::BootConfig),
    ("Windows Registry Editor Version", Kind::RegExport),
    ("REGEDIT4", Kind::RegExport),
    ("[HKEY_", Kind::RegExport),
    ("[-HKEY_", Kind::RegExport),
    ("HKEY_LOCAL_MACHINE\\", Kind::RegExport),
];

/// What a line of Windows says of its kind.
pub(super) fn mark(line: &str, rest: &str) -> Option<Mark> {
    let trimmed = line.trim();
    if perfmon::is_header(trimmed) {
        return Some(Mark::Begins(Kind::Perfmon));
    }
    if let Some((_, kind)) = BEGINNINGS.iter().find(|(head, _)| trimmed.starts_with(head)) {
        return Some(Mark::Begins(*kind));
    }
    if is_socket(trimmed) {
        return Some(Mark::Row(Kind::Netstat));
    }
    if poolmon::is_part(line) {
        return Some(Mark::Row(Kind::Poolmon));
    }
    if trimmed.contains("\tREG_") || trimmed.contains("    REG_") {
        return Some(Mark::Row(Kind::RegExport));
    }
    if event_log::table::is_bare(trimmed) {
        return Some(Mark::Row(Kind::EventLog));
    }
    heading(trimmed, rest).map(Mark::Begins).or_else(|| {
        let debugger = is_debugger(trimmed).then_some(Kind::KernelDebugger);
        debugger.or_else(|| is_pool_tag(trimmed).then_some(Kind::PoolTag)).map(Mark::Row)
    })
}

/// Headings that are told by more than how they begin.
fn heading(line: &str, rest: &str) -> Option<Kind> {
    let (next, second) = next_two(rest);
    if is_process_heading(line, next) {
        return Some(Kind::Tasklist);
    }
    if line.starts_with("Type ") && line.contains("Date Time") && rule(next, '-').is_some() {
        return Some(Kind::EventLog);
    }
    if line.contains("LocalAddress") && (line.contains("LocalPort") || line.contains(':')) {
        return Some(Kind::NetTcpConnection);
    }
    if is_statistics(line) {
        return Some(Kind::NetstatStatistics);
    }
    if net_statistics::host_of(line).is_some() {
        return Some(Kind::NetStatistics);
    }
    if is_event_table(line) {
        return Some(Kind::EventLog);
    }
    if let Some(dashes) = rule(line, '-') {
        let brace = next.split_whitespace().nth(1).is_some_and(|word| word.starts_with('{'));
        return match dashes.as_slice() {
            [_] if is_labelled_number(next) && is_labelled_number(second) => {
                Some(Kind::NetshDynamicPort)
            }
            [_] if brace => Some(Kind::BootConfig),
            [_, _] if is_port_pair(next) || next.trim().is_empty() && is_port_pair(second) => {
                Some(Kind::NetshExcludedPorts)
            }
            _ => None,
        };
    }
    if rule(line, '=').is_some_and(|groups| groups.len() > 3 && groups[0] == 25) {
        return Some(Kind::Tasklist);
    }
    if is_dynamic_port_title(line, next) {
        return Some(Kind::NetshDynamicPort);
    }
    is_system(line, rest).then_some(Kind::SystemInfo)
}

/// The heading of events as delimited text: Event Viewer's, `eventquery.vbs`', `Export-Csv`'s.
fn is_event_table(line: &str) -> bool {
    let separated = |separator: char| {
        let fields = line.split(separator).map(|field| field.trim().trim_matches('"'));
        let fields: Vec<&str> = fields.collect();
        let any = |names: &[&str]| fields.iter().any(|field| names.contains(field));
        any(&["Source", "ProviderName"])
            && any(&["Event ID", "EventID", "Event", "Id", "InstanceId"])
            && any(&["Date and Time", "Date Time", "Date", "TimeCreated", "TimeGenerated"])
    };
    [',', '\t', ';'].into_iter().any(separated)
}

/// Headings of processes with their handles: a table above its rule, or CSV (`wmic`, `Export-Csv`).
fn is_process_heading(line: &str, next: &str) -> bool {
    if !line.contains("Handle") {
        return false;
    }
    let is_ruled = rule(next, '-').is_some_and(|groups| groups.len() > 1);
    let cells: Vec<_> = match is_ruled {
        true => line.split_whitespace().map(Cow::Borrowed).collect(),
        false => csv::cells(line, csv::separator(line)).collect(),
    };
    let has = |names: &[&str]| cells.iter().any(|cell| names.contains(&cell.trim()));
    has(&["HandleCount", "Handles"]) && has(&["Id", "ProcessId"])
}

/// `Protocol tcp Dynamic Port Range` above its rule, or the title of the excluded ranges.
fn is_dynamic_port_title(line: &str, next: &str) -> bool {
    line.contains("Dynamic Port Range") && rule(next, '-').is_some()
}

/// `TCP  127.0.0.1:80  …`, `UDP …`; Linux has two queues before the address.
fn is_socket(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let proto = words.next().unwrap_or("");
    let known = ["tcp", "udp", "tcp6", "udp6"].iter().any(|p| proto.eq_ignore_ascii_case(p));
    let mut ends = words.skip_while(|word| word.parse::<u32>().is_ok()).take(2);
    let mut end = || ends.next().and_then(|end| end.rsplit_once(':')).map(|(_, port)| port);
    let is_port = |port: &str| port == "*" || port.parse::<u16>().is_ok();
    known && end().is_some_and(is_port) && end().is_some_and(is_port)
}

/// `TCP Statistics for IPv4` in languages that call it so.
fn is_statistics(line: &str) -> bool {
    let words = line.to_lowercase();
    let protocol = ["tcp", "udp", "ipv4", "ipv6", "icmp"].iter().any(|p| words.contains(p));
    let named = ["statisti", "estadísti", "estatísti"].iter().any(|n| words.contains(n));
    // A sentence in a log may speak of statistics too.
    protocol && named && line.len() < 60 && !line.contains('=')
}

fn is_debugger(line: &str) -> bool {
    let label = line.split(':').next().unwrap_or("").trim();
    matches!(
        label,
        "NonPagedPool Usage" | "NonPagedPool Max" | "NonPaged Pool Usage" | "PagedPool Usage"
    ) || line.split_once(": kd> ").is_some_and(|(cpu, _)| cpu.parse::<u16>().is_ok())
        || (line.starts_with("Tag ") && line.contains("Used") && line.contains("Allocs"))
}

/// `Tag - binary - description`, where the binary looks like one.
fn is_pool_tag(line: &str) -> bool {
    let mut parts = line.splitn(3, " - ");
    let tag = parts.next().unwrap_or("").trim();
    let Some(binary) = parts.next().map(str::trim) else { return false };
    let known = [".sys", ".dll", ".exe"].iter().any(|end| binary.to_lowercase().ends_with(end));
    (1..=4).contains(&tag.chars().count())
        && (known || binary.starts_with("nt!") || binary == "nt" || binary == "<unknown>")
}

/// The first line of systeminfo: a label, and below it another with Windows' name.
fn is_system(line: &str, rest: &str) -> bool {
    let value = |line: &str| line.split_once(':').map(|(_, value)| value.trim().to_owned());
    value(line).is_some_and(|host| !host.is_empty() && !host.contains(' '))
        && value(next_line(rest)).is_some_and(|name| {
            name.starts_with("Microsoft Windows")
                || name.starts_with("Microsoft(R) Windows")
                || name.starts_with("Microsoft\u{ae} Windows")
        })
}
