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
/// What is read of a compressed log, bytes. A log of this length would take HTTP.sys months.
const INFLATED_BYTES_MAX: u64 = 16 << 30;
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
    let Member { name, reader, path, inflated } = member;
    let head = match fill(reader, HEAD_BYTES) {
        Ok(head) => head,
        Err(error) => return vec![unusable(&name, "unknown", format!("cannot be read: {error}"))],
    };
    if let Some(part) = Part::of(&head) {
        let rest: &mut dyn Read =
            if inflated { &mut reader.take(INFLATED_BYTES_MAX) } else { reader };
        return vec![recorded::take(&name, part, head.as_slice().chain(rest))];
    }
    if (head.len() as u64) < HEAD_BYTES {
        return whole(&name, &head, false);
    }
    if let Some((kind, encoding)) = only_log(&head) {
        if let (Kind::Httperr, Some(path)) = (kind, path) {
            return vec![streamed::file(&name, path, encoding)];
        }
        let rest: &mut dyn Read =
            if inflated { &mut reader.take(INFLATED_BYTES_MAX) } else { reader };
        let mut whole = head.as_slice().chain(rest);
        return vec![streamed::stream(&name, kind, &mut whole, encoding)];
    }
    let mut bytes = head;
    let rest = fill(reader, WHOLE_BYTES_MAX + 1 - HEAD_BYTES);
    let failed = rest.as_ref().err().map(|error| format!("breaks off: {error}"));
    bytes.extend(rest.unwrap_or_default());
    let cut = bytes.len() as u64 > WHOLE_BYTES_MAX;
    bytes.truncate(WHOLE_BYTES_MAX as usize);
    let mut taken = whole(&name, &bytes, cut);
    if let (Some(why), Some(first)) = (failed, taken.first_mut()) {
        note(&mut first.input, 0, why);
    }
    taken
}

/// The kind of a stream that is a log and nothing else, as far as its head tells, and its encoding.
fn only_log(head: &[u8]) -> Option<(Kind, &'static str)> {
    let decoded = capture::decode::decode(head).ok()?;
    if decoded.encoding.starts_with("UTF-16") {
        return None;
    }
    let kinds: Vec<Kind> =
        kind::sections(&decoded.text).into_iter().map(|(kind, _)| kind).collect();
    match kinds.as_slice() {
        [kind @ (Kind::Httperr | Kind::W3c)] => Some((*kind, decoded.encoding)),
        _ => None,
    }
}

/// Reads a text that is there as a whole, section by section.
fn whole(name: &str, bytes: &[u8], cut: bool) -> Vec<Taken> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return vec![unusable(name, "empty", "is empty".into())];
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
        if cut {
            why.push_str(&format!(
                " in its first {} MiB, which is all that was read",
                WHOLE_BYTES_MAX >> 20
            ));
        }
        return vec![unusable(name, "unknown", why)];
    }
    if taken.len() > 1 {
        taken.retain(|t| t.input.unusable_because.is_none() || t.input.skipped > 0);
    }
    if let (true, Some(last)) = (cut, taken.last_mut()) {
        let why = format!("is longer than {} MiB; the rest was not read", WHOLE_BYTES_MAX >> 20);
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
        Kind::EventLog => host::event_log(text),
        Kind::NetshDynamicPort => host::dynamic_ports(text),
        Kind::NetshExcludedPorts => host::excluded_ports(text),
        Kind::NetshServiceState => host::service_state(text),
        Kind::Tasklist => host::tasklist(name, text),
        Kind::CollectNotes => host::collect_notes(text),
        Kind::NetStatistics => host::net_statistics(text),
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
