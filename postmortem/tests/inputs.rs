//! What can be given: files, folders, archives, junk, and far too much.

#![allow(clippy::unwrap_used)]

mod kit;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use postmortem::{Asked, gather};
use zip::write::SimpleFileOptions;

const ROW: &str =
    "2012-02-06 13:31:17 10.0.0.9 54697 10.0.0.1 80 - - - - - Timer_ConnectionIdle -\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let how = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in members {
        writer.start_file(*name, how).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn a_folder_with_archives_is_read_in_order() {
    let folder = kit::Folder::new();
    folder.put("b/httperr2.log.gz", gzip(kit::refusals("-").as_bytes()));
    folder.put(
        "a/all.zip",
        zip(&[
            ("x/pool.txt", kit::poolmon(" ").as_bytes()),
            ("net.txt", kit::netstat(3, 5).as_bytes()),
        ]),
    );
    folder.put("c/httperr1.log", ROW);
    folder.put(".hidden", "never read");
    let g = gather(&[folder.path().to_owned()], &Asked::default());
    let names: Vec<String> =
        g.inputs.iter().map(|i| i.file.replace(&folder.path().display().to_string(), "")).collect();
    assert_eq!(
        names,
        ["/a/all.zip!x/pool.txt", "/a/all.zip!net.txt", "/b/httperr2.log.gz", "/c/httperr1.log"]
    );
    let log = g.httperr.unwrap();
    assert_eq!((log.records, log.refused), (28, 53), "logs of one host are one log");
    assert_eq!(log.by_reason["Timer_ConnectionIdle"], 1);
    assert_eq!(g.tcp.unwrap().time_wait, 5);
}

#[test]
fn what_cannot_be_used_is_told_and_loses_nothing_else() {
    let folder = kit::Folder::new();
    let noise: Vec<u8> =
        (0..9_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut cut = gzip(kit::refusals("-").as_bytes());
    cut.truncate(cut.len() - 20);
    let paths = [
        folder.put("empty.txt", ""),
        folder.put("noise.bin", noise),
        folder.put("prose.txt", "Dear admin,\nit is down again.\n"),
        folder.put("broken.zip", "PK\u{3}\u{4}nothing"),
        folder.put("cut.log.gz", cut),
        folder.path().join("missing.log"),
        folder.put("httperr1.log", ROW),
    ];
    let g = gather(&paths, &Asked::default());
    let why: Vec<(String, Option<String>)> = g
        .inputs
        .iter()
        .map(|i| (i.file.rsplit('/').next().unwrap().to_owned(), i.unusable_because.clone()))
        .collect();
    for (name, words) in [
        ("empty.txt", "is empty"),
        ("noise.bin", "control characters"),
        ("prose.txt", "nothing that is known"),
        ("broken.zip", "broken zip"),
        ("missing.log", "cannot be opened"),
    ] {
        let (_, because) = why.iter().find(|(n, _)| n == name).unwrap();
        assert!(because.as_ref().unwrap().contains(words), "{name}: {because:?}");
    }
    assert_eq!(why.iter().find(|(n, _)| n == "httperr1.log").unwrap().1, None);
    assert!(g.usable);
    assert!(!gather(&paths[..4], &Asked::default()).usable, "nothing usable was given");
    assert!(!gather(&[], &Asked::default()).usable);
}

#[test]
fn a_bomb_is_cut_and_told() {
    let folder = kit::Folder::new();
    let blank = [vec![b' '; (1 << 20) - 1], vec![b'\n']].concat().repeat(66);
    let mut text = kit::poolmon(" ").into_bytes();
    text.extend(&blank);
    let g = gather(&[folder.put("bomb.zip", zip(&[("pool.txt", &text)]))], &Asked::default());
    let input = &g.inputs[0];
    assert_eq!((input.kind.as_str(), input.records), ("poolmon", 20));
    assert!(
        input.skipped_rows.iter().any(|s| s.reason.contains("longer than 64 MiB")),
        "{input:?}"
    );
}

#[test]
fn a_long_log_is_streamed_past_its_long_line() {
    let folder = kit::Folder::new();
    let mut log = ROW.repeat(2_000);
    log.push_str(&"x".repeat(3 << 20));
    log.push('\n');
    log.push_str(&kit::refusals("-"));
    let g = gather(&[folder.put("httperr1.log", &log)], &Asked::default());
    let input = &g.inputs[0];
    assert_eq!((input.records, input.skipped), (2_027, 1));
    assert_eq!(input.skipped_rows[0].line, 2_001);
    assert!(input.skipped_rows[0].reason.contains("longer than 1 MiB"), "{input:?}");
    assert_eq!(g.httperr.unwrap().refused, 53);
    assert_eq!(g.rows.len(), 28, "two thousand equal rows are one event");
}

#[test]
fn encodings_of_windows_are_read() {
    let folder = kit::Folder::new();
    let utf_16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(kit::poolmon(" ").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let g = gather(&[folder.put("pool.txt", utf_16)], &Asked::default());
    assert_eq!((g.inputs[0].kind.as_str(), g.inputs[0].records), ("poolmon", 20));
}

#[test]
fn rows_that_a_page_has_wrapped_are_joined_at_any_length() {
    let page = "2019-03-14 20:10:10 10.0.0.9 54697 10.0.0.1\n80 HTTP/1.1 GET /a 403 -\nForbidden -\n2019-03-14 23:09:41 10.0.0.9 54697 10.0.0.1 80 - - - - - Timer_ConnectionIdle -\n";
    for times in [1, 6_000] {
        let page = page.repeat(times);
        for (name, bytes, why) in [
            ("page.txt", page.as_bytes().to_vec(), "a file, in parts where it is long"),
            ("page.gz", gzip(page.as_bytes()), "a stream"),
        ] {
            let g = kit::read(name, bytes);
            assert_eq!((g.inputs[0].records, g.inputs[0].skipped), (2 * times as u64, 0), "{why}");
            assert_eq!(g.httperr.unwrap().by_reason["Forbidden"], times as u64, "{why}");
        }
    }
}

#[test]
fn a_long_log_keeps_its_encoding() {
    // 0x96 is the en dash, 0xa0 the no-break space of windows-1252.
    let row = b"2005-09-02 18:45:12\xa0\x96 \x96 \x96 \x96 \x96 \x96 \x96 \x96 \x96 2_Connections_Refused \x96\r\n";
    for times in [1, 4_000] {
        let g = kit::read("blog.txt", row.repeat(times));
        assert_eq!(g.httperr.unwrap().refused, 2 * times as u64, "{times} rows");
    }
}
