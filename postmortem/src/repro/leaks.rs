//! Provides the leaks of a scenario: tags that grew, with what they grow by, or those that hold most.

use host::Profile;
use host::tags::{TagClass, owner};
use model::diagnosis::Tag;
use model::reading::PoolType;
use model::units::format_bytes;

use super::Case;
use super::draft::{Draft, number, quoted};
use crate::connections;
use crate::growth::Grower;

/// Tags that leak, at most.
const LEAKS_MAX: usize = 3;
/// A tag that grew by less than this share of what the first grew by is not what fills the pool.
const LEAST_SHARE: f64 = 0.1;
/// What holds most beside them is laid into the pool too, so that the leak has to be told from it.
const HOGS_MAX: usize = 8;
/// The tag that leaks where no capture names one; in no list of Windows' tags.
const NOBODYS: &str = "Leak";

/// By what a tag grows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pace {
    /// Bytes with each connection.
    PerConnection(f64),
    /// Bytes with each second of the host.
    PerSecond(f64),
    /// Not known: its part of whatever the leaks take together.
    Part(f64),
}

/// One tag that leaks.
#[derive(Clone, Debug)]
pub(super) struct Leak {
    pub(super) tag: String,
    pub(super) pace: Pace,
    pub(super) because: String,
}

/// The tags that leak: measured where two snapshots show it.
pub(super) fn leaks(case: &Case<'_>, profile: &Profile) -> Vec<Leak> {
    let grown = measured(case, profile);
    if !grown.is_empty() {
        return grown;
    }
    let held = held(case, profile);
    let Some(first) = suspects(&held).first().copied() else {
        let because = "assumed: no snapshot of pool tags names a holder".to_owned();
        return vec![Leak { tag: NOBODYS.into(), pace: Pace::Part(1.0), because }];
    };
    let pairs = case.g.pool.as_ref().map_or(&[][..], |pool| &pool.pairs);
    let beside = pairs.iter().find_map(|(one, other)| match first.tag.as_str() {
        tag if tag == one => Some(other),
        tag if tag == other => Some(one),
        _ => None,
    });
    let beside = beside.and_then(|name| held.iter().find(|tag| tag.tag == *name).copied());
    let all: Vec<&Tag> = [Some(first), beside].into_iter().flatten().collect();
    let together =
        if all.len() > 1 { "one of each goes with every connection" } else { "the largest holder" };
    let leak = |tag: &&Tag| Leak {
        tag: tag.tag.clone(),
        pace: Pace::Part(tag.per_alloc.max(1) as f64),
        because: format!(
            "assumed to leak: {together}; measured: {} in allocations of {} bytes; how fast it grows is not known from one snapshot, so it is made to last some seconds",
            format_bytes(tag.bytes.into()),
            tag.per_alloc
        ),
    };
    all.iter().map(leak).collect()
}

/// Tags that a scenario may name and that the lab does not charge itself.
fn is_foreign(tag: &str, profile: &Profile) -> bool {
    let own =
        [profile.tags.http_connection, profile.tags.tcp_control_block, profile.tags.time_wait];
    let printable = tag.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    let named = (1..=4).contains(&tag.len()) && printable && !tag.starts_with(' ');
    let class = owner(tag).map(|fact| fact.class);
    named && !own.contains(&tag) && class != Some(TagClass::HttpSys)
}

fn measured(case: &Case<'_>, profile: &Profile) -> Vec<Leak> {
    let grown = case.g.grown.nonpaged.iter().filter(|grower| is_foreign(&grower.name, profile));
    let mut grown: Vec<&Grower> = grown.collect();
    let most = grown.first().map_or(0, |grower| grower.grew());
    grown.retain(|grower| grower.grew() as f64 >= LEAST_SHARE * most as f64);
    let leaks = grown.iter().take(LEAKS_MAX).map(|grower| {
        let grew = format_bytes(grower.grew().into());
        let counted = connections::between(case.g, grower.from_unix_s, grower.to_unix_s);
        let per_connection = grower.seconds.and(counted);
        let per_second = grower.per_s().map(|per_s| per_s / super::pool::clock_of(case));
        let (pace, how) = match (per_connection, per_second) {
            (Some(counted), _) => {
                let each = grower.grew() as f64 / counted.count;
                (
                    Pace::PerConnection(each),
                    format!("{} bytes for each {}", number(each), counted.what),
                )
            }
            (None, Some(each)) => {
                (Pace::PerSecond(each), format!("{} bytes per second of the host", number(each)))
            }
            (None, None) => {
                let pace = Pace::Part(grower.grew() as f64);
                (
                    pace,
                    "over a time that is not known, so it is made to last some seconds".to_owned(),
                )
            }
        };
        let because =
            format!("measured: grew by {grew} over {} snapshots, {how}", grower.snapshots);
        Leak { tag: grower.name.clone(), pace, because }
    });
    leaks.collect()
}

/// Non-paged tags of the last snapshot, the largest first.
fn held<'a>(case: &'a Case<'_>, profile: &Profile) -> Vec<&'a Tag> {
    let tags = case.g.pool.as_ref().map_or(&[][..], |pool| &pool.tags);
    let nonpaged = tags.iter().filter(|tag| tag.pool == PoolType::Nonpaged && tag.bytes > 0);
    nonpaged.filter(|tag| is_foreign(&tag.tag, profile)).collect()
}

/// Those that are most likely to leak: another vendor's before Windows' own.
fn suspects<'a>(held: &[&'a Tag]) -> Vec<&'a Tag> {
    let is_microsofts = |tag: &&&Tag| owner(&tag.tag).is_some_and(|f| f.class.is_microsoft());
    let (own, foreign): (Vec<&Tag>, Vec<&Tag>) =
        held.iter().take(HOGS_MAX).partition(|tag| is_microsofts(tag));
    foreign.into_iter().chain(own).collect()
}

/// Writes what holds most, as it stands in the last snapshot, up to `room_bytes` in all; gives what it
/// takes.
pub(super) fn write_hogs(
    case: &Case<'_>,
    profile: &Profile,
    room_bytes: u64,
    draft: &mut Draft,
) -> u64 {
    if case.g.run.target.emulated {
        return 0;
    }
    let held = held(case, profile);
    let hogs: Vec<&&Tag> = held.iter().take(HOGS_MAX).collect();
    let taken: u64 = hogs.iter().map(|tag| tag.bytes).sum();
    if taken > room_bytes {
        return 0;
    }
    for tag in hogs {
        draft.table("[[target.leak]]");
        draft.set(
            "tag",
            quoted(&tag.tag),
            "measured: held from the start, as the last snapshot shows it",
        );
        draft.set("static", tag.bytes.to_string(), "");
    }
    taken
}
