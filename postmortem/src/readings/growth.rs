//! Tells what grew between snapshots of the pool's tags: by how much, per second, per connection.

use host::tags::owner;
use model::reading::PoolType;
use model::units::{format_count, format_seconds};

use super::words::{bytes, pace, time_scale};
use crate::growth::{Grower, LEAST_BYTES, tags};
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
    let grown = tags(g, PoolType::Nonpaged);
    let mut said: Vec<String> = grown.iter().take(TOLD).map(|grower| line(g, grower)).collect();
    if grown.is_empty() {
        said.push(format!(
            "Over {snapshots} snapshots no tag of the non-paged pool grew by {} or more: no leak shows in the time they cover.",
            bytes(LEAST_BYTES)
        ));
    }
    said.extend(together(&grown[..grown.len().min(TOLD)]));
    let paged = tags(g, PoolType::Paged);
    let paged = paged.iter().filter(|grower| grower.steady).take(TOLD_PAGED);
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
    let how = match (grower.steady, grower.snapshots) {
        (true, 2) => "between two snapshots, which do not tell a leak from a load that rises",
        (true, _) => "without ever shrinking",
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
        "{name}, {who}, grew by {}{}, {more}, {how}{}.",
        bytes(grower.grew()),
        rate.unwrap_or_default(),
        per_connection(g, grower)
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

/// Tags whose live counts grew alike: one leak in two tags.
fn together(grown: &[Grower]) -> Vec<String> {
    let more = |grower: &Grower| grower.live.1.saturating_sub(grower.live.0);
    let mut said = Vec::new();
    for (at, one) in grown.iter().enumerate() {
        for other in &grown[at + 1..] {
            let (a, b) = (more(one), more(other));
            let alike = a.abs_diff(b) as f64 <= ALIKE * a.max(b) as f64;
            if a.min(b) >= ALIKE_MIN && alike {
                said.push(format!(
                    "{} and {} grew by {} and {} allocations: they move together, one leak in two tags.",
                    one.name,
                    other.name,
                    format_count(a),
                    format_count(b)
                ));
            }
        }
    }
    said
}
