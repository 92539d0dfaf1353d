use proptest::prelude::*;

use super::*;
use crate::soup::soup;

/// The layout of Windows, names of the second section translated; figures made up.
const WINDOWS: &str = "
IPv4 Statistics

  Packets Received                   = 12840
  Received Header Errors             = 0

ICMPv4 Statistics

                            Received    Sent
  Messages                  1500        7

TCP Statistics for IPv4

  Active Opens                        = 347883
  Passive Opens                       = 86083
  Failed Connection Attempts          = 13218
  Reset Connections                   = 2723
  Current Connections                 = 44
  Segments Received                   = 8011276
  Segments Sent                       = 7388244
  Segments Retransmitted              = 34858

TCP-Statistik für IPv6

  Aktiv geöffnet                      = 390
  Passiv geöffnet                     = 172
  Erfolglose Verbindungsversuche      = 7
  Zurückgesetzte Verbindungen         = 1
  Aktuelle Verbindungen               = 2
  Empfangene Segmente                 = 100
  Gesendete Segmente                  = 100
  Erneut übertragene Segmente         = 3

UDP Statistics for IPv4

  Datagrams Received    = many
  No Ports              = 48499
";

#[test]
fn the_tcp_sections_of_windows_are_summed_in_any_language() {
    let read = parse(WINDOWS);
    assert_eq!(
        read.tcp(),
        Tcp {
            active_opens: Some(348_273),
            passive_opens: Some(86_255),
            failed_attempts: Some(13_225),
            resets: Some(2_724),
            established: Some(46),
            retransmitted: Some(34_861),
            listen_overflows: None,
            listen_drops: None,
        }
    );
    assert_eq!(read.skipped.iter().map(|s| s.line).collect::<Vec<_>>(), [36]);
    let last = read.counters[read.counters.len() - 1];
    assert_eq!((last.section, last.name), ("UDP Statistics for IPv4", "No Ports"));
}

/// net-tools of Debian on Linux 6.18, shortened.
#[test]
fn linux_names_are_known() {
    let read = parse(
        "Ip:
    Forwarding: 2
    270538 total packets received
Tcp:
    26183 active connection openings
    3873 failed connection attempts
    548 segments retransmited
TcpExt:
    96 times the listen queue of a socket overflowed
    97 SYNs to LISTEN sockets dropped
    TCPTimeouts: 550
",
    );
    assert_eq!(read.skipped, []);
    let tcp = read.tcp();
    assert_eq!((tcp.active_opens, tcp.failed_attempts), (Some(26_183), Some(3_873)));
    assert_eq!((tcp.listen_overflows, tcp.listen_drops), (Some(96), Some(97)));
    assert_eq!((tcp.retransmitted, tcp.passive_opens), (Some(548), None));
    let last = read.counters[read.counters.len() - 1];
    assert_eq!((last.section, last.name, last.value), ("TcpExt", "TCPTimeouts", 550));
}

proptest! {
    #[test]
    fn any_text_is_read_and_no_line_counts_twice(
        text in soup(&["TCP Statistics\n", "  Active Opens  = 7\n", "Tcp:\n", " 7 resets\n", " = "])
    ) {
        let read = parse(&text);
        read.tcp();
        prop_assert!(read.counters.len() + read.skipped.len() <= text.lines().count());
    }
}
