//! From captures to a scenario, and from the scenario to the same cause.

use std::path::Path;
use std::process::Output;

use crate::kit::{Folder, Ran, causes, churnlab, json};

/// The figures of a published outage (Server 2003, 2005): 106.5 of 128 MiB in use, two tags that move
/// together, refusals on a grid of five seconds.
const POOLMON: &str =
    " Memory: 1048016K Avail:  438396K  PageFlts:   219   InRam Krnl: 3604K P:42372K
 Commit: 538908K Limit:11245092K Peak: 609576K           Pool N:109056K P:43740K
 System pool information
 Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc

 ISil Nonp    1408366 (  56)   1327427 (  58)    80939 36678632 (  -872)    453
 I100 Nonp   11048877 ( 217)  10967968 ( 219)    80909 14886928 (  -368)    183
 SavE Nonp    1596066 (   0)   1595659 (   0)      407 11717016 (     0)  28788
 File Nonp    9628160 (  65)   9623252 (  65)     4908   750688 (     0)    152
";
const HTTPERR: &str = "2005-09-02 18:45:12 - - - - - - - - - 1_Connections_Refused -
2005-09-02 18:46:07 - - - - - - - - - 1_Connections_Refused -
2005-09-02 18:46:27 - - - - - - - - - 2_Connections_Refused -
";

fn write_scenario(captures: &[&Path], out: &Path, more: &[&str]) -> Output {
    let mut command = churnlab();
    command.arg("diagnose").args(captures).arg("--write-scenario").arg(out).args(more);
    command.output().unwrap()
}

#[test]
fn a_published_outage_is_played_in_the_lab_and_found_again() {
    let folder = Folder::new();
    let pool = folder.file("poolmon.txt", POOLMON);
    let log = folder.file("httperr1.log", HTTPERR);
    let out = folder.path().join("out.toml");
    let made = write_scenario(&[Path::new(&log), Path::new(&pool)], &out, &[]);
    assert_eq!(made.status.code(), Some(0), "{}", String::from_utf8_lossy(&made.stderr));
    let ran = Ran::new(&[out.to_str().unwrap()]).exits(0);
    let findings = ran.findings();
    assert_eq!(causes(&findings), ["nonpaged-pool"]);
    let because = &findings["verdict"]["causes"][0]["because_of"];
    assert!(because.to_string().contains("tag ISil"), "{because}");
}

#[test]
fn a_run_is_brought_about_again_from_its_own_record() {
    for (story, cause) in [
        ("nonpaged-pool-leak", "nonpaged-pool"),
        ("client-port-exhaustion", "client-ports"),
        ("refused-but-not-exhausted", "listener-down"),
    ] {
        let first = Ran::new(&[story, "--ground=simulate"]).exits(0);
        let out = first.folder.path().join("again.toml");
        let made = write_scenario(&[&first.folder.run()], &out, &[]);
        assert_eq!(made.status.code(), Some(0), "{story}: {made:?}");
        let text = std::fs::read_to_string(&out).unwrap();
        assert!(text.contains("# measured: "), "{text}");
        let again = Ran::new(&[out.to_str().unwrap(), "--ground=simulate"]).exits(0);
        assert_eq!(causes(&again.findings()), [cause], "{story}");
    }
}

/// Rows of one reason, five a second for four seconds.
fn log_of(reason: &str) -> String {
    let row = |n: u32| {
        format!(
            "2016-05-04 10:00:{:02} 10.0.0.9 {} 10.0.0.1 80 HTTP/1.1 GET / 503 1 {reason} DefaultAppPool\n",
            n / 5,
            1025 + n
        )
    };
    let head = "#Software: Microsoft HTTP API 2.0\n#Version: 1.0\n#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\n";
    head.to_owned() + &(0..20).map(row).collect::<String>()
}

#[test]
fn what_the_error_log_names_becomes_a_scenario_of_it() {
    for (reason, cause) in [
        ("QueueFull", "request-queue"),
        ("ConnLimit", "connection-limit"),
        ("AppOffline", "app-offline"),
        ("Connection_Abandoned_By_AppPool", "worker-crash"),
        ("Timer_AppPool", "queue-wait"),
    ] {
        let folder = Folder::new();
        let log = folder.file("httperr1.log", &log_of(reason));
        let out = folder.path().join("out.toml");
        let made = write_scenario(&[Path::new(&log)], &out, &[]);
        let said = String::from_utf8_lossy(&made.stderr).into_owned();
        assert_eq!(made.status.code(), Some(0), "{reason}: {said}");
        let text = std::fs::read_to_string(&out).unwrap();
        let wanted = format!("cause = \"{cause}\"");
        assert!(text.contains(&wanted) && text.contains("assumed: "), "{reason}\n{text}");
    }
}

#[test]
fn a_queue_that_was_full_is_full_again_in_the_lab() {
    let folder = Folder::new();
    let log = folder.file("httperr1.log", &log_of("QueueFull"));
    let out = folder.path().join("out.toml");
    assert_eq!(write_scenario(&[Path::new(&log)], &out, &[]).status.code(), Some(0));
    let ran = Ran::new(&[out.to_str().unwrap()]).exits(0);
    assert_eq!(causes(&ran.findings()), ["request-queue"]);
}

#[test]
fn where_there_is_nothing_to_reproduce_nothing_is_written() {
    let clean = Ran::new(&["healthy-baseline", "--ground=simulate"]).exits(0);
    let out = clean.folder.path().join("none.toml");
    let made = write_scenario(&[&clean.folder.run()], &out, &["--format=json"]);
    assert_eq!(made.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(causes(&told), Vec::<String>::new(), "the diagnosis itself is printed");
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(said.contains("no cause was found"), "{said}");
    assert!(!out.exists());
}

#[test]
fn a_scenario_that_stands_there_is_kept() {
    let folder = Folder::new();
    let log = folder.file("httperr1.log", HTTPERR);
    let out = folder.path().join("out.toml");
    let write = |more: &[&str]| write_scenario(&[Path::new(&log)], &out, more).status.code();
    assert_eq!(write(&[]), Some(0));
    let made = std::fs::read(&out).unwrap();
    assert_eq!(write(&[]), Some(0), "the same once more changes nothing");
    std::fs::write(&out, "mine").unwrap();
    assert_eq!(write(&[]), Some(1));
    assert_eq!(std::fs::read(&out).unwrap(), b"mine");
    assert_eq!(write(&["--force"]), Some(0));
    assert_eq!(std::fs::read(&out).unwrap(), made);
}

#[test]
fn a_redacted_scenario_still_runs() {
    let folder = Folder::new();
    let case = folder.path().join("contoso");
    std::fs::create_dir(&case).unwrap();
    std::fs::write(case.join("httperr1.log"), HTTPERR).unwrap();
    let out = folder.path().join("out.toml");
    let made = write_scenario(&[&case], &out, &["--redact"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let ran = Ran::new(&[out.to_str().unwrap(), "--ground=simulate"]).exits(0);
    let run = json(&ran.folder.run().join("run.json"));
    assert_eq!(run["scenario"]["expect"]["cause"][0], "nonpaged-pool");
}
