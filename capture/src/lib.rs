//! Provides the parsers of what real hosts show: bytes in, rows out, on every operating system.
//!
//! Nothing here opens a file or a socket or reads a clock. A row that cannot be read is counted
//! with its line and the reason ([`Skipped`]) and never loses the rows around it. In reading order:
//! [`httperr`] (the HTTP.sys error log), [`netstat`] and [`inet_diag`] (sockets) with their common
//! [`tcp_fold`] and [`port_fold`], [`poolmon`] (pool tags), [`exposition`] with [`windows_exporter`] (scraped
//! metrics), [`procfs`] (a Linux kernel's counters).

pub mod exposition;
pub mod httperr;
pub mod inet_diag;
pub mod netstat;
pub mod poolmon;
pub mod port_fold;
pub mod procfs;
mod skipped;
pub mod tcp_fold;
pub mod windows_exporter;

pub use skipped::Skipped;
