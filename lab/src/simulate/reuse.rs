//! Defines source ports that are used again as soon as they are free, and what the target still holds of
//! the connection before.

use std::collections::BTreeMap;

use scenarios::Scenario;

/// Initial sequence numbers run ahead by so many a second: a number each 64 ns (`net/core/secure_seq.c`).
const NUMBERS_PER_S: f64 = 15_625_000.0;

/// One port.
#[derive(Clone, Copy, Debug)]
struct Port {
    /// Until when the target keeps its last connection in TIME_WAIT.
    waits_until_s: f64,
    /// When the clock of sequence numbers will have come to where that connection ended.
    numbers_until_s: f64,
}

/// The ports, the last used on top.
#[derive(Clone, Debug)]
pub struct Reused {
    free: Vec<Port>,
    in_use: BTreeMap<u64, Port>,
    /// The target keeps TIME_WAIT for so long, run time; 0 where it never closes first.
    time_wait_s: f64,
    /// By how much a connection's numbers run ahead of the clock; 0 with timestamps, which decide then.
    ahead_s: f64,
}

impl Reused {
    /// The ports of a scenario, all unused.
    pub fn new(scenario: &Scenario) -> Self {
        let (load, target) = (&scenario.load, &scenario.target);
        let (low, high) = load.source_ports.unwrap_or((49_152, 65_535));
        let unused = Port { waits_until_s: f64::NEG_INFINITY, numbers_until_s: f64::NEG_INFINITY };
        let by_target = load.close == model::attempt::CloseStyle::TargetFirst;
        let ahead_s = load.request_bytes as f64 / NUMBERS_PER_S;
        Self {
            free: vec![unused; usize::from(high.saturating_sub(low)) + 1],
            in_use: BTreeMap::new(),
            time_wait_s: match by_target {
                true => scenario.target_time_wait_s() / target.time_scale,
                false => 0.0,
            },
            ahead_s: if target.timestamps { 0.0 } else { ahead_s },
        }
    }

    /// Attempt `k` takes a port; true where its SYN is ignored.
    pub fn take(&mut self, k: u64, now_s: f64) -> bool {
        let Some(port) = self.free.pop() else { return false };
        let is_ignored = now_s < port.waits_until_s && now_s < port.numbers_until_s;
        let used =
            Port { waits_until_s: now_s + self.time_wait_s, numbers_until_s: now_s + self.ahead_s };
        // A SYN that is ignored changes nothing there.
        self.in_use.insert(k, if is_ignored { port } else { used });
        is_ignored
    }

    /// Attempt `k` is over.
    pub fn give_back(&mut self, k: u64) {
        self.free.extend(self.in_use.remove(&k));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(sets: &[&str]) -> Reused {
        let sets: Vec<String> = sets.iter().map(|s| (*s).to_owned()).collect();
        let text = scenarios::builtin("tuple-collision").unwrap();
        Reused::new(&scenarios::read(text, "story", &sets).unwrap())
    }

    #[test]
    fn a_syn_is_ignored_while_the_numbers_of_the_connection_before_are_ahead() {
        for (sets, after_s, ignored, why) in [
            (&[][..], 0.025, true, "655,360 bytes are 42 ms of the clock"),
            (&[], 0.05, false, "the clock has come that far"),
            (&["target.timestamps=true"], 0.025, false, "timestamps decide"),
            (&["load.close=client-first"], 0.025, false, "the target holds nothing"),
        ] {
            let mut ports = ports(sets);
            assert!(!ports.take(0, 1.0), "a fresh port");
            ports.give_back(0);
            assert_eq!(ports.take(1, 1.0 + after_s), ignored, "{why}");
        }
    }
}
