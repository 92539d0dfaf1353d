//! Provides the host's own word on refusals: `N_Connections_Refused` rows of its HTTP.sys error log,
//! and whether that log's silence means anything.

use crate::facts::{Candidate, Facts};
use crate::store::{LogRead, Reason, TARGET};
use crate::words::{at, count};

/// HTTP.sys writes aggregated refusals every 5 s (two published logs: seconds ≡ 2 mod 5; :44 :49
/// :54), so a row stamped t stands for the 5 s before it, on the host's own clock.
const FLUSH_S: f64 = 5.0;

/// Stamps have whole seconds.
const STAMP_S: f64 = 1.0;

/// Rows may lie in a buffer for up to about a minute before they can be read (reported by users,
/// never documented): only after that is silence an answer.
const BUFFERED_S: f64 = 60.0;

/// Refusals as the host counted them.
#[derive(Clone, Debug)]
pub(crate) struct Testimony {
    /// The stretches of run time that rows stand for, in order.
    windows: Vec<(f64, f64)>,
    rows: u64,
    refused: u64,
    first_s: f64,
    last_s: f64,
}

impl Testimony {
    /// What the record holds; `None` without a row.
    pub(crate) fn of(facts: &Facts<'_>) -> Option<Self> {
        let rows = facts.store.log.rows_of(Reason::ConnectionsRefused);
        let (first, last) = (rows.first()?, rows.last()?);
        let before_s = STAMP_S + FLUSH_S / facts.time_scale() + facts.clock_bound_s(TARGET);
        let after_s = STAMP_S + facts.clock_bound_s(TARGET);
        Some(Self {
            windows: rows.iter().map(|r| (r.from_s - before_s, r.to_s + after_s)).collect(),
            rows: rows.iter().map(|r| r.rows).sum(),
            refused: rows.iter().map(|r| r.n).sum(),
            first_s: first.from_s,
            last_s: last.to_s,
        })
    }

    /// Whether a row stands for the time of these failures. Windows are of one length, so those that
    /// end after the first failure are the tail of the list, and the first of them begins earliest.
    pub(crate) fn covers(&self, candidate: &Candidate) -> bool {
        let tail = self.windows.partition_point(|w| w.1 < candidate.first_s);
        self.windows.get(tail).is_some_and(|w| w.0 < candidate.last_s)
    }

    /// The rows in a sentence, beside the attempts that failed so.
    pub(crate) fn sentence(&self, attempts: u64) -> String {
        format!(
            "the host's own word: {} of Connections_Refused in HTTPERR, stamped {} to {}, \u{3a3}N = {} \
             refused SYNs of any client, beside {} that failed so",
            count(self.rows, "row"),
            at(self.first_s),
            at(self.last_s),
            model::units::format_count(self.refused),
            count(attempts, "attempt"),
        )
    }
}

/// A sentence where the log was read from before the first failure until any row about it must have
/// been written, and holds none.
pub(crate) fn silence(facts: &Facts<'_>, first_s: f64) -> Option<String> {
    let rows = facts.store.log.rows_of(Reason::ConnectionsRefused);
    let flush_s = FLUSH_S / facts.time_scale();
    let read = whole(facts, facts.store.log.read, first_s, first_s + flush_s)?;
    rows.is_empty().then(|| {
        format!(
            "HTTPERR was read from {} to {} and holds no row of Connections_Refused: HTTP.sys did not refuse",
            at(read.from_s),
            at(read.until_s)
        )
    })
}

/// A sentence where HTTPERR was read whole around these failures and holds no such row of their time.
/// `rows` is how many it holds at all.
pub(crate) fn log_silence(
    facts: &Facts<'_>,
    from_s: f64,
    to_s: f64,
    named: &str,
    rows: u64,
) -> Option<String> {
    let read = whole(facts, facts.store.log.read, from_s, to_s)?;
    Some(silent("HTTPERR", read, named, rows))
}

/// The same of the web server's own log.
pub(crate) fn web_log_silence(
    facts: &Facts<'_>,
    from_s: f64,
    to_s: f64,
    named: &str,
    rows: u64,
) -> Option<String> {
    let read = whole(facts, facts.store.answers.read, from_s, to_s)?;
    Some(silent("IIS' own log", read, named, rows))
}

/// Whether HTTPERR was read whole around these failures.
pub(crate) fn was_whole(facts: &Facts<'_>, from_s: f64, to_s: f64) -> bool {
    whole(facts, facts.store.log.read, from_s, to_s).is_some()
}

/// Whether HTTPERR was read from before these failures until a flush after them, without a hole, and holds
/// no row of these reasons: silent so far, though rows may still lie in a buffer.
pub(crate) fn reads_quiet(facts: &Facts<'_>, reasons: &[Reason], from_s: f64, to_s: f64) -> bool {
    let until_s = to_s + STAMP_S + FLUSH_S / facts.time_scale();
    let log = &facts.store.log;
    let read = log.read.is_some_and(|read| read.from_s <= from_s && read.until_s >= until_s);
    let broken = log.troubles_s.iter().any(|t_s| (from_s..=until_s).contains(t_s));
    read && !broken && log.count(reasons) == 0
}

/// Whether the web server's own log was read whole as well.
pub(crate) fn were_whole(facts: &Facts<'_>, from_s: f64, to_s: f64) -> bool {
    was_whole(facts, from_s, to_s) && whole(facts, facts.store.answers.read, from_s, to_s).is_some()
}

fn silent(log: &str, read: LogRead, named: &str, rows: u64) -> String {
    let holds = match rows {
        0 => format!("holds no row of {named}"),
        n => format!("holds {} of {named}, and none of their time", count(n, "row")),
    };
    format!("{log} was read from {} to {} and {holds}", at(read.from_s), at(read.until_s))
}

/// When a log was read, if that was from before some failures until any row about them must have been
/// written, and without a hole.
fn whole(facts: &Facts<'_>, read: Option<LogRead>, from_s: f64, to_s: f64) -> Option<LogRead> {
    let read = read?;
    let settle_s = STAMP_S + BUFFERED_S / facts.time_scale() + facts.slack_s(TARGET);
    // A log that was cut, replaced or not readable in part may have held the row.
    let written = from_s..=to_s + settle_s;
    let broken = facts.store.log.troubles_s.iter().any(|t_s| written.contains(t_s));
    (!broken && read.from_s <= from_s && read.until_s >= to_s + settle_s).then_some(read)
}
