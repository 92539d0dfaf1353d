//! Each mistake has its line and its sentence.

use super::{SOUND, problems};
use crate::read;

/// Puts each text after the sound scenario's; the problems must be those wanted, each beginning
/// with `LINE: SENTENCE`.
pub(super) fn refused(rows: &[(&str, &[&str])]) {
    for (more, wanted) in rows {
        let found = problems(&format!("{SOUND}{more}\n"), &[]);
        assert_eq!(found.len(), wanted.len(), "{more}\n{found:#?}");
        for (found, wanted) in found.iter().zip(*wanted) {
            let wanted = format!("f.toml:{wanted}");
            assert!(found.starts_with(&wanted), "{more}\nfound  {found}\nwanted {wanted}");
        }
    }
}

#[test]
fn an_unknown_key_is_refused_with_the_one_that_was_meant() {
    refused(&[
        ("durration = '1s'", &[r#"7: load.durration is not a key; did you mean "duration"?"#]),
        ("[observe]\npace = 1", &["8: observe.pace is not a key; the keys here are every"]),
        (
            "[[target.leak]]\ntag = 'A'\nstatic_bytes = 5\nstatic = 5",
            &["9: target.leak.0.static_bytes is not a key"],
        ),
        (
            "[target.leak]\ntag = 'A'",
            &["7: target.leak: write it as [[target.leak]], it is a table here"],
        ),
    ]);
}

#[test]
fn a_number_needs_its_unit_and_its_range() {
    refused(&[
        ("timeout = 15", &["7: load.timeout: a duration needs its unit"]),
        ("timeout = '15 parsecs'", &[r#"7: load.timeout: "15 parsecs" is not a duration"#]),
        ("timeout = '0s'", &["7: load.timeout: must be above 0"]),
        ("timeout = 0", &["7: load.timeout: must be above 0"]),
        ("timeout = '-5s'", &["7: load.timeout: -5s is below 0"]),
        ("timeout = '-5'", &[r#"7: load.timeout: "-5" is not a duration"#]),
        (
            "[target.pool]\nbaseline = '5 megs'",
            &[r#"8: target.pool.baseline: "5 megs" is not a size"#],
        ),
        ("[target.pool]\nbaseline = 1.5", &["8: target.pool.baseline: 1.5 is not a size"]),
        ("[target.pool]\nbaseline = -1", &["8: target.pool.baseline: -1 is not a size"]),
        (
            "[target.pool]\nceiling = '9999999999999TB'",
            &["8: target.pool.ceiling: sizes over 1 PiB"],
        ),
        (
            "[target.pool]\nbaseline = '300MiB'",
            &["8: target.pool.baseline: 314572800 exceeds the pool's ceiling of 268435456"],
        ),
        (
            "requests_per_connection = 0",
            &["7: load.requests_per_connection: a whole number from 1"],
        ),
        ("in_flight = 1.5", &["7: load.in_flight: a whole number from 1"]),
        ("[observe]\nevery = '10ms'", &["8: observe.every: less than 50ms is not taken"]),
        (
            "source_ports = '5000-1025'",
            &[r#"7: load.source_ports: "5000-1025" is upside down; write "1025-5000""#],
        ),
        ("source_ports = '1025'", &[r#"7: load.source_ports: "1025" is not LOW-HIGH"#]),
        ("source_ports = '0-70000'", &[r#"7: load.source_ports: "0-70000" is not LOW-HIGH"#]),
    ]);
}

#[test]
fn a_word_outside_its_set_is_refused_with_the_choice() {
    refused(&[
        (
            "close = 'server-first'",
            &[
                r#"7: load.close: "server-first" is not a close style; did you mean "target-first"?"#,
            ],
        ),
        (
            "http = '2'",
            &[r#"7: load.http: "2" is not a version of HTTP here; the choice is 1.0, 1.1"#],
        ),
        ("http = 1.1", &["7: load.http: text in quotes is wanted, not a number"]),
        (
            "retry = 'linux'",
            &[r#"7: load.retry: "linux" is not a way to retry; it can only be windows"#],
        ),
        (
            "client_profile = 'dos'",
            &[
                r#"7: load.client_profile: "dos" is not a host profile; the choice is windows-2000, "#,
            ],
        ),
        (
            "client_profile = 'windows-2003'",
            &[r#"7: load.client_profile: "windows-2003" is not a host profile; did you mean"#],
        ),
        (
            "source_ips = ['10.0.0.300']",
            &[r#"7: load.source_ips: "10.0.0.300" is not an IP address"#],
        ),
        ("path = 'index.html'", &[r#"7: load.path: "index.html" is not a path"#]),
        ("path = '/a b'", &[r#"7: load.path: "/a b" is not a path"#]),
        ("[probe]\nenabled = 'no'", &["8: probe.enabled: true or false is wanted, not text"]),
    ]);
}

#[test]
fn a_wrong_expectation_is_refused() {
    refused(&[
        (
            "[expect]\ncause = 'nonpaged'",
            &[r#"8: expect.cause: "nonpaged" is not a cause; did you mean "nonpaged-pool"?"#],
        ),
        (
            "[expect]\ncause = ['client-port']",
            &[r#"8: expect.cause: "client-port" is not a cause; did you mean "client-ports"?"#],
        ),
        (
            "[expect]\ncause = 'gremlins'",
            &[r#"8: expect.cause: "gremlins" is not a cause; the choice is none, "#],
        ),
        ("[expect]\ncause = ['none', 'tls']", &[r#"8: expect.cause: "none" stands alone"#]),
        ("[expect]\nfirst_failure = { after = '1s' }", &["7: expect.cause is missing"]),
        (
            "[expect]\ncause = 'tls'\nfirst_failure = { after = '9s', before = '4s' }",
            &["9: expect.first_failure: the window is upside down: after 9 s, before 4 s"],
        ),
        (
            "[expect]\ncause = 'none'\nfirst_failure = { after = '9s' }",
            &["9: expect.first_failure: no failure is expected"],
        ),
    ]);
}

#[test]
fn a_wrong_leak_or_fault_is_refused() {
    refused(&[
        (
            "[[target.leak]]\ntag = 'LEAKY'\nstatic = 5",
            &[r#"8: target.leak.0.tag: "LEAKY" is not a pool tag"#],
        ),
        (
            "[[target.leak]]\ntag = ''\nstatic = 5",
            &[r#"8: target.leak.0.tag: "" is not a pool tag"#],
        ),
        (
            "[[target.leak]]\ntag = 'A'",
            &["7: a leak needs one of bytes_per_connection, bytes_per_packet, "],
        ),
        (
            "[[target.leak]]\ntag = 'A'\nstatic = 1\nbytes_per_packet = 2",
            &["7: a leak has one of bytes_per_connection, bytes_per_packet, "],
        ),
        (
            "[[target.leak]]\ntag = 'A'\nbytes_per_second = 0",
            &["9: target.leak.0.bytes_per_second: must be above 0"],
        ),
        (
            "[[target.fault]]\nkind = 'listener-down'\nat = '15s'\nfor = '1s'",
            &["9: target.fault.0.at: 15 s is not before the end of the load, 15 s"],
        ),
        (
            "[[target.fault]]\nkind = 'power-cut'\nat = '1s'\nfor = '1s'",
            &[r#"8: target.fault.0.kind: "power-cut" is not a kind of fault; the choice is "#],
        ),
        (
            "[[target.fault]]\nkind = 'listener-down'",
            &["7: target.fault.0.at is missing", "7: target.fault.0.for is missing"],
        ),
    ]);
}

/// Beyond its ceiling there is no pool to be free: the host would refuse from the start, for good.
#[test]
fn a_level_above_the_pools_ceiling_is_refused_in_its_line() {
    let of_ram = "f.toml:4: target.gate_bytes: 805306369 exceeds the pool's ceiling of 805306368 \
                  bytes; it would never accept";
    for (profile, more, expected, why) in [
        (
            "windows-2003-x86",
            "pool = { ceiling = '64MiB' }\ngate_bytes = '64MiB'",
            None,
            "at the ceiling a host with an empty pool accepts",
        ),
        (
            "windows-2003-x86",
            "pool = { ceiling = '64MiB' }\ngate_bytes = 67108865",
            Some("f.toml:5: target.gate_bytes: 67108865 exceeds the pool's ceiling of 67108864"),
            "a declared ceiling",
        ),
        (
            "windows-2003-x86",
            "resume_bytes = '300MiB'",
            Some(
                "f.toml:4: target.resume_bytes: 314572800 exceeds the pool's ceiling of 268435456",
            ),
            "the profile's own ceiling",
        ),
        ("windows-2008", "gate_bytes = 805306369\nram = '1GiB'", Some(of_ram), "75 % of 1 GiB"),
        ("windows-2008", "gate_bytes = 805306369\nram = '2GiB'", None, "75 % of 2 GiB"),
        (
            "windows-2003-x86",
            "pool = { ceiling = '16MiB' }",
            Some("f.toml:4: target.pool.ceiling: 16777216 lies below the gate of 20971520 bytes"),
            "the profile's own gate",
        ),
    ] {
        let text = SOUND
            .replace("profile = \"windows-2003-x86\"", &format!("profile = \"{profile}\"\n{more}"));
        let found = read(&text, "f.toml", &[]).err().map(|p| p.to_string());
        match (&found, expected) {
            (None, None) => {}
            (Some(found), Some(part)) if found.starts_with(part) && found.lines().count() == 1 => {}
            _ => panic!("{why}: {found:?}"),
        }
    }
}

#[test]
fn a_resume_level_needs_a_gate_below_it() {
    for (profile, resume, expected, why) in [
        (
            "windows-2003-x86",
            "19MiB",
            Some("lies below the gate of 20971520 bytes"),
            "default gate",
        ),
        ("windows-2003-x86", "20MiB", None, "the gate itself"),
        ("windows-2000", "9MiB", Some("windows-2000 has no gate"), "no HTTP.sys"),
    ] {
        let sets = [format!("target.profile={profile}"), format!("target.resume_bytes={resume}")];
        match (read(SOUND, "f.toml", &sets), expected) {
            (Ok(_), None) => {}
            (Err(found), Some(part)) => assert!(found.to_string().contains(part), "{found}"),
            (found, _) => panic!("{why}: {found:?}"),
        }
    }
}
