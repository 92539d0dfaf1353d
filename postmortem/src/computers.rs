//! Provides the names by which captures call the host that they come from: more than one, and captures
//! of several hosts were given as those of one.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// Files that are told of each host.
const FILES_TOLD: usize = 3;
/// Hosts that are kept; a log of a whole data centre is told as well by so many.
const HOSTS_MAX: usize = 100;
/// A NetBIOS name, by which performance logs call a host, has at most so many characters.
const NETBIOS_CHARS: usize = 15;

/// Hosts by their short name, in upper case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Computers(BTreeMap<String, Computer>);

/// A host as captures call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Computer {
    /// Its name as the first of them prints it.
    pub name: String,
    /// The first files that call it so.
    pub files: Vec<String>,
    /// Further files.
    pub more: u64,
}

impl Computers {
    /// Takes in that a file calls its host so. An address is no name: a host may have several.
    pub(crate) fn call(&mut self, name: &str, file: &str) {
        let name = name.trim().trim_start_matches('\\');
        let short = name.split('.').next().unwrap_or_default();
        if short.is_empty()
            || name.parse::<IpAddr>().is_ok()
            || name.eq_ignore_ascii_case("localhost")
        {
            return;
        }
        let key: String = short.to_uppercase().chars().take(NETBIOS_CHARS).collect();
        let new = || Computer { name: name.to_owned(), files: Vec::new(), more: 0 };
        if self.0.len() < HOSTS_MAX || self.0.contains_key(&key) {
            self.0.entry(key).or_insert_with(new).take(file);
        }
    }

    /// Takes in those of another capture.
    pub(crate) fn join(&mut self, other: Self) {
        for (key, theirs) in other.0 {
            if self.0.len() >= HOSTS_MAX && !self.0.contains_key(&key) {
                continue;
            }
            let new = Computer { name: theirs.name, files: Vec::new(), more: 0 };
            let mine = self.0.entry(key).or_insert(new);
            theirs.files.iter().for_each(|file| mine.take(file));
            mine.more += theirs.more;
        }
    }

    /// The hosts, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Computer> {
        self.0.values()
    }
}

impl Computer {
    fn take(&mut self, file: &str) {
        if self.files.iter().any(|known| known == file) {
            return;
        }
        if self.files.len() < FILES_TOLD {
            self.files.push(file.to_owned());
        } else {
            self.more += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_has_many_names() {
        for (a, b, hosts, why) in [
            ("WEB1", "web1", 1, "case does not matter"),
            ("web1.contoso.example", "WEB1", 1, "with and without its domain"),
            ("\\\\WEB1", "WEB1", 1, "as in a path"),
            ("frontend-server-07", "FRONTEND-SERVER", 1, "NetBIOS has fifteen characters"),
            ("WEB1", "10.0.0.1", 1, "an address is no name"),
            ("WEB1", "fe80::1", 1, "nor is this"),
            ("WEB1", "localhost", 1, "nor is what every host calls itself"),
            ("WEB1", "WEB2", 2, "another host"),
        ] {
            let mut computers = Computers::default();
            computers.call(a, "a.txt");
            let mut others = Computers::default();
            others.call(b, "b.txt");
            computers.join(others);
            assert_eq!(computers.iter().count(), hosts, "{why}");
        }
    }

    #[test]
    fn files_are_told_up_to_a_bound() {
        let mut computers = Computers::default();
        for n in [0, 0, 1, 2, 3, 4] {
            computers.call("WEB1", &format!("{n}.csv"));
        }
        let computer = computers.iter().next().unwrap();
        assert_eq!((computer.files.len(), computer.more), (3, 2), "{computer:?}");
    }
}
