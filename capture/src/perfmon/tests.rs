use jiff::civil::datetime;
use proptest::prelude::*;

use super::*;

/// The layout of a data collector on an en-US Windows 10; host, counters and values are made up.
const LOG: &str = "\u{feff}\"(PDH-CSV 4.0) (Eastern Daylight Time)(240)\",\
\"\\\\WEB1\\Memory\\Pool Nonpaged Bytes\",\"\\\\WEB1\\Process(w3wp#1)\\Handle Count\",\
\"\\\\WEB1\\tcpv6\\connections established\",\"\\\\WEB1\\LogicalDisk(C:\\mnt (a))\\Free Megabytes\"\r
\"09/16/2021 07:51:58.500\",\"111674496\",\"1.5e3\",\" \",\"1\"\r
\"09/16/2021 07:52:00.564\",\" 111675000\",\"1501\",\"3\",\"-1.#IND\"\r
\"09/16/2021 07:52:02.567\",\"1116\r
";

#[test]
fn a_log_gives_columns_and_rows_in_utc() {
    let log = parse(LOG);
    let table = &log.tables[0];
    assert_eq!((table.zone.as_deref(), table.bias_min), (Some("Eastern Daylight Time"), Some(240)));
    let seen: Vec<_> = table
        .columns
        .iter()
        .map(|c| (c.object.as_str(), c.instance.as_deref(), c.name.as_str(), c.counter))
        .collect();
    assert_eq!(
        seen,
        [
            ("Memory", None, "Pool Nonpaged Bytes", Some(Counter::PoolNonpagedBytes)),
            ("Process", Some("w3wp#1"), "Handle Count", Some(Counter::ProcessHandles)),
            ("tcpv6", None, "connections established", Some(Counter::ConnectionsEstablished)),
            ("LogicalDisk", Some("C:\\mnt (a)"), "Free Megabytes", None),
        ]
    );
    assert_eq!(table.columns[0].host.as_deref(), Some("WEB1"));
    assert_eq!(table.unknown().count(), 1);
    assert_eq!(
        table.columns_of(Counter::ProcessHandles).map(|(at, _)| at).collect::<Vec<_>>(),
        [1]
    );
    assert_eq!(table.rows.len(), 2);
    let first = &table.rows[0];
    assert_eq!(first.local, datetime(2021, 9, 16, 7, 51, 58, 500_000_000));
    // 2021-09-16T11:51:58.5Z
    assert_eq!(first.unix_s, Some(1_631_793_118.5));
    assert_eq!(first.values, [Some(111_674_496.0), Some(1500.0), None, Some(1.0)]);
    assert_eq!(table.rows[1].values[3], None, "what is no number is no zero");
    let told: Vec<_> = log.skipped.iter().map(|s| (s.line, s.reason.as_str())).collect();
    assert_eq!(
        told,
        [(3, "has \"-1.#IND\" in column 5"), (4, "holds 1 values where 4 are named"),],
        "the log ends within a row"
    );
}

#[test]
fn headers_of_every_kind_are_read() {
    for (cell, zone, bias, why) in [
        ("(PDH-CSV 4.0) (GMT Daylight Time)(-60)", Some("GMT Daylight Time"), Some(-60), "ahead"),
        (
            "(PDH-CSV 4.0) (Maroc (heure d'hiver))(0)",
            Some("Maroc (heure d'hiver)"),
            Some(0),
            "brackets",
        ),
        ("(PDH-CSV 4.0)", None, None, "typeperf on a console"),
        ("(PDH-CSV 4.0) (Maroc (heure d", None, None, "cut short at a quote"),
        ("(PDH-CSV 4.0) (", None, None, "cut short at a name in Chinese"),
    ] {
        let log = parse(&format!(
            "\"{cell}\",\"\\\\H\\Memory\\Available Bytes\"\n\"01/02/2026 03:04:05.000\",\"7\"\n"
        ));
        let table = &log.tables[0];
        assert_eq!((table.zone.as_deref(), table.bias_min), (zone, bias), "{why}");
        let row = &table.rows[0];
        assert_eq!(row.local, datetime(2026, 1, 2, 3, 4, 5, 0), "month first: {why}");
        assert_eq!(row.unix_s.is_some(), bias.is_some(), "{why}");
    }
}

#[test]
fn logs_that_went_through_a_spreadsheet_are_read() {
    for (text, why) in [
        (
            "(PDH-CSV 4.0) (X)(-60);\\\\H\\Arbeitsspeicher\\Nicht-Auslagerungsseiten (Bytes);\\\\H\\TCPv4\\Verbindungsfehler;\n\
             03.01.2026 10:00:00;1234,5;2;\n03.01.2026 10:00;1234,5;2;\n",
            "semicolons, decimal commas, dots in dates, an empty last column",
        ),
        (
            "\"(PDH-TSV 4.0) (X)(-60)\"\t\"\\\\H\\Arbeitsspeicher\\nicht-auslagerungsseiten (bytes)\"\t\"\\\\H\\TCPv4\\Connection Failures\"\n\
             \"01/03/2026 10:00:00.000\"\t\"1234,5\"\t\"2\"\n\"01/03/2026 10:00:00.000\"\t\"1234.5\"\t\"2\"\n",
            "tabs",
        ),
        (
            "(PDH-CSV 4.0) (X)(-60),\\H\\a,\\H\\b\n3/1/2026 10:00,1234.5,2\n13/1/2026 10:00,1234.5,2\n",
            "a thirteenth that makes every row day first",
        ),
    ] {
        let log = parse(text);
        assert_eq!(log.skipped, [], "{why}");
        let rows = &log.tables[0].rows;
        assert_eq!(rows.len(), 2, "{why}");
        assert_eq!(rows[0].local, datetime(2026, 1, 3, 10, 0, 0, 0), "{why}");
        assert_eq!(rows[0].values, [Some(1234.5), Some(2.0)], "{why}");
    }
}

#[test]
fn names_are_known_in_four_languages() {
    for (object, name, counter) in [
        ("Memory", "Free System Page Table Entries", Some(Counter::FreeSystemPtes)),
        ("Arbeitsspeicher", "Freie Seitentabelleneinträge", Some(Counter::FreeSystemPtes)),
        ("MÉMOIRE", "OCTETS DE RÉSERVE NON PAGINÉE", Some(Counter::PoolNonpagedBytes)),
        ("Memoria", "Límite de confirmación", Some(Counter::CommitLimitBytes)),
        ("Prozess", "Nicht-Auslagerungsseiten (Bytes)", Some(Counter::ProcessPoolNonpagedBytes)),
        ("HTTP Service Request Queues", "RejectedRequests", Some(Counter::QueueRejected)),
        ("TCPv4", "Pool Nonpaged Bytes", None),
        ("UDPv4", "Connection Failures", None),
    ] {
        assert_eq!(Counter::of(object, name), counter, "{object} {name}");
    }
}

/// What typeperf says around its rows; two logs, one behind the other.
#[test]
fn console_words_are_passed_over_and_another_header_begins_another_table() {
    let log = parse(
        "\n\"(PDH-CSV 4.0)\",\"\\\\H\\a\\b\"\n\"01/02/2026 03:04:05.000\",\"1\"\n\
         \"(PDH-CSV 4.0)\",\"\\\\H\\a\\b\"\n\"01/02/2026 03:04:06.000\",\"2\"\n\
         \nExiting, please wait...\nThe command completed successfully.\n\
         \"(PDH-CSV 4.0)\",\"\\\\H\\a\\c\"\n\"01/02/2026 03:04:07.000\",\"3\"\n\"x\",\"4\"\n",
    );
    let rows: Vec<_> = log.tables.iter().map(|t| (t.line, t.rows.len())).collect();
    assert_eq!(rows, [(2, 2), (9, 1)]);
    assert_eq!(log.skipped[0].line, 11);
}

#[test]
fn counters_beyond_all_that_a_host_has_are_left_out() {
    let header = "\"(PDH-CSV 4.0) (X)(0)\"".to_owned() + &",a".repeat(COLUMNS_MAX + 9);
    let row = "\"01/12/2021 09:18:20.123\"".to_owned() + &",1".repeat(COLUMNS_MAX + 9);
    let log = parse(&format!("{header}\n{row}\n"));
    assert_eq!(log.skipped, []);
    assert_eq!(log.tables[0].columns.len(), COLUMNS_MAX);
    assert_eq!(log.tables[0].rows[0].values.len(), COLUMNS_MAX);
}

proptest! {
    #[test]
    fn every_row_is_read_or_counted(lines in prop::collection::vec("[\"0-9,;/ :.a-]{0,24}", 0..12)) {
        let text = format!("\"(PDH-CSV 4.0)\",\"\\\\H\\a\\b\"\n{}", lines.join("\n"));
        let log = parse(&text);
        let rows = lines.iter().map(|line| line.trim()).filter(|line| {
            line.starts_with('"') || line.starts_with(|c: char| c.is_ascii_digit())
        });
        let whole = log.skipped.iter().filter(|s| !s.reason.contains("in column")).count();
        prop_assert_eq!(log.tables[0].rows.len() + whole, rows.count());
    }

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        parse(&format!("(PDH-CSV 4.0){text}"));
        parse(&text);
    }
}
