use proptest::prelude::*;

use super::*;

/// Shapes of each tool's output; names, addresses and figures are made up.
const SAMPLES: &[(Kind, &str, &str)] = &[
    (
        Kind::Httperr,
        "2005-09-02 18:45:12 – – – – – – – – – 1_Connections_Refused -\n",
        "pasted, no header",
    ),
    (
        Kind::Httperr,
        "2005-09-02\u{a0}18:45:12\u{a0}\u{2014}\u{a0}\u{2014}\u{a0}\u{2014} \u{2014} \u{2014} \u{2014} \u{2014} \u{2014} \u{2014} 1_Connections_Refused \u{2212}\n",
        "every space a U+00A0, long dashes, a minus",
    ),
    (
        Kind::Httperr,
        "2019-03-14 20:10:10 192.0.2.1 45082 192.0.2.2 80 HTTP/1.1 GET\n/x\n403 - Forbidden -\n",
        "wrapped",
    ),
    (Kind::Httperr, "#Software: Microsoft HTTP API 2.0\n#Version: 1.0\n", "a header alone"),
    (
        Kind::W3c,
        "#Software: Microsoft Internet Information Services 8.5\n#Fields: date time s-ip cs-method\n\
         2026-01-02 03:04:05 192.0.2.1 GET\n",
        "IIS",
    ),
    (
        Kind::Poolmon,
        " Thre Nonp  180351  176602  3749  13179648  3515  [nt!ps - Thread objects]\n",
        "-g",
    ),
    (
        Kind::PoolTag,
        "rem\nrem Pooltag.txt\n\nAfd? - afd.sys    - AFD objects\nUlHR - http.sys - Internal Request\n",
        "pooltag.txt",
    ),
    (
        Kind::KernelDebugger,
        "0: kd> !vm\n\n*** Virtual Memory Usage ***\n\tNonPagedPool Usage: 1 ( 4 Kb)\n",
        "!vm",
    ),
    (
        Kind::Netstat,
        "  Proto. Lokale Adresse  Remoteadresse  Status\n  TCP  127.0.0.1:80  127.0.0.1:5  WARTEND\n",
        "German",
    ),
    (Kind::Netstat, "tcp        0      0 0.0.0.0:22    0.0.0.0:*     LISTEN\n", "Linux"),
    (Kind::NetstatStatistics, "\nTCP Statistics for IPv4\n\n  Active Opens  = 1\n", "Windows"),
    (Kind::NetstatStatistics, "TCP-Statistik für IPv4\n\n  Aktiv geöffnet  = 1\n", "German"),
    (Kind::NetstatStatistics, "Tcp:\n    58 active connection openings\n", "Linux"),
    (
        Kind::NetTcpConnection,
        "LocalAddress  LocalPort RemoteAddress\n------------  --------- -------------\n::  80  ::\n",
        "table",
    ),
    (
        Kind::NetshDynamicPort,
        "Protocol tcp Dynamic Port Range\n-----\nStart Port      : 49152\nNumber of Ports : 16384\n",
        "English",
    ),
    (
        Kind::NetshDynamicPort,
        "\nDynamischer Portbereich\n-----\nStartport        : 1025\nAnzahl der Ports : 60000\n",
        "German",
    ),
    (
        Kind::NetshExcludedPorts,
        "Start Port    End Port\n----------    --------\n      5357        5357\n     50000       50059     *\n",
        "as it is",
    ),
    (
        Kind::NetshServiceState,
        "\nSnapshot of HTTP service state (Server Session View):\n-----\n\nServer session ID: 1\n",
        "English",
    ),
    (
        Kind::Tasklist,
        "Abbildname   PID\n========================= ======== ================ ===========\nSystem  4 Services 0\n",
        "German",
    ),
    (Kind::Tasklist, "Node,HandleCount,Name,ProcessId\nWEB1,812,w3wp.exe,664\n", "wmic"),
    (
        Kind::Tasklist,
        "Name  Id HandleCount\n----  -- -----------\nw3wp  664  812\n",
        "selected columns",
    ),
    (
        Kind::Tasklist,
        " NPM(K)  PM(M)  WS(M)  CPU(s)   Id  SI ProcessName\n ------  -----  -----  ------   --  -- -----------\n",
        "PowerShell 7",
    ),
    (
        Kind::Tasklist,
        "\"Id\",\"ProcessName\",\"HandleCount\"\n\"4\",\"System\",\"5210\"\n",
        "Export-Csv",
    ),
    (
        Kind::Tasklist,
        "\nNode,Caption,HandleCount,ProcessId\nWEB1,System,5210,4\n",
        "wmic process /format:csv",
    ),
    (
        Kind::Perfmon,
        "\"(PDH-CSV 4.0) (X)(0)\",\"\\\\H\\Memory\\Available Bytes\"\n\"01/02/2026 03:04:05.000\",\"1\"\n",
        "CSV",
    ),
    (
        Kind::EventLog,
        "Event[0]:\n  Log Name: System\n  Source: Tcpip\n  TCP  192.0.2.1:80  192.0.2.2:5\n",
        "a message may quote",
    ),
    (
        Kind::EventLog,
        "\"Type\",\"Event\",\"Date Time\",\"Source\",\"ComputerName\"\n",
        "eventquery.vbs of Server 2003",
    ),
    (Kind::EventLog, "Type\tDate\tTime\tSource\tCategory\tEvent\n", "Event Viewer of Server 2003"),
    (Kind::EventLog, "\"Message\",\"Id\",\"ProviderName\",\"TimeCreated\"\n", "Export-Csv"),
    (
        Kind::EventLog,
        "Type          Event  Date Time   Source\n------------- ------ ----------- ------\nerror  2019  x  Srv\n",
        "eventquery.vbs as a table",
    ),
    (
        Kind::EventLog,
        "9/2/2005\t6:40:11 PM\tEventLog\tInformation\tNone\t6005\tN/A\tWEB1\tStarted.\n",
        "Event Viewer of Server 2003, no headings",
    ),
    (
        Kind::EventLog,
        "Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie\nFehler,10.06.2021 06:10:11,Srv,2019,Keine\n",
        "a German Event Viewer",
    ),
    (
        Kind::EventLog,
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>",
        "XML",
    ),
    (
        Kind::SystemInfo,
        "\nNom de l’hôte:               WEB1\nNom du système:    Microsoft Windows 10\n",
        "French",
    ),
    (Kind::BootConfig, "[boot loader]\ntimeout=30\n", "boot.ini"),
    (
        Kind::BootConfig,
        "Windows-Startladeprogramm\n-------------------------\nBezeichner   {current}\n",
        "bcdedit",
    ),
    (
        Kind::RegExport,
        "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM]\n",
        "reg export",
    ),
    (Kind::RegExport, "    TcpTimedWaitDelay    REG_DWORD    0x1e\n", "reg query"),
    (Kind::Exposition, "# HELP windows_a b\n# TYPE windows_a gauge\n", "no sample"),
    (
        Kind::Exposition,
        "windows_tcp_connections_state_count{af=\"ipv4\",state=\"TIME_WAIT\"} 40\n",
        "no help",
    ),
    (Kind::SsTan, "State      Recv-Q Send-Q Local Address:Port  Peer Address:Port\n", "a heading"),
    (Kind::SsTan, "TIME-WAIT 0      0      192.0.2.1:80   192.0.2.2:50123\n", "no heading"),
    (Kind::ProcNetTcp, "   0: 0100007F:0050 00000000:0000 0A 00000000:00000000\n", "a row"),
    (
        Kind::ProcSockstat,
        "sockets: used 14\nTCP: inuse 1 orphan 0 tw 57 alloc 3 mem 209\n",
        "sockstat",
    ),
    (Kind::ProcCounters, "TcpExt: TW ListenDrops\nTcpExt: 10 0\n", "/proc/net/netstat"),
    (Kind::Nstat, "#kernel\nTcpActiveOpens                  58                 0.0\n", "nstat"),
    (Kind::StateCounts, "    124 ESTABLISHED\n    431 TIME_WAIT\n", "sort | uniq -c"),
    (
        Kind::StateCounts,
        "Count Name       Group\n----- ----       -----\n  431 TimeWait   {MSFT_NetTCPConnection}\n",
        "Group-Object",
    ),
    (Kind::StateCounts, "TIME-WAIT 431\n", "a count is no row of ss"),
    (
        Kind::StateCounts,
        "Total: 9\nTCP:   5 (estab 1, closed 3, orphaned 0, timewait 3)\n",
        "ss -s",
    ),
    (
        Kind::StateCounts,
        "I looked and found 124 ESTABLISHED connections\nversus 431 in TIME_WAIT.\n",
        "a sentence, wrapped",
    ),
    (Kind::Unknown, "Handles leak, and Idle does not, as Id 7 shows.\n", "prose about handles"),
    (
        Kind::Unknown,
        "Of 431 sockets many are in TIME_WAIT, none is new.\n",
        "one state is no tally",
    ),
    (Kind::Unknown, "Tag    NP_MB      share\nNtFC   21353.2    97.1%\n", "a home-made table"),
    (Kind::Unknown, "Dear all, the server is down again. Windows: 2003.\n", "prose"),
    (Kind::Unknown, "", "nothing"),
];

#[test]
fn each_kind_is_told_by_its_content() {
    for (kind, text, why) in SAMPLES {
        assert_eq!(detect(text), *kind, "{why}: {text}");
        let crlf = text.replace('\n', "\r\n");
        assert_eq!(detect(&format!("\u{feff}{crlf}")), *kind, "with CRLF and a mark: {why}");
    }
}

#[test]
fn a_console_log_is_taken_apart() {
    let texts: Vec<_> = SAMPLES.iter().filter(|(kind, _, _)| *kind != Kind::Unknown).collect();
    for (first, text, why) in &texts {
        for (second, other, other_why) in texts.iter().filter(|(kind, _, _)| kind != first) {
            let log = format!("{text}\r\n\r\nC:\\Users\\a>something\r\n{other}");
            let parts = sections(&log);
            let kinds: Vec<_> = parts.iter().map(|(kind, _)| *kind).collect();
            assert_eq!(kinds, [*first, *second], "{why}, then {other_why}");
            assert!(
                log[parts[1].1.clone()].starts_with("C:\\"),
                "a prompt belongs to what follows"
            );
        }
    }
}

#[test]
fn listings_of_the_same_kind_are_one_part_unless_they_are_snapshots() {
    let netstat = "Active Connections\n\n  Proto  Local Address  Foreign Address  State\n  TCP  192.0.2.1:80  192.0.2.2:5  TIME_WAIT\n";
    let poolmon =
        " Memory: 1K Avail: 1K\n Commit: 1K Limit: 2K  Pool N: 1K P: 1K\n Io   Nonp 1 0 1 8 8\n";
    let log = format!("notes\n{netstat}{netstat}{poolmon}{poolmon}");
    let kinds: Vec<_> = sections(&log).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [Kind::Netstat, Kind::Netstat, Kind::Poolmon]);
}

proptest! {
    #[test]
    fn parts_are_the_whole_text(text in "([ -~]{0,30}\n|TCP 1.2.3.4:5 6.7.8.9:0 X\n|\\[HKEY_A\\]\n|é\n){0,9}") {
        let mut at = 0;
        for (_, range) in sections(&text) {
            prop_assert_eq!(range.start, at);
            prop_assert!(range.end > at);
            at = range.end;
        }
        prop_assert_eq!(at, text.len());
        detect(&text);
    }

    #[test]
    fn any_text_has_a_kind(text in any::<String>()) {
        detect(&text);
    }
}
