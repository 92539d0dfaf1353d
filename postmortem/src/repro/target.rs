//! Provides `[target]`: which host, how fast its clock, and when its TIME_WAIT ends.

use host::Profile;

use super::Case;
use super::draft::{Draft, number, quoted, seconds};

/// TIME_WAIT in the lab lasts so long, seconds, where captures of a real host say nothing. Chosen: it is
/// in balance before a run of seconds ends.
pub(super) const TIME_WAIT_S: f64 = 4.0;
/// The smallest pool of all profiles with a gate: where nobody says what host it is, it takes the least.
const SMALLEST: &str = "windows-2003-x86-3gb";

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

/// Writes what kind of host it is, its TIME_WAIT scaled to `kept_s` where no run says how.
pub(super) fn write(case: &Case<'_>, kept_s: f64, draft: &mut Draft) -> Result<Host, String> {
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
        let scale = (time_wait_s / kept_s).max(1.0);
        (
            scale,
            format!(
                "assumed: TIME_WAIT of {time_wait_s:.0} s then lasts {} s, and the run takes seconds",
                number(time_wait_s / scale)
            ),
        )
    };
    draft.set("time_scale", number(time_scale), &because);
    Ok(Host { profile, time_scale, time_wait_s })
}

fn profile(case: &Case<'_>) -> Result<(&'static Profile, String), String> {
    let named = case.g.run.target.profile.as_deref();
    let Some(name) = named else {
        let profile = host::profile(SMALLEST).ok_or("no host profile is known")?;
        let because = "assumed: no capture says what host this is, and of all profiles this one's pool is the smallest; --profile says it";
        return Ok((profile, because.into()));
    };
    let profile = host::profile(name).ok_or_else(|| format!("{name} is no host profile"))?;
    let because = match &case.g.profile_because {
        Some(because) => format!("inferred: {because}"),
        None => "given".into(),
    };
    Ok((profile, because))
}
