//! Provides a host's history on the one clock: entries of its System log, and its boots in order.

use model::os_event::Meaning;

use crate::clock::stamp_of;
use crate::facts::{HostFacts, Noted};
use crate::held::Snapshot;

/// Time zones lie at most so far from UTC, seconds: a stamp without its zone may be wrong by it.
pub(crate) const ZONES_S: f64 = 14.0 * 3600.0;
/// A zone's standard time is off by this in summer, seconds.
const SUMMER_S: f64 = 3600.0;
/// Entries of one start lie so near to each other, seconds. Chosen: a slow start takes minutes, and no
/// host is started twice within ten of them for long.
const ONE_START_S: f64 = 600.0;

/// One start of the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Boot {
    /// When, seconds since 1970 UTC.
    pub unix_s: f64,
    /// How far that may be wrong, seconds.
    pub bound_s: f64,
    /// The entry that tells it, `EventLog 6005`, or `systeminfo`.
    pub told_by: String,
    /// It went down without being shut down before (6008, 41).
    pub unexpected: bool,
    /// Somebody asked for it (1074).
    pub asked: bool,
}

/// Puts entries that were printed in local time on UTC, as far as the zone is known, and all in order.
pub(crate) fn place(facts: &mut HostFacts) {
    let offset_s = facts.utc_offset_s;
    for event in &mut facts.events {
        let (None, Some(local_s)) = (event.unix_s, event.local_s) else { continue };
        (event.unix_s, event.bound_s) = match offset_s {
            Some(offset_s) => (Some(local_s - offset_s), SUMMER_S),
            None => (Some(local_s), ZONES_S),
        };
        if offset_s.is_some() {
            event.stamp =
                format!("{} UTC or an hour before", stamp_of(local_s - offset_s.unwrap_or(0.0)));
        }
    }
    facts.events.sort_by(|a, b| a.unix_s.unwrap_or(0.0).total_cmp(&b.unix_s.unwrap_or(0.0)));
}

/// The boots that are known, in order; the host's last boot is told from them.
pub(crate) fn boots(facts: &mut HostFacts, snapshots: &[Snapshot]) -> Vec<Boot> {
    let mut boots: Vec<Boot> = Vec::new();
    let mut asked_s = f64::NEG_INFINITY;
    for event in &facts.events {
        let Some(unix_s) = event.unix_s else { continue };
        let unexpected = event.meaning == Meaning::UnexpectedShutdown;
        match event.meaning {
            Meaning::RestartAsked => asked_s = unix_s,
            Meaning::Boot | Meaning::UnexpectedShutdown => {
                match boots.last_mut().filter(|boot| unix_s - boot.unix_s <= ONE_START_S) {
                    Some(boot) => boot.unexpected |= unexpected,
                    None => boots.push(Boot {
                        unix_s,
                        bound_s: event.bound_s,
                        told_by: event.name(),
                        unexpected,
                        asked: unix_s - asked_s <= ONE_START_S,
                    }),
                }
            }
            _ => {}
        }
    }
    let said = facts.boot_unix_s.map(|unix_s| (unix_s, SUMMER_S, "systeminfo"));
    let aged = snapshots.iter().filter_map(|s| {
        let unix_s = s.unix_s.filter(|_| s.bound_s <= SUMMER_S)? - s.uptime_s?;
        Some((unix_s, s.bound_s, s.kind))
    });
    said.into_iter().chain(aged).for_each(|boot| add(&mut boots, boot));
    boots.sort_by(|a, b| a.unix_s.total_cmp(&b.unix_s));
    tell_last(facts, &boots);
    boots
}

/// What is said beside the log is one boot more, unless the same is known already.
fn add(boots: &mut Vec<Boot>, (unix_s, bound_s, told_by): (f64, f64, &str)) {
    let same =
        |boot: &Boot| (boot.unix_s - unix_s).abs() <= ONE_START_S + bound_s.max(boot.bound_s);
    if !boots.iter().any(same) {
        let told_by = told_by.to_owned();
        boots.push(Boot { unix_s, bound_s, told_by, unexpected: false, asked: false });
    }
}

/// How long the host had been up at a moment, seconds, and how far that may be wrong; `None` where no
/// boot before it is known.
pub(crate) fn age_s(boots: &[Boot], unix_s: f64) -> Option<(f64, f64)> {
    let boot = boots.iter().rev().find(|boot| boot.unix_s <= unix_s)?;
    Some((unix_s - boot.unix_s, boot.bound_s))
}

fn tell_last(facts: &mut HostFacts, boots: &[Boot]) {
    let Some(last) = boots.last() else { return };
    let is_it = |event: &&Noted| event.unix_s == Some(last.unix_s) && event.name() == last.told_by;
    if let Some(event) = facts.events.iter().find(is_it) {
        facts.boot = Some(format!("{} (event {} of {})", event.stamp, event.id, event.provider));
    } else if facts.boot_unix_s.is_none_or(|known| known < last.unix_s - last.bound_s) {
        facts.boot = Some(format!("{} (from {})", stamp_of(last.unix_s), last.told_by));
    }
    facts.boot_unix_s = Some(last.unix_s);
}
