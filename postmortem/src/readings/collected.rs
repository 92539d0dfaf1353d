//! Tells what the collecting script noted: how it ended, and which readings are missing.

use super::words::count;
use crate::Gathered;

/// Gaps told, the most frequent first.
const TOLD: usize = 8;
/// Things told that it said, the last ones.
const SAID: usize = 3;

/// Its notes.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let collected = &g.facts.collected;
    let from = collected.said.len().saturating_sub(SAID);
    let mut said: Vec<String> = collected.said[from..]
        .iter()
        .map(|note| format!("{}.", note.trim_end_matches('.')))
        .collect();
    let mut gaps: Vec<_> = collected.gaps.iter().collect();
    gaps.sort_by_key(|(_, gap)| std::cmp::Reverse(gap.count));
    for (what, gap) in gaps.iter().take(TOLD) {
        let when = match gap.count {
            1 => format!("at {}", gap.first),
            n => format!("{}, {} to {}", count(n, "time"), gap.first, gap.last),
        };
        said.push(format!("Missing, {when}: {what}. That is no zero."));
    }
    if let Some(more) = gaps.len().checked_sub(TOLD).filter(|more| *more > 0) {
        said.push(format!("{} more kinds of gaps stand in gaps.txt.", more));
    }
    said
}
