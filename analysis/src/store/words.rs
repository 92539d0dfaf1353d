//! Provides what a host says of itself beside its HTTP.sys error log: its own event log, and the
//! answers that the web server's own log counts.

use std::collections::BTreeMap;

use model::os_event::Meaning;

use super::log::LogRead;
use super::spans::{Span, Spans};

/// Entries that say the same within so long are one event of the record, seconds.
const TOLD_AS_ONE_S: f64 = 60.0;

/// Entries of one meaning.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    spans: Spans,
    /// How far the stamp of any of them may be wrong, seconds.
    pub(crate) bound_s: f64,
    /// `Tcpip 4227`.
    pub(crate) name: String,
}

impl Said {
    /// In order of time.
    pub(crate) fn all(&self) -> &[Span] {
        self.spans.all()
    }

    /// Entries together.
    pub(crate) fn count(&self) -> u64 {
        self.spans.rows()
    }
}

/// Event logs, by vantage and by what is said.
#[derive(Clone, Debug, Default)]
pub(crate) struct OsEvents(BTreeMap<(String, Meaning), Said>);

impl OsEvents {
    /// Takes in entries that say the same within a minute; `t_s` is the stamp of the first.
    pub(crate) fn add(
        &mut self,
        (vantage, meaning): (&str, Meaning),
        (provider, id): (&str, u32),
        (t_s, count, bound_s): (f64, u64, f64),
    ) {
        let said = self.0.entry((vantage.to_owned(), meaning)).or_default();
        let to_s = if count > 1 { t_s + TOLD_AS_ONE_S } else { t_s };
        said.spans.add(Span { from_s: t_s, to_s, rows: count, n: count });
        said.bound_s = said.bound_s.max(bound_s);
        if said.name.is_empty() {
            let short = provider.strip_prefix("Microsoft-Windows-").unwrap_or(provider);
            said.name = format!("{short} {id}");
        }
    }

    /// What a vantage said of this meaning.
    pub(crate) fn said(&self, vantage: &str, meaning: Meaning) -> Option<&Said> {
        self.0.iter().find(|((v, m), _)| v == vantage && *m == meaning).map(|(_, said)| said)
    }
}

/// Answers of 400 and above that the web server's own log counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    by_status: BTreeMap<(u16, u16), Spans>,
    pub(crate) read: Option<LogRead>,
}

impl Answers {
    /// Takes in answers of one status and sub-status within a span.
    pub(crate) fn add(&mut self, (status, substatus): (u16, u16), t_s: f64, seconds: f64, n: u64) {
        let span = Span { from_s: t_s, to_s: t_s + seconds, rows: n, n };
        self.by_status.entry((status, substatus)).or_default().add(span);
        self.is_read(t_s);
        self.is_read(t_s + seconds);
    }

    /// That log was read up to this moment.
    pub(crate) fn is_read(&mut self, t_s: f64) {
        let read = self.read.get_or_insert(LogRead { from_s: t_s, until_s: t_s });
        read.from_s = read.from_s.min(t_s);
        read.until_s = read.until_s.max(t_s);
    }

    /// The spans of each status and sub-status that `wanted` takes.
    pub(crate) fn spans(&self, wanted: impl Fn(u16, u16) -> bool) -> Vec<Span> {
        let chosen = self.by_status.iter().filter(|((status, sub), _)| wanted(*status, *sub));
        let mut all: Vec<Span> = chosen.flat_map(|(_, spans)| spans.all()).copied().collect();
        all.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
        all
    }

    /// `500.0 × 12, 502.3 × 4`: those wanted, the most frequent first.
    pub(crate) fn told(&self, wanted: impl Fn(u16, u16) -> bool) -> String {
        let chosen = self.by_status.iter().filter(|((status, sub), _)| wanted(*status, *sub));
        let mut all: Vec<(u64, u16, u16)> =
            chosen.map(|((status, sub), spans)| (spans.rows(), *status, *sub)).collect();
        all.sort_by_key(|(rows, ..)| std::cmp::Reverse(*rows));
        let named = all.iter().take(4).map(|(n, status, sub)| format!("{status}.{sub} \u{d7} {n}"));
        named.collect::<Vec<_>>().join(", ")
    }
}
