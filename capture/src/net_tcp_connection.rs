//! Provides the reader of `Get-NetTCPConnection`: as a table, as a list (`Format-List`) and as CSV
//! (`Export-Csv`), into the rows of [`netstat`](crate::netstat).
//!
//! A table leaves `AppliedSetting` blank for most rows, so values are told by where they stand.

use model::reading::TcpState;

use crate::netstat::{Endpoint, Netstat, Proto, Row, state};
use crate::table::{marked_columns, records, split_columns};
use crate::{Skipped, csv, labelled};

/// The properties that a row is made of, in the order of [`Values`].
const NAMES: [&str; 6] =
    ["LocalAddress", "LocalPort", "RemoteAddress", "RemotePort", "State", "OwningProcess"];

/// What stands for each of [`NAMES`]; the process may be blank.
type Values<'a> = [Option<&'a str>; NAMES.len()];

/// Reads a listing in whichever of the three forms it is.
pub fn parse(text: &str) -> Netstat<'_> {
    let heading = |line: &&str| NAMES[..4].iter().all(|name| line.contains(name));
    match text.lines().find(heading) {
        Some(line) if line.contains([',', ';', '\t']) => delimited(text, csv::separator(line)),
        Some(_) => table(text),
        None => list(text),
    }
}

fn delimited(text: &str, separator: char) -> Netstat<'_> {
    let mut netstat = Netstat::default();
    let mut columns: Option<[Option<usize>; NAMES.len()]> = None;
    for record in records(text, u8::try_from(separator).unwrap_or(b',')) {
        let found = NAMES.map(|name| record.column(&[name]));
        if found[..4].iter().all(Option::is_some) {
            columns = Some(found);
        } else if let Some(columns) = &columns {
            take(&mut netstat, record.line, columns.map(|at| record.borrowed(at)));
        }
    }
    netstat
}

fn table(text: &str) -> Netstat<'_> {
    let mut netstat = Netstat::default();
    let (mut heading, mut columns): (&str, Option<(Vec<_>, _)>) = ("", None);
    for (at, line) in text.lines().enumerate() {
        if let Some(marked) = marked_columns(line) {
            let names = split_columns(heading, &marked);
            let places = NAMES.map(|name| names.iter().position(|n| n.eq_ignore_ascii_case(name)));
            columns = places[..4].iter().all(Option::is_some).then_some((marked, places));
        } else if line.trim().is_empty() {
            columns = None;
        } else if let Some((marked, places)) = &columns {
            let values = split_columns(line, marked);
            let value = |at: Option<usize>| at.and_then(|at| values.get(at).copied());
            take(&mut netstat, at + 1, places.map(value));
        } else {
            heading = line;
        }
    }
    netstat
}

fn list(text: &str) -> Netstat<'_> {
    let mut netstat = Netstat::default();
    for block in labelled::blocks(text) {
        if block.fields.iter().any(|(label, _)| *label == NAMES[0]) {
            take(&mut netstat, block.line, NAMES.map(|name| block.value(&[name])));
        }
    }
    netstat
}

fn take<'a>(netstat: &mut Netstat<'a>, line: usize, values: Values<'a>) {
    match row(values) {
        Ok(row) => netstat.rows.push(row),
        Err(reason) => netstat.skipped.push(Skipped::new(line, reason)),
    }
}

fn row(values: Values<'_>) -> Result<Row<'_>, String> {
    let [local, local_port, remote, remote_port, state_text, pid] = values;
    let end = |address: Option<&'_ str>, port: Option<&str>, whose: &str| {
        let port = port.and_then(|port| port.parse().ok());
        port.ok_or_else(|| {
            format!("has no port for its {whose} end in \"{}\"", address.unwrap_or(""))
        })
    };
    let local_port = end(local, local_port, "local")?;
    let remote_port = end(remote, remote_port, "remote")?;
    let state_text = state_text.unwrap_or("");
    Ok(Row {
        proto: Proto::Tcp,
        local: Endpoint { address: local.unwrap_or(""), port: Some(local_port) },
        remote: Endpoint { address: remote.unwrap_or(""), port: Some(remote_port) },
        state: Some(state_or_number(state_text)),
        state_text,
        pid: pid.and_then(|pid| pid.parse().ok()),
        owner: None,
        component: None,
    })
}

/// A state by its name, or by its number where a listing went through another machine
/// (`MIB_TCP_STATE`; 100 is BOUND in the CIM class).
fn state_or_number(word: &str) -> TcpState {
    match word {
        "2" => TcpState::Listening,
        "3" => TcpState::SynSent,
        "4" => TcpState::SynReceived,
        "5" => TcpState::Established,
        "6" => TcpState::FinWait1,
        "7" => TcpState::FinWait2,
        "8" => TcpState::CloseWait,
        "9" => TcpState::Closing,
        "10" => TcpState::LastAck,
        "11" => TcpState::TimeWait,
        "100" => TcpState::Bound,
        word => state(word),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::soup::soup;

    /// The layout of Server 2019; addresses of RFC 5737 and 3849.
    const TABLE: &str = "
LocalAddress        LocalPort RemoteAddress       RemotePort State       AppliedSetting OwningProcess
------------        --------- -------------       ---------- -----       -------------- -------------
[...]
::                  22        ::                  0          Listen                     1444
192.0.2.209         49695     198.51.100.172      80         TimeWait                   0
192.0.2.209         22        192.0.2.60          53523      Established Internet       1444
2001:db8:0:1:2:3:4:5%12 49700 2001:db8::9         443        CloseWait   Internet       77

";

    /// Local end, remote end, state and process.
    type Told<'a> = ((&'a str, u16), (&'a str, u16), TcpState, Option<u32>);

    fn told<'a>(netstat: &Netstat<'a>) -> Vec<Told<'a>> {
        let end = |end: Endpoint<'a>| (end.address, end.port.unwrap());
        let told = |r: &Row<'a>| (end(r.local), end(r.remote), r.state.unwrap(), r.pid);
        netstat.rows.iter().map(told).collect()
    }

    #[test]
    fn a_blank_setting_shifts_nothing() {
        let netstat = parse(TABLE);
        assert_eq!(
            told(&netstat),
            [
                (("::", 22), ("::", 0), TcpState::Listening, Some(1444)),
                (("192.0.2.209", 49_695), ("198.51.100.172", 80), TcpState::TimeWait, Some(0)),
                (("192.0.2.209", 22), ("192.0.2.60", 53_523), TcpState::Established, Some(1444)),
                (
                    ("2001:db8:0:1:2:3:4:5%12", 49_700),
                    ("2001:db8::9", 443),
                    TcpState::CloseWait,
                    Some(77)
                ),
            ]
        );
        assert_eq!(netstat.skipped.iter().map(|s| s.line).collect::<Vec<_>>(), [4]);
        let fold = netstat.sockets();
        assert_eq!(fold.time_wait_by_peer["198.51.100.172"], 1);
    }

    #[test]
    fn lists_and_csv_give_the_same_rows() {
        let listed = (("192.0.2.1", 80), ("192.0.2.9", 50_001), TcpState::TimeWait, Some(0));
        for (text, why) in [
            (
                "LocalAddress   : 192.0.2.1\r\nLocalPort      : 80\r\nRemoteAddress  : 192.0.2.9\r\n\
                 RemotePort     : 50001\r\nState          : TimeWait\r\nAppliedSetting : \r\n\
                 OwningProcess  : 0\r\nCreationTime   : 1/1/1601 1:00:00 AM\r\n",
                "Format-List",
            ),
            (
                "#TYPE Selected\r\n\"LocalAddress\",\"LocalPort\",\"RemoteAddress\",\"RemotePort\",\
                 \"State\",\"OwningProcess\"\r\n\"192.0.2.1\",\"80\",\"192.0.2.9\",\"50001\",\
                 \"TimeWait\",\"0\"\r\n",
                "Export-Csv",
            ),
            (
                "State;OwningProcess;LocalAddress;LocalPort;RemoteAddress;RemotePort\n\
                 11;0;192.0.2.1;80;192.0.2.9;50001\n",
                "another order and delimiter, the state by its number",
            ),
        ] {
            let netstat = parse(text);
            assert_eq!(netstat.skipped, [], "{why}");
            assert_eq!(told(&netstat), [listed], "{why}");
        }
        let two = "LocalAddress : ::\nLocalPort : 80\nRemoteAddress : ::\nRemotePort : 0\n\n\
                   LocalAddress : ::\nLocalPort : x\n";
        let netstat = parse(two);
        assert_eq!((netstat.rows.len(), netstat.skipped.len()), (1, 1), "one of two is cut off");
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_no_line_counts_twice(
            text in soup(&[
                "LocalAddress LocalPort RemoteAddress RemotePort State OwningProcess\n",
                "------------ --------- ------------- ---------- ----- -------------\n",
                "LocalAddress,LocalPort,RemoteAddress,RemotePort\n", "::  80  ::  0  Listen 4\n",
                "LocalAddress : ::\n", "LocalPort : 80\n",
            ])
        ) {
            let netstat = parse(&text);
            prop_assert!(netstat.rows.len() + netstat.skipped.len() <= text.lines().count());
        }
    }
}
