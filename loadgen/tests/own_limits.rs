//! The generator's own limits: what it could not begin is not sent, and never the target's refusal.
#![allow(clippy::unwrap_used, reason = "in tests a surprise may panic")]

mod common;

use std::net::IpAddr;

use common::{Behaviour, Server, plan, run};
use model::attempt::CloseStyle::ClientFirst;

#[test]
fn an_arrival_at_the_cap_is_not_sent() {
    let server = Server::start(Behaviour::Silent);
    let mut plan = plan(server.address, 200.0, 0.2, ClientFirst);
    (plan.in_flight, plan.threads) = (5, 2);
    let ran = run(&plan);
    assert_eq!((ran.totals.begun, ran.totals.not_sent), (5, 35));
    assert!(ran.failures().contains(&("schedule", None, "in-flight cap".to_owned(), 35)));
}

#[test]
fn source_addresses_are_taken_in_turn() {
    let server = Server::start(Behaviour::Busy);
    let mut plan = plan(server.address, 200.0, 0.1, ClientFirst);
    plan.source_ips = vec![IpAddr::from([127, 0, 0, 2]), IpAddr::from([127, 0, 0, 3])];
    let ran = run(&plan);
    for source in ["127.0.0.2", "127.0.0.3"] {
        let rows = ran.intervals();
        let of = rows.iter().flat_map(|i| &i.failures).filter(|f| f.source == source);
        assert_eq!(of.map(|f| f.count).sum::<u64>(), 10, "{source}");
    }
    plan.source_ips = vec!["::1".parse().unwrap()];
    let (out, _rows) = std::sync::mpsc::channel();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let error = loadgen::run(&plan, std::time::Instant::now(), &stop, &out).unwrap_err();
    assert!(error.to_string().contains("IP version"), "{error}");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::net::SocketAddr;

    use socket2::{Domain, Socket, Type};

    use super::*;

    /// Twenty ports in a row from `base` on that nobody uses, not even a TIME_WAIT of an earlier
    /// run of these tests.
    fn free_ports(base: u16) -> (u16, u16) {
        let free = |port: u16| {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            socket.bind(&SocketAddr::from(([0, 0, 0, 0], port)).into()).is_ok()
        };
        let low = (0..100).map(|i| base + 20 * i).find(|low| (*low..low + 20).all(free)).unwrap();
        (low, low + 19)
    }

    /// Client-first leaves a TIME_WAIT on each port, and the 21st attempt finds none.
    #[test]
    fn ports_outside_the_kernels_range_run_out_at_bind() {
        let server = Server::start(Behaviour::Good);
        let mut plan = plan(server.address, 400.0, 0.1, ClientFirst);
        plan.source_ports = Some(free_ports(62_000));
        let ran = run(&plan);
        assert!((15..=20).contains(&ran.totals.served), "{:?}", ran.totals);
        assert_eq!(ran.totals.served + ran.totals.not_sent, 40);
        let not_sent = ran.totals.not_sent;
        assert_eq!(ran.failures(), [("bind", Some(98), "EADDRINUSE".to_owned(), not_sent)]);
    }

    #[test]
    fn ports_inside_the_kernels_range_run_out_at_connect() {
        let server = Server::start(Behaviour::Good);
        let mut plan = plan(server.address, 400.0, 0.1, ClientFirst);
        plan.source_ports = Some(free_ports(45_000));
        let ran = run(&plan);
        assert!((15..=20).contains(&ran.totals.served), "{:?}", ran.totals);
        let not_sent = ran.totals.not_sent;
        assert_eq!(ran.failures(), [("connect", Some(99), "EADDRNOTAVAIL".to_owned(), not_sent)]);
    }

    /// Runs itself again as a child whose process may hold 32 descriptors.
    #[test]
    fn without_descriptors_arrivals_are_not_sent() {
        const ADDRESS: &str = "LOADGEN_TEST_ADDRESS";
        if let Ok(address) = std::env::var(ADDRESS) {
            return with_few_descriptors(&address);
        }
        let server = Server::start(Behaviour::Silent);
        let out = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "linux::without_descriptors_arrivals_are_not_sent", "--nocapture"])
            .env(ADDRESS, server.address.to_string())
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }

    fn with_few_descriptors(address: &str) {
        use nix::sys::resource::{Resource, setrlimit};
        setrlimit(Resource::RLIMIT_NOFILE, 32, 32).unwrap();
        let mut plan = plan(address.parse().unwrap(), 400.0, 0.2, ClientFirst);
        plan.timeout = std::time::Duration::from_millis(500);
        let ran = run(&plan);
        assert!(ran.totals.begun > 10 && ran.totals.not_sent > 20, "{:?}", ran.totals);
        let none_left = ("open", Some(24), "EMFILE".to_owned(), ran.totals.not_sent);
        assert!(ran.failures().contains(&none_left), "{:?}", ran.failures());
    }
}
