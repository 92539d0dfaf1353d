//! Defines what the model of the application is made from. All times are on one clock, whichever its
//! user keeps: run time in the lab.

/// The application of a site.
#[derive(Clone, Debug, PartialEq)]
pub struct AppSpec {
    /// Requests that are worked on at once.
    pub workers: u64,
    /// Who says when a request has been worked on.
    pub work: Work,
    /// Requests that may wait for a worker.
    pub queue_length: u64,
    /// How long one may wait, seconds.
    pub queue_timeout_s: f64,
    /// Connections that the site may have; `None`: any number.
    pub connection_limit: Option<u64>,
    /// Requests that are worked on at once before the application answers 503.2 by itself.
    pub concurrency_limit: u64,
    /// What goes wrong, and when.
    pub plan: Vec<Planned>,
}

/// Who says when a request has been worked on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Work {
    /// The model: after a service time, and a call to a backend where there is one.
    Timed {
        /// How long a request holds its worker beside the call, seconds.
        service_s: f64,
        /// What it calls first.
        backend: Option<BackendSpec>,
    },
    /// Its user, who does the work and tells its end.
    Told,
}

/// A backend that is called once for each request. The target closes each connection first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackendSpec {
    /// Outgoing ports of the target.
    pub ports: u64,
    /// How long each stays in TIME_WAIT after its call, seconds.
    pub time_wait_s: f64,
    /// How long a call takes, seconds.
    pub latency_s: f64,
    /// How long a worker waits for a port before it answers 502, seconds.
    pub give_up_s: f64,
    /// Share of the calls whose connection is never closed.
    pub leak: f64,
}

/// Something that happens to the application from one moment to another, seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planned {
    /// What.
    pub what: Trouble,
    /// When it begins.
    pub from_s: f64,
    /// When it is over.
    pub until_s: f64,
}

/// What can happen to the application.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trouble {
    /// The pool is disabled: what is worked on is finished, what waits or comes is answered 503.
    Offline,
    /// The worker process dies: what is worked on is abandoned, what waits or comes waits for the
    /// next process.
    Crash,
    /// A fresh worker process takes over, and the old one finishes what it has.
    Recycle,
    /// Requests that begin now are worked on for so many times longer.
    Slow(f64),
}

impl AppSpec {
    /// How many of `n` new connections are beyond the site's limit, with `open` open before them.
    pub fn beyond_limit(&self, open: u64, n: u64) -> u64 {
        let room = self.connection_limit.map_or(n, |limit| limit.saturating_sub(open));
        n.saturating_sub(room)
    }
}
