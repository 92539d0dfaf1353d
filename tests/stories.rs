//! Every scenario gives its expected verdict with real sockets, and others like it do just as well.

use serde_json::Value;

use crate::kit::{Ran, causes, diagnosed, json, namespaces, stance};

fn cause<'a>(findings: &'a Value, name: &str) -> &'a Value {
    let all = findings["verdict"]["causes"].as_array().unwrap();
    all.iter().find(|c| c["cause"] == name).unwrap_or_else(|| panic!("no {name} in {all:?}"))
}

fn because_of(findings: &Value, name: &str) -> Vec<String> {
    let behind = cause(findings, name)["because_of"].as_array().unwrap();
    behind.iter().map(|b| b.as_str().unwrap().to_owned()).collect()
}

/// The run's findings, which a post-mortem of its own files must find as well: every run here is read
/// back by both readers. The error log alone, without the load, must at least accuse nobody else.
fn judged(ran: &Ran) -> Value {
    let (findings, dir) = (ran.findings(), ran.folder.run());
    let profile = json(&dir.join("run.json"))["target"]["profile"].as_str().unwrap().to_owned();
    let log = diagnosed(&dir.join("httperr"), &["--profile", &profile]);
    for cause in causes(&log) {
        assert!(causes(&findings).contains(&cause), "{cause} by the error log alone");
    }
    let again = diagnosed(&dir, &[]);
    for told in ["run", "attempts", "failures", "verdict", "hypotheses", "resources"] {
        assert_eq!(again[told], findings[told], "{told} of the same record by diagnose");
    }
    findings
}

#[test]
fn healthy_baseline_finds_nothing() {
    let findings = judged(&Ran::new(&["scenarios/healthy-baseline.toml"]).exits(0));
    assert_eq!(causes(&findings), Vec::<String>::new());
    assert_eq!(findings["attempts"]["failed"], 0);
    assert_eq!(findings["attempts"]["not_sent"], 0);
    assert_eq!(findings["verdict"]["unexplained"], 0);
}

#[test]
fn nonpaged_pool_leak_names_the_leaking_tag() {
    let findings = judged(&Ran::new(&["scenarios/nonpaged-pool-leak.toml"]).exits(0));
    assert_eq!(causes(&findings), ["nonpaged-pool"]);
    assert_eq!(because_of(&findings, "nonpaged-pool"), ["tag ISil"]);
    assert_eq!(stance(&findings, "listener-down"), "contradicted");
    assert_eq!(findings["run"]["claim"], "predicted");
}

#[test]
fn the_leak_is_told_with_the_other_refusal_shape_too() {
    let set = "target.refuse=\"accept-then-reset\"";
    let ran = Ran::new(&["scenarios/nonpaged-pool-leak.toml", "--set", set]).exits(0);
    let findings = judged(&ran);
    assert_eq!(causes(&findings), ["nonpaged-pool"]);
    let failures = findings["failures"].as_array().unwrap();
    assert!(failures.iter().any(|f| f["name"] == "ECONNRESET"), "{failures:?}");
}

#[test]
fn another_leak_tag_rate_and_baseline_is_told_just_as_well() {
    let ran = Ran::new(&[
        "scenarios/nonpaged-pool-leak.toml",
        "--set=target.leak.0.tag=SavE",
        "--set=target.leak.0.bytes_per_connection=5000",
        "--set=target.pool.baseline=101MiB",
        "--set=load.arrival.per_second=250",
        "--set=load.duration=10s",
        "--set=seed=99",
        "--set=expect.first_failure.after=2s",
        "--set=expect.first_failure.before=9s",
    ]);
    let findings = judged(&ran.exits(0));
    assert_eq!(causes(&findings), ["nonpaged-pool"]);
    assert_eq!(because_of(&findings, "nonpaged-pool"), ["tag SavE"]);
}

#[test]
fn client_port_exhaustion_is_the_kernels_own_word_and_never_sent() {
    if !namespaces() {
        println!("skipped: no namespaces here, and the host's own port range must not be touched");
        return;
    }
    let findings = judged(&Ran::new(&["scenarios/client-port-exhaustion.toml"]).exits(0));
    assert_eq!(causes(&findings), ["client-ports"]);
    let failures = findings["failures"].as_array().unwrap();
    assert!(!failures.is_empty());
    for failure in failures {
        assert_eq!(failure["outcome"], "not-sent", "{failure}");
        assert!([98, 99].contains(&failure["os_code"].as_i64().unwrap()), "{failure}");
    }
    assert_eq!(findings["attempts"]["failed"], 0);
    let ports =
        findings["resources"].as_array().unwrap().iter().find(|r| r["name"] == "client-ports");
    assert_eq!(ports.unwrap()["limit"]["value"], 3976, "1025 to 5000");
}

#[test]
fn time_wait_piles_up_on_the_target_and_nothing_is_refused() {
    let findings = judged(&Ran::new(&["scenarios/target-time-wait.toml"]).exits(0));
    assert_eq!(causes(&findings), Vec::<String>::new());
    let resources = findings["resources"].as_array().unwrap();
    let peak = resources.iter().find(|r| r["name"] == "time-wait" && r["vantage"] == "target");
    let served = findings["attempts"]["served"].as_u64().unwrap();
    let peak = peak.unwrap()["peak"].as_u64().unwrap();
    assert!(peak > served * 9 / 10, "the target closes first: {peak} TIME_WAIT after {served}");
}

#[test]
fn a_listener_that_went_away_is_not_blamed_on_the_pool() {
    let findings = judged(&Ran::new(&["scenarios/refused-but-not-exhausted.toml"]).exits(0));
    assert_eq!(causes(&findings), ["listener-down"]);
    assert_eq!(stance(&findings, "nonpaged-pool"), "contradicted");
}

#[test]
fn a_pool_just_above_its_gate_refuses_nothing() {
    let findings = judged(&Ran::new(&["scenarios/exhausted-but-not-refused.toml"]).exits(0));
    assert_eq!(causes(&findings), Vec::<String>::new());
    let resources = findings["resources"].as_array().unwrap();
    let pool = resources.iter().find(|r| r["name"] == "nonpaged-pool").unwrap();
    let headroom = pool["headroom_min"].as_i64().unwrap();
    let gate = 20 * 1024 * 1024;
    assert!((gate..gate + 2 * 1024 * 1024).contains(&headroom), "free pool stays at {headroom}");
}

#[test]
fn a_queue_that_fills_behind_the_targets_own_ports_is_put_down_to_them() {
    if !namespaces() {
        println!("skipped: the backend needs a namespace of its own");
        return;
    }
    let findings = judged(&Ran::new(&["scenarios/target-runs-out-of-ports.toml"]).exits(0));
    assert_eq!(causes(&findings), ["request-queue", "target-ports"]);
    assert_eq!(because_of(&findings, "request-queue"), ["target-ports"]);
    assert_eq!(findings["verdict"]["unexplained"], 0);
}

#[test]
fn a_backlog_that_nobody_empties_is_told_by_the_kernels_own_counters() {
    if !namespaces() {
        println!("skipped: the kernel beneath the target is only its own in a namespace");
        return;
    }
    let findings = judged(&Ran::new(&["scenarios/full-accept-backlog.toml"]).exits(0));
    assert_eq!(causes(&findings), ["accept-backlog"]);
    for other in ["network-loss", "tuple-collision", "listener-down"] {
        assert_ne!(stance(&findings, other), "supported", "{other}");
    }
}

#[test]
fn requests_of_a_crashed_worker_are_put_down_to_the_crash() {
    let findings = judged(&Ran::new(&["scenarios/worker-process-crash.toml"]).exits(0));
    assert_eq!(causes(&findings), ["worker-crash"]);
    let failures = findings["failures"].as_array().unwrap();
    assert!(failures.iter().all(|f| f["phase"] == "first-byte"), "{failures:?}");
}
