//! Provides the sweeper: a thread that gives the kernel's TIME_WAIT the length that a profile asks
//! for, by destroying entries that are older, and that keeps their count.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::sock_diag::SockDiag;
use super::sock_diag::wire::ONLY_TIME_WAIT;
use crate::error::LabError;
use crate::isolation::KERNEL_TIME_WAIT_S;

/// Time between two rounds; an entry is swept at most this much late.
const EVERY: Duration = Duration::from_millis(100);

/// A running sweeper; ends when dropped.
#[derive(Debug)]
pub struct Sweeper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    stop: AtomicBool,
    /// The count of the last round, or [`TAKEN`].
    left: AtomicU64,
    failed: AtomicU64,
}

/// Stands for a count that has been taken: an older one must not overwrite a younger.
const TAKEN: u64 = u64::MAX;

impl Sweeper {
    /// Starts in the calling thread's namespace; entries live `length_s` real seconds, which is at
    /// most [`KERNEL_TIME_WAIT_S`].
    pub fn start(length_s: f64) -> Result<Self, LabError> {
        let mut diag = SockDiag::open()?;
        let (stop, failed) = (AtomicBool::new(false), AtomicU64::new(0));
        let shared = Arc::new(Shared { stop, left: AtomicU64::new(TAKEN), failed });
        let theirs = Arc::clone(&shared);
        let run = move || {
            while !theirs.stop.load(Ordering::Relaxed) {
                match sweep(&mut diag, length_s) {
                    Ok(left) => theirs.left.store(left, Ordering::Relaxed),
                    Err(_) => _ = theirs.failed.fetch_add(1, Ordering::Relaxed),
                }
                std::thread::park_timeout(EVERY);
            }
        };
        let thread = std::thread::Builder::new()
            .name("sweeper".into())
            .spawn(run)
            .map_err(|e| LabError::because("cannot start the thread that ages TIME_WAIT", e))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// TIME_WAIT entries that the last round left; `None` where nothing is new since the last call.
    pub fn left(&self) -> Option<u64> {
        Some(self.shared.left.swap(TAKEN, Ordering::Relaxed)).filter(|n| *n != TAKEN)
    }

    /// Rounds that failed.
    pub fn failed(&self) -> u64 {
        self.shared.failed.load(Ordering::Relaxed)
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

/// One round: destroys what is older than `length_s` and says how many are left.
fn sweep(diag: &mut SockDiag, length_s: f64) -> std::io::Result<u64> {
    let (mut left, mut old) = (0, Vec::new());
    diag.dump(ONLY_TIME_WAIT, |socket| {
        if is_old(socket.expires_ms, length_s) {
            old.push(socket.id);
        } else {
            left += 1;
        }
    })?;
    diag.destroy(&old)?;
    Ok(left)
}

/// Age = the kernel's 60 s less what is left of them. A profile of the kernel's own length is left
/// to the kernel.
fn is_old(expires_ms: u32, length_s: f64) -> bool {
    length_s < KERNEL_TIME_WAIT_S && KERNEL_TIME_WAIT_S - f64::from(expires_ms) / 1000.0 >= length_s
}

#[cfg(test)]
mod tests {
    use super::is_old;

    #[test]
    fn age_is_what_is_gone_of_the_kernels_sixty_seconds() {
        for (expires_ms, length_s, old, why) in [
            (60_000, 4.0, false, "just entered"),
            (56_001, 4.0, false, "a millisecond short of 4 s"),
            (56_000, 4.0, true, "exactly 4 s old"),
            (0, 60.0, false, "the kernel's own length is left to the kernel"),
            (60_000, 0.0, true, "a length of nothing keeps nothing"),
        ] {
            assert_eq!(is_old(expires_ms, length_s), old, "{why}");
        }
    }
}
