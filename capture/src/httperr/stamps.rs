//! Provides the reader of a log's dates and times, most of which are like the one before.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// Reads stamps; remembers the last date.
#[derive(Clone, Debug, Default)]
pub(super) struct Stamps {
    date_text: [u8; 10],
    date: Option<Date>,
    /// Its midnight, seconds since 1970 UTC.
    midnight_s: Option<i64>,
}

impl Stamps {
    /// `YYYY-MM-DD` and `HH:MM:SS`; exactly these lengths (KB820729).
    pub(super) fn read(&mut self, date: &str, time: &str) -> Option<DateTime> {
        let (hour, minute, second) = clock(time)?;
        let time = Time::new(hour, minute, second, 0).ok()?;
        self.day(date)?;
        Some(self.date?.to_datetime(time))
    }

    /// The same as seconds since 1970 UTC.
    #[inline]
    pub(super) fn unix_s(&mut self, date: &str, time: &str) -> Option<i64> {
        let (hour, minute, second) = clock(time)?;
        Some(self.day(date)? + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second))
    }

    /// Takes in a date; that of 9999 which no clock can hold is none.
    #[inline]
    fn day(&mut self, date: &str) -> Option<i64> {
        let text: [u8; 10] = date.as_bytes().try_into().ok()?;
        if self.date_text != text {
            self.date = read_date(text);
            let zoned = self.date.and_then(|date| date.to_zoned(TimeZone::UTC).ok());
            self.midnight_s = zoned.map(|midnight| midnight.timestamp().as_second());
            self.date_text = text;
        }
        self.midnight_s
    }
}

fn read_date(text: [u8; 10]) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let year = 100 * i16::from(two(y1, y2)?) + i16::from(two(y3, y4)?);
    Date::new(year, two(m1, m2)?, two(d1, d2)?).ok()
}

/// Hour, minute and second of a day; HTTP.sys logs no leap second.
#[inline]
fn clock(time: &str) -> Option<(i8, i8, i8)> {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = *time.as_bytes() else { return None };
    let (hour, minute, second) = (two(h1, h2)?, two(m1, m2)?, two(s1, s2)?);
    (hour < 24 && minute < 60 && second < 60).then_some((hour, minute, second))
}

/// The number of two digits.
#[inline]
fn two(tens: u8, ones: u8) -> Option<i8> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| (byte - b'0').cast_signed());
    Some(10 * digit(tens)? + digit(ones)?)
}
