//! Provides the joining of neighbouring ticks that tell the same, so that a long run stays small. Ticks
//! on either side of a begin or an end of failures differ in kinds and stay apart.

use super::{MOST, Tick, Ticks, add, same_kinds};

/// Ticks that stay as they are because they are the latest: somebody watches them.
const RECENT: usize = MOST / 4;

/// Joined ticks span at most this share of the run before kinds that differ are joined as well.
/// Chosen: what then flaps for days is told by such stretches.
const LONGEST_SHARE: f64 = 1.0 / 256.0;

/// Joins neighbours, over ever longer stretches, until half of the room is free.
pub(super) fn equal_neighbours(ticks: &mut Ticks) {
    let recent = ticks.all.split_off(ticks.all.len() - RECENT);
    let span_s = match (ticks.all.first(), ticks.all.last()) {
        (Some(first), Some(last)) => last.end_s() - first.t_s,
        _ => 0.0,
    };
    // Ticks further apart than this have a silence between them.
    let apart_s = 2.0 * ticks.longest_s;
    ticks.grain_s = ticks.grain_s.max(2.0 * ticks.longest_s);
    loop {
        let whatever = ticks.grain_s > LONGEST_SHARE * span_s;
        let mut kept: Vec<Tick> = Vec::with_capacity(ticks.all.len());
        for tick in ticks.all.drain(..) {
            let fits = |last: &&mut Tick| {
                tick.end_s() - last.t_s <= ticks.grain_s
                    && tick.t_s - last.end_s() <= apart_s
                    && (whatever || same_kinds(&last.failures, &tick.failures))
            };
            match kept.last_mut().filter(fits) {
                Some(last) => join(last, &tick),
                None => kept.push(tick),
            }
        }
        ticks.all = kept;
        if ticks.all.len() <= MOST / 4 || ticks.grain_s > span_s {
            break;
        }
        ticks.grain_s *= 2.0;
    }
    ticks.all.extend(recent);
}

fn join(tick: &mut Tick, next: &Tick) {
    tick.seconds = next.end_s() - tick.t_s;
    tick.ticks += next.ticks;
    tick.offered += next.offered;
    tick.begun += next.begun;
    tick.served += next.served;
    tick.failed += next.failed;
    tick.not_sent += next.not_sent;
    tick.in_flight = tick.in_flight.max(next.in_flight);
    tick.lateness_p99_us = tick.lateness_p99_us.max(next.lateness_p99_us);
    tick.lateness_max_us = tick.lateness_max_us.max(next.lateness_max_us);
    tick.late += next.late;
    tick.busy += next.busy;
    tick.connect_call_p50_us = tick.connect_call_p50_us.max(next.connect_call_p50_us);
    tick.connect_max_us = tick.connect_max_us.max(next.connect_max_us);
    let (least, most) = (&mut tick.served_per_s.0, &mut tick.served_per_s.1);
    *least = least.min(next.served_per_s.0);
    *most = most.max(next.served_per_s.1);
    tick.failed_per_s = tick.failed_per_s.max(next.failed_per_s);
    tick.not_sent_per_s = tick.not_sent_per_s.max(next.not_sent_per_s);
    for failure in &next.failures {
        add(&mut tick.failures, failure);
    }
}

#[cfg(test)]
mod tests {
    use model::attempt::{Failure, LatencyClass, Os, Outcome, Phase};
    use model::row::{FailureCount, Interval};

    use super::*;

    fn interval(second: u32, fails: bool) -> Interval {
        let (t_s, failed) = (f64::from(second), u64::from(fails));
        let failure = Failure {
            outcome: Outcome::Failed,
            phase: Phase::Connect,
            os: Os::Linux,
            os_code: Some(111),
            name: "ECONNREFUSED".into(),
        };
        let counted = FailureCount {
            failure,
            source: String::new(),
            destination: String::new(),
            latency: LatencyClass::Under1ms,
            count: failed,
            first_s: t_s + 0.2,
            last_s: t_s + 0.4,
        };
        Interval {
            t_s,
            seconds: 1.0,
            offered: 10,
            begun: 10,
            served: 10 - failed,
            failed,
            failures: vec![counted],
            ..Interval::default()
        }
    }

    #[test]
    fn five_days_stay_small_and_keep_their_sums_and_edges() {
        for (fails, edges, why) in [
            ((|s| (300_000..300_010).contains(&s)) as fn(u32) -> bool, 2, "one short outage"),
            (|s| s >= 100_000, 1, "an outage that lasts"),
            (|s| s % 7 == 0, usize::MAX, "failures that come and go for days"),
        ] {
            let mut ticks = Ticks::default();
            let seconds = 400_000;
            (0..seconds).for_each(|s| ticks.push(&interval(s, fails(s))));
            assert!(ticks.all.len() <= MOST, "{why}: {}", ticks.all.len());
            let failed: u64 = ticks.all.iter().flat_map(|t| &t.failures).map(|f| f.count).sum();
            assert_eq!(failed, (0..seconds).filter(|s| fails(*s)).count() as u64, "{why}");
            let offered: u64 = ticks.all.iter().map(|t| t.offered).sum();
            assert_eq!(offered, u64::from(seconds) * 10, "{why}");
            assert!(ticks.all.is_sorted_by(|a, b| a.end_s() <= b.t_s + 1e-6), "{why}");
            if edges < usize::MAX {
                let first = (0..seconds).find(|s| fails(*s)).map(f64::from).unwrap();
                assert_eq!(ticks.edges_s().len(), edges, "{why}");
                assert!((ticks.edges_s()[0] - first).abs() <= 1.0, "{why}");
            }
        }
    }
}
