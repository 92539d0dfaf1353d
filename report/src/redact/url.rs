//! Provides the parts of a URL, and of other paths that name a host or an account.

/// A URL from its `://` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Authority<'a> {
    /// Who asks, with the sign behind; empty where nobody is named.
    pub(super) user: &'a str,
    /// Host, perhaps an address in brackets.
    pub(super) host: &'a str,
    /// The colon and the port; empty without one.
    pub(super) port: &'a str,
    /// Path, query and fragment.
    pub(super) path: &'a str,
}

/// Takes apart what stands behind `://`.
pub(super) fn authority(text: &str) -> Authority<'_> {
    let ends = |c: char| c.is_whitespace() || "\"'<>`|{}()\u{2026},;".contains(c);
    let url = text.find(ends).map_or(text, |end| &text[..end]);
    // What ends a sentence does not belong to the URL.
    let url = url.trim_end_matches(['.', ':', '!', '?']);
    let (authority, path) = url.split_at(url.find(['/', '?', '#', '\\']).unwrap_or(url.len()));
    let (user, rest) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    let bracket = rest.find(']').map_or(0, |at| at + 1);
    let colon = rest[bracket..].find(':').map_or(rest.len(), |at| bracket + at);
    let (host, port) = rest.split_at(colon);
    Authority { user, host, port, path }
}

/// The host that `\\HOST\share` names, from the text that begins with the two strokes.
pub(super) fn unc_host(text: &str, before: Option<char>) -> Option<&str> {
    let rest = text.strip_prefix("\\\\").filter(|_| before != Some('\\'))?;
    let end = rest.find('\\')?;
    let host = &rest[..end];
    let single = !rest[end + 1..].starts_with('\\');
    let is_name = host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && host.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
    (single && is_name).then_some(host)
}

/// Folders under which each account has one of its own name.
const HOMES: [&str; 3] = ["users", "home", "documents and settings"];
/// Names under them that are nobody's.
const NOBODYS: [&str; 4] = ["public", "default", "all users", "default user"];

/// The account whose folder a path names, from the text behind a separator.
pub(super) fn home_of(text: &str) -> Option<&str> {
    let home = HOMES.iter().find(|home| {
        let head = text.get(..home.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(home))
    })?;
    let rest = text[home.len()..].strip_prefix(['/', '\\'])?;
    let ends = |c: char| c.is_control() || "/\\\"'<>|:*?,;".contains(c);
    let name = rest.find(ends).map_or(rest, |end| &rest[..end]);
    let is_named = !name.is_empty() && !NOBODYS.iter().any(|n| n.eq_ignore_ascii_case(name));
    is_named.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        for (text, wanted) in [
            ("web01:8080/shop?id=7 was", ["", "web01", ":8080", "/shop?id=7"]),
            ("alice:pw@web01.", ["alice:pw@", "web01", "", ""]),
            ("[2001:db8::5]:80/", ["", "[2001:db8::5]", ":80", "/"]),
            ("web01/a, then", ["", "web01", "", "/a"]),
            ("/only/a/path", ["", "", "", "/only/a/path"]),
        ] {
            let Authority { user, host, port, path } = authority(text);
            assert_eq!([user, host, port, path], wanted, "{text}");
        }
    }

    #[test]
    fn hosts_of_shares_are_told_from_other_strokes() {
        for (text, before, wanted, why) in [
            ("\\\\files\\share\\x.exe", Some(' '), Some("files"), "a share"),
            ("\\\\WEB01\\Memory\\Bytes", None, Some("WEB01"), "a counter"),
            ("\\\\.\\pipe\\x", None, None, "this host's own devices"),
            ("\\Memory\\Bytes", None, None, "a counter without host"),
            ("\\\\Memory\\\\Bytes", None, None, "strokes doubled by quoting"),
        ] {
            assert_eq!(unc_host(text, before), wanted, "{why}");
        }
    }

    #[test]
    fn homes_name_accounts() {
        for (text, wanted) in [
            ("home/alice/logs", Some("alice")),
            ("Users\\Bob B\\x", Some("Bob B")),
            ("Documents and Settings\\carol", Some("carol")),
            ("Users\\Public\\x", None),
            ("homes/alice", None),
            ("home/", None),
        ] {
            assert_eq!(home_of(text), wanted, "{text}");
        }
    }
}
