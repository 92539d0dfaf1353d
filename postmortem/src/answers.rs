//! Provides the fold of IIS' own log: what was answered, by minute; its size does not depend on the
//! log's.

use std::collections::BTreeMap;

use capture::w3c::{Record, Tally};
use jiff::civil::Date;

/// The span that answers are counted by at first, seconds.
const MINUTE_S: i64 = 60;
/// Counts kept before spans are made longer: two weeks of minutes with one status each.
const CELLS_MAX: usize = 20_000;
/// By how much spans get longer each time.
const COARSER: i64 = 4;
/// From this status on an answer is a failure.
const FAILURE: u16 = 400;

/// Failed answers of one status within one span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Start of the span, seconds since 1970 UTC.
    pub unix_s: i64,
    /// The status.
    pub status: u16,
    /// Its sub-status; 0 where the log has none.
    pub substatus: u16,
    /// Answers.
    pub count: u64,
}

/// What IIS' logs add up to.
#[derive(Clone, Debug)]
pub struct Answers {
    /// Requests by status and sub-status, first and last.
    pub tally: Tally,
    span_s: i64,
    failed: BTreeMap<(i64, u16, u16), u64>,
    requests: BTreeMap<i64, u64>,
    day: Option<(Date, i64)>,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            tally: Tally::default(),
            span_s: MINUTE_S,
            failed: BTreeMap::new(),
            requests: BTreeMap::new(),
            day: None,
        }
    }
}

impl Answers {
    /// Takes in one request.
    pub fn add(&mut self, record: &Record<'_>) {
        self.tally.add(record);
        let Some(midnight_s) = self.midnight_s(record.stamp.date()) else { return };
        let time = record.stamp.time();
        let of_day = i64::from(time.hour()) * 3600
            + i64::from(time.minute()) * 60
            + i64::from(time.second());
        let span = (midnight_s + of_day).div_euclid(self.span_s);
        *self.requests.entry(span).or_default() += 1;
        if let Some(status) = record.status.filter(|status| *status >= FAILURE) {
            *self.failed.entry((span, status, record.substatus.unwrap_or(0))).or_default() += 1;
        }
        self.keep_small();
    }

    /// Takes in another log of the same host.
    pub fn join(&mut self, other: &Self) {
        for (status, rows) in &other.tally.by_status {
            *self.tally.by_status.entry(*status).or_default() += rows;
        }
        let (mine, theirs) = (&mut self.tally, &other.tally);
        mine.first = mine.first.into_iter().chain(theirs.first).min();
        mine.last = mine.last.into_iter().chain(theirs.last).max();
        mine.unavailable = match (mine.unavailable, theirs.unavailable) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        self.lengthen(self.span_s.max(other.span_s));
        let at = |span: i64| (span * other.span_s).div_euclid(self.span_s);
        for (span, rows) in &other.requests {
            *self.requests.entry(at(*span)).or_default() += rows;
        }
        for ((span, status, substatus), rows) in &other.failed {
            *self.failed.entry((at(*span), *status, *substatus)).or_default() += rows;
        }
        self.keep_small();
    }

    /// Length of the spans, seconds.
    pub fn span_s(&self) -> i64 {
        self.span_s
    }

    /// Failed answers, in order of time.
    pub fn failed(&self) -> impl Iterator<Item = Failed> + '_ {
        self.failed.iter().map(|((span, status, substatus), count)| Failed {
            unix_s: span * self.span_s,
            status: *status,
            substatus: *substatus,
            count: *count,
        })
    }

    /// The starts of the first and the last span, seconds since 1970 UTC.
    pub fn ends_s(&self) -> Option<(i64, i64)> {
        let (first, _) = self.requests.first_key_value()?;
        let (last, _) = self.requests.last_key_value()?;
        Some((first * self.span_s, last * self.span_s))
    }

    /// Requests of the spans that begin from one moment up to another, seconds since 1970 UTC.
    pub fn requests_between(&self, from_s: f64, to_s: f64) -> u64 {
        let span = |s: f64| (s / self.span_s as f64).ceil() as i64;
        if span(to_s) <= span(from_s) {
            return 0;
        }
        self.requests.range(span(from_s)..span(to_s)).map(|(_, rows)| rows).sum()
    }

    fn keep_small(&mut self) {
        while self.requests.len().max(self.failed.len()) > CELLS_MAX {
            self.lengthen(self.span_s * COARSER);
        }
    }

    /// Makes spans longer; a span already so long stays.
    fn lengthen(&mut self, span_s: i64) {
        if span_s == self.span_s {
            return;
        }
        let at = |span: i64| (span * self.span_s).div_euclid(span_s);
        let mut requests = BTreeMap::new();
        for (span, rows) in &self.requests {
            *requests.entry(at(*span)).or_default() += rows;
        }
        let mut failed = BTreeMap::new();
        for ((span, status, substatus), rows) in &self.failed {
            *failed.entry((at(*span), *status, *substatus)).or_default() += rows;
        }
        (self.requests, self.failed, self.span_s) = (requests, failed, span_s);
    }

    /// Rows stand in order, so most are of the day of the one before.
    fn midnight_s(&mut self, day: Date) -> Option<i64> {
        if let Some((_, midnight_s)) = self.day.filter(|(known, _)| *known == day) {
            return Some(midnight_s);
        }
        let zoned = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        let midnight_s = zoned.timestamp().as_second();
        self.day = Some((day, midnight_s));
        Some(midnight_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "#Fields: date time s-port sc-status sc-substatus\n";

    fn answers(rows: &str) -> Answers {
        let (mut parser, mut answers) = (capture::w3c::Parser::new(), Answers::default());
        for line in HEAD.lines().chain(rows.lines()) {
            if let capture::w3c::Line::Row(record) = parser.line(line) {
                answers.add(&record);
            }
        }
        answers
    }

    #[test]
    fn failed_answers_are_counted_by_minute_and_served_ones_are_not() {
        let rows = "2021-06-13 12:00:07 80 503 2\n2021-06-13 12:00:59 80 503 2\n2021-06-13 12:01:00 80 503 2\n2021-06-13 12:01:01 80 200 0\n";
        let failed: Vec<_> = answers(rows).failed().map(|f| (f.unix_s, f.count)).collect();
        assert_eq!(failed, [(1_623_585_600, 2), (1_623_585_660, 1)]);
        let all = answers(rows);
        assert_eq!(all.ends_s(), Some((1_623_585_600, 1_623_585_660)));
        assert_eq!(all.requests_between(1_623_585_600.0, 1_623_585_660.0), 2, "the first minute");
        assert_eq!(all.requests_between(1_623_585_660.0, 1_623_585_600.0), 0, "backwards");
    }

    #[test]
    fn a_long_log_gets_coarser_and_loses_nothing() {
        let mut all = Answers::default();
        for day in 1..=28 {
            let rows: String = (0..1440)
                .map(|m| format!("2021-06-{day:02} {:02}:{:02}:00 80 503 0\n", m / 60, m % 60))
                .collect();
            all.join(&answers(&rows));
        }
        assert_eq!(all.span_s(), 4 * MINUTE_S, "40,320 minutes are more than are kept");
        assert_eq!(all.failed().map(|f| f.count).sum::<u64>(), 28 * 1440);
        assert_eq!(all.tally.by_status[&(503, 0)], 28 * 1440);
        let before = all.clone();
        all.join(&answers("2021-07-01 00:00:07 80 404 0\n"));
        assert_eq!(all.failed().count(), before.failed().count() + 1, "a minute into longer spans");
    }
}
