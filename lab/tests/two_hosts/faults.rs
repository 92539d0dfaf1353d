//! What goes wrong by plan, with real sockets: the target's own ports, the way to it, its backlog.

use std::io::{ErrorKind, Write, stderr};

use crate::client::{connect, keep_alive, rows, target_first};
use crate::gate::mono_ns;
use crate::set_up::{isolated, reasons, scenario, scenario_with, two_hosts, until};

/// Whether rules of nf_tables can be made here; a sentence where not.
fn has_nft() -> bool {
    let found = std::env::var_os("PATH").is_some_and(|path| {
        let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
        folders.into_iter().any(|folder| folder.join("nft").is_file())
    });
    if !found {
        let _ = writeln!(stderr(), "skipped: no nft is installed");
    }
    found
}

pub fn outgoing_ports() {
    if !isolated() {
        return;
    }
    let mut made = two_hosts(scenario(
        "profile = \"windows-2012r2\"\ntime_scale = 10\n[target.app]\nservice_time = \"0s\"\n\
         [target.app.backend]\nports = \"50000-50019\"\nlatency = \"0s\"\ngive_up = \"0s\"",
        "",
    ));
    let facts = made.lab.facts().clone();
    made.lab.begin(mono_ns()).unwrap();
    until("run time begins", || {
        let page = target_first(facts.doors_from_generator, "/metrics").ok()?;
        page.contains("windows_iis").then_some(())
    });
    let answers: Vec<String> = (0..25).map(|_| target_first(facts.target, "/").unwrap()).collect();
    let (served, failed): (Vec<_>, Vec<_>) =
        answers.iter().partition(|text| text.starts_with("HTTP/1.1 200 OK"));
    assert_eq!((served.len(), failed.len()), (20, 5), "a port each, and twenty there are");
    assert!(failed.iter().all(|text| text.starts_with("HTTP/1.1 502 Bad Gateway")), "{failed:?}");
    until("twenty calls that the target closed first are listed", || {
        let netstat = target_first(facts.doors_from_generator, "/netstat").ok()?;
        let calls = rows(&netstat, "TIME_WAIT").iter().filter(|row| row.contains(":1433")).count();
        (calls == 20).then_some(())
    });
    let log = target_first(facts.doors_from_generator, "/eventlog").unwrap();
    assert!(log.contains("Event ID: 4231"), "{log}");
    let httperr = made.httperr_dir.to_path_buf();
    assert_eq!(made.lab.stop().unwrap(), Vec::<String>::new());
    assert_eq!(reasons(&httperr), Vec::<String>::new(), "HTTP.sys has nothing to say of it");
    let site = std::fs::read_dir(httperr.join("W3SVC1")).unwrap().next().unwrap().unwrap();
    let log = std::fs::read_to_string(site.path()).unwrap();
    assert_eq!(log.lines().filter(|line| line.contains(" 502 3 ")).count(), 5, "{log}");
}

/// A scenario with something on the way from the start on, for half a second.
fn on_the_way(fault: &str) -> scenarios::Scenario {
    let fault = format!("[[network.fault]]\nat = \"0s\"\nfor = \"500ms\"\n{fault}");
    scenario_with("profile = \"windows-2016\"\ntime_scale = 10", "", &fault)
}

pub fn cut() {
    if !isolated() {
        return;
    }
    let mut made = two_hosts(on_the_way("kind = \"cut\""));
    let facts = made.lab.facts().clone();
    target_first(facts.target, "/").expect("the path passes packets on");
    made.lab.begin(mono_ns()).unwrap();
    // The client gives up after 1 s, longer than the cut; the SYN is sent again after just as long.
    until("a connect goes unanswered or is late", || {
        let began = std::time::Instant::now();
        let done = connect(facts.target);
        (done.is_err() || began.elapsed().as_millis() > 200).then_some(())
    });
    until("it passes again", || target_first(facts.target, "/").ok());
    assert_eq!(made.lab.stop().unwrap(), Vec::<String>::new());
}

pub fn middlebox() {
    if !isolated() || !has_nft() {
        return;
    }
    let mut made = two_hosts(on_the_way("kind = \"middlebox-refuse\""));
    let facts = made.lab.facts().clone();
    let mut old = connect(facts.target).unwrap();
    keep_alive(&mut old).unwrap();
    made.lab.begin(mono_ns()).unwrap();
    let refused = until("a connect is refused", || connect(facts.target).err());
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    keep_alive(&mut old).expect("what was open before goes on");
    until("it is over", || target_first(facts.target, "/").ok());
    let netstat = target_first(facts.doors_from_generator, "/netstat").unwrap();
    assert!(rows(&netstat, "LISTENING").iter().any(|row| row.contains(":80 ")), "{netstat}");
    assert_eq!(made.lab.stop().unwrap(), Vec::<String>::new());
}

pub fn stalled() {
    if !isolated() {
        return;
    }
    let mut made = two_hosts(scenario(
        "profile = \"windows-2016\"\ntime_scale = 10\nrefuse = \"accept-then-reset\"\n\
         fault = [{ kind = \"accept-stall\", at = \"0s\", for = \"700ms\", backlog = 2 }]",
        "",
    ));
    let target = made.lab.facts().target;
    made.lab.begin(mono_ns()).unwrap();
    until("the stall begins", || {
        let mut probe = connect(target).ok()?;
        probe.set_read_timeout(Some(std::time::Duration::from_millis(50))).unwrap();
        keep_alive(&mut probe).err().filter(|why| why.kind() == ErrorKind::WouldBlock)
    });
    let mut waits = connect(target).unwrap();
    let beyond = target_first(target, "/").unwrap_err();
    assert_eq!(beyond.kind(), ErrorKind::ConnectionReset, "two may wait, this is the third");
    keep_alive(&mut waits).expect("who waits is served at last");
    assert_eq!(made.lab.stop().unwrap(), Vec::<String>::new());
}
