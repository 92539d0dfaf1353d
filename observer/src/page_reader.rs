//! Provides a witness whose pages are handed over instead of fetched: the same texts give the same
//! rows, at whatever time they are said to be of. It has no clock and reads no file.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use capture::netstat::{self, Netstat};
use capture::port_fold::PortFold;
use capture::tcp_fold::TcpFold;
use capture::{httperr, proc_net_tcp, w3c};
use jiff::Timestamp;
use model::row::{Row, Sample, SourceCost};

use crate::event_page::EventPage;
use crate::kernel_pages::{CounterPage, descriptors};
use crate::log_rows::{Found, Httperr, IisLog, Log};
use crate::origin::Origin;
use crate::pages;
use crate::reading::{Reading, told};

/// What a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageOf {
    /// windows_exporter's.
    Exporter,
    /// The text of `netstat -an`.
    Netstat,
    /// The text of poolmon.
    Poolmon,
    /// What has been appended to the HTTP.sys error log since the last round.
    Httperr,
    /// What has been appended to the web site's own log since the last round.
    IisLog,
    /// The System event log as `wevtutil qe System /f:text` prints it.
    EventLog,
    /// `/proc/net/tcp` of a Linux kernel.
    ProcTcp,
    /// `/proc/net/netstat` of a Linux kernel.
    ProcNetstat,
    /// `/proc/net/snmp` of a Linux kernel.
    ProcSnmp,
    /// `/proc/net/sockstat` of a Linux kernel.
    ProcSockstat,
    /// `/proc/self/limits` of a Linux process, and a line for each entry of its `/proc/self/fd`.
    ProcFd,
}

/// The ephemeral ports of a host, and where their use counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortsOf {
    /// First port that is given out.
    pub low: u16,
    /// Last port that is given out.
    pub high: u16,
    /// Where the load goes.
    pub destination: SocketAddr,
}

/// One vantage, read from its pages.
#[derive(Debug)]
pub struct PageReader {
    vantage: String,
    origin: Origin,
    sockets: TcpFold,
    ports: Option<(PortsOf, PortFold)>,
    log: httperr::Parser,
    site_log: w3c::Parser,
    events: EventPage,
}

impl PageReader {
    /// A reader of this vantage; `started_unix_ns` is the wall clock at run time zero. With `ports`
    /// its sockets are counted as a generator's.
    pub fn new(vantage: &str, started_unix_ns: i64, ports: Option<PortsOf>) -> Self {
        Self {
            vantage: vantage.to_owned(),
            origin: Origin { mono_ns: 0, unix_ns: started_unix_ns },
            sockets: TcpFold::new(),
            ports: ports.map(|of| (of, PortFold::new(Some(of.destination)))),
            log: httperr::Parser::new(),
            site_log: w3c::Parser::new(),
            events: EventPage::default(),
        }
    }

    /// The rows of a round at run time `t_s`: the sample first, then the events, by their time.
    /// Pages come with the name of their source.
    pub fn rows<'p>(
        &mut self,
        t_s: f64,
        pages: impl IntoIterator<Item = (PageOf, &'p str, &'p str)>,
    ) -> Vec<Row> {
        let sample = Sample {
            t_s,
            wall: self.wall(t_s),
            vantage: self.vantage.clone(),
            ..Sample::default()
        };
        let given = pages.into_iter().map(|(of, name, text)| {
            let source = SourceCost { name: name.to_owned(), took_ms: 0.0 };
            (source, self.reading(of, name, text))
        });
        let given = given.collect();
        told(sample, given, &self.origin)
    }

    fn wall(&self, t_s: f64) -> String {
        let unix_ns = i128::from(self.origin.unix_ns) + (t_s * 1e9).round() as i128;
        format!("{:.9}", Timestamp::from_nanosecond(unix_ns).unwrap_or_default())
    }

    fn reading(&mut self, of: PageOf, name: &str, text: &str) -> Reading {
        match of {
            PageOf::Exporter => pages::exporter(name, text),
            PageOf::Poolmon => pages::poolmon(name, text),
            PageOf::Netstat => self.netstat(name, text),
            PageOf::ProcTcp => self.proc_tcp(text),
            PageOf::Httperr => log::<Httperr>(&mut self.log, name, text),
            PageOf::IisLog => log::<IisLog>(&mut self.site_log, name, text),
            PageOf::EventLog => self.events.read(name, text),
            PageOf::ProcNetstat => counters(CounterPage::Netstat, text),
            PageOf::ProcSnmp => counters(CounterPage::Snmp, text),
            PageOf::ProcSockstat => counters(CounterPage::Sockstat, text),
            PageOf::ProcFd => descriptors(name, text),
        }
    }

    fn netstat(&mut self, name: &str, text: &str) -> Reading {
        let page = netstat::parse(text);
        if let Some((of, fold)) = &mut self.ports {
            fold.begin(of.low, of.high);
            ends(&page).for_each(|(local, remote)| {
                fold.add(local.ip(), local.port(), remote.ip(), remote.port());
            });
        }
        let mut reading = pages::netstat_of(name, &page, &mut self.sockets);
        reading.ports = self.ports.as_ref().map(|(_, fold)| fold.finish(0));
        reading
    }

    fn proc_tcp(&mut self, text: &str) -> Reading {
        let table = proc_net_tcp::parse(text);
        if let Some((of, fold)) = &mut self.ports {
            fold.begin(of.low, of.high);
            for row in &table.rows {
                fold.add(row.local.ip(), row.local.port(), row.remote.ip(), row.remote.port());
            }
        }
        Reading {
            tcp: Some(table.counts(&mut self.sockets)),
            ports: self.ports.as_ref().map(|(_, fold)| fold.finish(0)),
            ..Reading::default()
        }
    }
}

fn log<L: Log>(parser: &mut L::Parser, name: &str, text: &str) -> Reading {
    let mut found = Found::<L>::default();
    text.split_inclusive('\n').for_each(|line| found.line(parser, line));
    Reading { happened: found.happened(Path::new(name)), ..Reading::default() }
}

fn counters(page: CounterPage, text: &str) -> Reading {
    let mut reading = Reading::default();
    page.keep(text, &mut reading);
    reading
}

/// Both ends of every row that has an address and a port on each.
fn ends<'p>(page: &'p Netstat<'_>) -> impl Iterator<Item = (SocketAddr, SocketAddr)> + use<'p> {
    let end = |end: &netstat::Endpoint<'_>| {
        let ip: IpAddr = end.address.parse().ok()?;
        Some(SocketAddr::new(ip, end.port?))
    };
    page.rows.iter().filter_map(move |row| Some((end(&row.local)?, end(&row.remote)?)))
}

#[cfg(test)]
mod tests {
    use model::row::Happening;

    use super::*;

    const NETSTAT: &str = "Active Connections\r\n\r\n\
        \x20 TCP    0.0.0.0:80             0.0.0.0:0              LISTENING\r\n\
        \x20 TCP    198.18.0.80:80         198.18.0.1:40000       TIME_WAIT\r\n";

    fn sample(row: &Row) -> &Sample {
        let Row::Sample(sample) = row else { panic!("{row:?}") };
        sample
    }

    #[test]
    fn pages_of_a_target_make_a_sample_and_its_events() {
        // 2025-11-21T04:40:00.25Z.
        let mut reader = PageReader::new("target", 1_763_700_000_250_000_000, None);
        let log = "#Fields: date time s-reason sc-status\r\n\
                   2025-11-21 04:40:03 QueueFull 503\r\n2025-11-21 04:40:03 QueueFull 503\r\n";
        let rows = reader.rows(
            4.0,
            [
                (PageOf::Exporter, "windows-exporter+h", "windows_memory_pool_nonpaged_bytes 5\n"),
                (PageOf::Netstat, "netstat+h", NETSTAT),
                (PageOf::Httperr, "httperr:h", log),
            ],
        );
        let first = sample(&rows[0]);
        assert_eq!(first.wall, "2025-11-21T04:40:04.250000000Z", "run time on the wall clock");
        assert_eq!(first.memory.as_ref().unwrap().nonpaged_used_bytes, Some(5));
        assert_eq!(first.tcp.as_ref().unwrap().time_wait_accepted, 1);
        assert_eq!((first.gaps.len(), first.ports.as_ref()), (0, None));
        let Row::Event(event) = &rows[1] else { panic!("{rows:?}") };
        assert!(matches!(event.what, Happening::Httperr { rows: 2, .. }), "{event:?}");
        assert_eq!((event.t_s, event.vantage.as_str()), (2.75, "target"), "at its stamp");
        let log = "2025-11-21 04:40:08 AppOffline 503\r\n";
        let rows = reader.rows(9.0, [(PageOf::Httperr, "httperr:h", log)]);
        assert_eq!(rows.len(), 2, "the columns of the header are remembered");
    }

    #[test]
    fn a_generators_ports_are_counted_from_either_kind_of_list() {
        let of = PortsOf { low: 1025, high: 5000, destination: "198.18.0.80:80".parse().unwrap() };
        let netstat = "  TCP    198.18.0.1:1025        198.18.0.80:80         TIME_WAIT\r\n\
                       \x20 TCP    198.18.0.1:1026        198.18.0.80:443        ESTABLISHED\r\n\
                       \x20 TCP    198.18.0.1:5001        198.18.0.80:80         TIME_WAIT\r\n";
        let proc = "  sl  local_address rem_address   st\n\
            \x20  0: 010012C6:0401 500012C6:0050 06 00000000:00000000 03:00000000 00000000 0 0 0\n\
            \x20  1: 010012C6:0402 500012C6:01BB 01 00000000:00000000 00:00000000 00000000 0 0 7\n\
            \x20  2: 010012C6:1389 500012C6:0050 06 00000000:00000000 03:00000000 00000000 0 0 0\n";
        for (page, text) in [(PageOf::Netstat, netstat), (PageOf::ProcTcp, proc)] {
            let mut reader = PageReader::new("generator", 0, Some(of));
            let rows = reader.rows(1.0, [(page, "list", text)]);
            let ports = sample(&rows[0]).ports.clone().unwrap();
            let used = (ports.used_any, ports.used_to_destination, ports.usable());
            assert_eq!(used, (2, Some(1), 3976), "{page:?}");
            assert_eq!(sample(&rows[0]).tcp.as_ref().unwrap().time_wait_opened, 2, "{page:?}");
        }
    }

    #[test]
    fn kernel_counters_keep_the_names_of_a_kernel_that_is_read_itself() {
        let mut reader = PageReader::new("generator", 0, None);
        let rows = reader.rows(
            0.5,
            [
                (PageOf::ProcSnmp, "snmp", "Tcp: ActiveOpens RetransSegs\nTcp: 9 2\n"),
                (PageOf::ProcNetstat, "netstat", "TcpExt: TCPSynRetrans\nTcpExt: 3\n"),
                (PageOf::ProcSockstat, "sockstat", "TCP: inuse 1 tw 7\n"),
                (PageOf::ProcFd, "fd", "Max open files   60   20000   files\n0\n1\n2\n17\n"),
            ],
        );
        let descriptors = sample(&rows[0]).descriptors.unwrap();
        assert_eq!((descriptors.used, descriptors.limit), (4, 60), "the soft limit");
        let counters = &sample(&rows[0]).counters;
        assert_eq!(counters["Tcp.RetransSegs"], 2.0);
        assert_eq!(counters["TcpExt.TCPSynRetrans"], 3.0);
        assert_eq!(counters["sockstat.tw"], 7.0);
    }
}
