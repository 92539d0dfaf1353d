//! Provides what probes showed while attempts failed: small known acts that tell look-alikes apart.

use model::reading::ProbeResult;

use crate::facts::Facts;
use crate::kinds::{is_refused, is_reset_early};
use crate::store::ProbeRound;
use crate::words::count;

/// A request on a connection opened before the load.
pub(crate) const OLD: &str = "old-connection";
/// A fresh connect from a port kept in reserve.
pub(crate) const FRESH: &str = "fresh-connect";
/// A connect to another port of the same host.
pub(crate) const OTHER_PORT: &str = "other-port";
/// A fresh connect from another source address.
pub(crate) const OTHER_SOURCE: &str = "other-source";

/// What one probe came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Served,
    /// Refused or reset before an answer.
    Refused,
    /// Failed in another way, a time-out for one.
    Failed,
}

/// The rounds of probes within a span of run time.
#[derive(Clone, Debug)]
pub(crate) struct Rounds<'a>(Vec<&'a ProbeRound>);

impl<'a> Rounds<'a> {
    /// Those from `from_s` to `to_s`.
    pub(crate) fn within(facts: &Facts<'a>, from_s: f64, to_s: f64) -> Self {
        let all = facts.store.probes.iter();
        Self(all.filter(|r| r.t_s >= from_s && r.t_s <= to_s).collect())
    }

    /// How many rounds showed all of this at once.
    pub(crate) fn showing(&self, what: &[(&str, Shown)]) -> u64 {
        let all_shown = |r: &&&ProbeRound| what.iter().all(|&(name, s)| shown(r, name) == Some(s));
        self.0.iter().filter(all_shown).count() as u64
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

fn shown(round: &ProbeRound, name: &str) -> Option<Shown> {
    Some(match round.results.get(name)? {
        ProbeResult::Served { .. } => Shown::Served,
        ProbeResult::Failed { failure, .. } if is_refused(failure) || is_reset_early(failure) => {
            Shown::Refused
        }
        ProbeResult::Failed { .. } => Shown::Failed,
        ProbeResult::Reopened => return None,
    })
}
