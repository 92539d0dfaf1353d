//! Defines the closed set of causes, in the order in which hypotheses are listed, and stances.

use serde::{Deserialize, Serialize};

macro_rules! causes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// What a failure can be put down to. The set is closed; its order is that of reports.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Cause { $($(#[$doc])* #[serde(rename = $name)] $variant),+ }

        impl Cause {
            /// Every cause, in report order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The spelling used in scenarios and in `findings.json`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

causes! {
    /// Free non-paged pool fell below the gate and HTTP.sys stopped accepting.
    NonpagedPool = "nonpaged-pool",
    /// Paged pool, free system PTEs or commit ran out.
    KernelMemoryOther = "kernel-memory-other",
    /// Nothing was listening.
    ListenerDown = "listener-down",
    /// The listener's queue of completed connections was full.
    AcceptBacklog = "accept-backlog",
    /// 503 ConnLimit.
    ConnectionLimit = "connection-limit",
    /// A SYN met a TIME_WAIT of the same 4-tuple.
    TupleCollision = "tuple-collision",
    /// Packets were lost on the way.
    NetworkLoss = "network-loss",
    /// Something between the hosts refused or reset.
    Middlebox = "middlebox",
    /// The TLS handshake failed.
    Tls = "tls",
    /// The name did not resolve.
    NameResolution = "name-resolution",
    /// 503 QueueFull.
    RequestQueue = "request-queue",
    /// Timer_AppPool, Timer_ReqQueue.
    QueueWait = "queue-wait",
    /// AppOffline, AppShutdown, Disabled, AppPoolTimer.
    AppOffline = "app-offline",
    /// Connection_Abandoned_*.
    WorkerCrash = "worker-crash",
    /// 503.2.
    ConcurrencyLimit = "concurrency-limit",
    /// Timer_HeaderWait, Timer_EntityBody, Timer_MinBytesPerSecond.
    SlowClient = "slow-client",
    /// The target's own outgoing connections ran out of ports.
    TargetPorts = "target-ports",
    /// Another 5xx.
    Application = "application",
    /// A 4xx.
    RejectedRequest = "rejected-request",
    /// The generator ran out of ephemeral ports.
    ClientPorts = "client-ports",
    /// The generator ran out of memory for sockets.
    ClientMemory = "client-memory",
    /// The generator ran out of descriptors or CPU, or fell behind its schedule.
    GeneratorLimit = "generator-limit",
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Cause {
    type Err = UnknownCause;

    fn from_str(s: &str) -> Result<Self, UnknownCause> {
        Self::ALL.iter().copied().find(|c| c.as_str() == s).ok_or_else(|| UnknownCause(s.into()))
    }
}

/// A word that names no cause.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not a cause that churnlab knows")]
pub struct UnknownCause(pub String);

/// Where the evidence leaves a hypothesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stance {
    /// Mechanism and order are both shown.
    Supported,
    /// It fits what was read, yet order, or a look-alike, stays open.
    Consistent,
    /// A reading speaks against it.
    Contradicted,
    /// What would decide was not observed, or there is nothing to explain.
    Untested,
}

impl Stance {
    /// The spelling used in `findings.json` and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Consistent => "consistent",
            Self::Contradicted => "contradicted",
            Self::Untested => "untested",
        }
    }
}
