//! Provides the readings of a Linux host's own kernel, as one namespace sees it.
//!
//! Files and the netlink socket are opened once, and keep to the namespace of the thread that
//! opened them.

mod dump;
mod file;
mod process;
mod tunables;

use std::net::SocketAddr;

use capture::port_fold::PortFold;
use capture::procfs::{port_range, reserved_ports, reserved_within};
use capture::tcp_fold::TcpFold;
use model::reading::{GapKind, Ports, TcpState};

use self::dump::Dump;
use self::file::KernelFile;
pub use self::process::{die_with_parent, enter_net_of, mono_ns, own_process_group};
pub use self::tunables::tunables;
use crate::kernel_pages::CounterPage;
use crate::reading::Reading;

/// A file of counters, and which it is.
type CounterFile = (KernelFile, CounterPage);

/// The own kernel, opened.
#[derive(Debug)]
pub struct Local {
    counters: [CounterFile; 3],
    range: KernelFile,
    reserved: KernelFile,
    dump: Result<Dump, String>,
    tcp: TcpFold,
    ports: PortFold,
    /// The process under the witness makes the load: its descriptors are a resource of the run.
    generates: bool,
    narrowed: Option<(u16, u16)>,
}

impl Local {
    /// Opens what is read each round. What cannot be opened is a gap of every round. With a
    /// `destination`, ports towards it and this process's descriptors are counted too.
    pub fn open(destination: Option<SocketAddr>, narrowed: Option<(u16, u16)>) -> Self {
        let net = |name: &str| KernelFile::open(format!("/proc/thread-self/net/{name}"));
        let sys = |name: &str| KernelFile::open(format!("/proc/sys/net/ipv4/{name}"));
        Self {
            counters: [
                (net("netstat"), CounterPage::Netstat),
                (net("snmp"), CounterPage::Snmp),
                (net("sockstat"), CounterPage::Sockstat),
            ],
            range: sys("ip_local_port_range"),
            reserved: sys("ip_local_reserved_ports"),
            dump: Dump::open(),
            tcp: TcpFold::new(),
            ports: PortFold::new(destination),
            generates: destination.is_some(),
            narrowed,
        }
    }

    /// Reads everything once.
    pub fn read(&mut self) -> Reading {
        let mut reading = Reading::default();
        for (file, page) in &mut self.counters {
            match file.read() {
                Ok(text) => page.keep(text, &mut reading),
                Err(reason) => reading.gap(page.name(), GapKind::Failed, reason),
            }
        }
        let range = self.range();
        self.sockets(range, &mut reading);
        if self.generates {
            match process::descriptors() {
                Ok(descriptors) => reading.descriptors = Some(descriptors),
                Err(reason) => reading.gap("descriptors", GapKind::Failed, reason),
            }
        }
        reading
    }

    /// First and last port that can be given out, and how many of them are kept out of use. A
    /// generator that narrows the range chooses from it by itself wherever it does not lie inside
    /// the kernel's, and reserved ports are kept from the kernel's own choice only.
    fn range(&mut self) -> Result<(u16, u16, u32), String> {
        let text = self.range.read()?;
        let (low, high) = port_range(text).ok_or("ip_local_port_range holds no range of ports")?;
        let (low, high) = match self.narrowed {
            Some((l, h)) if l < low || h > high => return Ok((l, h, 0)),
            Some(inside) => inside,
            None => (low, high),
        };
        let reserved = reserved_ports(self.reserved.read()?)
            .ok_or("ip_local_reserved_ports holds no ranges of ports")?;
        Ok((low, high, reserved_within(&reserved, low, high)))
    }

    fn sockets(&mut self, range: Result<(u16, u16, u32), String>, reading: &mut Reading) {
        let (low, high, reserved) = range.clone().unwrap_or_default();
        let (tcp, ports) = (&mut self.tcp, &mut self.ports);
        ports.begin(low, high);
        let dumped = self.dump.as_mut().map_err(|reason| reason.clone()).and_then(|dump| {
            dump.all(&mut |s| {
                tcp.add(s.state, s.source_port);
                if s.state == TcpState::Listening {
                    tcp.queue(s.source_port, s.receive_queue, s.send_queue);
                }
                ports.add(s.source, s.source_port, s.destination, s.destination_port);
            })
        });
        let (counts, ports): (_, Ports) = (tcp.finish(), ports.finish(reserved));
        match dumped {
            Ok(()) => reading.tcp = Some(counts),
            Err(reason) => {
                reading.gap("tcp", GapKind::Failed, reason.clone());
                reading.gap("ports", GapKind::Failed, reason);
                return;
            }
        }
        match range {
            Ok(_) => reading.ports = Some(ports),
            Err(reason) => reading.gap("ports", GapKind::Failed, reason),
        }
    }
}

#[cfg(test)]
mod tests;
