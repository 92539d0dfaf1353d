//! Who holds TIME_WAIT, for how long, and what it costs.

use std::io::Read;
use std::time::Instant;

use lab::{Isolation, Lab, LabPlan};

use crate::client::{connect, keep_alive, metric, own_time_wait, rows, target_first};
use crate::set_up::{isolated, reasons, scenario, temp, two_hosts, until};

const POOL: &str = "windows_memory_pool_nonpaged_bytes";
const STATE: &str = "windows_tcp_connections_state_count{af=\"ipv4\",state=\"TIME_WAIT\"}";

pub fn the_targets_own() {
    if !isolated() {
        return;
    }
    let made = two_hosts(scenario(
        "profile = \"windows-2003-x86\"\ntime_scale = 12\nbytes_per_time_wait = 1000\n\
         pool = { baseline = \"50MB\" }",
        "",
    ));
    let facts = made.lab.facts().clone();
    for _ in 0..50 {
        let answer = target_first(facts.target, "/").unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("\r\nServer: Microsoft-IIS/6.0\r\n"), "{answer}");
        assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    }
    assert_eq!(own_time_wait(), 0, "the target closed first, so the generator keeps nothing");
    let page = target_first(facts.doors_from_generator, "/metrics").unwrap();
    let waiting = metric(&page, STATE);
    assert_eq!(waiting, 50, "one for each connection");
    assert_eq!(metric(&page, POOL), 50_000_000 + waiting * 1000, "the ledger charges just these");
    // The pages are connections of the target's too, and are closed by it likewise; doors that are
    // asked together show one moment, so that they turn up a little later.
    let netstat = until("the pages themselves show", || {
        let netstat = target_first(facts.doors_from_generator, "/netstat").unwrap();
        (rows(&netstat, "TIME_WAIT").len() > 50).then_some(netstat)
    });
    assert_eq!(rows(&netstat, "LISTENING").len(), 2, "the site and the doors:\n{netstat}");
    assert_eq!(made.lab.stop().unwrap(), Vec::<String>::new());
}

pub fn the_clients() {
    if !isolated() {
        return;
    }
    let made = two_hosts(scenario("profile = \"windows-2003-x86\"\ntime_scale = 12", ""));
    for _ in 0..10 {
        let mut stream = connect(made.lab.facts().target).unwrap();
        keep_alive(&mut stream).unwrap();
    }
    until("10 TIME_WAIT with the client", || (own_time_wait() == 10).then_some(()));
    let page = target_first(made.lab.facts().doors_from_generator, "/metrics").unwrap();
    assert_eq!(metric(&page, STATE), 0);
}

pub fn aged() {
    if !isolated() {
        return;
    }
    let made = two_hosts(scenario("profile = \"windows-2003-x86\"\ntime_scale = 400", ""));
    let facts = made.lab.facts();
    let began = Instant::now();
    for _ in 0..20 {
        target_first(facts.target, "/").unwrap();
    }
    let waiting = || {
        let page = target_first(facts.doors_from_generator, "/netstat").unwrap();
        rows(&page, "TIME_WAIT").iter().filter(|row| row.contains(":80 ")).count()
    };
    assert_eq!(waiting(), 20);
    until("240 s at 400 times the speed are over", || (waiting() == 0).then_some(()));
    let took_s = began.elapsed().as_secs_f64();
    assert!((0.6..1.2).contains(&took_s), "0.6 s and at most a round or two more: {took_s}");
}

pub fn idle() {
    if !isolated() {
        return;
    }
    let made = two_hosts(scenario("profile = \"windows-2003-x86\"\ntime_scale = 400", ""));
    let began = Instant::now();
    let mut stream = connect(made.lab.facts().target).unwrap();
    keep_alive(&mut stream).unwrap();
    let own = stream.local_addr().unwrap();
    assert_eq!(stream.read(&mut [0; 16]).unwrap(), 0, "closed with a FIN");
    let took_s = began.elapsed().as_secs_f64();
    assert!((0.3..1.0).contains(&took_s), "120 s at 400 times the speed: {took_s}");
    assert_eq!(made.lab.stop().unwrap(), Vec::<String>::new());
    let log = std::fs::read_to_string(made.httperr_dir.join("httperr1.log")).unwrap();
    let client = format!(" {} {} 198.18.0.80 80 - ", own.ip(), own.port());
    assert!(log.contains(&client), "{client} in {log}");
    assert_eq!(reasons(&made.httperr_dir), ["Timer_ConnectionIdle"]);
}

pub fn client_profile() {
    if !isolated() {
        return;
    }
    let made = two_hosts(scenario(
        "profile = \"windows-2012r2\"\ntime_scale = 400",
        "client_profile = \"windows-2003-x86\"",
    ));
    let setting = |name: &str| {
        let text = std::fs::read_to_string(format!("/proc/sys/net/ipv4/{name}")).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(setting("ip_local_port_range"), "1025 5000");
    assert_eq!(setting("tcp_tw_reuse"), "0");
    assert_eq!(setting("tcp_rfc1337"), "1");
    for _ in 0..10 {
        let mut stream = connect(made.lab.facts().target).unwrap();
        assert!((1025..=5000).contains(&stream.local_addr().unwrap().port()));
        keep_alive(&mut stream).unwrap();
    }
    until("TIME_WAIT with the client", || (own_time_wait() > 0).then_some(()));
    until("240 s at 400 times the speed are over", || (own_time_wait() == 0).then_some(()));
}

pub fn too_long() {
    let scenario = scenario("profile = \"windows-2003-x86\"\ntime_scale = 3.9", "");
    let plan = LabPlan {
        scenario,
        exe: "/nonexistent".into(),
        httperr_dir: temp("too-long").to_path_buf(),
        isolation: Isolation::Namespaces,
    };
    let why = Lab::start(plan).unwrap_err().to_string();
    assert!(why.contains("set target.time_scale to 4 or more"), "{why}");
}
