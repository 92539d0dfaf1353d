//! Tells kernel objects whose growth is a handle leak, and the process whose handles grow.

use host::tags::{TagClass, owner};
use model::units::{format_count, format_seconds};

use crate::Gathered;
use crate::growth::{Grower, called};

/// Live objects of one kind from which a handle leak is worth a look, with one snapshot. Chosen:
/// a busy server of 2005 had 4,908 files; a leak has tens of thousands.
const MANY_OBJECTS: u64 = 20_000;
/// Handles from which a process is worth a look (Microsoft, "Troubleshoot port exhaustion issues":
/// over 3,000, but for a few of the system's own).
const MANY_HANDLES: u64 = 3_000;
/// Those few: System, lsass.exe, store.exe, sqlservr.exe.
const MAY_HOLD_MANY: &[&str] = &["system", "lsass", "store", "sqlservr"];
/// Processes told.
const TOLD: usize = 5;

/// Kernel objects that a handle keeps, and who keeps them.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let is_object = |tag: &str| owner(tag).is_some_and(|f| f.class == TagClass::NtObject);
    let mut said: Vec<String> = Vec::new();
    let grown = g.grown.nonpaged.iter().filter(|grower| is_object(&grower.name));
    for grower in grown.filter(|grower| grower.is_steady()) {
        let what = owner(&grower.name).map_or("", |f| f.what);
        let more = format_count(grower.live.1.saturating_sub(grower.live.0));
        let how = match grower.snapshots {
            2 => "between two snapshots: if that goes on,",
            _ => "and never shrank:",
        };
        said.push(format!("{} ({what}) grew by {more} objects {how} some process opens handles and does not close them.", grower.name));
    }
    let last = g.pool.as_ref().map_or(&[][..], |p| p.tags.as_slice());
    for tag in last.iter().filter(|tag| is_object(&tag.tag) && tag.diff >= MANY_OBJECTS) {
        said.push(format!(
            "{} stands at {} live objects: if that grows, it is a handle leak.",
            tag.tag,
            format_count(tag.diff)
        ));
    }
    let leak = !said.is_empty();
    let growers: Vec<&Grower> = g.grown.handles.iter().filter(|g| g.is_steady()).collect();
    said.extend(growers.iter().take(TOLD).map(|grower| grew(grower)));
    said.extend(most(g, leak));
    if leak && growers.is_empty() && g.snapshots.iter().all(|s| s.processes.is_none()) {
        said.push("Name the process: `tasklist` does not count handles; log \\Process(*)\\Handle Count, or sort Task Manager by its Handles column.".into());
    }
    said
}

fn grew(grower: &Grower) -> String {
    let over = grower.seconds.zip(grower.per_s()).map(|(seconds, per_s)| {
        let per_h = format_count((per_s * 3600.0) as u64);
        format!(" over {}, {per_h} an hour", format_seconds(seconds))
    });
    format!(
        "{} has {} handles, {} more than at first{}, and never closed more than it opened: it leaks them. Each keeps a kernel object, and a socket is one (AfdE, File).",
        grower.name,
        format_count(grower.to),
        format_count(grower.grew()),
        over.unwrap_or_default()
    )
}

/// Who holds most now.
fn most(g: &Gathered, leak: bool) -> Option<String> {
    let held = g.snapshots.iter().rev().find_map(|s| s.processes.as_ref())?;
    let many = held.iter().any(|p| p.handles >= MANY_HANDLES && !may_hold_many(&p.name));
    if !leak && !many {
        return None;
    }
    let told = held.iter().take(TOLD);
    let told = told.map(|p| format!("{} ({})", called(&p.name, p.pid), format_count(p.handles)));
    Some(format!(
        "Most handles: {}. Over {} is worth a look, but for System, lsass, store and sqlservr.",
        told.collect::<Vec<_>>().join(", "),
        format_count(MANY_HANDLES)
    ))
}

fn may_hold_many(process: &str) -> bool {
    let name = process.split([' ', '.', '#']).next().unwrap_or_default().to_lowercase();
    MAY_HOLD_MANY.contains(&name.as_str())
}
