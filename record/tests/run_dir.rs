//! The run directory: a free name, whole files, and sentences where it cannot be made.

#![allow(clippy::unwrap_used)]

mod kit;

use std::fs;
use std::path::Path;

use kit::{Folder, run_info};
use record::RunDir;

const STAMP: &str = "2026-01-31T10-00-00Z";

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_taken_name_gets_a_number_and_is_left_alone() {
    let folder = Folder::new();
    let parent = folder.path().join("not/there/yet");
    let first = RunDir::create(&parent, "leak", STAMP).unwrap();
    first.write_text("report.md", "first").unwrap();
    for _ in 0..2 {
        RunDir::create(&parent, "leak", STAMP).unwrap();
    }
    let name = "2026-01-31T10-00-00Z-leak";
    assert_eq!(names(&parent), [name.to_owned(), format!("{name}-2"), format!("{name}-3")]);
    assert_eq!(fs::read_to_string(first.path().join("report.md")).unwrap(), "first");
}

#[test]
fn a_name_never_leads_out_of_the_folder() {
    for (scenario, stamp, expected) in [
        ("../../etc/passwd", STAMP, "2026-01-31T10-00-00Z--..-etc-passwd"),
        ("größe a|b", "2026-01-31T10:00:00Z", "2026-01-31T10-00-00Z-gr--e-a-b"),
        ("leak", "..", "-leak"),
    ] {
        let folder = Folder::new();
        RunDir::create(folder.path(), scenario, stamp).unwrap();
        assert_eq!(names(folder.path()), [expected], "{scenario}");
    }
    let folder = Folder::new();
    RunDir::create(folder.path(), &"x".repeat(5000), STAMP).unwrap();
    assert_eq!(names(folder.path())[0].len(), STAMP.len() + 1 + 100, "a long name is shortened");
}

#[test]
fn files_are_replaced_whole_and_leave_no_parts() {
    let folder = Folder::new();
    let dir = RunDir::create(folder.path(), "leak", STAMP).unwrap();
    dir.write_run_info(&run_info()).unwrap();
    dir.write_text("report.md", "a long first text").unwrap();
    dir.write_text("report.md", "short").unwrap();
    assert_eq!(names(dir.path()), ["report.md", "run.json"]);
    assert_eq!(fs::read_to_string(dir.path().join("report.md")).unwrap(), "short");
    let again = RunDir::existing(dir.path()).unwrap();
    assert_eq!(again.path(), dir.path());
    assert!(RunDir::existing(folder.path()).is_err(), "a folder without run.json is no run");
}

#[test]
fn a_folder_that_cannot_be_made_is_told_with_what_to_do() {
    let folder = Folder::new();
    let file = folder.path().join("results");
    fs::write(&file, "").unwrap();
    let error = RunDir::create(&file, "leak", STAMP).unwrap_err().to_string();
    assert!(
        error
            .ends_with("is a file, not a folder; name a folder for run directories with --out DIR")
    );
    let error = RunDir::create(&file.join("below"), "leak", STAMP).unwrap_err().to_string();
    assert!(error.starts_with("cannot make the folder "), "{error}");
    assert!(error.ends_with("; name another folder with --out DIR"), "{error}");
}

#[test]
fn a_file_that_cannot_be_written_is_told_with_its_path() {
    let folder = Folder::new();
    let dir = RunDir::create(folder.path(), "leak", STAMP).unwrap();
    // A folder in the file's place refuses root as well.
    fs::create_dir_all(dir.path().join("report.md/in-the-way")).unwrap();
    let error = dir.write_text("report.md", "text").unwrap_err().to_string();
    assert!(error.starts_with("cannot write ") && error.contains("report.md"), "{error}");
    assert_eq!(names(dir.path()), ["report.md"], "no part is left behind");
}
