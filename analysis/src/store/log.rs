//! Provides what the HTTP.sys error log says, by reason.

use std::collections::BTreeMap;

use super::spans::{Span, Spans};

/// Moments of trouble with the log that are kept; more make it no more doubtful.
const MOST_TROUBLES: usize = 1024;

/// What a row says (KB820729's list). Phrases that mean the same to a judgement share a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// `N_Connections_Refused`, aggregated every 5 s.
    ConnectionsRefused,
    QueueFull,
    ConnLimit,
    AppOffline,
    AppShutdown,
    Disabled,
    AppPoolTimer,
    /// `Connection_Abandoned_By_AppPool`, since Vista `…_By_ReqQueue`.
    Abandoned,
    /// `Timer_AppPool`, since Vista `Timer_ReqQueue`.
    TimerQueue,
    TimerHeaderWait,
    TimerEntityBody,
    TimerMinBytesPerSecond,
    TimerConnectionIdle,
    /// `N/A` with 503: an internal error, want of memory for one.
    NotAvailable,
    /// A request that HTTP.sys could not or would not read: 4xx, 501, 505.
    Malformed,
    /// `Internal`: 500.
    Internal,
    Other,
}

impl Reason {
    /// The reason of a phrase; case does not matter.
    pub(crate) fn of(phrase: &str, status: Option<u16>) -> Self {
        let known: &[(&str, Self)] = &[
            ("Connections_Refused", Self::ConnectionsRefused),
            ("QueueFull", Self::QueueFull),
            ("ConnLimit", Self::ConnLimit),
            ("AppOffline", Self::AppOffline),
            ("AppShutdown", Self::AppShutdown),
            ("Disabled", Self::Disabled),
            ("AppPoolTimer", Self::AppPoolTimer),
            ("Connection_Abandoned_By_AppPool", Self::Abandoned),
            ("Connection_Abandoned_By_ReqQueue", Self::Abandoned),
            ("Timer_AppPool", Self::TimerQueue),
            ("Timer_ReqQueue", Self::TimerQueue),
            ("Timer_HeaderWait", Self::TimerHeaderWait),
            ("Timer_EntityBody", Self::TimerEntityBody),
            ("Timer_MinBytesPerSecond", Self::TimerMinBytesPerSecond),
            ("Timer_ConnectionIdle", Self::TimerConnectionIdle),
            ("Internal", Self::Internal),
        ];
        let found = known.iter().find(|(name, _)| phrase.eq_ignore_ascii_case(name));
        match (found, status) {
            (Some((_, reason)), _) => *reason,
            (None, Some(503) | None) if phrase == "N/A" => Self::NotAvailable,
            (None, Some(400..=499 | 501 | 505)) => Self::Malformed,
            _ => Self::Other,
        }
    }

    /// How a sentence names it.
    pub(crate) fn phrase(self) -> &'static str {
        match self {
            Self::ConnectionsRefused => "Connections_Refused",
            Self::QueueFull => "QueueFull",
            Self::ConnLimit => "ConnLimit",
            Self::AppOffline => "AppOffline",
            Self::AppShutdown => "AppShutdown",
            Self::Disabled => "Disabled",
            Self::AppPoolTimer => "AppPoolTimer",
            Self::Abandoned => "Connection_Abandoned_By_AppPool or _ReqQueue",
            Self::TimerQueue => "Timer_AppPool or Timer_ReqQueue",
            Self::TimerHeaderWait => "Timer_HeaderWait",
            Self::TimerEntityBody => "Timer_EntityBody",
            Self::TimerMinBytesPerSecond => "Timer_MinBytesPerSecond",
            Self::TimerConnectionIdle => "Timer_ConnectionIdle",
            Self::NotAvailable => "N/A",
            Self::Malformed => "a request that could not be read",
            Self::Internal => "Internal",
            Self::Other => "another reason",
        }
    }
}

/// From when to when a log was being read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogRead {
    pub(crate) from_s: f64,
    pub(crate) until_s: f64,
}

/// The log.
#[derive(Clone, Debug, Default)]
pub(crate) struct HttpLog {
    by_reason: BTreeMap<Reason, Spans>,
    pub(crate) read: Option<LogRead>,
    /// When it was found cut off, replaced or not readable in part; a round that merely failed is
    /// made up for by the next.
    pub(crate) troubles_s: Vec<f64>,
}

impl HttpLog {
    /// Rows of one stamp, reason and status. A stamp has whole seconds: `t_s` is where its second
    /// begins.
    pub(crate) fn add(&mut self, t_s: f64, reason: Reason, rows: u64, refused: u64) {
        let n = if reason == Reason::ConnectionsRefused { refused } else { rows };
        self.by_reason.entry(reason).or_default().add(Span { from_s: t_s, to_s: t_s, rows, n });
        self.is_read(t_s);
    }

    /// The log was read up to this moment.
    pub(crate) fn is_read(&mut self, t_s: f64) {
        let read = self.read.get_or_insert(LogRead { from_s: t_s, until_s: t_s });
        read.from_s = read.from_s.min(t_s);
        read.until_s = read.until_s.max(t_s);
    }

    /// A part of it is missing.
    pub(crate) fn is_broken(&mut self, t_s: f64) {
        if self.troubles_s.len() < MOST_TROUBLES {
            super::insert(&mut self.troubles_s, t_s, |t_s| *t_s);
        }
    }

    /// The rows of one reason, in order of time.
    pub(crate) fn rows_of(&self, reason: Reason) -> &[Span] {
        self.by_reason.get(&reason).map_or(&[], Spans::all)
    }

    /// How many rows of these reasons there are.
    pub(crate) fn count(&self, reasons: &[Reason]) -> u64 {
        reasons.iter().filter_map(|r| self.by_reason.get(r)).map(Spans::rows).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_of_every_era_mean_the_same() {
        for (phrase, status, reason) in [
            ("connections_refused", None, Reason::ConnectionsRefused),
            ("Connection_Abandoned_By_ReqQueue", None, Reason::Abandoned),
            ("Timer_ReqQueue", None, Reason::TimerQueue),
            ("N/A", Some(503), Reason::NotAvailable),
            ("N/A", Some(500), Reason::Other),
            ("URL_Length", Some(414), Reason::Malformed),
            ("Version_N/S", Some(505), Reason::Malformed),
            ("Client_Reset", None, Reason::Other),
            ("Something_New", Some(503), Reason::Other),
        ] {
            assert_eq!(Reason::of(phrase, status), reason, "{phrase}");
        }
    }
}
