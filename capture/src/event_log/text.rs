//! Provides the events of `wevtutil qe /f:text` and of Event Viewer's copy (`Label: value`, then the
//! message), and of the lists that `Get-WinEvent` and `Get-EventLog` print.

use super::Raw;
use crate::labelled;

/// The events of a text.
pub(super) fn events(text: &str) -> Vec<Raw<'_>> {
    let is_start = |line: &str| begins_numbered(line) || label_of(line, "Log Name").is_some();
    if text.lines().any(is_start) { labelled_events(text) } else { listed(text) }
}

/// `Event[0]:`; later systems leave out the colon.
fn begins_numbered(line: &str) -> bool {
    line.starts_with("Event[") && line.trim_end_matches([':', ' ', '\r']).ends_with(']')
}

fn label_of<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    line.trim_start().strip_prefix(label)?.trim_start().strip_prefix(':').map(str::trim)
}

/// Where in an event a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Nowhere,
    Labels,
    Message,
}

fn labelled_events(text: &str) -> Vec<Raw<'_>> {
    let mut events: Vec<Raw> = Vec::new();
    let mut part = Part::Nowhere;
    for (at, line) in text.lines().enumerate() {
        let numbered = begins_numbered(line);
        if numbered || label_of(line, "Log Name").is_some() {
            let is_begun = events.last().is_some_and(|e| e.line == at && part == Part::Labels);
            if numbered || !is_begun {
                events.push(Raw { line: at + 1, ..Raw::default() });
            }
            part = Part::Labels;
            continue;
        }
        let Some(event) = events.last_mut() else { continue };
        match part {
            Part::Labels => part = take(event, line),
            Part::Message if line.trim_start().starts_with("Event Xml:") => part = Part::Nowhere,
            Part::Message => push(event, line),
            Part::Nowhere => {}
        }
    }
    events
}

fn take<'a>(event: &mut Raw<'a>, line: &'a str) -> Part {
    if let Some(source) = label_of(line, "Source") {
        event.source = source;
    } else if let Some(stamp) = label_of(line, "Date") {
        event.stamp = stamp.into();
    } else if let Some(id) = label_of(line, "Event ID") {
        event.id = id;
    } else if let Some(level) = label_of(line, "Level") {
        event.level = level;
    } else if let Some(computer) = label_of(line, "Computer") {
        event.computer = computer;
    } else if let Some(message) = label_of(line, "Description") {
        push(event, message);
        return Part::Message;
    }
    Part::Labels
}

/// Adds to a message what is going to be kept of it.
pub(super) fn push(event: &mut Raw, line: &str) {
    if event.message.len() <= super::MESSAGE_BYTES_MAX {
        event.message.push_str(line);
        event.message.push('\n');
    }
}

fn listed(text: &str) -> Vec<Raw<'_>> {
    let mut events = Vec::new();
    for block in labelled::blocks(text) {
        let value = |labels: &[&str]| block.value(labels).unwrap_or("");
        let id = value(&["EventID", "Id"]);
        let id = if id.is_empty() { value(&["InstanceId"]) } else { id };
        let stamp = value(&["TimeCreated", "TimeGenerated"]);
        if !(id.is_empty() && stamp.is_empty()) {
            events.push(Raw {
                line: block.line,
                stamp: stamp.into(),
                source: value(&["ProviderName", "Source"]),
                id,
                level: value(&["LevelDisplayName", "Level", "EntryType"]),
                computer: value(&["MachineName"]),
                message: block.lines("Message").join("\n"),
            });
        }
    }
    events
}
