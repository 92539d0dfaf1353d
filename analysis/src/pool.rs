//! Provides the target's non-paged pool: its ceiling, its gate, and what was read of it.
//!
//! Decisive inequality: ceiling − used ≤ gate + tolerance (KB820129 for the gate; for the tolerance
//! see [`host::laws::POOL_LIMIT_TOLERANCE_BYTES`]).

use host::laws::{POOL_LIMIT_TOLERANCE_BYTES, pool_limit};
use model::limit::{Limit, Origin};
use model::run::RunInfo;
use model::units::format_bytes;

use crate::bracket::Level;
use crate::store::{Store, TARGET};

/// How far the ceiling may be wrong, and so how early refusing may begin, bytes.
pub(crate) const TOLERANCE_BYTES: i64 = POOL_LIMIT_TOLERANCE_BYTES as i64;

/// The pool as read over the run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    /// The ceiling, where it is known.
    pub(crate) limit: Option<Limit>,
    /// Free pool below which HTTP.sys refuses; `None` where the host has no HTTP.sys.
    pub(crate) gate_bytes: Option<u64>,
    /// Run time and bytes in use.
    pub(crate) used: Vec<(f64, u64)>,
}

/// What the run declares of the target's pool: its ceiling, and the free bytes below which HTTP.sys
/// refuses. An undescribed live host is given the gate that every HTTP.sys has, and no ceiling.
pub(crate) fn bounds(run: &RunInfo) -> (Option<Limit>, Option<u64>) {
    let target = &run.target;
    let profile = target.profile.as_deref().and_then(host::profile);
    let limit = match profile {
        Some(profile) => pool_limit(profile, target.ram_bytes, target.ceiling_bytes),
        None => target.ceiling_bytes.map(|value| Limit { value, origin: Origin::Declared }),
    };
    let of_profile = match profile {
        Some(profile) => profile.gate_bytes.as_ref(),
        None => host::all().iter().find_map(|p| p.gate_bytes.as_ref()),
    };
    (limit, target.gate_bytes.or(of_profile.map(|gate| gate.value)))
}

impl Pool {
    /// What the run declares of the target, and what was read of it.
    pub(crate) fn of(run: &RunInfo, store: &Store) -> Self {
        let (limit, gate_bytes) = bounds(run);
        let used = store.of(TARGET).iter().filter_map(|r| Some((r.t_s, r.nonpaged_used_bytes?)));
        Self { limit, gate_bytes, used: used.collect() }
    }

    /// Free pool at each reading, bytes; empty without a ceiling. Negative where the ceiling is wrong.
    pub(crate) fn headroom(&self) -> impl Iterator<Item = (f64, i64)> {
        let ceiling = self.limit.map(|l| l.value);
        let used = self.used.iter();
        used.filter_map(move |&(t_s, used)| Some((t_s, signed(ceiling?) - signed(used))))
    }

    /// Whether the pool was at its gate, within the tolerance, at each reading.
    pub(crate) fn levels(&self) -> Vec<Level> {
        let Some(gate) = self.gate_bytes else { return Vec::new() };
        let limit = signed(gate) + TOLERANCE_BYTES;
        self.headroom().map(|(t_s, free)| Level { t_s, at_limit: free <= limit }).collect()
    }

    /// The least free pool and when it was read.
    pub(crate) fn least(&self) -> Option<(f64, i64)> {
        self.headroom().min_by_key(|&(_, free)| free)
    }

    /// The least free pool read in a span of run time.
    pub(crate) fn least_within(&self, from_s: f64, to_s: f64) -> Option<(f64, i64)> {
        self.headroom().filter(|&(t, _)| t >= from_s && t <= to_s).min_by_key(|&(_, free)| free)
    }

    /// `128.0 MiB (derived)`, for sentences.
    pub(crate) fn ceiling_words(&self) -> String {
        match self.limit {
            Some(limit) => {
                format!("{} ({})", format_bytes(limit.value.into()), limit.origin.as_str())
            }
            None => "unknown".into(),
        }
    }

    /// `20 MiB gate`, for sentences.
    pub(crate) fn gate_words(&self) -> String {
        match self.gate_bytes {
            Some(gate) if gate % (1 << 20) == 0 => format!("{} MiB gate", gate >> 20),
            Some(gate) => format!("gate of {}", format_bytes(gate.into())),
            None => "gate".into(),
        }
    }
}

/// Bytes as a signed number; a size beyond 8 EiB is not met.
pub(crate) fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
