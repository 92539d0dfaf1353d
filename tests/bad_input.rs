//! Every problem is a sentence with its place, all in one answer, and nothing is started.

use std::process::Command;

use crate::kit::{Folder, Ran, churnlab};

const BAD: &str = r#"name = "bad"
summary = "every mistake at once"
[target]
profile = "windows-2003-x86-3gb"
colour = "blue"
[target.pool]
baseline = "105 stones"
[load]
arrival = { kind = "constant", per_second = 0 }
duration = "0s"
close = "target-first"
source_ports = "5000-1025"
[expect]
cause = "gremlins"
"#;

#[test]
fn every_problem_of_a_scenario_is_told_at_once_with_its_line() {
    let folder = Folder::new();
    let file = folder.file("bad.toml", BAD);
    let ran = Ran::new(&[&file]).exits(2);
    let said = ran.stderr();
    for (line, word) in [
        (5, "colour"),
        (7, "105 stones"),
        (9, "per_second"),
        (10, "duration"),
        (12, "5000-1025"),
        (14, "gremlins"),
    ] {
        let place = format!("{file}:{line}: ");
        let told = said.lines().find(|l| l.starts_with(&place));
        assert!(
            told.is_some_and(|l| l.contains(word)),
            "line {line} ({word}) is missing in:\n{said}"
        );
    }
    assert!(ran.folder.runs().is_empty(), "nothing may be started");
}

#[test]
fn a_scenario_that_is_not_there_is_told_with_the_built_in_ones() {
    let ran = Ran::new(&["no-such-story"]).exits(2);
    assert!(ran.stderr().contains("nonpaged-pool-leak"), "{}", ran.stderr());
}

#[test]
fn a_foreign_target_is_refused_unless_it_is_named() {
    for target in ["http://192.168.7.7/", "http://10.0.0.1:8080/", "http://192.0.2.1/"] {
        let ran = Ran::new(&["healthy-baseline", "--target", target]).exits(2);
        assert!(ran.stderr().contains("--i-am-authorised-to-test"), "{}", ran.stderr());
        assert!(ran.folder.runs().is_empty(), "nothing may be started");
    }
}

#[test]
fn an_unwritable_results_folder_is_told_with_what_to_do() {
    let folder = Folder::new();
    let file = folder.file("results", "a file stands where the folder should be");
    let out = churnlab().args(["run", "healthy-baseline", "--out", &file]).output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.contains("--out"), "the sentence says what to do: {said}");
}

#[test]
fn too_few_descriptors_are_told_before_anything_starts() {
    let folder = Folder::new();
    let script = format!(
        "ulimit -n 40; exec {} run healthy-baseline --out {}",
        env!("CARGO_BIN_EXE_churnlab"),
        folder.path().display()
    );
    let out = Command::new("sh").args(["-c", &script]).output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.contains("ulimit -n"), "{said}");
}

#[test]
fn a_port_in_use_is_told() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = held.local_addr().unwrap().to_string();
    let folder = Folder::new();
    let out = churnlab()
        .args(["target", "healthy-baseline", "--listen", &address, "--doors", "127.0.0.1:0"])
        .arg("--httperr-dir")
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.contains(&address) && said.contains("in use"), "{said}");
}

#[test]
fn what_is_not_built_is_refused_with_a_sentence() {
    for (args, word) in [
        (&["--ground", "simulate", "--target", "http://127.0.0.1:1/"][..], "its own target"),
        (&["--ground", "moon"], "simulate, lab and live"),
        (&["--target", "https://127.0.0.1/"], "TLS"),
    ] {
        let mut all = vec!["healthy-baseline"];
        all.extend(args);
        let ran = Ran::new(&all).exits(2);
        assert!(ran.stderr().contains(word), "{}", ran.stderr());
    }
}
