//! Tells who holds non-paged pool: HTTP.sys itself, the largest tags with their owners, and tags
//! that move together.

use host::tags::{TagClass, owner};
use model::diagnosis::Tag;
use model::reading::PoolType;
use model::units::format_count;

use super::words::bytes;
use crate::Gathered;

/// Holders told.
const TOLD: usize = 8;
/// HTTP.sys holding less than this share of the pool is not its user.
const MESSENGER: f64 = 0.1;

fn nonpaged(g: &Gathered) -> Vec<&Tag> {
    let tags = g.pool.as_ref().map_or(&[][..], |p| p.tags.as_slice());
    tags.iter().filter(|tag| tag.pool == PoolType::Nonpaged).collect()
}

/// What HTTP.sys itself holds, so that the messenger is not blamed.
pub(super) fn http_sys(g: &Gathered) -> Vec<String> {
    let Some(pool) = &g.pool else { return Vec::new() };
    let tags = nonpaged(g);
    let Some(own) = pool.http_sys_bytes.filter(|_| !tags.is_empty()) else { return Vec::new() };
    let is_own = |tag: &&&Tag| owner(&tag.tag).is_some_and(|f| f.class == TagClass::HttpSys);
    let names: Vec<&str> = tags.iter().filter(is_own).map(|tag| tag.tag.as_str()).collect();
    let place =
        tags.iter().position(|tag| owner(&tag.tag).is_some_and(|f| f.class == TagClass::HttpSys));
    let total = pool.nonpaged_used_bytes.filter(|total| *total > 0);
    let share = total.map(|total| own as f64 / total as f64);
    let share_words =
        share.map_or_else(String::new, |s| format!(", {:.1} % of what is in use", s * 100.0));
    if own == 0 {
        return vec!["No tag of HTTP.sys (Ul??, Uc??) is among those listed: it holds little, and is not the culprit.".into()];
    }
    let held = format!(
        "HTTP.sys itself holds {} bytes{share_words} ({})",
        format_count(own),
        names.join(", ")
    );
    let rank = place
        .map_or_else(String::new, |at| format!("; its largest tag is no. {} of the list", at + 1));
    let refused = g.tally.as_ref().is_some_and(|t| t.refused_rows > 0);
    let verdict = if share.is_none_or(|s| s < MESSENGER) && !refused {
        "that is little."
    } else if share.is_none_or(|s| s < MESSENGER) {
        "it refuses because the pool is short, and is not the culprit: do not shoot the messenger."
    } else {
        "that is much: look for very many open connections or requests, then for a growing Ul?? tag between two snapshots."
    };
    vec![format!("{held}{rank}: {verdict}")]
}

/// The largest tags, whose they are, and what to think of them.
pub(super) fn largest(g: &Gathered) -> Vec<String> {
    let tags = nonpaged(g);
    if tags.is_empty() {
        return Vec::new();
    }
    let listed: u64 = tags.iter().map(|tag| tag.bytes).sum();
    let total = g.pool.as_ref().and_then(|p| p.nonpaged_used_bytes).filter(|t| *t > 0);
    let share = total.map_or_else(String::new, |total| {
        format!(", {:.1} % of what is in use", listed as f64 / total as f64 * 100.0)
    });
    let mut said = vec![format!(
        "{} tags are listed, together {} bytes{share}.",
        tags.len(),
        format_count(listed)
    )];
    said.extend(tags.iter().take(TOLD).map(|tag| line(g, tag)));
    let snapshots = g.snapshots.iter().filter(|s| s.tags.is_some()).count();
    if snapshots < 2 {
        said.push("One snapshot names the largest holders, not the leak: large may be legitimate. Take a second one some hours later (`poolmon -b -n pool2.txt`) and compare.".into());
    }
    let foreign: Vec<&str> = tags
        .iter()
        .take(TOLD)
        .filter(|tag| {
            whose(g, tag) == Whose::Foreign && tag.tag.chars().all(|c| c.is_ascii_alphanumeric())
        })
        .map(|tag| tag.tag.as_str())
        .collect();
    if !foreign.is_empty() {
        let find = foreign
            .iter()
            .map(|tag| format!("findstr /m /l {tag} %SystemRoot%\\System32\\drivers\\*.sys"));
        said.push(format!("Whose the unknown tags are, the host's own drivers tell (KB298102; on 32-bit Windows put an h before the tag to cut false hits): {}", find.collect::<Vec<_>>().join(" & ")));
    }
    said.extend(g.drivers.iter().map(|(tag, files)| match files.is_empty() {
        true => format!("{tag} is in no driver file of the folder given."),
        false => format!("{tag} is in {} of the folder given.", files.join(", ")),
    }));
    said
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Microsoft,
    Odd,
    Listed,
    Foreign,
}

fn whose(g: &Gathered, tag: &Tag) -> Whose {
    let fact = owner(&tag.tag);
    match fact.map(|f| f.class) {
        Some(TagClass::OddForServer) => Whose::Odd,
        _ if g.owners.contains_key(&tag.tag) => Whose::Listed,
        Some(class) if class.is_microsoft() => Whose::Microsoft,
        _ => Whose::Foreign,
    }
}

fn line(g: &Gathered, tag: &Tag) -> String {
    let share = tag.share.map_or_else(String::new, |s| format!(" ({:.1} %)", s * 100.0));
    let each = if tag.diff == 1 {
        "one allocation".into()
    } else {
        format!("{} live, {} bytes each", format_count(tag.diff), format_count(tag.per_alloc))
    };
    let fact = owner(&tag.tag);
    let what = fact.map_or("in no list of Windows' tags", |f| f.what);
    let owner = match whose(g, tag) {
        Whose::Listed => {
            format!("{}, by the pooltag.txt given", tag.owner.as_deref().unwrap_or("?"))
        }
        Whose::Microsoft => {
            format!("{} of Microsoft, {what}", tag.owner.as_deref().unwrap_or("a part of Windows"))
        }
        Whose::Odd => format!(
            "{} of Microsoft, {what}: odd for a server; a healthy one holds some hundred KB. Whatever plays or records sound on it can be removed",
            tag.owner.as_deref().unwrap_or("Windows")
        ),
        Whose::Foreign if fact.is_some_and(|f| f.class == TagClass::Unlisted) => {
            format!("{what}: nobody's by its tag")
        }
        Whose::Foreign if what == "not known" || fact.is_none() => {
            "in no list of Windows' tags: third party".into()
        }
        Whose::Foreign => format!("in no list of Windows' tags: third party, {what}"),
    };
    let peer = super::baseline::on_peer(g, &tag.tag, tag.pool);
    format!("{}: {} bytes{share}, {each}: {owner}{peer}.", tag.tag, format_count(tag.bytes))
}

/// Tags whose live counts are alike.
pub(super) fn together(g: &Gathered) -> Vec<String> {
    let Some(pool) = &g.pool else { return Vec::new() };
    let tags = nonpaged(g);
    let find = |name: &str| tags.iter().find(|tag| tag.tag == name);
    let pairs = pool.pairs.iter().filter_map(|(one, other)| {
        let (a, b) = (find(one)?, find(other)?);
        Some(format!(
            "{one} and {other} have {} and {} live allocations: they move together, so one driver, or two that work on the same things, makes one of each. Together they hold {}. Take them for one suspect: if one is a network driver's, so is likely the other.",
            format_count(a.diff),
            format_count(b.diff),
            bytes(a.bytes + b.bytes)
        ))
    });
    pairs.take(TOLD).collect()
}
