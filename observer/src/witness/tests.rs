use std::io::Write;
use std::sync::mpsc::channel;

use super::*;
use crate::observe::Vantage;
use crate::serve::serve_rows_on;

fn args() -> WitnessArgs {
    WitnessArgs {
        vantage: "target".into(),
        netns_of: Some(4711),
        every: Duration::from_millis(250),
        sources: vec![SourceSpec::Local, "netstat+http://127.0.0.1:9182/netstat".parse().unwrap()],
    }
}

#[test]
fn the_command_line_is_that_of_observe() {
    assert_eq!(
        args().command_line().join(" "),
        "observe --format ndjson --vantage target --netns-of 4711 --every 250000us --from local \
         --from netstat+http://127.0.0.1:9182/netstat"
    );
}

#[test]
fn rows_travel_as_json_lines_onto_the_other_run_time() {
    let (input, hold_open) = std::io::pipe().unwrap();
    let (lines, mut out) = std::io::pipe().unwrap();
    // The run's time zero lies an hour ahead of that of the witness.
    let origin = Origin::now().later(Duration::from_secs(3600));
    let serving = std::thread::spawn(move || {
        let sources = vec![SourceSpec::Httperr("/nowhere/HTTPERR".into())];
        let vantage = Vantage { name: "target".into(), sources, destination: None, narrowed: None };
        serve_rows_on(vantage, Duration::from_millis(5), input, &mut out)
    });
    let (send, rows) = channel();
    let hearing = std::thread::spawn(move || hear(lines, "target", &origin, &send));
    let first = rows.recv_timeout(Duration::from_secs(5)).unwrap();
    drop(hold_open);
    serving.join().unwrap().unwrap();
    let heard = hearing.join().unwrap();
    let Row::Sample(sample) = first else { panic!("{first:?}") };
    assert!((-3600.0..-3595.0).contains(&sample.t_s), "{}", sample.t_s);
    assert_eq!((sample.vantage.as_str(), sample.gaps.len()), ("target", 1));
    assert_eq!(heard.bad_lines, 0, "{:?}", heard.first_bad);
    assert_eq!(heard.samples, 1 + rows.iter().count() as u64);
    assert!((0.0..5.0).contains(&heard.delay_max_s), "{}", heard.delay_max_s);
}

#[test]
fn every_kind_of_row_is_shifted_and_odd_lines_are_counted() {
    let origin = Origin { mono_ns: 10_000_000_000, unix_ns: 0 };
    let early = r#"{"row":"sample","t_s":1.0,"wall":"","vantage":"target","sources":[]}"#;
    let lines = [
        early,
        r#"{"hello":{"vantage":"target"}}"#,
        r#"{"hello":{"origin_mono_ns":12500000000,"origin_unix_ns":0,"vantage":"target"}}"#,
        "no JSON",
        early,
        r#"{"row":"event","t_s":-1.0,"vantage":"target","event":"log-trouble","file":"f","sentence":"s"}"#,
        r#"{"row":"news","t_s":1.0}"#,
    ]
    .join("\n");
    let (send, rows) = channel();
    let heard = hear(lines.as_bytes(), "target", &origin, &send);
    drop(send);
    let times: Vec<_> = rows
        .iter()
        .map(|row| match row {
            Row::Sample(sample) => sample.t_s,
            Row::Event(event) => event.t_s,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(times, [3.5, 1.5]);
    assert_eq!((heard.samples, heard.bad_lines), (1, 4));
    assert_eq!(heard.first_bad.as_deref(), Some("a row before the hello"));
}

/// A stand-in for the program: a shell script that ignores its arguments.
#[cfg(unix)]
fn script(name: &str, body: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = std::env::temp_dir().join(format!("churnlab-{name}-{}.sh", std::process::id()));
    let mut file = std::fs::File::create(&path).unwrap();
    write!(file, "#!/bin/sh\n{body}\n").unwrap();
    file.set_permissions(std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[cfg(unix)]
#[test]
fn a_witness_ends_when_its_input_does() {
    let sample = r#"{"row":"sample","t_s":0.5,"wall":"","vantage":"target","sources":[]}"#;
    let hello = r#"{"hello":{"origin_mono_ns":7,"origin_unix_ns":0,"vantage":"target"}}"#;
    let body = format!("echo '{hello}'; echo '{sample}'; cat > /dev/null; echo '{sample}'");
    let exe = script("ends", &body);
    let (send, rows) = channel();
    let origin = Origin { mono_ns: 7, unix_ns: 0 };
    let witness = Witness::spawn(&exe, &args(), origin, send).unwrap();
    rows.recv_timeout(Duration::from_secs(5)).unwrap();
    let gone = witness.stop();
    std::fs::remove_file(exe).unwrap();
    assert_eq!(gone.notes, Vec::<String>::new());
    assert!(gone.clock.unwrap().how.contains("2 samples"));
    assert_eq!(rows.iter().count(), 1, "the last round came after the end of the input");
}

#[cfg(unix)]
#[test]
fn a_witness_that_fails_or_hangs_is_told() {
    let exe = script("fails", "exit 3");
    let (send, rows) = channel();
    let mut witness = Witness::spawn(&exe, &args(), Origin::now(), send).unwrap();
    assert!(ended_within(&mut witness.child, Duration::from_secs(5)));
    let gone = witness.stop();
    std::fs::remove_file(exe).unwrap();
    assert!(gone.clock.is_none() && gone.notes[0].contains("exit status: 3"), "{gone:?}");
    let Row::Sample(silent) = rows.recv().unwrap() else { panic!("a sample") };
    assert_eq!(silent.gaps[0].what, "witness");

    let exe = script("hangs", "exec sleep 60");
    let (send, _rows) = channel();
    let witness = Witness::spawn(&exe, &args(), Origin::now(), send).unwrap();
    let gone = witness.stop_within(Duration::from_millis(50));
    std::fs::remove_file(exe).unwrap();
    assert!(gone.notes[0].contains("was killed"), "{gone:?}");

    let (send, _rows) = channel();
    let none = Witness::spawn("/nowhere/churnlab".as_ref(), &args(), Origin::now(), send);
    assert!(none.unwrap_err().to_string().contains("/nowhere/churnlab"));
}
