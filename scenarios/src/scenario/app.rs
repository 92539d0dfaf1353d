//! Defines the application behind the emulated host's request queue.

/// What answers requests. Its durations are run time, but for `queue_timeout_s`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct App {
    /// Requests that are worked on at once.
    pub workers: u32,
    /// How long each holds its worker, seconds of run time.
    pub service_time_s: f64,
    /// Requests that may wait for a worker; one more is answered 503 (`QueueFull`).
    pub queue_length: u32,
    /// How long one may wait, seconds of the emulated host; its connection is dropped then.
    pub queue_timeout_s: f64,
    /// Connections that the site may have; `None`: any number. One more is answered 503 (`ConnLimit`).
    pub connection_limit: Option<u32>,
    /// Requests that the application works on at once before it answers 503.2 by itself.
    pub concurrency_limit: u32,
    /// Answers that are errors without any shortage.
    pub errors: Option<Errors>,
    /// What it calls for each request.
    pub backend: Option<Backend>,
}

impl App {
    /// queueLength of an application pool (IIS 6 and later): 1000.
    pub const QUEUE_LENGTH: u32 = 1000;
}

/// Answers that are errors by the application's own doing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Errors {
    /// Their share of answers, above 0 and at most 1.
    pub share: f64,
    /// Their status, 400 to 599.
    pub status: u16,
}

/// A host behind the target. Every request opens a connection to it, which the target closes first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backend {
    /// The target's outgoing ports, both ends included; `None`: the profile's.
    pub ports: Option<(u16, u16)>,
    /// How long the backend takes to answer, seconds of run time.
    pub latency_s: f64,
    /// How long a worker waits for a port, trying again, before it answers 502; seconds of run time,
    /// 0: not at all.
    pub give_up_s: f64,
    /// Share of the calls whose connection the application never closes, though the backend does;
    /// 0: none.
    pub leak: f64,
}
