//! Provides what is new on a page that holds a host's System event log: entries that say something of
//! an outage, counted by source, id and second.

use std::collections::BTreeMap;

use capture::event_log::{self, Event};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use model::reading::GapKind;
use model::row::Happening;

use crate::reading::Reading;

/// How far a stamp in local time without its zone may be off, seconds: UTC+14 is the furthest zone.
const ZONELESS_BOUND_S: f64 = 14.0 * 3600.0;

/// What makes two entries the same to a reader who sees no record number.
type Key = (String, u32, DateTime, bool);

/// A page, followed. What it holds when it is first read is of the past.
#[derive(Debug, Default)]
pub struct EventPage {
    seen: Option<BTreeMap<Key, u64>>,
}

impl EventPage {
    /// Reads what is new on the page.
    pub fn read(&mut self, source: &str, text: &str) -> Reading {
        let log = event_log::parse(text);
        if log.events.is_empty() {
            let told = "the page holds no event; does it show the text of wevtutil qe System?";
            return Reading::missing(source, GapKind::Failed, told);
        }
        let mut reading = Reading::default();
        if let Some(first) = log.skipped.first() {
            let n = log.skipped.len();
            let told = format!("{n} events of the page could not be read; the first: {first}");
            reading.gap(source, GapKind::Failed, told);
        }
        let mut now: BTreeMap<Key, u64> = BTreeMap::new();
        let mut meanings = BTreeMap::new();
        for event in &log.events {
            if let (Some(meaning), Some(key)) = (event.meaning(), key(event)) {
                meanings.insert(key.clone(), meaning);
                *now.entry(key).or_default() += 1;
            }
        }
        if let Some(before) = &self.seen {
            for (key, meaning) in meanings {
                let count = now[&key].saturating_sub(before.get(&key).copied().unwrap_or(0));
                if count == 0 {
                    continue;
                }
                let (provider, id, at, zoned) = key;
                let stamp = at.strftime("%Y-%m-%d %H:%M:%S").to_string();
                let bound_s = if zoned { 0.0 } else { ZONELESS_BOUND_S };
                let what = Happening::OsEvent { provider, id, meaning, stamp, count, bound_s };
                reading.happened.push((Some(at), what));
            }
        }
        self.seen = Some(now);
        reading
    }
}

/// Source, id, second, and whether that is known to be UTC.
fn key(event: &Event) -> Option<Key> {
    let utc = event.unix_s.and_then(|unix_s| Timestamp::from_second(unix_s.floor() as i64).ok());
    let at = match utc {
        Some(utc) => utc.to_zoned(TimeZone::UTC).datetime(),
        None => event.local?.with().subsec_nanosecond(0).build().ok()?,
    };
    Some((event.source.clone(), event.id, at, utc.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(stamp: &str, source: &str, id: u32) -> String {
        format!(
            "Event[0]\r\n  Log Name: System\r\n  Source: {source}\r\n  Date: {stamp}\r\n  \
             Event ID: {id}\r\n  Level: Warning\r\n  Description: \r\nSomething.\r\n\r\n"
        )
    }

    fn told(page: &mut EventPage, text: &str) -> Vec<(u32, u64, f64)> {
        let reading = page.read("eventlog", text);
        assert_eq!(reading.gaps, []);
        let of = |(_, what): (Option<DateTime>, Happening)| match what {
            Happening::OsEvent { id, count, bound_s, .. } => (id, count, bound_s),
            other => panic!("{other:?}"),
        };
        reading.happened.into_iter().map(of).collect()
    }

    #[test]
    fn entries_are_told_once_and_those_of_the_past_never() {
        let old = entry("2026-11-26T05:00:00.0000000Z", "Tcpip", 4231);
        let new = entry("2026-11-26T05:00:07.2500000Z", "Tcpip", 4227);
        let idle = entry("2026-11-26T05:00:08.0000000Z", "Time-Service", 37);
        let mut page = EventPage::default();
        assert_eq!(told(&mut page, &old), [], "it was there before anybody looked");
        let text = format!("{idle}{new}{new}{old}");
        assert_eq!(told(&mut page, &text), [(4227, 2, 0.0)], "37 says nothing of an outage");
        assert_eq!(told(&mut page, &text), [], "the same page again");
        let text = format!("{new}{text}");
        assert_eq!(told(&mut page, &text), [(4227, 1, 0.0)], "one more of the same second");
    }

    #[test]
    fn a_stamp_without_its_zone_is_told_with_how_wrong_it_may_be() {
        let old = entry("2026-11-26T05:00:00.000", "Srv", 2019);
        let new = entry("2026-11-26T05:00:07.250", "Srv", 2020);
        let mut page = EventPage::default();
        told(&mut page, &old);
        assert_eq!(told(&mut page, &format!("{new}{old}")), [(2020, 1, 50_400.0)]);
    }

    #[test]
    fn a_page_that_is_something_else_is_a_gap() {
        let reading = EventPage::default().read("s", "<html>It works!</html>");
        assert!(reading.gaps[0].reason.contains("wevtutil"), "{:?}", reading.gaps);
    }
}
