//! Tells how the captures differ from those of a healthy peer, and what is as large there.

use model::diagnosis::{Baseline, Compared, ComparedHost, Standing, Subject};
use model::reading::PoolType;
use model::units::format_bytes;

use super::words::{days, is_emulated};
use crate::Gathered;

/// Differences told one by one; all of them stand in the JSON.
const TOLD: usize = 5;
/// Of the others, told one by one.
const TOLD_OTHERS: usize = 4;
/// What is cleared, by name.
const TOLD_CLEARED: usize = 10;

/// The comparison; nothing where no peer was given.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let Some(baseline) = &g.baseline else { return Vec::new() };
    if baseline.compared.is_empty() {
        return baseline.remarks.clone();
    }
    let mut said = vec![hosts(baseline, is_emulated(g))];
    said.extend(baseline.remarks.iter().cloned());
    let of = |standing: Standing, most: usize| {
        let these = baseline.compared.iter().filter(move |c| c.standing == standing);
        these.take(most).map(|c| c.sentence.clone())
    };
    said.extend(suspects(baseline));
    said.extend(of(Standing::Differs, TOLD));
    said.extend(of(Standing::Older, TOLD_OTHERS));
    said.extend(of(Standing::Grows, TOLD_OTHERS));
    said.extend(cleared(baseline));
    said
}

/// `; on the healthy peer 275.0 KiB`, for the line of a tag.
pub(super) fn on_peer(g: &Gathered, tag: &str, pool: PoolType) -> String {
    let subject = match pool {
        PoolType::Nonpaged => Subject::NonpagedTag,
        PoolType::Paged => Subject::PagedTag,
    };
    let compared = g.baseline.iter().flat_map(|baseline| &baseline.compared);
    let mut of_tag = compared.filter(|c| c.subject == subject && c.name == tag);
    let Some((compared, peer)) = of_tag.next().and_then(|c| Some((c, c.peer?))) else {
        return String::new();
    };
    let size = format_bytes(peer as i128);
    let size = if compared.peer_at_most { format!("under {size}") } else { size };
    match compared.standing {
        Standing::Alike => format!("; on the healthy peer {size}, so not what differs"),
        _ => format!("; on the healthy peer {size}"),
    }
}

fn hosts(baseline: &Baseline, emulated: bool) -> String {
    let host = |host: &ComparedHost| {
        let profile = host.profile.as_deref().unwrap_or("of a kind not known");
        match host.uptime_days {
            Some(up) => format!("{profile}, up for {}", days(up)),
            None => format!("{profile}, up for a time not known"),
        }
    };
    let known = baseline.here.uptime_days.is_some() && baseline.peer.uptime_days.is_some();
    let age = if known || emulated {
        ""
    } else {
        " A leak grows with uptime: give systeminfo of both, so that sizes can be told per day."
    };
    format!("This host: {}. The healthy peer: {}.{age}", host(&baseline.here), host(&baseline.peer))
}

fn suspects(baseline: &Baseline) -> Option<String> {
    let compared_tags = baseline.compared.iter().any(|c| c.subject == Subject::NonpagedTag);
    if baseline.suspects.is_empty() {
        return compared_tags.then(|| {
            "No large tag of the non-paged pool is larger here than on the healthy peer: what differs is elsewhere, or the peer has the same trouble.".into()
        });
    }
    let known = baseline.here.uptime_days.is_some() && baseline.peer.uptime_days.is_some();
    let age =
        if known { "beyond what age explains" } else { "whatever their age, which is not known" };
    Some(format!(
        "Suspects, those that grow first, then the largest: {}. They hold more here than on the healthy peer, {age}.",
        baseline.suspects.join(", ")
    ))
}

/// What is large here and as large there.
fn cleared(baseline: &Baseline) -> Option<String> {
    let alike = |c: &&Compared| c.standing == Standing::Alike && c.subject != Subject::Setting;
    let named = baseline.compared.iter().filter(alike).map(|c| match c.unit.as_str() {
        "bytes" => format!(
            "{} ({} here, {} there)",
            c.name,
            format_bytes(c.here.unwrap_or(0.0) as i128),
            format_bytes(c.peer.unwrap_or(0.0) as i128)
        ),
        _ => c.name.clone(),
    });
    let named: Vec<String> = named.take(TOLD_CLEARED).collect();
    (!named.is_empty())
        .then(|| format!("Not what differs, the healthy peer has as much: {}.", named.join(", ")))
}
