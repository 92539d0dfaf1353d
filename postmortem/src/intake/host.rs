//! Provides the reading of what a host says of itself: system, boot options, registry, System log,
//! ports, processes.

use capture::collect_notes::{self, Part};
use capture::event_log::{self, Event};
use capture::netstat::Proto;
use capture::reg_export::{self, Setting, Told};
use capture::{SkippedRows, boot_config, net_statistics, netsh, systeminfo, tasklist};
use model::reading::ProcessUse;

use super::Parsed;
use crate::clock::stamp_of;
use crate::facts::{HostFacts, Noted};
use crate::held::{Holding, Snapshot, most_handles};
use crate::names;

/// Bytes of a message that are kept.
const MESSAGE_CHARS: usize = 160;

fn parsed(records: usize, skipped: SkippedRows, facts: HostFacts) -> Parsed {
    let holding = Holding { facts, ..Holding::default() };
    Parsed { records: records as u64, skipped, holding }
}

/// Takes in by which name a file calls its host.
fn call(facts: &mut HostFacts, name: Option<&str>, file: &str) {
    if let Some(name) = name {
        facts.names.hosts.insert(name.to_owned());
        facts.computers.call(name, file);
    }
}

/// `systeminfo`.
pub(super) fn systeminfo(file: &str, text: &str) -> Parsed {
    let read = systeminfo::parse(text);
    let offset_s = read.standard_offset_min.map(|min| f64::from(min) * 60.0);
    let local_s = read.boot_local.and_then(|local| {
        Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second() as f64)
    });
    let up =
        read.uptime_s.map(|s| format!("{:.1} days before systeminfo was run", s as f64 / 864e2));
    let mut facts = HostFacts {
        boot: read.boot_text.map(|text| format!("{text} (local time, from systeminfo)")).or(up),
        boot_unix_s: local_s.zip(offset_s).map(|(local_s, offset_s)| local_s - offset_s),
        utc_offset_s: offset_s,
        os_name: read.os_name,
        system_type: read.system_type,
        ram_bytes: read.physical_bytes,
        ..HostFacts::default()
    };
    call(&mut facts, read.host.as_deref(), file);
    let known = [facts.os_name.is_some(), facts.ram_bytes.is_some(), facts.boot.is_some()];
    let mut parsed = parsed(known.iter().filter(|known| **known).count(), read.skipped, facts);
    parsed.holding.snapshots.extend(read.uptime_s.map(|uptime_s| Snapshot {
        file: file.to_owned(),
        kind: "systeminfo",
        uptime_s: Some(uptime_s as f64),
        ..Snapshot::default()
    }));
    parsed
}

/// boot.ini or bcdedit.
pub(super) fn boot_config(text: &str) -> Parsed {
    let read = boot_config::parse(text);
    let three_gb = read.current().map(|entry| entry.less_kernel_space);
    let facts = HostFacts { three_gb, ..HostFacts::default() };
    parsed(read.entries.len(), read.skipped, facts)
}

/// `reg export` or `reg query`.
pub(super) fn reg_export(text: &str) -> Parsed {
    let read = reg_export::parse(text);
    let mut facts = HostFacts::default();
    for setting in Setting::ALL {
        match read.setting(setting) {
            Told::Set(minutes) if setting == Setting::TimeZoneBias => {
                facts.utc_offset_s = Some(f64::from(minutes as u32 as i32) * -60.0);
            }
            Told::Set(value) => drop(facts.registry.insert(format!("{setting:?}"), value)),
            Told::Default => drop(facts.registry_defaults.insert(format!("{setting:?}"))),
            Told::Unknown => {}
        }
    }
    parsed(read.keys.len().max(read.values.len()), read.skipped, facts)
}

/// The System log; only what matters here is kept.
pub(super) fn event_log(file: &str, text: &str) -> Parsed {
    let read = event_log::parse(text);
    let mut facts = HostFacts::default();
    let named = read.events.iter().filter(|event| event.computer.is_some());
    // A host that was renamed has its old name in older entries.
    let latest = named.max_by(|a, b| {
        let at = |event: &Event| event.unix_s_at(0).unwrap_or(f64::NEG_INFINITY);
        at(a).total_cmp(&at(b))
    });
    call(&mut facts, latest.and_then(|event| event.computer.as_deref()), file);
    for event in &read.events {
        let Some(meaning) = event.meaning() else { continue };
        let printed = || event.local.map_or_else(String::new, |l| format!("{l} local time"));
        facts.names.join(names::of_message(&event.message));
        facts.names.hosts.extend(event.computer.clone());
        let message = event.message.chars().take(MESSAGE_CHARS).collect();
        let installed = event.installed().map(|i| {
            let what = if i.is_driver { "driver" } else { "service" };
            format!("{what} {} {}", i.name, i.file.unwrap_or_default())
        });
        facts.events.push(Noted {
            unix_s: event.unix_s,
            bound_s: 0.0,
            local_s: event.unix_s_at(0),
            provider: event.source.clone(),
            id: event.id,
            meaning,
            stamp: event.unix_s.map_or_else(printed, stamp_of),
            message: installed.unwrap_or(message),
        });
    }
    parsed(read.events.len(), read.skipped, facts)
}

/// `netsh int ipv4 show dynamicport tcp`.
pub(super) fn dynamic_ports(text: &str) -> Parsed {
    let (ranges, skipped) = netsh::dynamic_ports(text);
    let tcp = ranges.iter().find(|r| r.proto != Some(Proto::Udp));
    let ports = tcp.map(|range| (range.start, range.last()));
    parsed(ranges.len(), skipped, HostFacts { ports, ..HostFacts::default() })
}

/// `netsh int ipv4 show excludedportrange`.
pub(super) fn excluded_ports(text: &str) -> Parsed {
    let (ranges, skipped) = netsh::excluded_ports(text);
    let tcp = ranges.iter().filter(|r| r.proto != Some(Proto::Udp));
    let excluded_ports = tcp.map(|r| r.ports.len() as u64).sum();
    parsed(ranges.len(), skipped, HostFacts { excluded_ports, ..HostFacts::default() })
}

/// `netsh http show servicestate`.
pub(super) fn service_state(text: &str) -> Parsed {
    let read = netsh::service_state(text);
    let mut facts = HostFacts::default();
    for queue in &read.queues {
        facts.names.labels.insert(queue.name.to_owned());
        if let Some(rejected) = queue.rejected_requests.filter(|rejected| *rejected > 0) {
            facts.remarks.push(format!(
                "request queue {} has rejected {rejected} requests since it was made",
                queue.name
            ));
        }
    }
    parsed(read.queues.len(), read.skipped, facts)
}

/// `tasklist` or `Get-Process`.
pub(super) fn tasklist(file: &str, text: &str) -> Parsed {
    let read = tasklist::parse(text);
    let processes = read.processes.iter().map(|p| (p.pid, p.name.clone())).collect();
    let held = read.processes.iter().filter_map(|p| {
        Some(ProcessUse {
            name: p.name.clone(),
            pid: p.pid,
            handles: p.handles?,
            private_bytes: None,
        })
    });
    let held = most_handles(held);
    let facts = HostFacts { processes, ..HostFacts::default() };
    let mut parsed = parsed(read.processes.len(), read.skipped, facts);
    if held.is_some() {
        let (file, kind) = (file.to_owned(), "tasklist");
        let snapshot = Snapshot { file, kind, processes: held, ..Snapshot::default() };
        parsed.holding.snapshots.push(snapshot);
    }
    parsed
}

/// What the collecting script wrote about itself.
pub(super) fn collect_notes(file: &str, text: &str) -> Parsed {
    let read = collect_notes::parse(text);
    let mut facts = HostFacts::default();
    call(&mut facts, read.host, file);
    match read.part {
        Part::Gaps => read.notes.iter().for_each(|note| facts.collected.gap(note)),
        _ => read.notes.iter().for_each(|note| facts.collected.say(note)),
    }
    parsed(read.notes.len(), read.skipped, facts)
}

/// `net statistics`.
pub(super) fn net_statistics(file: &str, text: &str) -> Parsed {
    let read = net_statistics::parse(text);
    let mut facts = HostFacts::default();
    call(&mut facts, read.host, file);
    facts.boot = read.since.map(|since| {
        format!("{since} or shortly before (local time, since when `net statistics` counts)")
    });
    parsed(usize::from(read.since.is_some()), SkippedRows::default(), facts)
}
