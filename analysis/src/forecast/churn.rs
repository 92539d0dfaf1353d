//! Provides how long TIME_WAIT of a host lasts, and levels that churn alone holds.
//!
//! Entries in TIME_WAIT, and the ports and bytes that they hold, grow for `T` seconds and stay at
//! rate × `T` (Little's law, [`host::laws::steady_time_wait`]): until `T` has passed, growth says
//! nothing of a leak, and what it leads to is known.

use model::run::RunInfo;

use super::load::Load;
use crate::facts::tunable;
use crate::store::{GENERATOR, TARGET};

/// The longest TIME_WAIT that any source names as a default, seconds (TechNet cc938217, MSDN ms819739):
/// taken where nothing is known of a host.
const LONGEST_S: f64 = 240.0;

/// TIME_WAIT of Linux, compiled in, seconds (`TCP_TIMEWAIT_LEN`).
const LINUX_S: f64 = 60.0;

/// The plateau is there this share of `T` late: timers are coarse, samples apart. Chosen.
const LATE: f64 = 0.1;

/// How long TIME_WAIT of a vantage lasts, run time in seconds.
pub(crate) fn time_wait_s(run: &RunInfo, vantage: &str) -> f64 {
    let set = tunable(run, vantage, &["TcpTimedWaitDelay"]);
    let (profile, scale) = match vantage {
        TARGET => (run.target.profile.as_deref(), run.target.time_scale),
        GENERATOR => (run.generator.profile.as_deref(), scale_of_generator(run)),
        _ => (None, 1.0),
    };
    let scale = if scale > 0.0 { scale } else { 1.0 };
    if let Some(limit) = set {
        return limit.value as f64 / scale;
    }
    match profile.and_then(host::profile) {
        Some(profile) => profile.time_wait_s.value / scale,
        None if is_linux(run, vantage) => LINUX_S,
        None => LONGEST_S / scale,
    }
}

/// A host that names its tunables as Linux does.
fn is_linux(run: &RunInfo, vantage: &str) -> bool {
    run.tunables.get(vantage).is_some_and(|all| all.keys().any(|name| name.starts_with("net.")))
}

/// A client profile is played as much faster as the target.
fn scale_of_generator(run: &RunInfo) -> f64 {
    if run.generator.profile.is_some() { run.target.time_scale } else { 1.0 }
}

/// When entries of a load that began so no longer only grow, run time.
pub(super) fn settled_s(run: &RunInfo, vantage: &str, load: &Load) -> f64 {
    load.began_s() + time_wait_s(run, vantage) * (1.0 + LATE)
}

/// How many times as much as now TIME_WAIT will hold once it has levelled off; 1 where it has.
pub(super) fn still_to_come(run: &RunInfo, vantage: &str, load: &Load, now_s: f64) -> f64 {
    let length_s = time_wait_s(run, vantage);
    let within = load.rate((now_s - length_s).max(load.began_s()), now_s) * length_s;
    let taken = load.taken(now_s) - load.taken(now_s - length_s);
    if taken <= 0.0 { 1.0 } else { (within / taken).max(1.0) }
}
