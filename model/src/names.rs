//! Defines the names in captures that a report for others must not show.

use std::collections::BTreeSet;

/// Names as they were read, by what they name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Hosts.
    pub hosts: BTreeSet<String>,
    /// Accounts, with or without their domain.
    pub users: BTreeSet<String>,
    /// What an administrator named: sites, application pools, databases.
    pub labels: BTreeSet<String>,
    /// Files and folders.
    pub files: BTreeSet<String>,
}

/// Names of one kind that are kept; a list of peers by name may be as long as a file.
const EACH_MAX: usize = 20_000;

impl Names {
    /// Takes in further names.
    pub fn join(&mut self, other: Self) {
        let mine = [&mut self.hosts, &mut self.users, &mut self.labels, &mut self.files];
        let theirs = [other.hosts, other.users, other.labels, other.files];
        for (mine, theirs) in mine.into_iter().zip(theirs) {
            let room = EACH_MAX.saturating_sub(mine.len());
            mine.extend(theirs.into_iter().take(room));
        }
    }
}
