//! Checks before anything is started that this process can do the work at all.

use anyhow::Result;

/// Raises the soft limit of open descriptors to the hard one and says what it is now. An error
/// where even that is too low.
#[cfg(unix)]
pub fn descriptors() -> Result<u64> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    /// Below this no run makes sense: sockets of the load, probes, witness, record.
    const NEEDED: u64 = 256;
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let limit = match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        Ok(()) => hard,
        Err(_) => soft,
    };
    anyhow::ensure!(
        limit >= NEEDED,
        "this process may open only {limit} descriptors, and a run needs at least {NEEDED}; raise \
         the limit, for instance with: ulimit -n 20000"
    );
    Ok(limit)
}

/// Where descriptors have no such limit, there is nothing to check.
#[cfg(not(unix))]
pub fn descriptors() -> Result<u64> {
    Ok(u64::MAX)
}
