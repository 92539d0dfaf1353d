//! Defines the gate: HTTP.sys stops accepting while free non-paged pool is below a level
//! (KB820129: 20 MB, 8 MB with EnableAggressiveMemoryUsage), and resumes at a level of its own.

/// The two levels of a gate, bytes of free non-paged pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateSpec {
    /// Below this much free pool connections are refused.
    pub stop_bytes: u64,
    /// At this much free pool they are accepted again. No document gives a separate level; the
    /// default equals `stop_bytes`, as one kernel event per mode suggests.
    pub resume_bytes: u64,
}

/// A gate and its position.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    spec: GateSpec,
    refusing: bool,
}

impl Gate {
    /// An open gate. A resume level below the stop level is raised to it.
    pub fn new(spec: GateSpec) -> Self {
        let resume_bytes = spec.resume_bytes.max(spec.stop_bytes);
        Self { spec: GateSpec { resume_bytes, ..spec }, refusing: false }
    }

    /// Moves the gate for this much free pool; true while it refuses.
    pub fn weigh(&mut self, free_bytes: u64) -> bool {
        let level = if self.refusing { self.spec.resume_bytes } else { self.spec.stop_bytes };
        self.refusing = free_bytes < level;
        self.refusing
    }

    /// True while connections are refused.
    pub fn refusing(&self) -> bool {
        self.refusing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_below_the_stop_level_until_the_resume_level() {
        let mut gate = Gate::new(GateSpec { stop_bytes: 20, resume_bytes: 25 });
        for (free, refusing, why) in [
            (100, false, "plenty is free"),
            (20, false, "exactly at the level is not below it"),
            (19, true, "one byte below refuses"),
            (24, true, "between the levels it stays as it was: refusing"),
            (25, false, "at the resume level it opens"),
            (21, false, "between the levels it stays as it was: open"),
            (0, true, "an empty pool refuses"),
        ] {
            assert_eq!(gate.weigh(free), refusing, "free {free}: {why}");
        }
    }

    #[test]
    fn a_resume_level_below_the_stop_level_is_the_stop_level() {
        let mut gate = Gate::new(GateSpec { stop_bytes: 20, resume_bytes: 5 });
        assert!(gate.weigh(19));
        assert!(gate.weigh(10), "10 is above the asked resume level, yet below the stop level");
        assert!(!gate.weigh(20));
    }
}
