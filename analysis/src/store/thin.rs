//! Provides the thinning of readings: over days only what no failure lies near is forgotten, and of
//! that the peaks, the first and the last of every stretch are kept.

use super::counters::Counter;
use super::readings::Reading;

/// Readings of one vantage kept at most.
pub(crate) const MOST: usize = 8192;

/// Readings that are never thinned yet: a failure may still turn out to lie near them.
const RECENT: usize = MOST / 4;

/// A reading this near to the begin or the end of a row of failures is kept as it is, seconds: the
/// longest connect time-out in use (Windows' three SYNs, 21 s) with a sample at either side.
const NEAR_S: f64 = 30.0;

/// Begins and ends of rows of failures beyond so many are not protected: the first and the last are.
const MOST_EDGES: usize = 64;

/// Forgets readings (in order of time) until a quarter of the room is free. `edges_s` are the
/// moments at which failures began or ended; `grain_s` is the length of a stretch, which grows.
pub(crate) fn thin(readings: &mut Vec<Reading>, edges_s: &[f64], grain_s: &mut f64) {
    let Some(old) = readings.len().checked_sub(RECENT) else { return };
    let (Some(first), Some(last)) = (readings.first(), readings[..old].last()) else { return };
    let span_s = (last.t_s - first.t_s).max(1e-3);
    *grain_s = grain_s.max(span_s / MOST as f64);
    let near = protected(&readings[..old], edges_s);
    loop {
        let keep = kept(&readings[..old], &near, *grain_s);
        let count = keep.iter().filter(|k| **k).count();
        if count <= MOST - RECENT - MOST / 4 || *grain_s > span_s {
            let mut at = 0;
            readings.retain(|_| {
                at += 1;
                keep.get(at - 1).copied().unwrap_or(true)
            });
            return;
        }
        *grain_s *= 2.0;
    }
}

/// Which readings lie near an edge.
fn protected(readings: &[Reading], edges_s: &[f64]) -> Vec<bool> {
    let mut near = vec![false; readings.len()];
    let ends = edges_s.len().saturating_sub(MOST_EDGES / 2).max(MOST_EDGES / 2);
    let told = edges_s.iter().enumerate().filter(|(i, _)| *i < MOST_EDGES / 2 || *i >= ends);
    let mut room = MOST / 4;
    for (_, edge_s) in told {
        // One reading more on either side, however rare they are.
        let from = readings.partition_point(|r| r.t_s < edge_s - NEAR_S).saturating_sub(1);
        let to = (readings.partition_point(|r| r.t_s <= edge_s + NEAR_S) + 1).min(readings.len());
        for flag in &mut near[from..to.max(from)] {
            room = room.saturating_sub(usize::from(!*flag));
            *flag |= room > 0;
        }
    }
    near
}

/// Which readings stay: those protected, and of each stretch the first, the last and the extremes.
fn kept(readings: &[Reading], near: &[bool], grain_s: f64) -> Vec<bool> {
    let mut keep = near.to_vec();
    let stretch = |r: &Reading| (r.t_s / grain_s).floor();
    let mut from = 0;
    for chunk in readings.chunk_by(|a, b| stretch(a) == stretch(b)) {
        let to = from + chunk.len();
        (keep[from], keep[to - 1]) = (true, true);
        for level in LEVELS {
            for extreme in extremes(chunk, level) {
                keep[from + extreme] = true;
            }
        }
        from = to;
    }
    keep
}

/// The least and the greatest of a level within a stretch, where it changes at all.
fn extremes(chunk: &[Reading], level: &LevelOf) -> Vec<usize> {
    let known = || chunk.iter().enumerate().filter_map(|(i, r)| Some((i, level(r)?)));
    let least = known().min_by(|a, b| a.1.total_cmp(&b.1));
    let most = known().max_by(|a, b| a.1.total_cmp(&b.1));
    match (least, most) {
        (Some(least), Some(most)) if least.1 < most.1 => vec![least.0, most.0],
        _ => Vec::new(),
    }
}

type LevelOf = dyn Fn(&Reading) -> Option<f64>;

/// What has peaks that matter. Counters that only grow have none.
const LEVELS: &[&LevelOf] = &[
    &|r| r.nonpaged_used_bytes.map(|v| v as f64),
    &|r| r.memory.paged_used_bytes.map(|v| v as f64),
    &|r| r.memory.committed_bytes.map(|v| v as f64),
    &|r| r.memory.free_system_ptes.map(|v| v as f64),
    &|r| r.tcp.map(|t| t.time_wait as f64),
    &|r| r.tcp.map(|t| t.established as f64),
    &|r| r.tcp?.opened_ports.map(|v| v as f64),
    &|r| r.tcp?.accept_queue.map(|q| q.0 as f64),
    &|r| r.listens.map(|there| f64::from(u8::from(there))),
    &|r| r.ports.map(|p| p.used_any as f64),
    &|r| r.descriptors.map(|d| d.used as f64),
    &|r| r.counter(Counter::QueueSize),
];

#[cfg(test)]
mod tests {
    use model::reading::KernelMemory;
    use model::row::Sample;

    use super::*;

    fn reading(t_s: f64, bytes: u64) -> Reading {
        let memory = KernelMemory { nonpaged_used_bytes: Some(bytes), ..KernelMemory::default() };
        Reading::of(&Sample { t_s, memory: Some(memory), ..Sample::default() }, None)
    }

    #[test]
    fn days_of_readings_keep_their_peaks_and_what_lies_near_failures() {
        let (mut all, mut grain_s) = (Vec::new(), 0.0);
        let edges = [200_000.0];
        for second in (0..432_000).step_by(4) {
            let bytes = if second == 77_776 { 9 } else { 5 };
            all.push(reading(f64::from(second), bytes));
            if all.len() > MOST {
                // The failure is known once it has happened.
                let until_s = f64::from(second);
                let known: Vec<f64> = edges.into_iter().filter(|e| *e <= until_s).collect();
                thin(&mut all, &known, &mut grain_s);
            }
        }
        assert!(all.len() <= MOST, "{}", all.len());
        assert!(all.is_sorted_by(|a, b| a.t_s < b.t_s));
        let at = |t_s: f64| all.iter().any(|r| r.t_s == t_s);
        assert!(at(0.0) && at(431_996.0), "the first and the last");
        assert!(at(77_776.0), "the peak");
        let near = all.iter().filter(|r| (r.t_s - 200_000.0).abs() <= NEAR_S).count();
        assert_eq!(near, 15, "each reading around the failure");
        let widest = all.windows(2).map(|w| w[1].t_s - w[0].t_s).fold(0.0, f64::max);
        assert!(widest < 600.0, "{widest}: what is kept lies evenly");
    }
}
