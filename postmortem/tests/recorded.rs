//! A run's own files among captures: recognised, put on the run's clock, and told.

#![allow(clippy::unwrap_used)]

mod kit;

use std::path::PathBuf;

use kit::Folder;
use model::row::{Happening, Row};
use postmortem::{Asked, Gathered, gather};

/// `run.json` as a run of the lab leaves it, begun a quarter of a second after the minute.
const RUN: &str = r#"{
  "format": 1, "churnlab": "0.1.0", "command": ["churnlab", "run", "story"],
  "started": "2026-02-01T10:00:00.250000000Z", "scenario_name": "story", "scenario": null, "seed": 7,
  "ground": "lab", "planned_seconds": 2.0,
  "target": {"address": "198.18.0.80:80", "profile": "windows-2003-x86-3gb", "ram_bytes": null,
    "ceiling_bytes": null, "gate_bytes": null, "emulated": true, "time_scale": 60.0},
  "generator": {"profile": null, "port_allocation": "per-tuple", "source_ports": null,
    "own_namespace": true},
  "sample_every_s": 0.25, "probe_every_s": 1.0, "tunables": {},
  "clocks": [{"vantage": "target", "offset_s": 0.0, "bound_s": 0.004, "drift_ppm": 0.0, "how": "x"}],
  "expect": null, "notes": []
}"#;

/// One tick with three refusals.
const LOAD: &str = r#"{"t_s":0.0,"seconds":1.0,"offered":5,"begun":5,"served":2,"failed":3,"not_sent":0,"in_flight":0,"closers":{"target":2,"generator":0},"lateness_us":{"p50":0,"p99":0,"max":0},"connect_call_us":{"p50":0,"p99":0,"max":0},"connect_us":{"p50":0,"p99":0,"max":0},"first_byte_us":{"p50":0,"p99":0,"max":0},"total_us":{"p50":0,"p99":0,"max":0},"cpu_s":0.0,"failures":[{"outcome":"failed","phase":"connect","os":"linux","os_code":111,"name":"ECONNREFUSED","source":"any","destination":"198.18.0.80:80","latency":"under1ms","count":3,"first_s":0.5,"last_s":0.9}]}
"#;

/// Two readings of the target and one of the generator.
const SAMPLES: &str = r#"{"t_s":-0.5,"wall":"2026-02-01T09:59:59.750000000Z","vantage":"target","sources":[{"name":"netstat+http://h/netstat","took_ms":1.0}],"memory":{"nonpaged_used_bytes":110000000,"paged_used_bytes":null,"committed_bytes":null,"commit_limit_bytes":null,"free_system_ptes":null,"available_bytes":null},"pool_tags":[{"tag":"ISil","pool":"nonpaged","allocs":3,"frees":0,"bytes":2700}]}
{"t_s":-0.4,"wall":"2026-02-01T09:59:59.850000000Z","vantage":"generator","sources":[]}
{"t_s":0.5,"wall":"2026-02-01T10:00:00.750000000Z","vantage":"target","sources":[{"name":"netstat+http://h/netstat","took_ms":1.0}],"memory":{"nonpaged_used_bytes":113000000,"paged_used_bytes":null,"committed_bytes":null,"commit_limit_bytes":null,"free_system_ptes":null,"available_bytes":null},"pool_tags":[{"tag":"ISil","pool":"nonpaged","allocs":3000,"frees":0,"bytes":2700000}]}
"#;

/// The same three refusals in the host's own words.
const EVENTS: &str = r#"{"t_s":0.75,"vantage":"target","event":"httperr","stamp":"2026-02-01 10:00:01","reason":"Connections_Refused","status":null,"queue":null,"rows":1,"refused":3}
{"t_s":0.5,"vantage":"generator","event":"exemplar","failure":{"outcome":"failed","phase":"connect","os":"linux","os_code":111,"name":"ECONNREFUSED"},"source":"any","destination":"198.18.0.80:80","intended_s":0.5,"took_us":95}
"#;

fn run_in(folder: &Folder, name: &str) -> Vec<PathBuf> {
    [
        ("run.json", RUN),
        ("intervals.ndjson", LOAD),
        ("samples.ndjson", SAMPLES),
        ("events.ndjson", EVENTS),
    ]
    .map(|(file, text)| folder.put(&format!("{name}/{file}"), text))
    .to_vec()
}

fn kinds(g: &Gathered) -> Vec<(&str, u64)> {
    g.inputs.iter().map(|i| (i.kind.as_str(), i.records)).collect()
}

fn refused(g: &Gathered) -> Vec<(f64, u64)> {
    let events = g.rows.iter().filter_map(|row| match row {
        Row::Event(event) => Some(event),
        _ => None,
    });
    let refused = events.filter_map(|event| match &event.what {
        Happening::Httperr { refused, .. } => Some((event.t_s, *refused)),
        _ => None,
    });
    refused.collect()
}

#[test]
fn the_files_of_a_run_are_the_run() {
    let folder = Folder::new();
    run_in(&folder, "run");
    let g = gather(&[folder.path().to_owned()], &Asked::default());
    assert_eq!(
        kinds(&g),
        [("run-events", 2), ("run-load", 1), ("run", 1), ("run-samples", 3)],
        "each told by its content"
    );
    assert!(g.recorded && g.usable);
    assert_eq!(g.run.target.profile.as_deref(), Some("windows-2003-x86-3gb"), "as it was asked");
    assert_eq!(
        (g.run.started.as_str(), g.run.planned_seconds),
        ("2026-02-01T10:00:00.250000000Z", 2.0)
    );
    assert_eq!(g.rows.len(), 5, "examples of failures are counted in the load as well");
    assert_eq!(g.httperr.as_ref().unwrap().refused, 3);
    assert_eq!(g.pool.as_ref().unwrap().nonpaged_used_bytes, Some(113_000_000), "the last reading");
    let told = kit::said(&g);
    assert!(told.contains("ISil") && told.contains("2,997 allocations more"), "{told}");
    assert!(!told.contains("What to collect") && !told.contains("boot.ini"), "{told}");
}

#[test]
fn captures_beside_a_run_stand_on_its_clock_and_are_counted_once() {
    let folder = Folder::new();
    let mut files = run_in(&folder, "run");
    let row = "2026-02-01 10:00:01 - - - - - - - - - 3_Connections_Refused -\n";
    let later = "2026-02-01 10:00:06 - - - - - - - - - 2_Connections_Refused -\n";
    files.push(folder.put("httperr1.log", format!("{row}{later}")));
    files.push(folder.put("netstat.txt", kit::netstat(3, 4)));
    let g = gather(&files, &Asked::default());
    assert_eq!(refused(&g), [(0.75, 3), (5.75, 2)], "a row that both hold is one row");
    assert_eq!(g.httperr.as_ref().unwrap().refused, 5);
    assert_eq!(g.run.clocks.len(), 1, "an undated capture blurs no clock where the run was read");
    let samples = g.rows.iter().filter(|row| matches!(row, Row::Sample(_))).count();
    assert_eq!(samples, 3, "and is told, not judged");
    assert!(kit::said(&g).contains("4 TIME_WAIT against 3 ESTABLISHED"));
}

#[test]
fn answers_that_the_record_holds_are_not_counted_from_the_sites_log_again() {
    let log = "#Software: Microsoft Internet Information Services 8.5\n#Fields: date time cs-method cs-uri-stem s-port c-ip sc-status sc-substatus\n\
               2026-02-01 10:00:01 GET / 80 198.18.0.1 500 0\n2026-02-01 10:00:01 GET / 80 198.18.0.1 500 0\n";
    let answered = "{\"t_s\":0.75,\"vantage\":\"target\",\"event\":\"answered\",\"stamp\":\"2026-02-01 10:00:01\",\"seconds\":1.0,\"status\":500,\"substatus\":0,\"count\":2}\n";
    for (events, spans, why) in [
        (answered, vec![(1.0, 2)], "the record's own, which are finer"),
        ("", vec![(60.0, 2)], "the log's, where the record has none"),
    ] {
        let folder = Folder::new();
        run_in(&folder, "run");
        folder.put("run/events.ndjson", events);
        folder.put("run/W3SVC1/u_ex260201.log", log);
        let g = gather(&[folder.path().to_owned()], &Asked::default());
        let events = g.rows.iter().filter_map(|row| match row {
            Row::Event(event) => Some(&event.what),
            _ => None,
        });
        let told: Vec<(f64, u64)> = events
            .filter_map(|what| match what {
                Happening::Answered { seconds, count, .. } => Some((*seconds, *count)),
                _ => None,
            })
            .collect();
        assert_eq!(told, spans, "{why}");
        assert_eq!(g.answers.map(|a| a.tally.by_status[&(500, 0)]), Some(2), "and told");
    }
}

#[test]
fn what_a_run_did_not_read_captures_make_up_for() {
    let folder = Folder::new();
    let mut files = run_in(&folder, "run");
    files.remove(2);
    files.push(folder.put("poolmon-20260201-100000Z.txt", kit::poolmon(" ")));
    let g = gather(&files, &Asked::default());
    let at: Vec<f64> = g
        .rows
        .iter()
        .filter_map(|row| match row {
            Row::Sample(sample) => Some(sample.t_s),
            _ => None,
        })
        .collect();
    assert_eq!(at, [-0.25], "on the run's clock");
    assert_eq!(g.run.clocks.last().unwrap().bound_s, 1.0, "a date in a name has whole seconds");
}

#[test]
fn one_run_is_diagnosed_at_a_time() {
    let folder = Folder::new();
    let mut files = run_in(&folder, "first");
    files.extend(run_in(&folder, "second"));
    files.push(folder.put("first/again.ndjson", SAMPLES));
    let g = gather(&files, &Asked::default());
    let refused: Vec<&str> =
        g.inputs.iter().filter_map(|i| i.unusable_because.as_deref()).collect();
    assert_eq!(refused.len(), 5, "{refused:?}");
    assert!(
        refused[..4].iter().all(|why| why.starts_with("belongs to another run")),
        "{refused:?}"
    );
    assert_eq!(refused[4], "is the same file of the run once more");
    assert_eq!(g.rows.len(), 5, "of the first alone");
}

#[test]
fn a_run_in_which_nothing_happened_has_an_empty_file_of_events() {
    let folder = Folder::new();
    run_in(&folder, "run");
    folder.put("run/events.ndjson", "");
    folder.put(
        "run/findings.json",
        r#"{"format": 1, "run": {}, "valid": true, "not_valid_because": []}"#,
    );
    let g = gather(&[folder.path().to_owned()], &Asked::default());
    assert_eq!(g.inputs[0].kind, "run-events");
    assert_eq!(g.inputs[0].unusable_because, None);
    let verdict = &g.inputs[1];
    assert_eq!(verdict.kind, "run-findings");
    assert!(verdict.unusable_because.as_deref().unwrap().contains("judged anew"));
}

#[test]
fn rows_of_observe_are_the_hosts_own() {
    let line =
        |row: &str| row.replacen('{', r#"{"row":"sample","#, 1).replace("\"target\"", "\"local\"");
    let text: String = SAMPLES.lines().map(|row| line(row) + "\n").collect();
    let g = kit::read("witness.json", &text);
    assert_eq!(kinds(&g), [("observe", 3)]);
    assert_eq!(g.run.started, "2026-02-01T10:00:00Z", "by the wall clock of its rows");
    assert_eq!(g.run.sample_every_s, 1.0);
    assert_eq!(g.pool.as_ref().unwrap().nonpaged_used_bytes, Some(113_000_000));
    let cut = &text[..text.len() - 20];
    let g = kit::read("witness.json", cut);
    assert_eq!((g.inputs[0].records, g.inputs[0].skipped), (2, 1), "a cut row loses no other");
}
