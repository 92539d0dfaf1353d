//! The published outage of 2005 and the TIME_WAIT article, rebuilt from their facts.

#![allow(clippy::unwrap_used)]

mod kit;

use model::reading::TcpState;
use model::row::{Happening, Row};
use postmortem::{Asked, gather};

fn page() -> String {
    format!(
        "HOWTO: a page about an outage\n\nEvery four or five days it stops.\n\n(\u{2026} working fine up until this \u{2026})\n{}\nI have to reboot.\n\nHere is what poolmon shows:\n{}\u{2026}.\n\nSome observations:\n",
        kit::refusals("\u{2013}"),
        kit::poolmon("\u{a0}")
    )
}

#[test]
fn a_pasted_page_gives_its_log_and_its_pool() {
    let g = kit::read("page.txt", page());
    let kinds: Vec<(&str, u64, u64)> =
        g.inputs.iter().map(|i| (i.kind.as_str(), i.records, i.skipped)).collect();
    assert_eq!(kinds, [("httperr", 27, 0), ("poolmon", 20, 0)], "prose is no row");
    let log = g.httperr.as_ref().unwrap();
    assert_eq!((log.refused, log.refused_rows, log.records), (53, 27, 27));
    assert_eq!(log.first.as_deref(), Some("2005-09-02 18:45:12"));
    assert_eq!(log.last.as_deref(), Some("2005-09-02 18:58:57"));
    let pool = g.pool.as_ref().unwrap();
    assert_eq!(pool.tags.len(), 20);
    assert_eq!(pool.tags.iter().map(|t| t.bytes).sum::<u64>(), 101_313_064);
    assert_eq!(pool.nonpaged_used_bytes, Some(109_056 * 1024));
    assert_eq!(pool.http_sys_bytes, Some(1_047_216));
    assert_eq!(pool.pairs, [("ISil".to_owned(), "I100".to_owned())]);
    assert_eq!(pool.headroom_bytes, Some(22_016 * 1024), "of 128 MiB");
    assert_eq!(g.run.target.profile.as_deref(), Some("windows-2003-x86-3gb"));
    assert!(g.usable);
}

#[test]
fn the_rows_are_those_of_a_run_of_thirteen_minutes() {
    let g = kit::read("page.txt", page());
    assert_eq!((g.run.planned_seconds, g.run.started.as_str()), (825.0, "2005-09-02T18:45:12Z"));
    assert!(g.run.clocks[0].bound_s >= 825.0, "the screen has no date: order is untested");
    let mut refused = 0;
    let mut memory_at_s = None;
    for row in &g.rows {
        match row {
            Row::Event(e) => {
                let Happening::Httperr { refused: n, .. } = &e.what else { panic!("{e:?}") };
                refused += n;
            }
            Row::Sample(s) => memory_at_s = s.memory.as_ref().map(|_| s.t_s).or(memory_at_s),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((refused, memory_at_s), (53, Some(825.0)), "placed at the last refusal");
    let dated = Asked { at: "2005-09-02T18:50:00Z".parse().ok(), ..Asked::default() };
    let folder = kit::Folder::new();
    let g = gather(&[folder.put("page.txt", page())], &dated);
    assert_eq!(g.run.clocks[0].bound_s, 0.0, "--at says when");
}

#[test]
fn everything_the_article_tells_by_hand_is_told() {
    let told = kit::said(&kit::read("page.txt", page()));
    for (words, why) in [
        ("\u{3a3}N = 53 refusals in 27 rows", "summed, not counted"),
        ("All 27 stamps are \u{2261} 2 mod 5", "one grid, one start"),
        ("128 MB ceiling", "the first reading"),
        ("21.5 MiB free, 1.5 MiB above the 20 MiB gate, and yet it refuses", "both figures"),
        ("126.5 MiB would do", "what the ceiling may be"),
        ("256 MB ceiling", "the second reading"),
        ("far from it", "which excludes it"),
        ("HTTP.sys itself holds 1,047,216 bytes", "the messenger"),
        ("not the culprit", "is not blamed"),
        ("ISil: 36,678,632 bytes", "the largest holder"),
        ("audio", "odd for a server"),
        ("ISil and I100 have 80,939 and 80,909 live allocations", "they move together"),
        ("virus scanner", "a guess told as one"),
        ("One snapshot names the largest holders, not the leak", "largest is not leaking"),
        ("findstr /m /l ISil", "what to do next"),
        ("not in these captures: `systeminfo", "the last boot is always answered"),
        ("Not ports", "what it is not"),
    ] {
        assert!(told.contains(words), "{words}: {why}\n{told}");
    }
}

#[test]
fn the_articles_population_implies_its_rates() {
    let g = kit::read("netstat.txt", kit::netstat(124, 431));
    let tcp = g.tcp.as_ref().unwrap();
    assert_eq!((tcp.time_wait, tcp.by_state[&TcpState::Established]), (431, 124));
    let told = kit::said(&g);
    for words in [
        "431 TIME_WAIT against 124 ESTABLISHED",
        "1.8 per second at 240 s, 3.6 per second at 120 s, 7.2 per second at 60 s",
        "431 are of connections that this host accepted, 0 of ones it opened",
        "At 2\u{2013}4 KB each they hold 862.0 KiB to 1.7 MiB",
        "431 TIME_WAIT do not explain an outage",
        "Inbound service uses no ephemeral port",
        "delayed duplicates",
        "inversely proportional",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
}

#[test]
fn a_list_without_listeners_still_says_who_accepted() {
    let g = kit::read(
        "article.txt",
        "When you run netstat on your busy box, you might get this:\n\
         C:\\>netstat -np tcp\nActive Connections\nProto Local Address Foreign Address State\n\
         TCP 192.168.0.1:80 192.168.0.12:1217 ESTABLISHED\n\
         TCP 192.168.0.1:80 192.168.0.5:1218 TIME_WAIT\n\
         TCP 192.168.0.1:80 192.168.0.234:1252 TIME_WAIT\n\
         TCP 192.168.0.1:80 192.168.0.37:1267 ESTABLISHED\n\
         TCP 192.168.0.1:80 192.168.0.23:1298 TIME_WAIT\n\
         TCP 192.168.0.1:80 192.168.0.32:1345 TIME_WAIT\nAnd so on and on, for many lines.\n",
    );
    assert_eq!((g.inputs[0].kind.as_str(), g.inputs[0].records), ("netstat", 6));
    let Row::Sample(sample) = &g.rows[0] else { panic!() };
    let tcp = sample.tcp.as_ref().unwrap();
    assert_eq!(
        (tcp.time_wait_accepted, tcp.time_wait_opened),
        (4, 0),
        "port 80 is no ephemeral one"
    );
    assert!(
        !sample.sources[0].name.starts_with("netstat"),
        "no listener listed is no listener gone"
    );
    assert_eq!(g.run.target.address, "target:80");
}

/// The article's own sentence stands behind its listing, of which it shows six rows.
#[test]
fn a_count_in_a_sentence_outvotes_an_excerpt_of_a_listing() {
    let excerpt = kit::netstat(2, 4);
    let sentence =
        "I checked a busy box today and got 124 ESTABLISHED connections versus 431 in TIME_WAIT.\n";
    for (text, kinds, counted, why) in [
        (format!("{excerpt}{sentence}"), vec!["netstat", "state-counts"], (431, 124), "behind it"),
        (
            format!("{sentence}C:\\>x\n{excerpt}"),
            vec!["state-counts", "netstat"],
            (431, 124),
            "before it",
        ),
        (
            format!("{}C:\\>x\n  2 TIME_WAIT\n  1 ESTABLISHED\n", kit::netstat(2, 4)),
            vec!["netstat", "state-counts"],
            (4, 2),
            "a count of less than the list",
        ),
    ] {
        let g = kit::read("article.txt", text);
        let seen: Vec<&str> = g.inputs.iter().map(|i| i.kind.as_str()).collect();
        assert_eq!(seen, kinds, "{why}");
        let tcp = g.tcp.as_ref().unwrap();
        assert_eq!((tcp.time_wait, tcp.by_state[&TcpState::Established]), counted, "{why}");
    }
    let told = kit::said(&kit::read("article.txt", format!("{excerpt}{sentence}")));
    for words in [
        "431 TIME_WAIT against 124 ESTABLISHED",
        "1.8 per second at 240 s, 3.6 per second at 120 s, 7.2 per second at 60 s",
        "in the list beside them 4 are of connections that this host accepted, 0 of ones it opened",
        "As far as states are named, no sign of leaking sockets",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
}

#[test]
fn dated_counts_are_a_series_and_the_last_is_spoken_of() {
    let g = kit::read(
        "loop.txt",
        "2005-09-02 18:45:00\n  900 TIME_WAIT\n   12 ESTABLISHED\n2005-09-02 18:50:00\n  431 TIME_WAIT\n  124 ESTABLISHED\n",
    );
    assert_eq!(g.snapshots.iter().map(|s| s.bound_s).collect::<Vec<_>>(), [0.0, 0.0]);
    assert_eq!((g.inputs[0].records, g.tcp.unwrap().time_wait), (4, 431));
}

#[test]
fn a_healthy_host_is_not_accused() {
    let row = |n: u32| {
        format!(
            "2012-02-06 13:{:02}:{:02} 10.0.0.{} 54697 10.0.0.1 80 - - - - - Timer_ConnectionIdle -\n",
            n / 60,
            n % 60,
            n % 200
        )
    };
    let log: String = (0..400).map(row).collect();
    let told = kit::said(&kit::read("httperr1.log", log));
    assert!(told.contains("By the hundred it is healthy"), "{told}");
    assert!(told.contains("none of Connections_Refused"), "{told}");
    assert!(!told.contains("culprit") && !told.contains("leaking driver"), "{told}");
}

#[test]
fn the_founding_documents_themselves_are_read() {
    let Some(shared) = std::env::var_os("CHURNLAB_SHARED") else {
        eprintln!("CHURNLAB_SHARED is not set: the founding documents are not read");
        return;
    };
    let seeds = std::path::PathBuf::from(shared).join("seeds");
    let g = gather(&[seeds], &Asked::default());
    let kinds: Vec<(&str, u64)> = g.inputs.iter().map(|i| (i.kind.as_str(), i.records)).collect();
    assert_eq!(kinds, [("httperr", 27), ("poolmon", 20), ("netstat", 6), ("state-counts", 2)]);
    assert_eq!(g.tcp.unwrap().time_wait, 431);
    assert_eq!(g.httperr.unwrap().refused, 53);
    assert_eq!(g.pool.unwrap().tags.iter().map(|t| t.bytes).sum::<u64>(), 101_313_064);
}
