//! Provides the events of `wevtutil qe /f:xml` and of Event Viewer's XML, by the few elements that
//! matter; they are not nested in themselves.

use super::Raw;

/// The events of a text. Each ends where the next begins: one that is cut off loses no other.
pub(super) fn events(text: &str) -> Vec<Raw<'_>> {
    let mut events = Vec::new();
    let mut starts = text.match_indices("<Event").map(|(at, _)| at).filter(|at| opens(text, *at));
    let (mut line, mut counted) = (1, 0);
    let mut start = starts.next();
    while let Some(from) = start {
        start = starts.next();
        line += text.as_bytes()[counted..from].iter().filter(|byte| **byte == b'\n').count();
        counted = from;
        events.push(event(&text[from..start.unwrap_or(text.len())], line));
    }
    events
}

/// Not `<EventID>`, `<EventData>` or `<Events>`.
fn opens(text: &str, at: usize) -> bool {
    text[at + "<Event".len()..].starts_with([' ', '>', '\r', '\n'])
}

fn event(text: &str, line: usize) -> Raw<'_> {
    let rendered = element(text, "Message").map(|(_, message)| unescaped(message));
    Raw {
        line,
        stamp: element(text, "TimeCreated")
            .map_or("", |(tag, _)| attribute(tag, "SystemTime"))
            .into(),
        source: element(text, "Provider").map_or("", |(tag, _)| attribute(tag, "Name")),
        id: element(text, "EventID").map_or("", |(_, id)| id),
        level: element(text, "Level").map_or("", |(_, level)| level),
        computer: element(text, "Computer").map_or("", |(_, computer)| computer),
        message: rendered.unwrap_or_else(|| data(text)),
    }
}

/// The opening tag of the first element of this name, and what stands in it.
fn element<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let (at, _) = text.match_indices(name).find(|(at, _)| {
        let behind = text[at + name.len()..].chars().next();
        text[..*at].ends_with('<') && matches!(behind, Some(' ' | '>' | '/' | '\r' | '\n'))
    })?;
    let (tag, rest) = text[at..].split_once('>')?;
    let inner = if tag.ends_with('/') { "" } else { rest.split_once("</").map_or("", |(i, _)| i) };
    Some((tag, inner))
}

/// An attribute's value, in either kind of quotes.
fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    let values = ['\'', '"'].into_iter().filter_map(|quote| {
        let (before, rest) = tag.split_once(&format!("{name}={quote}"))?;
        before.ends_with(char::is_whitespace).then(|| rest.split(quote).next())?
    });
    values.into_iter().next().unwrap_or("")
}

/// `Name=value; ` for each element of data.
fn data(text: &str) -> String {
    let mut told = String::new();
    for part in text.split("<Data").skip(1) {
        let Some((tag, rest)) = part.split_once('>') else { continue };
        let value = rest.split_once("</").map_or("", |(value, _)| value);
        let name = attribute(tag, "Name");
        if !name.is_empty() {
            told.push_str(name);
            told.push('=');
        }
        told.push_str(&unescaped(value));
        told.push_str("; ");
    }
    told
}

/// The five escapes of XML undone; others are kept.
fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}
