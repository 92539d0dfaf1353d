//! Defines what becomes of requests.

/// What became of newcomers. The parts add up to all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Worked on from now.
    pub started: u64,
    /// Waiting for a worker.
    pub queued: u64,
    /// Answered 503, `QueueFull`: the queue is as long as it may be.
    pub queue_full: u64,
    /// Answered 503.2 by the application.
    pub concurrency: u64,
    /// Answered 503, `AppOffline`: the pool is disabled.
    pub offline: u64,
}

/// What became of requests that had been taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// They waited and are worked on from now.
    Started,
    /// Answered.
    Answered,
    /// Waited too long: the connection is dropped (`Timer_AppPool`, `Timer_ReqQueue`).
    TimedOut,
    /// Answered 502 by the application, which got no port for its call.
    NoPort,
    /// The worker process that had them is gone (`Connection_Abandoned_By_…`).
    Abandoned,
    /// They waited, and the pool was disabled: answered 503, `AppOffline`.
    Offline,
}

/// What became of a cohort, or of a part of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// The cohort, as it was named when it arrived.
    pub id: u64,
    /// How many of it.
    pub n: u64,
    /// What.
    pub what: What,
    /// When.
    pub at_s: f64,
}
