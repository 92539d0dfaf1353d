//! Comparing runs: what a change board and a pipeline rely on, and what is told of bad input.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::kit::{Ran, churnlab, json};

const SHORT: [&str; 4] = [
    "scenarios/healthy-baseline.toml",
    "--set=load.duration=2s",
    "--set=load.arrival.per_second=100",
    "--set=target.time_scale=240",
];

fn compare(args: &[&str]) -> Output {
    churnlab().arg("compare").args(args).output().unwrap()
}

fn compared(base: &Path, new: &Path) -> Value {
    let output = compare(&["--format=json", base.to_str().unwrap(), new.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A run directory again, under another name.
fn copied(run: &Path, name: &str) -> PathBuf {
    let to = run.with_file_name(name);
    std::fs::create_dir(&to).unwrap();
    for entry in std::fs::read_dir(run).unwrap().map(|e| e.unwrap()) {
        if entry.path().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    to
}

/// Changes a JSON file of a run.
fn edited(run: &Path, file: &str, edit: impl Fn(&mut Value)) {
    let path = run.join(file);
    let mut value = json(&path);
    edit(&mut value);
    std::fs::write(&path, serde_json::to_string(&value).unwrap()).unwrap();
}

fn left_out(compared: &Value) -> String {
    compared["left_out"].to_string()
}

#[test]
fn a_threshold_that_is_crossed_exits_with_three() {
    let ran = Ran::new(&SHORT).exits(0);
    let run = ran.folder.run();
    let run = run.to_str().unwrap();
    for (fail_on, code) in [("time_wait.peak>+10%", 0), ("attempts.served>=200", 3)] {
        let output = compare(&[run, run, "--fail-on", fail_on]);
        assert_eq!(output.status.code(), Some(code), "{fail_on}");
    }
    let output = compare(&[run, run, "--fail-on", "time_wate.peak>1", "--fail-on", "x"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("time_wate") && said.contains("\"x\""), "every slip at once: {said}");
}

#[test]
fn a_folder_or_a_list_of_repeats_is_a_side() {
    let ran = Ran::new(&SHORT).exits(0);
    let first = ran.folder.run();
    let second = copied(&first, "again");
    let folder = compared(ran.folder.path(), ran.folder.path());
    assert_eq!(folder["base"]["runs"].as_array().unwrap().len(), 2);
    let list = format!("{},{}", first.display(), second.display());
    let listed = compared(Path::new(&list), &first);
    assert_eq!(listed["base"]["runs"].as_array().unwrap().len(), 2);
    assert!(left_out(&listed).contains("one run only"), "{listed}");
    let measure = |name: &str| {
        let all = folder["measures"].as_array().unwrap();
        all.iter().find(|m| m["measure"] == name).unwrap().clone()
    };
    assert_eq!(measure("attempts.served")["base"], serde_json::json!([200.0, 200.0]));
    assert_eq!(measure("latency.p99")["finding"], "no-evidence", "{folder}");
    assert_eq!(measure("time_wait.plateau")["vantage"], "target");
}

#[test]
fn what_is_broken_narrows_the_answer_and_is_told() {
    let ran = Ran::new(&SHORT).exits(0);
    let run = ran.folder.run();
    let whole = compared(&run, &run);
    assert!(!left_out(&whole).contains("missing"), "{whole}");

    let cut = copied(&run, "cut");
    let rows = std::fs::read_to_string(cut.join("intervals.ndjson")).unwrap();
    std::fs::write(cut.join("intervals.ndjson"), &rows[..rows.len() / 2]).unwrap();
    let told = left_out(&compared(&run, &cut));
    assert!(told.contains("the load on record ends at"), "{told}");

    let blind = copied(&run, "blind");
    std::fs::remove_file(blind.join("samples.ndjson")).unwrap();
    let told = compared(&run, &blind);
    assert!(left_out(&told).contains("no sample of generator and target"), "{told}");
    let kept = told["measures"].as_array().unwrap();
    assert!(kept.iter().any(|m| m["measure"] == "latency.p99"), "{told}");
    assert!(kept.iter().all(|m| m["measure"] != "time_wait.peak"), "{told}");

    let other = copied(&run, "other");
    edited(&other, "run.json", |run| run["scenario_name"] = "another".into());
    let told = compared(&run, &other);
    assert!(left_out(&told).contains("different scenarios (another, healthy-baseline)"), "{told}");
    assert_eq!(told["measures"], serde_json::json!([]));
}

#[test]
fn findings_alone_are_compared_and_another_format_is_refused() {
    let ran = Ran::new(&SHORT).exits(0);
    let run = ran.folder.run();
    let findings = run.join("findings.json");
    let told = compared(&run, &findings);
    assert!(left_out(&told).contains("told from findings.json alone"), "{told}");
    assert!(told["measures"].as_array().unwrap().iter().any(|m| m["measure"] == "time_wait.peak"));

    edited(&run, "findings.json", |findings| findings["format"] = 9.into());
    let output = compare(&[run.to_str().unwrap(), findings.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("it has format 9, and this version reads format 1"), "{said}");
    let list = format!("{},{}", run.display(), findings.display());
    let told = compared(&run, Path::new(&list));
    assert!(left_out(&told).contains("is left out: it has format 9"), "{told}");
}

#[test]
fn a_threshold_of_a_scenario_decides_how_a_run_came_out() {
    let with = |threshold: &str| {
        let set = format!("--set=expect.thresholds=[\"{threshold}\"]");
        let mut args = SHORT.to_vec();
        args.push(&set);
        Ran::new(&args)
    };
    with("time_wait.peak < 12000").exits(0);
    let ran = with("attempts.served < 100").exits(3);
    assert!(
        ran.stdout().contains("attempts.served < 100 does not hold: it is 200"),
        "{}",
        ran.stdout()
    );
}
