//! Turns Ctrl-C, SIGTERM and a lost terminal into a flag that every loop watches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
#[cfg(unix)]
use signal_hook::consts::SIGHUP;
use signal_hook::consts::{SIGINT, SIGTERM};

/// A second Ctrl-C within this time is the same wish: a terminal and `timeout` may both send one.
const ONE_WISH: Duration = Duration::from_secs(1);

#[cfg(unix)]
const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// Set once the user asked to stop. Asking again, a second later or more, ends the process at once;
/// the children die with it.
#[derive(Clone, Debug)]
pub struct Interrupt {
    asked: Arc<AtomicBool>,
    impatient: Arc<AtomicBool>,
}

impl Interrupt {
    /// Starts to listen. Needs no thread, so it may come before namespaces are made.
    pub fn listen() -> Result<Self> {
        let (asked, impatient) =
            (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        for signal in SIGNALS {
            signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&impatient))
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&asked)))
                .context("cannot listen for Ctrl-C")?;
        }
        Ok(Self { asked, impatient })
    }

    /// Lets a later wish end the process at once. Starts a thread that lives as long as the process.
    pub fn allow_impatience(&self) {
        let this = self.clone();
        std::thread::spawn(move || {
            while !this.asked() {
                std::thread::sleep(Duration::from_millis(100));
            }
            std::thread::sleep(ONE_WISH);
            this.impatient.store(true, Ordering::Relaxed);
        });
    }

    /// True once the user asked to stop.
    pub fn asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// The flag itself, for loops that take one.
    pub fn flag(&self) -> &AtomicBool {
        &self.asked
    }

    /// Waits until `until`, or until the user asks to stop.
    pub fn wait_until(&self, until: Instant) {
        while !self.asked() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(Duration::from_millis(20)));
        }
    }
}
