//! Tells what grew between snapshots of the pool's tags, and tags whose growth is a handle leak.

use host::tags::{TagClass, owner};
use model::units::format_count;

use super::words::bytes;
use crate::Gathered;
use crate::pool::histories;

/// Growers told.
const TOLD: usize = 5;
/// Growth below this is noise, bytes.
const LEAST_BYTES: i64 = 64 * 1024;
/// Live objects of one kind from which a handle leak is worth a look, with one snapshot. Chosen:
/// a busy server of 2005 had 4,908 files; a leak has tens of thousands.
const MANY_OBJECTS: u64 = 20_000;

struct Grower<'a> {
    tag: &'a str,
    bytes: i64,
    live: i64,
    seconds: f64,
    steady: bool,
}

/// Tags that grew, the fastest first; nothing with fewer than two snapshots.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let growers = growers(g);
    let snapshots = g.snapshots.iter().filter(|s| s.tags.is_some()).count();
    if snapshots < 2 {
        return Vec::new();
    }
    let Some(first) = growers.first() else {
        return vec![format!(
            "Over {snapshots} snapshots no tag grew by {} or more: no leak shows in the time they cover.",
            bytes(LEAST_BYTES.unsigned_abs())
        )];
    };
    let mut said: Vec<String> = growers.iter().take(TOLD).map(line).collect();
    if let Some(left) = headroom(g)
        && first.seconds > 0.0
        && first.bytes > 0
    {
        let hours = left as f64 / (first.bytes as f64 / first.seconds) / 3600.0;
        said.push(format!(
            "At the pace of {} alone the {} left above the gate last {hours:.1} h more.",
            first.tag,
            bytes(left)
        ));
    }
    said
}

fn headroom(g: &Gathered) -> Option<u64> {
    let pool = g.pool.as_ref()?;
    let free = u64::try_from(pool.headroom_bytes?).ok()?;
    free.checked_sub(pool.gate_bytes?)
}

fn growers(g: &Gathered) -> Vec<Grower<'_>> {
    let histories = histories(&g.snapshots);
    let mut growers: Vec<Grower> = histories
        .into_iter()
        .filter_map(|(tag, points)| {
            let (first, last) = (points.first()?, points.last()?);
            let steady = points.windows(2).all(|pair| pair[1].1 >= pair[0].1);
            let bytes = last.1 as i64 - first.1 as i64;
            let grower = Grower {
                tag,
                bytes,
                live: last.2 as i64 - first.2 as i64,
                seconds: last.0 - first.0,
                steady,
            };
            (points.len() > 1 && bytes >= LEAST_BYTES).then_some(grower)
        })
        .collect();
    growers.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.tag.cmp(b.tag)));
    growers
}

fn line(grower: &Grower<'_>) -> String {
    let Grower { tag, seconds, .. } = grower;
    let rate = if *seconds > 0.0 {
        format!(
            " over {}: {}/h",
            model::units::format_seconds(*seconds),
            bytes((grower.bytes as f64 / seconds * 3600.0) as u64)
        )
    } else {
        String::new()
    };
    let how =
        if grower.steady { "without ever shrinking" } else { "with ups and downs, as a load has" };
    let who = match owner(tag) {
        Some(fact) => format!("{} ({})", fact.owner.unwrap_or("owner not known"), fact.what),
        None => "in no list of Windows' tags".into(),
    };
    format!(
        "{tag}, {who}, grew by {}{rate}, {} allocations more, {how}.",
        bytes(grower.bytes.unsigned_abs()),
        grower.live
    )
}

/// Kernel objects that a handle keeps.
pub(super) fn handles(g: &Gathered) -> Vec<String> {
    let is_object = |tag: &str| owner(tag).is_some_and(|f| f.class == TagClass::NtObject);
    let mut said: Vec<String> = Vec::new();
    for grower in growers(g).iter().filter(|grower| is_object(grower.tag) && grower.steady) {
        let what = owner(grower.tag).map_or("", |f| f.what);
        said.push(format!("{} ({what}) grew by {} objects and never shrank: some process opens handles and does not close them.", grower.tag, grower.live));
    }
    let last = g.pool.as_ref().map_or(&[][..], |p| p.tags.as_slice());
    for tag in last.iter().filter(|tag| is_object(&tag.tag) && tag.diff >= MANY_OBJECTS) {
        said.push(format!(
            "{} stands at {} live objects: if that grows, it is a handle leak.",
            tag.tag,
            format_count(tag.diff)
        ));
    }
    if said.is_empty() {
        return said;
    }
    if g.facts.handles.is_empty() {
        said.push("Name the process: `tasklist /v` does not count handles; log \\Process(*)\\Handle Count, or sort Task Manager by its Handles column.".into());
    } else {
        let most = g.facts.handles.iter().map(|(name, n)| format!("{name} {}", format_count(*n)));
        said.push(format!("Most handles: {}.", most.collect::<Vec<_>>().join(", ")));
    }
    said
}
