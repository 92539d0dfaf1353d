//! The keys of what goes wrong: each mistake has its line and its sentence, and what is left out its
//! stand-in.

use super::mistakes::refused;
use super::{SOUND, problems, sound};
use crate::scenario::{Arrival, LeakRate, Leaked, NetworkFaultKind};
use crate::strikes;

/// An application to go wrong.
const APP: &str = "[target.app]\nworkers = 2\n";

#[test]
fn what_is_left_out_of_an_application_is_what_iis_has() {
    let app = sound("[target.app]", &[]).target.app.unwrap();
    assert_eq!((app.workers, app.queue_length, app.concurrency_limit), (25, 1000, 5000));
    assert_eq!((app.queue_timeout_s, app.connection_limit, app.backend), (120.0, None, None));
    let app = sound("[target.app.backend]", &[]).target.app.unwrap();
    let backend = app.backend.unwrap();
    assert_eq!((backend.ports, backend.latency_s, backend.give_up_s), (None, 0.005, 5.0));
    assert_eq!(sound("", &[]).target.app, None, "HTTP.sys answers by itself");
}

#[test]
fn a_leak_counts_in_the_unit_of_what_it_takes() {
    let leaks = [
        ("tag = 'A'\nbytes_per_second = '1KiB'", Leaked::Nonpaged { tag: "A".into() }, 1024.0),
        ("of = 'paged'\ntag = 'A'\nbytes_per_second = 1", Leaked::Paged { tag: "A".into() }, 1.0),
        ("of = 'ptes'\nptes_per_second = 0.5", Leaked::Ptes, 0.5),
        (
            "of = 'commit'\nbytes_per_second = '1MiB'",
            Leaked::Commit { process: "w3wp.exe".into() },
            1_048_576.0,
        ),
        (
            "of = 'handles'\nprocess = 'agent.exe'\nhandles_per_second = 3",
            Leaked::Handles { process: "agent.exe".into() },
            3.0,
        ),
    ];
    for (text, of, per_second) in leaks {
        let s = sound(&format!("[[target.leak]]\n{text}"), &[]);
        assert_eq!(s.target.leaks[0].of, of);
        assert_eq!(s.target.leaks[0].rate, LeakRate::PerSecond(per_second), "{text}");
    }
}

#[test]
fn a_wrong_leak_is_refused() {
    refused(&[
        (
            "[[target.leak]]\nof = 'sockets'\nbytes_per_second = 1",
            &[r#"8: target.leak.0.of: "sockets" is not what can leak; the choice is nonpaged, "#],
        ),
        (
            "[[target.leak]]\nof = 'handles'\nbytes_per_second = 1",
            &["7: a leak has one of handles_per_connection, handles_per_packet, "],
        ),
        (
            "[[target.leak]]\nof = 'ptes'\ntag = 'A'\nptes_per_second = 1",
            &["9: target.leak.0.tag: a leak of ptes has no tag"],
        ),
        (
            "[[target.leak]]\nof = 'paged'\nbytes_per_second = 1",
            &["7: target.leak.0.tag is missing"],
        ),
        (
            "[[target.leak]]\nof = 'handles'\nprocess = 'w3wp'\nstatic = 1.5",
            &[
                r#"9: target.leak.0.process: "w3wp" is not the name of a process, such as "#,
                "10: target.leak.0.static: a whole number is wanted, not 1.5",
            ],
        ),
    ]);
}

#[test]
fn a_wrong_application_is_refused_all_at_once() {
    refused(&[
        (
            "[target.app]\nworkers = 0\nservice_time = 20\nqueue_length = '1M'\nerrors = { share = 2 }",
            &[
                "8: target.app.workers: a whole number from 1",
                "9: target.app.service_time: a duration needs its unit",
                "10: target.app.queue_length: IIS takes no queue longer than 65535",
                "11: target.app.errors.share: a share is at most 1, not 2",
                "11: target.app.errors.status is missing",
            ],
        ),
        (
            "[target.app]\nerrors = { share = 0.1, status = 200 }",
            &["8: target.app.errors.status: the status of an error is from 400 to 599, not 200"],
        ),
        (
            "[target.app.backend]\nports = '9-1'\ngiveup = '1s'",
            &[
                r#"8: target.app.backend.ports: "9-1" is upside down; write "1-9""#,
                r#"9: target.app.backend.giveup is not a key; did you mean "give_up"?"#,
            ],
        ),
    ]);
}

#[test]
fn a_wrong_fault_is_refused() {
    refused(&[
        (
            "[[target.fault]]\nkind = 'worker-crash'\nat = '1s'\nfor = '1s'",
            &["8: target.fault.0.kind: there is no application; add a [target.app]"],
        ),
        (
            "[[target.fault]]\nkind = 'listener-down'\nat = '1s'\nfor = '1s'\nfactor = 2\nbacklog = 5",
            &[
                r#"11: target.fault.0.factor: only a fault of kind "slow-app" has one"#,
                r#"12: target.fault.0.backlog: only a fault of kind "accept-stall" has one"#,
            ],
        ),
        (
            &format!("{APP}[[target.fault]]\nkind = 'slow-app'\nat = '1s'\nfor = '1s'"),
            &["9: target.fault.0.factor is missing"],
        ),
        (
            "[[network.fault]]\nkind = 'loss'\nat = '20s'\nfor = '1s'",
            &[
                "7: network.fault.0.share is missing",
                "9: network.fault.0.at: 20 s is not before the end of the load, 15 s",
            ],
        ),
        (
            "[[network.fault]]\nkind = 'cut'\nat = '1s'\nfor = '1s'\nshare = 0.5",
            &["11: network.fault.0.share: a cut lets nothing pass"],
        ),
        (
            "[[network.fault]]\nkind = 'middlebox'\nat = '1s'\nfor = '1s'",
            &[
                r#"8: network.fault.0.kind: "middlebox" is not a kind of network fault; did you mean"#,
            ],
        ),
        ("[network.fault]\nkind = 'cut'", &["7: network.fault: write it as [[network.fault]]"]),
    ]);
    let s = sound("[[network.fault]]\nkind = 'middlebox-reset'\nat = '1s'\nfor = '1s'", &[]);
    assert_eq!(s.network.faults[0].kind, NetworkFaultKind::MiddleboxReset);
    assert_eq!(s.network.faults[0].share, 1.0, "all that passes, unless a share is given");
}

#[test]
fn a_wrong_farm_is_refused() {
    refused(&[
        (
            "[farm]\ntargets = 3\nweights = [1, 2]\ngenerators = 0",
            &[
                "9: farm.weights: 2 weights are given for 3 targets",
                "10: farm.generators: a whole number from 1 to 4294967295 is wanted, not 0",
            ],
        ),
        (
            "[farm]\ntargets = 1001\nweights = [1, 101]",
            &["8: farm.targets: 1001 is more than 1000", "9: farm.weights: 101 is more than 100"],
        ),
        (
            "[farm]\nweights = 2\ngenerators = 501\nsource_addresses = 100",
            &[
                "8: farm.weights: a list of whole numbers is wanted, not a number",
                "10: farm.source_addresses: 50100 addresses of all generators are more than 50000",
            ],
        ),
        (
            "source_ips = ['10.0.0.1']\n[farm]\ngenerators = 2",
            &["8: farm: its generators have addresses of their own; leave load.source_ips out"],
        ),
    ]);
    let farm = sound("[farm]\ntargets = 3", &[]).farm;
    assert_eq!((farm.weights, farm.generators, farm.source_addresses), (vec![1, 1, 1], 1, 1));
    assert!(sound("[farm]\nweights = [7]", &[]).farm.is_one(), "all to one target");
}

#[test]
fn a_wrong_load_is_refused() {
    refused(&[
        (
            "slow = { share = 0.1 }\nreuse_ports = 'yes'\ndescriptors = 0",
            &[
                "7: load.slow.bytes_per_second is missing",
                "8: load.reuse_ports: true or false is wanted, not text",
                "9: load.descriptors: a whole number from 1",
            ],
        ),
        ("slow = 0.1", &["7: load.slow is a table, not a number"]),
        (
            "pause = '1s'",
            &["7: load.pause: a pause lies between two requests; set requests_per_connection to 2"],
        ),
        ("request_bytes = '2GiB'", &["7: load.request_bytes: requests over 1 GiB are not taken"]),
        ("memory = '0'", &["7: load.memory: must be above 0"]),
    ]);
}

#[test]
fn other_arrivals_are_one_problem_whatever_their_keys() {
    let text = SOUND.replace("kind = \"constant\", per_second = 400", "kind = \"ramp\", to = 9");
    assert_eq!(
        problems(&text, &[]),
        [
            "f.toml:5: load.arrival: \"ramp\" is not a kind of arrival here; the choice is constant, hourly"
        ]
    );
    let text = SOUND.replace("{ kind = \"constant\", per_second = 400 }", "400");
    assert_eq!(problems(&text, &[]), ["f.toml:5: load.arrival is a table, not a number"]);
}

#[test]
fn an_hourly_load_needs_a_list_of_rates() {
    let with = |arrival: &str| SOUND.replace("kind = \"constant\", per_second = 400", arrival);
    for (arrival, wanted) in [
        ("kind = 'hourly'", "load.arrival.per_second is missing"),
        ("kind = 'hourly', per_second = 5", "load.arrival.per_second: a list of rates is wanted"),
        ("kind = 'hourly', per_second = []", "load.arrival.per_second: at least one rate must be"),
        ("kind = 'hourly', per_second = [0, 0]", "load.arrival.per_second: at least one rate must"),
        ("kind = 'hourly', per_second = [1, -1]", "load.arrival.per_second: a rate is not below 0"),
        ("kind = 'hourly', per_second = ['x']", "load.arrival.per_second: \"x\""),
        ("kind = 'hourly', per_second = [1], hour = 3", "load.arrival.hour: a duration needs its"),
        ("kind = 'constant', per_second = [1]", "load.arrival.per_second: a number is wanted"),
    ] {
        let found = problems(&with(arrival), &[]);
        assert_eq!(found.len(), 1, "{arrival}: {found:#?}");
        assert!(found[0].starts_with(&format!("f.toml:5: {wanted}")), "{arrival}: {found:#?}");
    }
    let text = with("kind = 'hourly', per_second = [0, '1k', 20.5]");
    let load = crate::read(&text, "f.toml", &[]).unwrap().load;
    let (per_second, hour_s) = (vec![0.0, 1000.0, 20.5], 3600.0);
    assert_eq!(load.arrival, Arrival::Hourly { per_second, hour_s });
    assert_eq!((load.arrival.rate_at(3600.0), load.arrival.peak_per_second()), (1000.0, 1000.0));
}

#[test]
fn a_share_is_struck_evenly() {
    for (share, of, struck) in [(1.0, 7, 7), (0.5, 8, 4), (0.1, 1000, 100), (0.001, 999, 0)] {
        assert_eq!((0..of).filter(|k| strikes(share, *k)).count(), struck, "{share} of {of}");
    }
}
