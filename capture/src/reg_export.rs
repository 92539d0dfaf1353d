//! Provides the reader of registry text: `reg export` (.reg, REGEDIT4 as well) and `reg query`.
//!
//! Beside the values as they stand it knows where the settings that matter here live ([`Setting`]).

mod data;

use std::borrow::Cow;

pub use self::data::Data;
use crate::{Skipped, SkippedRows};

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// The key's whole path.
    pub key: &'a str,
    /// The value's name; empty for the key's default value.
    pub name: Cow<'a, str>,
    /// What it holds.
    pub data: Data,
    /// Its first line, from 1.
    pub line: usize,
}

/// A whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegExport<'a> {
    /// Keys in order, also those without values: a key that is there and lacks a value shows that
    /// the default is in force.
    pub keys: Vec<&'a str>,
    /// Values in order.
    pub values: Vec<Value<'a>>,
    /// Lines that could not be read.
    pub skipped: SkippedRows,
}

/// A setting that matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// TIME_WAIT, seconds.
    TcpTimedWaitDelay,
    /// The highest ephemeral port before Vista.
    MaxUserPort,
    /// Connections that TCP holds at most.
    TcpNumConnections,
    /// TCP control blocks kept before Vista.
    MaxFreeTcbs,
    /// 1: HTTP.sys refuses below 8 MB instead of 20 MB (KB820129).
    EnableAggressiveMemoryUsage,
    /// Connections that HTTP.sys takes at most.
    MaxConnections,
    /// 0: HTTP.sys writes no error log.
    EnableErrorLogging,
    /// Bytes of non-paged pool; 0 leaves it to Windows.
    NonPagedPoolSize,
    /// Limit of non-paged pool since Vista SP1.
    NonPagedPoolLimit,
    /// Bytes of paged pool; 0 leaves it to Windows.
    PagedPoolSize,
    /// System page table entries; 0 leaves it to Windows.
    SystemPages,
    /// What is added to local standard time for UTC, minutes; negative ones as 32 bits.
    TimeZoneBias,
}

const TCPIP: &str = r"\Services\Tcpip\Parameters";
const HTTP: &str = r"\Services\HTTP\Parameters";
const ZONE: &str = r"\Control\TimeZoneInformation";
const MEMORY: &str = r"\Control\Session Manager\Memory Management";

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 12] = [
        Self::TcpTimedWaitDelay,
        Self::MaxUserPort,
        Self::TcpNumConnections,
        Self::MaxFreeTcbs,
        Self::EnableAggressiveMemoryUsage,
        Self::MaxConnections,
        Self::EnableErrorLogging,
        Self::NonPagedPoolSize,
        Self::NonPagedPoolLimit,
        Self::PagedPoolSize,
        Self::SystemPages,
        Self::TimeZoneBias,
    ];

    /// Where it lives beneath its control set, and its name there.
    fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::TcpTimedWaitDelay => (TCPIP, "TcpTimedWaitDelay"),
            Self::MaxUserPort => (TCPIP, "MaxUserPort"),
            Self::TcpNumConnections => (TCPIP, "TcpNumConnections"),
            Self::MaxFreeTcbs => (TCPIP, "MaxFreeTcbs"),
            Self::EnableAggressiveMemoryUsage => (HTTP, "EnableAggressiveMemoryUsage"),
            Self::MaxConnections => (HTTP, "MaxConnections"),
            Self::EnableErrorLogging => (HTTP, "EnableErrorLogging"),
            Self::NonPagedPoolSize => (MEMORY, "NonPagedPoolSize"),
            Self::NonPagedPoolLimit => (MEMORY, "NonPagedPoolLimit"),
            Self::PagedPoolSize => (MEMORY, "PagedPoolSize"),
            Self::SystemPages => (MEMORY, "SystemPages"),
            Self::TimeZoneBias => (ZONE, "Bias"),
        }
    }
}

/// What a file says of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is set to this.
    Set(u64),
    /// Its key is there without it: the default is in force.
    Default,
    /// Its key is not in the file, or the value is no number.
    Unknown,
}

impl RegExport<'_> {
    /// What is said of a setting; the running control set before others, the last word wins.
    pub fn setting(&self, setting: Setting) -> Told {
        let (place, name) = setting.place();
        let within = |key: &str| {
            let at = key.len().checked_sub(place.len());
            at.and_then(|at| key.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(place))
        };
        let Some(key) = self
            .keys
            .iter()
            .filter(|key| within(key))
            .max_by_key(|key| key.to_ascii_lowercase().contains(r"\currentcontrolset\"))
        else {
            return Told::Unknown;
        };
        let named = |v: &&Value<'_>| v.key == *key && v.name.eq_ignore_ascii_case(name);
        match self.values.iter().rfind(named).map(|value| value.data.number()) {
            None => Told::Default,
            Some(Some(number)) => Told::Set(number),
            Some(None) => Told::Unknown,
        }
    }
}

/// Reads a file.
pub fn parse(text: &str) -> RegExport<'_> {
    let mut read = RegExport::default();
    let mut key = None;
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let trimmed = line.trim_start_matches('\u{feff}').trim();
        if let Some(named) = key_of(trimmed) {
            key = named;
            read.keys.extend(named);
            continue;
        }
        let value = if trimmed.starts_with(['"', '@']) {
            let text = continued(trimmed, &mut lines);
            exported(trimmed, &text)
        } else if let Some(parts) = queried_parts(line) {
            Some(queried(parts))
        } else {
            continue;
        };
        let reason = match (value, key) {
            (Some(Ok((name, data))), Some(key)) => {
                read.values.push(Value { key, name, data, line: at + 1 });
                continue;
            }
            (Some(Err(reason)), _) => reason,
            (Some(Ok(_)), None) => "stands under no key".to_owned(),
            (None, _) => "has no = behind its name".to_owned(),
        };
        read.skipped.push(Skipped::new(at + 1, reason));
    }
    read
}

/// The key that a line names: `[HKEY_…]` or, from `reg query`, the path alone. Of a key that the
/// file deletes (`[-HKEY_…]`) nothing follows.
fn key_of(line: &str) -> Option<Option<&str>> {
    if let Some(inside) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
        return Some(Some(inside).filter(|key| key.starts_with("HKEY_")));
    }
    (line.starts_with("HKEY_") && line.contains('\\')).then_some(Some(line))
}

/// A line with those that a backslash at its end goes on with.
fn continued<'a>(
    first: &'a str,
    lines: &mut impl Iterator<Item = (usize, &'a str)>,
) -> Cow<'a, str> {
    let goes_on = |line: &str| line.ends_with('\\') && !line.ends_with('"');
    if !goes_on(first) {
        return Cow::Borrowed(first);
    }
    let mut whole = first.trim_end_matches('\\').to_owned();
    for (_, line) in lines {
        let line = line.trim();
        whole.push_str(line.trim_end_matches('\\'));
        if !goes_on(line) {
            break;
        }
    }
    Cow::Owned(whole)
}

type Named<'a> = Result<(Cow<'a, str>, Data), String>;

/// `"Name"=dword:0000001e`; `first` is the line that the name stands on.
fn exported<'a>(first: &'a str, whole: &str) -> Option<Named<'a>> {
    let (name, length) = match first.strip_prefix('@') {
        Some(_) => (Cow::Borrowed(""), 1),
        None => data::quoted(&first[1..]).map(|(name, length)| (name, 1 + length))?,
    };
    let value = whole.get(length..)?.trim_start().strip_prefix('=')?.trim();
    Some(Data::exported(value).map(|data| (name, data)))
}

/// `    Name    REG_DWORD    0x1e`: indented, four spaces (or a tab, to Server 2003) between.
fn queried_parts(line: &str) -> Option<[&str; 3]> {
    if !line.starts_with("    ") && !line.starts_with('\t') {
        return None;
    }
    let at = line.find("    REG_").or_else(|| line.find("\tREG_"))?;
    let behind = line[at..].trim_start();
    let (kind, data) = behind.split_once([' ', '\t']).unwrap_or((behind, ""));
    Some([line[..at].trim(), kind, data.trim()])
}

fn queried([name, kind, data]: [&str; 3]) -> Named<'_> {
    Data::queried(kind, data).map(|data| (Cow::Borrowed(name), data))
}

#[cfg(test)]
mod tests;
