//! What is left when the parent is killed: nothing.

use std::io::{BufRead, BufReader, Write, stdin, stdout};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::set_up::{isolated, scenario, temp, two_hosts, until};

/// Makes a lab, says the target's process, and waits to be killed.
pub fn hold() {
    if !isolated() {
        return;
    }
    let made = two_hosts(scenario("profile = \"windows-2012r2\"\ntime_scale = 60", ""));
    let mut out = stdout();
    writeln!(out, "{}", made.lab.facts().target_pid).unwrap();
    // Ends with the test that started it, whatever becomes of that.
    let _ = stdin().read_line(&mut String::new());
}

pub fn killed() {
    let folder = temp("crash");
    std::fs::create_dir(&*folder).unwrap();
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .arg("--hold")
        .env("TMPDIR", &*folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(parent.stdout.take().unwrap()).read_line(&mut said).unwrap();
    // Nothing is said where namespaces are not allowed; that has been told on stderr.
    let target = said.trim().parse::<u32>().ok();
    let process = target.map(|pid| PathBuf::from(format!("/proc/{pid}/exe")));
    let there = process.as_ref().is_none_or(|exe| exe.read_link().is_ok());
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert!(there, "the target was there");
    // A process that has ended and is not collected yet has no exe any more.
    let gone = || process.as_ref().is_none_or(|exe| exe.read_link().is_err());
    until("the target is gone", || gone().then_some(()));
}
