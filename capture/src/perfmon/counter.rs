//! Defines the counters that matter here, and their names in the languages that are known.

/// A counter that matters here. Sizes are bytes; the others are counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counter {
    /// Memory: non-paged pool in use.
    PoolNonpagedBytes,
    /// Memory: paged pool in use.
    PoolPagedBytes,
    /// Memory: free system page table entries.
    FreeSystemPtes,
    /// Memory: physical memory that can be handed out at once.
    AvailableBytes,
    /// Memory: committed memory.
    CommittedBytes,
    /// Memory: the commit limit.
    CommitLimitBytes,
    /// TCPv4, TCPv6: connections open now.
    ConnectionsEstablished,
    /// TCPv4, TCPv6: attempts, of either direction, that failed since boot.
    ConnectionFailures,
    /// TCPv4, TCPv6: connections reset since boot.
    ConnectionsReset,
    /// TCPv4, TCPv6: connections that this host opened since boot.
    ConnectionsActive,
    /// TCPv4, TCPv6: connections that this host accepted since boot.
    ConnectionsPassive,
    /// HTTP Service Request Queues: requests waiting now.
    QueueSize,
    /// HTTP Service Request Queues: requests rejected since the queue was made.
    QueueRejected,
    /// Web Service: connections to a site now.
    WebConnections,
    /// Web Service: connections to a site since its service started.
    WebConnectionAttempts,
    /// System: time since boot, seconds.
    SystemUpTime,
    /// Process: its id.
    ProcessId,
    /// Process: open handles.
    ProcessHandles,
    /// Process: non-paged pool charged to its quota.
    ProcessPoolNonpagedBytes,
}

/// An object under each of its names.
const OBJECTS: &[(Object, &[&str])] = &[
    (Object::Memory, &["Memory", "Arbeitsspeicher", "Speicher", "Mémoire", "Memoria"]),
    (Object::Tcp, &["TCPv4", "TCPv6", "TCP"]),
    (Object::Queue, &["HTTP Service Request Queues"]),
    (Object::Web, &["Web Service", "Webdienst"]),
    (Object::System, &["System", "Système", "Sistema"]),
    (Object::Process, &["Process", "Prozess", "Processus", "Proceso"]),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Object {
    Memory,
    Tcp,
    Queue,
    Web,
    System,
    Process,
}

/// Names: English (windows_exporter's sources and Microsoft's documentation), then German (the
/// counter list of a German Windows 10 registry), French and Spanish (counter lists in Microsoft's
/// translated Azure documentation), as far as they could be found.
const NAMES: &[(Object, Counter, &[&str])] = &[
    (
        Object::Memory,
        Counter::PoolNonpagedBytes,
        &[
            "Pool Nonpaged Bytes",
            "Nicht-Auslagerungsseiten (Bytes)",
            "Octets de réserve non paginée",
            "Bytes de bloque no paginado",
        ],
    ),
    (
        Object::Memory,
        Counter::PoolPagedBytes,
        &[
            "Pool Paged Bytes",
            "Auslagerungsseiten (Bytes)",
            "Octets de réserve paginée",
            "Bytes de bloque paginado",
        ],
    ),
    (
        Object::Memory,
        Counter::FreeSystemPtes,
        &[
            "Free System Page Table Entries",
            "Freie Seitentabelleneinträge",
            "Entrées libres en table des pages système",
        ],
    ),
    (
        Object::Memory,
        Counter::AvailableBytes,
        &["Available Bytes", "Verfügbare Bytes", "Octets disponibles", "Bytes disponibles"],
    ),
    (
        Object::Memory,
        Counter::CommittedBytes,
        &["Committed Bytes", "Zugesicherte Bytes", "Octets validés", "Bytes confirmados"],
    ),
    (
        Object::Memory,
        Counter::CommitLimitBytes,
        &["Commit Limit", "Zusagegrenze", "Limite de mémoire dédiée", "Límite de confirmación"],
    ),
    (
        Object::Tcp,
        Counter::ConnectionsEstablished,
        &["Connections Established", "Hergestellte Verbindungen"],
    ),
    (Object::Tcp, Counter::ConnectionFailures, &["Connection Failures", "Verbindungsfehler"]),
    (Object::Tcp, Counter::ConnectionsReset, &["Connections Reset", "Zurückgesetzte Verbindungen"]),
    (Object::Tcp, Counter::ConnectionsActive, &["Connections Active", "Aktive Verbindungen"]),
    (Object::Tcp, Counter::ConnectionsPassive, &["Connections Passive", "Passive Verbindungen"]),
    (Object::Queue, Counter::QueueSize, &["CurrentQueueSize"]),
    (Object::Queue, Counter::QueueRejected, &["RejectedRequests"]),
    (Object::Web, Counter::WebConnections, &["Current Connections"]),
    (
        Object::Web,
        Counter::WebConnectionAttempts,
        &["Total Connection Attempts (all instances)", "Total Connection Attempts"],
    ),
    (Object::System, Counter::SystemUpTime, &["System Up Time", "Systembetriebszeit"]),
    (Object::Process, Counter::ProcessId, &["ID Process", "Prozesskennung"]),
    (Object::Process, Counter::ProcessHandles, &["Handle Count", "Handleanzahl"]),
    (
        Object::Process,
        Counter::ProcessPoolNonpagedBytes,
        &[
            "Pool Nonpaged Bytes",
            "Nicht-Auslagerungsseiten (Bytes)",
            "Octets de réserve non paginée",
            "Bytes de bloque no paginado",
        ],
    ),
];

impl Counter {
    /// The counter of this object with this name, in English, German, French or Spanish; case does
    /// not matter. `None` where it is not known.
    pub fn of(object: &str, name: &str) -> Option<Self> {
        let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
        let named = |names: &[&str], wanted: &str| names.iter().any(|n| same(n, wanted.trim()));
        let object = OBJECTS.iter().find(|(_, names)| named(names, object))?.0;
        let mut of_object = NAMES.iter().filter(|(o, _, _)| *o == object);
        of_object.find(|(_, _, names)| named(names, name)).map(|(_, counter, _)| *counter)
    }
}
