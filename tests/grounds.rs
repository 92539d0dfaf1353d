//! Where namespaces are forbidden the lab plays on plain loopback and says so; an ordinary user gets
//! the same as root.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use crate::kit::{Folder, causes, json, namespaces};

/// Runs churnlab in a user namespace that may make no network namespace.
fn without_namespaces(folder: &Folder, args: &str) -> Output {
    let script = format!(
        "echo 0 > /proc/sys/user/max_net_namespaces && exec {} run {args} --out {}",
        env!("CARGO_BIN_EXE_churnlab"),
        folder.path().display()
    );
    let mut unshare = Command::new("unshare");
    unshare.args(["--user", "--map-root-user", "sh", "-c", &script]).output().unwrap()
}

#[test]
fn plain_loopback_reproduces_and_says_what_it_changes() {
    if !namespaces() {
        println!("skipped: no user namespace can be made in which to forbid network namespaces");
        return;
    }
    let folder = Folder::new();
    let args =
        "nonpaged-pool-leak --set load.duration=10s --set target.leak.0.bytes_per_connection=1500";
    let out = without_namespaces(&folder, args);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let findings = json(&folder.run().join("findings.json"));
    assert_eq!(causes(&findings), ["nonpaged-pool"], "{said}");
    assert!(said.contains("loopback: TIME_WAIT of the target is emulated"), "{said}");
}

#[test]
fn what_needs_a_namespace_is_refused_before_anything_starts() {
    if !namespaces() {
        println!("skipped: no user namespace can be made in which to forbid network namespaces");
        return;
    }
    let folder = Folder::new();
    let out = without_namespaces(&folder, "client-port-exhaustion");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(said.contains("load.client_profile"), "{said}");
    assert!(folder.runs().is_empty());
}

#[test]
fn an_ordinary_user_gets_the_same() {
    let folder = Folder::new();
    let program = folder.path().join("churnlab");
    std::fs::copy(env!("CARGO_BIN_EXE_churnlab"), &program).unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).unwrap();
    let results = folder.path().join("results");
    let out = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&program)
        .args(["run", "client-port-exhaustion", "--set=load.duration=3s"])
        .args(["--set=load.arrival.per_second=1800", "--set=expect.first_failure.after=1s"])
        .args(["--set=expect.first_failure.before=3s", "--out"])
        .arg(&results)
        .current_dir(folder.path())
        .output();
    let out = match out {
        Ok(out) if !String::from_utf8_lossy(&out.stderr).contains("setpriv:") => out,
        other => {
            println!("skipped: this user may not become another one ({other:?})");
            return;
        }
    };
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    if said.contains("needs a network namespace") {
        println!("skipped: ordinary users may make no namespaces here");
        return;
    }
    assert_eq!(out.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&out.stdout));
}
