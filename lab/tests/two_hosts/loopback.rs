//! Plain loopback: what is emulated there, and what is refused.

use std::io::ErrorKind;
use std::time::Duration;

use lab::{Isolation, Lab, LabPlan, check};

use crate::client::{connect, keep_alive, metric, rows, target_first};
use crate::set_up::{isolated, loopback, refused, scenario, temp, until};

pub fn time_wait() {
    let made = loopback(scenario(
        "profile = \"windows-2003-x86\"\ntime_scale = 400\nbytes_per_time_wait = 1000\n\
         pool = { baseline = \"50MB\" }",
        "",
    ));
    let facts = made.lab.facts().clone();
    assert!(!facts.isolated && facts.target.ip().is_loopback() && facts.probe_ip.is_none());
    assert!(facts.notes.iter().any(|n| n.contains("TIME_WAIT of the target is emulated")));
    let door = |path: &str| target_first(facts.doors_from_generator, path).unwrap();
    let pool = |page: &str| metric(page, "windows_memory_pool_nonpaged_bytes");
    let waiting = |page: &str| {
        metric(page, "windows_tcp_connections_state_count{af=\"ipv4\",state=\"TIME_WAIT\"}")
    };
    let mut client_first = connect(facts.target).unwrap();
    keep_alive(&mut client_first).unwrap();
    drop(client_first);
    for _ in 0..5 {
        target_first(facts.target, "/").unwrap();
    }
    let page = until("all six are closed", || {
        let page = door("/metrics");
        (metric(&page, "windows_iis_current_connections{site=\"Default Web Site\"}") == 0)
            .then_some(page)
    });
    assert_eq!(waiting(&page), 5, "those that the target closed first");
    assert_eq!(pool(&page), 50_005_000, "charged as shown");
    assert_eq!(rows(&door("/netstat"), "TIME_WAIT").len(), 5);
    let page = until("they expire", || Some(door("/metrics")).filter(|page| waiting(page) == 0));
    assert_eq!(pool(&page), 50_000_000);
    assert_eq!(made.lab.stop().unwrap(), Vec::<String>::new());
}

pub fn refuses() {
    // In a namespace of its own, since resets of others would count there.
    if !isolated() {
        return;
    }
    let made = loopback(scenario(
        "profile = \"windows-2003-x86-3gb\"\ntime_scale = 60\nbytes_per_time_wait = 0\n\
         pool = { baseline = \"107MiB\" }\n\
         leak = [{ tag = \"ISil\", bytes_per_connection = 262144 }]",
        "",
    ));
    let facts = made.lab.facts().clone();
    assert!(facts.notes.iter().any(|n| n.contains("by closing the listening socket")));
    let mut old = connect(facts.target).unwrap();
    keep_alive(&mut old).unwrap();
    let mut others = [(); 2].map(|()| connect(facts.target).unwrap());
    others.iter_mut().for_each(|other| _ = keep_alive(other).unwrap());
    let (mut counted, mut reset) = (0, 0);
    until("40 are refused", || {
        match target_first(facts.target, "/") {
            Ok(_) => assert_eq!(counted, 0, "it does not come back"),
            Err(why) if why.kind() == ErrorKind::ConnectionRefused => counted += 1,
            // One that waited in the queue when the listener went.
            Err(why) if why.kind() == ErrorKind::ConnectionReset => reset += 1,
            Err(why) => panic!("refused otherwise: {why}"),
        }
        (counted == 40).then_some(())
    });
    keep_alive(&mut old).expect("an established connection goes on being served");
    for other in others {
        // The client's own resets, which this namespace sends too.
        socket2::SockRef::from(&other).set_linger(Some(Duration::ZERO)).unwrap();
    }
    let site = format!("{} ", facts.target);
    let netstat = target_first(facts.doors_from_generator, "/netstat").unwrap();
    let listening = rows(&netstat, "LISTENING");
    assert!(
        listening.iter().any(|row| row.contains(&site)),
        "the gate leaves the emulated host's listener in place: {listening:?}"
    );
    assert_eq!(made.lab.stop().unwrap(), Vec::<String>::new());
    let told = refused(&made.httperr_dir);
    assert!((40..=40 + reset).contains(&told), "{told} told, {reset} were reset in the queue");
}

pub fn client_profile() {
    let scenario = scenario(
        "profile = \"windows-2012r2\"\ntime_scale = 60",
        "client_profile = \"windows-2003-x86\"",
    );
    let isolation = Isolation::Loopback { because: "asked for".into() };
    let asked = check(&scenario, &isolation).unwrap_err();
    let plan = LabPlan {
        scenario,
        exe: "/nonexistent".into(),
        httperr_dir: temp("client-profile").to_path_buf(),
        isolation,
    };
    let why = Lab::start(plan).unwrap_err();
    assert!(why.to_string().contains("client_profile"), "{why}");
    assert_eq!(why, asked, "known before anything is started");
}
