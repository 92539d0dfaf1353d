//! Provides the pass over one text: URLs, shares, homes, known names and addresses become pseudonyms,
//! everything else stays.

use super::address;
use super::known::{FILE, HOST, Known, USER};
use super::pseudonyms::Pseudonyms;
use super::url::{Authority, authority, home_of, unc_host};

/// What begins the authority of a URL.
const BEHIND_SCHEME: &str = "://";
/// Paths of URLs that are of our own making.
const OUR_PATHS: [&str; 5] = ["", "/", "/metrics", "/netstat", "/poolmon"];

/// Learns the names that a text's form shows, before any text is rewritten.
pub(super) fn learn(text: &str, known: &mut Known) {
    let text = visible(text);
    for (at, _) in text.match_indices(BEHIND_SCHEME) {
        let Authority { host, .. } = authority(&text[at + BEHIND_SCHEME.len()..]);
        if !host.starts_with('[') && address::at(host, None).is_none() {
            known.add(HOST, host);
        }
    }
    for (at, stroke) in text.match_indices(['/', '\\']) {
        if let Some(user) = home_of(&text[at + stroke.len()..]) {
            known.add(USER, user);
            // In prose the path may end with the first word.
            known.add(USER, user.split_whitespace().next().unwrap_or_default());
        }
        if let Some(host) = unc_host(&text[at..], text[..at].chars().next_back()) {
            known.add(HOST, host);
        }
    }
}

/// A text without characters that are not seen: they would part a name for us and not for a reader.
fn visible(text: &str) -> String {
    let is_hidden = |c: &char| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    text.chars().filter(|c| !is_hidden(c)).collect()
}

/// What a file's name ends in, where that says no more than its format.
fn ending(file: &str) -> &str {
    let ending = file.rfind('.').map_or("", |at| &file[at..]);
    let is_format = ending.len() <= 7 && ending.chars().skip(1).all(|c| c.is_ascii_alphanumeric());
    if is_format { ending } else { "" }
}

/// Rewrites texts.
pub(super) struct Scan {
    known: Known,
    pseudonyms: Pseudonyms,
}

impl Scan {
    pub(super) fn new(known: Known) -> Self {
        Self { known, pseudonyms: Pseudonyms::default() }
    }

    /// The text with pseudonyms.
    pub(super) fn text(&mut self, text: &str) -> String {
        let text = visible(text);
        let lower = text.to_ascii_lowercase();
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(next) = text[at..].chars().next() {
            match self.replaced(&text, &lower, at) {
                Some((with, len)) => {
                    out.push_str(&with);
                    at += len;
                }
                None => {
                    out.push(next);
                    at += next.len_utf8();
                }
            }
        }
        out
    }

    /// What stands at `at`, replaced, and the bytes it takes.
    fn replaced(&mut self, text: &str, lower: &str, at: usize) -> Option<(String, usize)> {
        let rest = &text[at..];
        if rest.starts_with(BEHIND_SCHEME) {
            return Some(self.url(rest));
        }
        if let Some(found) = self.known.at(text, lower, at) {
            let told = self.pseudonyms.of(found.kind, &found.key);
            let ending = if found.kind == FILE { ending(&found.key) } else { "" };
            return Some((told + ending, found.len));
        }
        self.address(rest, text[..at].chars().next_back())
    }

    fn url(&mut self, rest: &str) -> (String, usize) {
        let url = authority(&rest[BEHIND_SCHEME.len()..]);
        let Authority { user, host, port, path } = url;
        let user_told = if user.is_empty() { "" } else { "user@" };
        let path_told = match path {
            path if OUR_PATHS.contains(&path) => path.to_owned(),
            path => format!("/{}", self.pseudonyms.of("path", path)),
        };
        let told = format!("{BEHIND_SCHEME}{user_told}{}{port}{path_told}", self.text(host));
        (told, BEHIND_SCHEME.len() + user.len() + host.len() + port.len() + path.len())
    }

    fn address(&mut self, rest: &str, before: Option<char>) -> Option<(String, usize)> {
        let found = address::at(rest, before)?;
        let Some(class) = address::class(found.address) else {
            return Some((rest[..found.len].to_owned(), found.len));
        };
        let told = self.pseudonyms.of(class, &found.address.to_string());
        let zone = rest[found.len..].strip_prefix('%').unwrap_or_default();
        let is_of_zone = |c: char| c.is_alphanumeric() || "_-".contains(c);
        let zone = zone.find(|c| !is_of_zone(c)).map_or(zone, |end| &zone[..end]);
        match (zone.is_empty(), zone.bytes().all(|b| b.is_ascii_digit())) {
            (true, _) => Some((told, found.len)),
            // A number is an interface's; a name may be somebody's.
            (_, true) => Some((format!("{told}%{zone}"), found.len + 1 + zone.len())),
            (_, false) => {
                let zone_told = self.pseudonyms.of("zone", zone);
                Some((format!("{told}%{zone_told}"), found.len + 1 + zone.len()))
            }
        }
    }
}
