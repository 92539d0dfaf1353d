use proptest::prelude::*;

use super::*;
use crate::socket_fold::largest;
use crate::soup::soup;

/// Rows as Windows 11 prints them with `-ano`; ports and addresses are made up.
const ENGLISH: &str = "\r
Active Connections\r
\r
  Proto  Local Address          Foreign Address        State           PID\r
  TCP    0.0.0.0:80             0.0.0.0:0              LISTENING       4\r
  TCP    192.0.2.1:80           198.51.100.7:50123     TIME_WAIT       0\r
  TCP    192.0.2.1:49725        198.51.100.9:443       TIME_WAIT       0\r
  TCP    0.0.0.0:50100          0.0.0.0:0              BOUND           44328\r
  TCP    [::1]:9229             [::]:0                 LISTENING       444\r
  TCP    [fe80::10b0:462e%9]:49156  [fe80::10b0:462e%9]:80  ESTABLISHED     444\r
  UDP    127.0.0.1:9229         *:*                                    666\r
  UDP    127.0.0.1:49664        127.0.0.1:49664                        3316\r
";

#[test]
fn a_listing_is_counted_by_state_and_owner() {
    let netstat = parse(ENGLISH);
    assert_eq!(netstat.skipped, []);
    assert_eq!(netstat.rows.len(), 8);
    assert_eq!(netstat.rows.iter().filter(|r| r.proto == Proto::Udp).count(), 2);
    let scoped = netstat.rows[5].local;
    assert_eq!((scoped.address, scoped.port), ("[fe80::10b0:462e%9]", Some(49156)));
    let counts = netstat.counts(&mut TcpFold::new());
    assert_eq!(counts.listening, [80, 9229]);
    assert_eq!((counts.time_wait_accepted, counts.time_wait_opened), (1, 1));
    assert_eq!(counts.by_state.values().sum::<u64>(), 6, "UDP has no state");
    assert_eq!(counts.by_state[&TcpState::Bound], 1);
    let pids: Vec<_> = netstat.rows.iter().filter_map(|r| r.pid).collect();
    assert_eq!(pids, [4, 0, 0, 44_328, 444, 444, 666, 3316]);
    let sockets = netstat.sockets();
    assert_eq!(largest(&sockets.time_wait_by_remote_port), [(443, 1), (50_123, 1)]);
    assert_eq!(largest(&sockets.bound_by_pid), [(44_328, 1)]);
}

/// The words of a German Windows 7, with the offload column of `-t` behind them.
#[test]
fn german_words_are_known_and_the_offload_column_is_no_process() {
    let text = "  Proto. Lokale Adresse       Remoteadresse       Status       Abladungsstatus
  TCP    127.0.0.1:1110   127.0.0.1:53588   HERGESTELLT          InHost
  TCP    127.0.0.1:1110   127.0.0.1:54995   FIN_WARTEN_2         InHost
  TCP    127.0.0.1:54995  127.0.0.1:1110    SCHLIESSEN_WARTEN    InHost
  TCP    127.0.0.1:2869   127.0.0.1:54989   WARTEND              InHost
  TCP    0.0.0.0:2869     0.0.0.0:0         abhören              InHost";
    let netstat = parse(text);
    let states: Vec<_> = netstat.rows.iter().filter_map(|r| r.state).collect();
    assert_eq!(
        states,
        [
            TcpState::Established,
            TcpState::FinWait2,
            TcpState::CloseWait,
            TcpState::TimeWait,
            TcpState::Listening
        ]
    );
    assert!(netstat.rows.iter().all(|row| row.pid.is_none()));
}

#[test]
fn a_word_that_no_table_knows_is_told_by_position_where_that_is_safe() {
    for (row, state, why) in [
        ("TCP 0.0.0.0:80 0.0.0.0:0 ESCUCHANDO 4", TcpState::Listening, "a peer port of 0"),
        ("TCP [::]:80 [::]:0 ПРОСЛУШИВАНИЕ", TcpState::Listening, "the same without processes"),
        ("TCP 192.0.2.1:80 192.0.2.9:50001 ESPERA 0", TcpState::TimeWait, "no process"),
        ("TCP 192.0.2.1:80 192.0.2.9:50001 ESPERA 7", TcpState::Other, "some other state"),
        ("TCP 192.0.2.1:80 192.0.2.9:50001 ESPERA", TcpState::Other, "nothing to tell it by"),
        ("TCP 192.0.2.1:80 192.0.2.9:50001 CLOSING 0", TcpState::Closing, "a word that is known"),
    ] {
        let netstat = parse(row);
        assert_eq!(netstat.rows[0].state, Some(state), "{why}");
    }
}

/// `-anob` of Windows 10 (French sentence for a missing owner), then of Server 2003 with modules.
#[test]
fn owners_stand_below_their_rows() {
    let text = "\
  TCP    0.0.0.0:80             0.0.0.0:0              LISTENING       4
 Impossible d'obtenir les informations de propriétaire
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       908
  RpcSs
 [svchost.exe]
  TCP    192.0.2.1:49700        192.0.2.9:443          CLOSE_WAIT      77

[late.exe]
  TCP    0.0.0.0:25             0.0.0.0:0              LISTENING       1500
  C:\\WINDOWS\\system32\\WS2_32.dll
  -- unknown component(s) --
  [inetinfo.exe]
";
    let netstat = parse(text);
    let named: Vec<_> = netstat.rows.iter().map(|r| (r.component, r.owner)).collect();
    assert_eq!(
        named,
        [
            (None, None),
            (Some("RpcSs"), Some("svchost.exe")),
            (None, None),
            (Some("C:\\WINDOWS\\system32\\WS2_32.dll"), Some("inetinfo.exe")),
        ],
        "a blank line ends what belongs to a row"
    );
    assert_eq!(largest(&netstat.sockets().close_wait_by_pid), [(77, 1)]);
}

#[test]
fn a_bad_row_is_counted_and_loses_no_other() {
    let text = "TCP 192.0.2.1:80 web:http GESCHLOSSEN 4
tcp 0 0.0.0.0:22
TCP 0.0.0.0:70000 0.0.0.0:0 LISTENING
TCP 0.0.0.0:81 0.0.0.0:0
TCP 0.0.0.0:81 0.0.0.0:0 4
TCP 0.0.0.0:81 peer:unheard-of ESTABLISHED
  TCP 0.0.0.0:82 0.0.0.0:0 LISTENING";
    let netstat = parse(text);
    let first = netstat.rows[0];
    assert_eq!((first.state, first.state_text), (Some(TcpState::Other), "GESCHLOSSEN"));
    assert_eq!(first.remote.port, Some(80), "a port by its name");
    let lines: Vec<_> = netstat.skipped.iter().map(|s| s.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6], "cut off, a port too high, no state twice, no port");
    assert_eq!(netstat.rows[1].local.port, Some(82));
}

/// net-tools of Debian, `netstat -tuanp`; addresses of RFC 5737.
#[test]
fn linux_has_queues_before_and_programs_behind() {
    let text = "\
Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name
tcp        0      0 0.0.0.0:80              0.0.0.0:*               LISTEN      71/nginx: master
tcp        0    512 192.0.2.1:80            198.51.100.7:50123      TIME_WAIT   -
tcp6       0      0 :::22                   :::*                    LISTEN      9/sshd
udp        0      0 0.0.0.0:68              0.0.0.0:*                           5/dhclient
";
    let netstat = parse(text);
    assert_eq!(netstat.skipped, []);
    let told: Vec<_> =
        netstat.rows.iter().map(|r| (r.state, r.local.port, r.pid, r.owner)).collect();
    assert_eq!(
        told,
        [
            (Some(TcpState::Listening), Some(80), Some(71), Some("nginx")),
            (Some(TcpState::TimeWait), Some(80), None, None),
            (Some(TcpState::Listening), Some(22), Some(9), Some("sshd")),
            (None, Some(68), Some(5), Some("dhclient")),
        ]
    );
}

proptest! {
    #[test]
    fn every_line_that_begins_with_a_protocol_is_a_row_or_counted(
        text in soup(&["TCP", "UDP", " 192.0.2.1:80 ", " *:* ", "[::1]:9 ", "TIME_WAIT", "[a.exe]"])
    ) {
        let netstat = parse(&text);
        let is_row = |line: &&str| {
            let first = line.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
            first == "tcp" || first == "udp"
        };
        let expected = text.lines().filter(is_row).count();
        prop_assert_eq!(netstat.rows.len() + netstat.skipped.len(), expected);
    }
}
