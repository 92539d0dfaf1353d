//! From captures to a scenario: what is measured goes in as it is, what is assumed is called so.

#![allow(clippy::unwrap_used)]

mod kit;

use kit::Folder;
use model::cause::{Cause, Stance};
use model::findings::{CauseLine, Findings};
use postmortem::{Asked, Gathered, gather, scenario};

fn verdict(cause: Cause) -> Findings {
    let mut found = kit::no_verdict();
    found.verdict.sentence = "What was found.".into();
    found.verdict.causes.push(CauseLine {
        cause,
        because_of: Vec::new(),
        stance: Stance::Supported,
        failures: 53,
        from_s: 0.0,
        to_s: 825.0,
    });
    found
}

/// The text without its comments, and the comment above each key.
fn made(g: &Gathered) -> String {
    scenario(g, &verdict(Cause::NonpagedPool)).unwrap()
}

/// The lines that are no comments.
fn values(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect()
}

fn holds(text: &str, wanted: &[&str]) {
    let values = values(text);
    for line in wanted {
        assert!(values.contains(line), "{line} is missing\n{text}");
    }
}

/// Its comments as one line of words.
fn reasons(text: &str) -> String {
    let comments = text.lines().filter_map(|line| line.strip_prefix('#'));
    comments.map(str::trim).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_published_outage_becomes_its_last_seconds() {
    let g = kit::read("page.txt", format!("{}\n{}", kit::refusals("-"), kit::poolmon(" ")));
    let text = made(&g);
    holds(
        &text,
        &[
            "profile = \"windows-2003-x86-3gb\"",
            "time_scale = 60",
            "refuse = \"rst-to-syn\"",
            "static = 36678632",
            "close = \"target-first\"",
            "cause = \"nonpaged-pool\"",
        ],
    );
    let bytes = |line: &&str| line.split(" = ").nth(1).and_then(|n| n.parse::<u64>().ok());
    let of = |key: &str| -> Vec<u64> {
        values(&text).iter().filter(|l| l.starts_with(key)).filter_map(bytes).collect()
    };
    let held = of("baseline")[0] + of("static").iter().sum::<u64>();
    assert_eq!(held, 109_056 * 1024, "in all what the screen shows");
    let each = of("bytes_per_connection");
    assert_eq!(each.len(), 2, "ISil and I100 together");
    let ratio = each[0] as f64 / each[1] as f64;
    assert!((ratio - 453.0 / 183.0).abs() < 0.01, "by the size of their allocations: {each:?}");
    for words in [
        "inferred: refusals of 2005-09-02",
        "measured: in use in the last snapshot, 1.5 MiB below the level",
        "assumed to leak: one of each goes with every connection",
        "\u{3a3}N = 53 refused SYNs in 825 s",
        "assumed: no list of sockets shows who closed first",
    ] {
        assert!(reasons(&text).contains(words), "{words}\n{text}");
    }
}

/// A screen of poolmon in which one tag holds so much.
fn screen(pool_kib: u64, live: u64) -> String {
    format!(
        " Memory: 1048016K Avail:  438396K  PageFlts:   219   InRam Krnl: 3604K P:42372K\n Commit: 538908K Limit:1245092K Peak: 609576K            Pool N:{pool_kib}K P:43740K\n System pool information\n Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc\n\n Leak Nonp  {live} (   0)  0 (   0)  {live} {} (   0)  1000\n File Nonp  9000 (   0)  0 (   0)  9000 1368000 (   0)  152\n",
        live * 1000
    )
}

#[test]
fn what_two_snapshots_measure_is_played_faster_and_said_so() {
    let folder = Folder::new();
    folder.put("poolmon-20260201-100000Z.txt", screen(60_000, 10_000));
    folder.put("poolmon-20260201-120000Z.txt", screen(67_031, 17_200));
    let asked = Asked { profile: Some("windows-2003-x86-3gb".into()), ..Asked::default() };
    let g = gather(&[folder.path().to_owned()], &asked);
    let text = made(&g);
    let told = reasons(&text);
    assert!(told.contains("1000 bytes per second of the host; times 1.5 here"), "{text}");
    holds(&text, &["tag = \"Leak\"", "bytes_per_second = 1456"]);
    assert!(told.contains("the hours before are left out"), "{text}");
}

#[test]
fn leaks_per_connection_and_rates_come_from_counters() {
    let folder = Folder::new();
    folder.put("poolmon-20260201-100000Z.txt", screen(60_000, 10_000));
    folder.put("poolmon-20260201-101000Z.txt", screen(65_859, 16_000));
    let page = |n: u32| format!("windows_tcp_connections_passive_total{{af=\"ipv4\"}} {n}\n");
    folder.put("metrics-20260201-100000Z.txt", page(5_000));
    folder.put("metrics-20260201-101000Z.txt", page(8_000));
    folder.put("tcpip.reg", "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\n\"TcpTimedWaitDelay\"=dword:0000003c\n");
    let asked = Asked { profile: Some("windows-2003-x86".into()), ..Asked::default() };
    let text = made(&gather(&[folder.path().to_owned()], &asked));
    holds(
        &text,
        &[
            "bytes_per_connection = 2000",
            "time_wait = \"60s\"",
            "time_scale = 15",
            "arrival = { kind = \"constant\", per_second = 100 }",
        ],
    );
    assert!(reasons(&text).contains("measured: 5 per second of the host"), "{text}");
}

#[test]
fn a_population_of_time_wait_stands_for_a_rate() {
    let folder = Folder::new();
    folder.put("httperr.log", kit::refusals("-"));
    folder.put("netstat.txt", kit::netstat(124, 431));
    let text = made(&gather(&[folder.path().to_owned()], &Asked::default()));
    holds(&text, &["arrival = { kind = \"constant\", per_second = 108 }", "tag = \"Leak\""]);
    for words in [
        "assumed: no capture says what host this is",
        "431 TIME_WAIT at 240 s each are 1.8 connections per second of the host (N / 2MSL)",
        "measured: the host holds the TIME_WAIT",
        "assumed: 1.5 MiB below the level at which it refuses (no snapshot",
    ] {
        assert!(reasons(&text).contains(words), "{words}\n{text}");
    }
}

#[test]
fn what_cannot_be_brought_about_is_said() {
    let g = kit::read("httperr.log", kit::refusals("-"));
    for (found, words, why) in [
        (kit::no_verdict(), "no cause was found", "a healthy host"),
        (
            verdict(Cause::Tls),
            "no scenario is made of tls",
            "a cause that captures cannot bring back",
        ),
        (
            verdict(Cause::ClientPorts),
            "no reading of the generator's ports",
            "no generator was read",
        ),
    ] {
        let said = scenario(&g, &found).unwrap_err();
        assert!(said.contains(words), "{why}: {said}");
    }
    let mut unexplained = kit::no_verdict();
    unexplained.verdict.unexplained = 7;
    assert!(scenario(&g, &unexplained).unwrap_err().contains("the 7 failures"));
    let asked = Asked { profile: Some("windows-2000".into()), ..Asked::default() };
    let folder = Folder::new();
    let g = gather(&[folder.put("httperr.log", kit::refusals("-"))], &asked);
    let said = scenario(&g, &verdict(Cause::NonpagedPool)).unwrap_err();
    assert!(said.contains("no HTTP.sys whose gate"), "{said}");
}
