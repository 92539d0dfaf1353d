use proptest::prelude::*;

use super::TcpState::{
    CloseWait, Established, FinWait2, Listening, SynReceived, SynSent, TimeWait,
};
use super::*;
use crate::soup::soup;

fn told(text: &str) -> Vec<Vec<(TcpState, u64)>> {
    parse(text).into_iter().map(|tally| tally.by_state.into_iter().collect()).collect()
}

#[test]
fn a_tally_is_read_in_every_form_that_people_save() {
    for (text, counts, why) in [
        (
            "      1 Foreign\n      1 established)\n     12 LISTEN\n    124 ESTABLISHED\n    431 TIME_WAIT\n",
            vec![(Listening, 12), (Established, 124), (TimeWait, 431)],
            "sort | uniq -c, with the words of headings",
        ),
        (
            "    124 TCP ESTABLISHED\r\n    431 TCP TIME_WAIT\r\n",
            vec![(Established, 124), (TimeWait, 431)],
            "with the protocol",
        ),
        (
            "TIME_WAIT 431\nESTABLISHED 124\n",
            vec![(Established, 124), (TimeWait, 431)],
            "awk's arrays",
        ),
        (
            "TIME_WAIT: 1,431\nESTABLISHED = 124\n",
            vec![(Established, 124), (TimeWait, 1431)],
            "a list, thousands apart",
        ),
        (
            "\nCount Name                      Group\n----- ----                      -----\n  431 TimeWait                  {MSFT_NetTCPConnection (InstanceID = \"1\"), 2}\n   17 CloseWait                 {MSFT_Net\u{2026}\n    9 Bound                     {MSFT}\n",
            vec![(CloseWait, 17), (TimeWait, 431), (TcpState::Bound, 9)],
            "Group-Object",
        ),
        (
            "Values : {TimeWait}\nCount  : 431\nGroup  : {MSFT_NetTCPConnection (x: 1)}\nName   : TimeWait\n\n\
             Values : {Established}\nCount  : 124\nGroup  : {MSFT}\nName   : Established\n",
            vec![(Established, 124), (TimeWait, 431)],
            "Group-Object | Format-List",
        ),
        (
            "#TYPE Microsoft.PowerShell.Commands.GroupInfo\n\"Values\",\"Count\",\"Group\",\"Name\"\n\
             \"System.Collections.ArrayList\",\"431\",\"System.Collections.ObjectModel.Collection`1[x]\",\"TimeWait\"\n\
             \"System.Collections.ArrayList\",\"124\",\"System.Collections.ObjectModel.Collection`1[x]\",\"Established\"\n",
            vec![(Established, 124), (TimeWait, 431)],
            "Group-Object | Export-Csv",
        ),
        (
            "Total: 180\nTCP:   60 (estab 12, closed 30, orphaned 0, synrecv 2, timewait 28/0), ports 0\n\nTransport Total     IP        IPv6\n",
            vec![(SynReceived, 2), (Established, 12), (TimeWait, 28)],
            "ss -s: closed is no state",
        ),
        (
            "C:\\>netstat -an | find /c \"TIME_WAIT\"\n431\n\nC:\\>netstat -an | find /c \"ESTABLISHED\"\n124\n",
            vec![(Established, 124), (TimeWait, 431)],
            "one command for each state",
        ),
    ] {
        assert_eq!(told(text), [counts], "{why}");
    }
}

#[test]
fn a_sentence_is_a_tally_where_it_counts_two_states() {
    let pair = vec![(Established, 124), (TimeWait, 431)];
    for (text, counts, why) in [
        (
            "I checked an IIS 6.0 box and got 124 ESTABLISHED connections versus 431 in TIME_WAIT.",
            Some(pair.clone()),
            "the count before its state",
        ),
        (
            "there were 124 ESTABLISHED connections versus\n431 in TIME_WAIT on Tuesday",
            Some(pair.clone()),
            "wrapped by a mail",
        ),
        ("TIME_WAIT: 431, ESTABLISHED: 124", Some(pair.clone()), "the count behind"),
        ("netstat says TIME_WAIT (431) and ESTABLISHED (124)", Some(pair.clone()), "in brackets"),
        ("time_wait=431 established=124", Some(pair.clone()), "without a space"),
        (
            "with 431 TCP ports in the TIME_WAIT state and 124 established",
            Some(pair.clone()),
            "words between",
        ),
        ("after 240 seconds in TIME_WAIT, 124 ESTABLISHED remain", None, "a time is no count"),
        ("I've discovered more than 1000 TCP ports in the TIME_WAIT state.", None, "one state"),
        ("1. ESTABLISHED 2. TIME_WAIT 3. CLOSED", None, "the numbers of a list"),
        ("the 3 listening posts and 2 established firms", None, "words of every day"),
        (
            "::         80  ::            0      Listen    4\n192.0.2.1  80  198.51.100.7  50123  TimeWait  0\n",
            None,
            "rows of Get-NetTCPConnection",
        ),
        ("0 Listen 4 50123 TimeWait 0", None, "the same with its addresses cut off"),
        ("goes to FIN_WAIT_1, then FIN_WAIT_2, then TIME_WAIT", None, "no count"),
        (
            "2 SYN_SENT and 3 FIN_WAIT_2 and 2 SYN_SENT",
            Some(vec![(SynSent, 2), (FinWait2, 3)]),
            "one is told twice",
        ),
    ] {
        assert_eq!(told(text), counts.into_iter().collect::<Vec<_>>(), "{why}");
    }
}

#[test]
fn tallies_of_one_file_stay_apart() {
    let text = "20050902-184500\n  431 TIME_WAIT\n    3 CLOSE_WAIT\n20050902-184600\n\n   50 ESTABLISHED\n  440 TIME_WAIT\n  441 TIME_WAIT\n";
    let all = parse(text);
    let seen: Vec<_> =
        all.iter().map(|t| (t.line, t.before.as_deref(), t.by_state[&TimeWait])).collect();
    assert_eq!(
        seen,
        [(2, Some("20050902-184500"), 431), (6, Some("20050902-184600"), 440), (8, None, 441)],
        "dates and repeated states part them"
    );
    assert_eq!(all[1].counts().time_wait_accepted, 0, "nobody's, as far as is told");
}

#[test]
fn tallies_without_end_are_read_up_to_a_bound() {
    assert_eq!(parse(&"1 TIME_WAIT\n".repeat(TALLIES_MAX + 9)).len(), TALLIES_MAX);
}

proptest! {
    #[test]
    fn what_is_written_as_a_tally_is_read_back(counts in prop::collection::btree_map(0..4_usize, any::<u64>(), 1..4)) {
        let states = [("TIME_WAIT", TimeWait), ("ESTABLISHED", Established), ("FIN_WAIT_2", FinWait2), ("SYN_SENT", SynSent)];
        let rows: String = counts.iter().map(|(at, n)| format!("{n:>7} {}\n", states[*at].0)).collect();
        let wanted: BTreeMap<_, _> = counts.iter().map(|(at, n)| (states[*at].1, *n)).collect();
        prop_assert_eq!(parse(&rows).into_iter().map(|t| t.by_state).collect::<Vec<_>>(), [wanted]);
    }

    #[test]
    fn any_text_is_read(text in soup(&["431", "TIME_WAIT", "ESTABLISHED", "TCP: 1 (estab 2, timewait 3/0)", "Name : TimeWait", "Count : 4", "1,000", " {", "("])) {
        for tally in parse(&text) {
            prop_assert!(!tally.by_state.is_empty() && tally.line <= text.lines().count());
        }
    }
}
