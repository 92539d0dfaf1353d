//! Writes the scenario of a pool that runs into its gate: how much is held at the start, who leaks, and
//! when it must refuse.

use host::laws::refuse_level_bytes;
use model::units::format_bytes;

use super::Case;
use super::draft::{Draft, number, quoted};
use super::leaks::{Leak, Pace, leaks, write_hogs};
use super::load::Load;
use super::target::{self, Fit, Host};

/// The pool reaches its gate after so many seconds of load. Chosen: TIME_WAIT is in balance by then, and
/// twenty samples show the growth.
const ONSET_S: f64 = 6.0;
/// What the pool takes until then, at least: a tenth of it would be lost among what connections take.
const LEAST_GROWTH_BYTES: f64 = 512.0 * 1024.0;
/// What is left above the gate in the last snapshot is played as it is up to this size.
const MOST_ROOM_BYTES: u64 = 16 << 20;
/// Room above the gate where captures tell none.
const ROOM_BYTES: u64 = 3 << 19;
/// The load goes on for so long after the pool must have run out, seconds.
const AFTER_S: f64 = 9.0;
/// A run's own onset is played again if it lies within these, seconds.
const OWN_ONSET_S: std::ops::RangeInclusive<f64> = 1.0..=30.0;

/// How fast the clock ran that growth was measured by: that of a run's emulated host, else 1.
pub(super) fn clock_of(case: &Case<'_>) -> f64 {
    if case.g.run.target.emulated {
        case.g.run.target.time_scale.max(f64::MIN_POSITIVE)
    } else {
        1.0
    }
}

/// Writes it.
pub(super) fn write(case: &Case<'_>, draft: &mut Draft) -> Result<(), String> {
    let host = target::write(case, Fit::TimeWait(target::TIME_WAIT_S), draft)?;
    let level = limits(case, &host, draft)?;
    draft.set("refuse", quoted("rst-to-syn"), "assumed: whether Windows resets a SYN or an accepted connection is not known; \"accept-then-reset\" is the other");
    let load = Load::of(case, &host);
    let mut leaks = leaks(case, host.profile);
    let plan = Plan::of(case, &host, &load, level, &mut leaks);
    write_pool(case, &host, &plan, draft);
    leaks.iter().for_each(|leak| write_leak(leak, &plan, draft));
    load.write(plan.onset_s + AFTER_S, draft);
    super::expect(case, (plan.onset_s * 0.3, plan.onset_s + AFTER_S), draft);
    Ok(())
}

/// Ceiling and gate, where they are not the profile's; gives the level at which it refuses.
fn limits(case: &Case<'_>, host: &Host, draft: &mut Draft) -> Result<u64, String> {
    let declared = &case.g.run.target;
    let Some(gate) = declared.gate_bytes.or(host.profile.gate_bytes.map(|gate| gate.value)) else {
        return Err(format!(
            "{} has no HTTP.sys whose gate could refuse; name another --profile",
            host.profile.name
        ));
    };
    if declared.gate_bytes.is_some() {
        draft.set(
            "gate_bytes",
            gate.to_string(),
            "given, or EnableAggressiveMemoryUsage as the registry holds it",
        );
    }
    if let Some(ram) = declared.ram_bytes.filter(|_| host.profile.ceiling.value.goes_by_ram()) {
        draft.set(
            "ram",
            ram.to_string(),
            "measured: its RAM, from which the ceiling of its pool follows",
        );
    }
    let ceiling = declared.ceiling_bytes.or(host.profile.ceiling_bytes(declared.ram_bytes));
    let ceiling =
        ceiling.ok_or_else(|| format!("{} has no ceiling of its pool", host.profile.name))?;
    if ceiling <= gate {
        return Err(format!(
            "a pool of {} lies below its gate and would never take a connection",
            format_bytes(ceiling.into())
        ));
    }
    Ok(refuse_level_bytes(ceiling, gate))
}

/// What is held when, in bytes.
struct Plan {
    level: u64,
    /// Held before the load.
    baseline: u64,
    because: String,
    /// Of what leaks of unknown pace take for each connection, by their parts.
    each_part: f64,
    /// By how much measured leaks are sped up.
    faster: f64,
    onset_s: f64,
}

impl Plan {
    fn of(case: &Case<'_>, host: &Host, load: &Load, level: u64, leaks: &mut [Leak]) -> Self {
        let parts: f64 =
            leaks.iter().map(|l| if let Pace::Part(part) = l.pace { part } else { 0.0 }).sum();
        let measured: f64 = leaks
            .iter()
            .map(|leak| match leak.pace {
                Pace::PerConnection(each) => each * load.per_second,
                Pace::PerSecond(each) => each * host.time_scale,
                Pace::Part(_) => 0.0,
            })
            .sum();
        let standing = |s: f64| {
            let stands = if load.target_first { s.min(host.lab_time_wait_s()) } else { 0.0 };
            stands * load.per_second * host.profile.bytes_per_time_wait.value as f64
        };
        if measured > 0.0 {
            Self::measured(case, level, measured, &standing)
        } else {
            Self::assumed(case, level, load.per_second * parts, &standing)
        }
    }

    /// Leaks as they were measured: the pool is filled so that they take it to the gate in seconds.
    fn measured(case: &Case<'_>, level: u64, per_s: f64, standing: &dyn Fn(f64) -> f64) -> Self {
        let first = case.g.snapshots.iter().find_map(|s| s.memory.as_ref()?.nonpaged_used_bytes);
        if let Some(used) = first.filter(|used| case.g.run.target.emulated && *used < level) {
            let onset_s = (level - used) as f64 - standing(ONSET_S);
            let onset_s = onset_s.max(0.0) / per_s;
            if OWN_ONSET_S.contains(&onset_s) {
                let because = "measured: in use before the load".to_owned();
                return Self {
                    level,
                    baseline: used,
                    because,
                    each_part: 0.0,
                    faster: 1.0,
                    onset_s,
                };
            }
        }
        let faster = (LEAST_GROWTH_BYTES / (per_s * ONSET_S)).max(1.0);
        // A leak that fills half of the pool in less than that needs less.
        let onset_s = ONSET_S.min(level as f64 / 2.0 / per_s);
        let room = per_s * faster * onset_s + standing(onset_s);
        let baseline = level.saturating_sub(room as u64);
        let because = format!(
            "derived: {} below the level at which it refuses, which the leaks take in {} s; the hours before are left out",
            format_bytes((level - baseline).into()),
            number(onset_s)
        );
        Self { level, baseline, because, each_part: 0.0, faster, onset_s }
    }

    /// Leaks of unknown pace: what is left above the gate lasts for seconds.
    fn assumed(
        case: &Case<'_>,
        level: u64,
        parts_per_s: f64,
        standing: &dyn Fn(f64) -> f64,
    ) -> Self {
        let used = case.g.pool.as_ref().and_then(|pool| pool.nonpaged_used_bytes);
        let least = (standing(ONSET_S) + LEAST_GROWTH_BYTES) as u64;
        let room = used.and_then(|used| level.checked_sub(used));
        let (baseline, because) = match room.filter(|room| (least..=MOST_ROOM_BYTES).contains(room))
        {
            Some(room) => (
                level - room,
                format!(
                    "measured: in use in the last snapshot, {} below the level at which it refuses",
                    format_bytes(room.into())
                ),
            ),
            None => {
                let baseline = level.saturating_sub(ROOM_BYTES.max(least));
                let seen =
                    used.map_or("no snapshot shows how much was in use".to_owned(), |used| {
                        format!("{} were in use in the last snapshot", format_bytes(used.into()))
                    });
                (
                    baseline,
                    format!(
                        "assumed: {} below the level at which it refuses ({seen})",
                        format_bytes((level - baseline).into())
                    ),
                )
            }
        };
        let left = (level - baseline) as f64 - standing(ONSET_S);
        let each_part = left / ONSET_S / parts_per_s.max(f64::MIN_POSITIVE);
        Self { level, baseline, because, each_part, faster: 1.0, onset_s: ONSET_S }
    }
}

fn write_pool(case: &Case<'_>, host: &Host, plan: &Plan, draft: &mut Draft) {
    let mut hogs = Draft::default();
    let taken = write_hogs(case, host.profile, plan.baseline, &mut hogs);
    draft.table("[target.pool]");
    let rest = match taken {
        0 => String::new(),
        taken => {
            format!("; {} of that are the tags below, this is the rest", format_bytes(taken.into()))
        }
    };
    draft.comment(&format!("Refuses from {} on.", format_bytes(plan.level.into())));
    draft.set(
        "baseline",
        (plan.baseline - taken).to_string(),
        &format!(
            "{} of non-paged pool in all, {}{rest}",
            format_bytes(plan.baseline.into()),
            plan.because
        ),
    );
    if let Some(ceiling) = case.g.run.target.ceiling_bytes {
        draft.set("ceiling", ceiling.to_string(), "given, or measured by a kernel debugger");
    }
    draft.append(hogs);
}

fn write_leak(leak: &Leak, plan: &Plan, draft: &mut Draft) {
    draft.table("[[target.leak]]");
    let mut because = leak.because.clone();
    if plan.faster > 1.0 {
        because.push_str(&format!(
            "; times {} here, so that the outage comes in seconds",
            number(plan.faster)
        ));
    }
    draft.set("tag", quoted(&leak.tag), &because);
    let (key, each) = match leak.pace {
        Pace::PerConnection(each) => ("bytes_per_connection", each * plan.faster),
        Pace::PerSecond(each) => ("bytes_per_second", each * plan.faster),
        Pace::Part(part) => ("bytes_per_connection", part * plan.each_part),
    };
    draft.set(key, number(each), "");
}
