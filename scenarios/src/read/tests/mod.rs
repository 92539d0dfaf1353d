//! What the reader takes and refuses, with which words and in which line.

mod faults;
mod json;
mod mistakes;
mod set;

use super::read;
use crate::scenario::{HttpVersion, Refuse};
use crate::{Scenario, builtins};

/// A sound scenario. More text stands in line 7 and after, within `[load]` at first.
const SOUND: &str = r#"name = "s"
[target]
profile = "windows-2003-x86"
[load]
arrival = { kind = "constant", per_second = 400 }
duration = "15s"
"#;

fn problems(text: &str, sets: &[&str]) -> Vec<String> {
    let sets: Vec<String> = sets.iter().map(|s| (*s).to_owned()).collect();
    match read(text, "f.toml", &sets) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.to_string().lines().map(str::to_owned).collect(),
    }
}

fn sound(more: &str, sets: &[&str]) -> Scenario {
    let sets: Vec<String> = sets.iter().map(|s| (*s).to_owned()).collect();
    read(&format!("{SOUND}{more}"), "f.toml", &sets).unwrap()
}

#[test]
fn defaults_stand_for_what_is_left_out() {
    let s = sound("", &[]);
    assert_eq!((s.seed, s.target.time_scale, s.target.response_bytes), (0, 1.0, 256));
    assert_eq!((s.load.connect_timeout_s, s.load.timeout_s), (5.0, 10.0));
    assert_eq!((s.load.in_flight, s.load.requests_per_connection), (10_000, 1));
    assert_eq!((s.load.http, s.target.refuse), (HttpVersion::V11, Refuse::RstToSyn));
    assert_eq!((s.observe.every_s, s.probe.every_s, s.expect), (0.25, Some(1.0), None));
}

#[test]
fn all_problems_come_in_one_answer_in_the_order_of_lines() {
    let text = r#"
seed = -1
[target]
profile = "windows-95"
time_scale = 0
refuse = "politely"
gate_bytes = "20MiB"
resume_bytes = "19MiB"
[[target.fault]]
kind = "listener-down"
at = "20s"
for = "0s"
[load]
arrival = { kind = "constant", per_second = 0 }
duration = "0s"
source_ports = "9-1"
[expect]
cause = "gremlins"
"#;
    let found = problems(text, &["load.pace=5", "nonsense", "observe.every=1"]);
    let places = [
        "f.toml:1: name is missing",
        "f.toml:2: seed: ",
        "f.toml:4: target.profile: ",
        "f.toml:5: target.time_scale: must be above 0",
        "f.toml:6: target.refuse: ",
        "f.toml:12: target.fault.0.for: ",
        "f.toml:14: load.arrival.per_second: must be above 0",
        "f.toml:15: load.duration: must be above 0",
        "f.toml:16: load.source_ports: ",
        "f.toml:18: expect.cause: ",
        "--set nonsense: write KEY=VALUE",
        "--set load.pace=5: load.pace is not a key",
        "--set observe.every=1: observe.every: a duration needs its unit",
    ];
    assert_eq!(found.len(), places.len(), "{found:#?}");
    for (found, place) in found.iter().zip(places) {
        assert!(found.starts_with(place), "found {found}\nwanted {place}");
    }
}

#[test]
fn what_must_be_there_is_named() {
    assert_eq!(
        problems("", &[]),
        [
            "f.toml:1: name is missing",
            "f.toml:1: load.arrival is missing",
            "f.toml:1: load.duration is missing",
            "f.toml:1: target.profile is missing",
        ]
    );
    let text = SOUND.replace("kind = \"constant\", per_second = 400", "kind = \"constant\"");
    assert_eq!(problems(&text, &[]), ["f.toml:5: load.arrival.per_second is missing"]);
}

#[test]
fn syntax_errors_stand_beside_what_else_is_wrong_and_feign_nothing() {
    for (text, expected, why) in [
        (
            SOUND.replace("\"15s\"", "15s"),
            vec!["f.toml:6: this is not TOML: string values must be quoted"],
            "an unquoted duration is one problem",
        ),
        (
            SOUND.replace("\"s\"", "").replace("400", "0"),
            vec!["f.toml:1: this is not TOML: ", "f.toml:5: load.arrival.per_second: "],
            "an empty value and a rate of 0",
        ),
        (
            SOUND.replace("[target]", "[target"),
            vec!["f.toml:2: this is not TOML: unclosed table"],
            "what stands under a broken header is not judged",
        ),
        (
            format!("{SOUND}close = \"reset\"\nclose = \"reset\"\n[load]\n"),
            vec!["f.toml:8: this is not TOML: duplicate key", "f.toml:9: this is not TOML: dup"],
            "keys and tables stand once",
        ),
    ] {
        let found = problems(&text, &[]);
        assert_eq!(found.len(), expected.len(), "{why}: {found:#?}");
        for (found, wanted) in found.iter().zip(expected) {
            assert!(found.starts_with(wanted), "{why}\nfound  {found}\nwanted {wanted}");
        }
    }
}

#[test]
fn no_text_breaks_the_reader() {
    // Every place of some story is cut at, and few of any one.
    for (nth, (name, text)) in builtins().iter().enumerate() {
        let json = read(text, name, &[]).unwrap().to_json().to_string();
        for text in [*text, json.as_str()] {
            let cuts = (nth % 5..text.len()).step_by(5);
            for cut in cuts.filter(|i| text.is_char_boundary(*i)) {
                let _ = read(&text[..cut], name, &[]);
                let rest_of_line = text[cut..].find('\n').unwrap_or(0);
                let damaged = format!("{}{}", &text[..cut], &text[cut + rest_of_line..]);
                let _ = read(&damaged, name, &[]);
            }
        }
    }
    let deep_list = format!("{{\"a\":{}", "[".repeat(100_000)) + &"]".repeat(100_000) + "}";
    let deep_table = format!("a = {}", "[".repeat(100_000)) + &"]".repeat(100_000);
    for text in [deep_list, deep_table, "{".into(), "\0".into(), "a.".repeat(10_000) + "b = 1"] {
        assert!(read(&text, "f", &[]).is_err());
    }
}
