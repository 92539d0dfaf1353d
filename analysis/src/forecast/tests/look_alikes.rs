//! What only looks like a leak has no forecast, nor has what ran out.

use std::collections::BTreeMap;

use model::findings::{Forecast, ResourceName};
use model::reading::Ports;
use model::row::{Interval, Row, Sample};

use super::kit::{Dice, Leaking, SEEDS, day};
use crate::forecast::Outlook;
use crate::tests::kit::Story;

/// What is forecast of a pool at moments up to `until_s`.
fn at_moments(leak: &Leaking, until_s: f64, seed: u64) -> Vec<Option<Forecast>> {
    let moments = (1..=12).map(|nth| until_s * f64::from(nth) / 12.0);
    moments.map(|now_s| leak.outlook(now_s, &mut Dice(seed)).forecast()).collect()
}

/// A host without a leak: what connections hold, and noise.
fn healthy(dice: &mut Dice) -> Leaking {
    let mut host = Leaking::steady(dice.within(20.0, 500.0), 3_600.0, dice);
    host.bytes_per_connection = 0.0;
    host.noise = dice.within(0.0, 20_000.0);
    host.every_s = host.time_wait_s / dice.within(5.0, 60.0);
    host
}

#[test]
fn what_levels_off_is_no_leak() {
    for seed in 0..SEEDS {
        let dice = &mut Dice(seed);
        let host = healthy(dice);
        let until_s = 3.0 * host.time_wait_s;
        for (host, why) in [
            (host.clone(), "TIME_WAIT fills up and stays"),
            (Leaking { tags: false, ..host.clone() }, "the same, and poolmon was not read"),
            (
                Leaking { rates: day(host.rates[0] / 2.0, 0.6), hour_s: until_s / 24.0, ..host },
                "TIME_WAIT follows the hour",
            ),
        ] {
            let found = at_moments(&host, until_s, seed);
            assert!(found.iter().all(Option::is_none), "{why}, seed {seed}: {found:?}");
        }
    }
}

#[test]
fn a_driver_that_follows_the_load_is_no_leak() {
    for seed in 0..SEEDS {
        let dice = &mut Dice(seed);
        let hour_s = dice.within(10.0, 3_600.0);
        // Its bytes come and go within some minutes, and its tag is in no list.
        let host = Leaking { rates: day(100.0, 0.6), hour_s, planned: false, ..healthy(dice) };
        let mut outlook = Outlook::new(&host.run());
        let step_s = hour_s / 4.0;
        for n in 0..(24 * 4 * 3) {
            let t_s = f64::from(n) * step_s;
            let begun = (host.due(t_s + step_s) - host.due(t_s)) as u64;
            let tick = Interval { t_s, seconds: step_s, begun, ..Interval::default() };
            outlook.push(&Row::Interval(tick));
            let rate = (host.due(t_s) - host.due(t_s - step_s)) / step_s;
            let buffers = (rate * 60_000.0 + dice.noise(30_000.0)).max(0.0) as u64;
            let mut sample = host.sample(t_s, dice);
            let memory = sample.memory.get_or_insert_default();
            memory.nonpaged_used_bytes = memory.nonpaged_used_bytes.map(|b| b + buffers);
            outlook.push(&Row::Sample(sample));
            // Before the first day is over nobody can know that it will go down again.
            if n > 24 * 4 && n % 4 == 0 {
                assert_eq!(outlook.forecast(), None, "seed {seed}, {:.1} hours", t_s / hour_s);
            }
        }
    }
}

#[test]
fn a_leak_that_stopped_is_no_longer_forecast() {
    for seed in 0..SEEDS {
        let dice = &mut Dice(seed);
        let leak = Leaking::steady(dice.within(20.0, 500.0), 3_600.0, dice);
        let stops_s = dice.within(0.2, 0.5) * 3_600.0;
        let stopped = Leaking { stops_s, noise: 2_000.0, ..leak };
        assert!(stopped.outlook(stops_s, &mut Dice(seed)).forecast().is_some(), "seed {seed}");
        for later in [1.3, 1.5, 2.0, 4.0] {
            let found = stopped.outlook(stops_s * later, &mut Dice(seed)).forecast();
            assert_eq!(found, None, "seed {seed}: {later} times as long");
        }
    }
}

#[test]
fn a_pool_at_its_gate_has_no_forecast_any_more() {
    let leak = Leaking::steady(100.0, 100.0, &mut Dice(1));
    let end_s = leak.end_s(100.0);
    let before = leak.outlook(end_s * 0.9, &mut Dice(1)).forecast().unwrap();
    assert_eq!(before.resource, ResourceName::NonpagedPool);
    assert!(before.assuming.contains("derived ceiling of 128.0 MiB"), "{}", before.assuming);
    assert_eq!(leak.outlook(end_s * 1.1, &mut Dice(1)).forecast(), None);
}

/// A client that closes first, with 3,976 ports that stay taken for 60 s.
fn ports(rate: f64, until_s: f64) -> Option<Forecast> {
    let mut run = Story::new(1e4).run;
    run.generator.profile = Some("windows-2003-x86".into());
    run.target.time_scale = 4.0;
    let mut outlook = Outlook::new(&run);
    for n in 0..(until_s * 4.0) as u32 {
        let t_s = f64::from(n) * 0.25;
        let begun = ((t_s + 0.25) * rate) as u64 - (t_s * rate) as u64;
        let tick = Interval { t_s, seconds: 0.25, begun, ..Interval::default() };
        outlook.push(&Row::Interval(tick));
        let used = (rate * t_s.min(60.0)) as u32;
        let ports = Ports { low: 1025, high: 5000, used_any: used, ..Ports::default() };
        let vantage = "generator".into();
        outlook.push(&Row::Sample(Sample {
            t_s,
            vantage,
            ports: Some(ports),
            ..Sample::default()
        }));
    }
    outlook.forecast()
}

#[test]
fn ports_run_out_where_rate_times_time_wait_exceeds_them() {
    for (rate, now_s, runs_out_s, why) in [
        (500.0, 3.0, Some(3976.0 / 500.0), "well above P / T"),
        (70.0, 30.0, Some(3976.0 / 70.0), "just above P / T = 66.3"),
        (64.0, 20.0, None, "just below: 3,840 ports, again and again"),
        (64.0, 59.0, None, "\u{2026} also shortly before it levels off"),
        (64.0, 200.0, None, "\u{2026} and when it has"),
    ] {
        let found = ports(rate, now_s);
        assert_eq!(found.is_some(), runs_out_s.is_some(), "{why}: {found:?}");
        if let Some((f, expected)) = found.zip(runs_out_s) {
            assert_eq!(f.resource, ResourceName::ClientPorts, "{why}");
            assert!(f.low_s <= expected && expected <= f.high_s, "{why}: {f:?}");
        }
    }
}

#[test]
fn a_queue_is_told_while_it_grows_and_not_once_it_is_full() {
    let waits = |grows: fn(f64) -> f64| {
        let mut outlook = Outlook::new(&Story::new(1e4).run);
        for n in 0..200 {
            let t_s = f64::from(n);
            let name = "windows_iis_http_requests_current_queue_size".to_owned();
            let counters = BTreeMap::from([(name, grows(t_s))]);
            let vantage = "target".into();
            outlook.push(&Row::Sample(Sample { t_s, vantage, counters, ..Sample::default() }));
        }
        outlook.forecast()
    };
    let found = waits(|t_s| 2.0 * t_s).unwrap();
    assert_eq!(found.resource, ResourceName::RequestQueue);
    assert!((found.runs_out_at_s - 500.0).abs() < 5.0, "1,000 requests: {found:?}");
    assert_eq!(waits(|t_s| 40.0 + t_s % 7.0), None, "a queue that comes and goes");
    assert_eq!(waits(|t_s| (10.0 * t_s).min(1000.0)), None, "full: it ran out already");
}

#[test]
fn committed_memory_that_follows_time_wait_is_no_leak() {
    let mib = 1024.0 * 1024.0;
    for (tags, leaks, told, why) in [
        (true, 0.0, false, "what TIME_WAIT holds of the pool is committed too"),
        (false, 0.0, false, "the same, and poolmon was not read"),
        (true, 5.0 * mib, true, "beside it a process takes 5 MiB a second"),
    ] {
        let host = Leaking {
            tags,
            bytes_per_connection: 0.0,
            ..Leaking::steady(400.0, 3_600.0, &mut Dice(3))
        };
        let mut outlook = Outlook::new(&host.run());
        let until_s = 0.8 * host.time_wait_s;
        let step_s = until_s / 60.0;
        for n in 0..60 {
            let t_s = f64::from(n) * step_s;
            let begun = (400.0 * step_s) as u64;
            let tick = Interval { t_s, seconds: step_s, begun, ..Interval::default() };
            outlook.push(&Row::Interval(tick));
            let mut sample = host.sample(t_s, &mut Dice(3));
            let memory = sample.memory.get_or_insert_default();
            let pool = memory.nonpaged_used_bytes.unwrap_or(0);
            memory.committed_bytes = Some((4096.0 * mib + leaks * t_s) as u64 + pool);
            memory.commit_limit_bytes = Some(8192 << 20);
            outlook.push(&Row::Sample(sample));
        }
        let found = outlook.forecasts().into_iter().find(|f| f.resource == ResourceName::Commit);
        assert_eq!(found.is_some(), told, "{why}: {found:?}");
    }
}
