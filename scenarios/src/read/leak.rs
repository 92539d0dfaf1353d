//! Provides `[[target.leak]]`.

use super::section::{Reader, Section};
use crate::scenario::{Leak, LeakRate, Leaked};
use crate::tree::Node;
use crate::value::{above_zero, bytes, bytes_each, count, one_of, text};

/// What can leak, as the key `of` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Nonpaged,
    Paged,
    Commit,
    Ptes,
    Handles,
}

const KINDS: [(Kind, &str); 5] = [
    (Kind::Nonpaged, "nonpaged"),
    (Kind::Paged, "paged"),
    (Kind::Commit, "commit"),
    (Kind::Ptes, "ptes"),
    (Kind::Handles, "handles"),
];

const BYTES: [&str; 4] = ["bytes_per_connection", "bytes_per_packet", "bytes_per_second", "static"];
const PTES: [&str; 4] = ["ptes_per_connection", "ptes_per_packet", "ptes_per_second", "static"];
const HANDLES: [&str; 4] =
    ["handles_per_connection", "handles_per_packet", "handles_per_second", "static"];

/// Who leaks where nothing is said: the worker process of IIS.
const PROCESS: &str = "w3wp.exe";

impl Kind {
    /// The keys of its rate: by connection, by packet, by second, and none.
    fn rates(self) -> [&'static str; 4] {
        match self {
            Self::Nonpaged | Self::Paged | Self::Commit => BYTES,
            Self::Ptes => PTES,
            Self::Handles => HANDLES,
        }
    }

    fn is_counted(self) -> bool {
        matches!(self, Self::Ptes | Self::Handles)
    }

    /// The key that says whose doing it is.
    fn owner(self) -> Option<&'static str> {
        match self {
            Self::Nonpaged | Self::Paged => Some("tag"),
            Self::Commit | Self::Handles => Some("process"),
            Self::Ptes => None,
        }
    }
}

pub(super) fn leaks(r: &mut Reader, target: &Section) -> Vec<Leak> {
    let known = ["of", "tag", "process", "up_to"].into_iter().chain(BYTES);
    let known: Vec<&str> = known.chain(PTES[..3].iter().chain(&HANDLES[..3]).copied()).collect();
    let sections = r.sections(target, "leak", &known);
    sections.iter().filter_map(|s| leak(r, s)).collect()
}

fn leak(r: &mut Reader, s: &Section) -> Option<Leak> {
    s.table?;
    // An unknown kind leaves nothing to hold the other keys against.
    let kind = match r.optional(s, "of", |n| one_of(n, "what can leak", &KINDS)) {
        None if s.get("of").is_some() => return None,
        kind => kind.unwrap_or(Kind::Nonpaged),
    };
    let of = leaked(r, s, kind);
    let amount = |n: &Node| if kind.is_counted() { whole(n) } else { bytes(n) };
    let up_to = r.optional(s, "up_to", |n| above_zero(amount(n)?));
    let rate = rate(r, s, kind);
    Some(Leak { of: of?, rate: rate?, up_to })
}

fn leaked(r: &mut Reader, s: &Section, kind: Kind) -> Option<Leaked> {
    for key in ["tag", "process"].into_iter().filter(|key| Some(*key) != kind.owner()) {
        if s.get(key).is_some() {
            let of = KINDS.iter().find(|(k, _)| *k == kind).map_or("", |(_, word)| word);
            r.wrong(s, key, &format!("a leak of {of} has no {key}"));
        }
    }
    let process = |r: &mut Reader| match s.get("process") {
        Some(_) => r.optional(s, "process", process),
        None => Some(PROCESS.to_owned()),
    };
    Some(match kind {
        Kind::Nonpaged => Leaked::Nonpaged { tag: r.required(s, "tag", tag)? },
        Kind::Paged => Leaked::Paged { tag: r.required(s, "tag", tag)? },
        Kind::Commit => Leaked::Commit { process: process(r)? },
        Kind::Handles => Leaked::Handles { process: process(r)? },
        Kind::Ptes => Leaked::Ptes,
    })
}

fn rate(r: &mut Reader, s: &Section, kind: Kind) -> Option<LeakRate> {
    let keys = kind.rates();
    let all = BYTES.iter().chain(&PTES[..3]).chain(&HANDLES[..3]);
    let given: Vec<&str> = all.copied().filter(|key| s.get(key).is_some()).collect();
    let each = |n: &Node| if kind.is_counted() { above_zero(count(n)?) } else { bytes_each(n) };
    let amount = |n: &Node| if kind.is_counted() { whole(n) } else { bytes(n) };
    match given[..] {
        [key] if key == keys[0] => r.optional(s, key, each).map(LeakRate::PerConnection),
        [key] if key == keys[1] => r.optional(s, key, each).map(LeakRate::PerPacket),
        [key] if key == keys[2] => r.optional(s, key, each).map(LeakRate::PerSecond),
        [key] if key == keys[3] => {
            r.optional(s, key, |n| above_zero(amount(n)?)).map(LeakRate::Static)
        }
        _ => {
            let choice = keys.join(", ");
            let sentence = match given.len() {
                0 => format!("a leak needs one of {choice}"),
                _ => format!("a leak has one of {choice}; this one has {}", given.join(" and ")),
            };
            r.problem(&s.place, sentence);
            None
        }
    }
}

fn whole(node: &Node) -> Result<u64, String> {
    let number = count(node)?;
    if number.fract() != 0.0 || !(0.0..=1e15).contains(&number) {
        return Err(format!("a whole number is wanted, not {number}"));
    }
    Ok(number as u64)
}

fn tag(node: &Node) -> Result<String, String> {
    let tag = text(node)?;
    let printable = |b: u8| b.is_ascii_graphic() || b == b' ';
    if (1..=4).contains(&tag.len()) && tag.bytes().all(printable) && !tag.starts_with(' ') {
        Ok(tag)
    } else {
        Err(format!("\"{tag}\" is not a pool tag: 1 to 4 ASCII characters, the first no blank"))
    }
}

fn process(node: &Node) -> Result<String, String> {
    let name = text(node)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let stem = name.strip_suffix(".exe").unwrap_or_default();
    if !stem.is_empty() && name.len() <= 64 && name.chars().all(plain) {
        Ok(name)
    } else {
        Err(format!("\"{name}\" is not the name of a process, such as \"w3wp.exe\""))
    }
}
