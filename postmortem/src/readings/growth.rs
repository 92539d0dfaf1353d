//! Tells what grew between snapshots of the pool's tags: by how much, per second, per connection.

use host::tags::{TagClass, owner};
use model::units::{format_count, format_seconds};

use super::words::{bytes, pace, time_scale};
use crate::growth::{Grower, LEAST_BYTES};
use crate::{Gathered, connections};

/// Growers told, of either pool.
const TOLD: usize = 5;
const TOLD_PAGED: usize = 2;
/// Live counts that grew so nearly alike, as a share, grew together.
const ALIKE: f64 = 0.05;
/// And by so many at least: small counts are alike by chance.
const ALIKE_MIN: u64 = 200;

/// Tags that grew, the fastest first; nothing with fewer than two snapshots.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let snapshots = g.snapshots.iter().filter(|s| s.tags.is_some()).count();
    if snapshots < 2 {
        return Vec::new();
    }
    let grown = &g.grown.nonpaged;
    let mut said: Vec<String> = grown.iter().take(TOLD).map(|grower| line(g, grower)).collect();
    if grown.is_empty() {
        said.push(format!(
            "Over {snapshots} snapshots no tag of the non-paged pool grew by {} or more: no leak shows in the time they cover.",
            bytes(LEAST_BYTES)
        ));
    }
    said.extend(together(&grown[..grown.len().min(TOLD)]));
    let paged = g.grown.paged.iter().filter(|grower| grower.is_steady()).take(TOLD_PAGED);
    said.extend(paged.map(|grower| format!("Of the paged pool, {}", line(g, grower))));
    if grown.iter().any(|grower| grower.seconds.is_none()) {
        said.push("When these snapshots were taken is not known well enough for a pace: name the files with their time in UTC (poolmon-20050902-184512Z.txt).".into());
    }
    let scale = time_scale(g);
    if scale != 1.0 {
        said.push(format!("These are times of the run: durations of this emulated host run {scale} times faster than a real one's."));
    }
    said
}

fn line(g: &Gathered, grower: &Grower) -> String {
    let Grower { name, .. } = grower;
    let rate = grower
        .seconds
        .zip(grower.per_s())
        .map(|(seconds, per_s)| format!(" over {}: {}", format_seconds(seconds), pace(per_s)));
    let how = match (grower.is_steady(), grower.snapshots) {
        (true, 2) => "between two snapshots, which do not tell a leak from a load that rises",
        (true, _) if grower.dip == 0 => "without ever shrinking",
        (true, _) => "hardly ever shrinking",
        (false, _) => "with ups and downs, as a load has",
    };
    let who = match owner(name) {
        Some(fact) => format!("{} ({})", fact.owner.unwrap_or("owner not known"), fact.what),
        None => "in no list of Windows' tags".into(),
    };
    let who = g.owners.get(name).map_or(who, |given| format!("{given} by the pooltag.txt given"));
    let more = grower.live.1 as i64 - grower.live.0 as i64;
    let more = match more {
        0.. => format!("{} allocations more", format_count(more.unsigned_abs())),
        _ => format!("{} allocations fewer", format_count(more.unsigned_abs())),
    };
    format!(
        "{name}, {who}, grew by {}{}, {more}, {how}{}{}.",
        bytes(grower.grew()),
        rate.unwrap_or_default(),
        per_connection(g, grower),
        of_load(g, grower)
    )
}

/// `; 912 bytes per connection accepted, of which 33,000 came`.
fn per_connection(g: &Gathered, grower: &Grower) -> String {
    let counted =
        grower.seconds.and_then(|_| connections::between(g, grower.from_unix_s, grower.to_unix_s));
    let Some(counted) = counted else { return String::new() };
    let each = grower.grew() as f64 / counted.count;
    let each = if each >= 10.0 { format!("{each:.0}") } else { format!("{each:.1}") };
    format!(
        "; that is {each} bytes per {}, of which {} came",
        counted.what,
        format_count(counted.count as u64)
    )
}

/// What connections hold grows with their number: `; connections held went from 90 to 4,000 meanwhile`.
fn of_load(g: &Gathered, grower: &Grower) -> String {
    let class = owner(&grower.name).map(|fact| fact.class);
    if !matches!(class, Some(TagClass::Tcp | TagClass::HttpSys | TagClass::Afd)) {
        return String::new();
    }
    let held = |at_s| connections::held_at(g, at_s, grower.to_unix_s - grower.from_unix_s);
    match (held(grower.from_unix_s), held(grower.to_unix_s)) {
        (Some(first), Some(last)) => format!(
            "; connections hold it, and ESTABLISHED and TIME_WAIT together went from {} to {} meanwhile",
            format_count(first),
            format_count(last)
        ),
        _ => "; connections hold it: whether their number rose meanwhile is not told".into(),
    }
}

/// Tags whose live counts grew alike: one leak in several tags.
fn together(grown: &[Grower]) -> Vec<String> {
    let more = |grower: &Grower| grower.live.1.saturating_sub(grower.live.0);
    let mut left: Vec<&Grower> = grown.iter().filter(|g| more(g) >= ALIKE_MIN).collect();
    let mut said = Vec::new();
    while !left.is_empty() {
        let first = more(left[0]);
        let alike =
            |g: &&Grower| first.abs_diff(more(g)) as f64 <= ALIKE * first.max(more(g)) as f64;
        let (group, rest): (Vec<&Grower>, Vec<&Grower>) = left.into_iter().partition(alike);
        left = rest;
        if group.len() > 1 {
            let names: Vec<&str> = group.iter().map(|g| g.name.as_str()).collect();
            let counts: Vec<String> = group.iter().map(|g| format_count(more(g))).collect();
            said.push(format!(
                "{} grew by {} allocations: they move together, one leak in {} tags.",
                list(&names),
                list(&counts),
                group.len()
            ));
        }
    }
    said
}

/// `a`, `a and b`, `a, b and c`.
fn list<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => items.join(""),
    }
}
