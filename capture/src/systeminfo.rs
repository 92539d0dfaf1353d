//! Provides the reader of `systeminfo` (list and CSV): which Windows, how much memory, since when it runs.
//!
//! Labels are in the system's language and the lines always in the same order, so where the English
//! label is missing, the line's place decides.

use jiff::civil::DateTime;

use crate::stamp::{self, Order};
use crate::table::{Record, records};
use crate::{Skipped, SkippedRows};

/// What is wanted of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemInfo {
    /// Name of the host.
    pub host: Option<String>,
    /// Name of the system, such as `Microsoft Windows Server 2019 Standard`.
    pub os_name: Option<String>,
    /// Version as printed: `5.2.3790 Service Pack 2 Build 3790`.
    pub os_version: Option<String>,
    /// The third number of the version.
    pub build: Option<u32>,
    /// Processor family of the system as printed: `X86-based PC`, `x64-based PC`.
    pub system_type: Option<String>,
    /// When it was started, as printed; `None` before Vista.
    pub boot_text: Option<String>,
    /// The same, local time; `None` where day and month cannot be told apart.
    pub boot_local: Option<DateTime>,
    /// How long it has run (Server 2003 prints this instead of the boot's time), seconds.
    pub uptime_s: Option<u64>,
    /// Time zone as printed.
    pub zone: Option<String>,
    /// Standard time less UTC in minutes; summer time is not told.
    pub standard_offset_min: Option<i32>,
    /// Physical memory in whole MiB, bytes.
    pub physical_bytes: Option<u64>,
    /// Lines that are known and could not be read.
    pub skipped: SkippedRows,
}

/// What a line is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    Host,
    Name,
    Version,
    Type,
    Installed,
    Boot,
    Uptime,
    Locale,
    Zone,
    Physical,
}

/// English labels, and the place among the lines that are not indented (Server 2003 to 2025).
const ITEMS: &[(Item, &str, Option<usize>)] = &[
    (Item::Host, "Host Name", Some(0)),
    (Item::Name, "OS Name", Some(1)),
    (Item::Version, "OS Version", Some(2)),
    (Item::Installed, "Original Install Date", Some(9)),
    (Item::Boot, "System Boot Time", Some(10)),
    (Item::Uptime, "System Up Time", None),
    (Item::Type, "System Type", Some(13)),
    (Item::Locale, "System Locale", Some(19)),
    (Item::Zone, "Time Zone", Some(21)),
    (Item::Physical, "Total Physical Memory", Some(22)),
];

/// Where a list leaves out lines, the place is no help; memory is the first value in mebibytes.
const MEBIBYTES: [&str; 3] = ["MB", "Mo", "МБ"];

/// Reads a list.
pub fn parse(text: &str) -> SystemInfo {
    let mut read = SystemInfo::default();
    let exported = exported(text);
    let lines: Vec<(usize, &str, &str)> = match &exported {
        Some((headings, values)) => paired(headings, values).collect(),
        None => labelled(text).collect(),
    };
    let english = lines.iter().any(|(_, label, _)| *label == "OS Name");
    let mut dates = Dates::default();
    for (place, (line, label, value)) in lines.iter().enumerate() {
        let item = ITEMS.iter().find(
            |(_, name, at)| {
                if english { name == label } else { *at == Some(place) }
            },
        );
        match item.map(|(item, _, _)| *item) {
            Some(Item::Installed) => dates.installed = Some(value),
            Some(Item::Locale) => dates.locale = Some(value),
            Some(item) => {
                if let Err(reason) = read.take(item, value) {
                    read.skipped.push(Skipped::new(*line, reason));
                }
            }
            None => {}
        }
    }
    if read.physical_bytes.is_none() {
        read.physical_bytes = lines.iter().find_map(|(_, _, value)| mebibytes(value));
    }
    read.boot_local = read.boot_text.as_deref().and_then(|boot| dates.read(boot));
    read
}

/// Headings and values of `systeminfo /fo csv`: the labels of the list, in the same order.
fn exported(text: &str) -> Option<(Record<'_>, Record<'_>)> {
    let mut rows = records(text, b',').filter(|row| row.fields.len() >= ITEMS.len());
    rows.next().zip(rows.next())
}

fn paired<'a>(
    headings: &'a Record<'_>,
    values: &'a Record<'_>,
) -> impl Iterator<Item = (usize, &'a str, &'a str)> {
    let pairs = headings.fields.iter().zip(&values.fields);
    pairs.map(|(heading, value)| (values.line, heading.trim(), value.trim()))
}

/// Lines with a label: line number, label, value. Indented ones continue the one before.
fn labelled(text: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with([' ', '\t']));
    lines.filter_map(|(at, line)| {
        let line = line.trim_start_matches('\u{feff}');
        let (label, value) = line.split_once(':')?;
        // A path in a prompt is no label.
        (!line.contains('>') || value.starts_with(' '))
            .then(|| (at + 1, label.trim(), value.trim()))
    })
}

impl SystemInfo {
    fn take(&mut self, item: Item, value: &str) -> Result<(), String> {
        let text = (!value.is_empty()).then(|| value.to_owned());
        match item {
            Item::Host => self.host = text,
            Item::Name => self.os_name = text,
            Item::Version => {
                self.build = value.split(['.', ' ']).nth(2).and_then(|build| build.parse().ok());
                self.os_version = text;
            }
            Item::Type => self.system_type = text,
            Item::Boot => match uptime_s(value) {
                Some(uptime_s) => self.uptime_s = Some(uptime_s),
                None => self.boot_text = text,
            },
            Item::Uptime => {
                let uptime_s = uptime_s(value);
                self.uptime_s =
                    Some(uptime_s.ok_or_else(|| format!("has \"{value:.60}\" for the up time"))?);
            }
            Item::Zone => {
                self.standard_offset_min = offset_min(value);
                self.zone = text;
            }
            Item::Physical => {
                let bytes = mebibytes(value);
                self.physical_bytes =
                    Some(bytes.ok_or_else(|| format!("has \"{value:.60}\" for memory in MB"))?);
            }
            Item::Installed | Item::Locale => {}
        }
        Ok(())
    }
}

/// `6 Days, 2 Hours, 41 Minutes, 12 Seconds` in any language: four numbers.
fn uptime_s(value: &str) -> Option<u64> {
    if value.contains([':', '/', '.', '-']) {
        return None;
    }
    let mut numbers = value
        .split(|c: char| !c.is_ascii_digit())
        .filter(|word| !word.is_empty())
        .map(|word| word.parse::<u64>().ok());
    let [days, hours, minutes, seconds] =
        [numbers.next()??, numbers.next()??, numbers.next()??, numbers.next()??];
    let clock = (hours < 24 && minutes < 60 && seconds < 60 && numbers.next().is_none())
        .then(|| 3600 * hours + 60 * minutes + seconds)?;
    days.checked_mul(86_400)?.checked_add(clock)
}

/// `16,384 MB` with whatever separates thousands, in bytes.
fn mebibytes(value: &str) -> Option<u64> {
    let unit = value.split_whitespace().next_back()?;
    if !MEBIBYTES.contains(&unit) || value.contains(':') {
        return None;
    }
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    digits.parse::<u64>().ok()?.checked_mul(1 << 20)
}

/// `(UTC+01:00) Amsterdam …`, `(GMT-05:00) …`, `(UTC) …`.
fn offset_min(zone: &str) -> Option<i32> {
    let (inside, _) = zone.strip_prefix('(')?.split_once(')')?;
    let offset = inside.strip_prefix("UTC").or_else(|| inside.strip_prefix("GMT"))?.trim();
    if offset.is_empty() {
        return Some(0);
    }
    let (sign, clock) = match offset.strip_prefix('-') {
        Some(clock) => (-1, clock),
        None => (1, offset.strip_prefix('+')?),
    };
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes) = (hours.parse::<u8>().ok()?, minutes.parse::<u8>().ok()?);
    Some(sign * (60 * i32::from(hours) + i32::from(minutes)))
}

/// What helps to tell day and month apart.
#[derive(Default)]
struct Dates<'a> {
    installed: Option<&'a str>,
    locale: Option<&'a str>,
}

impl Dates<'_> {
    fn read(&self, boot: &str) -> Option<DateTime> {
        let american = self.locale.is_some_and(|l| l.to_lowercase().starts_with("en-us"));
        // With another locale and a clock of 24 hours, days come first; 12 hours tell nothing.
        let european = self.locale.is_some_and(|l| !l.to_lowercase().starts_with("en"));
        let order = stamp::order([Some(boot), self.installed].into_iter().flatten())
            .or(american.then_some(Order::MonthFirst))
            .or(european.then_some(Order::DayFirst));
        match order {
            Some(order) => stamp::read(boot, order),
            None if stamp::is_ambiguous(boot) => None,
            None => stamp::read(boot, Order::DayFirst),
        }
    }
}

#[cfg(test)]
mod tests;
