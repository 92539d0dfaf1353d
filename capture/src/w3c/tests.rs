use jiff::civil::datetime;
use proptest::prelude::*;

use super::*;
use crate::soup::soup;

/// The layout of IIS 10 with its default fields, then of IIS 6 without a date; rows made up.
const LOG: &str = "#Software: Microsoft Internet Information Services 10.0\r
#Version: 1.0\r
#Date: 2021-06-10 10:00:00\r
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r
2021-06-10 10:00:00 192.0.2.1 GET / - 80 - 198.51.100.7 curl/7.68 - 200 0 0 15\r
2021-06-10 10:00:01 192.0.2.1 GET /slow.aspx a=1 80 - 198.51.100.7 Mozilla/5.0+(x) - 503 2 0 3\r
2021-06-10 10:00:07 192.0.2.1 GET /slow.aspx a=1 80 - 198.51.100.8 - - 503 2 64 120001\r
2021-06-10 10:00:08 192.0.2.1 GET / - 80 - cut\r
2021-06-10 10:00:09 192.0.2.1 GET / - 80 - 198.51.100.7 x - 2oo 0 0 15\r
#Software: Microsoft Internet Information Services 6.0\r
#Date: 2021-06-11 00:00:05\r
#Fields: time c-ip sc-status\r
00:00:05 198.51.100.7 404\r
00:00:05 198.51.100.7 404 9\r
";

#[test]
fn the_latest_fields_decide_and_a_bad_row_loses_no_other() {
    let (tally, skipped) = tally(LOG);
    let by_status: Vec<_> = tally.by_status.into_iter().collect();
    assert_eq!(by_status, [((200, 0), 1), ((404, 0), 1), ((503, 2), 2)]);
    assert_eq!(tally.first, Some(datetime(2021, 6, 10, 10, 0, 0, 0)));
    assert_eq!(tally.last, Some(datetime(2021, 6, 11, 0, 0, 5, 0)), "the header's date");
    let unavailable = (datetime(2021, 6, 10, 10, 0, 1, 0), datetime(2021, 6, 10, 10, 0, 7, 0));
    assert_eq!(tally.unavailable, Some(unavailable));
    let lines: Vec<_> = skipped.iter().map(|s| s.line).collect();
    assert_eq!(lines, [8, 9, 14], "cut off, no status, one column too many");
}

#[test]
fn a_request_is_read_without_copies() {
    let mut parser = Parser::new();
    let mut rows = Vec::new();
    for line in LOG.lines() {
        if let Line::Row(record) = parser.line(line) {
            rows.push(record);
        }
    }
    let last = rows[2];
    assert_eq!((last.method, last.uri_stem), (Some("GET"), Some("/slow.aspx")));
    assert_eq!((last.c_ip, last.s_ip), (Some("198.51.100.8"), Some("192.0.2.1")));
    assert_eq!((last.s_port, last.win32_status), (Some(80), Some(64)));
    assert_eq!((last.time_taken_ms, last.substatus), (Some(120_001), Some(2)));
    assert_eq!((rows[3].method, rows[3].substatus, rows[3].site), (None, None, None));
}

#[test]
fn what_cannot_be_dated_is_counted() {
    for (text, word, why) in [
        ("2021-06-10 10:00:00 GET", "before any", "no header"),
        ("#Fields: time sc-status\n10:00:00 200", "no stamp", "a date nowhere"),
        ("#Fields: date time\n2021-06-31 10:00:00", "a date", "there is no such day"),
        ("#Fields: date time\n2021-06-10 10.00.00", "a time", "dots"),
    ] {
        let (tally, skipped) = tally(text);
        assert_eq!(tally, Tally::default(), "{why}");
        assert!(skipped.len() == 1 && skipped[0].reason.contains(word), "{why}: {skipped:?}");
    }
}

proptest! {
    #[test]
    fn every_line_is_a_request_a_header_or_counted(
        text in soup(&["#Fields: date time sc-status\n", "2021-06-10 10:00:00 ", "503\n", "#Date: ", "- "])
    ) {
        let (tally, skipped) = tally(&text);
        let is_row = |line: &&str| {
            let line = line.trim_start_matches('\u{feff}');
            !line.trim().is_empty() && !line.starts_with('#')
        };
        let requests: u64 = tally.by_status.values().sum();
        prop_assert_eq!(requests as usize + skipped.len(), text.lines().filter(is_row).count());
    }
}
