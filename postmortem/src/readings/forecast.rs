//! Tells when the growth that was seen reaches the gate, by every ceiling in question, and when it must
//! have begun.

use host::laws::refuse_level_bytes;

use super::ceiling::ceilings;
use super::words::{ago, bytes, pace};
use crate::Gathered;
use crate::clock::stamp_of;
use crate::growth::Grower;
use crate::history::age_s;

/// A pace that fills the pool in more than so many days is told as none. Chosen: a year.
const SLOW_DAYS: f64 = 365.0;
/// A cycle longer than this is none that an admin would have noticed. Chosen: a quarter of a year.
const CYCLE_DAYS: f64 = 90.0;
/// What leaks since the boot took, at its pace, the host's age or no more than this share beyond it.
const SINCE_BOOT: f64 = 1.25;
/// And no less than this share of it: else it began later, or grows faster now.
const BEGAN_LATER: f64 = 0.6;

const DAY_S: f64 = 86_400.0;

/// How long until the gate, and since when it grew.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let growers = &g.grown.nonpaged;
    let of_tags = || {
        let paces: Vec<f64> = growers.iter().filter_map(Grower::per_s).collect();
        (!paces.is_empty()).then(|| (paces.iter().sum(), "the tags that grew, together"))
    };
    let of_pool = g.grown.pool_per_s.map(|per_s| (per_s, "the pool as a whole"));
    let Some((per_s, whose)) = of_pool.or_else(of_tags) else { return Vec::new() };
    let mut said = vec![until(g, per_s, whose)];
    said.extend(growers.first().and_then(|grower| since(g, grower)));
    said.extend(whole_cycle(g, per_s, growers));
    said
}

/// From now to the gate.
fn until(g: &Gathered, per_s: f64, whose: &str) -> String {
    if per_s <= 0.0 {
        return format!("In the time watched, {whose} did not grow: nothing to run out.");
    }
    let head = format!("At the pace of {whose}, {}", pace(per_s));
    let pool = g.pool.as_ref();
    let (used, gate) = (pool.and_then(|p| p.nonpaged_used_bytes), pool.and_then(|p| p.gate_bytes));
    let (Some(used), Some(gate)) = (used, gate) else {
        return format!(
            "{head}: how much is in use against which gate is not known, so neither is how long it lasts."
        );
    };
    let by_ceiling = ceilings(g).into_iter().map(|ceiling| {
        let left = refuse_level_bytes(ceiling.bytes, gate).saturating_sub(used);
        let mib = ceiling.bytes >> 20;
        match left as f64 / per_s / DAY_S {
            0.0 => format!("by a ceiling of {mib} MiB it is reached"),
            left if left > SLOW_DAYS => format!("by a ceiling of {mib} MiB in more than a year"),
            left => format!("by a ceiling of {mib} MiB in {}", ago(left * DAY_S)),
        }
    });
    let by_ceiling: Vec<String> = by_ceiling.collect();
    if by_ceiling.is_empty() {
        return format!("{head}: no ceiling is known to count down to.");
    }
    format!("{head}, the gate is reached {}.", by_ceiling.join(", "))
}

/// Back from what the fastest tag holds, at its pace, to when it held nothing.
fn since(g: &Gathered, grower: &Grower) -> Option<String> {
    let per_s = grower.per_s().filter(|per_s| *per_s > 0.0)?;
    let took_s = grower.to as f64 / per_s;
    let began_s = grower.to_unix_s - took_s;
    let head = format!(
        "Back from its {}, {} would have begun at this pace {} before, about {} UTC",
        bytes(grower.to),
        grower.name,
        ago(took_s),
        stamp_of(began_s)
    );
    let Some((age, _)) = age_s(&g.boots, grower.to_unix_s) else {
        return Some(format!(
            "{head}; when the host was started is not known, which would tell whether it has grown ever since."
        ));
    };
    let verdict = match took_s / age.max(1.0) {
        share if share > SINCE_BOOT => {
            "long before the boot: most of what it holds it took at once, or it grew faster before"
        }
        share if share >= BEGAN_LATER => {
            "that is when the host was started, so it has grown ever since"
        }
        _ => "well after the boot: something set it off since, or it grows faster now",
    };
    Some(format!("{head}; the host had been up for {}: {verdict}.", ago(age)))
}

/// From a boot to the first refusal at this pace, which is what an admin sees as "every N days".
fn whole_cycle(g: &Gathered, per_s: f64, growers: &[Grower]) -> Option<String> {
    if per_s <= 0.0 {
        return None;
    }
    let pool = g.pool.as_ref()?;
    let (used, gate) = (pool.nonpaged_used_bytes?, pool.gate_bytes?);
    let leaked: u64 =
        growers.iter().filter(|grower| grower.is_steady()).map(|grower| grower.to).sum();
    let rest = used.checked_sub(leaked).filter(|_| leaked > 0)?;
    let cycles = ceilings(g).into_iter().filter_map(|ceiling| {
        let room = refuse_level_bytes(ceiling.bytes, gate).checked_sub(rest)?;
        let cycle_days = room as f64 / per_s / DAY_S;
        (cycle_days <= CYCLE_DAYS).then(|| {
            format!("{} by a ceiling of {} MiB", ago(cycle_days * DAY_S), ceiling.bytes >> 20)
        })
    });
    let cycles: Vec<String> = cycles.collect();
    (!cycles.is_empty()).then(|| {
        format!(
            "From a boot, with the {} that did not grow, to the gate takes {} at this pace: compare it with the days between the outages.",
            bytes(rest),
            cycles.join(", ")
        )
    })
}
