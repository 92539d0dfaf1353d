//! Provides the way from an open stream to what it holds: kind told by content, one [`Taken`] per
//! section. Logs are streamed; everything else is read whole, up to a bound.

pub(crate) mod counters;
mod error_log;
mod host;
mod parts;
mod pools;
mod recorded;
mod skips;
mod sockets;
mod streamed;

use std::io::Read;

use capture::SkippedRows;
use capture::kind::{self, Kind};
use model::diagnosis::{Input, SkippedRow};
use record::Part;

pub(crate) use self::sockets::STATE_COUNTS;
use crate::held::{Holding, Taken};
use crate::open::{Member, fill};

/// The kind of notes that the collecting script took about itself: told, and no evidence.
pub(crate) const COLLECT_NOTES: &str = "collect-notes";
/// What is looked at to tell how to read a stream, bytes.
const HEAD_BYTES: u64 = 64 * 1024;
/// What is read of anything that is no log, bytes.
const WHOLE_BYTES_MAX: u64 = 64 << 20;
/// The same where its head holds nothing that is known, bytes.
const UNKNOWN_BYTES_MAX: u64 = 4 << 20;
/// Sections of one file that are told apart.
const SECTIONS_MAX: usize = 1_000;

/// What a parser gives: records, rows that could not be read, and what they hold.
pub(crate) struct Parsed {
    pub(crate) records: u64,
    pub(crate) skipped: SkippedRows,
    pub(crate) holding: Holding,
}

/// Reads one stream.
pub(crate) fn take(member: Member<'_>) -> Vec<Taken> {
    let Member { name, reader, path } = member;
    let (head, failed) = fill(reader, HEAD_BYTES);
    if let (true, Some(error)) = (head.is_empty(), &failed) {
        return vec![unusable(&name, "unknown", format!("cannot be read: {error}"))];
    }
    let full = head.len() as u64 == HEAD_BYTES;
    if let Some(part) = Part::of(&head) {
        return vec![recorded::take(&name, part, head.as_slice().chain(reader))];
    }
    if !full || failed.is_some() {
        return broken_off(whole(&name, &head, None), failed);
    }
    if is_blank(&head) {
        let kib = HEAD_BYTES >> 10;
        let why = format!("begins with {kib} KiB of zeros or blanks, and no more was read");
        return vec![unusable(&name, "empty", why)];
    }
    let decoded = match capture::decode::decode(&head) {
        Ok(decoded) => decoded,
        Err(error) => return vec![unusable(&name, "binary", error.reason)],
    };
    let kinds: Vec<Kind> = kind::sections(&decoded.text).into_iter().map(|(k, _)| k).collect();
    let is_8_bit = !decoded.encoding.starts_with("UTF-16");
    match (kinds.as_slice(), path) {
        ([Kind::Httperr], Some(path)) if is_8_bit => {
            vec![streamed::file(&name, path, decoded.encoding)]
        }
        ([kind @ (Kind::Httperr | Kind::W3c)], _) if is_8_bit => {
            let mut whole = head.as_slice().chain(reader);
            vec![streamed::stream(&name, *kind, &mut whole, decoded.encoding)]
        }
        _ => {
            let known = kinds.iter().any(|kind| *kind != Kind::Unknown);
            let most = if known { WHOLE_BYTES_MAX } else { UNKNOWN_BYTES_MAX };
            drop(decoded);
            let (rest, failed) = fill(reader, most + 1 - HEAD_BYTES);
            let mut bytes = head;
            bytes.extend(rest);
            let cut = (bytes.len() as u64 > most).then_some(most);
            bytes.truncate(most as usize);
            broken_off(whole(&name, &bytes, cut), failed)
        }
    }
}

/// Zeros are what is left of a file that was being written when its host went down.
fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0 || byte.is_ascii_whitespace())
}

/// Tells that a stream ended early, with what was read of it.
fn broken_off(mut taken: Vec<Taken>, failed: Option<std::io::Error>) -> Vec<Taken> {
    if let (Some(error), Some(last)) = (failed, taken.last_mut()) {
        note(&mut last.input, 0, format!("breaks off: {error}"));
    }
    taken
}

/// Reads a text section by section, whole or cut behind so many bytes.
fn whole(name: &str, bytes: &[u8], cut: Option<u64>) -> Vec<Taken> {
    if is_blank(bytes) {
        let why = if bytes.contains(&0) { "holds only zeros" } else { "is empty" };
        return vec![unusable(name, "empty", why.into())];
    }
    let decoded = match capture::decode::decode(bytes) {
        Ok(decoded) => decoded,
        Err(error) => return vec![unusable(name, "binary", error.reason)],
    };
    let text = decoded.text.as_ref();
    let mut taken = Vec::new();
    let mut lines_before = 0;
    for (kind, range) in kind::sections(text).into_iter().take(SECTIONS_MAX) {
        let section = &text[range];
        if matches!(kind, Kind::Httperr | Kind::W3c) {
            taken.push(streamed::text(name, kind, section, lines_before));
        } else if let Some(read) = section_of(name, kind, section) {
            taken.push(told(name, kind, read, lines_before));
        }
        lines_before += memchr::memchr_iter(b'\n', section.as_bytes()).count();
    }
    if taken.iter().all(|t| t.input.unusable_because.is_some()) && taken.len() != 1 {
        let mut why = "holds nothing that is known: no HTTPERR, poolmon, netstat, performance log or other capture".to_owned();
        if let Some(bytes) = cut {
            why.push_str(&format!(" in its first {} MiB, which is all that was read", bytes >> 20));
        }
        return vec![unusable(name, "unknown", why)];
    }
    if taken.len() > 1 {
        taken.retain(|t| t.input.unusable_because.is_none() || t.input.skipped > 0);
    }
    if let (Some(bytes), Some(last)) = (cut, taken.last_mut()) {
        let why = format!("is longer than {} MiB; the rest was not read", bytes >> 20);
        note(&mut last.input, 0, why);
    }
    taken
}

/// Reads a section by its kind; nothing for what is no capture or a log.
fn section_of(name: &str, kind: Kind, text: &str) -> Option<Parsed> {
    Some(match kind {
        Kind::Poolmon => pools::poolmon(name, text),
        Kind::PoolTag => pools::pooltag(text),
        Kind::KernelDebugger => pools::kernel_debugger(name, text),
        Kind::Netstat => sockets::netstat(name, text),
        Kind::NetTcpConnection => sockets::net_tcp_connection(name, text),
        Kind::SsTan => sockets::ss(name, text),
        Kind::ProcNetTcp => sockets::proc_net_tcp(name, text),
        Kind::StateCounts => sockets::state_counts(name, text),
        Kind::Perfmon => counters::perfmon(name, text),
        Kind::Exposition => counters::exposition(name, text),
        Kind::NetstatStatistics => counters::statistics(name, text),
        Kind::Nstat => counters::nstat(name, text),
        Kind::ProcSockstat => counters::sockstat(name, text),
        Kind::ProcCounters => counters::proc_counters(name, text),
        Kind::SystemInfo => host::systeminfo(name, text),
        Kind::BootConfig => host::boot_config(text),
        Kind::RegExport => host::reg_export(text),
        Kind::EventLog => host::event_log(name, text),
        Kind::NetshDynamicPort => host::dynamic_ports(text),
        Kind::NetshExcludedPorts => host::excluded_ports(text),
        Kind::NetshServiceState => host::service_state(text),
        Kind::Tasklist => host::tasklist(name, text),
        Kind::CollectNotes => host::collect_notes(name, text),
        Kind::NetStatistics => host::net_statistics(name, text),
        Kind::Httperr | Kind::W3c | Kind::Unknown => return None,
    })
}

/// What a kind is called in the list of inputs.
pub(crate) fn label(kind: Kind) -> &'static str {
    match kind {
        Kind::Httperr => "httperr",
        Kind::W3c => "iis-log",
        Kind::Poolmon => "poolmon",
        Kind::PoolTag => "pooltag",
        Kind::KernelDebugger => "kernel-debugger",
        Kind::Netstat => "netstat",
        Kind::NetstatStatistics => "netstat-statistics",
        Kind::NetTcpConnection => "net-tcp-connection",
        Kind::NetshDynamicPort => "netsh-dynamic-port",
        Kind::NetshExcludedPorts => "netsh-excluded-ports",
        Kind::NetshServiceState => "netsh-service-state",
        Kind::Tasklist => "tasklist",
        Kind::Perfmon => "perfmon",
        Kind::EventLog => "event-log",
        Kind::SystemInfo => "systeminfo",
        Kind::BootConfig => "boot-config",
        Kind::RegExport => "reg-export",
        Kind::Exposition => "exposition",
        Kind::SsTan => "ss",
        Kind::ProcNetTcp => "proc-net-tcp",
        Kind::StateCounts => STATE_COUNTS,
        Kind::ProcSockstat => "proc-sockstat",
        Kind::ProcCounters => "proc-counters",
        Kind::Nstat => "nstat",
        Kind::CollectNotes => COLLECT_NOTES,
        Kind::NetStatistics => "net-statistics",
        Kind::Unknown => "unknown",
    }
}

/// An input of which nothing is known yet.
fn input(name: &str, kind: &str) -> Input {
    Input {
        file: name.to_owned(),
        sha256: None,
        kind: kind.to_owned(),
        records: 0,
        skipped: 0,
        skipped_rows: Vec::new(),
        unusable_because: None,
        baseline: false,
    }
}

/// An input with what was read of it; lines are those of the file.
fn told(name: &str, kind: Kind, read: Parsed, lines_before: usize) -> Taken {
    let Parsed { records, skipped, holding } = read;
    let first = skipped
        .iter()
        .take(skips::TOLD)
        .map(|s| SkippedRow { line: (s.line + lines_before) as u64, reason: s.reason.clone() });
    // A list without a row is an answer; one whose rows cannot be read is none.
    let may_be_empty = matches!(kind, Kind::CollectNotes | Kind::EventLog) || holding.speaks();
    let is_answer = records > 0 || (may_be_empty && skipped.is_empty());
    let input = Input {
        records,
        skipped: skipped.count(),
        skipped_rows: first.collect(),
        unusable_because: (!is_answer)
            .then(|| format!("was taken for {} and holds no record that can be read", label(kind))),
        ..input(name, label(kind))
    };
    Taken { input, holding: if is_answer { holding } else { Holding::default() } }
}

/// An input that nothing could be read of, with a clause.
pub(crate) fn unusable(name: &str, kind: &str, why: String) -> Taken {
    let input = Input { unusable_because: Some(why), ..input(name, kind) };
    Taken { input, holding: Holding::default() }
}

/// Adds what was not read, as a clause, to the rows that are told.
pub(crate) fn note(input: &mut Input, line: u64, reason: String) {
    input.skipped += 1;
    input.skipped_rows.push(SkippedRow { line, reason });
}
