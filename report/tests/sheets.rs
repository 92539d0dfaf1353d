//! Comparison and capacity: the fixed sections, the width, and text from hosts that stays text.

#![allow(clippy::unwrap_used)]

use model::capacity::{
    Alarm, Applies, Bound, Capacity, Change, Decision, Direction, Fact, KnobLine, Means, TrialLine,
    WhatIf,
};
use model::comparison::{
    Compared, Comparison, Differs, Finding, InForce, RunRef, Side, ThresholdLine, Tuned,
    VerdictCount,
};
use model::findings::ResourceName;
use model::limit::{Limit, Origin};
use report::{
    TextStyle, capacity, capacity_json, capacity_markdown, comparison, comparison_json,
    comparison_markdown,
};

/// What a host or a file name may try.
const HOSTILE: &str = "a|b\x1b[2J`c`\n# d <script> \u{202e}e";

fn side(runs: usize) -> Side {
    let run = RunRef {
        path: format!("results/{HOSTILE}"),
        scenario: "story".into(),
        ground: "lab".into(),
        seconds: 20.0,
        seed: 7,
        valid: true,
    };
    let verdicts = vec![VerdictCount { verdict: "client-ports".into(), runs: runs as u64 }];
    Side { runs: vec![run; runs], verdicts }
}

fn compared(finding: Finding, noise: Option<f64>) -> Compared {
    Compared {
        measure: "time_wait.peak".into(),
        vantage: "target".into(),
        unit: "entries".into(),
        base: vec![100.0, 102.0],
        new: vec![10.0, 12.0],
        base_words: "101 entries".into(),
        new_words: "11 entries".into(),
        difference: -90.0,
        share: Some(-0.89),
        noise,
        finding,
    }
}

fn told() -> Comparison {
    Comparison {
        format: 1,
        valid: true,
        not_valid_because: Vec::new(),
        sentence: format!("BASE: client-ports; NEW: {HOSTILE}."),
        claim: "predicted (lab)".into(),
        base: side(2),
        new: side(2),
        asked: vec![Differs { key: "load.x".into(), base: None, new: Some(HOSTILE.into()) }],
        tunables: vec![Tuned {
            vantage: "target".into(),
            name: HOSTILE.into(),
            base: Some(240),
            new: Some(30),
            in_force: InForce::No,
            sentence: "TIME_WAIT was seen to last 240 s".into(),
        }],
        time_wait: Vec::new(),
        measures: vec![compared(Finding::Better, Some(4.0)), compared(Finding::NoEvidence, None)],
        thresholds: vec![ThresholdLine {
            threshold: "time_wait.peak>+10%".into(),
            failed: true,
            sentence: "time_wait.peak>+10%: failed".into(),
        }],
        left_out: vec![HOSTILE.into()],
    }
}

fn bound() -> Bound {
    Bound {
        resource: ResourceName::ClientPorts,
        direction: Direction::Outgoing,
        source: HOSTILE.into(),
        destination: "192.0.2.7:80".into(),
        unit: "ports".into(),
        limit: Some(Limit { value: 3976, origin: Origin::Measured }),
        per_connection: "1 port for 240 s".into(),
        headroom_now: Some(2000),
        headroom_at_peak: Some(-1),
        binds_at_per_s: Some(16.567),
        law: "P / T".into(),
    }
}

fn what_if(knob: &str, simulation: Option<f64>) -> WhatIf {
    WhatIf {
        knob: knob.into(),
        applies: Applies::Yes,
        law: Some(16.567),
        simulation,
        lab: None,
        measured: None,
        note: String::new(),
    }
}

fn bears() -> Capacity {
    Capacity {
        format: 1,
        valid: true,
        not_valid_because: Vec::new(),
        decision: Decision {
            sentence: "Sustains 16.6/s outgoing.".into(),
            gain: None,
            claim: "predicted by law".into(),
        },
        system: vec![Fact { name: "target".into(), value: HOSTILE.into() }],
        differs: vec!["it does".into()],
        workload: vec![Fact { name: "scenario".into(), value: "story".into() }],
        bounds: vec![bound(), Bound { binds_at_per_s: None, ..bound() }],
        sustainable: None,
        change: Some(Change {
            host: "this".into(),
            path: r"HKLM\SYSTEM".into(),
            kind: "REG_DWORD".into(),
            before: "240".into(),
            after: "30".into(),
            reboot: "reboot".into(),
            check: "look".into(),
            rollback: "undo".into(),
        }),
        side_effects: vec!["some".into()],
        repeats: vec!["none".into()],
        slowest_leak: "37 B/s".into(),
        alarms: vec![Alarm { watch: "it".into(), warn: "1".into(), critical: "2".into() }],
        not_tested: vec!["much".into()],
        what_if: vec![what_if("as it is", Some(16.5)), what_if("another", None)],
        knobs: vec![KnobLine {
            knob: "TcpTimedWaitDelay".into(),
            systems: "Linux".into(),
            outgoing: Applies::NoEffect,
            incoming: Applies::NoEffect,
            because: "compiled in".into(),
        }],
        trials: vec![TrialLine {
            per_s: 16.5,
            run_per_s: 66.0,
            means: Means::Simulation,
            sustained: true,
            because: "nothing failed".into(),
            waited: "nothing".into(),
        }],
    }
}

fn style(width: usize) -> TextStyle {
    TextStyle { color: false, width }
}

#[test]
fn no_line_is_wider_than_asked_and_nothing_from_a_host_is_a_command() {
    for width in [40, 80, 120] {
        for text in [comparison(&told(), &style(width)), capacity(&bears(), &style(width))] {
            for line in text.lines() {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
            assert!(!text.contains(['\x1b', '\u{202e}']), "{text}");
        }
    }
    for page in [comparison_markdown(&told()), capacity_markdown(&bears())] {
        assert!(!page.contains(['\x1b', '\u{202e}']), "{page}");
        assert!(!page.contains("<script>") && !page.contains("\n# d"), "{page}");
    }
}

#[test]
fn a_capacity_has_every_section_in_its_place() {
    let text = capacity(&bears(), &style(100));
    let mut from = 0;
    for heading in [
        "Sustains 16.6/s outgoing.",
        "predicted by law",
        "System under test, and how production differs",
        "Workload",
        "Resources: what binds first and second",
        "The change",
        "Side effects",
        "Repeats, plateau and noise",
        "The slowest leak that could have been seen",
        "Alarms",
        "Not tested",
        "What if (connections per second, host rate)",
        "Which knob works where",
        "Trials",
    ] {
        let at = text[from..].find(heading);
        from += at.unwrap_or_else(|| panic!("{heading} is not where it belongs:\n{text}"));
    }
    let tried = text.lines().find(|l| l.contains("as it is")).unwrap();
    assert!(tried.contains("16.6") && tried.contains("16.5"), "{tried}");
    let other = text.lines().find(|l| l.trim_start().starts_with("another")).unwrap();
    assert_eq!(other.matches("16.").count(), 1, "what was not done stays empty: {other}");
}

#[test]
fn what_is_not_valid_says_so_on_line_one_and_why() {
    let why = vec!["the generator was the limit: no descriptor was left".to_owned()];
    let spoilt = Comparison { valid: false, not_valid_because: why.clone(), ..told() };
    let unsound = Capacity { valid: false, not_valid_because: why, ..bears() };
    let line_one = "NOT VALID: the generator was the limit: no descriptor was left";
    for text in [comparison(&spoilt, &style(100)), capacity(&unsound, &style(100))] {
        assert_eq!(text.lines().next(), Some(line_one));
    }
    for page in [comparison_markdown(&spoilt), capacity_markdown(&unsound)] {
        assert!(page.starts_with(&format!("# {line_one}")), "{page}");
    }
}

#[test]
fn json_is_what_was_computed() {
    let (told, bears) = (told(), bears());
    let read: Comparison = serde_json::from_str(&comparison_json(&told).unwrap()).unwrap();
    assert_eq!(read, told);
    let read: Capacity = serde_json::from_str(&capacity_json(&bears).unwrap()).unwrap();
    assert_eq!(read, bears);
}
