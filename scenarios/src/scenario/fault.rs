//! Defines what goes wrong by plan, on the target and on the way to it. Times are run time.

/// Something that goes wrong on the target at a planned time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What.
    pub kind: FaultKind,
    /// When it begins, seconds.
    pub at_s: f64,
    /// How long it lasts, seconds.
    pub for_s: f64,
    /// `slow-app` only, else 1: how many times longer requests are worked on.
    pub factor: f64,
    /// `accept-stall` only: completed connections that the kernel lets wait; `None`: the ground's
    /// own.
    pub backlog: Option<u32>,
}

/// What can go wrong on the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Nothing listens.
    ListenerDown,
    /// The application pool is disabled: requests are answered 503.
    AppOffline,
    /// The worker process is replaced by a fresh one in good order: nobody notices.
    AppRecycle,
    /// The worker process dies at once, and is back at the end.
    WorkerCrash,
    /// Requests are worked on for longer.
    SlowApp,
    /// Connections are completed by the kernel and taken by nobody: its backlog fills.
    AcceptStall,
}

impl FaultKind {
    /// Every fault, with its spelling.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::ListenerDown, "listener-down"),
        (Self::AppOffline, "app-offline"),
        (Self::AppRecycle, "app-recycle"),
        (Self::WorkerCrash, "worker-crash"),
        (Self::SlowApp, "slow-app"),
        (Self::AcceptStall, "accept-stall"),
    ];

    /// True for what happens to the application, which the scenario must then have.
    pub fn is_of_app(self) -> bool {
        matches!(self, Self::AppOffline | Self::AppRecycle | Self::WorkerCrash | Self::SlowApp)
    }
}

/// Something that goes wrong on the way at a planned time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkFault {
    /// What.
    pub kind: NetworkFaultKind,
    /// When it begins, seconds.
    pub at_s: f64,
    /// How long it lasts, seconds.
    pub for_s: f64,
    /// The share that it strikes, above 0 and at most 1: of packets (`loss`), of connections (the
    /// middleboxes); 1 for `cut`.
    pub share: f64,
}

/// What can go wrong on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkFaultKind {
    /// Packets are lost at random, in both directions.
    Loss,
    /// Nothing passes.
    Cut,
    /// Something on the way resets connections that the target has taken.
    MiddleboxReset,
    /// Something on the way refuses connections, which the target never sees.
    MiddleboxRefuse,
}

impl NetworkFaultKind {
    /// Every fault, with its spelling.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Loss, "loss"),
        (Self::Cut, "cut"),
        (Self::MiddleboxReset, "middlebox-reset"),
        (Self::MiddleboxRefuse, "middlebox-refuse"),
    ];
}
