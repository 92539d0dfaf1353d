//! Captures of one host on one clock: series, facts, and what they change.

#![allow(clippy::unwrap_used)]

mod kit;

use model::limit::Origin;
use postmortem::{Asked, gather};

fn pool_at(kib: u32, leak_live: u64) -> String {
    format!(
        " Memory: 1048016K Avail:  438396K  PageFlts:   219   InRam Krnl: 3604K P:42372K\n Commit: 538908K Limit:1245092K Peak: 609576K          Pool N:{kib}K P:43740K\n System pool information\n Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc\n\n Leak Nonp {:>9} {:>9} {leak_live:>9} {:>9} 1024\n File Nonp {:>9} {:>9} {:>9} {:>9} 152\n",
        leak_live + 7,
        7,
        leak_live * 1024,
        leak_live * 2 + 9,
        9,
        leak_live * 2,
        leak_live * 2 * 152,
    )
}

#[test]
fn two_dated_snapshots_name_the_grower_and_its_pace() {
    let folder = kit::Folder::new();
    folder.put("poolmon-20120206-100000Z.txt", pool_at(50_000, 1_000));
    folder.put("poolmon-20120206-110000Z.txt", pool_at(60_000, 11_000));
    let g = gather(&[folder.path().to_owned()], &Asked::default());
    assert_eq!((g.run.planned_seconds, g.run.started.as_str()), (3600.0, "2012-02-06T10:00:00Z"));
    assert!(g.run.clocks[0].bound_s <= 1.0, "file names say when");
    let told = kit::said(&g);
    for words in [
        "Leak, in no list of Windows' tags, grew by 9.8 MiB over 60.0 min: 9.8 MiB/h (2844 bytes per second), 10,000 allocations more, between two snapshots",
        "File (file objects (a socket is one)) grew by 20,000 objects",
        "At the pace of the pool as a whole, 9.8 MiB/h (2844 bytes per second), the gate is reached by a ceiling of 128 MiB in 5.1 h, by a ceiling of 256 MiB in 18.2 h",
        "Back from its 10.7 MiB, Leak would have begun at this pace 66 min before, about 2012-02-06 09:54:00 UTC; when the host was started is not known",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    assert!(!told.contains("One snapshot names"), "{told}");
}

#[test]
fn a_host_is_known_by_what_it_says_of_itself() {
    let folder = kit::Folder::new();
    let paths = [
        folder.put("systeminfo.txt", "\nHost Name:                 WEB1\nOS Name:                   Microsoft(R) Windows(R) Server 2003, Standard Edition\nOS Version:                5.2.3790 Service Pack 2 Build 3790\nSystem Up Time:            4 Days, 11 Hours, 2 Minutes, 9 Seconds\nSystem type:               X86-based PC\nTotal Physical Memory:     1,023 MB\nAvailable Physical Memory: 428 MB\n"),
        folder.put("boot.ini", "[boot loader]\r\ntimeout=30\r\ndefault=multi(0)disk(0)rdisk(0)partition(1)\\WINDOWS\r\n[operating systems]\r\nmulti(0)disk(0)rdisk(0)partition(1)\\WINDOWS=\"Windows Server 2003\" /fastdetect /3GB\r\n"),
        folder.put("http.reg", "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters]\r\n\"EnableAggressiveMemoryUsage\"=dword:00000001\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\r\n\"TcpTimedWaitDelay\"=dword:0000001e\r\n"),
        folder.put("pool.txt", kit::poolmon(" ")),
        folder.put("net.txt", kit::netstat(10, 60)),
    ];
    let g = gather(&paths, &Asked::default());
    for input in &g.inputs {
        assert_eq!(input.unusable_because, None, "{input:?}");
    }
    assert_eq!(g.run.target.profile.as_deref(), Some("windows-2003-x86-3gb"));
    assert_eq!(g.run.target.ram_bytes, Some(1_023 << 20));
    assert_eq!(g.run.target.gate_bytes, Some(8 << 20), "EnableAggressiveMemoryUsage");
    let pool = g.pool.as_ref().unwrap();
    assert_eq!((pool.limit.unwrap().value, pool.gate_bytes), (128 << 20, Some(8 << 20)));
    assert_eq!(g.run.tunables["target"]["TcpTimedWaitDelay"].value, 30);
    let told = kit::said(&g);
    for words in ["4.5 days before", "2.0 per second at 30 s", "EnableAggressiveMemoryUsage = 1"] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    assert!(!told.contains("256 MB ceiling"), "boot.ini has decided: {told}");
}

#[test]
fn a_debuggers_ceiling_is_measured() {
    let g = kit::read(
        "kd.txt",
        "0: kd> !vm\n\n*** Virtual Memory Usage ***\n\tPhysical Memory:      262007 (   1048028 Kb)\n\tAvailable Pages:      109599 (    438396 Kb)\n\tNonPagedPool Usage:    27264 (    109056 Kb)\n\tNonPagedPool Max:      32384 (    129536 Kb)\n\tPagedPool Usage:       10935 (     43740 Kb)\n",
    );
    let pool = g.pool.as_ref().unwrap();
    let limit = pool.limit.unwrap();
    assert_eq!((limit.value, limit.origin), (129_536 * 1024, Origin::Measured));
    assert_eq!(pool.headroom_bytes, Some(20 << 20), "exactly the gate");
    assert!(kit::said(&g).contains("as !vm read it"));
}

#[test]
fn a_performance_log_is_put_on_utc_by_its_bias() {
    let folder = kit::Folder::new();
    let csv = "\"(PDH-CSV 4.0) (Eastern Daylight Time)(240)\",\"\\\\WEB1\\Memory\\Pool Nonpaged Bytes\"\n\"09/02/2005 14:45:07.000\",\"111000000\"\n\"09/02/2005 14:45:12.000\",\"111673344\"\n";
    let paths = [folder.put("pool.csv", csv), folder.put("httperr1.log", kit::refusals("-"))];
    let g = gather(&paths, &Asked::default());
    assert_eq!(g.run.started, "2005-09-02T18:45:07Z", "14:45 in the east is 18:45 UTC");
    assert_eq!(g.run.clocks[0].bound_s, 0.0);
    assert_eq!(g.counters["\\\\WEB1\\Memory\\Pool Nonpaged Bytes"].last, 111_673_344.0);
    assert_eq!(g.run.target.profile.as_deref(), Some("windows-2003-x86-3gb"));
}

#[test]
fn a_list_that_is_given_names_owners() {
    let folder = kit::Folder::new();
    let list = "rem the list of this host\r\n\r\nISil - silnic.sys - Network card\r\nI10? - e100b.sys  - Fast Ethernet\r\nSavE - <unknown> - saver\r\nXyz1 - xyz.sys - x\r\nXyz2 - xyz.sys - x\r\n";
    let paths = [folder.put("pooltag.txt", list), folder.put("pool.txt", kit::poolmon(" "))];
    let g = gather(&paths, &Asked::default());
    let pool = g.pool.as_ref().unwrap();
    let owner = |tag: &str| pool.tags.iter().find(|t| t.tag == tag).unwrap().owner.clone();
    assert_eq!(owner("ISil").as_deref(), Some("silnic.sys"));
    assert_eq!(owner("I100").as_deref(), Some("e100b.sys"), "by pattern");
    assert_eq!(owner("SavE"), None, "the list does not know either");
    assert_eq!(owner("TCPt").as_deref(), Some("tcpip.sys"), "the built-in table goes on");
    assert!(kit::said(&g).contains("silnic.sys, by the pooltag.txt given"));
}

#[test]
fn drivers_are_searched_for_tags() {
    let folder = kit::Folder::new();
    folder.put("drivers/silnic.sys", b"\x00\x01hISil\x00code");
    folder.put("drivers/other.sys", b"text about ISil only");
    folder.put("drivers/readme.txt", b"ISil");
    let asked = Asked { drivers: Some(folder.path().join("drivers")), ..Asked::default() };
    let g = gather(&[folder.put("pool.txt", kit::poolmon(" "))], &asked);
    assert_eq!(g.drivers["ISil"], ["silnic.sys (as code)", "other.sys"]);
    assert_eq!(g.drivers["SavE"], Vec::<String>::new());
    assert!(!g.drivers.contains_key("TCPt"), "known tags are not searched for");
}

#[test]
fn a_leak_of_sockets_is_told_with_its_process() {
    let mut list = String::from(
        "Active Connections\n\n  Proto  Local Address          Foreign Address        State           PID\n  TCP    0.0.0.0:80             0.0.0.0:0              LISTENING       4\n",
    );
    for n in 0..80 {
        list.push_str(&format!(
            "  TCP    10.0.0.1:{}         10.0.0.7:1433       CLOSE_WAIT       1234\n",
            49_152 + n
        ));
    }
    for n in 0..90 {
        list.push_str(&format!(
            "  TCP    10.0.0.1:{}         10.0.0.7:1433       TIME_WAIT       0\n",
            49_232 + n
        ));
    }
    let folder = kit::Folder::new();
    let tasks = "\nImage Name                     PID Session Name        Session#    Mem Usage\n========================= ======== ================ =========== ============\nSystem Idle Process              0 Services                   0          8 K\nw3wp.exe                      1234 Services                   0     91,000 K\n";
    let ports = "\nProtocol tcp Dynamic Port Range\n---------------------------------\nStart Port      : 49152\nNumber of Ports : 200\n";
    let paths = [
        folder.put("net.txt", list),
        folder.put("tasks.txt", tasks),
        folder.put("ports.txt", ports),
    ];
    let g = gather(&paths, &Asked::default());
    let told = kit::said(&g);
    for words in [
        "80 sockets stand in CLOSE_WAIT, most of w3wp.exe 1234 (80)",
        "to remote port 1433 (90)",
        "170 of 200 ports",
        "Outgoing connections go to 1 destination, most to 10.0.0.7:1433 (170)",
        "by process, TIME_WAIT left out since it belongs to none: w3wp.exe 1234 (80)",
        "85.0 %: short",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
}

#[test]
fn counts_without_ports_do_not_clear_the_ports() {
    let page = "# TYPE windows_tcp_connections_state_count gauge\nwindows_tcp_connections_state_count{af=\"ipv4\",state=\"TIME_WAIT\"} 16000\nwindows_tcp_connections_state_count{af=\"ipv4\",state=\"ESTABLISHED\"} 100\nwindows_memory_pool_nonpaged_bytes 3e+08\n";
    let told = kit::said(&kit::read("metrics.txt", page));
    assert!(told.contains("16,000 TIME_WAIT against 100 ESTABLISHED"), "{told}");
    assert!(told.contains("how many ports outgoing connections hold is not told"), "{told}");
    assert!(!told.contains("no shortage") && !told.contains("changes nothing here"), "{told}");
}
