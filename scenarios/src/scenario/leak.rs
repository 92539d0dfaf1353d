//! Defines what is taken of the emulated host and never given back.

/// A leak: what is lost, by what, and how far it goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Leak {
    /// What is lost, and whose doing it is.
    pub of: Leaked,
    /// What it grows with.
    pub rate: LeakRate,
    /// Where it stops, in the unit of what is lost; `None`: never.
    pub up_to: Option<u64>,
}

/// What a leak takes; its unit is that of the leak's rate and of its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaked {
    /// Non-paged pool, bytes.
    Nonpaged {
        /// The driver's pool tag, 1 to 4 printable ASCII characters.
        tag: String,
    },
    /// Paged pool, bytes.
    Paged {
        /// The driver's pool tag.
        tag: String,
    },
    /// Committed memory, bytes.
    Commit {
        /// The process that commits it, such as `w3wp.exe`.
        process: String,
    },
    /// Free system page table entries, a count.
    Ptes,
    /// Handles, a count: each is an object of the kernel too (`File`, `Even` or `Thre`).
    Handles {
        /// The process that holds them, such as `w3wp.exe`.
        process: String,
    },
}

/// What a leak grows with, in the unit of what is lost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LeakRate {
    /// So much for each accepted connection.
    PerConnection(f64),
    /// So much for each TCP segment in or out.
    PerPacket(f64),
    /// So much for each second of the emulated host.
    PerSecond(f64),
    /// Held from the start and never more: a hog, not a leak.
    Static(u64),
}
