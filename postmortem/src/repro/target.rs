//! Provides `[target]`: which host, how fast its clock, and when its TIME_WAIT ends.

use host::Profile;
use model::cause::Cause;

use super::Case;
use super::draft::{Draft, number, quoted, seconds};

/// What the lab's clock is fitted to where no run says how fast it runs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fit {
    /// TIME_WAIT lasts so many seconds of the run.
    TimeWait(f64),
    /// Timers of HTTP.sys last so many.
    Timers(f64),
}

/// ConnectionTimeout of IIS, which is how long a head, an idle connection and a place in the queue may
/// take: 2 minutes (KB820729).
const TIMER_S: f64 = 120.0;

/// TIME_WAIT in the lab lasts so long, seconds, where captures of a real host say nothing. Chosen: it is
/// in balance before a run of seconds ends.
pub(super) const TIME_WAIT_S: f64 = 4.0;
/// The smallest pool of all profiles with a gate: where nobody says what host it is, it takes the least.
const SMALLEST: &str = "windows-2003-x86-3gb";

/// The same where the pool does not matter.
const USUAL: &str = "windows-2016";

/// The host of the scenario.
pub(super) struct Host {
    pub(super) profile: &'static Profile,
    /// How many times faster its durations run.
    pub(super) time_scale: f64,
    /// TIME_WAIT, seconds of the host.
    pub(super) time_wait_s: f64,
}

impl Host {
    /// TIME_WAIT in the lab, seconds.
    pub(super) fn lab_time_wait_s(&self) -> f64 {
        self.time_wait_s / self.time_scale
    }
}

/// Writes what kind of host it is and how fast its clock runs.
pub(super) fn write(case: &Case<'_>, fit: Fit, draft: &mut Draft) -> Result<Host, String> {
    draft.table("[target]");
    let (profile, because) = profile(case)?;
    draft.set("profile", quoted(profile.name), &because);
    let set_s = case.g.facts.registry.get("TcpTimedWaitDelay").map(|s| *s as f64);
    let time_wait_s = set_s.unwrap_or(profile.time_wait_s.value);
    if let Some(set_s) = set_s {
        let because = "measured: TcpTimedWaitDelay as the registry holds it";
        draft.set("time_wait", seconds(set_s), because);
    }
    let emulated = case.g.run.target.emulated;
    let (time_scale, because) = if emulated {
        (case.g.run.target.time_scale, "as in the run".to_owned())
    } else {
        let (what, lasts_s, scale) = match fit {
            Fit::TimeWait(kept_s) => ("TIME_WAIT", time_wait_s, time_wait_s / kept_s),
            Fit::Timers(last_s) => ("a timer", TIMER_S, TIMER_S / last_s),
        };
        let scale = scale.max(1.0);
        let lasts = number(lasts_s / scale);
        let because = format!(
            "assumed: {what} of {lasts_s:.0} s then lasts {lasts} s, and the run takes seconds"
        );
        (scale, because)
    };
    draft.set("time_scale", number(time_scale), &because);
    Ok(Host { profile, time_scale, time_wait_s })
}

fn profile(case: &Case<'_>) -> Result<(&'static Profile, String), String> {
    let named = case.g.run.target.profile.as_deref();
    let Some(name) = named else {
        let of_pool = case.cause.cause == Cause::NonpagedPool;
        let (name, why) = if of_pool {
            (SMALLEST, "of all profiles this one's pool is the smallest")
        } else {
            (USUAL, "nothing here depends on it")
        };
        let profile = host::profile(name).ok_or("no host profile is known")?;
        let because =
            format!("assumed: no capture says what host this is, and {why}; --profile says it");
        return Ok((profile, because));
    };
    let profile = host::profile(name).ok_or_else(|| format!("{name} is no host profile"))?;
    let because = match &case.g.profile_because {
        Some(because) => format!("inferred: {because}"),
        None => "given".into(),
    };
    Ok((profile, because))
}
