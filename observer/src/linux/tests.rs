use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use model::reading::TcpState;
use nix::sched::{CloneFlags, unshare};

use super::*;

/// Puts this thread into a network namespace of its own with a loopback device; false, with a
/// sentence, where that is not allowed.
fn own_namespace() -> bool {
    if let Err(e) = unshare(CloneFlags::CLONE_NEWNET) {
        eprintln!("skipped: a network namespace may not be made here ({e})");
        return false;
    }
    let up = Command::new("ip").args(["link", "set", "lo", "up"]).status();
    assert!(up.is_ok_and(|status| status.success()), "loopback must come up");
    true
}

fn set(name: &str, value: &str) {
    std::fs::write(format!("/proc/sys/net/ipv4/{name}"), value).unwrap();
}

/// A pair of connected sockets: the opener's and the accepter's.
fn pair(listener: &TcpListener) -> std::io::Result<(TcpStream, TcpStream)> {
    let opened = TcpStream::connect(listener.local_addr()?)?;
    Ok((opened, listener.accept()?.0))
}

/// Closes one end, waits for the other to see it, closes that too.
fn close_in_order(first: TcpStream, mut second: TcpStream) {
    drop(first);
    std::io::copy(&mut second, &mut std::io::sink()).unwrap();
}

/// Reads until the reading satisfies; the kernel moves sockets on by itself, shortly after a close.
fn read_until(local: &mut Local, is_so: impl Fn(&Reading) -> bool) -> Reading {
    let started = Instant::now();
    loop {
        let reading = local.read();
        if is_so(&reading) || started.elapsed() > Duration::from_secs(2) {
            return reading;
        }
    }
}

fn time_wait(reading: &Reading) -> u64 {
    let states = reading.tcp.as_ref().map(|tcp| &tcp.by_state);
    states.and_then(|states| states.get(&TcpState::TimeWait)).copied().unwrap_or(0)
}

#[test]
fn ports_run_out_as_the_kernel_says() {
    if !own_namespace() {
        return;
    }
    set("ip_local_port_range", "40000 40099");
    set("ip_local_reserved_ports", "40090-40099,50000");
    set("tcp_tw_reuse", "0");
    let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
    let mut local = Local::open(Some(listener.local_addr().unwrap()), None);
    for n in 0..90 {
        let (opened, accepted) = pair(&listener).unwrap_or_else(|e| panic!("{n}: {e}"));
        close_in_order(opened, accepted);
    }
    let full = pair(&listener).unwrap_err();
    assert_eq!(full.raw_os_error(), Some(99), "EADDRNOTAVAIL");
    let reading = read_until(&mut local, |r| time_wait(r) == 90);
    assert_eq!(reading.gaps, []);
    let ports = reading.ports.unwrap();
    assert_eq!((ports.low, ports.high, ports.reserved, ports.usable()), (40000, 40099, 10, 90));
    assert_eq!((ports.used_any, ports.used_to_destination), (90, Some(90)));
    let tcp = reading.tcp.unwrap();
    assert_eq!((tcp.time_wait_opened, tcp.time_wait_accepted), (90, 0));
    assert_eq!(tcp.listening, [8080]);
    assert_eq!(reading.counters["sockstat.tw"], 90.0);
    assert_eq!(reading.counters["Tcp.ActiveOpens"], 90.0);
    assert_eq!(reading.counters["TcpExt.TW"], 90.0);
}

#[test]
fn who_accepted_is_known_after_the_listener_is_gone() {
    if !own_namespace() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
    let mut local = Local::open(None, None);
    let (opened, accepted) = pair(&listener).unwrap();
    let before = local.read();
    assert_eq!(before.tcp.unwrap().by_state[&TcpState::Established], 2, "both ends");
    assert_eq!(before.ports.unwrap().used_to_destination, None);
    assert_eq!(before.descriptors, None, "this process makes no load");
    close_in_order(accepted, opened);
    drop(listener);
    let tcp = read_until(&mut local, |r| time_wait(r) == 1).tcp.unwrap();
    assert_eq!((tcp.time_wait_opened, tcp.time_wait_accepted), (0, 1));
    assert_eq!(tcp.listening, Vec::<u16>::new());
}

#[test]
fn a_narrowed_range_is_the_one_that_counts() {
    if !own_namespace() {
        return;
    }
    set("ip_local_port_range", "40000 40099");
    for (narrowed, range, why) in [
        (None, (40000, 40099), "none"),
        (Some((40010, 40019)), (40010, 40019), "inside"),
        (Some((39000, 40019)), (39000, 40019), "partly inside: the generator chooses by itself"),
        (Some((1025, 5000)), (1025, 5000), "outside: the generator chooses by itself"),
    ] {
        let ports = Local::open(None, narrowed).read().ports.unwrap();
        assert_eq!((ports.low, ports.high), range, "{why}");
    }
}

#[test]
fn a_socket_of_ipv6_reaches_an_ipv4_destination() {
    if !own_namespace() {
        return;
    }
    let listener = TcpListener::bind("[::]:8080").unwrap();
    let to = "127.0.0.1:8080".parse().unwrap();
    let mut local = Local::open(Some(to), None);
    let opened = TcpStream::connect(to).unwrap();
    let _accepted = listener.accept().unwrap();
    let ports = local.read().ports.unwrap();
    assert_eq!((ports.used_any, ports.used_to_destination), (1, Some(1)));
    drop(opened);
}

#[test]
fn descriptors_of_the_generator_are_counted() {
    let mut local = Local::open(Some("127.0.0.1:9".parse().unwrap()), None);
    let before = local.read().descriptors.unwrap();
    let held: Vec<_> = (0..10).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();
    let after = local.read().descriptors.unwrap();
    assert!(after.used >= before.used + 10 && after.used < after.limit, "{before:?} {after:?}");
    drop(held);
}

#[test]
fn another_process_namespace_is_entered() {
    let Ok(mut child) = Command::new("unshare").args(["-n", "sleep", "30"]).spawn() else {
        eprintln!("skipped: there is no unshare here");
        return;
    };
    let theirs = || std::fs::read_link(format!("/proc/{}/ns/net", child.id())).ok();
    let mine = || std::fs::read_link("/proc/thread-self/ns/net").ok();
    let (home, started) = (mine(), Instant::now());
    while theirs() == home && started.elapsed() < Duration::from_secs(2) {
        std::thread::yield_now();
    }
    let away = theirs();
    let entered = enter_net_of(child.id());
    let now = mine();
    child.kill().unwrap();
    child.wait().unwrap();
    if away == home || away.is_none() {
        eprintln!("skipped: a network namespace may not be made here");
        return;
    }
    entered.unwrap();
    assert_eq!(now, away);
    let told = enter_net_of(u32::MAX).unwrap_err().to_string();
    assert!(told.contains("network namespace of process"), "{told}");
}

#[test]
fn settings_are_told_by_their_own_name() {
    let tunables = tunables();
    for name in ["net.core.somaxconn", "net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_max_tw_buckets"] {
        assert!(tunables.contains_key(name), "{name} in {tunables:?}");
    }
    let low = tunables["net.ipv4.ip_local_port_range.low"].value;
    assert!(low < tunables["net.ipv4.ip_local_port_range.high"].value);
}
