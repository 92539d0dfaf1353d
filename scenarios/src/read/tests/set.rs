//! `--set`: what it reaches and what it refuses.

use super::{SOUND, problems, sound};
use crate::scenario::{Arrival, HttpVersion, LeakRate, Leaked};

#[test]
fn set_reaches_every_kind_of_key() {
    let s = sound(
        "[[target.leak]]\ntag = \"ISil\"\nstatic = \"1MiB\"",
        &[
            "target.pool.baseline=100MiB",
            "load.arrival.per_second=10k",
            "load.http=1.0",
            "name=2003",
            "target.leak.0.tag=1234",
            "target.leak.1.tag=\"ABCD\"",
            "target.leak.1.bytes_per_packet=2.5",
            "expect.cause=none",
            "load.source_ips=[\"127.0.0.2\", \"::1\"]",
            "load.duration = 2m",
            "probe.enabled=false",
        ],
    );
    assert_eq!(s.target.pool.baseline_bytes, Some(100 << 20));
    assert_eq!(s.load.arrival, Arrival::Constant { per_second: 10_000.0 });
    assert_eq!(
        (s.name.as_str(), s.load.http, s.load.duration_s),
        ("2003", HttpVersion::V10, 120.0)
    );
    let tags = s.target.leaks.iter().map(|leak| leak.of.clone());
    let expected = ["1234", "ABCD"].map(|tag| Leaked::Nonpaged { tag: tag.into() });
    assert_eq!(tags.collect::<Vec<_>>(), expected);
    assert_eq!(s.target.leaks[1].rate, LeakRate::PerPacket(2.5));
    assert_eq!(s.expect.unwrap().causes, []);
    assert_eq!((s.load.source_ips.len(), s.probe.every_s), (2, None));
}

#[test]
fn set_refuses_what_leads_nowhere() {
    for (set, expected) in [
        ("pool.baseline=1MiB", "pool is not a key; the keys here are name, "),
        ("target.leek.0.tag=A", "target.leek is not a key; did you mean \"leak\"?"),
        ("target.leak.3.tag=A", "target.leak is a list of 0; its entries are numbered from 0"),
        ("load.duration.s=5", "load.duration is text, nothing lies below it"),
        ("load..duration=5s", "\"load..duration\" is not a dotted path to a key"),
        ("a.b.c.d.e.f.g.h.i=1", "\"a.b.c.d.e.f.g.h.i\" is not a dotted path to a key"),
        ("load=5", "load is a table, not a number"),
        ("load.duration=", "load.duration: \"\" is not a duration"),
    ] {
        let sets: &[&str] = if set.contains("leak.3") { &["target.leak=[]", set] } else { &[set] };
        let found = problems(SOUND, sets);
        let wanted = format!("--set {set}: {expected}");
        assert!(found.iter().any(|f| f.starts_with(&wanted)), "wanted {wanted}\n{found:#?}");
    }
}
