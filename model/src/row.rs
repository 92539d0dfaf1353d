//! Defines the rows of a record: [`Interval`] (load), [`Sample`] (readings), [`Event`], [`Latency`].
//!
//! Every `t_s` is run time: seconds on the generator's monotonic clock, zero at the first intended
//! start, negative before it. Rows of one kind are written in the order in which they were made;
//! kinds may be up to a round apart.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::attempt::{Failure, LatencyClass};
use crate::os_event::Meaning;
use crate::reading::{Gap, KernelMemory, PoolTag, Ports, ProbeResult, ProcessUse, TcpCounts};

/// One row of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "kebab-case")]
#[expect(
    clippy::large_enum_variant,
    reason = "rows are few at a time, and half of them are samples"
)]
pub enum Row {
    /// A tick of load.
    Interval(Interval),
    /// A round of readings.
    Sample(Sample),
    /// Something that happened.
    Event(Event),
    /// A latency histogram of a tick.
    Latency(Latency),
}

/// The spread of a duration over a tick, microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpreadUs {
    /// Median.
    pub p50: u64,
    /// 99th percentile.
    pub p99: u64,
    /// Maximum.
    pub max: u64,
}

/// Who was seen to close first, counted over served attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closers {
    /// EOF from the target arrived before the generator closed.
    pub target: u64,
    /// The generator closed first.
    pub generator: u64,
}

/// Failures of one kind within a tick.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailureCount {
    /// What failed and how.
    #[serde(flatten)]
    pub failure: Failure,
    /// Source address, or `any` where the kernel had not chosen one.
    pub source: String,
    /// Destination address and port.
    pub destination: String,
    /// How long the attempts took until they failed.
    pub latency: LatencyClass,
    /// How many.
    pub count: u64,
    /// Run time of the first, seconds.
    pub first_s: f64,
    /// Run time of the last, seconds.
    pub last_s: f64,
}

/// Load over one tick. `offered = begun + not_sent`, over the whole run also
/// `begun = served + failed + in_flight of the last row`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Start of the tick.
    pub t_s: f64,
    /// Length of the tick.
    pub seconds: f64,
    /// Attempts that came due.
    pub offered: u64,
    /// Attempts begun.
    pub begun: u64,
    /// Attempts served to the end.
    pub served: u64,
    /// Attempts begun that failed.
    pub failed: u64,
    /// Attempts that came due and could not be begun.
    pub not_sent: u64,
    /// Attempts under way at the end of the tick.
    pub in_flight: u64,
    /// Who closed first.
    pub closers: Closers,
    /// Intended start to actual start.
    pub lateness_us: SpreadUs,
    /// Time spent inside the `connect()` call: rises as the port table fills.
    pub connect_call_us: SpreadUs,
    /// Intended start to connection established, of served attempts.
    pub connect_us: SpreadUs,
    /// Intended start to the first byte of the first answer, of served attempts.
    pub first_byte_us: SpreadUs,
    /// Intended start to the end of the attempt, of served attempts.
    pub total_us: SpreadUs,
    /// CPU time of the generator's threads in this tick, seconds.
    pub cpu_s: f64,
    /// Failures by kind.
    pub failures: Vec<FailureCount>,
}

/// What one source of a round cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceCost {
    /// The source.
    pub name: String,
    /// How long its reading took, milliseconds.
    pub took_ms: f64,
}

/// What one vantage showed in one round.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// When the round began.
    pub t_s: f64,
    /// Wall clock of the witness at that moment, RFC 3339 in UTC.
    pub wall: String,
    /// `generator`, `target`, `probe`, or another host's name.
    pub vantage: String,
    /// The sources read, with their cost.
    pub sources: Vec<SourceCost>,
    /// Kernel memory.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub memory: Option<KernelMemory>,
    /// Pool tags, the largest first; capped by the witness.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pool_tags: Option<Vec<PoolTag>>,
    /// Processes with the most handles, the largest first; capped by the witness.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub processes: Option<Vec<ProcessUse>>,
    /// Sockets.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tcp: Option<TcpCounts>,
    /// Ephemeral ports.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ports: Option<Ports>,
    /// Open descriptors of the generator's process, and its limit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub descriptors: Option<Descriptors>,
    /// Counters and gauges by the name their host gives them (`TcpExt.ListenDrops`,
    /// `windows_tcp_connection_failures_total`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub counters: BTreeMap<String, f64>,
    /// Probes by name: `old-connection`, `fresh-connect`, `other-port`, `other-source`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub probes: BTreeMap<String, ProbeResult>,
    /// What is missing.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub gaps: Vec<Gap>,
}

/// Descriptors of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptors {
    /// Open now.
    pub used: u64,
    /// The soft limit in force.
    pub limit: u64,
}

/// Something that happened, seen from a vantage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When it was seen; for a log row, when its stamp says it happened.
    pub t_s: f64,
    /// Whose event it is.
    pub vantage: String,
    /// What happened.
    #[serde(flatten)]
    pub what: Happening,
}

/// What an event can be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Happening {
    /// Rows of the HTTP.sys error log with one stamp, reason and status, counted.
    Httperr {
        /// `YYYY-MM-DD HH:MM:SS` as logged, UTC.
        stamp: String,
        /// The reason phrase; aggregated refusals are `Connections_Refused`.
        reason: String,
        /// The status, where the row holds one.
        status: Option<u16>,
        /// The request queue, where the row holds one.
        queue: Option<String>,
        /// Log rows.
        rows: u64,
        /// The sum of N over `N_Connections_Refused` rows, else 0.
        refused: u64,
    },
    /// Entries of the host's own event log that say the same within a minute, counted. They are its
    /// direct testimony.
    OsEvent {
        /// Source or provider as the log prints it: `Tcpip`, `Microsoft-Windows-WAS`.
        provider: String,
        /// Event id, without its qualifiers.
        id: u32,
        /// What that id of that provider says.
        meaning: Meaning,
        /// `YYYY-MM-DD HH:MM:SS` of the first, UTC.
        stamp: String,
        /// Entries.
        count: u64,
        /// How far the stamp, and with it `t_s`, may be wrong, seconds: an export in local time
        /// without its zone is off by up to 14 h. Order within it counts as untested.
        bound_s: f64,
    },
    /// Answers of one status that the web server's own log counts within some seconds. HTTP.sys'
    /// own refusals and 503s are not among them: those are in its error log.
    Answered {
        /// `YYYY-MM-DD HH:MM:SS` at which the span begins, UTC; `t_s` is the same.
        stamp: String,
        /// Length of the span, seconds.
        seconds: f64,
        /// The status: 400 and above, others are no failures.
        status: u16,
        /// Its sub-status; 0 where the log has none.
        substatus: u16,
        /// Answers.
        count: u64,
    },
    /// A log was cut off, replaced, or a row of it could not be read.
    LogTrouble {
        /// The file.
        file: String,
        /// What was seen.
        sentence: String,
    },
    /// One failed attempt in full, kept as an example; their number per tick is capped.
    Exemplar {
        /// How it failed.
        failure: Failure,
        /// Source address and port as far as known.
        source: String,
        /// Destination.
        destination: String,
        /// Intended start, run time in seconds.
        intended_s: f64,
        /// From the intended start to the failure, microseconds.
        took_us: u64,
    },
}

/// A latency histogram of one tick, ready for the HdrHistogram log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Start of the tick.
    pub t_s: f64,
    /// Length of the tick.
    pub seconds: f64,
    /// What was timed: `connect`, `first-byte`, `total`.
    pub tag: String,
    /// Largest value, milliseconds.
    pub max_ms: f64,
    /// The histogram (microseconds) in HdrHistogram's V2 compressed form, base64.
    pub v2_base64: String,
}
