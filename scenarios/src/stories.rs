//! Provides the stories built into the program, by the name of their file.

const STORIES: &[(&str, &str)] = &[
    ("healthy-baseline", include_str!("../healthy-baseline.toml")),
    ("nonpaged-pool-leak", include_str!("../nonpaged-pool-leak.toml")),
    ("client-port-exhaustion", include_str!("../client-port-exhaustion.toml")),
    ("target-time-wait", include_str!("../target-time-wait.toml")),
    ("refused-but-not-exhausted", include_str!("../refused-but-not-exhausted.toml")),
    ("exhausted-but-not-refused", include_str!("../exhausted-but-not-refused.toml")),
    ("slow-application-fills-the-queue", include_str!("../slow-application-fills-the-queue.toml")),
    ("connections-beyond-the-limit", include_str!("../connections-beyond-the-limit.toml")),
    ("too-many-requests-at-once", include_str!("../too-many-requests-at-once.toml")),
    ("application-pool-disabled", include_str!("../application-pool-disabled.toml")),
    ("worker-process-crash", include_str!("../worker-process-crash.toml")),
    ("requests-wait-too-long", include_str!("../requests-wait-too-long.toml")),
    ("application-errors", include_str!("../application-errors.toml")),
    ("pages-that-are-not-there", include_str!("../pages-that-are-not-there.toml")),
    ("paged-pool-leak", include_str!("../paged-pool-leak.toml")),
    ("target-runs-out-of-ports", include_str!("../target-runs-out-of-ports.toml")),
    ("slow-clients", include_str!("../slow-clients.toml")),
    ("full-accept-backlog", include_str!("../full-accept-backlog.toml")),
    ("nobody-accepts", include_str!("../nobody-accepts.toml")),
    ("tuple-collision", include_str!("../tuple-collision.toml")),
    ("lossy-network", include_str!("../lossy-network.toml")),
    ("cut-network", include_str!("../cut-network.toml")),
    ("middlebox-refuses", include_str!("../middlebox-refuses.toml")),
    ("middlebox-resets", include_str!("../middlebox-resets.toml")),
    ("generator-out-of-descriptors", include_str!("../generator-out-of-descriptors.toml")),
    ("socket-leak", include_str!("../socket-leak.toml")),
    ("handle-leak", include_str!("../handle-leak.toml")),
];

/// Look-alikes: of each pair all show the same to a client, and differ in one fact.
const PAIRS: &[(&str, &str)] = &[
    ("refused-by-the-gate", include_str!("../pairs/refused-by-the-gate.toml")),
    ("refused-by-nobody", include_str!("../pairs/refused-by-nobody.toml")),
    ("no-port-at-the-client", include_str!("../pairs/no-port-at-the-client.toml")),
    ("no-memory-at-the-client", include_str!("../pairs/no-memory-at-the-client.toml")),
    ("no-room-at-the-server", include_str!("../pairs/no-room-at-the-server.toml")),
    ("driver-leaks-pool", include_str!("../pairs/driver-leaks-pool.toml")),
    ("process-leaks-handles", include_str!("../pairs/process-leaks-handles.toml")),
    ("pool-that-leaks", include_str!("../pairs/pool-that-leaks.toml")),
    ("pool-that-follows-load", include_str!("../pairs/pool-that-follows-load.toml")),
    ("no-paged-pool", include_str!("../pairs/no-paged-pool.toml")),
    ("no-page-table-entries", include_str!("../pairs/no-page-table-entries.toml")),
    ("no-commit", include_str!("../pairs/no-commit.toml")),
    ("no-nonpaged-pool", include_str!("../pairs/no-nonpaged-pool.toml")),
    ("syn-dropped-at-the-host", include_str!("../pairs/syn-dropped-at-the-host.toml")),
    ("syn-lost-on-the-way", include_str!("../pairs/syn-lost-on-the-way.toml")),
    ("ports-that-come-back", include_str!("../pairs/ports-that-come-back.toml")),
    ("ports-that-do-not-matter", include_str!("../pairs/ports-that-do-not-matter.toml")),
    ("queue-behind-ports", include_str!("../pairs/queue-behind-ports.toml")),
    ("queue-behind-a-backend", include_str!("../pairs/queue-behind-a-backend.toml")),
    ("503-queue-full", include_str!("../pairs/503-queue-full.toml")),
    ("503-pool-disabled", include_str!("../pairs/503-pool-disabled.toml")),
    ("503-concurrency", include_str!("../pairs/503-concurrency.toml")),
    ("503-no-memory", include_str!("../pairs/503-no-memory.toml")),
    ("reset-on-the-way", include_str!("../pairs/reset-on-the-way.toml")),
    ("reset-by-the-gate", include_str!("../pairs/reset-by-the-gate.toml")),
    ("reset-by-the-idle-timer", include_str!("../pairs/reset-by-the-idle-timer.toml")),
];

/// What looks like trouble and is none.
const CONTROLS: &[(&str, &str)] = &[
    ("app-pool-recycle", include_str!("../controls/app-pool-recycle.toml")),
    ("backup-burst", include_str!("../controls/backup-burst.toml")),
    ("busy-generator", include_str!("../controls/busy-generator.toml")),
    ("idle-timers", include_str!("../controls/idle-timers.toml")),
    ("large-hog", include_str!("../controls/large-hog.toml")),
    ("leak-that-stops", include_str!("../controls/leak-that-stops.toml")),
    ("much-time-wait", include_str!("../controls/much-time-wait.toml")),
];

/// The text of the built-in scenario of this name: a story, one of a pair, or a control.
pub fn builtin(name: &str) -> Option<&'static str> {
    let all = STORIES.iter().chain(PAIRS).chain(CONTROLS);
    all.into_iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

/// Every built-in story: name and text.
pub fn builtins() -> &'static [(&'static str, &'static str)] {
    STORIES
}

/// Every look-alike, pair after pair: name and text.
pub fn pairs() -> &'static [(&'static str, &'static str)] {
    PAIRS
}

/// Every control: name and text.
pub fn controls() -> &'static [(&'static str, &'static str)] {
    CONTROLS
}

#[cfg(test)]
mod tests {
    use host::laws;

    use super::*;
    use crate::{LeakRate, Scenario, read};

    fn story(name: &str) -> Scenario {
        read(builtin(name).unwrap(), name, &[]).unwrap()
    }

    fn rate(scenario: &Scenario) -> f64 {
        scenario.load.arrival.rate_at(0.0)
    }

    /// Pool in bytes between the baseline and the refuse level.
    fn room_bytes(scenario: &Scenario) -> f64 {
        let profile = scenario.target.profile;
        let ceiling = profile.ceiling_bytes(None).unwrap();
        let level = laws::refuse_level_bytes(ceiling, profile.gate_bytes.unwrap().value);
        (level - scenario.target.pool.baseline_bytes.unwrap()) as f64
    }

    /// Pool in bytes that TIME_WAIT holds once the run has lasted longer than it.
    fn time_wait_bytes(scenario: &Scenario) -> f64 {
        let profile = scenario.target.profile;
        let length_s = profile.time_wait_s.value / scenario.target.time_scale;
        assert!(length_s < scenario.load.duration_s);
        laws::pool_use_of_churn_bytes(
            rate(scenario),
            length_s,
            profile.bytes_per_time_wait.value,
            0,
            0,
        )
    }

    fn leak_bytes_per_s(scenario: &Scenario) -> f64 {
        let LeakRate::PerConnection(each) = scenario.target.leaks[0].rate else {
            panic!("it leaks by connection")
        };
        each * rate(scenario)
    }

    #[test]
    fn every_story_is_short_named_after_its_file_and_expects_something() {
        let all = builtins().iter().chain(pairs()).chain(controls());
        for (name, text) in all {
            let scenario = story(name);
            assert_eq!(scenario.name, *name);
            assert!(text.starts_with("# ") && !scenario.summary.is_empty(), "{name}");
            assert!(scenario.load.duration_s <= 15.0, "{name}");
            // No cause of the closed set stands for a client that races the idle timer.
            let unexplained = *name == "reset-by-the-idle-timer";
            assert_eq!(scenario.expect.is_none(), unexplained, "{name}");
        }
        assert_eq!(builtin("no-such-story"), None);
    }

    #[test]
    fn time_wait_is_never_longer_than_a_linux_kernel_keeps_it() {
        for (name, _) in builtins().iter().chain(pairs()).chain(controls()) {
            let scenario = story(name);
            let hosts = [Some(scenario.target.profile), scenario.load.client_profile];
            for profile in hosts.into_iter().flatten() {
                let length_s = profile.time_wait_s.value / scenario.target.time_scale;
                assert!(length_s <= 60.0, "{name}: {} keeps it for {length_s} s", profile.name);
            }
        }
    }

    #[test]
    fn the_leak_reaches_the_gate_in_the_middle_of_the_window() {
        let s = story("nonpaged-pool-leak");
        let first_s = (room_bytes(&s) - time_wait_bytes(&s)) / leak_bytes_per_s(&s);
        assert!((6.0..8.0).contains(&first_s), "{first_s}");
    }

    #[test]
    fn the_client_runs_out_of_ports_in_the_middle_of_the_window() {
        let s = story("client-port-exhaustion");
        let client = s.load.client_profile.unwrap();
        let length_s = client.time_wait_s.value / s.target.time_scale;
        let ports = client.ports.value.count();
        let first_s = laws::time_to_exhaustion_s(ports, rate(&s), length_s).unwrap();
        assert!((7.5..8.5).contains(&first_s), "{first_s}");
    }

    #[test]
    fn the_pool_stays_just_above_the_gate() {
        let s = story("exhausted-but-not-refused");
        let up_to = s.target.leaks[0].up_to.unwrap() as f64;
        let left_mib = (room_bytes(&s) - time_wait_bytes(&s) - up_to) / (1024.0 * 1024.0);
        assert!((0.7..0.8).contains(&left_mib), "{left_mib} MiB above the gate");
        let full_s = up_to / leak_bytes_per_s(&s);
        assert!((6.0..8.0).contains(&full_s), "the driver stops at {full_s} s");
    }
}
