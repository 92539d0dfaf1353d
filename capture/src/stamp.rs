//! Provides the reader of local dates and times as Windows tools print them.

use jiff::civil::DateTime;

/// Which number of `1/2/2021` is the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// `MM/DD/YYYY`.
    MonthFirst,
    /// `DD/MM/YYYY`.
    DayFirst,
}

/// The order that these dates must have; `None` where each could be read both ways, or where they
/// contradict each other.
pub(crate) fn order<'a>(dates: impl Iterator<Item = &'a str>) -> Option<Order> {
    let (mut day_first, mut month_first) = (false, false);
    for [first, second, _] in dates.filter_map(|text| Some(numbers(text)?.0)) {
        day_first |= (13..=31).contains(&first);
        month_first |= (13..=31).contains(&second);
    }
    match (day_first, month_first) {
        (true, false) => Some(Order::DayFirst),
        (false, true) => Some(Order::MonthFirst),
        _ => None,
    }
}

/// Whether the order of day and month matters to this date: `1/2/2021`, not `1.2.2021`.
pub(crate) fn is_ambiguous(text: &str) -> bool {
    numbers(text)
        .is_some_and(|([a, b, _], separator)| a <= 12 && b <= 12 && a != b && separator != '.')
}

/// Reads `MM/DD/YYYY HH:MM:SS.mmm`, `DD.MM.YYYY HH:MM:SS`, `YYYY-MM-DD[T ]HH:MM[:SS]`, each with an
/// optional comma between and `AM` or `PM` behind. Dots are day first, a year in front stands as it
/// is; `order` decides the others.
pub(crate) fn read(text: &str, order: Order) -> Option<DateTime> {
    let text = text.trim();
    let end = text.find([' ', 'T', ',', '\u{a0}'])?;
    let time = text[end..].trim_start_matches([' ', 'T', ',', '\u{a0}']);
    let ([a, b, c], separator) = numbers(text)?;
    let (year, month, day) = match (separator, order) {
        _ if a > 999 => (a, b, c),
        ('.', _) | (_, Order::DayFirst) => (c, b, a),
        (_, Order::MonthFirst) => (c, a, b),
    };
    if year < 1000 {
        return None;
    }
    let (hour, minute, second, nanosecond) = clock(time)?;
    let small = |n: u16| i8::try_from(n).ok();
    let year = i16::try_from(year).ok()?;
    DateTime::new(year, small(month)?, small(day)?, hour, minute, second, nanosecond).ok()
}

/// The three numbers that a date is made of, and what stands between them.
fn numbers(text: &str) -> Option<([u16; 3], char)> {
    let text = text.trim();
    let date = &text[..text.find([' ', 'T', ',', '\u{a0}']).unwrap_or(text.len())];
    let separator = date.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
    let mut parts = date.split(separator).map(|part| part.parse::<u16>().ok());
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some((numbers, separator))
}

/// `HH:MM[:SS[.mmm]] [AM|PM]` as hour, minute, second, nanosecond.
fn clock(text: &str) -> Option<(i8, i8, i8, i32)> {
    let mut words = text.trim_end_matches('Z').split(|c: char| c.is_whitespace());
    let mut parts = words.next()?.split(':');
    let half = words.find(|word| !word.is_empty());
    let hour: i8 = parts.next()?.parse().ok()?;
    let hour = match half {
        None => hour,
        Some(half) if half.eq_ignore_ascii_case("am") && hour <= 12 => hour % 12,
        Some(half) if half.eq_ignore_ascii_case("pm") && hour <= 12 => hour % 12 + 12,
        Some(_) => return None,
    };
    let minute = parts.next()?.parse().ok()?;
    let (second, fraction) = parts
        .next()
        .map_or(("0", ""), |second| second.split_once(['.', ',']).unwrap_or((second, "")));
    let in_time = parts.next().is_none() && fraction.len() <= 9;
    let nanosecond = format!("{fraction:0<9}").parse().ok()?;
    in_time.then_some((hour, minute, second.parse().ok()?, nanosecond))
}

/// Seconds since 1970 of a local time `bias_min` minutes behind UTC (UTC = local + bias).
pub(crate) fn unix_s(local: DateTime, bias_min: i32) -> Option<f64> {
    let stamp = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    let whole = stamp.as_second() + 60 * i64::from(bias_min);
    Some(whole as f64 + f64::from(stamp.subsec_nanosecond()) / 1e9)
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_of_every_locale_are_read() {
        let wanted = datetime(2021, 1, 12, 9, 18, 20, 0);
        for (text, order, why) in [
            ("01/12/2021 09:18:20.000", Order::MonthFirst, "perfmon, everywhere"),
            ("1/12/2021, 9:18:20 AM", Order::MonthFirst, "systeminfo, en-US"),
            ("12/01/2021, 09:18:20", Order::DayFirst, "systeminfo, fr"),
            ("12.01.2021, 09:18:20", Order::MonthFirst, "dots are day first, whatever the order"),
            ("2021-01-12 09:18:20", Order::DayFirst, "the year in front"),
            ("2021-01-12T09:18:20Z", Order::DayFirst, "ISO"),
        ] {
            assert_eq!(read(text, order), Some(wanted), "{why}");
        }
        let evening = read("1/12/2021 12:05:01.250 PM", Order::MonthFirst);
        assert_eq!(evening, Some(datetime(2021, 1, 12, 12, 5, 1, 250_000_000)));
        for bad in ["", "13/13/2021 00:00:00", "1/2/21 00:00", "1/2/2021", "1/2/2021 25:00:00"] {
            assert_eq!(read(bad, Order::MonthFirst), None, "{bad:?}");
        }
    }

    #[test]
    fn the_order_is_taken_from_dates_that_can_only_be_read_one_way() {
        let of = |dates: &[&str]| order(dates.iter().copied());
        assert_eq!(of(&["01/02/2021", "13/02/2021"]), Some(Order::DayFirst));
        assert_eq!(of(&["01/02/2021", "02/13/2021"]), Some(Order::MonthFirst));
        assert_eq!(of(&["01/02/2021"]), None);
        assert_eq!(of(&["13/02/2021", "02/13/2021"]), None, "they contradict each other");
        assert!(is_ambiguous("01/02/2021") && !is_ambiguous("01.02.2021"));
        assert!(!is_ambiguous("02/02/2021"));
    }

    #[test]
    fn bias_leads_from_local_time_to_utc() {
        let local = datetime(1970, 1, 1, 20, 0, 0, 500_000_000);
        assert_eq!(unix_s(local, 240), Some(86_400.5));
    }

    proptest! {
        #[test]
        fn what_windows_prints_is_read_back(
            (year, month, day) in (1999_i16..2100, 1_i8..13, 1_i8..29),
            (hour, minute, second) in (0_i8..24, 0_i8..60, 0_i8..60),
        ) {
            let wanted = datetime(year, month, day, hour, minute, second, 0);
            let (half, twelve) = (if hour < 12 { "AM" } else { "PM" }, (hour + 11) % 12 + 1);
            for (text, order) in [
                (format!("{month}/{day}/{year} {twelve}:{minute:02}:{second:02} {half}"), Order::MonthFirst),
                (format!("{day:02}/{month:02}/{year}, {hour:02}:{minute:02}:{second:02}"), Order::DayFirst),
                (format!("{day}.{month}.{year} {hour}:{minute:02}:{second:02}"), Order::MonthFirst),
                (format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"), Order::DayFirst),
            ] {
                prop_assert_eq!(read(&text, order), Some(wanted), "{}", text);
            }
        }

        #[test]
        fn any_text_is_a_stamp_or_none(text in "[0-9/.: ,TZAPM-]{0,24}|\\PC{0,12}") {
            read(&text, Order::DayFirst);
            order([text.as_str()].into_iter());
            is_ambiguous(&text);
        }
    }
}
