//! Provides the emulated host by itself, on addresses of this machine, until it is told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use scenarios::Scenario;
use tokio::sync::mpsc::unbounded_channel;

use crate::error::LabError;
use crate::server::{Service, Start};
use crate::{spec, target};

/// How often the flag is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// What is served alone.
#[derive(Clone, Debug)]
pub struct AlonePlan {
    /// Its `[target]` is played.
    pub scenario: Scenario,
    /// Where the site is; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the doors are.
    pub doors: SocketAddr,
    /// Where the error log goes.
    pub httperr_dir: PathBuf,
}

/// Serves until `shutdown` is set. Sentences for the user go to `told`: first where everything is.
/// Fails where it cannot listen or cannot write its log.
pub fn run_alone(
    plan: AlonePlan,
    shutdown: &AtomicBool,
    told: &mut dyn FnMut(&str),
) -> Result<(), LabError> {
    let service = Service {
        spec: spec::target(&plan.scenario, false),
        isolated: false,
        listen: plan.listen,
        doors: plan.doors,
        httperr_dir: plan.httperr_dir,
    };
    let troubles = std::thread::scope(|scope| {
        target::serve(&service, |ready| {
            told(&format!("Serving http://{}/", ready.target));
            let doors = ready.doors;
            told(&format!("Doors: http://{doors}/metrics, /netstat, /poolmon and /eventlog"));
            told(&format!("Error log: {}", service.httperr_dir.display()));
            ready.notes.iter().for_each(|note| told(note));
            let (orders, out) = unbounded_channel();
            // Run time begins at once; the channel cannot be closed yet.
            let _ = orders.send(Start(Instant::now()));
            scope.spawn(move || {
                while !shutdown.load(Ordering::Relaxed) && !orders.is_closed() {
                    std::thread::sleep(LOOK);
                }
            });
            Ok(out)
        })
    })?;
    troubles.iter().for_each(|trouble| told(trouble));
    Ok(())
}
