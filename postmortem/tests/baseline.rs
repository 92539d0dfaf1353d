//! The captures of a host in trouble against those of a healthy peer.

#![allow(clippy::unwrap_used)]

mod kit;

use std::path::PathBuf;

use model::diagnosis::{Baseline, Compared, Standing, Subject};
use postmortem::{Asked, gather};

/// poolmon of a healthy peer: tag, live, bytes. Made up, but for PcNw at 275 KB, which is what the
/// author of the published outage saw on his own system.
const PEER_TAGS: [(&str, u64, u64); 7] = [
    ("LSwi", 1, 2_576_384),
    ("MmCm", 260, 2_304_000),
    ("TCPt", 24, 1_392_264),
    ("File", 4_700, 714_400),
    ("ISil", 460, 208_380),
    ("PcNw", 4_600, 281_600),
    ("AfdC", 2_000, 320_000),
];

fn peer_pool(used_kib: u64) -> String {
    let head = format!(
        "Memory: 1048016K Avail:  638396K  PageFlts:   219   InRam Krnl: 3604K P:42372K\nCommit: 338908K Limit:11245092K Peak: 609576K          Pool N:{used_kib}K P:43740K\nSystem pool information\nTag  Type     Allocs            Frees            Diff   Bytes       Per Alloc\n"
    );
    let row = |(tag, live, bytes): &(&str, u64, u64)| {
        format!("{tag:<4} Nonp {:>10} {:>10} {live:>8} {bytes} {:>6}\n", live + 9, 9, bytes / live)
    };
    head + &PEER_TAGS.iter().map(row).collect::<String>()
}

/// A systeminfo of Server 2003 taken at a time that the file's name tells.
fn systeminfo(uptime: &str) -> String {
    format!(
        "\nHost Name:                 WEB1\nOS Name:                   Microsoft(R) Windows(R) Server 2003, Standard Edition\nOS Version:                5.2.3790 Service Pack 2 Build 3790\nSystem Up Time:            {uptime}\nSystem type:               X86-based PC\nTotal Physical Memory:     1,023 MB\n"
    )
}

fn compared<'a>(baseline: &'a Baseline, subject: Subject, name: &str) -> Option<&'a Compared> {
    baseline.compared.iter().find(|c| c.subject == subject && c.name == name)
}

fn against(here: &[PathBuf], peer: &[PathBuf]) -> postmortem::Gathered {
    gather(here, &Asked { baseline: peer.to_vec(), ..Asked::default() })
}

#[test]
fn what_is_large_on_both_is_cleared_and_what_is_large_here_is_a_suspect() {
    let folder = kit::Folder::new();
    let here = [
        folder.put("here/pool.txt", kit::poolmon(" ")),
        folder.put("here/net.txt", kit::netstat(124, 431)),
        folder.put("here/httperr1.log", kit::refusals("-")),
    ];
    let peer = [
        folder.put("peer/pool.txt", peer_pool(41_000)),
        folder.put("peer/net.txt", kit::netstat(110, 40)),
        folder.put(
            "peer/httperr1.log",
            "2005-09-02 18:46:07 10.0.0.9 1217 10.0.0.1 80 - - - - - Timer_ConnectionIdle -\n",
        ),
    ];
    let g = against(&here, &peer);
    let baseline = g.baseline.as_ref().unwrap();
    assert_eq!(baseline.suspects, ["ISil", "I100", "PcNw", "SavE", "IAM", "tdLL", "R200"]);
    let audio = compared(baseline, Subject::NonpagedTag, "PcNw").unwrap();
    assert_eq!((audio.standing, audio.ratio.unwrap().round()), (Standing::Differs, 43.0));
    let first = &baseline.compared[0];
    assert_eq!((first.subject, first.name.as_str()), (Subject::Errors, "Connections_Refused"));
    for cleared in ["LSwi", "MmCm"] {
        let tag = compared(baseline, Subject::NonpagedTag, cleared).unwrap();
        assert_eq!(tag.standing, Standing::Alike, "{cleared} is large, and as large on the peer");
    }
    let unlisted = compared(baseline, Subject::NonpagedTag, "I100").unwrap();
    assert!(unlisted.peer_at_most, "the peer's list does not name it");
    assert_eq!(unlisted.peer, Some(208_380.0), "so it holds no more than the last that is listed");
    let ratio = compared(baseline, Subject::Sockets, "TIME_WAIT to ESTABLISHED").unwrap();
    assert!((ratio.here.unwrap() - 431.0 / 124.0).abs() < 1e-9);
    assert_eq!(ratio.standing, Standing::Differs);
    let told = kit::said(&g);
    for words in [
        "WDM audio of Microsoft, audio streams: odd for a server; a healthy one holds some hundred KB. Whatever plays or records sound on it can be removed; on the healthy peer 275.0 KiB.",
        "on the healthy peer 2.5 MiB, so not what differs",
        "on the healthy peer under 203.5 KiB",
        "Suspects, those that grow first, then the largest: ISil, I100, PcNw",
        "Not what differs, the healthy peer has as much: LSwi (2.5 MiB here, 2.5 MiB there)",
        "A leak grows with uptime: give systeminfo of both",
        "Connections_Refused: 53 an hour here, none on the healthy peer.",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    let marked: Vec<bool> = g.inputs.iter().map(|input| input.baseline).collect();
    assert_eq!(marked, [false, false, false, true, true, true]);
    assert_eq!(g.httperr.unwrap().records, 27, "the peer's rows are no rows of this host");
}

#[test]
fn age_explains_what_grows_in_step_with_it() {
    let folder = kit::Folder::new();
    let pool = |name: &str, leak: u64| {
        let row = format!("Leak Nonp {:>10} {:>10} {leak:>8} {} 1024\n", leak + 5, 5, leak * 1024);
        folder.put(name, peer_pool(60_000) + &row)
    };
    for (here_leak, here_up, peer_leak, peer_up, standing, words, why) in [
        (
            30_000,
            "30 Days, 0 Hours, 0 Minutes, 0 Seconds",
            3_000,
            "3 Days, 0 Hours, 0 Minutes, 0 Seconds",
            Standing::Older,
            "it takes as much per day there",
            "ten times as much in ten times as long",
        ),
        (
            10_000,
            "4 Days, 0 Hours, 0 Minutes, 0 Seconds",
            10_000,
            "40 Days, 0 Hours, 0 Minutes, 0 Seconds",
            Standing::Alike,
            "9.8 MiB in 10,000 on the healthy peer",
            "as much on a host that has long stopped growing",
        ),
        (
            30_000,
            "4 Days, 0 Hours, 0 Minutes, 0 Seconds",
            3_000,
            "4 Days, 0 Hours, 0 Minutes, 0 Seconds",
            Standing::Differs,
            "per day of uptime 7.3 MiB against 750.0 KiB",
            "as old, and ten times as much",
        ),
    ] {
        let here = [
            pool("here/poolmon-20050902-190000Z.txt", here_leak),
            folder.put("here/systeminfo-20050902-190000Z.txt", systeminfo(here_up)),
        ];
        let peer = [
            pool("peer/poolmon-20050902-190500Z.txt", peer_leak),
            folder.put("peer/systeminfo-20050902-190500Z.txt", systeminfo(peer_up)),
        ];
        let g = against(&here, &peer);
        let baseline = g.baseline.as_ref().unwrap();
        let leak = compared(baseline, Subject::NonpagedTag, "Leak").unwrap();
        assert_eq!(leak.standing, standing, "{why}");
        assert!(leak.sentence.contains(words), "{why}: {}", leak.sentence);
        let suspected = baseline.suspects.contains(&"Leak".to_owned());
        assert_eq!(suspected, standing == Standing::Differs, "{why}");
    }
}

#[test]
fn what_is_as_large_on_the_peer_and_grows_here_is_not_cleared() {
    let folder = kit::Folder::new();
    let pool = |name: &str, leak: u64| {
        let row = format!("Leak Nonp {:>10} {:>10} {leak:>8} {} 1024\n", leak + 5, 5, leak * 1024);
        folder.put(name, peer_pool(60_000) + &row)
    };
    let here = [
        pool("here/poolmon-20050902-150000Z.txt", 9_000),
        pool("here/poolmon-20050902-190000Z.txt", 10_000),
    ];
    let g = against(&here, &[pool("peer/poolmon-20050902-190500Z.txt", 10_000)]);
    let baseline = g.baseline.as_ref().unwrap();
    let leak = compared(baseline, Subject::NonpagedTag, "Leak").unwrap();
    assert_eq!(leak.standing, Standing::Grows);
    assert!(leak.sentence.contains("here it grew between snapshots"), "{}", leak.sentence);
    assert_eq!(baseline.suspects, Vec::<String>::new(), "nothing is larger here");
    let told = kit::said(&g);
    assert!(told.contains("No large tag of the non-paged pool is larger here"), "{told}");
}

#[test]
fn of_what_is_larger_here_that_which_grows_is_suspected_first() {
    let folder = kit::Folder::new();
    let pool = |name: &str, leak: u64| {
        let rows = format!(
            "Big1 Nonp {:>10} {:>10} {:>8} {} 1024\nLeak Nonp {:>10} {:>10} {leak:>8} {} 1024\n",
            9_005,
            5,
            9_000,
            9_000 * 1024,
            leak + 5,
            5,
            leak * 1024
        );
        folder.put(name, peer_pool(60_000) + &rows)
    };
    let here = [
        pool("here/poolmon-20050902-150000Z.txt", 2_000),
        pool("here/poolmon-20050902-190000Z.txt", 3_000),
    ];
    let peer = [folder.put("peer/pool.txt", peer_pool(50_000))];
    let g = against(&here, &peer);
    assert_eq!(g.baseline.unwrap().suspects, ["Leak", "Big1"], "the larger one stands still");
}

#[test]
fn settings_and_ports_that_differ_are_told_only_where_both_are_known() {
    let reg = |value: &str| {
        format!(
            "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\r\n\"Hostname\"=\"web1\"\r\n{value}"
        )
    };
    let folder = kit::Folder::new();
    let ports = |start: u32, n: u32| {
        format!(
            "\nProtocol tcp Dynamic Port Range\n---------------------------------\nStart Port      : {start}\nNumber of Ports : {n}\n"
        )
    };
    let here = [
        folder.put("here/tcpip.reg", reg("\"TcpTimedWaitDelay\"=dword:0000001e\r\n")),
        folder.put("here/ports.txt", ports(49_152, 16_384)),
    ];
    let peer =
        [folder.put("peer/tcpip.reg", reg("")), folder.put("peer/ports.txt", ports(1_025, 60_000))];
    let g = against(&here, &peer);
    let settings: Vec<&str> =
        g.baseline.as_ref().unwrap().compared.iter().map(|c| c.sentence.as_str()).collect();
    assert_eq!(
        settings,
        [
            "TcpTimedWaitDelay: 30 here, not set on the healthy peer.",
            "ports of the dynamic range: 16384 here, 60000 on the healthy peer.",
        ],
    );
    let g = against(&here, &peer[1..]);
    let known = &g.baseline.as_ref().unwrap().compared;
    assert_eq!(known.len(), 1, "of the peer's registry nothing is known: {known:?}");
}

#[test]
fn a_peer_that_cannot_be_used_is_told_and_takes_nothing_away() {
    let folder = kit::Folder::new();
    let here = [folder.put("here/pool.txt", kit::poolmon(" "))];
    let junk = [folder.put("peer/mail.txt", "Dear admin,\nit is well.\n")];
    let g = against(&here, &junk);
    assert!(g.usable, "what was asked about can be read");
    let baseline = g.baseline.as_ref().unwrap();
    assert!(baseline.compared.is_empty());
    assert!(baseline.remarks[0].starts_with("Nothing of the healthy peer's captures"));
    assert!(g.inputs[1].baseline && g.inputs[1].unusable_because.is_some());
    let other = [folder.put(
        "peer/httperr1.log",
        "2012-02-06 13:31:17 10.0.0.9 54697 10.0.0.1 80 - - - - - Timer_ConnectionIdle -\n",
    )];
    let g = against(&here, &other);
    let told = kit::said(&g);
    assert!(told.contains("hold nothing of the same kind"), "{told}");
    assert!(!against(&junk, &here).usable, "a healthy peer alone is no outage");
}

#[test]
fn a_peer_of_another_kind_is_told() {
    let folder = kit::Folder::new();
    let modern = "\nHost Name:                 WEB2\nOS Name:                   Microsoft Windows Server 2022 Standard\nOS Version:                10.0.20348 N/A Build 20348\nSystem Type:               x64-based PC\nTotal Physical Memory:     32,767 MB\n";
    let here = [
        folder.put(
            "here/systeminfo-20050902-190000Z.txt",
            systeminfo("4 Days, 0 Hours, 0 Minutes, 0 Seconds"),
        ),
        folder.put("here/pool.txt", kit::poolmon(" ")),
    ];
    let peer =
        [folder.put("peer/systeminfo.txt", modern), folder.put("peer/pool.txt", peer_pool(41_000))];
    let g = against(&here, &peer);
    let baseline = g.baseline.as_ref().unwrap();
    let told = baseline.remarks.join("\n");
    assert!(
        told.contains("The peer is of another kind (windows-2022; this host: windows-2003-x86)"),
        "{told}"
    );
    assert!(told.contains("The peer has 32.0 GiB of memory, this host 1023.0 MiB"), "{told}");
    assert_eq!(baseline.here.uptime_days, Some(4.0));
}
