//! Provides the reader of `netstat` text as Windows prints it: `-an`, `-ano`, `-anob`, `-anoq`,
//! `-np tcp`, with or without numbers for well-known ports; and as Linux does (`-tan`, `-tanp`).
//!
//! Columns overflow with IPv6, so a row is split at its white space. The first number behind the
//! state is the process id; the offload state of `-t` is passed over. A state that no table knows
//! is told by position where that is safe: a peer port of 0 is a listener's, and a process id of 0
//! belongs to no process, as only TIME_WAIT does.

mod state;

use std::iter::Peekable;

use model::reading::{TcpCounts, TcpState};

pub use self::state::state;
use crate::socket_fold::SocketFold;
use crate::tcp_fold::TcpFold;
use crate::{Skipped, SkippedRows};

/// The protocol of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proto {
    /// TCP over IPv4 or IPv6.
    Tcp,
    /// UDP, which has no state.
    Udp,
}

/// One end of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint<'a> {
    /// The address as printed, brackets and scope included.
    pub address: &'a str,
    /// The port; `None` for `*`.
    pub port: Option<u16>,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// TCP or UDP.
    pub proto: Proto,
    /// This host's end.
    pub local: Endpoint<'a>,
    /// The peer's end.
    pub remote: Endpoint<'a>,
    /// The state of a TCP row; one that is not known is [`TcpState::Other`].
    pub state: Option<TcpState>,
    /// The state as printed; empty for UDP.
    pub state_text: &'a str,
    /// The process id, where there is that column; 0 for TIME_WAIT.
    pub pid: Option<u32>,
    /// What `-b` prints in brackets below the row: the executable.
    pub owner: Option<&'a str>,
    /// What `-b` prints above the executable: the service, or the first module.
    pub component: Option<&'a str>,
}

/// A whole listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Netstat<'a> {
    /// Rows in order.
    pub rows: Vec<Row<'a>>,
    /// Rows that could not be read.
    pub skipped: SkippedRows,
}

impl Netstat<'_> {
    /// The TCP rows, counted; `fold` remembers listeners from one listing to the next.
    pub fn counts(&self, fold: &mut TcpFold) -> TcpCounts {
        for row in &self.rows {
            if let (Some(state), Some(port)) = (row.state, row.local.port) {
                fold.add(state, port);
            }
        }
        fold.finish()
    }

    /// The TCP rows by port, peer and process.
    pub fn sockets(&self) -> SocketFold {
        let mut fold = SocketFold::default();
        for row in &self.rows {
            if let Some(state) = row.state {
                let peer = (row.remote.address, row.remote.port);
                fold.add(state, row.local.port, peer, row.pid);
            }
        }
        fold
    }
}

/// Reads a listing. Headings and lines that do not begin with a protocol are no rows; below a row
/// they may name its owner.
pub fn parse(text: &str) -> Netstat<'_> {
    let mut netstat = Netstat::default();
    // Whether the line above is a row or names the owner of one.
    let mut below_row = false;
    for (at, line) in text.lines().enumerate() {
        let mut words = line.split_whitespace();
        let proto = match words.next() {
            Some(word) if is_one_of(word, ["tcp", "tcp6"]) => Proto::Tcp,
            Some(word) if is_one_of(word, ["udp", "udp6"]) => Proto::Udp,
            first => {
                below_row = below_row && first.is_some();
                if let (true, Some(row)) = (below_row, netstat.rows.last_mut()) {
                    name_owner(row, line.trim());
                }
                continue;
            }
        };
        let row = row(proto, words.peekable());
        below_row = row.is_ok();
        match row {
            Ok(row) => netstat.rows.push(row),
            Err(reason) => netstat.skipped.push(Skipped::new(at + 1, reason)),
        }
    }
    netstat
}

/// Takes a line below a row: `RpcSs`, then `[svchost.exe]`; sentences (no owner known) say nothing.
fn name_owner<'a>(row: &mut Row<'a>, line: &'a str) {
    if row.owner.is_some() {
        return;
    }
    match line.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(name) => row.owner = Some(name),
        None if line.contains(' ') => {}
        None => row.component = row.component.or(Some(line)),
    }
}

fn is_one_of(word: &str, names: [&str; 2]) -> bool {
    names.iter().any(|name| word.eq_ignore_ascii_case(name))
}

fn row<'a>(
    proto: Proto,
    mut words: Peekable<impl Iterator<Item = &'a str>>,
) -> Result<Row<'a>, String> {
    // Linux has two queues before the addresses.
    for _ in 0..2 {
        words.next_if(|word| word.bytes().all(|b| b.is_ascii_digit()));
    }
    let mut end = |whose: &str| {
        let word = words.next().ok_or_else(|| format!("has no {whose} address"))?;
        endpoint(word).ok_or_else(|| format!("has \"{word}\" for its {whose} address"))
    };
    let (local, remote) = (end("local")?, end("foreign")?);
    let state_text = match proto {
        Proto::Tcp => words.next().ok_or("has no state")?,
        Proto::Udp => "",
    };
    if state_text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(format!("has \"{state_text}\" for its state"));
    }
    let (pid, owner) = words.find_map(process).unzip();
    let owner = owner.filter(|name: &&str| !name.is_empty());
    let state = (proto == Proto::Tcp).then(|| match state(state_text) {
        TcpState::Other if remote.port == Some(0) => TcpState::Listening,
        TcpState::Other if pid == Some(0) => TcpState::TimeWait,
        known => known,
    });
    Ok(Row { proto, local, remote, state, state_text, pid, owner, component: None })
}

/// `1234`, and of Linux `1234/nginx:`, which names the program too.
fn process(word: &str) -> Option<(u32, &str)> {
    let (pid, name) = word.split_once('/').unwrap_or((word, ""));
    Some((pid.parse().ok()?, name.trim_end_matches(':')))
}

/// `127.0.0.1:80`, `[fe80::1%9]:80`, `*:*`, `web.example:https`.
pub(crate) fn endpoint(word: &str) -> Option<Endpoint<'_>> {
    let (address, port) = word.rsplit_once(':')?;
    let port = if port == "*" { None } else { Some(port.parse().ok().or_else(|| named(port))?) };
    Some(Endpoint { address, port })
}

/// The ports that a listing without `-n` names, of those that matter to a web server (the services
/// file that Windows installs).
fn named(port: &str) -> Option<u16> {
    Some(match port {
        "ssh" => 22,
        "smtp" => 25,
        "domain" => 53,
        "http" => 80,
        "kerberos" => 88,
        "epmap" => 135,
        "netbios-ssn" => 139,
        "ldap" => 389,
        "https" => 443,
        "microsoft-ds" => 445,
        "ldaps" => 636,
        "ms-sql-s" => 1433,
        "ms-wbt-server" => 3389,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
