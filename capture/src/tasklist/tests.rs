use proptest::prelude::*;

use super::*;
use crate::soup::soup;

/// Name, process id, handles, non-paged bytes, working set.
type Told<'a> = (&'a str, u32, Option<u64>, Option<u64>, Option<u64>);

fn told(list: &Processes) -> Vec<Told<'_>> {
    let told = |p: &'_ Process| (p.pid, p.handles, p.nonpaged_bytes, p.memory_bytes);
    list.processes
        .iter()
        .map(|p| {
            let (pid, handles, nonpaged, memory) = told(p);
            (p.name.as_str(), pid, handles, nonpaged, memory)
        })
        .collect()
}

#[test]
fn every_form_gives_its_processes() {
    for (text, processes, why) in [
        (
            "\r
Image Name                     PID Session Name        Session#    Mem Usage\r
========================= ======== ================ =========== ============\r
System Idle Process              0 Services                   0          8 K\r
w3wp.exe                      5492 Services                   0    123,456 K\r
",
            vec![
                ("System Idle Process", 0, None, None, Some(8 << 10)),
                ("w3wp.exe", 5492, None, None, Some(123_456 << 10)),
            ],
            "tasklist",
        ),
        (
            "
Abbildname                     PID Sitzungsname       Sitz.-Nr. Speichernutzung
========================= ======== ================ =========== ===============
System                           4 Services                   0       1.236 K
",
            vec![("System", 4, None, None, Some(1236 << 10))],
            "the same in German, by the order of its columns",
        ),
        (
            "\"Image Name\",\"PID\",\"Session Name\",\"Session#\",\"Mem Usage\"\n\
             \"w3wp.exe\",\"5492\",\"Services\",\"0\",\"123,456 K\"\n",
            vec![("w3wp.exe", 5492, None, None, Some(123_456 << 10))],
            "CSV",
        ),
        (
            "\"w3wp.exe\",\"5492\",\"Services\",\"0\",\"123\u{a0}456 Ko\"\n",
            vec![("w3wp.exe", 5492, None, None, Some(123_456 << 10))],
            "CSV without headings, French",
        ),
        (
            "
Handles  NPM(K)    PM(K)      WS(K)     CPU(s)     Id  SI ProcessName
-------  ------    -----      -----     ------     --  -- -----------
 123456     998    12345      23456               664   0 svchost
    215      12     2345       3456       0.05   1234   1 My Agent
",
            vec![
                ("svchost", 664, Some(123_456), Some(998 << 10), Some(23_456 << 10)),
                ("My Agent", 1234, Some(215), Some(12 << 10), Some(3456 << 10)),
            ],
            "Get-Process, a blank column and a name of two words",
        ),
        (
            "Node,HandleCount,Name,ProcessId\r\nWEB1,4711,inetinfo.exe,1500\r\n",
            vec![("inetinfo.exe", 1500, Some(4711), None, None)],
            "wmic as CSV",
        ),
        (
            "#TYPE Selected\n\"Name\",\"Id\",\"HandleCount\",\"NonpagedSystemMemorySize64\"\n\
             \"w3wp\",\"5492\",\"812\",\"70123\"\n",
            vec![("w3wp", 5492, Some(812), Some(70_123), None)],
            "Get-Process as CSV",
        ),
        (
            "Id      : 5492\nHandles : 812\nName    : w3wp\n\nId      : 4\nHandles : 1\nName    : System\n",
            vec![("w3wp", 5492, Some(812), None, None), ("System", 4, Some(1), None, None)],
            "Get-Process as a list",
        ),
    ] {
        let list = parse(text);
        assert_eq!(list.skipped, [], "{why}");
        assert_eq!(told(&list), processes, "{why}");
    }
}

#[test]
fn services_go_on_below_their_process() {
    let list = parse(
        "
Image Name                     PID Services
========================= ======== ============================================
svchost.exe                    908 RpcEptMapper,
                                   RpcSs
broken.exe                     n/a N/A
lsass.exe                      664 N/A
",
    );
    assert_eq!(list.processes[0].services.as_deref(), Some("RpcEptMapper, RpcSs"));
    assert_eq!(list.processes[1].pid, 664);
    assert_eq!(list.skipped.iter().map(|s| s.line).collect::<Vec<_>>(), [6]);
}

proptest! {
    #[test]
    fn any_text_is_read_and_no_line_counts_twice(
        text in soup(&[
            "Image Name PID Session Name Session# Mem Usage\n", "========== === ======= ======\n",
            "\"w3wp.exe\",\"5492\"\n", "Node,Name,ProcessId\n", "Id : 7\n", "w3wp.exe  7  ",
        ])
    ) {
        let list = parse(&text);
        prop_assert!(list.processes.len() + list.skipped.len() <= text.lines().count());
    }
}
