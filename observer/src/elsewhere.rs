//! Provides what an operating system without a local source gives: gaps that say so.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;
use std::time::SystemTime;

use model::limit::Limit;
use model::reading::GapKind;

use crate::reading::Reading;

/// A host whose kernel cannot be read yet.
#[derive(Debug)]
pub struct Local;

impl Local {
    /// Nothing is opened.
    pub fn open(_destination: Option<SocketAddr>, _narrowed: Option<(u16, u16)>) -> Self {
        Self
    }

    /// A gap, as every round.
    pub fn read(&mut self) -> Reading {
        let told = "this system's own sockets and ports cannot be read yet; on Windows use \
                    windows-exporter+http://HOST:9182 or a page with the text of netstat -an";
        Reading::missing("local", GapKind::Unsupported, told)
    }
}

/// No setting can be read here.
pub fn tunables() -> BTreeMap<String, Limit> {
    BTreeMap::new()
}

/// Network namespaces are Linux's.
///
/// # Errors
/// Always.
pub fn enter_net_of(_pid: u32) -> std::io::Result<()> {
    Err(std::io::Error::new(
        std::io::ErrorKind::Unsupported,
        "network namespaces exist on Linux only; run the witness on the host itself",
    ))
}

/// The end of standard input alone ends a witness here.
///
/// # Errors
/// Never.
pub fn die_with_parent() -> std::io::Result<()> {
    Ok(())
}

/// Here a process that is started stays in the group of this one.
pub fn own_process_group(_command: &mut Command) {}

/// Nanoseconds on the one clock that processes share here without a call of the system's own: the
/// wall clock, which may be stepped.
pub fn mono_ns() -> u64 {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_1970.as_nanos()).unwrap_or(u64::MAX)
}
