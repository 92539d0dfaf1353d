//! Provides the shapes of lines that tell a kind whatever the language.

use super::{Kind, Mark};

/// The line behind this one.
pub(super) fn next_line(rest: &str) -> &str {
    let end = rest.find('\n').unwrap_or(rest.len());
    rest[..end].trim_end_matches('\r')
}

/// The two lines behind this one.
pub(super) fn next_two(rest: &str) -> (&str, &str) {
    let behind = rest.find('\n').map_or("", |at| &rest[at + 1..]);
    (next_line(rest), next_line(behind))
}

/// A row that begins with `YYYY-MM-DD HH:MM:SS`, then a client's address and port or `-`; or a `#`
/// line of such a log.
pub(super) fn stamped(line: &str) -> Option<Mark> {
    if let Some(heading) = line.strip_prefix('#') {
        return heading_of_a_log(heading.trim_start());
    }
    const SPACES: [char; 2] = [' ', '\u{a0}'];
    let (date, behind) = line.split_at_checked("YYYY-MM-DD".len())?;
    let time = behind.trim_start_matches(SPACES).as_bytes();
    let (date, at) = (date.as_bytes(), |n: usize| time.get(n).copied());
    if !date[0].is_ascii_digit()
        || [date[4], date[7]] != *b"--"
        || [at(2), at(5)] != [Some(b':'); 2]
        || !behind.starts_with(SPACES)
    {
        return None;
    }
    let mut words = line.split(SPACES).filter(|w| !w.is_empty()).skip(2);
    let (address, port) = (words.next()?, words.next()?);
    let none = crate::httperr::is_nothing;
    let is_address = |word: &str| none(word) || word.contains([':', '.']);
    let httperr = is_address(address)
        && (none(port) || port.parse::<u16>().is_ok())
        && words.next().is_some_and(is_address);
    // A row of IIS has a server's address and a verb there, and is nothing without its header.
    let w3c = is_address(address) && port.chars().all(|c| c.is_ascii_uppercase());
    if httperr || w3c { Some(Mark::Stamped) } else { None }
}

fn heading_of_a_log(heading: &str) -> Option<Mark> {
    if let Some(fields) = heading.strip_prefix("Fields:") {
        let kind = if fields.contains("s-reason") { Kind::Httperr } else { Kind::W3c };
        return Some(Mark::Begins(kind));
    }
    let software = heading.strip_prefix("Software:")?;
    if software.contains("HTTP API") {
        Some(Mark::Begins(Kind::Httperr))
    } else {
        software.contains("Internet Information Services").then_some(Mark::Begins(Kind::W3c))
    }
}

/// `C:\>netstat -an`, `PS C:\Users\a> `, `$ ss -tan`, `[root@h ~]# nstat`.
pub(super) fn is_prompt(line: &str) -> bool {
    let path = line.strip_prefix("PS ").unwrap_or(line);
    let drive = path.as_bytes();
    if drive.len() > 2 && drive[0].is_ascii_alphabetic() && drive[1] == b':' && drive[2] == b'\\' {
        return path.contains('>');
    }
    line.starts_with("$ ")
        || (line.starts_with('[') && line.contains("]# "))
        || line.contains(":~$ ")
}

/// Whether a line consists of this character, in groups: how many characters each has.
pub(super) fn rule(line: &str, character: char) -> Option<Vec<usize>> {
    let groups: Vec<&str> = line.split_whitespace().collect();
    let whole = !groups.is_empty() && groups.iter().all(|g| g.chars().all(|c| c == character));
    whole.then(|| groups.iter().map(|group| group.len()).collect())
}

/// Whether a line is `label : number`.
pub(super) fn is_labelled_number(line: &str) -> bool {
    line.rsplit_once(':').is_some_and(|(label, n)| {
        label.trim().chars().any(char::is_alphabetic) && n.trim().parse::<u32>().is_ok()
    })
}

/// Whether a line is two port numbers, with or without the mark of an administered range.
pub(super) fn is_port_pair(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let ports = |words: &[&str]| words.iter().all(|w| w.parse::<u16>().is_ok());
    match words.as_slice() {
        [_, _] => ports(&words),
        [_, _, "*"] => ports(&words[..2]),
        _ => false,
    }
}
