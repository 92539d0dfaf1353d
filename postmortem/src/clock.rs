//! Provides the one clock that captures of a host are put on: run time, zero at the first dated
//! record. HTTPERR is UTC, performance logs carry their bias, file names may hold a date; what has
//! none of these is placed at the last refusal, and order then counts as untested.

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::answers::Answers;
use crate::facts::Noted;
use crate::held::Snapshot;
use crate::tally::Tally;

/// Undated snapshots keep the order given, so far apart, seconds.
const APART_S: f64 = 1.0;
/// The least bound told of a clock that nobody knows, seconds: beyond it order is untested.
const UNKNOWN_S: f64 = 3600.0;
/// A date in a file's name is when its tool was started, seconds.
const NAMED_S: f64 = 1.0;

/// When everything was.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Times {
    /// Run time zero, seconds since 1970 UTC; `None` where nothing says when it was.
    pub(crate) zero_unix_s: Option<f64>,
    /// From the first dated record to the last, seconds.
    pub(crate) span_s: f64,
    /// How far the place of a reading may be wrong, seconds.
    pub(crate) bound_s: f64,
    /// How the snapshots came to their times.
    pub(crate) how: String,
}

/// What the host's own logs hold.
#[derive(Clone, Copy, Default)]
pub(crate) struct Logged<'a> {
    pub(crate) tally: Option<&'a Tally>,
    pub(crate) answers: Option<&'a Answers>,
    pub(crate) noted: &'a [Noted],
}

impl Logged<'_> {
    /// When the logs of requests begin and end. The System log reaches back over many outages: it
    /// says when an outage was only where nothing else does.
    fn ends_s(&self) -> impl Iterator<Item = f64> {
        let errors = self.tally.into_iter().flat_map(|t| [t.first_s, t.last_s]).flatten();
        let answers = self.answers.and_then(Answers::ends_s).into_iter();
        errors.chain(answers.flat_map(|(first, last)| [first, last])).map(|s| s as f64)
    }

    fn noted_s(&self) -> impl Iterator<Item = f64> {
        self.noted.iter().filter_map(|entry| entry.unix_s)
    }
}

/// Gives every snapshot its time, and says how.
pub(crate) fn place(
    snapshots: &mut [Snapshot],
    logged: &Logged<'_>,
    at: Option<Timestamp>,
) -> Times {
    let mut named = 0;
    for snapshot in snapshots.iter_mut().filter(|s| s.unix_s.is_none() && at.is_none()) {
        let file = snapshot.file.rsplit(['/', '\\', '!']).next().unwrap_or_default();
        if let Some(unix_s) = stamp_in(file) {
            (snapshot.unix_s, snapshot.bound_s) = (Some(unix_s), NAMED_S);
            named += 1;
        }
    }
    let refused = logged.tally.and_then(|t| t.refusals().last().map(|r| r.unix_s as f64));
    let given = at.map(|at| at.as_second() as f64);
    let dated: Vec<f64> = snapshots.iter().filter_map(|s| s.unix_s).collect();
    let mut all: Vec<f64> = dated.into_iter().chain(logged.ends_s()).chain(given).collect();
    if all.is_empty() {
        all.extend(logged.noted_s());
    }
    let of_all = |pick: fn(f64, f64) -> f64| all.iter().copied().reduce(pick);
    let (first_s, last_s) = (of_all(f64::min), of_all(f64::max));
    let span_s = first_s.zip(last_s).map_or(0.0, |(first, last)| last - first);
    let anchor_s = given.or(refused).or(last_s).unwrap_or(0.0);
    let memory_dated = snapshots.iter().any(|s| s.unix_s.is_some() && s.memory.is_some());
    let mut undated = 0;
    for snapshot in snapshots.iter_mut().filter(|s| s.unix_s.is_none()) {
        snapshot.unix_s = Some(anchor_s + f64::from(undated) * APART_S);
        if given.is_none() {
            // An age without a time tells no boot.
            snapshot.uptime_s = None;
            snapshot.bound_s = span_s.max(UNKNOWN_S);
            // Where dated readings of the pool exist, one of unknown time must not spoil their order.
            if memory_dated {
                (snapshot.memory, snapshot.bound_s) = (None, 0.0);
            }
        }
        undated += 1;
    }
    snapshots.sort_by(|a, b| a.unix_s.unwrap_or(0.0).total_cmp(&b.unix_s.unwrap_or(0.0)));
    let readings = snapshots.iter().filter(|s| s.is_reading());
    let bound_s = readings.map(|s| s.bound_s).fold(0.0, f64::max);
    let how = how(given.is_some(), named, undated, bound_s);
    Times { zero_unix_s: first_s, span_s, bound_s, how }
}

fn how(given: bool, named: u32, undated: u32, bound_s: f64) -> String {
    match (given, undated, named) {
        (true, 1.., _) => "captures without a date were placed at the time given".into(),
        (false, 1.., _) if bound_s > 0.0 => format!(
            "{undated} captures carry no date and were placed at the last refusal: name them with one (YYYYMMDD-HHMMSS, UTC) or give --at"
        ),
        (_, _, 1..) => "dates in file names, taken as UTC".into(),
        _ => "stamps in the captures".into(),
    }
}

/// The date in a text, seconds since 1970 UTC: `20050902-184512`, `20050902_1845`, `20050902T184512`,
/// or with separators, `2005-09-02 18:45:12`.
pub(crate) fn stamp_in(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    (0..bytes.len()).filter(|at| *at == 0 || !bytes[at - 1].is_ascii_digit()).find_map(|at| {
        let mut rest = &bytes[at..];
        let year = number(&mut rest, 4)?;
        skip(&mut rest, b"-");
        let month = number(&mut rest, 2)?;
        skip(&mut rest, b"-");
        let day = number(&mut rest, 2)?;
        if !skip(&mut rest, b"-_T ") {
            return None;
        }
        let hour = number(&mut rest, 2)?;
        skip(&mut rest, b":-.");
        let minute = number(&mut rest, 2)?;
        skip(&mut rest, b":-.");
        let second = number(&mut rest, 2).unwrap_or(0);
        // Windows 2000 is the oldest host of these captures.
        if !(1999..2100).contains(&year) {
            return None;
        }
        let small = |n: i16| i8::try_from(n).ok();
        let (month, day) = (small(month)?, small(day)?);
        let (hour, minute, second) = (small(hour)?, small(minute)?, small(second)?);
        let civil = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(zoned.timestamp().as_second() as f64)
    })
}

fn number(rest: &mut &[u8], digits: usize) -> Option<i16> {
    let (text, behind) = rest.split_at_checked(digits)?;
    let all = text.iter().all(u8::is_ascii_digit);
    let value = std::str::from_utf8(text).ok().filter(|_| all)?.parse().ok()?;
    *rest = behind;
    Some(value)
}

fn skip(rest: &mut &[u8], any: &[u8]) -> bool {
    match rest.split_first() {
        Some((first, behind)) if any.contains(first) => {
            *rest = behind;
            true
        }
        _ => false,
    }
}

/// Seconds since 1970 of what [`stamp_of`] writes.
pub(crate) fn seconds_of(stamp: &str) -> Option<i64> {
    let civil: DateTime = stamp.parse().ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

/// `YYYY-MM-DD HH:MM:SS`, UTC.
pub(crate) fn stamp_of(unix_s: f64) -> String {
    Timestamp::from_second(unix_s as i64)
        .map_or_else(|_| String::new(), |t| t.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// RFC 3339 in UTC.
pub(crate) fn wall_of(unix_s: f64) -> String {
    Timestamp::from_second(unix_s as i64).map_or_else(|_| String::new(), |t| t.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP_S: f64 = 1_125_686_712.0;

    #[test]
    fn dates_are_found_in_names() {
        for (name, wanted, why) in [
            ("netstat-20050902-184512Z.txt", Some(STAMP_S), "as the collecting script names files"),
            ("netstat_20050902_184512.txt", Some(STAMP_S), "underscores"),
            ("20050902T184512.csv", Some(STAMP_S), "ISO, basic"),
            ("pool 2005-09-02 18.45.12.log", Some(STAMP_S), "with separators"),
            ("20050902-1845", Some(STAMP_S - 12.0), "without seconds"),
            ("httperr1.log", None, "no date"),
            ("20050902.txt", None, "a day is not enough"),
            ("20051302-184512", None, "no such month"),
            ("120050902-184512", None, "a longer number"),
        ] {
            assert_eq!(stamp_in(name), wanted, "{name}: {why}");
        }
        assert_eq!(stamp_of(STAMP_S), "2005-09-02 18:45:12");
    }

    fn undated(file: &str) -> Snapshot {
        Snapshot { file: file.into(), memory: Some(Default::default()), ..Snapshot::default() }
    }

    #[test]
    fn undated_snapshots_keep_their_order_and_leave_order_untested() {
        let mut all = [undated("b.txt"), undated("a.txt")];
        let times = place(&mut all, &Logged::default(), None);
        assert_eq!((all[0].file.as_str(), all[1].file.as_str()), ("b.txt", "a.txt"));
        assert_eq!(all[1].unix_s, Some(1.0));
        assert!(times.bound_s >= UNKNOWN_S && times.zero_unix_s.is_none(), "{times:?}");
        let at: Timestamp = "2005-09-02T18:45:12Z".parse().unwrap();
        let mut all = [undated("b.txt"), undated("a.txt")];
        let times = place(&mut all, &Logged::default(), Some(at));
        assert_eq!((all[0].unix_s, times.bound_s), (Some(STAMP_S), 0.0), "--at says when");
    }

    #[test]
    fn a_reading_of_unknown_time_does_not_spoil_dated_ones() {
        let mut all = [undated("pool-20050902-184512.txt"), undated("pool.txt")];
        let times = place(&mut all, &Logged::default(), None);
        assert!(times.bound_s <= NAMED_S, "{times:?}");
        assert!(all[0].memory.is_some() && all[1].memory.is_none());
    }
}
