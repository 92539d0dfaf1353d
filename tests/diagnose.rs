//! Captures in, verdict out: a log of refusals with a snapshot of pool tags, a run's own files, and what
//! cannot be used.

use std::process::Output;

use serde_json::Value;

use crate::kit::{Folder, Ran, causes, churnlab};

/// Rows made after the published form of the log (13 columns, HTTP API 1.0), on the 5-second grid.
const HTTPERR: &str = "#Software: Microsoft HTTP API 1.0\r
#Version: 1.0\r
#Date: 2005-09-02 18:45:07\r
#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\r
2005-09-02 18:45:12 - - - - - - - - - 3_Connections_Refused -\r
2005-09-02 18:45:17 - - - - - - - - - 4_Connections_Refused -\r
2005-09-02 18:46:07 10.0.0.9 1217 10.0.0.1 80 - - - - - Timer_ConnectionIdle -\r
";

/// A screen of poolmon made after its documented layout; the tags are made up.
const POOLMON: &str =
    " Memory: 1048016K Avail:  438396K  PageFlts:   219   InRam Krnl: 3604K P:42372K
 Commit: 538908K Limit:1245092K Peak: 609576K            Pool N:109056K P:43740K
 System pool information
 Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc

 Leak Nonp    1408366 (  56)   1327427 (  58)    80939 36678632 (  -872)    453
 UlHC Nonp       3127 (   0)        41 (   0)     3086 1047216 (     0)    339
";

/// A tag that a healthy host holds as well.
const LARGE: &str =
    " MmCm Nonp        302 (   0)        48 (   0)      254 22369600 (     0)  88069\n";

fn diagnose(args: &[&str]) -> (Output, Value) {
    let out = churnlab().arg("diagnose").args(args).arg("--format=json").output().unwrap();
    let found = serde_json::from_slice(&out.stdout).unwrap_or(Value::Null);
    (out, found)
}

#[test]
fn a_log_and_a_screen_of_poolmon_give_a_verdict() {
    let folder = Folder::new();
    let log = folder.file("anything.txt", HTTPERR);
    let pool = folder.file("screen.txt", POOLMON);
    let (out, found) = diagnose(&[&log, &pool, "--profile=windows-2003-x86-3gb"]);
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(causes(&found), ["nonpaged-pool"]);
    assert_eq!(found["verdict"]["causes"][0]["stance"], "supported", "the host's own word");
    assert_eq!(found["attempts"], Value::Null, "nobody counted attempts");
    assert_eq!(found["httperr"]["refused"], 7, "the sum of N");
    assert_eq!(found["httperr"]["refused_rows"], 2);
    assert_eq!(found["httperr"]["by_reason"]["Timer_ConnectionIdle"], 1);
    let pool = &found["pool"];
    assert_eq!(pool["nonpaged_used_bytes"], 109056 * 1024);
    assert_eq!(pool["limit"]["value"], 128 * 1024 * 1024);
    assert_eq!(pool["headroom_bytes"], 22016 * 1024);
    assert_eq!(pool["http_sys_bytes"], 1_047_216, "the messenger holds little");
    assert_eq!(pool["tags"][0]["tag"], "Leak");
    assert_eq!(found["inputs"].as_array().unwrap().len(), 2);
}

#[test]
fn a_runs_own_log_gives_the_cause_that_the_run_gave() {
    let ran = Ran::new(&[
        "nonpaged-pool-leak",
        "--set=target.leak.0.bytes_per_connection=1500",
        "--set=load.duration=9s",
    ])
    .exits(0);
    let log = ran.folder.run().join("httperr");
    let (_, found) = diagnose(&[log.to_str().unwrap(), "--profile=windows-2003-x86-3gb"]);
    assert_eq!(causes(&found), causes(&ran.findings()));
}

#[test]
fn a_healthy_log_accuses_nobody() {
    let folder = Folder::new();
    let idle: String =
        HTTPERR.lines().filter(|l| !l.contains("_Refused")).collect::<Vec<_>>().join("\n");
    let (out, found) = diagnose(&[&folder.file("idle.log", &idle)]);
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(causes(&found), Vec::<String>::new());
}

#[test]
fn what_cannot_be_used_is_named() {
    let folder = Folder::new();
    let good = folder.file("good.log", HTTPERR);
    let empty = folder.file("empty", "");
    let junk = folder.path().join("junk");
    std::fs::write(&junk, (0..4096u32).map(|n| (n * 7) as u8).collect::<Vec<u8>>()).unwrap();
    let junk = junk.to_str().unwrap();
    let (out, found) = diagnose(&[&good, &empty, junk, "/nowhere/at/all"]);
    assert_eq!(out.status.code(), Some(0), "one of them is usable");
    let inputs = found["inputs"].as_array().unwrap();
    assert_eq!(
        inputs.iter().filter(|i| i["unusable_because"].is_string()).count(),
        3,
        "{inputs:?}"
    );
    let (out, _) = diagnose(&[&empty, junk]);
    assert_eq!(out.status.code(), Some(1), "none is usable");
}

#[test]
fn a_healthy_peer_tells_the_leak_from_what_is_always_large() {
    let folder = Folder::new();
    let here = folder.file("here.txt", &format!("{POOLMON}{LARGE}"));
    let healthy = POOLMON.replace("36678632", "   36678").replace("109056K", " 52000K");
    let peer = folder.file("peer.txt", &format!("{healthy}{LARGE}"));
    let (out, found) = diagnose(&[&here, "--baseline", &peer, "/nowhere/at/all"]);
    assert_eq!(out.status.code(), Some(0), "the peer's missing file takes nothing away");
    let baseline = &found["baseline"];
    assert_eq!(baseline["suspects"], serde_json::json!(["Leak"]));
    let of = |name: &str| {
        let all = baseline["compared"].as_array().unwrap();
        all.iter().find(|c| c["name"] == name).unwrap_or(&Value::Null).clone()
    };
    assert_eq!(of("Leak")["ratio"].as_f64().unwrap().round(), 1000.0);
    assert_eq!(of("MmCm")["standing"], "alike", "as large on the peer");
    let marked: Vec<&Value> = found["inputs"].as_array().unwrap().iter().collect();
    assert_eq!(marked[0]["baseline"], Value::Null);
    assert_eq!(marked[1]["baseline"], true);
    assert!(marked[2]["unusable_because"].is_string() && marked[2]["baseline"] == true);
    let out = churnlab().args(["diagnose", &here, "--baseline", &peer]).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.contains("peer.txt (healthy peer)"), "{text}");
    assert!(text.contains("read from 1 capture, compared with 1 of a healthy peer"), "{text}");
    let (out, _) = diagnose(&["/nowhere/at/all", "--baseline", &peer]);
    assert_eq!(out.status.code(), Some(1), "a healthy peer alone is no outage");
}

#[test]
fn the_scripts_that_collect_are_printed_as_windows_wants_them() {
    for kind in ["cmd", "ps1"] {
        let out = churnlab().args(["collect", "--print-script", kind]).output().unwrap();
        let script = String::from_utf8(out.stdout).unwrap();
        assert!(out.status.success() && script.is_ascii());
        assert!(
            script.lines().count() > 50 && script.matches("\r\n").count() == script.lines().count()
        );
        assert!(script.contains("HTTPERR"), "{kind}");
    }
}
