use proptest::prelude::*;

use super::*;

#[test]
fn rows_of_every_era_are_read_without_a_header() {
    for (row, reason, status, queue, why) in [
        (
            "2002-07-05 18:45:09 172.31.77.6 2094 172.31.77.6 80 HTTP/1.1 GET /qos/1kb.txt 503 - ConnLimit",
            "ConnLimit",
            Some(503),
            None,
            "12 columns, Server 2003 RTM (KB820729's example)",
        ),
        (
            "2005-05-02 21:10:42 - - - - - - - - - 3_Connections_Refused DefaultAppPool",
            "3_Connections_Refused",
            None,
            Some("DefaultAppPool"),
            "13 columns with a queue",
        ),
        (
            "2018-12-30 14:22:07 ::1%0 49958 ::1%0 80 - - - - - - Timer_ConnectionIdle -",
            "Timer_ConnectionIdle",
            None,
            None,
            "14 columns with streamid, IPv6 with scope",
        ),
        (
            "2026-10-07 12:24:55 127.0.0.1 54519 127.0.0.1 8123 - - - - - 400 - Verb - TCP - -",
            "Verb",
            Some(400),
            None,
            "18 columns, Server 2022 and later",
        ),
    ] {
        let parsed = parse(row);
        assert_eq!(parsed.skipped, [], "{why}");
        let record = &parsed.records[0];
        assert_eq!((record.reason, record.status, record.queue), (reason, status, queue), "{why}");
    }
}

#[test]
fn refusals_are_counted_from_the_phrase() {
    for (reason, refused, why) in [
        ("24_Connections_Refused", Some(24), "as logged"),
        ("1_connections_refused", Some(1), "case does not matter"),
        ("Connections_Refused", Some(1), "bare: at least one, since none writes no row"),
        ("x_Connections_Refused", None, "not a number"),
        ("_Connections_Refused", None, "no number"),
        ("24Connections_Refused", None, "not the phrase"),
        ("–Connections_Refused", None, "a dash of several bytes before the phrase"),
        ("Refused", None, "shorter than the phrase"),
        ("99999999999999999999_Connections_Refused", None, "no u64"),
    ] {
        assert_eq!(super::fields::refused(reason), refused, "{reason}: {why}");
    }
    let parsed = parse("2005-05-02 21:10:42 - - - - - - - - - 7_Connections_Refused -");
    let record = &parsed.records[0];
    assert_eq!((record.reason_name(), record.refused), ("Connections_Refused", Some(7)));
    assert_eq!(record.stamp_text(), "2005-05-02 21:10:42");
    assert_eq!(record.stamp, jiff::civil::datetime(2005, 5, 2, 21, 10, 42, 0));
    assert_eq!((record.c_ip, record.s_port, record.queue), (None, None, None));
}

/// A header that changes within the file, as after an upgrade; addresses of RFC 5737.
#[test]
fn the_latest_header_decides() {
    let text = "#Software: Microsoft HTTP API 2.0\r\n\
        # Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\r\n\
        2025-03-14 08:00:01 192.0.2.10 50123 192.0.2.1 80 HTTP/1.1 GET / 503 1 AppOffline Pool1 \r\n\
        \r\n\
        #Fields: date time s-reason c-ip c-port transport s-queuename sc-status\r\n\
        2025-03-14 09:15:07 QueueFull 192.0.2.13 50201 QUIC Pool2 503\r\n";
    let parsed = parse(text);
    assert_eq!(parsed.skipped, []);
    let seen: Vec<_> =
        parsed.records.iter().map(|r| (r.reason, r.status, r.queue, r.c_port)).collect();
    assert_eq!(
        seen,
        [
            ("AppOffline", Some(503), Some("Pool1"), Some(50123)),
            ("QueueFull", Some(503), Some("Pool2"), Some(50201)),
        ]
    );
}

#[test]
fn pasted_text_with_typographic_dashes_and_spaces_is_read() {
    let parsed = parse(
        "2005-05-02\u{a0}21:10:42 – – – – – – – – – 2_Connections_Refused –\n\
         2005-05-02 21:10:47  -  - - - - - - - - 5_Connections_Refused -",
    );
    assert_eq!(parsed.skipped, []);
    assert_eq!(parsed.records.iter().filter_map(|r| r.refused).sum::<u64>(), 7);
    assert_eq!(parsed.records[0].queue, None);
}

#[test]
fn a_bad_row_is_counted_and_loses_no_other() {
    let good = "2005-05-02 21:10:42 - - - - - - - - - 1_Connections_Refused -";
    for (bad, word, why) in [
        ("2019-03-14 20:10:10 10.20.190.10 45082 10.24.170.60 80 HTTP/1.1 GET", "8", "wrapped"),
        ("2005-13-02 21:10:42 - - - - - - - - - Verb -", "stamp", "there is no month 13"),
        ("2005-05-02 21.10.42 - - - - - - - - - Verb -", "stamp", "dots"),
        ("2005-05-02 21:10:42 - 70000 - - - - - - - Verb -", "c-port", "a port too high"),
        ("2005-05-02 21:10:42 - - - - - - - Verb -", "11 columns", "one column short"),
        ("2005-05-02 21:10:42 - - - - - - - 5o3 - Verb -", "sc-status", "no status"),
        ("é", "1 columns", "not a row at all"),
    ] {
        let text = format!("{good}\n{bad}\n{good}\n");
        let parsed = parse(&text);
        assert_eq!(parsed.records.len(), 2, "{why}");
        assert_eq!(parsed.skipped.len(), 1, "{why}");
        let skipped = &parsed.skipped[0];
        assert!(skipped.line == 2 && skipped.reason.contains(word), "{why}: {skipped}");
    }
}

#[test]
fn a_header_that_lacks_the_reason_is_told_and_its_rows_are_counted() {
    let parsed = parse("#Fields: date time c-ip\n2005-05-02 21:10:42 -\n");
    assert_eq!(parsed.records, []);
    let lines: Vec<_> = parsed.skipped.iter().map(|s| s.line).collect();
    assert_eq!(lines, [1, 2]);
}

/// Counts a text: status and reason of each row, and the lines that could not be read.
fn counted(text: &str) -> (Vec<(Option<u16>, String)>, Vec<usize>) {
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    Parser::new().count(
        text,
        |row| rows.push((row.status, row.reason.to_owned())),
        |line, _, _| bad.push(line),
    );
    (rows, bad)
}

/// Rows as a page of documentation shows them; addresses of RFC 5737.
#[test]
fn rows_that_a_page_has_wrapped_are_rejoined() {
    let (rows, bad) = counted(
        "2019-03-14 20:10:10 192.0.2.1 45082 192.0.2.2 80 HTTP/1.1 GET\n\
        /a/%2e%2e/etc/passwd\r\n403 - Forbidden -\n\
        2019-03-14 23:10:10 192.0.2.1 41095 192.0.2.2 80 HTTP/1.1 POST\n/upload 411 - LengthRequired -\n\
        2019-03-14 23:09:41 192.0.2.1 58152 192.0.2.2 80 - - - - - Timer_ConnectionIdle -\nprose below\n\
        2019-03-14 23:10:11 192.0.2.1 cut\n2019-03-14 23:10:12 - - - - - - - - - Verb -",
    );
    let wanted = [
        (Some(403), "Forbidden"),
        (Some(411), "LengthRequired"),
        (None, "Timer_ConnectionIdle"),
        (None, "Verb"),
    ];
    assert_eq!(rows, wanted.map(|(status, reason)| (status, reason.to_owned())));
    assert_eq!(bad, [7, 8], "lines are counted as they stand");
}

#[test]
fn a_wrapped_row_under_a_header_needs_the_columns_of_the_header() {
    let header = "#Fields: date time c-ip s-reason\n";
    let (rows, bad) = counted(&format!("{header}2019-03-14 20:10:10\n192.0.2.1 Verb\nmore\n"));
    assert_eq!((rows.len(), bad), (1, vec![4]));
}

#[test]
fn a_row_is_looked_for_only_so_far() {
    let lines = |n: usize| format!("2019-03-14 20:10:10{}", "\n-".repeat(n - 1));
    for (text, rows, why) in [
        (
            lines(super::rejoin::LINES_MAX).replacen("\n-", " - - - -\n-", 1) + " Verb -",
            1,
            "over eight lines",
        ),
        (lines(12) + " Verb -", 0, "over twelve"),
        (
            format!("2019-03-14 20:10:10\n- - - - - - -\n{}\n- Verb -", "x".repeat(20_000)),
            0,
            "too long",
        ),
    ] {
        assert_eq!(counted(&text).0.len(), rows, "{why}");
    }
}

#[test]
fn zeros_at_the_end_of_a_log_are_no_row() {
    let row = "2019-03-14 20:10:10 - - - - - - - - - Verb -";
    let (rows, bad) = counted(&format!("{row}\r\n{row}\0\0\n\0\0\0\0"));
    assert_eq!((rows.len(), bad.len()), (2, 0));
}

#[test]
fn a_row_is_like_another_only_with_as_many_columns() {
    let known = "2012-02-28 09:00:00 10.0.0.1 4411 10.0.0.1 80 - - - 400 1 Verb -";
    for (row, bad, why) in [
        ("2012-02-28 09:00:09 10.0.0.7 5 10.0.0.1 80 - - - 400 1 Verb -", 0, "another client"),
        ("2012-02-28 09:00:09 10.0.0.7 5  10.0.0.1 80 - - - 400 1 Verb -", 0, "two spaces"),
        ("2012-02-28 09:00:09  - 10.0.0.1 80 - - - 400 1 Verb -", 1, "no port"),
        ("2012-02-28 09:00:09 - 10.0.0.1 80 - - - 400 1 Verb -", 1, "no address"),
        ("2012-02-28 09:00:09 a\u{a0}b 5 10.0.0.1 80 - - - 400 1 Verb -", 1, "a hidden column"),
        ("2012-02-28 09:00:09 10.0.0.7 65536 10.0.0.1 80 - - - 400 1 Verb -", 1, "no port number"),
        ("2012-02-28 09:00:60 10.0.0.7 5 10.0.0.1 80 - - - 400 1 Verb -", 1, "no time"),
    ] {
        let header = "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename";
        let (rows, found) = counted(&format!("{header}\n{known}\n{row}"));
        assert_eq!((rows.len(), found.len()), (2 - bad, bad), "{why}");
    }
}

/// What a row holds of what it counts for.
fn as_counted<'a>(record: &'a Record<'_>) -> Counted<'a> {
    Counted {
        unix_s: record.stamp.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second(),
        s_port: record.s_port,
        status: record.status,
        reason: record.reason_name(),
        queue: record.queue,
        refused: record.refused,
    }
}

/// Rows of few kinds, so that most are like one before; odd heads; headers that change what they mean.
fn line() -> impl Strategy<Value = String> {
    let header = prop::sample::select(vec![
        "#Fields: date time c-ip c-port s-ip s-port s-reason s-queuename",
        "#Fields: date time c-ip c-port s-ip sc-status s-reason s-queuename",
        "#Fields: date time c-ip c-port s-queuename s-port s-reason cs-uri",
        "#Fields: date time c-ip s-port s-ip sc-status s-reason s-queuename",
    ]);
    let mostly = |usual: &'static str, odd: &'static str| prop_oneof![9 => usual, 1 => odd];
    let date = mostly("2012-02-2[89] 09:00:0[0-9]", "2012-0[0-2]-2[89] 0[89]:[056]0:[0-9]{2}");
    let space = || mostly(" ", "  |\u{a0}| \u{a0}");
    let client = mostly("10.0.0.[0-9]", "::1%0|fe80:0:0:0:aaaa:bbbb:cccc:dddd%12|–|é|-|1\u{a0}2");
    let port = mostly("[1-9]{4}", "[0-9]{5}|6553[5-6]|-|–|x");
    let tail = mostly("::1 (80|443) (Verb|2_Connections_Refused) -", "- - é\u{a0}-|- 7 a a");
    let end = mostly("", " |\r|\0");
    let row = (date, space(), client, space(), port, space(), tail, end).prop_map(
        |(date, a, client, b, port, c, tail, end)| {
            date + &a + &client + &b + &port + &c + &tail + &end
        },
    );
    prop_oneof![1 => header.prop_map(str::to_owned), 12 => row]
}

proptest! {
    #[test]
    fn every_line_is_a_row_or_a_heading_or_counted(
        lines in prop::collection::vec("(20[0-9]{2}-0[0-9]-1[0-9] 1[0-9]:[0-9]{2}:[0-9]{2} )?([a-z0-9–:-]{0,8}[ \u{a0}]?){0,14}", 0..10)
    ) {
        let text = lines.join("\n");
        let parsed = parse(&text);
        let rows = text.lines().filter(|line| !line.trim().is_empty()).count();
        prop_assert_eq!(parsed.records.len() + parsed.skipped.len(), rows);
        let (counted, bad) = counted(&text);
        prop_assert!(counted.len() >= parsed.records.len() && bad.len() <= parsed.skipped.len());
        prop_assert!(bad.iter().all(|line| parsed.skipped.iter().any(|s| s.line == *line)));
    }

    #[test]
    fn what_rows_count_for_is_what_they_hold(lines in prop::collection::vec(line(), 0..40)) {
        let text = lines.join("\n");
        let parsed = parse(&text);
        let wanted: Vec<_> = parsed.records.iter().map(|r| format!("{:?}", as_counted(r))).collect();
        let (mut rows, mut bad) = (Vec::new(), Vec::new());
        Parser::new().count(
            &text,
            |row| rows.push(format!("{row:?}")),
            |line, _, trouble| bad.push(trouble.at(line)),
        );
        prop_assert_eq!(rows, wanted);
        prop_assert_eq!(bad, parsed.skipped.to_vec());
    }

    #[test]
    fn columns_are_what_stands_between_spaces(words in prop::collection::vec("[!-~é–]{0,11}", 0..30)) {
        let line = words.join(" ");
        let mut split = Split::default();
        split.of(&line).unwrap();
        let columns: Vec<_> = (0..split.count).map(|at| split.column(&line, at)).collect();
        prop_assert_eq!(columns, line.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        parse(&text);
        counted(&text);
    }
}
