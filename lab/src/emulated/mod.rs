//! Provides the emulated host as a whole: its ledger, its application, its clock, its counts, its
//! logs, its sockets. The server tells it what happens on the wire; the doors read it.

mod app;

use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

use model::reading::TcpState;
use scenarios::Errors;
use tokio::net::TcpStream;

pub use app::Received;

use crate::app::AppSpec;
use crate::desk::Desk;
use crate::doors::exporter::{self, View};
use crate::doors::httperr::Entry;
use crate::doors::poolmon::Poolmon;
use crate::doors::system_log::SystemLog;
use crate::doors::{Counts, SocketRow, States, netstat};
use crate::error::LabError;
use crate::httperr_file::HttperrFile;
use crate::iis_log_file::IisLogFile;
use crate::ledger::{Closer, Ledger};
use crate::os::{resent_and_failed, resets_answered};
use crate::sockets::Sockets;
use crate::spec::TargetSpec;

/// What the error log of Vista and later calls its writer.
const SINCE_VISTA: &str = "Microsoft HTTP API 2.0";
/// Segments of opening a connection: SYN and ACK in, SYN-ACK out.
const OPENING: (u64, u64) = (2, 1);
/// Segments of closing one: FIN and ACK each way.
const CLOSING: (u64, u64) = (2, 2);

/// The emulated host.
#[derive(Debug)]
pub struct Emulated {
    ledger: Ledger,
    sockets: Sockets,
    counts: Counts,
    poolmon: Poolmon,
    log: Option<HttperrFile>,
    pending: Vec<(String, Entry)>,
    iis_log: Option<IisLogFile>,
    system_log: SystemLog,
    born_stamp: String,
    known: app::Known,
    ports_told: Option<Instant>,
    /// SYNs that rules reset.
    by_rule: u64,
    /// Connections to the backend that the application has forgotten.
    leaked: Vec<TcpStream>,
    app_spec: Option<AppSpec>,
    desk: Option<Desk>,
    errors: Option<Errors>,
    answers: u64,
    time_scale: f64,
    born: Instant,
    run_zero: Option<Instant>,
    next_id: u64,
    troubles: Vec<String>,
}

impl Emulated {
    /// A host that has just started; its seconds count from now.
    pub fn start(spec: &TargetSpec, sockets: Sockets, logs: &Path) -> Result<Self, LabError> {
        let log = HttperrFile::open(logs, spec.era, spec.software, &stamp())?;
        // Only an application has rows for it that anybody looks at.
        let iis_log = match &spec.app {
            Some(_) => Some(IisLogFile::open(logs, iis_version(spec.server_header), &stamp())?),
            None => None,
        };
        let ledger = Ledger::new(&spec.ledger);
        Ok(Self {
            ledger,
            sockets,
            counts: Counts::default(),
            poolmon: Poolmon::default(),
            log,
            pending: Vec::new(),
            iis_log,
            system_log: SystemLog::new(spec.software == SINCE_VISTA),
            born_stamp: app::log_stamp(),
            known: app::Known::default(),
            ports_told: None,
            by_rule: 0,
            leaked: Vec::new(),
            app_spec: spec.app.clone(),
            desk: spec.app.as_ref().map(Desk::new),
            errors: spec.errors,
            answers: 0,
            time_scale: spec.time_scale,
            born: Instant::now(),
            run_zero: None,
            next_id: 0,
            troubles: Vec::new(),
        })
    }

    /// Run time 0 is at `at`: leaks per second count from there.
    pub fn run_zero(&mut self, at: Instant) {
        self.run_zero = Some(at);
    }

    /// Run time in seconds, once it is known when it is 0.
    pub fn run_time_s(&self, now: Instant) -> Option<f64> {
        let zero = self.run_zero?;
        Some(match now.checked_duration_since(zero) {
            Some(after) => after.as_secs_f64(),
            None => -zero.duration_since(now).as_secs_f64(),
        })
    }

    /// Brings the ledger to `now`; true while connections are to be refused.
    pub fn weigh(&mut self, now: Instant) -> bool {
        self.advance(now);
        if let Sockets::Kernel { sweeper, .. } = &self.sockets
            && let Some(count) = sweeper.left()
        {
            self.ledger.set_time_wait(count);
        }
        self.ledger.weigh()
    }

    fn advance(&mut self, now: Instant) {
        if let Some(zero) = self.run_zero.filter(|zero| now >= *zero) {
            self.ledger.leak_since(self.host_s(zero));
        }
        self.ledger.advance(self.host_s(now));
        if let Sockets::Own(own) = &mut self.sockets {
            own.age(self.ledger.time_wait());
        }
    }

    fn host_s(&self, at: Instant) -> f64 {
        at.saturating_duration_since(self.born).as_secs_f64() * self.time_scale
    }

    /// A connection was accepted; gives its number.
    pub fn accepted(&mut self, local: SocketAddr, remote: SocketAddr) -> u64 {
        self.next_id += 1;
        self.counts.accepted += 1;
        self.ledger.connect(1);
        self.segments(OPENING.0, OPENING.1);
        if let Sockets::Own(own) = &mut self.sockets {
            own.open(self.next_id, local, remote);
        }
        self.next_id
    }

    /// A connection was completed and reset at once: TCP took it, HTTP.sys did not.
    pub fn taken_and_reset(&mut self) {
        self.counts.taken_and_reset += 1;
        self.counts.reset += 1;
        self.segments(OPENING.0, OPENING.1 + 1);
    }

    /// So many SYNs were answered with a reset by rules so far.
    pub fn turned_away(&mut self, syns: u64) {
        self.by_rule = syns;
    }

    /// So many connections are completed, and not accepted yet.
    pub fn completed(&mut self, waiting: u64) {
        self.counts.waiting = waiting;
    }

    /// Connection `id` ended.
    pub fn ended(&mut self, id: u64, first: Closer) {
        self.ledger.close(1, first);
        if first == Closer::Reset {
            self.counts.reset += 1;
        } else {
            self.segments(CLOSING.0, CLOSING.1);
        }
        if let Sockets::Own(own) = &mut self.sockets {
            own.close(id, first == Closer::Target);
        }
    }

    /// Segments went in and out.
    pub fn segments(&mut self, inward: u64, outward: u64) {
        self.counts.segments_in += inward;
        self.counts.segments_out += outward;
        self.ledger.packets(inward + outward);
    }

    /// A request came in; `method` is 0 for GET, 1 for HEAD, 2 for any other.
    pub fn requested(&mut self, method: usize) {
        self.counts.requests[method.min(2)] += 1;
    }

    /// A listener of this host is there or not, and its socket is open or not.
    pub fn listening(&mut self, address: SocketAddr, listens: bool, is_open: bool) {
        self.sockets.site(address, listens, is_open);
    }

    /// A row for the error log; written with the next flush.
    pub fn log(&mut self, entry: Entry) {
        self.pending.push((stamp(), entry));
    }

    /// Writes what has been logged since the last flush.
    pub fn flush(&mut self) {
        if let Some(Err(why)) = self.iis_log.as_mut().map(IisLogFile::flush) {
            self.trouble(format!("Rows of the log of the site were lost: {why}."));
        }
        let pending = std::mem::take(&mut self.pending);
        let Some(log) = &mut self.log else { return };
        for (stamp, entry) in pending {
            if let Err(why) = log.write(&stamp, &entry) {
                self.trouble(format!("Rows of the HTTPERR log were lost: {why}."));
                return;
            }
        }
    }

    /// Keeps a sentence for the end, once.
    pub fn trouble(&mut self, sentence: String) {
        if !self.troubles.contains(&sentence) {
            self.troubles.push(sentence);
        }
    }

    /// What went wrong, for the end.
    pub fn troubles(&mut self) -> Vec<String> {
        if let Sockets::Kernel { sweeper, .. } = &self.sockets
            && sweeper.failed() > 0
        {
            let n = sweeper.failed();
            self.trouble(format!("TIME_WAIT could not be aged in {n} rounds of 100 ms."));
        }
        std::mem::take(&mut self.troubles)
    }

    /// The sockets as they are, or were a moment ago, the ledger charged with just their TIME_WAIT.
    fn table(&mut self) -> std::io::Result<Rc<[SocketRow]>> {
        self.advance(Instant::now());
        let rows = self.sockets.rows()?;
        let waiting = rows.iter().filter(|row| row.state == TcpState::TimeWait).count();
        self.ledger.set_time_wait(waiting as u64);
        Ok(rows)
    }

    /// The windows_exporter page.
    pub fn metrics(&mut self) -> std::io::Result<String> {
        if let Sockets::Kernel { .. } = &self.sockets {
            if let Some((resent, failed)) = resent_and_failed() {
                (self.counts.retransmitted, self.counts.open_failures) = (resent, failed);
            }
            self.counts.turned_away = self.by_rule + resets_answered().unwrap_or(0);
        }
        let sockets = self.table()?;
        Ok(exporter::page(&View {
            ledger: &self.ledger,
            states: &States::of(&sockets),
            counts: &self.counts,
            worker_pid: self.worker_pid(),
            app: self.app(),
            rejected: self.desk.as_ref().map_or(0, Desk::rejected),
        }))
    }

    /// `netstat -an`.
    pub fn netstat(&mut self) -> std::io::Result<String> {
        Ok(netstat::page(self.table()?.iter().copied()))
    }

    /// `wevtutil qe System /f:text /rd:true`.
    pub fn system_log(&mut self) -> String {
        self.watch();
        self.system_log.page(&self.born_stamp)
    }

    /// `poolmon -b`.
    pub fn poolmon(&mut self) -> std::io::Result<String> {
        self.table()?;
        Ok(self.poolmon.page(&self.ledger))
    }
}

/// `Microsoft-IIS/10.0` without its name.
fn iis_version(server_header: &str) -> &str {
    server_header.rsplit('/').next().unwrap_or_default()
}

/// Now as HTTPERR stamps it: UTC.
fn stamp() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S").to_string()
}
