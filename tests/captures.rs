//! Real captures held against what an independent script found in them. They are not ours to keep:
//! the test runs where `CHURNLAB_CAPTURES` names a folder that holds them with their `facts.json`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::kit::{churnlab, json};

fn folder() -> Option<PathBuf> {
    std::env::var_os("CHURNLAB_CAPTURES").map(PathBuf::from).filter(|f| f.is_dir())
}

fn diagnosed(file: &Path) -> Value {
    let out = churnlab().args(["diagnose", "--format=json"]).arg(file).output().unwrap();
    serde_json::from_slice(&out.stdout).unwrap()
}

/// Records that the facts of one file promise.
fn records(facts: &Value) -> u64 {
    let n = |key: &str| facts[key].as_u64();
    let sockets = n("tcp").map(|tcp| tcp + n("udp").unwrap_or(0));
    ["records", "rows", "entries", "samples"].iter().find_map(|key| n(key)).or(sockets).unwrap()
}

/// `FIN_WAIT_2` and `FIN_WAIT2` are one state.
fn plain(states: &Value) -> Vec<(String, u64)> {
    let states = states.as_object().unwrap().iter();
    let mut all: Vec<_> =
        states.map(|(s, n)| (s.replace('_', "").to_uppercase(), n.as_u64().unwrap())).collect();
    all.sort();
    all
}

#[test]
fn every_capture_holds_what_its_facts_say() {
    let Some(folder) = folder() else {
        println!("skipped: CHURNLAB_CAPTURES names no folder of captures");
        return;
    };
    let facts = json(&folder.join("facts.json"));
    for (name, facts) in facts.as_object().unwrap() {
        let found = diagnosed(&folder.join(name));
        let read: u64 = found["inputs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|i| i["records"].as_u64().unwrap())
            .sum();
        assert_eq!(read, records(facts), "records of {name}");
        // A page that wraps its rows is what a line parser gets wrong, and so did the script.
        let wrapped = facts["noncomment_nonrecord_lines"].as_u64().is_some_and(|n| n > 0);
        if let (true, false) = (facts["reasons"].is_object(), wrapped) {
            assert_eq!(found["httperr"]["by_reason"], facts["reasons"], "reasons of {name}");
        }
        if facts["states"].is_object() && name.starts_with("netstat/") {
            assert_eq!(
                plain(&found["tcp"]["by_state"]),
                plain(&facts["states"]),
                "states of {name}"
            );
        }
        if let Some(bytes) = facts["nonp_bytes"].as_u64().filter(|_| read > 0) {
            let tags = found["pool"]["tags"].as_array().unwrap();
            let nonpaged = tags.iter().filter(|t| t["type"] == "nonpaged");
            let sum: u64 = nonpaged.map(|t| t["bytes"].as_u64().unwrap()).sum();
            assert_eq!(sum, bytes, "non-paged bytes of {name}");
        }
        assert_eq!(told(&found), named(facts), "{name}: only what its own rows name is accused");
    }
}

/// Each cause of the verdict, with what it explains.
fn told(found: &Value) -> Vec<(String, u64)> {
    let causes = found["verdict"]["causes"].as_array().unwrap().iter();
    let told =
        causes.map(|c| (c["cause"].as_str().unwrap().to_owned(), c["failures"].as_u64().unwrap()));
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

/// What the rows of an HTTP.sys error log name as its own doing; idle timers, slow clients and
/// requests that could not be read are met on every healthy host.
fn named(facts: &Value) -> Vec<(String, u64)> {
    let causes = [
        ("AppOffline", "app-offline"),
        ("ConnLimit", "connection-limit"),
        ("QueueFull", "request-queue"),
    ];
    let named = causes.iter().filter_map(|(reason, cause)| {
        Some(((*cause).to_owned(), facts["reasons"][reason].as_u64()?))
    });
    named.collect()
}
