//! Provides what probes showed while attempts failed: small known acts that tell look-alikes apart.

use crate::facts::Facts;
use crate::store::ProbeRound;
pub(crate) use crate::store::probes::{FRESH, OLD, OTHER_PORT, OTHER_SOURCE, Shown};
use crate::words::count;

/// The rounds of probes within a span of run time.
#[derive(Clone, Debug)]
pub(crate) struct Rounds<'a>(&'a [ProbeRound]);

impl<'a> Rounds<'a> {
    /// Those from `from_s` to `to_s`.
    pub(crate) fn within(facts: &Facts<'a>, from_s: f64, to_s: f64) -> Self {
        // Rounds follow each other, so their ends are in order as well.
        let all = &facts.store.probes;
        let first = all.partition_point(|r| r.until_s < from_s);
        let end = all.partition_point(|r| r.t_s <= to_s);
        Self(&all[first..end.max(first)])
    }

    /// How many rounds showed all of this at once.
    pub(crate) fn showing(&self, what: &[(usize, Shown)]) -> u64 {
        let shows = |r: &&ProbeRound| what.iter().all(|&(probe, s)| r.shown(probe) == Some(s));
        self.0.iter().filter(shows).map(|r| r.rounds).sum()
    }

    /// In how many rounds a probe failed or took longer than this, and in how many it did not.
    pub(crate) fn suffering(&self, probe: usize, unhurt_us: u64) -> (u64, u64) {
        let told = self.0.iter().filter_map(|r| Some((r.acts[probe]?, r.rounds)));
        told.fold((0, 0), |(bad, good), (act, rounds)| {
            match act.shown == Shown::Served && act.took_us <= unhurt_us {
                true => (bad, good + rounds),
                false => (bad + rounds, good),
            }
        })
    }

    /// The gate's picture: a fresh connect is refused while the old connection is served.
    pub(crate) fn gate(&self) -> Option<String> {
        let rounds = self.showing(&[(OLD, Shown::Served), (FRESH, Shown::Refused)]);
        let up = self.showing(&[(FRESH, Shown::Refused), (OTHER_PORT, Shown::Served)]);
        let host = if up > 0 { ", and another port of the host answered" } else { "" };
        (rounds > 0).then(|| {
            format!(
                "in {} a fresh connect was refused while the connection opened before the load was served{host}",
                count(rounds, "probe round")
            )
        })
    }
}
