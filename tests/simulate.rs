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
fn each_target_of_a_farm_is_judged_by_its_own_share() {
    let leak = "scenarios/nonpaged-pool-leak.toml";
    let uneven = Ran::new(&[leak, SIMULATE, "--set=farm.weights=[3,1]"]).exits(0);
    assert_eq!(causes(&uneven.findings()), ["nonpaged-pool"]);
    let notes = json(&uneven.folder.run().join("run.json"))["notes"].to_string();
    assert!(notes.contains("those it was given, 3 of 4"), "{notes}");
    assert!(notes.contains("target-2: "), "a third of the leak fills no pool: {notes}");
    let even = ["--set=farm.targets=2", "--set=load.arrival.per_second=800"];
    let even = Ran::new(&[&[leak, SIMULATE], &even[..]].concat()).exits(0);
    let notes = json(&even.folder.run().join("run.json"))["notes"].to_string();
    assert!(notes.contains("alike") && !notes.contains("target-2: "), "{notes}");
    let lab = churnlab().args(["run", leak, "--set=farm.targets=2"]).output().unwrap();
    assert_eq!(lab.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&lab.stderr).contains("--ground simulate"));
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

/// What the two grounds are compared by.
struct Measured {
    first_refusal_s: f64,
    time_wait: f64,
    bytes_per_connection: f64,
}

impl Measured {
    fn of(ran: &Ran) -> Self {
        let dir = ran.folder.run();
        let failures = ran.findings()["failures"].as_array().unwrap().clone();
        let first =
            failures.iter().map(|f| f["first_s"].as_f64().unwrap()).fold(f64::MAX, f64::min);
        let samples = ndjson(&dir.join("samples.ndjson"));
        let of_target = samples.iter().filter(|s| s["vantage"] == "target");
        // TIME_WAIT lasts 4 s, and refusals begin after 7: in between it is level.
        let at = |s: &&Value, from: f64, to: f64| {
            s["t_s"].as_f64().is_some_and(|t_s| (from..to).contains(&t_s))
        };
        let level: Vec<&Value> = of_target.clone().filter(|s| at(s, 4.5, 7.0)).collect();
        let waiting = level.iter().filter_map(|s| s["tcp"]["time_wait_accepted"].as_f64());
        let (sum, n) = waiting.fold((0.0, 0.0), |(sum, n), w| (sum + w, n + 1.0));
        let held = |s: &Value| {
            let tags = s["pool_tags"].as_array().unwrap();
            let leak = tags.iter().find(|tag| tag["tag"] == "ISil");
            let bytes = leak.map_or(0.0, |tag| tag["bytes"].as_f64().unwrap());
            (bytes, s["counters"]["windows_tcp_connections_passive_total"].as_f64().unwrap())
        };
        let (first_held, last_held) = (held(level[0]), held(level[level.len() - 1]));
        Self {
            first_refusal_s: first,
            time_wait: sum / n,
            bytes_per_connection: (last_held.0 - first_held.0) / (last_held.1 - first_held.1),
        }
    }
}

#[test]
fn virtual_time_and_real_sockets_agree_within_two_per_cent() {
    let story = "scenarios/nonpaged-pool-leak.toml";
    let simulated = Measured::of(&Ran::new(&[story, SIMULATE]).exits(0));
    let real = Measured::of(&Ran::new(&[story]).exits(0));
    for (what, simulated, real) in [
        ("first refusal, s", simulated.first_refusal_s, real.first_refusal_s),
        ("TIME_WAIT", simulated.time_wait, real.time_wait),
        ("bytes per connection", simulated.bytes_per_connection, real.bytes_per_connection),
    ] {
        let off = (simulated - real).abs() / real;
        assert!(off <= 0.02, "{what}: {simulated} in virtual time, {real} in the lab");
    }
}
