//! The same scenarios in virtual time leave the same record and get the same verdict.

use serde_json::Value;

use crate::kit::{Ran, causes, churnlab, diagnosed, json, ndjson};

const SIMULATE: &str = "--ground=simulate";

/// Every story of the folder, by its expected causes.
fn stories() -> Vec<(String, Vec<String>)> {
    let mut stories = Vec::new();
    for entry in std::fs::read_dir(crate::kit::root().join("scenarios")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_none_or(|e| e != "toml") || name == "Cargo" {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let story: toml::Table = text.parse().unwrap();
        let causes = match &story["expect"]["cause"] {
            toml::Value::String(none) if none == "none" => Vec::new(),
            toml::Value::String(one) => vec![one.clone()],
            all => all.as_array().unwrap().iter().map(|c| c.as_str().unwrap().into()).collect(),
        };
        stories.push((name, causes));
    }
    stories
}

#[test]
fn every_story_gets_its_verdict_without_a_socket() {
    for (name, expected) in stories() {
        let ran = Ran::new(&[&format!("scenarios/{name}.toml"), SIMULATE]).exits(0);
        let findings = ran.findings();
        assert_eq!(causes(&findings), expected, "{name}");
        assert_eq!(findings["run"]["ground"], "simulate", "{name}");
        assert_eq!(findings["run"]["claim"], "predicted", "{name}");
        let again = diagnosed(&ran.folder.run(), &[]);
        assert_eq!(again["verdict"], findings["verdict"], "{name}: its own files, diagnosed");
    }
}

#[test]
fn the_record_is_that_of_any_run_and_is_judged_again_the_same() {
    let ran = Ran::new(&["scenarios/nonpaged-pool-leak.toml", SIMULATE]).exits(0);
    let dir = ran.folder.run();
    let samples = ndjson(&dir.join("samples.ndjson"));
    for vantage in ["generator", "target", "probe"] {
        assert!(samples.iter().any(|s| s["vantage"] == vantage), "no sample of {vantage}");
    }
    let log = std::fs::read_to_string(dir.join("httperr/httperr1.log")).unwrap();
    assert!(log.starts_with("#Software") && log.contains("_Connections_Refused"), "{log}");
    let refused = |row: &&Value| row["reason"] == "Connections_Refused";
    assert!(ndjson(&dir.join("events.ndjson")).iter().any(|row| refused(&row)));
    assert!(std::fs::read_to_string(dir.join("latency.hlog")).unwrap().contains("Tag=total"));
    let again = churnlab().args(["report", "--format=json"]).arg(&dir).output().unwrap();
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(again, json(&dir.join("findings.json")));
}

#[test]
fn a_long_run_leaves_a_small_record() {
    let ran = Ran::new(&[
        "scenarios/healthy-baseline.toml",
        SIMULATE,
        "--set=load.duration=3h",
        "--set=load.arrival.per_second=40",
        "--set=target.time_scale=1",
    ])
    .exits(0);
    assert_eq!(ran.findings()["attempts"]["served"], 40 * 3 * 3600);
    let bytes: u64 = std::fs::read_dir(ran.folder.run())
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert!(bytes < 40_000_000, "{bytes}");
    assert!(ran.stdout().contains("looked at every"), "{}", ran.stdout());
}
