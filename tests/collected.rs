//! The folder that a collecting script leaves goes straight into `diagnose`: laid out by hand as the
//! scripts lay it out, on Server 2003 and since, with files dated by their names.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::kit::{Folder, causes, churnlab};

const HTTPERR: &str = "#Software: Microsoft HTTP API 1.0\r\n#Version: 1.0\r\n#Date: 2026-02-01 10:03:07\r\n\
    #Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\r\n\
    2026-02-01 10:03:07 - - - - - - - - - 3_Connections_Refused -\r\n\
    2026-02-01 10:03:12 - - - - - - - - - 4_Connections_Refused -\r\n";

const GAPS: &str = "churnlab collect: gaps, which README.txt explains\r\n\
    20260201-100001Z counter missing, or its English name: \\TCPv6\\Connections Active\r\n\
    20260201-100130Z counters: none in this turn: typeperf failed\r\n\
    20260201-100230Z counters: none in this turn: typeperf failed\r\n\
    20260201-100300Z snapshots: 12 s late: the host was busy or asleep, or its clock was changed\r\n\
    20260201-100400Z snapshots: 9 s late: the host was busy or asleep, or its clock was changed\r\n";

const README: &str = "churnlab collect: captures of WEB1, begun 20260201-100000Z. This whole folder goes to: churnlab diagnose FOLDER\r\n\
    It holds host names, addresses and URLs: churnlab diagnose --redact hides them. HTTPERR: HTTP.sys' error logs.\r\n\
    20260201-100312Z Refusals seen; latest row 2026-02-01 10:03:12\r\n\
    20260201-100812Z Ended: 5 minutes have passed since the first refusal\r\n";

const NETSTAT: &str = "\r\nActive Connections\r\n\r\n  Proto  Local Address          Foreign Address        State           PID\r\n\
    \x20 TCP    0.0.0.0:80             0.0.0.0:0              LISTENING       4\r\n\
    \x20 TCP    10.0.0.1:80            10.0.0.9:1217          TIME_WAIT       0\r\n\
    \x20 TCP    10.0.0.1:80            10.0.0.9:1218          ESTABLISHED     4\r\n";

const NET_STATISTICS: &str = "Workstation Statistics for \\\\WEB1\r\n\r\n\r\nStatistics since 1/28/2026 6:03 AM\r\n\r\n\r\n  Bytes received                               1234\r\n\r\nThe command completed successfully.\r\n\r\n";

/// A snapshot of poolmon in which one tag has leaked so much of the pool.
fn poolmon(pool_kib: u32, live: u32) -> String {
    format!(
        " Memory: 1048016K Avail:  438396K  PageFlts:   219   InRam Krnl: 3604K P:42372K\r\n Commit: 538908K Limit:1245092K Peak: 609576K            Pool N:{pool_kib}K P:43740K\r\n System pool information\r\n Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc\r\n\r\n Leak Nonp  {live} (   0)  0 (   0)  {live} {} (   0)  1000\r\n File Nonp  9000 (   0)  0 (   0)  9000 1368000 (   0)  152\r\n",
        live * 1000
    )
}

/// Two parts of a day's counters, each with its own header, an hour behind UTC.
const COUNTERS: &str = "\"(PDH-CSV 4.0) (W. Europe Standard Time)(-60)\",\"\\\\WEB1\\Memory\\Pool Nonpaged Bytes\",\"\\\\WEB1\\System\\System Up Time\"\r\n\
    \"02/01/2026 11:00:05.000\",\"109576192\",\"363425\"\r\n\"02/01/2026 11:02:55.000\",\"111181824\",\"363595\"\r\n\
    \"(PDH-CSV 4.0) (W. Europe Standard Time)(-60)\",\"\\\\WEB1\\Memory\\Pool Nonpaged Bytes\",\"\\\\WEB1\\System\\System Up Time\"\r\n\
    \"02/01/2026 11:03:05.000\",\"113250304\",\"363605\"\r\n\"02/01/2026 11:03:10.000\",\"113299456\",\"363610\"\r\n";

fn put(folder: &Path, files: &[(&str, String)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// What `collect.cmd` leaves on Server 2003.
fn by_cmd(folder: &Folder) -> PathBuf {
    let out = folder.path().join("churnlab-WEB1-1");
    let files = [
        ("README.txt", README.to_owned()),
        ("gaps.txt", GAPS.to_owned()),
        (
            "errors.txt",
            "churnlab collect: errors, which README.txt explains\r\nERROR: The system was unable to find the specified registry key or value.\r\n".to_owned(),
        ),
        ("HTTPERR/httperr1.log", HTTPERR.to_owned()),
        ("boot-ini.txt", "[boot loader]\r\ntimeout=30\r\ndefault=multi(0)disk(0)rdisk(0)partition(1)\\WINDOWS\r\n[operating systems]\r\nmulti(0)disk(0)rdisk(0)partition(1)\\WINDOWS=\"Windows Server 2003, Standard\" /fastdetect /3GB\r\n".to_owned()),
        ("systeminfo.txt", "\r\nHost Name:                 WEB1\r\nOS Name:                   Microsoft(R) Windows(R) Server 2003, Standard Edition\r\nSystem Type:               X86-based PC\r\nTotal Physical Memory:     1,023 MB\r\n".to_owned()),
        ("net-statistics.txt", NET_STATISTICS.to_owned()),
        ("Tcpip.reg", "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\r\n\"TcpTimedWaitDelay\"=dword:000000f0\r\n".to_owned()),
        ("events.csv", "\r\n\"Type\",\"Event\",\"Date Time\",\"Source\",\"ComputerName\",\"Category\",\"User\",\"Description\"\r\n\"Information\",\"6005\",\"1/28/2026 7:03:01 AM\",\"EventLog\",\"WEB1\",\"None\",\"N/A\",\"The Event log service was started.\"\r\n".to_owned()),
        ("counters-20260201.csv", COUNTERS.to_owned()),
        ("hour/20260201-100000Z-netstat.txt", NETSTAT.to_owned()),
        ("hour/20260201-100000Z-poolmon.txt", poolmon(107_008, 1_000)),
        ("hour/20260201-100000Z-handles.csv", "\"(PDH-CSV 4.0) (W. Europe Standard Time)(-60)\",\"\\\\WEB1\\Process(w3wp)\\Handle Count\",\"\\\\WEB1\\Process(w3wp)\\ID Process\"\r\n\"02/01/2026 11:00:01.000\",\"900\",\"1234\"\r\n".to_owned()),
        ("hour/20260201-100812Z-tasklist.csv", "\"Image Name\",\"PID\",\"Session Name\",\"Session#\",\"Mem Usage\"\r\n\"System Idle Process\",\"0\",\"Console\",\"0\",\"16 K\"\r\n\"w3wp.exe\",\"1234\",\"Console\",\"0\",\"51,200 K\"\r\n".to_owned()),
        ("hour/20260201-100812Z-netstat-s.txt", "\r\nTCP Statistics for IPv4\r\n\r\n  Active Opens                        = 52\r\n  Passive Opens                       = 93000\r\n  Failed Connection Attempts          = 7\r\n".to_owned()),
        ("minute/20260201-100100Z-netstat.txt", NETSTAT.to_owned()),
        ("minute/20260201-100100Z-poolmon.txt", poolmon(108_008, 2_000)),
        ("minute/20260201-100304Z-netstat.txt", NETSTAT.to_owned()),
        ("minute/20260201-100304Z-poolmon.txt", poolmon(110_600, 4_600)),
    ];
    put(&out, &files);
    out
}

/// What `collect.ps1` leaves since Server 2012.
fn by_ps1(folder: &Folder) -> PathBuf {
    let out = folder.path().join("churnlab-WEB1-20260201-100000Z");
    let bom = |text: &str| format!("\u{feff}{text}");
    let csv = |rows: &str| {
        bom(&format!(
            "\"LocalAddress\",\"LocalPort\",\"RemoteAddress\",\"RemotePort\",\"State\",\"OwningProcess\"\r\n{rows}"
        ))
    };
    let files = [
        ("README.txt", bom(README)),
        ("gaps.txt", bom(GAPS)),
        ("errors.txt", bom("churnlab collect: errors, which README.txt explains\r\n")),
        ("HTTPERR/httperr1.log", HTTPERR.to_owned()),
        (
            "dynamicport.txt",
            bom(
                "\r\nProtocol tcp Dynamic Port Range\r\n---------------------------------\r\nStart Port      : 49152\r\nNumber of Ports : 16384\r\n\r\n",
            ),
        ),
        (
            "excludedportrange.txt",
            bom(
                "\r\nProtocol tcp Port Exclusion Ranges\r\n\r\nStart Port    End Port      \r\n----------    --------      \r\n      5357        5357      \r\n     50000       50059     *\r\n\r\n* - Administered port exclusions.\r\n\r\n",
            ),
        ),
        ("events.xml", bom("<Events></Events>\r\n")),
        (
            "counters-20260201.csv",
            bom(
                "\"(PDH-CSV 4.0) (UTC)(0)\",\"\\\\web1\\memory\\pool nonpaged bytes\"\r\n\"02/01/2026 10:00:05.000\",\"109576192\"\r\n\"02/01/2026 10:03:05.000\",\"113250304\"\r\n",
            ),
        ),
        (
            "hour/20260201-100000Z-tcp.csv",
            csv(
                "\"10.0.0.1\",\"80\",\"10.0.0.9\",\"1217\",\"TimeWait\",\"0\"\r\n\"0.0.0.0\",\"80\",\"0.0.0.0\",\"0\",\"Listen\",\"4\"\r\n\"10.0.0.1\",\"49999\",\"0.0.0.0\",\"0\",\"Bound\",\"1234\"\r\n",
            ),
        ),
        (
            "hour/20260201-100000Z-handles.csv",
            bom(
                "\"Id\",\"ProcessName\",\"HandleCount\",\"NonpagedSystemMemorySize64\"\r\n\"4\",\"System\",\"1100\",\"272\"\r\n\"1234\",\"w3wp\",\"90000\",\"51200\"\r\n",
            ),
        ),
        (
            "minute/20260201-100304Z-tcp.csv",
            csv(
                "\"10.0.0.1\",\"80\",\"10.0.0.9\",\"1219\",\"TimeWait\",\"0\"\r\n\"0.0.0.0\",\"80\",\"0.0.0.0\",\"0\",\"Listen\",\"4\"\r\n",
            ),
        ),
    ];
    put(&out, &files);
    out
}

fn diagnose(folder: &Path, more: &[&str]) -> (Value, String) {
    let run = |format: &str| {
        let out = churnlab().arg("diagnose").arg(folder).arg(format).args(more).output().unwrap();
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    let text = run("--format=text").split_whitespace().collect::<Vec<_>>().join(" ");
    (serde_json::from_str(&run("--format=json")).unwrap(), text)
}

fn unread(found: &Value) -> Vec<String> {
    let inputs = found["inputs"].as_array().unwrap().iter();
    let unread = inputs.filter(|i| i["unusable_because"].is_string() || i["skipped"] != 0);
    unread.map(|i| format!("{} {} {}", i["file"], i["kind"], i["unusable_because"])).collect()
}

#[test]
fn the_folder_of_a_server_2003_is_read_to_the_last_file() {
    let folder = Folder::new();
    let (found, text) = diagnose(&by_cmd(&folder), &[]);
    assert_eq!(unread(&found), Vec::<String>::new());
    assert_eq!(causes(&found), ["nonpaged-pool"]);
    let cause = &found["verdict"]["causes"][0];
    assert_eq!(cause["stance"], "supported", "names date the snapshots, so order is told");
    assert!(cause["because_of"].to_string().contains("tag Leak"), "{cause}");
    assert_eq!(found["pool"]["limit"]["value"], 128 << 20, "boot.ini says /3GB");
    for words in [
        "Leak, in no list of Windows' tags, grew by 3.4 MiB over 3.1 min",
        "Missing, 2 times, 20260201-100130Z to 20260201-100230Z: counters: none in this turn",
        "Missing, 2 times, 20260201-100300Z to 20260201-100400Z: snapshots: n s late",
        "20260201-100812Z Ended: 5 minutes have passed since the first refusal.",
        "TIME_WAIT lasts 240 s",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    for words in
        ["name files with it in UTC", "Settings in force: reg export", "Sockets while it happens"]
    {
        assert!(!text.contains(words), "{words} is collected: {text}");
    }
}

#[test]
fn the_folder_of_a_later_server_is_read_to_the_last_file() {
    let folder = Folder::new();
    let (found, text) = diagnose(&by_ps1(&folder), &["--profile=windows-2003-x86-3gb"]);
    assert_eq!(unread(&found), Vec::<String>::new());
    assert_eq!(causes(&found), ["nonpaged-pool"]);
    assert_eq!(found["verdict"]["causes"][0]["stance"], "supported");
    assert_eq!(found["tcp"]["time_wait"], 1, "of the last list");
    assert!(text.contains("w3wp"), "the process with most handles: {text}");
}

#[test]
fn a_folder_of_gaps_alone_is_no_evidence() {
    let folder = Folder::new();
    put(folder.path(), &[("gaps.txt", GAPS.to_owned()), ("README.txt", README.to_owned())]);
    let out = churnlab().arg("diagnose").arg(folder.path()).output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.contains("counters: none in this turn"), "yet what is missing is told: {text}");
}

#[test]
fn a_host_without_systeminfo_still_tells_since_when_it_counts() {
    let folder = Folder::new();
    put(
        folder.path(),
        &[("net-statistics.txt", NET_STATISTICS.to_owned()), ("httperr1.log", HTTPERR.to_owned())],
    );
    let (_, text) = diagnose(folder.path(), &[]);
    assert!(text.contains("Last boot: 1/28/2026 6:03 AM or shortly before"), "{text}");
}
