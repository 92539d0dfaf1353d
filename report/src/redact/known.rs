//! Provides the names that are known, found again in a text however they are written.

use std::collections::{BTreeSet, HashMap};

use model::names::Names;

use super::vocabulary::{is_everybodys, is_our_word, is_plain_file};

/// What pseudonyms of names begin with.
pub(super) const HOST: &str = "host";
pub(super) const USER: &str = "user";
const LABEL: &str = "name";
pub(super) const FILE: &str = "file";

/// Shorter names are found as whole words only: `db` is not a part of `feedback`.
const AS_A_PART: usize = 5;

/// Names, each with what it names.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By their form in small letters.
    names: HashMap<String, Name>,
    /// Lengths of names in bytes.
    lengths: BTreeSet<usize>,
}

#[derive(Clone, Debug)]
struct Name {
    kind: &'static str,
    /// What it is the same as: a host's first label is the host.
    key: String,
    /// As it is written; matters for a word of our own only.
    written: String,
}

/// A name in a text.
pub(super) struct Found {
    /// `host`, `user` …
    pub(super) kind: &'static str,
    /// What it is the same as, however it is written.
    pub(super) key: String,
    /// Bytes it takes.
    pub(super) len: usize,
}

impl Known {
    pub(super) fn new(names: &Names) -> Self {
        let mut known = Self::default();
        let all = [
            (FILE, &names.files),
            (HOST, &names.hosts),
            (USER, &names.users),
            (LABEL, &names.labels),
        ];
        for (kind, names) in all {
            names.iter().for_each(|name| known.add(kind, name));
        }
        known
    }

    /// Takes in a name. One that is a name of several things counts as the first of them.
    pub(super) fn add(&mut self, kind: &'static str, name: &str) {
        let name = name.trim();
        if is_everybodys(name) || (kind == FILE && is_plain_file(name)) {
            return;
        }
        let key = self.insert(kind, name, name.to_ascii_lowercase());
        if let (HOST, Some((first, _))) = (kind, name.split_once('.'))
            && !is_everybodys(first)
        {
            self.insert(kind, first, key);
        }
    }

    fn insert(&mut self, kind: &'static str, name: &str, key: String) -> String {
        let lower = name.to_ascii_lowercase();
        self.lengths.insert(lower.len());
        let name = Name { kind, key, written: name.to_owned() };
        self.names.entry(lower).or_insert(name).key.clone()
    }

    /// The longest name that begins at `at`. `lower` is `text` in small ASCII letters.
    pub(super) fn at(&self, text: &str, lower: &str, at: usize) -> Option<Found> {
        let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let inside = is_part(text[..at].chars().next_back());
        for len in self.lengths.iter().rev().filter(|len| at + **len <= text.len()) {
            let end = at + len;
            if !text.is_char_boundary(end) {
                continue;
            }
            let Some(name) = self.names.get(&lower[at..end]) else { continue };
            let whole = !inside && !is_part(text[end..].chars().next());
            let as_part = *len >= AS_A_PART && !is_our_word(&name.written);
            let as_written = !is_our_word(&name.written) || text[at..end] == name.written;
            if (whole || as_part) && as_written {
                let domain = if name.kind == HOST { domain(&text[end..]) } else { 0 };
                let len = len + domain;
                return Some(Found { kind: name.kind, key: name.key.clone(), len });
            }
        }
        None
    }
}

/// Bytes of the domain behind a host's name.
fn domain(rest: &str) -> usize {
    let mut len = 0;
    while let Some(label) = rest[len..].strip_prefix('.') {
        let is_of_label = |c: char| c.is_alphanumeric() || c == '-';
        match label.find(|c| !is_of_label(c)).unwrap_or(label.len()) {
            0 => break,
            label => len += 1 + label,
        }
    }
    len
}
