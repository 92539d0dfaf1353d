//! What the host's own logs testify, on one clock with everything else.

#![allow(clippy::unwrap_used)]

mod kit;

use model::os_event::Meaning;
use model::row::{Event, Happening, Row};
use postmortem::{Asked, gather};

/// A row as a sentence: time, who, what, how many.
fn told(rows: &[Row]) -> Vec<String> {
    let told = rows.iter().filter_map(|row| match row {
        Row::Event(Event { t_s, vantage, what }) => {
            assert_eq!(vantage, "target");
            let what = match what {
                Happening::OsEvent { provider, id, meaning, stamp, count, bound_s } => {
                    format!("{stamp} {provider} {id} {meaning:?} x{count} \u{b1}{bound_s:.0}")
                }
                Happening::Answered { stamp, seconds, status, substatus, count } => {
                    format!("{stamp} {status}.{substatus} x{count} in {seconds:.0}")
                }
                Happening::Httperr { stamp, reason, rows, .. } => {
                    format!("{stamp} {reason} x{rows}")
                }
                other => format!("{other:?}"),
            };
            Some(format!("{t_s:.0}: {what}"))
        }
        _ => None,
    });
    told.collect()
}

fn xml(provider: &str, id: u32, stamp: &str) -> String {
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{provider}'/><EventID Qualifiers='32768'>{id}</EventID><Level>3</Level><TimeCreated SystemTime='{stamp}'/></System><EventData></EventData></Event>\n"
    )
}

#[test]
fn the_logs_of_a_host_are_events_of_one_record() {
    let folder = kit::Folder::new();
    let log = [
        xml("Tcpip", 4227, "2021-06-13T12:00:07.5Z"),
        xml("Tcpip", 4227, "2021-06-13T12:00:37Z"),
        xml("Tcpip", 4231, "2021-06-13T12:01:07Z"),
        xml("Microsoft-Windows-WAS", 5002, "2021-06-13T12:03:00Z"),
        xml("Microsoft-Windows-Kernel-General", 12, "2021-06-09T06:00:00Z"),
        xml("DCOM", 10016, "2021-06-13T12:00:00Z"),
    ];
    folder.put("system.xml", log.concat());
    folder.put("u_ex210613.log", "#Fields: date time s-port sc-status sc-substatus\n2021-06-13 12:00:10 80 503 2\n2021-06-13 12:00:50 80 503 2\n2021-06-13 12:02:10 80 200 0\n2021-06-13 12:02:11 80 503 0\n");
    folder.put(
        "httperr1.log",
        "2021-06-13 12:00:00 10.0.0.9 54697 10.0.0.1 80 - - - - - Timer_ConnectionIdle -\n",
    );
    let g = gather(&[folder.path().to_owned()], &Asked::default());
    assert_eq!(g.run.started, "2021-06-13T12:00:00Z", "an old boot does not begin the outage");
    assert_eq!(
        told(&g.rows),
        [
            "-367200: 2021-06-09 06:00:00 Microsoft-Windows-Kernel-General 12 Boot x1 \u{b1}0",
            "0: 2021-06-13 12:00:00 Timer_ConnectionIdle x1",
            "0: 2021-06-13 12:00:00 503.2 x2 in 60",
            "8: 2021-06-13 12:00:07 Tcpip 4227 TimeWaitCollision x2 \u{b1}0",
            "67: 2021-06-13 12:01:07 Tcpip 4231 TcpPortsExhausted x1 \u{b1}0",
            "120: 2021-06-13 12:02:00 503.0 x1 in 60",
            "180: 2021-06-13 12:03:00 Microsoft-Windows-WAS 5002 PoolDisabled x1 \u{b1}0",
        ],
        "one entry that says nothing of an outage is left out, equal ones are counted"
    );
}

#[test]
fn local_stamps_are_as_sure_as_the_zone() {
    let list = "Type\tDate\tTime\tSource\tCategory\tEvent\tUser\tComputer\tDescription\nError\t9/2/2005\t2:45:12 PM\tSrv\tNone\t2019\tN/A\tWEB1\tThe server was unable to allocate from the system nonpaged pool because the pool was empty.\n";
    let system = "\nHost Name:                 WEB1\nOS Name:                   Microsoft(R) Windows(R) Server 2003, Standard Edition\nTime Zone:                 (GMT-05:00) Eastern Time (US & Canada)\n";
    let folder = kit::Folder::new();
    let log = folder.put("system.txt", list);
    let alone = gather(std::slice::from_ref(&log), &Asked::default());
    let [Row::Event(event)] = &alone.rows[..] else {
        panic!("{:?}", (&alone.inputs, &alone.facts))
    };
    let Happening::OsEvent { meaning, bound_s, stamp, .. } = &event.what else { panic!() };
    assert_eq!((*meaning, *bound_s), (Meaning::NonpagedPoolEmpty, 50_400.0));
    assert_eq!(stamp, "2005-09-02 14:45:12", "no zone: as printed, and 14 h unsure");
    let both = gather(&[log, folder.put("systeminfo.txt", system)], &Asked::default());
    assert_eq!(
        told(&both.rows),
        ["0: 2005-09-02 19:45:12 Srv 2019 NonpagedPoolEmpty x1 \u{b1}3600"],
        "with the zone, all but the hour of summer is known"
    );
}

#[test]
fn boots_are_told_in_order_with_how_each_came() {
    let log = [
        xml("EventLog", 6005, "2021-06-13T12:31:07Z"),
        xml("EventLog", 6008, "2021-06-13T12:31:05Z"),
        xml("EventLog", 6009, "2021-06-13T12:31:06Z"),
        xml("Microsoft-Windows-Kernel-General", 12, "2021-06-13T12:30:40Z"),
        xml("EventLog", 6005, "2021-06-09T06:00:30Z"),
        xml("EventLog", 6006, "2021-06-09T05:58:00Z"),
        xml("User32", 1074, "2021-06-09T05:57:50Z"),
    ];
    let g = kit::read("system.xml", log.concat());
    let boots: Vec<_> = g.boots.iter().map(|b| (b.unix_s as i64, b.unexpected, b.asked)).collect();
    assert_eq!(boots, [(1_623_218_430, false, true), (1_623_587_440, true, false)]);
    let last = g.facts.boot.unwrap();
    assert_eq!(last, "2021-06-13 12:30:40 (event 12 of Microsoft-Windows-Kernel-General)");
}
