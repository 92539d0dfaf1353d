//! What `diagnose` can be given beside files: standard input, pipes, and what it may not read.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::kit::{Folder, churnlab};

/// Rows as HTTP.sys writes them, more than one block of them; the tenth is a refusal.
fn log() -> String {
    let row = |n: u32| {
        let s = n % 60;
        if n.is_multiple_of(10) {
            format!("2012-02-06 09:00:{s:02} - - - - - - - - - 2_Connections_Refused -\n")
        } else {
            format!(
                "2012-02-06 09:00:{s:02} 10.0.0.9 {} 10.0.0.1 80 - - - - - Timer_ConnectionIdle -\n",
                1025 + n
            )
        }
    };
    (0..6_000).map(row).collect()
}

fn refused(printed: &[u8]) -> u64 {
    let found: Value = serde_json::from_slice(printed).unwrap();
    found["httperr"]["refused"].as_u64().unwrap()
}

/// What the shell makes of this log.
fn made_by(command: &str) -> Vec<u8> {
    let folder = Folder::new();
    let path = folder.file("httperr1.log", &log());
    let script = command.replace("LOG", &path);
    Command::new("sh").args(["-c", &script]).output().unwrap().stdout
}

#[test]
fn standard_input_is_read_plain_and_packed() {
    for (command, why) in [("cat LOG", "as it is"), ("gzip -c LOG", "packed")] {
        let mut child = churnlab()
            .args(["diagnose", "-", "--format=json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&made_by(command)).unwrap();
        let out = child.wait_with_output().unwrap();
        assert_eq!(out.status.code(), Some(0), "{why}");
        assert_eq!(refused(&out.stdout), 1_200, "{why}");
    }
}

#[test]
fn a_pipe_that_a_shell_made_is_read() {
    let folder = Folder::new();
    let path = folder.file("httperr1.log", &log());
    let script =
        format!("{} diagnose <(gzip -c {path}) --format json", env!("CARGO_BIN_EXE_churnlab"));
    let out = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!(refused(&out.stdout), 1_200, "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn what_may_not_be_read_is_told() {
    let folder = Folder::new();
    let program = folder.path().join("churnlab");
    std::fs::copy(env!("CARGO_BIN_EXE_churnlab"), &program).unwrap();
    let secret = folder.file("secret.log", &log());
    std::fs::set_permissions(&secret, PermissionsExt::from_mode(0o000)).unwrap();
    // Root may read everything, so it becomes an ordinary user first; others are one.
    let script = format!("exec {} diagnose {secret}", program.display());
    let as_nobody = "test $(id -u) != 0 || exec setpriv --reuid=65534 --regid=65534 --clear-groups sh -c \"$0\"; exec sh -c \"$0\"";
    let out = Command::new("sh").args(["-c", as_nobody, &script]).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(1), "{said}{}", String::from_utf8_lossy(&out.stderr));
    assert!(said.contains("secret.log: cannot be opened: Permission denied"), "{said}");
}
