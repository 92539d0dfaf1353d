//! Provides what the collecting script says of its own work: how it ended, and which readings are missing.

use std::collections::BTreeMap;

use capture::collect_notes::Note;

/// Kinds of gaps, and things said, that are kept.
const KEPT_MAX: usize = 200;

/// Its notes, gaps that are alike counted as one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Gaps by what is missing and why.
    pub gaps: BTreeMap<String, Gap>,
    /// What it said, stamp first.
    pub said: Vec<String>,
}

/// Gaps that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// How many.
    pub count: u64,
    /// Stamp of the first, `20260201-100000Z` in UTC.
    pub first: String,
    /// Stamp of the last.
    pub last: String,
}

impl Collected {
    /// Takes in a gap. What differs in numbers only, `12 s late`, is alike.
    pub(crate) fn gap(&mut self, note: &Note<'_>) {
        let key = alike(note.text);
        if self.gaps.len() < KEPT_MAX || self.gaps.contains_key(&key) {
            let stamp = note.stamp.to_owned();
            let new = || Gap { count: 0, first: stamp.clone(), last: stamp.clone() };
            let gap = self.gaps.entry(key).or_insert_with(new);
            gap.count += 1;
            gap.last = stamp;
        }
    }

    /// Takes in what it said.
    pub(crate) fn say(&mut self, note: &Note<'_>) {
        if self.said.len() < KEPT_MAX {
            self.said.push(format!("{} {}", note.stamp, note.text));
        }
    }

    /// Takes in those of another folder.
    pub(crate) fn join(&mut self, other: Self) {
        for (what, gap) in other.gaps {
            let room = self.gaps.len() < KEPT_MAX;
            match self.gaps.get_mut(&what) {
                Some(known) => {
                    known.count += gap.count;
                    known.first = known.first.clone().min(gap.first);
                    known.last = known.last.clone().max(gap.last);
                }
                None if room => drop(self.gaps.insert(what, gap)),
                None => {}
            }
        }
        let room = KEPT_MAX.saturating_sub(self.said.len());
        self.said.extend(other.said.into_iter().take(room));
    }
}

/// A gap without its first number: `snapshots: 12 s late` is like `snapshots: 7 s late`.
fn alike(text: &str) -> String {
    let is_seconds = |word: &str| word.bytes().all(|b| b.is_ascii_digit()) && word.len() < 6;
    let words = text.split(' ').map(|word| if is_seconds(word) { "n" } else { word });
    words.collect::<Vec<_>>().join(" ")
}
