use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::*;

fn vantage(sources: Vec<SourceSpec>) -> Vantage {
    Vantage { name: "target".into(), sources, destination: None, narrowed: None }
}

fn samples(rows: &[Row]) -> Vec<&Sample> {
    rows.iter().filter_map(|row| if let Row::Sample(s) = row { Some(s) } else { None }).collect()
}

#[test]
fn rounds_stand_at_multiples_of_their_period_and_a_stop_adds_the_last() {
    let every = Duration::from_millis(20);
    let origin = Origin::now().later(Duration::from_millis(30));
    let (stop, mut rows) = (AtomicBool::new(false), Vec::new());
    observe(vantage(vec![]), every, origin, &stop, &mut |row| {
        rows.push(row);
        stop.store(rows.len() == 5, Ordering::Relaxed);
        true
    });
    let samples = samples(&rows);
    assert_eq!(samples.len(), 6, "five rounds and the last");
    assert!(samples[0].t_s < 0.0, "sampling begins before run time zero");
    let ticks: Vec<_> = samples.iter().map(|s| (s.t_s / 0.02).floor()).collect();
    assert!(ticks[..5].is_sorted_by(|a, b| a < b), "one round per period: {ticks:?}");
    assert!(samples[0].wall.ends_with('Z'), "{}", samples[0].wall);
}

#[test]
fn a_reader_that_is_gone_ends_it() {
    let mut rows = 0;
    let never = AtomicBool::new(false);
    observe(vantage(vec![]), Duration::from_millis(1), Origin::now(), &never, &mut |_| {
        rows += 1;
        false
    });
    assert_eq!(rows, 1);
}

/// Answers each of `count` connections with this page.
fn door(page: &'static str, count: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().take(count) {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", page.len());
            stream.write_all((head + page).as_bytes()).unwrap();
        }
    });
    url
}

#[test]
fn all_doors_of_a_vantage_make_one_sample_with_its_gaps() {
    let exporter = door("windows_memory_pool_nonpaged_bytes 1000\n", 1);
    let netstat = door("  TCP 0.0.0.0:80 0.0.0.0:0 LISTENING 4\r\n", 1);
    let poolmon =
        door(" Commit: 1K Limit: 2K Peak: 1K Pool N: 8K P: 9K\n ISil Nonp 3 1 2 64 32\n", 1);
    // A listener that never answers: it must not cost the others anything.
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let hung = format!("http://{}/", hanging.local_addr().unwrap());
    let sources = vec![
        SourceSpec::WindowsExporter(exporter),
        SourceSpec::NetstatPage(netstat),
        SourceSpec::PoolmonPage(poolmon),
        SourceSpec::WindowsExporter(hung),
        SourceSpec::Httperr("/nowhere/HTTPERR".into()),
    ];
    let names: Vec<_> = sources.iter().map(ToString::to_string).collect();
    let started = Instant::now();
    let rows = once(vantage(sources), Duration::from_millis(400)).unwrap();
    assert!(started.elapsed() < Duration::from_secs(2));
    let [Row::Sample(sample)] = &rows[..] else { panic!("{rows:?}") };
    let memory = sample.memory.clone().unwrap();
    assert_eq!(memory.nonpaged_used_bytes, Some(1000), "the first named stands");
    assert_eq!(memory.paged_used_bytes, Some(9 * 1024), "the next fills it in");
    assert_eq!(sample.tcp.as_ref().unwrap().listening, [80]);
    assert_eq!(sample.pool_tags.as_ref().unwrap()[0].tag, "ISil");
    let costs: Vec<_> = sample.sources.iter().map(|s| s.name.clone()).collect();
    assert_eq!(costs, names);
    let gaps: Vec<_> = sample.gaps.iter().map(|g| g.what.clone()).collect();
    assert_eq!(gaps, names[3..], "the exporter's missing ports are netstat's");
}

#[test]
fn a_log_row_is_an_event_at_its_stamp() {
    let file = std::env::temp_dir().join(format!("churnlab-observe-{}.log", std::process::id()));
    std::fs::write(&file, "").unwrap();
    let origin = Origin { unix_ns: 1_777_756_244_500_000_000, ..Origin::now() };
    let (stop, mut rows) = (AtomicBool::new(false), Vec::new());
    let watched = vantage(vec![SourceSpec::Httperr(file.clone())]);
    observe(watched, Duration::from_millis(5), origin, &stop, &mut |row| {
        if rows.is_empty() {
            let row = "2026-05-02 21:10:42 - - - - - - - - - 7_Connections_Refused -\r\n";
            std::fs::write(&file, row).unwrap();
            stop.store(true, Ordering::Relaxed);
        }
        rows.push(row);
        true
    });
    std::fs::remove_file(&file).unwrap();
    let Some(Row::Event(event)) = rows.last() else { panic!("{rows:?}") };
    assert_eq!((event.t_s, event.vantage.as_str()), (-2.5, "target"), "2.5 s before run time zero");
    assert_eq!(samples(&rows).len(), 2, "the row came with the last round");
}
