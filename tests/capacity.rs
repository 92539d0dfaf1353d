//! Capacity: the law, virtual time beside it, and what a record shows.

use serde_json::Value;

use crate::kit::{Ran, churnlab};

fn told(args: &[&str]) -> Value {
    let output = churnlab().arg("capacity").args(args).arg("--format=json").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_client_like_server_2003_that_closes_first_bears_16_6_a_second() {
    let told = told(&["scenarios/client-port-exhaustion.toml", "--no-what-if"]);
    let first = &told["bounds"][0];
    assert_eq!(
        (&first["resource"], &first["direction"]),
        (&"client-ports".into(), &"outgoing".into())
    );
    let law = told["what_if"][0]["law"].as_f64().unwrap();
    assert!((law - 16.6).abs() < 0.05, "3,976 ports / 240 s, not {law}");
    let simulated = told["what_if"][0]["simulation"].as_f64().unwrap();
    assert!((simulated / law - 1.0).abs() < 0.02, "{simulated} against {law}");
    assert_eq!(told["sustainable"]["by"], "simulation");
    assert!(told["sustainable"]["fails_at_per_s"].as_f64().unwrap() > simulated);
    assert_eq!(told["what_if"][0]["measured"], Value::Null, "nobody measured it");
    assert_eq!(told["what_if"][1]["simulation"], Value::Null, "nobody tried it");
}

#[test]
fn a_record_is_computed_and_narrowed_where_something_is_missing() {
    let short = ["--set=load.duration=2s", "--set=target.time_scale=240"];
    let ran = Ran::new(&[&["scenarios/target-time-wait.toml"], &short[..]].concat()).exits(0);
    let run = ran.folder.run();
    let whole = told(&[run.to_str().unwrap()]);
    assert_eq!(whole["bounds"][0]["resource"], "nonpaged-pool");
    assert_eq!(whole["bounds"][0]["direction"], "incoming");
    assert!(whole["sustainable"]["per_s"].as_f64().unwrap() > 100.0, "{whole}");
    assert_eq!(whole["sustainable"]["by"], "law");

    let output = churnlab().args(["capacity", "--ground=lab"]).arg(&run).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("a record is computed, not run"));

    std::fs::remove_file(run.join("samples.ndjson")).unwrap();
    let blind = told(&[run.to_str().unwrap()]);
    assert_eq!(blind["sustainable"], Value::Null);
    assert!(
        blind["not_tested"].to_string().contains("no sample of generator and target"),
        "{blind}"
    );
}

#[test]
fn what_is_asked_wrongly_is_a_sentence() {
    let leak = "scenarios/nonpaged-pool-leak.toml";
    for (args, words) in [
        (&[leak, "--horizon=soon"][..], "--horizon soon: write it like"),
        (&[leak, "--ground=live"], "a live host is asked by the record of a run on it"),
        (&["no-such-scenario"], "neither a file nor a built-in scenario"),
        (&[leak, "--p99=fast"], "--p99 fast"),
    ] {
        let output = churnlab().arg("capacity").args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(words), "{args:?}: {said}");
    }
}
