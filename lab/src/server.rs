//! Provides the emulated IIS host at work: accepts, refuses, loses its listener, flushes its log, on
//! one thread.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use scenarios::Refuse;
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::doors::httperr::{Entry, FLUSH_S};
use crate::emulated::Emulated;
use crate::error::LabError;
use crate::front::Front;
use crate::keeper::Answer;
use crate::os::{Sweeper, Table};
use crate::refusal::{Refusal, place};
use crate::site::Site;
use crate::sockets::{Own, Shared, Sockets};
use crate::spec::TargetSpec;
use crate::stall::Stalls;
use crate::{door_server, site};

/// The gate is weighed at least this often, beside every accept.
const TICK: Duration = Duration::from_millis(15);
/// The log is flushed at most this often, however fast the host's time runs.
const SHORTEST_FLUSH: Duration = Duration::from_millis(50);
/// After a failed accept (no descriptor left) the next is tried this much later.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(5);

/// What is to be served, and where.
#[derive(Clone, Debug)]
pub struct Service {
    /// The host.
    pub spec: TargetSpec,
    /// True in a namespace of its own, whose kernel keeps TIME_WAIT and the gate.
    pub isolated: bool,
    /// Where the site is.
    pub listen: SocketAddr,
    /// Where the doors are.
    pub doors: SocketAddr,
    /// Where the error log goes.
    pub httperr_dir: PathBuf,
}

/// Where everything is once it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The site.
    pub target: SocketAddr,
    /// The doors.
    pub doors: SocketAddr,
    /// What differs from what was asked, a sentence each.
    pub notes: Vec<String>,
}

/// Run time 0 is at this instant. The end of these orders ends the service.
#[derive(Clone, Copy, Debug)]
pub struct Start(pub Instant);

/// A host that serves.
pub struct Server {
    host: Rc<RefCell<Emulated>>,
    site: Rc<Site>,
    front: Front,
    refusal: Refusal,
    absent: bool,
    stalls: Stalls,
    /// What a client of a full backlog sees, where that can be chosen.
    full_resets_syns: bool,
    listener_down: Vec<(f64, f64)>,
    flush_every: Duration,
}

impl Server {
    /// Binds, opens the log and the doors. Must be called within a tokio `LocalSet`.
    pub fn open(service: &Service) -> Result<(Self, Ready), LabError> {
        let spec = &service.spec;
        let front = Front::open(service.listen)?;
        let doors = Front::open(service.doors)?;
        let sockets = if service.isolated {
            let length_s = spec.time_wait_s / spec.time_scale;
            let (table, sweeper) = (Table::open()?, Sweeper::start(length_s)?);
            Sockets::Kernel { table, sweeper, stands_in: None, last: Shared::default() }
        } else {
            Sockets::Own(Own::default())
        };
        let mut host = Emulated::start(spec, sockets, &service.httperr_dir)?;
        host.listening(front.address(), true, true);
        host.listening(doors.address(), true, true);
        let (refusal, note) = Refusal::new(spec, front.address().port(), service.isolated);
        let notes = note.into_iter().chain(emulated_note(service.isolated)).collect();
        let ready = Ready { target: front.address(), doors: doors.address(), notes };
        let host = Rc::new(RefCell::new(host));
        tokio::task::spawn_local(door_server::serve(doors, Rc::clone(&host)));
        tokio::task::spawn_local(drive_app(Rc::clone(&host)));
        let flush_every = Duration::from_secs_f64(FLUSH_S / spec.time_scale).max(SHORTEST_FLUSH);
        let server = Self {
            host,
            site: Rc::new(Site::new(spec)),
            front,
            full_resets_syns: spec.refuse == Refuse::RstToSyn && refusal.has_rule(),
            refusal,
            absent: false,
            stalls: Stalls::new(&spec.stalls, spec.is_linux && service.isolated),
            listener_down: spec.listener_down.clone(),
            flush_every,
        };
        Ok((server, ready))
    }

    /// Serves until `orders` end; gives what went wrong meanwhile, a sentence each.
    pub async fn serve(mut self, mut orders: UnboundedReceiver<Start>) -> Vec<String> {
        let (mut tick, mut flush) = (every(TICK), every(self.flush_every));
        loop {
            tokio::select! {
                accepted = self.front.accept(), if !self.stalls.leaves_to_kernel() => {
                    self.accept(accepted).await;
                }
                _ = tick.tick() => self.tick(),
                _ = flush.tick() => self.flush(),
                answer = self.refusal.answer() => self.counted(answer),
                order = orders.recv() => match order {
                    Some(Start(zero)) => {
                        let mut host = self.host.borrow_mut();
                        host.run_zero(zero);
                        host.app_changed().iter().for_each(|changed| changed.notify_one());
                    }
                    None => break,
                },
            }
        }
        let n = self.refusal.last().await;
        self.log_refused(n);
        let mut host = self.host.borrow_mut();
        host.flush();
        host.troubles()
    }

    async fn accept(&mut self, accepted: std::io::Result<TcpStream>) {
        let stream = match accepted {
            Ok(stream) => stream,
            Err(why) => {
                self.trouble(format!("The target could not accept a connection: {why}."));
                return tokio::time::sleep(AFTER_FAILED_ACCEPT).await;
            }
        };
        self.weigh();
        if self.refusal.resets() {
            // Closing with a linger of zero sends a reset instead of a FIN.
            let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
            self.refusal.was_reset();
            self.host.borrow_mut().taken_and_reset();
            return;
        }
        if self.stalls.is_full() && !self.full_resets_syns {
            let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
            self.host.borrow_mut().taken_and_reset();
            return;
        }
        match self.stalls.hold(stream) {
            Some(stream) => self.serve_one(stream),
            None => self.host.borrow_mut().completed(self.stalls.held()),
        }
    }

    fn serve_one(&self, stream: TcpStream) {
        let (site, host) = (Rc::clone(&self.site), Rc::clone(&self.host));
        tokio::task::spawn_local(site::serve(stream, site, host));
    }

    fn tick(&mut self) {
        let now_s = self.host.borrow().run_time_s(Instant::now());
        let down = |(from, until): &(f64, f64)| now_s.is_some_and(|t| (*from..*until).contains(&t));
        self.absent = self.listener_down.iter().any(down);
        match self.stalls.turn(now_s.unwrap_or(f64::MIN), &self.front) {
            Ok(served) => served.into_iter().for_each(|stream| self.serve_one(stream)),
            Err(why) => self.trouble(format!("The listener's queue could not be changed: {why}.")),
        }
        self.host.borrow_mut().completed(self.stalls.held());
        self.weigh();
        if let Err(why) = place(&mut self.front, self.absent || self.refusal.wants_away()) {
            self.trouble(format!("{why}."));
        }
        let (address, is_open) = (self.front.address(), self.front.is_open());
        self.host.borrow_mut().listening(address, !self.absent, is_open);
    }

    fn weigh(&mut self) {
        let refuses = self.host.borrow_mut().weigh(Instant::now());
        let full = self.stalls.is_full() && self.full_resets_syns;
        self.refusal.turn(refuses, self.absent || full);
    }

    fn flush(&mut self) {
        if self.refusal.count() {
            let n = self.refusal.take();
            self.log_refused(n);
        }
        self.host.borrow_mut().flush();
    }

    fn counted(&mut self, answer: Answer) {
        match answer {
            Ok(counted) => {
                self.refusal.counted(counted);
                self.host.borrow_mut().turned_away(self.refusal.turned_away());
                let n = self.refusal.take();
                self.log_refused(n);
                self.host.borrow_mut().flush();
            }
            Err(why) => self.trouble(format!("The gate could not be turned: {why}.")),
        }
    }

    fn log_refused(&self, n: u64) {
        if n > 0 {
            self.host.borrow_mut().log(Entry::Refused(n));
        }
    }

    fn trouble(&self, sentence: String) {
        self.host.borrow_mut().trouble(sentence);
    }
}

/// Has the application go on whenever something is due.
async fn drive_app(host: Rc<RefCell<Emulated>>) {
    let Some(changed) = host.borrow().app_changed() else { return };
    loop {
        let next = host.borrow().next_of_app();
        let due = async {
            match next {
                Some(at) => tokio::time::sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = due => {}
            () = changed.notified() => {}
        }
        host.borrow_mut().advance_app(Instant::now());
    }
}

/// A late tick is skipped, not made up for.
fn every(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    ticks
}

fn emulated_note(isolated: bool) -> Option<String> {
    (!isolated).then(|| {
        "TIME_WAIT of the target is emulated: its netstat and its pool show entries that the server \
         ages itself, not this kernel's."
            .to_owned()
    })
}
