//! Holds simulated runs against the laws. That both agree shows that the program is consistent with
//! itself, nothing about a real host.

use host::laws;
use model::row::{Interval, Row, Sample};

use super::run_rows;

/// How far a run may be from a law.
const TOLERANCE: f64 = 0.005;

fn play(story: &str, sets: &[&str]) -> Vec<Row> {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let text = scenarios::builtin(story).unwrap();
    run_rows(&scenarios::read(text, story, &sets).unwrap()).unwrap().1.collect()
}

fn samples<'r>(rows: &'r [Row], vantage: &str) -> Vec<&'r Sample> {
    let mut found = Vec::new();
    for row in rows {
        if let Row::Sample(sample) = row
            && sample.vantage == vantage
        {
            found.push(sample);
        }
    }
    found
}

fn ticks(rows: &[Row]) -> Vec<&Interval> {
    let mut found = Vec::new();
    for row in rows {
        if let Row::Interval(tick) = row {
            found.push(tick);
        }
    }
    found
}

fn first_failure_s(rows: &[Row]) -> f64 {
    ticks(rows).iter().find_map(|tick| tick.failures.first()).unwrap().first_s
}

#[track_caller]
fn agrees(found: f64, law: f64, what: &str) {
    let off = (found - law).abs() / law;
    assert!(
        off <= TOLERANCE,
        "{what}: {found} in the run, {law} by the law, {:.2} % off",
        off * 100.0
    );
}

#[test]
fn time_wait_grows_and_levels_off() {
    let rows = play("target-time-wait", &["load.duration=50s", "load.source_ports=\"2000-60000\""]);
    for sample in samples(&rows, "target") {
        let Some(tcp) = sample.tcp.as_ref().filter(|_| (1.0..50.0).contains(&sample.t_s)) else {
            continue;
        };
        // 240 s, twelve times faster.
        let law = laws::time_wait_after(500.0, 240.0 / 12.0, sample.t_s);
        agrees(tcp.time_wait_accepted as f64, law, &format!("TIME_WAIT at {} s", sample.t_s));
    }
}

#[test]
fn churn_holds_its_part_of_the_pool() {
    let rows = play("target-time-wait", &["load.duration=50s", "load.source_ports=\"2000-60000\""]);
    let used = |t_s: f64| {
        let near = samples(&rows, "target").into_iter().find(|s| s.t_s >= t_s).unwrap();
        near.memory.as_ref().unwrap().nonpaged_used_bytes.unwrap() as f64
    };
    let law = laws::pool_use_of_churn_bytes(500.0, 240.0 / 12.0, 256, 0, 4096);
    agrees(used(45.0) - used(-0.5), law, "pool held by churn");
}

#[test]
fn a_range_of_ports_lasts_and_then_sustains_its_rate() {
    for (profile, ports, rate, why) in [
        ("windows-2003-x86", 3976, 50.0, "16.6/s at 240 s"),
        ("windows-2016", 1200, 30.0, "10/s at 120 s"),
        ("linux", 600, 30.0, "10/s at 60 s"),
    ] {
        let time_wait_s = host::profile(profile).unwrap().time_wait_s.value;
        let rows = play(
            "client-port-exhaustion",
            &[
                &format!("load.client_profile=\"{profile}\""),
                &format!("load.client_ports=\"1025-{}\"", 1024 + ports),
                &format!("load.arrival.per_second={rate}"),
                &format!("load.duration={}s", 3.0 * time_wait_s),
                "target.time_scale=1",
                "expect={cause=\"none\"}",
            ],
        );
        let law = laws::time_to_exhaustion_s(ports, rate, time_wait_s).unwrap();
        agrees(first_failure_s(&rows), law, &format!("{profile}: seconds to the first failure"));
        let steady = ticks(&rows).into_iter().filter(|tick| tick.t_s >= time_wait_s);
        let (mut served, mut seconds) = (0, 0.0);
        for tick in steady.filter(|tick| tick.t_s < 3.0 * time_wait_s) {
            served += tick.served;
            seconds += tick.seconds;
        }
        let law = laws::max_outgoing_rate_per_s(ports, time_wait_s);
        agrees(served as f64 / seconds, law, &format!("{profile}: sustained rate, {why}"));
    }
}

#[test]
fn the_gate_shuts_at_its_level_when_a_leak_has_taken_the_rest() {
    // Probes would leak too.
    let rows = play("nonpaged-pool-leak", &["probe.enabled=false"]);
    let first_s = first_failure_s(&rows);
    let profile = host::profile("windows-2003-x86-3gb").unwrap();
    let ceiling = profile.ceiling_bytes(None).unwrap();
    let level = laws::refuse_level_bytes(ceiling, profile.gate_bytes.unwrap().value);
    // 105 MiB from the start, 900 bytes a connection, TIME_WAIT of 240 s sixty times faster.
    let waiting = laws::pool_use_of_churn_bytes(400.0, 240.0 / 60.0, 256, 0, 4096);
    let law = (level as f64 - f64::from(105 << 20) - waiting) / (900.0 * 400.0);
    agrees(first_s, law, "first refusal");
    let at_gate = samples(&rows, "target").into_iter().find(|s| s.t_s > first_s).unwrap();
    let used = at_gate.memory.as_ref().unwrap().nonpaged_used_bytes.unwrap();
    agrees(used as f64, level as f64, "pool at the gate");
}
