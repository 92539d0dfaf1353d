//! Ctrl-C leaves a complete record; kill -9 leaves no process behind.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::kit::{Folder, churnlab, json};

/// A run that has made its first rows, in a process group of its own.
fn running(folder: &Folder) -> Child {
    running_with(folder, &["target-time-wait"])
}

fn running_with(folder: &Folder, scenarios: &[&str]) -> Child {
    let child = churnlab()
        .arg("run")
        .args(scenarios)
        .args(["--no-tui", "--out"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let grown = within(Duration::from_secs(20), || {
        folder.runs().first().is_some_and(|run| {
            let rows = std::fs::read_to_string(run.join("intervals.ndjson")).unwrap_or_default();
            rows.lines().count() >= 4
        })
    });
    assert!(grown, "the run made no rows");
    child
}

/// Polls until `holds`, at most for `limit`.
fn within(limit: Duration, holds: impl Fn() -> bool) -> bool {
    let end = Instant::now() + limit;
    while Instant::now() < end {
        if holds() {
            return true;
        }
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(20));
    }
    holds()
}

/// Processes that descend from `pid`.
fn descendants(pid: u32) -> Vec<u32> {
    let out = Command::new("ps").args(["-eo", "pid=,ppid="]).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let pairs: Vec<(u32, u32)> = text
        .lines()
        .filter_map(|l| {
            let mut numbers = l.split_whitespace().map(|n| n.parse().unwrap());
            Some((numbers.next()?, numbers.next()?))
        })
        .collect();
    let mut found = vec![pid];
    let mut at = 0;
    while at < found.len() {
        let parent = found[at];
        found.extend(pairs.iter().filter(|(_, p)| *p == parent).map(|(c, _)| *c));
        at += 1;
    }
    found.split_off(1)
}

fn alive(pid: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A zombie is no longer running; its parent has yet to collect it.
    !state.is_empty() && !state.contains(") Z ")
}

#[test]
fn ctrl_c_ends_with_130_and_a_complete_record() {
    let folder = Folder::new();
    let child = running(&folder);
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(130), "{}", String::from_utf8_lossy(&out.stderr));
    let run = folder.run();
    let findings = json(&run.join("findings.json"));
    let attempts = &findings["attempts"];
    let n = |key: &str| attempts[key].as_u64().unwrap();
    assert!(n("served") > 0);
    assert_eq!(n("offered"), n("begun") + n("not_sent"));
    assert_eq!(n("begun"), n("served") + n("failed") + n("unfinished"));
    assert_eq!(findings["valid"], true, "stopping is no limit of the generator");
    let report = std::fs::read_to_string(run.join("report.md")).unwrap();
    assert!(report.contains("ended early"), "{report}");
}

#[test]
fn kill_9_of_a_run_of_several_scenarios_leaves_no_process_behind() {
    let folder = Folder::new();
    let mut child = running_with(&folder, &["target-time-wait", "healthy-baseline"]);
    let family = descendants(child.id());
    assert!(family.len() >= 3, "a run, its target and its witness: {family:?}");
    kill(Pid::from_raw(child.id() as i32), Signal::SIGKILL).unwrap();
    child.wait().unwrap();
    assert!(within(Duration::from_secs(5), || family.iter().all(|pid| !alive(*pid))), "{family:?}");
}

#[test]
fn one_ctrl_c_ends_several_scenarios_with_a_record_of_the_first() {
    let folder = Folder::new();
    let child = running_with(&folder, &["target-time-wait", "healthy-baseline"]);
    kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM).unwrap();
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(130), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(folder.run().join("findings.json").exists(), "the second was not begun");
}

#[test]
fn a_reader_that_goes_away_ends_an_observation() {
    let mut child =
        churnlab().args(["observe", "--every", "50ms"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains("\"vantage\""), "{first}");
    let end = Instant::now() + Duration::from_secs(5);
    while child.try_wait().unwrap().is_none() && Instant::now() < end {
        std::thread::park_timeout(Duration::from_millis(20));
    }
    let ended = child.try_wait().unwrap();
    let _ = child.kill();
    assert_eq!(ended.and_then(|status| status.code()), Some(0));
}

#[test]
fn kill_9_leaves_no_process_behind_and_a_readable_record() {
    let folder = Folder::new();
    let mut child = running(&folder);
    let family = descendants(child.id());
    assert!(family.len() >= 2, "target and witness run as children: {family:?}");
    kill(Pid::from_raw(child.id() as i32), Signal::SIGKILL).unwrap();
    child.wait().unwrap();
    assert!(
        within(Duration::from_secs(5), || family.iter().all(|pid| !alive(*pid))),
        "of {family:?} these live on: {:?}",
        family.iter().filter(|p| alive(**p)).collect::<Vec<_>>()
    );
    let told = churnlab().args(["report", "--format=json"]).arg(folder.run()).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}

#[test]
fn the_target_alone_serves_until_it_is_told_to_stop() {
    let folder = Folder::new();
    let mut child = churnlab()
        .args(["target", "healthy-baseline", "--listen", "127.0.0.1:0", "--doors", "127.0.0.1:0"])
        .arg("--httperr-dir")
        .arg(folder.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("http://127.0.0.1:")), "it says where it serves");
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
