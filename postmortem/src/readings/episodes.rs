//! Tells the outages over weeks: when each began, how old the host was then, and how each ended.

use model::units::{format_count, format_seconds};

use super::words::{ago, count, days};
use crate::Gathered;
use crate::clock::stamp_of;
use crate::episodes::{Episode, episodes};

/// Episodes told one by one: the first and the last so many.
const TOLD: usize = 6;
/// Ages so near to each other, as a share of their mean, are a steady interval.
const STEADY: f64 = 0.25;
/// An age that may be wrong by more than this share of itself tells nothing.
const SURE: f64 = 0.25;

/// The episodes, where there is more to say than that there was one.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let all = episodes(g);
    if all.is_empty() {
        return Vec::new();
    }
    let mut said: Vec<String> = interval(&all).into_iter().collect();
    let ages: Vec<f64> = all.iter().filter_map(age_days).collect();
    said.push(match ages[..] {
        [] => "How long the host had been up when refusals began is not known: give the System log (6005, 6006, 6008, 1074) or systeminfo. A leak shows in that figure being the same each time.".into(),
        [age] => format!(
            "The host had been up for {} when refusals began{}.",
            days(age),
            if all.len() > 1 { ", as far as its boots are known" } else { "" }
        ),
        _ => after_boots(&ages),
    });
    let left_out = all.len().saturating_sub(2 * TOLD);
    let told = all.iter().enumerate().filter(|(at, _)| *at < TOLD || *at + TOLD >= all.len());
    said.extend(told.map(|(at, episode)| line(at, episode, all.len() > 1)));
    if left_out > 0 {
        said.push(format!("{} between them are left out here.", count(left_out as u64, "episode")));
    }
    said
}

fn age_days(episode: &Episode) -> Option<f64> {
    let (age_s, bound_s) = episode.age_s?;
    (bound_s <= SURE * age_s).then_some(age_s / 86_400.0)
}

/// How far apart they began.
fn interval(all: &[Episode]) -> Option<String> {
    let (first, last) = (all.first()?, all.last()?);
    if all.len() < 2 {
        return None;
    }
    let apart = (last.first_s - first.first_s) as f64 / 86_400.0 / (all.len() - 1) as f64;
    Some(format!(
        "{} of refusals, {} apart on average.",
        count(all.len() as u64, "episode"),
        days(apart)
    ))
}

/// "Refusals begin 4.2, 4.9, 4.6 days after a boot".
fn after_boots(ages: &[f64]) -> String {
    let mean = ages.iter().sum::<f64>() / ages.len() as f64;
    let spread = ages.iter().map(|age| (age - mean).abs()).fold(0.0, f64::max);
    let list = ages.iter().map(|age| format!("{age:.1}")).collect::<Vec<_>>().join(", ");
    let verdict = if spread <= STEADY * mean {
        "so much alike that something fills up at a steady pace since the boot: a leak"
    } else {
        "too unlike for a leak at a steady pace: look for what the load did, or what else happened on those days"
    };
    format!(
        "Refusals begin {mean:.1} days after a boot: {list} days over {} boots, {verdict}.",
        ages.len()
    )
}

/// One of them.
fn line(at: usize, episode: &Episode, of_many: bool) -> String {
    let Episode { first_s, last_s, rows, n, .. } = episode;
    let lasted = if last_s > first_s {
        let seconds = format_seconds((last_s - first_s) as f64);
        format!("{} to {} UTC ({seconds})", stamp_of(*first_s as f64), stamp_of(*last_s as f64))
    } else {
        format!("{} UTC", stamp_of(*first_s as f64))
    };
    let silence = episode
        .silence_s
        .map_or_else(String::new, |s| format!(", after {} of silence", ago(s as f64)));
    let end = match episode.booted_after_s {
        Some(after_s) => format!("a boot {} after its last row ended it", ago(after_s)),
        None => "no boot after it is known: it ended by itself, or the captures end there".into(),
    };
    let name = if of_many { format!("Episode {}", at + 1) } else { "It".into() };
    format!(
        "{name}: {lasted}, \u{3a3}N = {} in {}{silence}; {end}.",
        format_count(*n),
        count(*rows, "row")
    )
}
