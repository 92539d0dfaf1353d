//! Provides the parsers of what real hosts show: bytes in, rows out, on every operating system.
//!
//! Nothing here opens a file or a socket or reads a clock. A row that cannot be read is counted
//! with its line and the reason ([`Skipped`]) and never loses the rows around it. In reading order:
//! [`httperr`] (the HTTP.sys error log), [`netstat`] and [`inet_diag`] (sockets) with their common
//! [`tcp_fold`] and [`port_fold`], [`poolmon`] (pool tags), [`exposition`] with [`windows_exporter`] (scraped
//! metrics), [`procfs`] (a Linux kernel's counters).

pub mod boot_config;
pub mod collect_notes;
mod csv;
mod cut;
pub mod decode;
pub mod event_log;
pub mod exposition;
pub mod httperr;
pub mod inet_diag;
pub mod kernel_debugger;
pub mod kind;
mod labelled;
pub mod net_statistics;
pub mod net_tcp_connection;
pub mod netsh;
pub mod netstat;
pub mod netstat_statistics;
pub mod nstat;
pub mod perfmon;
pub mod poolmon;
pub mod pooltag;
pub mod port_fold;
pub mod proc_net_tcp;
pub mod procfs;
pub mod reg_export;
mod skipped;
pub mod socket_fold;
#[cfg(test)]
mod soup;
pub mod ss;
mod stamp;
pub mod state_counts;
pub mod systeminfo;
mod table;
pub mod tasklist;
pub mod tcp_fold;
pub mod w3c;
pub mod windows_exporter;

pub use skipped::{Skipped, SkippedRows};
