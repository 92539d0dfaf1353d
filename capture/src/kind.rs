//! Provides what kind of capture a text is, told by its content alone, and the parts of a console
//! log that holds several, one behind the other.
//!
//! Each line may be a mark of a kind: a heading, or a row that no other tool prints. Lines between
//! marks belong to the kind before them, lines before the first mark to the first; a command prompt
//! ends a part.

mod linux;
mod shape;
mod windows;

use std::ops::Range;

use crate::cut::at_most;
use crate::state_counts;

/// A kind of capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// HTTP.sys error log.
    Httperr,
    /// IIS log in W3C form.
    W3c,
    /// poolmon's screen or snapshot.
    Poolmon,
    /// pooltag.txt.
    PoolTag,
    /// `!vm` and `!poolused` of the kernel debugger.
    KernelDebugger,
    /// `netstat -an` and its kin.
    Netstat,
    /// `netstat -s` of Windows or Linux.
    NetstatStatistics,
    /// `Get-NetTCPConnection` as table, list or CSV.
    NetTcpConnection,
    /// `netsh int ipv4 show dynamicport`.
    NetshDynamicPort,
    /// `netsh int ipv4 show excludedportrange`.
    NetshExcludedPorts,
    /// `netsh http show servicestate`.
    NetshServiceState,
    /// `tasklist` or `Get-Process`.
    Tasklist,
    /// Performance log in PDH-CSV or PDH-TSV.
    Perfmon,
    /// System event log as text, list, CSV or XML.
    EventLog,
    /// `systeminfo`.
    SystemInfo,
    /// boot.ini or `bcdedit`.
    BootConfig,
    /// `reg export` or `reg query`.
    RegExport,
    /// Prometheus' text format, such as windows_exporter's page.
    Exposition,
    /// `ss -tan`.
    SsTan,
    /// Sockets counted by state, without the list.
    StateCounts,
    /// `/proc/net/tcp` and `tcp6`.
    ProcNetTcp,
    /// `/proc/net/sockstat`.
    ProcSockstat,
    /// `/proc/net/snmp` and `/proc/net/netstat`.
    ProcCounters,
    /// `nstat`.
    Nstat,
    /// What the collecting script wrote about itself.
    CollectNotes,
    /// `net statistics`.
    NetStatistics,
    /// None of these.
    Unknown,
}

/// What a line says of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// A heading of the kind.
    Begins(Kind),
    /// A row of the kind.
    Row(Kind),
    /// A row of a log that is HTTPERR's or W3C's, whichever its header says.
    Stamped,
    /// A command prompt: what follows is another command's output.
    Prompt,
}

/// How much of a text [`detect`] looks at.
const SAMPLE_BYTES: usize = 256 * 1024;
/// How much of a line is looked at.
const LINE_BYTES: usize = 512;

/// The kind that the largest part of a text's beginning is of.
pub fn detect(text: &str) -> Kind {
    let known = sections(at_most(text, SAMPLE_BYTES))
        .into_iter()
        .filter(|(kind, _)| *kind != Kind::Unknown);
    known.max_by_key(|(_, range)| range.len()).map_or(Kind::Unknown, |(kind, _)| kind)
}

/// The parts of a text with their bytes, which together are the whole text. Two listings of the same
/// kind are one part, except where each is a snapshot of its own (sockets, processes).
pub fn sections(text: &str) -> Vec<(Kind, Range<usize>)> {
    let mut parts: Vec<(Kind, Range<usize>)> = Vec::new();
    let mut part = Part::new(0);
    let mut at = 0;
    while at < text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |n| at + n + 1);
        let line = text[at..end].trim_end_matches(['\r', '\n']).trim_start_matches('\u{feff}');
        if let Some(mark) = mark(line, &text[end..])
            && let Some(next) = part.take(mark, at)
        {
            parts.push((part.kind, part.from..next.from));
            part = next;
        }
        at = end;
    }
    if !text.is_empty() {
        parts.push((part.kind, part.from..text.len()));
    }
    parts
}

/// The part that is being read.
struct Part {
    kind: Kind,
    from: usize,
    /// Whether its heading has been seen.
    headed: bool,
    /// Where a prompt stands behind its last mark.
    prompt: Option<usize>,
}

impl Part {
    fn new(from: usize) -> Self {
        Self { kind: Kind::Unknown, from, headed: false, prompt: None }
    }

    /// Takes in the mark of the line at `at`; gives the part that begins with it, if one does.
    fn take(&mut self, mark: Mark, at: usize) -> Option<Self> {
        let (kind, heading) = match mark {
            Mark::Prompt => {
                self.prompt.get_or_insert(at);
                return None;
            }
            Mark::Stamped if self.kind == Kind::W3c && self.prompt.is_none() => (Kind::W3c, false),
            // Without a header, only an HTTPERR row can be read.
            Mark::Stamped => (Kind::Httperr, false),
            Mark::Begins(kind) => (kind, true),
            Mark::Row(kind) => (kind, false),
        };
        // A message in an event log may quote anything, and so may a tool that fails.
        let quotes = matches!(self.kind, Kind::EventLog | Kind::CollectNotes);
        let quoted = quotes && !heading && self.prompt.is_none();
        let again = heading && self.headed && is_snapshot(kind);
        if quoted || (kind == self.kind && !again) {
            self.headed |= heading && !quoted;
            self.prompt = None;
            return None;
        }
        let next = Self { kind, from: self.prompt.unwrap_or(at), headed: heading, prompt: None };
        if self.kind == Kind::Unknown {
            *self = Self { from: self.from, ..next };
            return None;
        }
        Some(next)
    }
}

/// Whether each listing with a heading is a snapshot of its own, and its reader does not split them.
fn is_snapshot(kind: Kind) -> bool {
    matches!(kind, Kind::Netstat | Kind::NetTcpConnection | Kind::Tasklist | Kind::SsTan)
}

/// What a line says of its kind; `rest` is the text behind it.
fn mark(whole: &str, rest: &str) -> Option<Mark> {
    let line = at_most(whole, LINE_BYTES);
    let trimmed = line.trim();
    if trimmed.is_empty() {
        return None;
    }
    if let Some(mark) = shape::stamped(trimmed) {
        return Some(mark);
    }
    if state_counts::is_asked(line, shape::next_line(rest)) {
        return Some(Mark::Row(Kind::StateCounts));
    }
    if shape::is_prompt(trimmed) {
        return Some(Mark::Prompt);
    }
    if let Some(mark) = windows::mark(line, rest) {
        return Some(mark);
    }
    let counts = Some(Mark::Row(Kind::StateCounts));
    if state_counts::is_row(trimmed) {
        return counts;
    }
    let told = || state_counts::is_told(whole, shape::next_line(rest));
    linux::mark(trimmed, rest).or_else(|| counts.filter(|_| told()))
}

#[cfg(test)]
mod tests;
