use jiff::civil::datetime;
use proptest::prelude::*;

use super::*;
use crate::soup::soup;

/// Source, id, local stamp, seconds, message.
type Told<'a> = (&'a str, u32, Option<DateTime>, Option<f64>, &'a str);

fn told(log: &EventLog) -> Vec<Told<'_>> {
    log.events
        .iter()
        .map(|e| (e.source.as_str(), e.id, e.local, e.unix_s, e.message.as_str()))
        .collect()
}

const COLLISION: &str = "TCP/IP failed to establish an outgoing connection.";

/// One event in every form; layouts of Server 2003 to Windows 11, words of the messages shortened.
#[test]
fn every_form_gives_the_same_event() {
    let noon = Some(datetime(2021, 6, 13, 12, 0, 7, 0));
    let fraction = Some(datetime(2021, 6, 13, 12, 0, 7, 120_000_000));
    let utc = Some(1_623_585_607.0);
    for (text, local, unix_s, why) in [
        (
            "Event[0]:\r\n  Log Name: System\r\n  Source: Tcpip\r\n  Date: 2021-06-13T12:00:07.120\r\n  \
             Event ID: 4227\r\n  Task: N/A\r\n  Level: Warning\r\n  Description: \r\n\
             TCP/IP failed to establish\r\nan outgoing connection.\r\n\r\n",
            fraction,
            None,
            "wevtutil",
        ),
        (
            "Event[0]\n  Log Name: System\n  Source: Tcpip\n  Date: 2021-06-13T12:00:07.0000000Z\n  \
             Event ID: 4227\n  Description: \nTCP/IP failed to establish an outgoing connection.\n",
            None,
            utc,
            "wevtutil of Windows 11",
        ),
        (
            "Log Name:      System\nSource:        Tcpip\nDate:          6/13/2021 12:00:07 PM\n\
             Event ID:      4227\nTask Category: None\nLevel:         Warning\nDescription:\n\
             TCP/IP failed to establish an outgoing connection.\nEvent Xml:\nnot this\n",
            noon,
            None,
            "Event Viewer's copy",
        ),
        (
            "Level,Date and Time,Source,Event ID,Task Category\r\n\
             Warning,6/13/2021 12:00:07 PM,Tcpip,4227,None,\"TCP/IP failed to establish\r\nan outgoing connection.\"\r\n",
            noon,
            None,
            "Event Viewer's CSV",
        ),
        (
            "Level\tDate and Time\tSource\tEvent ID\tTask Category\n\
             Warning\t13.06.2021 12:00:07\tTcpip\t4227\tNone\tTCP/IP failed to establish an outgoing connection.\n",
            noon,
            None,
            "its tabbed text, dated day first",
        ),
        (
            "Type\tDate\tTime\tSource\tCategory\tEvent\tUser\tComputer\tDescription\n\
             Warning\t6/13/2021\t12:00:07 PM\tTcpip\tNone\t4227\tN/A\tWEB1\tTCP/IP failed to establish an outgoing connection.\n",
            noon,
            None,
            "the list of Server 2003",
        ),
        (
            "\"Type\",\"Event\",\"Date Time\",\"Source\",\"ComputerName\",\"Category\",\"User\",\"Description\"\r\n\
             \"Warning\",\"4227\",\"6/13/2021 12:00:07 PM\",\"Tcpip\",\"WEB1\",\"None\",\"N/A\",\"TCP/IP failed to establish an outgoing connection.\"\r\n",
            noon,
            None,
            "eventquery.vbs /fo csv /v of Server 2003",
        ),
        (
            "\"Message\",\"Id\",\"Level\",\"ProviderName\",\"TimeCreated\"\n\
             \"TCP/IP failed to establish an outgoing connection.\",\"4227\",\"3\",\"Tcpip\",\"6/13/2021 12:00:07 PM\"\n",
            noon,
            None,
            "Get-WinEvent | Export-Csv",
        ),
        (
            "TimeCreated  : 6/13/2021 12:00:07\u{202f}PM\nProviderName : Tcpip\nId           : 4227\n\
             Message      : TCP/IP failed to establish an outgoing\n               connection.\n",
            noon,
            None,
            "Get-WinEvent | Format-List",
        ),
        (
            "Index              : 9\nEntryType          : Warning\nInstanceId         : 2147487875\n\
             Message            : TCP/IP failed to establish an outgoing connection.\n\
             Source             : Tcpip\nTimeGenerated      : 6/13/2021 12:00:07 PM\n",
            noon,
            None,
            "Get-EventLog | Format-List, the id with its severity",
        ),
        (
            "\n   ProviderName: Tcpip\n\n\
             TimeCreated                     Id LevelDisplayName Message\n\
             -----------                     -- ---------------- -------\n\
             6/13/2021 12:00:07 PM         4227 Warning          TCP/IP failed to establish an outgoing connection.\n",
            noon,
            None,
            "Get-WinEvent as a table",
        ),
        (
            "TimeCreated            ProviderName   Id LevelDisplayName Message\n\
             -----------            ------------   -- ---------------- -------\n\
             6/13/2021 12:00:07 PM  Tcpip        4227 Warning          TCP/IP failed to establish an\n\
             \x20                                                         outgoing connection.\n",
            noon,
            None,
            "the same wrapped, with its provider in a column",
        ),
        (
            "Listing the events in 'system' log of host 'WEB1'\n\
             Type          Event  Date Time                Source     ComputerName Description\n\
             ------------- ------ ------------------------ ---------- ------------ -----------\n\
             Warning       4227   6/13/2021 12:00:07 PM    Tcpip      WEB1         TCP/IP failed to establish an outgoing connection.\n",
            noon,
            None,
            "eventquery.vbs /v of Server 2003",
        ),
        (
            "6/13/2021\t12:00:07 PM\tTcpip\tWarning\tNone\t4227\tN/A\tWEB1\tTCP/IP failed to establish an outgoing connection.\r\n",
            noon,
            None,
            "text that Event Viewer of Server 2003 saves: no headings",
        ),
        (
            "Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie\r\n\
             Warnung,13.06.2021 12:00:07,Tcpip,4227,Keine,TCP/IP failed to establish an outgoing connection.\r\n",
            noon,
            None,
            "CSV of a German Event Viewer, by the order of its columns",
        ),
        (
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
             <Provider Name='Tcpip'/><EventID Qualifiers='32768'>4227</EventID><Level>3</Level>\
             <TimeCreated SystemTime='2021-06-13T12:00:07.0000000Z'/></System>\
             <RenderingInfo><Message>TCP/IP failed to establish an outgoing connection.</Message>\
             </RenderingInfo></Event>",
            None,
            utc,
            "XML",
        ),
    ] {
        let log = parse(text);
        assert_eq!(log.skipped, [], "{why}");
        assert_eq!(told(&log), [("Tcpip", 4227, local, unix_s, COLLISION)], "{why}");
        assert_eq!(log.events[0].meaning(), Some(Meaning::TimeWaitCollision), "{why}");
    }
}

/// The table has no year: the event is kept without a stamp.
#[test]
fn the_table_of_get_eventlog_says_what_and_not_when() {
    let log = parse(
        "   Index Time          EntryType   Source                 InstanceID Message\n   \
         ----- ----          ---------   ------                 ---------- -------\n   \
         12345 Jun 13 12:00  Warning     Tcpip                  2147487875 TCP/IP failed\n",
    );
    assert_eq!(log.skipped, []);
    let event = &log.events[0];
    assert_eq!((event.source.as_str(), event.id, event.local), ("Tcpip", 4227, None));
    assert_eq!(event.meaning(), Some(Meaning::TimeWaitCollision));
}

#[test]
fn day_and_month_are_told_apart_by_the_whole_log() {
    let row = |date: &str| format!("Error,{date},Srv,2019,None\n");
    let heading = "Level,Date and Time,Source,Event ID,Task Category\n";
    let local = |dates: &[&str]| {
        let rows: String = dates.iter().map(|date| row(date)).collect();
        parse(&format!("{heading}{rows}")).events[0].local
    };
    let second_of_january = Some(datetime(2021, 1, 2, 9, 0, 0, 0));
    assert_eq!(local(&["02/01/2021 09:00:00", "13/01/2021 09:00:00"]), second_of_january);
    assert_eq!(local(&["01/02/2021 09:00:00", "01/13/2021 09:00:00"]), second_of_january);
    assert_eq!(local(&["1/2/2021 9:00:00 AM"]), second_of_january, "AM");
    assert_eq!(local(&["01/02/2021 09:00:00"]), None, "nothing tells");
    let event = Event { local: second_of_january, ..Event::default() };
    assert_eq!(event.unix_s_at(-60), Some(1_609_574_400.0), "an hour ahead of UTC");
}

/// `wevtutil qe /f:xml`, which renders no message, then one cut off, then one of the next boot.
#[test]
fn xml_gives_data_where_there_is_no_message() {
    let text = "<Event xmlns=\"x\"><System><Provider Name=\"Service Control Manager\" Guid=\"{5}\"/>
<EventID Qualifiers=\"16384\">7045</EventID><TimeCreated SystemTime=\"2021-06-13T12:00:07.5Z\"/></System>
<EventData><Data Name=\"ServiceName\">Agent &amp; Co</Data><Data Name=\"ImagePath\">C:\\agent.sys</Data></EventData></Event>
<Event xmlns=\"x\"><System><Provider Name=\"EventLog\"/><EventID
<Event xmlns=\"x\"><System><Provider Name=\"EventLog\"/><EventID>6005</EventID></System></Event>";
    let log = parse(text);
    assert_eq!(log.events.iter().map(|e| e.id).collect::<Vec<_>>(), [7045, 6005]);
    assert_eq!(log.skipped.iter().map(|s| s.line).collect::<Vec<_>>(), [4]);
    let installed = Installed {
        name: "Agent & Co".into(),
        file: Some("C:\\agent.sys".into()),
        is_driver: true,
    };
    assert_eq!(log.events[0].installed(), Some(installed));
    assert_eq!(log.events[0].unix_s, Some(1_623_585_607.5));
    assert_eq!(log.events[1].meaning(), Some(Meaning::Boot));
    assert_eq!((log.events[1].line, log.events[1].installed()), (5, None));
}

#[test]
fn messages_say_what_was_installed() {
    let text = "Event[0]:
  Log Name: System
  Source: Service Control Manager
  Date: 2021-06-13T12:00:07.000
  Event ID: 7045
  Description: 
A service was installed in the system.

Service Name:  Backup Agent
Service File Name:  \"C:\\Program Files\\agent.exe\"
Service Type:  user mode service

Event[1]:
  Log Name: System
  Source: Tcpip
  Event ID: none
Event[2]:
  Log Name: System
  Source: WAS
  Event ID: 5002
  Description: 
Pool disabled.
";
    let log = parse(text);
    let installed = log.events[0].installed().unwrap();
    assert_eq!(installed.name, "Backup Agent");
    assert_eq!(installed.file.as_deref(), Some("\"C:\\Program Files\\agent.exe\""));
    assert!(!installed.is_driver);
    assert_eq!(log.skipped.iter().map(|s| s.line).collect::<Vec<_>>(), [13]);
    assert_eq!(log.events[1].meaning(), Some(Meaning::PoolDisabled));
}

#[test]
fn an_id_means_something_with_its_source_only() {
    for (source, id, meaning) in [
        ("EventLog", 6008, Some(Meaning::UnexpectedShutdown)),
        ("Microsoft-Windows-Kernel-Power", 41, Some(Meaning::UnexpectedShutdown)),
        ("Kernel-General", 12, Some(Meaning::Boot)),
        ("USER32", 1074, Some(Meaning::RestartAsked)),
        ("Microsoft-Windows-WAS", 5011, Some(Meaning::WorkerFailed)),
        ("W3SVC", 1002, Some(Meaning::PoolDisabled)),
        ("Tcpip", 4231, Some(Meaning::TcpPortsExhausted)),
        ("Tcpip", 4266, Some(Meaning::UdpPortsExhausted)),
        ("srv", 2019, Some(Meaning::NonpagedPoolEmpty)),
        ("Srv2", 2019, None),
        ("disk", 41, None),
    ] {
        let event = Event { source: source.into(), id, ..Event::default() };
        assert_eq!(event.meaning(), meaning, "{source} {id}");
    }
    let long = "x".repeat(2000) + " " + &"word ".repeat(1000);
    assert!(head(&long).len() <= MESSAGE_BYTES_MAX && head("a \r\n b") == "a b");
}

proptest! {
    #[test]
    fn any_text_is_read_and_no_line_counts_twice(
        text in soup(&[
            "Event[0]:\n", "  Log Name: System\n", "  Source: Tcpip\n", "  Event ID: 4227\n",
            "<Event >", "<EventID>7", "</EventID>", "Level,Date and Time,Source,Event ID\n",
            "Error,1/2/2021,Srv,2019\n", "TimeCreated : 1\n", "Id : 7\n", "ProviderName : x\n",
        ])
    ) {
        let log = parse(&text);
        let starts = text.lines().count() + text.matches("<Event").count();
        prop_assert!(log.events.len() + log.skipped.len() <= starts);
    }
}

#[test]
fn the_host_is_read_where_a_form_prints_it() {
    for (text, computer, why) in [
        (
            "Event[0]:\r\n  Log Name: System\r\n  Source: Tcpip\r\n  Date: 2021-06-13T12:00:07.120\r\n  \
             Event ID: 4227\r\n  User: N/A\r\n  Computer: WEB1.contoso.example\r\n  Description: \r\n\
             Computer: of the message\r\n",
            Some("WEB1.contoso.example"),
            "wevtutil",
        ),
        (
            "<Event><System><Provider Name='Tcpip'/><EventID>4227</EventID>\
             <TimeCreated SystemTime='2021-06-13T12:00:07Z'/><Computer>WEB1</Computer></System></Event>",
            Some("WEB1"),
            "XML",
        ),
        (
            "TimeCreated  : 6/13/2021 12:00:07 PM\nProviderName : Tcpip\nId           : 4227\n\
             MachineName  : WEB1\nMessage      : x\n",
            Some("WEB1"),
            "Get-WinEvent | Format-List *",
        ),
        (
            "\"Message\",\"Id\",\"ProviderName\",\"MachineName\",\"TimeCreated\"\n\
             \"x\",\"4227\",\"Tcpip\",\"WEB1\",\"6/13/2021 12:00:07 PM\"\n",
            Some("WEB1"),
            "Get-WinEvent | Export-Csv",
        ),
        (
            "6/13/2021\t12:00:07 PM\tTcpip\tWarning\tNone\t4227\tN/A\tWEB1\tx\r\n",
            Some("WEB1"),
            "Event Viewer of Server 2003",
        ),
        (
            "Level,Date and Time,Source,Event ID,Task Category\r\n\
             Warning,6/13/2021 12:00:07 PM,Tcpip,4227,None,x\r\n",
            None,
            "Event Viewer's CSV does not name it",
        ),
    ] {
        let log = parse(text);
        assert_eq!(log.events.len(), 1, "{why}");
        assert_eq!(log.events[0].computer.as_deref(), computer, "{why}");
    }
}
