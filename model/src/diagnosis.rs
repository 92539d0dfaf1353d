//! Defines what `diagnose --format json` prints: the findings, and what the captures hold.
//!
//! Sections that no capture speaks of are left out, never zero.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::findings::Findings;
use crate::limit::Limit;
use crate::reading::{PoolType, TcpState};

/// A post-mortem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Version of churnlab that made it.
    pub churnlab: String,
    /// The moment that run times count from, RFC 3339 in UTC; `None` where no capture is dated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub counted_from: Option<String>,
    /// Addresses, names and paths are pseudonyms; the same name is the same thing.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub redacted: bool,
    /// What was given, in the order given.
    pub inputs: Vec<Input>,
    /// The HTTP.sys error log.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub httperr: Option<Httperr>,
    /// The kernel's pools.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pool: Option<Pool>,
    /// TCP sockets.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tcp: Option<Tcp>,
    /// How these captures compare with those of a healthy peer, where some were given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub baseline: Option<Baseline>,
    /// Performance counters by path: first, last, least and greatest value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub counters: BTreeMap<String, Counter>,
    /// The same as of a run.
    #[serde(flatten)]
    pub findings: Findings,
    /// What an expert would say of it, under headings.
    pub readings: Vec<Reading>,
}

/// One file, or one section of a file that holds several captures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// The file as it was named, with the member of an archive behind `!`.
    pub file: String,
    /// SHA-256 of the whole file, the archive where it is a member of one, in lower-case hexadecimal;
    /// only where hashes were asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<String>,
    /// What it was recognised as, by content.
    pub kind: String,
    /// Records read from it.
    pub records: u64,
    /// Rows that could not be read.
    pub skipped: u64,
    /// The first of them, with line and reason.
    pub skipped_rows: Vec<SkippedRow>,
    /// Why nothing could be read from it, where that is so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unusable_because: Option<String>,
    /// It was given as a capture of a healthy peer: nothing of it is in the other sections.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub baseline: bool,
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedRow {
    /// Line in the file, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// What the HTTP.sys error log holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Httperr {
    /// Rows.
    pub records: u64,
    /// Rows by reason phrase; aggregated refusals under `Connections_Refused`.
    pub by_reason: BTreeMap<String, u64>,
    /// The sum of N over `N_Connections_Refused`.
    pub refused: u64,
    /// Rows of aggregated refusals.
    pub refused_rows: u64,
    /// Stamp of the first row, `YYYY-MM-DD HH:MM:SS` in UTC.
    pub first: Option<String>,
    /// Stamp of the last row.
    pub last: Option<String>,
}

/// What is known of the kernel's pools at the last snapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    /// Non-paged pool in use.
    pub nonpaged_used_bytes: Option<u64>,
    /// Its ceiling with origin, where the host's profile is known or a debugger said it.
    pub limit: Option<Limit>,
    /// The free level below which HTTP.sys refuses.
    pub gate_bytes: Option<u64>,
    /// Ceiling less use.
    pub headroom_bytes: Option<i64>,
    /// What HTTP.sys itself holds of non-paged pool.
    pub http_sys_bytes: Option<u64>,
    /// Tags, the largest first.
    pub tags: Vec<Tag>,
    /// Tags whose live counts are alike, so that one allocation goes with the other.
    pub pairs: Vec<(String, String)>,
}

/// One pool tag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// Up to four characters.
    pub tag: String,
    /// Which pool.
    #[serde(rename = "type")]
    pub pool: PoolType,
    /// Bytes held.
    pub bytes: u64,
    /// Live allocations.
    pub diff: u64,
    /// Bytes per live allocation; 0 without one.
    pub per_alloc: u64,
    /// Whose it is, where that is known.
    pub owner: Option<String>,
    /// Share of the pool in use, 0 to 1, where the use is known.
    pub share: Option<f64>,
}

/// TCP sockets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tcp {
    /// Sockets by state, of the last list.
    pub by_state: BTreeMap<TcpState, u64>,
    /// TIME_WAIT among them.
    pub time_wait: u64,
}

/// A counter over its samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counter {
    /// Samples that hold a value.
    pub samples: u64,
    /// The first.
    pub first: f64,
    /// The last.
    pub last: f64,
    /// The least.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
}

/// How captures of a host in trouble compare with those of a healthy peer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// The host in trouble.
    pub here: ComparedHost,
    /// The healthy one.
    pub peer: ComparedHost,
    /// What makes the comparison weaker: another system or size, no capture of the same kind.
    pub remarks: Vec<String>,
    /// Tags of the non-paged pool that are larger here than age explains: those that grow here first,
    /// then the largest.
    pub suspects: Vec<String>,
    /// What was compared: first what differs, the largest share of its whole first.
    pub compared: Vec<Compared>,
}

/// What is known of a host that is compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ComparedHost {
    /// Its profile.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub profile: Option<String>,
    /// Its physical memory.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ram_bytes: Option<u64>,
    /// How long it had been up at its last capture, days.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uptime_days: Option<f64>,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Kernel memory as a whole.
    Memory,
    /// A tag of the non-paged pool.
    NonpagedTag,
    /// A tag of the paged pool.
    PagedTag,
    /// Sockets in one state, or TIME_WAIT to ESTABLISHED.
    Sockets,
    /// Rows of the error log by reason, or answers of IIS by status.
    Errors,
    /// A counter since boot.
    Counter,
    /// Handles of a process.
    Handles,
    /// A setting.
    Setting,
}

/// How one thing stands against the healthy peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is larger here, or set otherwise.
    Differs,
    /// It is larger here in step with how much longer this host has been up.
    Older,
    /// It is as large on the peer, and grows here between snapshots.
    Grows,
    /// It is as large on the peer: not what differs.
    Alike,
}

/// One thing on both hosts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// What it is.
    pub subject: Subject,
    /// Its name: a tag, a state, a reason, a counter, a process, a setting.
    pub name: String,
    /// The unit of both values: `bytes`, `sockets`, `per day` …
    pub unit: String,
    /// Its value here; `None` for a setting that is not set.
    pub here: Option<f64>,
    /// Its value on the peer.
    pub peer: Option<f64>,
    /// It is not listed on the peer, so `peer` is the most that it can be.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub peer_at_most: bool,
    /// Here to peer; `None` where either is missing or zero.
    pub ratio: Option<f64>,
    /// By how much it is larger here, as a share of its whole here (of the pool in use, of all
    /// sockets, of all rows): 0 to 1.
    pub share: Option<f64>,
    /// Per day of uptime, where both hosts' are known and it grows with it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub here_per_day: Option<f64>,
    /// The same on the peer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub peer_per_day: Option<f64>,
    /// How it stands.
    pub standing: Standing,
    /// What is seen.
    pub sentence: String,
}

/// Sentences under a heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The heading.
    pub about: String,
    /// What is seen, what it may mean, what to do next.
    pub sentences: Vec<String>,
}
