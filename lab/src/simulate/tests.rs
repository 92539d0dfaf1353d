//! What simulated hosts do, told by their pages and rows.

use model::row::Interval;
use scenarios::Scenario;

use super::*;

/// 2025-11-21T04:40:00Z.
const STARTED: i64 = 1_763_700_000_000_000_000;

fn story(name: &str, sets: &[&str]) -> Scenario {
    let sets: Vec<String> = sets.iter().map(|s| (*s).to_owned()).collect();
    scenarios::read(scenarios::builtin(name).unwrap(), name, &sets).unwrap()
}

fn play(name: &str, sets: &[&str]) -> Vec<Shown> {
    Simulation::new(&story(name, sets), STARTED).unwrap().collect()
}

fn ticks(shown: &[Shown]) -> Vec<&Interval> {
    ticks_of(shown, 0)
}

fn ticks_of(shown: &[Shown], target: usize) -> Vec<&Interval> {
    let mut ticks = Vec::new();
    for one in shown {
        if let Shown::Load { host, tick } = one
            && *host == target
        {
            ticks.push(&**tick);
        }
    }
    ticks
}

fn sum(shown: &[Shown], of: fn(&Interval) -> u64) -> u64 {
    ticks(shown).iter().map(|tick| of(tick)).sum()
}

/// The texts of one door of a vantage, with their run time.
fn pages<'s>(shown: &'s [Shown], vantage: &str, door: Door) -> Vec<(f64, &'s str)> {
    let looks =
        shown.iter().filter_map(|s| if let Shown::Look(look) = s { Some(look) } else { None });
    looks
        .filter(|look| look.vantage == vantage)
        .filter_map(|look| {
            let (_, text) = look.pages.iter().find(|(d, _)| *d == door)?;
            Some((look.t_ns as f64 / 1e9, text.as_str()))
        })
        .collect()
}

/// A value of the exporter's page.
fn value(page: &str, metric: &str) -> u64 {
    let line = page.lines().find_map(|line| line.strip_prefix(metric)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {metric}")).parse().unwrap()
}

const TIME_WAIT: &str = "windows_tcp_connections_state_count{af=\"ipv4\",state=\"TIME_WAIT\"}";

#[test]
fn every_attempt_of_every_story_is_accounted_for() {
    let playable = |name: &str| check::check(&story(name, &[])).is_ok();
    let names = scenarios::builtins().iter().map(|(name, _)| *name);
    let names: Vec<&str> = names.filter(|name| playable(name)).collect();
    assert!(names.len() >= 6, "{names:?}");
    for name in names {
        let shown = play(name, &[]);
        let of = |of: fn(&Interval) -> u64| sum(&shown, of);
        let (offered, begun, not_sent) = (of(|t| t.offered), of(|t| t.begun), of(|t| t.not_sent));
        let unfinished = ticks(&shown).last().unwrap().in_flight;
        assert_eq!(offered, begun + not_sent, "{name}");
        assert_eq!(begun, of(|t| t.served) + of(|t| t.failed) + unfinished, "{name}");
        let itemised: u64 = ticks(&shown).iter().flat_map(|t| &t.failures).map(|f| f.count).sum();
        assert_eq!(itemised, of(|t| t.failed) + not_sent, "{name}");
        let load = &story(name, &[]).load;
        assert_eq!(offered, scenarios::Schedule::new(load, 1).count(), "{name}");
    }
}

#[test]
fn what_is_shown_is_in_order_of_time_and_the_same_each_time() {
    let (one, other) = (play("nonpaged-pool-leak", &[]), play("nonpaged-pool-leak", &[]));
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
    let looks = pages(&one, "target", Door::Exporter);
    assert!(looks.is_sorted_by(|a, b| a.0 < b.0));
    assert!(looks[0].0 < 0.0 && looks.last().unwrap().0 > 15.0, "before and after the load");
}

#[test]
fn time_wait_levels_off_at_what_comes_within_its_length() {
    let sets = ["load.duration=60s", "load.source_ports=\"2000-60000\""];
    let shown = play("target-time-wait", &sets);
    // 500/s for 240 s / 12.
    for (t_s, page) in pages(&shown, "target", Door::Exporter) {
        let expected = 500.0 * t_s.clamp(0.0, 20.0);
        let found = value(page, TIME_WAIT) as f64;
        if t_s < 60.0 {
            assert!((found - expected).abs() <= 0.005 * 10_000.0, "{found} at {t_s} s");
        }
    }
}

#[test]
fn a_connection_on_a_port_still_in_time_wait_takes_it_over() {
    let sets = ["load.duration=30s", "load.source_ports=\"2000-2999\""];
    let shown = play("target-time-wait", &sets);
    let most = pages(&shown, "target", Door::Exporter).iter().map(|p| value(p.1, TIME_WAIT)).max();
    assert_eq!(most, Some(1000), "no more tuples than ports");
    assert_eq!(sum(&shown, |t| t.failed + t.not_sent), 0);
}

#[test]
fn each_target_of_a_farm_has_its_share_and_its_pages() {
    let sets = ["farm.weights=[3,1]", "load.duration=10s"];
    let shown = play("target-time-wait", &sets);
    let offered = |host| ticks_of(&shown, host).iter().map(|t| t.offered).sum::<u64>();
    assert_eq!((offered(0), offered(1)), (3750, 1250));
    for (vantage, expected) in [("target", 3750), ("target-2", 1250)] {
        let pages = pages(&shown, vantage, Door::Exporter);
        let most = pages.iter().map(|(_, page)| value(page, TIME_WAIT)).max();
        assert_eq!(most, Some(expected), "{vantage}");
    }
    let at = |host| ticks_of(&shown, host).iter().map(|t| t.t_s).collect::<Vec<_>>();
    assert_eq!(at(0), at(1), "ticks of both are of the same moments");
}

#[test]
fn a_windows_client_sends_three_syns_before_it_gives_up() {
    let shown = play("nonpaged-pool-leak", &["load.retry=windows", "load.close=reset"]);
    let failed = sum(&shown, |t| t.failed);
    let logged: u64 = pages(&shown, "target", Door::Httperr)
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.split(' ').find_map(|w| w.strip_suffix("_Connections_Refused")))
        .map(|n| n.parse::<u64>().unwrap())
        .sum();
    assert!(failed > 1000, "{failed}");
    let per_attempt = logged as f64 / failed as f64;
    assert!((2.9..=3.2).contains(&per_attempt), "{logged} SYNs of {failed} attempts, and probes");
    let slow = ticks(&shown)
        .iter()
        .flat_map(|t| &t.failures)
        .all(|f| f.latency >= model::attempt::LatencyClass::Under2900ms);
    assert!(slow, "the third SYN comes after a second");
}

#[test]
fn refusals_look_as_asked() {
    for (refuse, name) in [("rst-to-syn", "ECONNREFUSED"), ("accept-then-reset", "ECONNRESET")] {
        let shown = play("nonpaged-pool-leak", &[&format!("target.refuse={refuse}")]);
        let all = ticks(&shown);
        let mut names = all.iter().flat_map(|t| &t.failures).map(|f| f.failure.name.as_str());
        assert!(names.all(|n| n == name), "{refuse}");
    }
}

#[test]
fn a_long_run_shows_no_more_than_a_short_one() {
    let long = ["load.duration=6h", "load.arrival.per_second=20", "target.time_scale=1"];
    let shown = play("healthy-baseline", &long);
    let looks = pages(&shown, "target", Door::Exporter).len();
    assert!((2000..=5002).contains(&looks), "{looks}");
    assert!(ticks(&shown).len() <= 10_001);
    assert_eq!(sum(&shown, |t| t.served), 20 * 6 * 3600);
}

#[test]
fn a_list_of_sockets_has_as_many_rows_as_the_counters_say() {
    let shown = play("refused-but-not-exhausted", &[]);
    let counted = pages(&shown, "target", Door::Exporter);
    let listed = pages(&shown, "target", Door::Netstat);
    assert_eq!(counted.len(), listed.len(), "a short list is shown each time");
    for ((t_s, counts), (_, list)) in counted.iter().zip(&listed) {
        let rows = |state: &str| list.lines().filter(|l| l.ends_with(state)).count() as u64;
        assert_eq!(rows("TIME_WAIT"), value(counts, TIME_WAIT), "at {t_s} s");
        let is_down = (4.0..8.0).contains(t_s);
        assert_eq!(rows("LISTENING"), if is_down { 1 } else { 2 }, "at {t_s} s");
    }
}

#[test]
fn a_connection_older_than_the_load_outlives_the_gate() {
    let shown = play("nonpaged-pool-leak", &["load.close=reset"]);
    let rounds = shown.iter().filter_map(|s| if let Shown::Probes(s) = s { Some(s) } else { None });
    let late: Vec<_> = rounds.filter(|s| s.t_s > 14.0).collect();
    assert!(!late.is_empty());
    for round in late {
        let served =
            |act: &str| matches!(round.probes[act], model::reading::ProbeResult::Served { .. });
        assert!(served("old-connection") && served("other-port"), "at {} s", round.t_s);
        assert!(!served("fresh-connect") && !served("other-source"), "at {} s", round.t_s);
    }
}
