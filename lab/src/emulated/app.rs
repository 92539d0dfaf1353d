//! Provides what the emulated host does with requests: takes them to its application, or refuses them
//! by itself; and what its logs tell of it.

use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::{Emulated, stamp};
use crate::app::App;
use crate::desk::{Desk, Place};
use crate::doors::httperr::Why;
use crate::doors::system_log::Told;
use crate::doors::w3c::Answered;
use crate::ledger::Short;

/// The first worker process. Scenery: no process of this machine is meant.
const FIRST_PID: u32 = 1972;
/// From one worker process to the next; numbers are multiples of 4 on Windows.
const PID_STEP: u32 = 344;

/// How often the system log tells that no port is left.
const PORTS_TOLD_EVERY: Duration = Duration::from_secs(1);

/// What becomes of a request that has just come.
#[derive(Debug)]
pub enum Received {
    /// It is answered at once: there is no application, or run time has not begun.
    AtOnce,
    /// HTTP.sys refuses it.
    Refused(Why),
    /// The application has a place for it, or not.
    Placed(Place),
}

/// What the system log has been told of already.
#[derive(Debug, Default)]
pub struct Known {
    crashes: u64,
    processes: u64,
    is_offline: bool,
    nonpaged_empty: bool,
    short: Option<Short>,
}

impl Emulated {
    /// True where the connection that was accepted last is one too many for the site.
    pub fn is_beyond_limit(&self) -> bool {
        let before = self.ledger.open().saturating_sub(1);
        self.app_spec.as_ref().is_some_and(|spec| spec.beyond_limit(before, 1) > 0)
    }

    /// A sound request came in on a connection that was `beyond` the site's limit or not.
    pub fn receive(&mut self, now: Instant, beyond: bool) -> Received {
        if beyond {
            return Received::Refused(Why::ConnLimit);
        }
        if self.ledger.short().is_some() {
            return Received::Refused(Why::NotAvailable);
        }
        let Some(now_s) = self.run_time_s(now) else { return Received::AtOnce };
        let place = match &mut self.desk {
            Some(desk) => desk.arrive(now_s),
            None => return Received::AtOnce,
        };
        self.watch();
        match place {
            Place::QueueFull => Received::Refused(Why::QueueFull),
            Place::Offline => Received::Refused(Why::AppOffline),
            place => Received::Placed(place),
        }
    }

    /// Brings the application to `now`.
    pub fn advance_app(&mut self, now: Instant) {
        let now_s = self.run_time_s(now);
        if let (Some(desk), Some(now_s)) = (&mut self.desk, now_s) {
            desk.advance(now_s);
        }
        self.watch();
    }

    /// When something next happens to the application by itself.
    pub fn next_of_app(&self) -> Option<Instant> {
        let next_s = self.desk.as_ref()?.app().next_s()?;
        self.run_zero?.checked_add(Duration::try_from_secs_f64(next_s.max(0.0)).ok()?)
    }

    /// Notified when that may have come nearer; `None` without an application.
    pub fn app_changed(&self) -> Option<Rc<Notify>> {
        self.desk.as_ref().map(Desk::changed)
    }

    /// The work on this request is done.
    pub fn finish_work(&mut self, now: Instant, id: u64) {
        let now_s = self.run_time_s(now);
        if let (Some(desk), Some(now_s)) = (&mut self.desk, now_s) {
            desk.finish(now_s, id);
        }
    }

    /// By how much longer requests are worked on that begin now.
    pub fn slowness(&self) -> f64 {
        self.app().map_or(1.0, App::slowness)
    }

    /// The application has called its backend. It closes the connection, or, for this share of them,
    /// never does.
    pub fn called(&mut self, stream: TcpStream, leak: f64) {
        if scenarios::strikes(leak, self.counts.opened) {
            self.leaked.push(stream);
        }
        self.counts.opened += 1;
    }

    /// It got no port for it. The system log tells of that at most once a second. Assumed: a host
    /// does not log each failure, how often it does is not published.
    pub fn out_of_ports(&mut self) {
        let now = Instant::now();
        let silent = self.ports_told.is_none_or(|at| now - at >= PORTS_TOLD_EVERY);
        if silent {
            self.ports_told = Some(now);
            self.system_log.add(&log_stamp(), Told::PortsExhausted);
        }
    }

    /// The application.
    pub fn app(&self) -> Option<&App> {
        self.desk.as_ref().map(Desk::app)
    }

    /// The status of the next answer that the application gives.
    pub fn next_status(&mut self) -> u16 {
        let k = self.answers;
        self.answers += 1;
        let error = self.errors.filter(|e| scenarios::strikes(e.share, k));
        error.map_or(200, |e| e.status)
    }

    /// The site answered a request.
    pub fn answered(&mut self, answered: &Answered) {
        if answered.status >= 400 {
            *self.counts.errors.entry(answered.status).or_default() += 1;
        }
        if let Some(log) = &mut self.iis_log {
            log.add(&stamp(), answered);
        }
    }

    /// The number of the worker process that is at work.
    pub(super) fn worker_pid(&self) -> u32 {
        let replaced = self.app().map_or(0, |app| app.processes().saturating_sub(1));
        FIRST_PID + PID_STEP * replaced as u32
    }

    /// Tells the system log what is new.
    pub(super) fn watch(&mut self) {
        let now = log_stamp();
        let (crashes, processes, is_offline) = self
            .app()
            .map_or((0, 0, false), |app| (app.crashes(), app.processes(), app.is_offline()));
        if processes > self.known.processes.max(1) {
            // With its process go the connections that it had forgotten.
            self.leaked.clear();
        }
        for nth in self.known.crashes..crashes {
            let pid = FIRST_PID + PID_STEP * nth as u32;
            self.system_log.add(&now, Told::WorkerDied { pid });
        }
        let replaced = |known: &Known| known.processes.max(1) - known.crashes;
        let recycles = processes.max(1).saturating_sub(crashes);
        for _ in replaced(&self.known)..recycles {
            self.system_log.add(&now, Told::Recycle);
        }
        if is_offline && !self.known.is_offline {
            self.system_log.add(&now, Told::PoolDisabled);
        }
        let short = self.ledger.short();
        match short.filter(|_| short != self.known.short) {
            Some(Short::Paged) => self.system_log.add(&now, Told::PagedEmpty),
            Some(Short::Commit) => self.system_log.add(&now, Told::CommitLow),
            Some(Short::Ptes) | None => {}
        }
        let nonpaged_empty = self.ledger.free_bytes() == Some(0);
        if nonpaged_empty && !self.known.nonpaged_empty {
            self.system_log.add(&now, Told::NonpagedEmpty);
        }
        self.known = Known { crashes, processes, is_offline, nonpaged_empty, short };
    }
}

/// Now as the system log prints it.
pub(super) fn log_stamp() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3f0000Z").to_string()
}
