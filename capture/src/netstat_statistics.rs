//! Provides the reader of `netstat -s`, as Windows prints it (`Active Opens = 7268`, per family) and
//! as Linux does (`26183 active connection openings`).
//!
//! Windows translates the names. Its TCP section alone has eight figures in a row, always in the
//! same order, so it is known in any language.

use crate::{Skipped, SkippedRows};

/// One figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter<'a> {
    /// The heading above it as printed, without a colon.
    pub section: &'a str,
    /// Its name as printed.
    pub name: &'a str,
    /// Its value since boot.
    pub value: u64,
}

/// What the TCP sections say, families summed; `None` where no section has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tcp {
    /// Connections begun by this host.
    pub active_opens: Option<u64>,
    /// Connections accepted by this host.
    pub passive_opens: Option<u64>,
    /// Attempts that failed, of either side.
    pub failed_attempts: Option<u64>,
    /// Established connections that were reset.
    pub resets: Option<u64>,
    /// Connections now established.
    pub established: Option<u64>,
    /// Segments sent again.
    pub retransmitted: Option<u64>,
    /// Times that a full accept queue turned a connection away (Linux).
    pub listen_overflows: Option<u64>,
    /// SYNs dropped at a listener for any reason (Linux).
    pub listen_drops: Option<u64>,
}

/// A whole output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics<'a> {
    /// Figures in order.
    pub counters: Vec<Counter<'a>>,
    /// Lines that could not be read.
    pub skipped: SkippedRows,
    /// The figures of each Windows section: where they begin and how many there are.
    sections: Vec<(usize, usize)>,
}

/// How many figures Windows' TCP section has, and no other.
const WINDOWS_TCP_FIGURES: usize = 8;

impl Statistics<'_> {
    /// What the TCP sections say.
    pub fn tcp(&self) -> Tcp {
        let mut tcp = Tcp::default();
        for (start, length) in &self.sections {
            if let (&WINDOWS_TCP_FIGURES, Some(figures)) =
                (length, self.counters.get(*start..start + length))
            {
                for (place, figure) in figures.iter().enumerate() {
                    tcp.add(windows_place(place), figure.value);
                }
            }
        }
        for counter in &self.counters {
            tcp.add(linux_name(counter.name), counter.value);
        }
        tcp
    }
}

/// Where a figure goes.
type Place = fn(&mut Tcp) -> &mut Option<u64>;

impl Tcp {
    fn add(&mut self, place: Option<Place>, value: u64) {
        if let Some(place) = place {
            let sum = place(self).get_or_insert(0);
            *sum = sum.saturating_add(value);
        }
    }
}

/// Active opens, passive opens, failed attempts, resets, established, segments received, sent,
/// retransmitted.
fn windows_place(place: usize) -> Option<Place> {
    Some(match place {
        0 => |tcp| &mut tcp.active_opens,
        1 => |tcp| &mut tcp.passive_opens,
        2 => |tcp| &mut tcp.failed_attempts,
        3 => |tcp| &mut tcp.resets,
        4 => |tcp| &mut tcp.established,
        7 => |tcp| &mut tcp.retransmitted,
        _ => return None,
    })
}

/// The spellings of net-tools; older ones differ by a letter or a word.
fn linux_name(name: &str) -> Option<Place> {
    Some(match name {
        "active connection openings" | "active connections openings" => |tcp| &mut tcp.active_opens,
        "passive connection openings" => |tcp| &mut tcp.passive_opens,
        "failed connection attempts" => |tcp| &mut tcp.failed_attempts,
        "connection resets received" => |tcp| &mut tcp.resets,
        "connections established" => |tcp| &mut tcp.established,
        "segments retransmitted" | "segments retransmited" => |tcp| &mut tcp.retransmitted,
        "times the listen queue of a socket overflowed" => |tcp| &mut tcp.listen_overflows,
        "SYNs to LISTEN sockets dropped" | "SYNs to LISTEN sockets ignored" => {
            |tcp| &mut tcp.listen_drops
        }
        _ => return None,
    })
}

/// Reads an output. Lines without a figure head what follows.
pub fn parse(text: &str) -> Statistics<'_> {
    let mut read = Statistics::default();
    let mut section = "";
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        let (name, value, is_windows) = match (line.split_once(" ="), line.split_once(": ")) {
            (Some((name, value)), _) => (name, value, true),
            (_, Some((name, value))) => (name, value, false),
            _ => match line.split_once(' ') {
                Some((value, name)) if value.starts_with(|c: char| c.is_ascii_digit()) => {
                    (name, value, false)
                }
                _ => {
                    if !line.is_empty() {
                        section = line.trim_end_matches(':');
                        read.sections.push((read.counters.len(), 0));
                    }
                    continue;
                }
            },
        };
        let (name, value) = (name.trim(), value.trim());
        match value.parse() {
            Ok(value) => {
                read.counters.push(Counter { section, name, value });
                if let (true, Some((_, length))) = (is_windows, read.sections.last_mut()) {
                    *length += 1;
                }
            }
            Err(_) => {
                let reason = format!("has \"{value}\" for {name}");
                read.skipped.push(Skipped::new(at + 1, reason));
            }
        }
    }
    read
}

#[cfg(test)]
mod tests;
