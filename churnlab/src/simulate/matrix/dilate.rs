//! Provides a story told more slowly, more or less loaded, on another host: what happens stays the same.

use scenarios::{Arrival, Leaked, Refuse, Scenario};

use super::dice::Dice;
use super::stories::{WINDOWS, set, text};

/// How much more or less load a story is told with.
const LOADED: (f64, f64) = (0.8, 1.25);

/// What is changed of a story so that it lasts at least `least_s`.
pub fn sets((name, story): &(String, String), least_s: f64, dice: &mut Dice) -> Vec<String> {
    let scenario = scenarios::read(story, name, &[]).unwrap();
    let slower = (least_s / scenario.load.duration_s).max(1.0);
    let mut sets = vec![set("seed", dice.between(0.0, 1e6) as u64)];
    pace(&scenario, slower, dice.between(LOADED.0, LOADED.1), &mut sets);
    faults(&scenario, slower, &mut sets);
    host(&scenario, dice, &mut sets);
    sets
}

fn seconds(key: &str, seconds: f64) -> String {
    text(key, &format!("{seconds:.4}s"))
}

fn pace(scenario: &Scenario, slower: f64, loaded: f64, sets: &mut Vec<String>) {
    let (load, target) = (&scenario.load, &scenario.target);
    sets.push(seconds("load.duration", load.duration_s * slower));
    sets.push(set("target.time_scale", target.time_scale / slower));
    if let Arrival::Constant { per_second } = &load.arrival {
        sets.push(set("load.arrival.per_second", per_second * loaded / slower));
    }
    if slower == 1.0 {
        return;
    }
    if let Arrival::Hourly { per_second, hour_s } = &load.arrival {
        let slow: Vec<f64> = per_second.iter().map(|rate| rate / slower).collect();
        sets.push(format!("load.arrival.per_second={slow:?}"));
        sets.push(seconds("load.arrival.hour", hour_s * slower));
    }
    sets.push(seconds("load.timeout", load.timeout_s * slower));
    if load.pause_s > 0.0 {
        sets.push(seconds("load.pause", load.pause_s * slower));
    }
    if let Some(slow) = load.slow {
        sets.push(set("load.slow.bytes_per_second", slow.bytes_per_second / slower));
    }
    if let Some(app) = target.app {
        sets.push(seconds("target.app.service_time", app.service_time_s * slower));
        if let Some(backend) = app.backend {
            sets.push(seconds("target.app.backend.latency", backend.latency_s * slower));
            sets.push(seconds("target.app.backend.give_up", backend.give_up_s * slower));
        }
    }
}

fn faults(scenario: &Scenario, slower: f64, sets: &mut Vec<String>) {
    let of_target = scenario.target.faults.iter().map(|f| (f.at_s, f.for_s)).enumerate();
    let of_network = scenario.network.faults.iter().map(|f| (f.at_s, f.for_s)).enumerate();
    for (whose, faults) in
        [("target", of_target.collect::<Vec<_>>()), ("network", of_network.collect())]
    {
        for (i, (at_s, for_s)) in faults {
            sets.push(seconds(&format!("{whose}.fault.{i}.at"), at_s * slower));
            sets.push(seconds(&format!("{whose}.fault.{i}.for"), for_s * slower));
        }
    }
}

/// Another host where the story does not depend on how much memory it has.
fn host(scenario: &Scenario, dice: &mut Dice, sets: &mut Vec<String>) {
    let target = &scenario.target;
    let shape = dice.one(&Refuse::ALL).1;
    sets.push(text("target.refuse", shape));
    let is_windows = target.profile.name.starts_with("windows-");
    let is_of_memory = !target.leaks.is_empty()
        || target.pool.baseline_bytes.is_some()
        || target.leaks.iter().any(|leak| matches!(leak.of, Leaked::Nonpaged { .. }));
    let backend = target.app.is_some_and(|app| app.backend.is_some());
    if is_windows && !is_of_memory && !backend {
        sets.push(text("target.profile", dice.one(&WINDOWS)));
    }
}
