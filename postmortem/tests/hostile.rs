//! What nobody should give and somebody will: bombs, loops, pipes, one line without an end.

#![allow(clippy::unwrap_used)]

mod kit;

use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use model::diagnosis::Input;
use postmortem::{Asked, Gathered, gather};

const ROW: &str =
    "2012-02-06 13:31:17 10.0.0.9 54697 10.0.0.1 80 - - - - - Timer_ConnectionIdle -\n";

/// What was said of the input whose name ends so.
fn because(g: &Gathered, name: &str) -> String {
    let found = g.inputs.iter().find(|input| input.file.ends_with(name));
    let found = found.unwrap_or_else(|| panic!("{name} is missing in {:?}", g.inputs));
    found.unusable_because.clone().unwrap_or_default()
}

fn read(path: &Path) -> Gathered {
    gather(&[path.to_owned()], &Asked::default())
}

fn gzip(mut plain: impl Read) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::copy(&mut plain, &mut encoder).unwrap();
    encoder.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let how = zip::write::SimpleFileOptions::default();
    for (name, bytes) in members {
        writer.start_file(*name, how).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// So many bytes of one kind, `at` the beginning something else.
fn filled(at: &'static str, byte: u8, mib: u64) -> impl Read {
    at.as_bytes().chain(std::io::repeat(byte).take(mib << 20))
}

#[test]
fn what_holds_nothing_is_not_read_to_its_end() {
    let folder = kit::Folder::new();
    for (name, at, byte, mib, words, why) in [
        ("zeros.gz", "", 0, 1, "64 KiB of zeros", "a bomb of zeros"),
        ("blanks.gz", "\n", b' ', 1, "64 KiB of zeros or blanks", "a bomb of blanks"),
        ("x.gz", "", b'x', 5, "first 4 MiB", "one line of prose without an end"),
        ("binary.gz", "\u{1}\u{2}\u{3}\u{4}\u{5}", 1, 1, "is no text", "a bomb of junk"),
        ("png.gz", "\u{89}", 7, 1, "is no text", "a picture"),
        (
            "log.gz",
            "2012-02-06 13:31:17 10.0.0.9 54697 10.0.0.1 80 - - /",
            b'a',
            2,
            "no row that can be read",
            "one row without an end",
        ),
    ] {
        let g = read(&folder.put(name, gzip(filled(at, byte, mib))));
        let said = because(&g, name);
        assert!(said.contains(words) && !g.usable, "{why}: {said}");
    }
}

#[test]
fn an_archive_within_an_archive_is_told() {
    let folder = kit::Folder::new();
    let inner = zip(&[("a.log", ROW.as_bytes())]);
    let outer =
        zip(&[("in.zip", &inner), ("b/.DS_Store", b"\0\0\0\x01"), ("b/c.log", ROW.as_bytes())]);
    let g = read(&folder.put("outer.zip", outer));
    assert_eq!(because(&g, "outer.zip!in.zip"), "is a zip archive");
    assert_eq!((g.inputs.len(), g.usable), (2, true), "hidden members are passed over");
}

#[test]
fn what_was_cut_is_read_up_to_there() {
    let folder = kit::Folder::new();
    // Rows that compress badly, so that a cut file holds most of them.
    let row = |n: u32| {
        let n = n.wrapping_mul(2_654_435_761);
        ROW.replace("54697", &(1025 + n % 60_000).to_string())
            .replace("10.0.0.9", &format!("10.{}.{}.9", n >> 8 & 255, n >> 16 & 255))
    };
    for rows in [100_u32, 20_000] {
        let whole = gzip((0..rows).map(row).collect::<String>().as_bytes());
        let g = read(&folder.put("cut.log.gz", &whole[..whole.len() * 9 / 10]));
        let Input { records, skipped_rows, .. } = &g.inputs[0];
        assert!((rows / 2..rows).contains(&(*records as u32)), "{records} of {rows}");
        let last = &skipped_rows.last().unwrap().reason;
        assert!(last.contains("breaks off"), "{last}");
    }
    let whole = zip(&[("a.log", ROW.as_bytes())]);
    let g = read(&folder.put("cut.zip", &whole[..whole.len() - 8]));
    assert!(because(&g, "cut.zip").contains("broken zip"), "its index stands at its end");
}

#[test]
fn folders_that_lead_nowhere_are_told() {
    let folder = kit::Folder::new();
    let root = folder.path();
    folder.put("in/a.log", ROW);
    folder.put("in/.hidden/b.log", ROW);
    symlink(root, root.join("in/up")).unwrap();
    symlink("a.log", root.join("in/again.log")).unwrap();
    symlink("nowhere", root.join("in/gone.log")).unwrap();
    std::fs::create_dir_all(root.join("empty")).unwrap();
    std::fs::create_dir_all(root.join("in/1/2/3/4/5/6/7/8/9/10")).unwrap();
    let pipe = root.join("in/pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let given = [root.join("in"), root.join("empty"), pipe, root.join("in/gone.log")];
    let g = gather(&given, &Asked::default());
    let log = g.httperr.as_ref().unwrap();
    assert_eq!(log.records, 1, "only a.log, and once: {:?}", g.inputs);
    for (name, words) in [
        ("in/up", "is a link"),
        ("in/again.log", "is a link"),
        ("in/pipe", "neither a file nor a folder"),
        ("in/gone.log", "cannot be opened"),
        ("/empty", "holds no file"),
        ("in/1/2/3/4/5/6/7/8/9", "deeper than 8"),
    ] {
        let all = g.inputs.iter().filter(|input| input.file.ends_with(name));
        let said: Vec<_> = all.filter_map(|input| input.unusable_because.as_ref()).collect();
        assert!(said.iter().any(|said| said.contains(words)), "{name}: {said:?}");
    }
}

#[test]
fn a_file_given_twice_is_counted_once() {
    let folder = kit::Folder::new();
    let log = folder.put("a.log", ROW);
    let link = folder.path().join("link.log");
    symlink(&log, &link).unwrap();
    let given = [log.clone(), folder.path().join("./a.log"), link, folder.path().to_owned()];
    let g = gather(&given, &Asked::default());
    assert_eq!(g.httperr.as_ref().unwrap().records, 1);
    assert!(because(&g, "./a.log").contains("once more"), "{:?}", g.inputs);
    assert_eq!(g.inputs.len(), 5, "the folder's file and its link are told as well");
}

#[test]
fn five_hundred_files_are_one_log() {
    let folder = kit::Folder::new();
    for n in 0..500 {
        let day = format!("2012-{:02}-{:02}", 1 + n / 28 % 12, 1 + n % 28);
        folder.put(
            &format!("{}/httperr{n}.log", n % 7),
            ROW.replace("2012-02-06", &day).repeat(n + 1),
        );
    }
    let g = read(folder.path());
    assert_eq!(g.inputs.len(), 500);
    let log = g.httperr.unwrap();
    assert_eq!(log.records, 500 * 501 / 2);
    assert_eq!(log.first.as_deref(), Some("2012-01-01 13:31:17"));
}
