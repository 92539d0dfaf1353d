//! Provides the acts that a round of probes is made of, one file each.

pub mod connect;
pub mod exchange;
pub mod fresh;
pub mod old_connection;
pub mod reserve;
