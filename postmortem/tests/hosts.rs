//! What an expert would say of three hosts, each of another age, from captures made by hand (see
//! `hosts/ORIGIN.md`).

#![allow(clippy::unwrap_used)]

mod kit;

use std::path::PathBuf;

use model::diagnosis::Standing;
use model::row::{Happening, Row};
use postmortem::{Asked, Gathered, gather};

fn host(name: &str, healthy: Option<&str>) -> Gathered {
    let folder =
        |name: &str| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/hosts").join(name);
    let baseline = healthy.map(folder).into_iter().collect();
    let g = gather(&[folder(name)], &Asked { baseline, ..Asked::default() });
    for input in &g.inputs {
        assert_eq!((&input.unusable_because, input.skipped), (&None, 0), "{input:?}");
    }
    g
}

/// Every sentence wanted is there, and none that would be wrong of this host.
fn holds(told: &str, wanted: &[&str], wrong: &[&str]) {
    for words in wanted {
        assert!(told.contains(words), "missing: {words}\n{told}");
    }
    for words in wrong {
        assert!(!told.contains(words), "wrong of this host: {words}\n{told}");
    }
}

#[test]
fn server_2003_leaks_in_two_tags_since_every_boot() {
    let g = host("server-2003", None);
    assert_eq!(g.run.target.profile.as_deref(), Some("windows-2003-x86-3gb"));
    assert_eq!(g.boots.len(), 3, "{:?}", g.boots);
    holds(
        &kit::said(&g),
        &[
            // Joining: boots from the System log in local time, refusals in UTC, over two weeks.
            "Refusals begin 4.6 days after a boot: 4.2, 4.9, 4.6 days over 3 boots, so much alike that something fills up at a steady pace since the boot: a leak.",
            "Episode 1: 2005-08-24 22:50:02 to 2005-08-24 23:10:02 UTC (20.0 min), \u{3a3}N = 11 in 5 rows; a boot 80 min after its last row ended it.",
            "Episode 2: 2005-08-29 22:00:03 to 2005-08-29 22:40:03 UTC (40.0 min), \u{3a3}N = 11 in 4 rows, after 5.0 days of silence; a boot",
            "Episode 3: 2005-09-03 14:25:04",
            "The stamps stand on 3 grids of 5 s",
            // Growth per second and per connection, to the gate and back to the boot.
            "ISil, owner not known (perhaps a network card's driver), grew by 3.9 MiB over 12.5 h: 321.3 KiB/h (91.4 bytes per second), 9,079 allocations more, without ever shrinking; that is 53 bytes per connection accepted (TCP counter Connections Passive), of which 77,760 came.",
            "ISil and I100 grew by 9,079 and 9,079 allocations: they move together, one leak in 2 tags.",
            "the gate is reached by a ceiling of 128 MiB in 3.4 h.",
            "ISil would have begun at this pace 4.6 days before, about 2005-08-29 23:03:46 UTC; the host had been up for 4.6 days: that is when the host was started, so it has grown ever since.",
            "From a boot, with the 57.3 MiB that did not grow, to the gate takes 4.8 days by a ceiling of 128 MiB",
            // TIME_WAIT by owner, at each length, in memory by the article and by tag.
            "431 TIME_WAIT against 124 ESTABLISHED (3.5 to 1)",
            "1.8 per second at 240 s, 3.6 per second at 120 s.",
            "431 are of connections that this host accepted, 0 of ones it opened (an ephemeral port each); most on local port 80 (431).",
            "as measured, tag TCPT holds 130.0 KiB in 520 allocations of 256 bytes",
            "tag TCPC 91.1 KiB in 131 of 712 bytes",
            "Only 9408 system page table entries are free",
            "Srv 2019, 1 time (2005-09-03 15:41:10 UTC or an hour before)",
            // Remedies, by this system and direction.
            "TcpTimedWaitDelay applies (documented for Windows 2000 and Server 2003",
            "It frees memory only: these entries are of accepted connections",
            "EnableAggressiveMemoryUsage = 1 (KB820129; KB934878 for Server 2003) applies: it moves the gate to 8.0 MiB",
            "Starting without /3GB applies: the ceiling rises from 128 to 256 MiB",
            "A wider port range (MaxUserPort before Vista, netsh since) and more addresses change nothing here",
            "A port in use is taken for every destination on this system.",
        ],
        &[
            "256 MB ceiling",
            "Settings in force: reg export",
            "When the host was last started is not in these captures",
            "60 s (as often tuned)",
        ],
    );
}

#[test]
fn against_its_peer_the_leak_stands_alone() {
    let g = host("server-2003", Some("server-2003-healthy"));
    let baseline = g.baseline.as_ref().unwrap();
    assert_eq!(baseline.suspects, ["ISil", "I100", "PcNw"]);
    let up = [baseline.here.uptime_days, baseline.peer.uptime_days];
    assert_eq!(up.map(|days| days.unwrap().round()), [5.0, 19.0]);
    for cleared in ["SavE", "IAM", "tdLL", "LSwi", "R200"] {
        let tag = baseline.compared.iter().find(|c| c.name == cleared).unwrap();
        assert_eq!(tag.standing, Standing::Alike, "{cleared}: {}", tag.sentence);
    }
    holds(
        &kit::said(&g),
        &[
            "ISil: 35.0 MiB in 80,939 live allocations here, 203.5 KiB in 460 on the healthy peer, 176 \u{d7}; per day of uptime 7.6 MiB against 10.7 KiB.",
            "Connections_Refused: 2.9 a day here, none on the healthy peer.",
            "on the healthy peer 269.5 KiB",
            "Not what differs, the healthy peer has as much: SavE (11.2 MiB here, 11.0 MiB there)",
            "Whether both start with /3GB",
        ],
        &["The peer is of another kind"],
    );
}

#[test]
fn server_2012_r2_has_used_up_its_outgoing_ports() {
    let g = host("server-2012r2", None);
    assert_eq!(g.run.target.profile.as_deref(), Some("windows-2012r2"));
    let ports = g.rows.iter().find_map(|row| match row {
        Row::Sample(sample) => sample.ports.clone(),
        _ => None,
    });
    let ports = ports.unwrap();
    assert_eq!((ports.usable(), ports.used_any, ports.used_to_destination), (500, 460, Some(400)));
    holds(
        &kit::said(&g),
        &[
            "Outgoing, 460 of 500 ports (49152\u{2013}49651, as netsh printed it) are in use, 92.0 %: short, and the System log says so itself (4227, 4231). So it counts where a port in use is taken for every destination (before Server 2016, and before the updates of KB3149157 on 2012 R2).",
            "400 of 500 ports (49152\u{2013}49651, as netsh printed it) are in use towards the busiest destination, or BOUND without a connection, 80.0 %",
            "Outgoing connections go to 2 destinations, most to 10.20.0.7:1433 (400), 10.20.0.9:8080 (60).",
            "TIME_WAIT left out since it belongs to none: w3wp.exe 4712 (100).",
            "0 are of connections that this host accepted, 360 of ones it opened (an ephemeral port each).",
            "Most are outgoing, to remote port 1433 (360)",
            "12 per second at 30 s, 3.0 per second at 120 s",
            "60 sockets stand in CLOSE_WAIT, most of w3wp.exe 4712 (60)",
            "tag TcTW holds 85.8 KiB in 366 allocations of 240 bytes",
            "tag TTcb 229.7 KiB in 140 of 1,680 bytes",
            "MaxUserPort is set to 65534 and changes nothing: it is not read since Vista (KB929851).",
            "A wider port range applies: netsh int ipv4 set dynamicport tcp",
            "TcpTimedWaitDelay may apply: Microsoft documents it for Windows 2000 and Server 2003 only",
            "It is set to 30 s already: nothing more is to be won.",
            "More addresses on this host do not multiply its ports by themselves",
            "Tcpip 4231, 1 time (2019-03-21 10:12:40): all ephemeral ports of TCP were in use",
            "Installed before: 2019-03-18 13:00:00 (2.9 days before the first sign of trouble) driver Example Filter",
            "QueueFull, 40 rows",
            "It is the programs of this host that close what they opened",
        ],
        &["EnableAggressiveMemoryUsage", "it refuses because the pool is short", "messenger"],
    );
    let testified = g.rows.iter().any(|row| {
        matches!(row, Row::Event(event) if matches!(&event.what, Happening::OsEvent { id: 4231, .. }))
    });
    assert!(testified, "what the System log says is judged too");
}

#[test]
fn server_2022_has_a_process_that_leaks_handles() {
    let g = host("server-2022", None);
    assert_eq!(g.run.target.profile.as_deref(), Some("windows-2022"));
    holds(
        &kit::said(&g),
        &[
            "AfdE (Winsock endpoints, one per socket handle) grew by 16,000 objects and never shrank: some process opens handles and does not close them.",
            "AfdE, File and Even grew by 16,000, 16,000 and 16,000 allocations: they move together, one leak in 3 tags.",
            "agent 6120 has 47,000 handles, 16,000 more than at first over 4.0 h, 4,000 an hour, and never closed more than it opened: it leaks them.",
            "Most handles: agent 6120 (47,000), System 4 (5,210)",
            "420 sockets are BOUND and nothing else, most of agent 6120 (420) (first 150, last 450, over 4.0 h: it grows)",
            "450 of 16,384 ports (49152\u{2013}65535, by default, KB929851: dynamic port range) are in use towards the busiest destination, or BOUND without a connection, 2.7 %: no shortage. So it counts where ports are given out per 4-tuple",
            "Last boot: 2024-06-03 05:00:11 (from the exporter).",
            "AfdE would have begun at this pace 9.2 h before",
            "well after the boot: something set it off since",
            "By the hundred it is healthy; it is never a cause.",
            "multiply the ports: each pair of addresses has the whole range",
            "no setting frees those, only the program that holds them",
        ],
        &["per row of the error log", "Name the process", "compare it with the days between"],
    );
}
