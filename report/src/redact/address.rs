//! Provides the addresses in a text: where one begins and ends, what class it is of, and which tell
//! nothing and stay.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// IPv4 within IPv6 is IPv4.
    pub(super) address: IpAddr,
    /// Bytes it takes, without its zone.
    pub(super) len: usize,
}

/// The address that a text begins with; `before` is the character before it.
pub(super) fn at(text: &str, before: Option<char>) -> Option<Found> {
    if before.is_some_and(is_of_address) {
        return None;
    }
    let run = text.find(|c| !is_of_address(c)).map_or(text, |end| &text[..end]);
    v6(run, before, text[run.len()..].chars().next()).or_else(|| v4(run))
}

fn is_of_address(c: char) -> bool {
    c.is_ascii_hexdigit() || c == ':' || c == '.'
}

/// The longest beginning of a run that is an IPv6 address and not a part of a word (`std::net`).
fn v6(run: &str, before: Option<char>, after: Option<char>) -> Option<Found> {
    let in_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if run.matches(':').count() < 2 || in_word(before) || in_word(after) {
        return None;
    }
    // A sentence may go on behind it with a colon or a full stop.
    let trimmed = [run, run.trim_end_matches('.'), run.trim_end_matches([':', '.'])];
    trimmed.into_iter().find_map(|text| {
        let address: Ipv6Addr = text.parse().ok()?;
        let address = address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4);
        Some(Found { address, len: text.len() })
    })
}

/// The IPv4 address that a run begins with: four numbers, and not more of a version than that.
fn v4(run: &str) -> Option<Found> {
    let mut octets = [0_u8; 4];
    let mut len = 0;
    for (at, octet) in octets.iter_mut().enumerate() {
        if at > 0 {
            run[len..].starts_with('.').then_some(())?;
            len += 1;
        }
        let digits = run[len..].bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=3).contains(&digits) {
            return None;
        }
        *octet = run[len..len + digits].parse().ok()?;
        len += digits;
    }
    let more = run[len..].chars().next().is_some_and(|c| c.is_ascii_hexdigit());
    (!more).then_some(Found { address: IpAddr::V4(Ipv4Addr::from(octets)), len })
}

/// What an address is called; `None` for one that tells nothing: loopback, none at all, a mask.
pub(super) fn class(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => match v4.octets() {
            [127 | 255, ..] | [0, 0, 0, 0] => None,
            [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some("ip4-private"),
            [100, 64..=127, ..] | [198, 18..=19, ..] => Some("ip4-private"),
            [169, 254, ..] => Some("ip4-link-local"),
            [224..=239, ..] => Some("ip4-multicast"),
            _ => Some("ip4-public"),
        },
        IpAddr::V6(v6) if v6.is_loopback() || v6.is_unspecified() => None,
        IpAddr::V6(v6) => Some(match v6.segments()[0] {
            0xfc00..=0xfdff => "ip6-private",
            0xfe80..=0xfebf => "ip6-link-local",
            0xff00..=0xffff => "ip6-multicast",
            _ => "ip6-public",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_what_looks_like_one() {
        for (text, before, wanted, why) in [
            ("10.0.0.5:1217", None, Some("10.0.0.5"), "its port is not a part of it"),
            ("10.0.0.5.", Some(' '), Some("10.0.0.5"), "at the end of a sentence"),
            ("10.0.0.5.80 ", Some(' '), Some("10.0.0.5"), "BSD puts the port behind a dot"),
            ("010.000.000.005", None, Some("10.0.0.5"), "with leading zeros"),
            ("5.2.3790.3959", None, None, "a version of Windows"),
            ("0.1.0", Some(' '), None, "a version of ours"),
            ("10.0.0.256", None, None, "no octet"),
            (".0.0.5", Some('0'), None, "in the middle of one"),
            ("fe80::1%12", None, Some("fe80::1"), "its zone is not a part of it"),
            ("2001:db8::5]:80", Some('['), Some("2001:db8::5"), "in brackets"),
            ("2001:db8::5: no", Some(' '), Some("2001:db8::5"), "before a colon"),
            ("::ffff:10.0.0.5", Some(' '), Some("10.0.0.5"), "IPv4 within IPv6"),
            ("18:45:12", Some(' '), None, "a time"),
            ("18:45:12.123", Some(' '), None, "a time with a fraction"),
            ("d::net", Some('t'), None, "a part of a word"),
            ("add::", Some(' '), Some("add::"), "odd, but an address"),
        ] {
            let found = at(text, before).map(|found| found.address.to_string());
            assert_eq!(found.as_deref(), wanted, "{text}: {why}");
        }
    }

    #[test]
    fn classes_are_kept_and_nothing_else() {
        for (address, wanted) in [
            ("127.0.0.1", None),
            ("0.0.0.0", None),
            ("255.255.255.0", None),
            ("::1", None),
            ("::", None),
            ("172.31.0.1", Some("ip4-private")),
            ("172.32.0.1", Some("ip4-public")),
            ("198.18.0.80", Some("ip4-private")),
            ("169.254.7.7", Some("ip4-link-local")),
            ("fd00::1", Some("ip6-private")),
            ("fe80::1", Some("ip6-link-local")),
            ("2001:db8::1", Some("ip6-public")),
        ] {
            assert_eq!(class(address.parse().unwrap()), wanted, "{address}");
        }
    }
}
