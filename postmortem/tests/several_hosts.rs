//! Captures of more than one host, given as those of one.

#![allow(clippy::unwrap_used)]

mod kit;

use postmortem::{Asked, gather};

const SYSTEMINFO: &str = "\nHost Name:                 WEB1\nOS Name:                   Microsoft Windows Server 2016 Standard\nTotal Physical Memory:     8,192 MB\n";

/// A performance log of one counter of this host.
fn counters(host: &str) -> String {
    format!(
        "\"(PDH-CSV 4.0) (UTC)(0)\",\"\\\\{host}\\Memory\\Pool Nonpaged Bytes\"\n\"09/02/2005 18:45:07.000\",\"111000000\"\n"
    )
}

/// Entries of a System log, the later first, as a host has them that was renamed.
fn events(host: &str, formerly: &str) -> String {
    let entry = |day: u32, host: &str| {
        format!(
            "Event[0]:\n  Log Name: System\n  Source: EventLog\n  Date: 2021-06-{day}T12:00:07.000\n  Event ID: 6005\n  Computer: {host}\n  Description: \nThe Event log service was started.\n\n"
        )
    };
    entry(13, host) + &entry(12, formerly)
}

#[test]
fn several_hosts_are_told_by_name_and_file() {
    let folder = kit::Folder::new();
    let paths = [
        folder.put("a/systeminfo.txt", SYSTEMINFO),
        folder.put("a/counters.csv", counters("web1")),
        folder.put("b/counters.csv", counters("WEB2")),
        folder.put("b/events.txt", events("web2.contoso.example", "WIN-3F7Q1")),
    ];
    let g = gather(&paths, &Asked::default());
    let told = kit::said(&g);
    let file = |at: usize| paths[at].display();
    let wanted = format!(
        "Which host: The captures seem to come from 2 hosts: WEB1 ({}, {}), WEB2 ({}, {}). They were joined as those of one",
        file(0),
        file(1),
        file(2),
        file(3)
    );
    assert!(told.starts_with(&wanted), "{wanted}\n{told}");
}

#[test]
fn one_host_is_not_told_as_several() {
    let folder = kit::Folder::new();
    let paths = [
        folder.put("systeminfo.txt", SYSTEMINFO),
        folder.put("counters.csv", counters("WEB1")),
        folder.put("remote.csv", counters("10.0.0.1")),
        folder.put("events.txt", events("WEB1.contoso.example", "WIN-3F7Q1")),
        folder.put("metrics.txt", "windows_cs_hostname{domain=\"contoso.example\",fqdn=\"web1.contoso.example\",hostname=\"web1\"} 1\n"),
        folder.put("pool.txt", kit::poolmon(" ")),
    ];
    let g = gather(&paths, &Asked::default());
    assert_eq!(g.facts.computers.iter().count(), 1, "{:?}", g.facts.computers);
    assert_eq!(g.facts.computers.iter().next().unwrap().files.len(), 3);
    assert!(!kit::said(&g).contains("Which host"));
}
