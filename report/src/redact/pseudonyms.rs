//! Provides the pseudonyms given so far.

use std::collections::HashMap;

/// Pseudonyms by what they stand for.
#[derive(Debug, Default)]
pub(super) struct Pseudonyms {
    given: HashMap<(&'static str, String), String>,
    next: HashMap<&'static str, u32>,
}

impl Pseudonyms {
    /// The pseudonym of `original` among those of `prefix`: `host-1`, `host-2` … as they appear.
    pub(super) fn of(&mut self, prefix: &'static str, original: &str) -> String {
        let key = (prefix, original.to_owned());
        if let Some(known) = self.given.get(&key) {
            return known.clone();
        }
        let number = self.next.entry(prefix).or_default();
        *number += 1;
        let pseudonym = format!("{prefix}-{number}");
        self.given.insert(key, pseudonym.clone());
        pseudonym
    }
}
