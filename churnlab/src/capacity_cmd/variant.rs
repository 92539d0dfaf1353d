//! Provides a scenario with one setting changed, and one that only has its rate and length changed.

use analysis::capacity::KnobAt;
use scenarios::{Arrival, Scenario};

/// A rate is sustained when TIME_WAIT has levelled off and stayed there: so many times its length are run.
const TIME_WAITS: f64 = 1.4;

/// … and this long at the least, seconds of run time.
const LEAST_S: f64 = 10.0;

/// Source addresses that are added, from the range of benchmarks (RFC 2544).
const ADDRESSES: [u8; 2] = [198, 19];

/// The scenario with a setting changed; `None` where it has no such setting.
pub fn of(scenario: &Scenario, at: KnobAt) -> Option<Scenario> {
    let mut varied = scenario.clone();
    match at {
        KnobAt::AsIs => {}
        KnobAt::TimeWait(seconds) => {
            let by_generator = scenario.load.close != model::attempt::CloseStyle::TargetFirst;
            if by_generator {
                varied.load.client_profile?;
                varied.load.client_time_wait_s = Some(f64::from(seconds));
            } else {
                varied.target.time_wait_s = Some(f64::from(seconds));
            }
        }
        KnobAt::Ports(low, high) => match varied.load.client_profile {
            Some(_) => varied.load.client_ports = Some((low, high)),
            None => varied.load.source_ports = Some((low, high)),
        },
        KnobAt::KeepAlive(requests) => varied.load.requests_per_connection = requests,
        KnobAt::Sources(count) => {
            let [a, b] = ADDRESSES;
            let address =
                |n: u32| std::net::Ipv4Addr::new(a, b, (n / 250) as u8, (n % 250 + 1) as u8);
            varied.load.source_ips = (0..count).map(|n| address(n).into()).collect();
        }
        KnobAt::Aggressive => varied.target.aggressive_memory = true,
        KnobAt::LeakFixed => varied.target.leaks.clear(),
    }
    Some(varied)
}

/// The scenario at a constant rate, for as long as it takes to see whether the rate is sustained. What is
/// planned to go wrong is left out: it would fail at any rate.
pub fn at_rate(scenario: &Scenario, run_per_s: f64) -> Scenario {
    let mut trial = scenario.clone();
    let target_s = scenario.target_time_wait_s();
    let client_s = scenario.client_time_wait_s().unwrap_or(0.0);
    let time_wait_s = target_s.max(client_s) / scenario.target.time_scale;
    trial.load.arrival = Arrival::Constant { per_second: run_per_s };
    trial.load.duration_s = (TIME_WAITS * time_wait_s).max(LEAST_S);
    trial.target.faults.clear();
    trial.network.faults.clear();
    trial.expect = None;
    trial
}

/// How trials differ from what the scenario asks, a sentence each.
pub fn left_out(scenario: &Scenario) -> Vec<String> {
    let mut all = Vec::new();
    if !scenario.target.faults.is_empty() || !scenario.network.faults.is_empty() {
        all.push("what the scenario plans to go wrong was left out of the trials".to_owned());
    }
    if matches!(scenario.load.arrival, Arrival::Hourly { .. }) {
        all.push(
            "rates were tried as constant ones: a day's peak must stay below, not its mean".into(),
        );
    }
    all
}
