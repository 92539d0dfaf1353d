//! Provides the pace of virtual time: how long a step, a tick and the time between two looks are.
//! A record's size depends neither on the rate nor, beyond some hours, on the duration.

use scenarios::Scenario;

/// Looks at a host in one run, at most.
const MOST_LOOKS: f64 = 5_000.0;
/// Ticks of load in one run, at most.
const MOST_TICKS: f64 = 10_000.0;
/// Rows of latencies in one run, at most (three each time).
const MOST_LATENCIES: f64 = 500.0;
/// A tick of the load generator, seconds.
const TICK_S: f64 = 0.25;
/// A row of latencies of the load generator, seconds.
const LATENCY_S: f64 = 1.0;
/// Steps of the hosts in one run, about.
const STEPS: f64 = 2e6;
/// The shortest step, seconds: a round trip in the lab with its service is a fifth of it.
const SHORTEST_STEP_S: f64 = 0.001;
/// A step is no longer than so much of the time that a request is worked on.
const PARTS_OF_WORK: f64 = 4.0;
/// The longest step of a short run, seconds: a tenth of the shortest time between looks.
const LONGEST_STEP_S: f64 = 0.005;

/// Lengths in seconds of run time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Between two states of the hosts.
    pub step_s: f64,
    /// Of a row of load.
    pub tick_s: f64,
    /// Between two looks at the hosts.
    pub look_s: f64,
    /// Between two rounds of probes; `None` without.
    pub probe_s: Option<f64>,
    /// Of a row of latencies.
    pub latency_s: f64,
}

impl Pace {
    /// The pace of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let duration_s = scenario.load.duration_s;
        let stretched = |every_s: f64, most: f64| every_s * round_up(duration_s / every_s / most);
        // Between two arrivals nothing happens that would need a finer step.
        let between_arrivals_s =
            (1.0 / scenario.load.arrival.peak_per_second()).clamp(SHORTEST_STEP_S, LONGEST_STEP_S);
        // Workers must not be given in one lump what comes to them one after another.
        let service_s = scenario.target.app.map(|app| app.service_time_s / PARTS_OF_WORK);
        let at_work_s = service_s.map_or(f64::INFINITY, |s| s.max(SHORTEST_STEP_S));
        let look_s = stretched(scenario.observe.every_s, MOST_LOOKS);
        Self {
            step_s: (duration_s / STEPS).max(between_arrivals_s).min(at_work_s),
            tick_s: stretched(TICK_S, MOST_TICKS).min(look_s),
            look_s,
            probe_s: scenario.probe.every_s.map(|every_s| stretched(every_s, MOST_LOOKS)),
            latency_s: stretched(LATENCY_S, MOST_LATENCIES),
        }
    }
}

/// The next of 1, 2, 4, 5, 8, 10, 20, 40 … that is no less.
fn round_up(factor: f64) -> f64 {
    let mut ten = 1.0;
    loop {
        let found = [1.0, 2.0, 4.0, 5.0, 8.0].iter().find(|m| *m * ten >= factor);
        if let Some(m) = found {
            return m * ten;
        }
        ten *= 10.0;
        if ten > 1e12 {
            return ten;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run_is_paced_as_in_the_lab_and_a_long_one_gives_no_more_rows() {
        let story = |duration: &str, every: &str| {
            let sets = [format!("load.duration={duration}"), format!("observe.every={every}")];
            let text = scenarios::builtin("target-time-wait").unwrap();
            Pace::of(&scenarios::read(text, "story", &sets).unwrap())
        };
        for (duration, every, step_s, tick_s, look_s, why) in [
            ("12s", "250ms", 0.002, 0.25, 0.25, "as the lab, a step for each arrival"),
            (
                "12s",
                "50ms",
                0.002,
                0.05,
                0.05,
                "a tick is never longer than the time between looks",
            ),
            ("60s", "30s", 0.002, 0.25, 30.0, "rare looks as asked"),
            ("1h", "1s", 0.002, 0.5, 1.0, "3,600 looks are few enough"),
            ("5d", "250ms", 0.216, 50.0, 100.0, "4,320 looks of 5 days"),
            ("10d", "250ms", 0.432, 100.0, 200.0, "and of 10 days"),
        ] {
            let pace = story(duration, every);
            let found = (pace.step_s, pace.tick_s, pace.look_s);
            assert_eq!(found, (step_s, tick_s, look_s), "{duration} every {every}: {why}");
        }
        assert_eq!(story("5d", "1s").probe_s, Some(100.0));
    }
}
