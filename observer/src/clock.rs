//! Provides the clock of a host that is only seen through a page of it.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use model::run::Clock;

use crate::scrape::Page;

/// `Date` has whole seconds (RFC 9110): the host's clock stood somewhere within the one it names.
const HALF_STEP_S: f64 = 0.5;

/// How a vantage's clock stands to this machine's, by the `Date` header of a page of its host, fetched
/// once. The bound is half a second and half the round trip. Fails with a sentence.
pub fn clock_by_page(vantage: &str, url: &str, within: Duration) -> Result<Clock, String> {
    let loops = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let loops = loops.map_err(|e| format!("this process can have no event loop: {e}"))?;
    let mut page = Page::new(url);
    let asked = Timestamp::now();
    loops.block_on(page.get(within)).map_err(|e| e.to_string())?;
    let told = Timestamp::now();
    let date = page.date().ok_or_else(|| format!("{url} answers without a Date header"))?;
    clock(vantage, url, date, asked, told)
}

fn clock(
    vantage: &str,
    url: &str,
    date: &str,
    asked: Timestamp,
    told: Timestamp,
) -> Result<Clock, String> {
    let no_date = |e| format!("{url} has a Date header that is no date ({date:?}: {e})");
    let theirs = rfc2822::DateTimeParser::new().parse_timestamp(date).map_err(no_date)?;
    let seconds = |t: Timestamp| t.as_nanosecond() as f64 / 1e9;
    let (from_s, to_s) = (seconds(asked), seconds(told));
    Ok(Clock {
        vantage: vantage.to_owned(),
        offset_s: seconds(theirs) + HALF_STEP_S - f64::midpoint(from_s, to_s),
        bound_s: HALF_STEP_S + (to_s - from_s).max(0.0) / 2.0,
        drift_ppm: 0.0,
        how: format!("the Date header of {url}, once before the load"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_second_wide_and_the_way_there_and_back_is_added() {
        let at = |text: &str| text.parse().unwrap();
        let (asked, told) = (at("2026-11-21T06:00:00.2Z"), at("2026-11-21T06:00:00.4Z"));
        for (date, offset_s, why) in [
            ("Sat, 21 Nov 2026 06:00:00 GMT", 0.2, "the same second"),
            ("Sat, 21 Nov 2026 06:01:30 GMT", 90.2, "a host that is 90 s ahead"),
            ("Sat, 21 Nov 2026 05:59:30 GMT", -29.8, "a host that is 30 s behind"),
        ] {
            let clock = clock("target", "http://h/", date, asked, told).unwrap();
            assert!((clock.offset_s - offset_s).abs() < 1e-6, "{why}: {}", clock.offset_s);
            assert!((clock.bound_s - 0.6).abs() < 1e-6, "{why}: {}", clock.bound_s);
        }
        assert!(clock("target", "http://h/", "yesterday", asked, told).is_err());
    }
}
