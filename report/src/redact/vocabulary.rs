//! Provides the words that are nobody's: what every host has, and what a report says itself.

/// Names that every host of its kind has; they stay as they are.
const EVERYBODYS: &[&str] = &[
    "_total",
    "_global_",
    "<unknown>",
    "idle",
    "localhost",
    "host",
    "url",
    "defaultapppool",
    "default web site",
    "default website",
    "w3wp",
    "svchost",
    "captures",
];

/// Words of our own sentences. A host that somebody called so is replaced only where it is written as
/// the captures write it, so that `SERVER` goes and `Windows Server 2003` stays.
const OUR_OWN: &[&str] = &[
    "accepted",
    "address",
    "application",
    "attempt",
    "attempts",
    "backend",
    "boot",
    "bound",
    "bytes",
    "cause",
    "client",
    "clients",
    "closed",
    "connection",
    "connections",
    "cpu",
    "data",
    "database",
    "default",
    "driver",
    "drivers",
    "error",
    "established",
    "event",
    "events",
    "exporter",
    "failure",
    "failures",
    "file",
    "files",
    "gate",
    "generator",
    "handle",
    "handles",
    "healthy",
    "host",
    "hosts",
    "http",
    "httperr",
    "https",
    "iis",
    "internet",
    "kernel",
    "limit",
    "linux",
    "listener",
    "load",
    "local",
    "log",
    "logs",
    "memory",
    "mib",
    "net",
    "netsh",
    "netstat",
    "network",
    "nonpaged",
    "owner",
    "paged",
    "peer",
    "peers",
    "perfmon",
    "poolmon",
    "pool",
    "port",
    "ports",
    "probe",
    "process",
    "processes",
    "queue",
    "reading",
    "readings",
    "refused",
    "registry",
    "request",
    "requests",
    "reset",
    "row",
    "rows",
    "run",
    "sample",
    "samples",
    "scenario",
    "served",
    "server",
    "service",
    "services",
    "site",
    "socket",
    "sockets",
    "state",
    "system",
    "systeminfo",
    "tag",
    "tags",
    "target",
    "tasklist",
    "tcp",
    "test",
    "time",
    "time_wait",
    "timer",
    "udp",
    "user",
    "web",
    "windows",
    "worker",
];

/// Whether a name tells nothing about anybody.
pub(super) fn is_everybodys(name: &str) -> bool {
    let name = name.to_lowercase();
    let says_something = name.chars().filter(|c| c.is_alphabetic()).count() > 0;
    name.chars().count() < 2
        || !says_something
        || EVERYBODYS.contains(&name.split('#').next().unwrap_or_default())
}

/// Whether a name is also a word of our own.
pub(super) fn is_our_word(name: &str) -> bool {
    OUR_OWN.contains(&name.to_lowercase().as_str())
}

/// Whether a file is called after what it holds: `netstat.txt` tells nothing.
pub(super) fn is_plain_file(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    name == "-" || (!name.contains(['/', '\\', '!']) && is_our_word(stem))
}
