use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn names() -> Names {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Names {
        hosts: set(&["WEB01", "db01.contoso.example", "SERVER", "db"]),
        users: set(&["CONTOSO\\alice", "alice"]),
        labels: set(&["Contoso Shop", "shop", "DefaultAppPool", "_Total", "7"]),
        files: set(&["/data/acme/HTTPERR/httperr1.log", "acme.zip!a b.txt", "netstat.txt", "pool"]),
    }
}

fn redacted(text: &str) -> String {
    redact(&text.to_owned(), &names()).unwrap()
}

#[test]
fn what_names_somebody_becomes_a_pseudonym_and_the_rest_stays() {
    for (text, wanted, why) in [
        (
            "10.0.0.5:1217 10.0.0.5",
            "ip4-private-1:1217 ip4-private-1",
            "one address, one pseudonym; ports stay",
        ),
        ("10.0.0.5, 8.8.8.8", "ip4-private-1, ip4-public-1", "classes stay"),
        ("[fe80::1%12]:80", "[ip6-link-local-1%12]:80", "the zone is an interface's number"),
        ("fe80::1%eth0", "ip6-link-local-1%zone-1", "a zone may have a name"),
        ("::ffff:10.0.0.5 is 10.0.0.5", "ip4-private-1 is ip4-private-1", "IPv4 within IPv6"),
        (
            "0.0.0.0:80 127.0.0.1 [::1]:80 [::]:80",
            "0.0.0.0:80 127.0.0.1 [::1]:80 [::]:80",
            "nobody's",
        ),
        (
            "at 18:45:12, version 5.2.3790.3959",
            "at 18:45:12, version 5.2.3790.3959",
            "no addresses",
        ),
        (
            "\\\\WEB01\\Memory\\Pool Nonpaged Bytes",
            "\\\\host-1\\Memory\\Pool Nonpaged Bytes",
            "a counter's host",
        ),
        (
            "web01 and Web01.contoso.example",
            "host-1 and host-1",
            "in small letters and with its domain",
        ),
        ("db01 is db01.contoso.example.", "host-1 is host-1.", "by its first label"),
        (
            "db01, a database on db",
            "host-1, a database on host-2",
            "a short name is no part of a word",
        ),
        (
            "Windows Server 2003 on SERVER",
            "Windows Server 2003 on host-1",
            "a word of our own stays",
        ),
        ("user CONTOSO\\alice, alice", "user user-1, user-2", "accounts"),
        (
            "(Contoso Shop) (_Total) DefaultAppPool",
            "(name-1) (_Total) DefaultAppPool",
            "sites, but not what all have",
        ),
        ("SHOPPING", "SHOPPING", "four letters are no part of a word"),
        ("/data/acme/HTTPERR/httperr1.log:7", "file-1.log:7", "files keep what they end in"),
        ("acme.zip!a b.txt", "file-1.txt", "also within an archive"),
        (
            "netstat -an > netstat.txt, the pool",
            "netstat -an > netstat.txt, the pool",
            "files called after what they hold",
        ),
        ("/home/bob/x, then bob", "/home/user-1/x, then user-1", "homes name accounts"),
        (
            "C:\\Users\\Bob B\\x \\Users\\Public",
            "C:\\Users\\user-1\\x \\Users\\Public",
            "also with a blank",
        ),
        ("http://iis7.example:8080/a?b=c was", "http://host-1:8080/path-1 was", "URLs"),
        (
            "ssh://bob@10.0.0.5/ http://[fe80::1]/metrics",
            "ssh://user@ip4-private-1/ http://[ip6-link-local-1]/metrics",
            "with addresses",
        ),
        (
            "windows-exporter+http://HOST:PORT",
            "windows-exporter+http://HOST:PORT",
            "a placeholder of ours",
        ),
        ("10.0.0\u{200b}.5", "ip4-private-1", "nothing hides behind what is not seen"),
    ] {
        assert_eq!(redacted(text), wanted, "{why}");
    }
}

#[test]
fn keys_of_maps_are_rewritten_and_fields_are_not() {
    let counters = BTreeMap::from([
        ("\\\\WEB01\\Memory\\Bytes".to_owned(), "x"),
        ("shop_total".to_owned(), "field"),
        ("windows_10.0.0.5".to_owned(), "y"),
    ]);
    let names = names();
    let told: BTreeMap<String, String> =
        redact(&counters.into_iter().map(|(k, v)| (k, v.to_owned())).collect(), &names).unwrap();
    let keys: Vec<&str> = told.keys().map(String::as_str).collect();
    assert_eq!(keys, ["\\\\host-1\\Memory\\Bytes", "shop_total", "windows_ip4-private-1"]);
}

#[test]
fn reasons_lose_what_they_quote() {
    for (reason, wanted, why) in [
        ("has \"GET /private\" for a tag", "has \"\u{2026}\" for a tag", "a quotation"),
        ("has \"cut off here\u{2026}", "has \"\u{2026}\"", "one that was cut"),
        ("holds 8 columns", "holds 8 columns", "none"),
    ] {
        let rows = BTreeMap::from([("reason".to_owned(), reason.to_owned())]);
        let told = redact(&rows, &Names::default()).unwrap();
        assert_eq!(told["reason"], wanted, "{why}");
    }
}

#[test]
fn a_pseudonym_does_not_lead_back() {
    let one = redacted("10.0.0.5 10.0.0.6");
    let other = redacted("10.0.0.6 10.0.0.5");
    assert_eq!(one, other, "numbers in order of appearance hold nothing of the address");
}

/// Something secret, as a capture may write it.
fn secret() -> impl Strategy<Value = (String, Option<&'static str>)> {
    prop_oneof![
        any::<[u8; 4]>()
            .prop_filter("of a host", |o| !matches!(o, [127 | 255, ..] | [0, 0, 0, 0]))
            .prop_map(|o| (format!("{}.{}.{}.{}", o[0], o[1], o[2], o[3]), None)),
        any::<[u16; 8]>()
            .prop_filter("of a host", |s| s[0] > 1)
            .prop_map(|s| (std::net::Ipv6Addr::from(s).to_string(), None)),
        "[a-zA-Z]{6,12}[0-9]{2}".prop_map(|name| (name, Some("host"))),
        "[A-Z]{5}\\\\[a-z]{6,9}".prop_map(|name| (name, Some("user"))),
        "[A-Z][a-z]{5,9} [A-Z][a-z]{5,9}".prop_map(|name| (name, Some("label"))),
        "/[a-z]{6}/[a-z]{6,9}\\.[a-z]{3}".prop_map(|name| (name, Some("file"))),
        "https?://[a-z]{6,9}\\.example/[a-zA-Z0-9/?=&]{6,20}".prop_map(|url| (url, None)),
    ]
}

fn surroundings() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[ (\\[\"'=,;:\u{2013}]{1,3}",
        "(the pool of |stood at |, most to |\\\\\\\\)",
    ]
}

proptest! {
    #[test]
    fn no_secret_survives_wherever_it_stands(
        parts in prop::collection::vec((surroundings(), secret(), surroundings()), 1..12),
    ) {
        let mut names = Names::default();
        let mut text = String::new();
        for (before, (secret, kind), after) in &parts {
            match kind {
                Some("host") => names.hosts.insert(secret.clone()),
                Some("user") => names.users.insert(secret.clone()),
                Some("label") => names.labels.insert(secret.clone()),
                Some("file") => names.files.insert(secret.clone()),
                _ => false,
            };
            text.push_str(&format!("{before} {secret} {after}"));
        }
        let tree = BTreeMap::from([(text.clone(), text)]);
        let told = redact(&tree, &names).unwrap();
        prop_assert_eq!(&told, &redact(&tree, &names).unwrap(), "the same again");
        let told = format!("{told:?}");
        for (_, (secret, _), _) in &parts {
            prop_assert!(!told.contains(secret.as_str()), "{} in {}", secret, told);
            let bare = secret.split("://").nth(1).unwrap_or(secret);
            prop_assert!(!told.contains(bare), "{} in {}", bare, told);
        }
    }

    #[test]
    fn any_text_is_borne(text in "\\PC*") {
        let names = names();
        let told: String = redact(&text, &names).unwrap();
        prop_assert!(!told.contains("WEB01"));
    }
}
