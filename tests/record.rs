//! What a run leaves on disk is complete, and its numbers add up.

use crate::kit::{Ran, churnlab, json, ndjson};

const SHORT: [&str; 3] = [
    "scenarios/healthy-baseline.toml",
    "--set=load.duration=2s",
    "--set=load.arrival.per_second=100",
];

#[test]
fn the_run_directory_holds_what_happened_and_can_be_told_again() {
    let ran = Ran::new(&SHORT).exits(0);
    let dir = ran.folder.run();
    let name = dir.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.ends_with("-healthy-baseline"), "{name}");
    let run = json(&dir.join("run.json"));
    assert_eq!(run["scenario"]["load"]["duration"], "2s");
    assert!(run["clocks"].as_array().unwrap().iter().any(|c| c["vantage"] == "target"));

    let findings = ran.findings();
    let ticks = ndjson(&dir.join("intervals.ndjson"));
    let sum = |key: &str| ticks.iter().map(|t| t[key].as_u64().unwrap()).sum::<u64>();
    for key in ["offered", "begun", "served", "failed", "not_sent"] {
        assert_eq!(findings["attempts"][key], sum(key), "{key}");
    }
    assert_eq!(sum("offered"), 200);

    let samples = ndjson(&dir.join("samples.ndjson"));
    for vantage in ["generator", "target", "probe"] {
        assert!(samples.iter().any(|s| s["vantage"] == vantage), "no sample of {vantage}");
    }
    assert!(samples.iter().any(|s| s["t_s"].as_f64().unwrap() < 0.0), "no sample before the load");
    assert!(dir.join("events.ndjson").exists());
    assert!(dir.join("latency.hlog").metadata().unwrap().len() > 200);
    let report = std::fs::read_to_string(dir.join("report.md")).unwrap();
    assert!(report.contains("predicted"), "{report}");

    let again = churnlab().args(["report", "--format=json"]).arg(&dir).output().unwrap();
    let again: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(again, findings, "a record judged again gives the same findings");
}

#[test]
fn stdout_is_data_and_names_the_claim() {
    let mut args = SHORT.to_vec();
    args.push("--format=json");
    let ran = Ran::new(&args).exits(0);
    let printed: serde_json::Value = serde_json::from_str(&ran.stdout()).unwrap();
    assert_eq!(printed, ran.findings());
    let keys: Vec<&str> = printed.as_object().unwrap().keys().map(String::as_str).collect();
    for key in [
        "format",
        "run",
        "valid",
        "not_valid_because",
        "attempts",
        "failures",
        "verdict",
        "hypotheses",
        "resources",
        "forecast",
    ] {
        assert!(keys.contains(&key), "findings.json lacks {key}");
    }
    assert_eq!(keys.len(), 10, "findings.json holds nothing else: {keys:?}");
}

#[test]
fn several_scenarios_give_a_record_each() {
    let mut args = SHORT.to_vec();
    args.insert(1, "scenarios/target-time-wait.toml");
    let ran = Ran::new(&args).exits(0);
    assert_eq!(ran.folder.runs().len(), 2);
}
