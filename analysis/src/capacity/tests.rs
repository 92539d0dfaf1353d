//! Capacity of small systems whose limits are known.

use std::collections::BTreeMap;

use model::capacity::{Applies, Capacity, Direction, Means};
use model::findings::ResourceName;
use model::limit::{Limit, Origin};
use model::row::Closers;
use serde_json::json;

use super::{Asked, Found, KnobAt, Trial, Tried, TriedKnob, capacity};
use crate::compare::Measured;
use crate::tests::kit::{DUE, Host, MIB, Story, pool};

const WEEK: Asked = Asked { horizon_s: 7.0 * 86_400.0, p99_s: None };

/// A client like Server 2003 that closes first, four times faster: 3,976 ports, TIME_WAIT of 240 s.
fn client_first() -> Measured {
    let mut story = Story::new(100.0)
        .ticks(
            |_| vec![],
            |tick| {
                (tick.offered, tick.begun, tick.served) = (5, 5, 5);
                tick.closers = Closers { target: 0, generator: 5 };
            },
        )
        .ports(|t| {
            let held = (20.0 * t.clamp(0.0, 60.0)) as u32;
            Some((held, held.into()))
        });
    story.run.target.time_scale = 4.0;
    story.run.target.profile = Some("windows-2012r2".into());
    story.run.generator.profile = Some("windows-2003-x86".into());
    let limit = Limit { value: 240, origin: Origin::Derived };
    let tunables = BTreeMap::from([("TcpTimedWaitDelay".to_owned(), limit)]);
    story.run.tunables.insert("generator".into(), tunables);
    story.run.scenario =
        json!({ "load": { "close": "client-first", "requests_per_connection": 1 } });
    Measured::of(story.run.clone(), &story.timeline(), &BTreeMap::new(), Vec::new())
}

/// A target of 128 MiB that closes first and leaks 900 B a connection at 400/s, sixty times faster.
fn leaking() -> Measured {
    let time_wait = |t: f64| 400.0 * t.clamp(0.0, 4.0);
    let story = Story::new(6.0)
        .ticks(|_| vec![], |tick| tick.closers = Closers { target: DUE, generator: 0 })
        .target(|t| {
            let leaked = 900.0 * 400.0 * t.max(0.0);
            let used = 105.0 * MIB as f64 + leaked + 256.0 * time_wait(t);
            let tags = vec![
                ("File", 105 * MIB, 1),
                ("ISil", leaked as u64, 400 * t.max(0.0) as u64),
                ("TCPT", (256.0 * time_wait(t)) as u64, time_wait(t) as u64),
            ];
            Host { time_wait: time_wait(t) as u64, tags, ..pool(used as u64) }
        });
    Measured::of(story.run.clone(), &story.timeline(), &BTreeMap::new(), Vec::new())
}

fn row<'a>(told: &'a Capacity, knob: &str) -> &'a model::capacity::WhatIf {
    let found = told.what_if.iter().find(|row| row.knob == knob);
    found.unwrap_or_else(|| panic!("{knob} in {:#?}", told.what_if))
}

fn near(found: Option<f64>, expected: f64) -> bool {
    found.is_some_and(|rate| (rate / expected - 1.0).abs() < 0.01)
}

#[test]
fn a_client_that_closes_first_on_server_2003_bears_16_6_a_second() {
    let told = capacity(&client_first(), WEEK, &Tried::default());
    let first = &told.bounds[0];
    assert_eq!((first.resource, first.direction), (ResourceName::ClientPorts, Direction::Outgoing));
    assert!(near(first.binds_at_per_s, 16.567), "{first:?}");
    assert_eq!(first.limit.unwrap().value, 3976);
    assert!(first.law.contains("3,976 / 240 s"), "{}", first.law);
    assert!(first.source.contains("generator") && first.destination == "198.18.0.80:80");
    for (knob, applies, law, why) in [
        ("as it is", Applies::Yes, 16.567, "P / T"),
        ("TcpTimedWaitDelay 240 s", Applies::Yes, 16.567, "as it is"),
        ("TcpTimedWaitDelay 120 s", Applies::Yes, 33.13, "half the length"),
        ("TcpTimedWaitDelay 30 s", Applies::Yes, 132.5, "an eighth"),
        ("MaxUserPort 1025\u{2013}65535", Applies::Yes, 268.8, "all ports"),
        ("MaxUserPort 49152\u{2013}65535", Applies::NoEffect, 16.567, "its range begins at 1025"),
        ("source addresses 4", Applies::NoEffect, 16.567, "one table for all addresses"),
        ("keep-alive 100 requests", Applies::Yes, 16.567, "connections, not requests"),
        ("leak fixed", Applies::NoEffect, 16.567, "there is none"),
    ] {
        let row = row(&told, knob);
        assert_eq!(row.applies, applies, "{knob}: {why}");
        assert!(near(row.law, law), "{knob}: {:?}, {why}", row.law);
        assert_eq!(
            (row.simulation, row.lab, row.measured),
            (None, None, None),
            "not done, not filled"
        );
    }
    assert!(row(&told, "keep-alive 100 requests").note.contains("1,657 requests/s"));
    assert_eq!(row(&told, "EnableAggressiveMemoryUsage 1").law, None, "never a capacity");
    let gain = told.decision.gain.unwrap();
    assert!((gain.times - 16.2).abs() < 0.1, "the widest range gains most: {gain:?}");
    assert!(told.decision.sentence.starts_with("MaxUserPort"), "{}", told.decision.sentence);
    assert!(told.decision.claim.contains("predicted by law"), "{}", told.decision.claim);
    let change = told.change.as_ref().unwrap();
    assert!(change.path.ends_with("MaxUserPort") && change.reboot == "reboot", "{change:?}");
    assert!(told.side_effects.iter().any(|s| s.contains("listen on")), "{:?}", told.side_effects);
}

#[test]
fn a_leak_is_borne_for_the_horizon_only() {
    let told = capacity(&leaking(), WEEK, &Tried::default());
    let first = &told.bounds[0];
    assert_eq!(
        (first.resource, first.direction),
        (ResourceName::NonpagedPool, Direction::Incoming)
    );
    // 3 MiB / (240 s × 256 B + 900 B × a week), and a little for open connections.
    let week = 3.0 * MIB as f64 / (240.0 * 256.0 + 900.0 * WEEK.horizon_s);
    assert!(near(first.binds_at_per_s, week), "{first:?} against {week}");
    assert!(
        first.per_connection.contains("256 B (measured) for 240 s"),
        "{}",
        first.per_connection
    );
    assert!(first.per_connection.contains("900 B for good"), "{}", first.per_connection);
    let fixed = row(&told, "leak fixed");
    assert_eq!(fixed.applies, Applies::Yes);
    assert!(near(fixed.law, 3.0 * MIB as f64 / (240.0 * 256.0 + 0.01 * 4096.0)), "{fixed:?}");
    assert_eq!(row(&told, "MaxUserPort 1025\u{2013}65535").applies, Applies::NoEffect, "incoming");
    let nearer = row(&told, "EnableAggressiveMemoryUsage 1");
    assert!(nearer.note.contains("no capacity"), "{nearer:?}");
    assert!(told.decision.sentence.starts_with("leak fixed"), "{}", told.decision.sentence);
    assert!(told.alarms[0].watch.contains("Pool Nonpaged Bytes"), "{:?}", told.alarms);
    assert!(told.slowest_leak.starts_with("a leak below"), "{}", told.slowest_leak);
}

fn found(sustained: f64, fails: f64) -> Found {
    Found {
        sustained_per_s: Some(sustained),
        fails_at_per_s: Some(fails),
        trials: vec![Trial {
            run_per_s: sustained,
            sustained: true,
            because: "nothing failed".into(),
            not_valid_because: Vec::new(),
            waited: "nothing".into(),
        }],
        ended_early: None,
    }
}

#[test]
fn what_was_tried_stands_beside_the_law_in_its_own_column() {
    let at = |at, sustained, fails| TriedKnob { at, found: found(sustained, fails) };
    let tried = Tried {
        simulation: vec![
            at(KnobAt::AsIs, 66.0, 66.6),
            at(KnobAt::Ports(1025, 65535), 1070.0, 1080.0),
        ],
        precision: 0.01,
        ..Tried::default()
    };
    let told = capacity(&client_first(), WEEK, &tried);
    assert!(near(row(&told, "as it is").simulation, 16.5), "host rate, not run rate");
    assert_eq!(row(&told, "TcpTimedWaitDelay 30 s").simulation, None);
    let rate = told.sustainable.unwrap();
    assert_eq!((rate.by, rate.per_s, rate.fails_at_per_s), (Means::Simulation, 16.5, Some(16.65)));
    let gain = told.decision.gain.unwrap();
    assert!((gain.low - 1070.0 / 66.6).abs() < 1e-6 && (gain.high - 1080.0 / 66.0).abs() < 1e-6);
    assert_eq!(told.trials.len(), 1);
    assert!(told.decision.claim.contains("law and simulation"));
}

#[test]
fn a_live_run_alone_fills_the_measured_column() {
    let mut live = client_first();
    live.run.ground = model::run::Ground::Live;
    let told = capacity(&live, WEEK, &Tried::default());
    assert!(near(row(&told, "as it is").measured, 5.0), "{:?}", row(&told, "as it is"));
    assert!(told.what_if[1..].iter().all(|row| row.measured.is_none()));
    live.findings.valid = false;
    live.findings.not_valid_because.push("the generator was the limit".into());
    let told = capacity(&live, WEEK, &Tried::default());
    assert!(!told.valid && row(&told, "as it is").measured.is_none(), "not to be believed");
}

#[test]
fn a_healthy_host_with_room_is_bound_by_nothing_on_record() {
    let mut story = Story::new(5.0).load(|_| vec![]).target(|_| pool(100 * MIB));
    story.run.target.profile = Some("windows-2022".into());
    let roomy = Measured::of(story.run.clone(), &story.timeline(), &BTreeMap::new(), Vec::new());
    let told = capacity(&roomy, WEEK, &Tried::default());
    assert_eq!(told.bounds[0].binds_at_per_s, None, "{:?}", told.bounds);
    assert!(
        told.decision.sentence.starts_with("Nothing on record binds"),
        "{}",
        told.decision.sentence
    );
}

#[test]
fn a_record_without_limits_gives_no_rate_and_says_so() {
    let story = Story::new(5.0).load(|_| vec![]);
    let bare = Measured::of(
        story.run.clone(),
        &story.timeline(),
        &BTreeMap::new(),
        vec!["no sample of generator and target is on record: its resources are left out".into()],
    );
    let told = capacity(&bare, WEEK, &Tried::default());
    assert!(told.bounds.is_empty() && told.sustainable.is_none() && told.change.is_none());
    assert!(told.decision.sentence.contains("no rate can be given"), "{}", told.decision.sentence);
    assert!(told.not_tested.iter().any(|s| s.contains("no sample of generator")));
}
