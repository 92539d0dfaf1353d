//! The gate on the wire: what it refuses, what it leaves alone, what the log tells of it.

use std::io::{ErrorKind, Write, stderr};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::client::{asked_to_close, connect, connect_from, keep_alive, rows, target_first};
use crate::set_up::{Made, isolated, refused, scenario, temp, two_hosts, until};

/// 128 MiB less the gate of 20 MiB less 10 connections that leak 64 KiB each.
const NEARLY_FULL: &str = "profile = \"windows-2003-x86-3gb\"\ntime_scale = 60\n\
    bytes_per_open_connection = 300\nbytes_per_time_wait = 0\n\
    pool = { baseline = 112590848 }\nleak = [{ tag = \"ISil\", bytes_per_connection = 65536 }]\n";

/// Attempts until one is refused with this error.
fn until_refused(target: SocketAddr, kind: ErrorKind) -> u32 {
    for served in 0..2000 {
        match target_first(target, "/") {
            Ok(_) => {}
            Err(why) if why.kind() == kind => return served,
            Err(why) => panic!("refused otherwise: {why}"),
        }
    }
    panic!("2,000 attempts and never refused")
}

/// Lets the gate close on a host with a connection open, and has it refuse 40 attempts in all.
fn refuses(made: Made, kind: ErrorKind) {
    let facts = made.lab.facts().clone();
    let mut old = connect(facts.target).unwrap();
    let head = keep_alive(&mut old).unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    let served = until_refused(facts.target, kind);
    // The rule is in place only milliseconds after the ledger asks for it: some more get through.
    assert!(served >= 9, "{served} were served, 10 fit");
    for _ in 1..40 {
        assert_eq!(target_first(facts.target, "/").unwrap_err().kind(), kind);
    }
    keep_alive(&mut old).expect("an established connection goes on being served");
    let netstat = target_first(facts.doors_from_generator, "/netstat").unwrap();
    let listening = rows(&netstat, "LISTENING");
    assert!(listening.iter().any(|row| row.contains(":80 ")), "the listener stays:\n{netstat}");
    until("a row while it refuses", || (refused(&made.httperr_dir) > 0).then_some(()));
    assert_eq!(made.lab.stop().unwrap(), Vec::<String>::new());
    assert_eq!(refused(&made.httperr_dir), 40, "the log counts each SYN once");
}

pub fn rst_to_syn() {
    if isolated() {
        refuses(two_hosts(scenario(NEARLY_FULL, "")), ErrorKind::ConnectionRefused);
    }
}

pub fn accept_then_reset() {
    if isolated() {
        let asked = format!("refuse = \"accept-then-reset\"\n{NEARLY_FULL}");
        refuses(two_hosts(scenario(&asked, "")), ErrorKind::ConnectionReset);
    }
}

pub fn recovers() {
    if !isolated() {
        return;
    }
    // Ten TIME_WAIT fill it; they last 0.6 s.
    let made = two_hosts(scenario(
        "profile = \"windows-2003-x86-3gb\"\ntime_scale = 400\nbytes_per_open_connection = 0\n\
         bytes_per_time_wait = 65536\npool = { baseline = 112590848 }",
        "",
    ));
    let target = made.lab.facts().target;
    // TIME_WAIT is counted ten times a second: the gate follows a little late.
    let first = until("the gate closes", || match target_first(target, "/") {
        Ok(_) => None,
        Err(why) => Some(why.kind()),
    });
    assert_eq!(first, ErrorKind::ConnectionRefused);
    until("it opens again", || target_first(target, "/").ok());
    assert_eq!(made.lab.stop().unwrap(), Vec::<String>::new());
    assert!(refused(&made.httperr_dir) > 0);
}

pub fn listener_down() {
    if !isolated() {
        return;
    }
    let mut made = two_hosts(scenario(
        "profile = \"windows-2012r2\"\ntime_scale = 60\n\
         fault = [{ kind = \"listener-down\", at = \"100ms\", for = \"1s\" }]",
        "",
    ));
    let facts = made.lab.facts().clone();
    let mut old = connect(facts.target).unwrap();
    keep_alive(&mut old).unwrap();
    let first = connect(facts.target).unwrap();
    let port = first.local_addr().unwrap().port();
    asked_to_close(first, "/").unwrap();
    made.lab.begin(mono_ns()).unwrap();
    until("the listener goes", || connect(facts.target).err());
    // Linux would leave this one waiting, since the target holds a TIME_WAIT of the same 4-tuple.
    let same_tuple = || connect_from(port, facts.target).err().map(|why| why.kind());
    until("it is refused at once", || same_tuple().filter(|k| *k == ErrorKind::ConnectionRefused));
    let netstat = target_first(facts.doors_from_generator, "/netstat").unwrap();
    let listening = rows(&netstat, "LISTENING");
    assert!(!listening.iter().any(|row| row.contains(":80 ")), "{netstat}");
    keep_alive(&mut old).expect("a connection in flight goes on");
    until("the listener comes back", || target_first(facts.target, "/").ok());
    assert_eq!(made.lab.stop().unwrap(), Vec::<String>::new());
    assert_eq!(refused(&made.httperr_dir), 0, "nobody was there to refuse, or to count");
}

/// CLOCK_MONOTONIC, from the kernel's own account of it.
pub fn mono_ns() -> u64 {
    let now = nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC).unwrap();
    now.tv_sec() as u64 * 1_000_000_000 + now.tv_nsec() as u64
}

/// The first test of this file again, as a user without privileges.
pub fn as_nobody() {
    if !nix::unistd::geteuid().is_root() {
        let _ = writeln!(stderr(), "skipped: this is an ordinary user already");
        return;
    }
    let folder = temp("nobody");
    std::fs::create_dir(&*folder).unwrap();
    std::fs::set_permissions(&*folder, PermissionsExt::from_mode(0o777)).unwrap();
    let exe = folder.join("two_hosts");
    std::fs::copy(std::env::current_exe().unwrap(), &exe).unwrap();
    let done = Command::new(&exe)
        .args(["--exact", "the_gate_refuses_syns_and_counts_each"])
        .env("TMPDIR", &*folder)
        .uid(65_534)
        .gid(65_534)
        .status()
        .unwrap();
    assert!(done.success());
}
