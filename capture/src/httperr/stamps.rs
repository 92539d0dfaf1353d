//! Provides the reader of a log's dates and times, most of which are like the one before.

use jiff::civil::{Date, DateTime, Time};

/// Reads stamps; remembers the last one.
#[derive(Clone, Debug, Default)]
pub(super) struct Stamps {
    date_text: [u8; 10],
    date: Option<Date>,
}

impl Stamps {
    /// `YYYY-MM-DD` and `HH:MM:SS`; exactly these lengths (KB820729).
    pub(super) fn read(&mut self, date: &str, time: &str) -> Option<DateTime> {
        let text: [u8; 10] = date.as_bytes().try_into().ok()?;
        if self.date.is_none() || self.date_text != text {
            self.date = read_date(text);
            self.date_text = text;
        }
        let [h1, h2, b':', m1, m2, b':', s1, s2] = *time.as_bytes() else { return None };
        let time = Time::new(two(h1, h2)?, two(m1, m2)?, two(s1, s2)?, 0).ok()?;
        Some(self.date?.to_datetime(time))
    }
}

fn read_date(text: [u8; 10]) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let year = 100 * i16::from(two(y1, y2)?) + i16::from(two(y3, y4)?);
    Date::new(year, two(m1, m2)?, two(d1, d2)?).ok()
}

/// The number of two digits.
fn two(tens: u8, ones: u8) -> Option<i8> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| (byte - b'0').cast_signed());
    Some(10 * digit(tens)? + digit(ones)?)
}
