//! A report for others names nobody: what captures say of addresses, hosts, accounts, sites, paths and
//! URLs stands in neither format, and the same pseudonym is the same thing.

use std::process::Output;

use serde_json::Value;

use crate::kit::{Folder, Ran, churnlab};

/// Captures of a made-up customer, each with something that only its host would know.
const CAPTURES: &[(&str, &str)] = &[
    (
        "httperr1.log",
        "#Software: Microsoft HTTP API 1.0\n#Version: 1.0\n#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\n\
         2026-02-01 10:00:01 203.0.113.77 1217 10.20.30.40 80 HTTP/1.1 GET /payroll/of/contoso?id=7 503 1 QueueFull ContosoPool\n\
         2026-02-01 10:00:06 - - - - - - - - - 3_Connections_Refused -\n\
         2026-02-01 10:00:06 not,a,row of /payroll\n",
    ),
    (
        "netstat-20260201-100005Z.txt",
        "\nActive Connections\n\n  Proto  Local Address          Foreign Address        State           PID\n\
         \x20 TCP    0.0.0.0:80             0.0.0.0:0              LISTENING       4\n\
         \x20 TCP    10.20.30.40:80         203.0.113.77:1217      TIME_WAIT       0\n\
         \x20 TCP    10.20.30.40:80         203.0.113.77:1218      TIME_WAIT       0\n\
         \x20 TCP    10.20.30.40:80         [2001:db8:77::5]:1219  TIME_WAIT       0\n\
         \x20 TCP    [fe80::aa77:1%17]:80   [fe80::bb77:2%17]:1220 TIME_WAIT       0\n\
         \x20 TCP    10.20.30.40:50123      crm77.contoso.example:1433 TIME_WAIT   0\n",
    ),
    (
        "perfmon.csv",
        "\"(PDH-CSV 4.0) (GMT)(0)\",\"\\\\CONTOSOWEB7\\Memory\\Pool Nonpaged Bytes\",\"\\\\CONTOSOWEB7\\Web Service(Contoso Payroll)\\Current Connections\",\"\\\\CONTOSOWEB7\\Process(w3wp)\\Handle Count\"\n\
         \"02/01/2026 10:00:00.000\",\"113000000\",\"7\",\"900\"\n\"02/01/2026 10:00:05.000\",\"113200000\",\"8\",\"901\"\n",
    ),
    (
        "foreign.csv",
        "\"(PDH-CSV 4.0) (GMT)(0)\",\"\\\\CONTOSOWEB7\\Arbeitsspeicher77\\Irgendwas\"\n\"02/01/2026 10:00:00.000\",\"1\"\n",
    ),
    (
        "systeminfo.txt",
        "Host Name:                 CONTOSOWEB7\nOS Name:                   Microsoft(R) Windows(R) Server 2003, Standard Edition\nOS Version:                5.2.3790 Service Pack 2 Build 3790\nSystem Type:               X86-based PC\nTotal Physical Memory:     1,023 MB\n",
    ),
    (
        "system.txt",
        "Event[0]\n  Log Name: System\n  Source: Service Control Manager\n  Date: 2026-01-30T08:00:00.0000000Z\n  Event ID: 7045\n  Description: \nA service was installed in the system.\nService Name:  Scanner\nService File Name:  \\\\contosofiles7\\tools\\scan.sys\nService Account:  CONTOSO77\\mallory\n\
         Event[1]\n  Log Name: System\n  Source: USER32\n  Date: 2026-01-31T08:00:00.0000000Z\n  Event ID: 1074\n  Description: \nThe process winlogon.exe has initiated the restart of computer CONTOSOWEB7 on behalf of user CONTOSO77\\mallory for the following reason: none\n",
    ),
    (
        "connections-20260201-100000Z.txt",
        "\nLocalAddress LocalPort RemoteAddress RemotePort State\n------------ --------- ------------- ---------- -----\n10.20.30.40 80 203.0.113.77 1221 TimeWait\n10.20.30.40:mallory port77 203.0.113.78 x TimeWait\n",
    ),
];

/// What must not be read by others, in any case of letters.
const SECRETS: &[&str] = &[
    "contoso",
    "payroll",
    "203.0.113.",
    "10.20.30.40",
    "2001:db8:77",
    "aa77",
    "bb77",
    "crm77",
    "mallory",
    "case-77",
];

fn diagnose(files: &str, more: &[&str]) -> Output {
    churnlab().arg("diagnose").arg(files).args(more).output().unwrap()
}

fn text(out: &Output) -> String {
    String::from_utf8(out.stdout.clone()).unwrap()
}

/// The captures in a folder that is itself a customer's.
fn captures(folder: &Folder) -> String {
    let case = folder.path().join("contoso-case-77");
    std::fs::create_dir(&case).unwrap();
    for (name, text) in CAPTURES {
        std::fs::write(case.join(name), text).unwrap();
    }
    case.to_str().unwrap().to_owned()
}

#[test]
fn no_name_of_the_captures_survives_in_either_format() {
    let folder = Folder::new();
    let case = captures(&folder);
    let plain = text(&diagnose(&case, &["--format=json"])) + &text(&diagnose(&case, &[]));
    for seen in ["CONTOSOWEB7", "203.0.113.77", "Contoso Payroll", "case-77", "crm77", "scan.sys"] {
        assert!(plain.contains(seen), "{seen} is told otherwise, or this test tests nothing");
    }
    for format in ["--format=json", "--format=text"] {
        let out = diagnose(&case, &["--redact", format]);
        assert_eq!(out.status.code(), Some(0));
        let told = text(&out).to_lowercase();
        for secret in SECRETS {
            let at = told.find(secret).map(|at| &told[at.saturating_sub(80)..]);
            assert!(at.is_none(), "{secret} in {format}: {:.200}", at.unwrap_or_default());
        }
    }
}

#[test]
fn a_pseudonym_is_the_same_thing_in_every_run_and_the_verdict_stays() {
    let folder = Folder::new();
    let case = captures(&folder);
    let [one, again] = [(); 2].map(|()| text(&diagnose(&case, &["--redact", "--format=json"])));
    assert_eq!(one, again);
    let told: Value = serde_json::from_str(&one).unwrap();
    let plain: Value = serde_json::from_slice(&diagnose(&case, &["--format=json"]).stdout).unwrap();
    assert_eq!(told["verdict"], plain["verdict"]);
    assert_eq!(told["pool"], plain["pool"]);
    assert_eq!((&told["redacted"], &plain["redacted"]), (&Value::Bool(true), &Value::Null));
    let counters: Vec<&String> = told["counters"].as_object().unwrap().keys().collect();
    assert!(
        counters.iter().any(|path| path.as_str() == "\\\\host-1\\Process(w3wp)\\Handle Count"),
        "what is no name stays: {counters:?}"
    );
}

#[test]
fn inputs_are_named_by_their_hash_and_the_report_by_its_version() {
    let folder = Folder::new();
    let log = folder.file("a.log", CAPTURES[0].1);
    let told = |more: &[&str]| -> Value {
        serde_json::from_slice(&diagnose(&log, &[&["--format=json"], more].concat()).stdout)
            .unwrap()
    };
    assert_eq!(told(&[])["churnlab"], env!("CARGO_PKG_VERSION"));
    assert_eq!(told(&[])["inputs"][0]["sha256"], Value::Null, "only where it is asked for");
    let hash = told(&["--hash"])["inputs"][0]["sha256"].as_str().unwrap().to_owned();
    let known = std::process::Command::new("sha256sum").arg(&log).output().unwrap();
    assert!(text(&known).starts_with(&hash), "{hash} is what others find");
    assert_eq!(told(&["--redact"])["inputs"][0]["sha256"], hash.as_str());
    let read = text(&diagnose(&log, &["--redact"]));
    let version = concat!("by churnlab ", env!("CARGO_PKG_VERSION"));
    assert!(read.contains(version) && read.contains(&hash), "{read}");
}

#[test]
fn a_run_is_told_without_its_addresses_and_paths() {
    let short = ["--ground=simulate", "--set=load.duration=2s"];
    let ran = Ran::new(&[&["scenarios/healthy-baseline.toml"], &short[..]].concat()).exits(0);
    let run = ran.folder.run();
    let told = |more: &[&str]| {
        let out = churnlab().arg("report").arg(&run).args(more).output().unwrap();
        assert!(out.status.success(), "{out:?}");
        text(&out)
    };
    let path = ran.folder.path().to_str().unwrap();
    assert!(told(&["--format=markdown"]).contains(path), "its command is told otherwise");
    for format in ["--format=text", "--format=json", "--format=markdown"] {
        let told = told(&["--redact", format]);
        for secret in [path, "198.18.0."] {
            assert!(!told.contains(secret), "{secret} in {format}: {told}");
        }
        assert!(told.contains("Nothing failed: 400 of 400"), "the verdict stays: {told}");
    }
    assert!(told(&["--redact", "--format=markdown"]).contains("are pseudonyms"));
}
