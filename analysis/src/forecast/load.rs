//! Provides the load as a forecast needs it: how many connections were taken up to a moment, at which
//! rate, and what the scenario plans for the time to come.

use model::row::{Closers, Interval};
use model::run::RunInfo;
use model::units::parse_seconds;

use super::fading::{Fading, Moment};
use crate::store::TARGET;

/// Load over one or several ticks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tick {
    from_s: f64,
    to_s: f64,
    /// Attempts begun that did not fail.
    taken: u64,
    /// Served attempts by who closed first.
    closed: Closers,
}

impl Moment for Tick {
    fn t_s(&self) -> f64 {
        self.from_s
    }

    fn absorb(&mut self, older: &Self) {
        self.from_s = self.from_s.min(older.from_s);
        self.to_s = self.to_s.max(older.to_s);
        self.taken += older.taken;
        self.closed.target += older.closed.target;
        self.closed.generator += older.closed.generator;
    }
}

impl Tick {
    pub(super) fn of(row: &Interval) -> Self {
        let taken = row.begun.saturating_sub(row.failed);
        Self { from_s: row.t_s, to_s: row.t_s + row.seconds, taken, closed: row.closers }
    }
}

/// The load so far, ready for questions.
#[derive(Clone, Debug)]
pub(super) struct Load {
    /// Run time and connections taken up to it.
    sums: Vec<(f64, f64)>,
    /// The same of connections that the target, and the generator, closed first.
    closed: [Vec<(f64, f64)>; 2],
}

impl Load {
    /// `None` without a generator.
    pub(super) fn of(ticks: &Fading<Tick>) -> Option<Self> {
        let first = ticks.all().iter().find(|tick| tick.taken > 0)?;
        let counted = |of: fn(&Tick) -> u64| {
            let mut sums = vec![(first.from_s, 0.0)];
            let mut sum = 0.0;
            for tick in ticks.all().iter().filter(|tick| tick.from_s >= first.from_s) {
                sum += of(tick) as f64;
                sums.push((tick.to_s, sum));
            }
            sums
        };
        let closed = [counted(|t| t.closed.target), counted(|t| t.closed.generator)];
        Some(Self { sums: counted(|t| t.taken), closed })
    }

    /// Connections that a vantage had closed first up to a moment.
    pub(super) fn closed_by(&self, vantage: &str, t_s: f64) -> f64 {
        at(&self.closed[usize::from(vantage != TARGET)], t_s)
    }

    /// When a vantage had closed so many first.
    pub(super) fn when_closed(&self, vantage: &str, count: f64) -> f64 {
        let sums = &self.closed[usize::from(vantage != TARGET)];
        let next = sums.partition_point(|s| s.1 < count);
        let Some(&(to_s, after)) = sums.get(next) else { return self.until_s() };
        if next == 0 {
            return to_s;
        }
        let (from_s, before) = sums[next - 1];
        from_s + (to_s - from_s) * (count - before) / (after - before).max(1e-9)
    }

    /// When the first connection was taken.
    pub(super) fn began_s(&self) -> f64 {
        self.sums[0].0
    }

    /// The end of the last tick.
    pub(super) fn until_s(&self) -> f64 {
        self.sums[self.sums.len() - 1].0
    }

    /// Connections taken up to a moment.
    pub(super) fn taken(&self, t_s: f64) -> f64 {
        at(&self.sums, t_s)
    }

    /// Connections a second over a stretch.
    pub(super) fn rate(&self, from_s: f64, to_s: f64) -> f64 {
        (self.taken(to_s) - self.taken(from_s)) / (to_s - from_s).max(1e-9)
    }

    /// The lowest and the highest rate of eighths of a stretch.
    pub(super) fn rates(&self, from_s: f64, to_s: f64) -> (f64, f64) {
        let eighth = (to_s - from_s) / 8.0;
        let rates = (0..8).map(|nth| {
            let from_s = from_s + f64::from(nth) * eighth;
            self.rate(from_s, from_s + eighth)
        });
        rates.fold((f64::INFINITY, 0.0), |(low, high), rate| (low.min(rate), high.max(rate)))
    }
}

/// A sum at a moment, spread evenly within a tick.
fn at(sums: &[(f64, f64)], t_s: f64) -> f64 {
    let next = sums.partition_point(|s| s.0 < t_s);
    if next == 0 {
        return 0.0;
    }
    let Some(&(to_s, after)) = sums.get(next) else { return sums[next - 1].1 };
    let (from_s, before) = sums[next - 1];
    before + (after - before) * (t_s - from_s) / (to_s - from_s).max(1e-9)
}

/// What the scenario plans: arrivals by the hour, again and again.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    per_second: Vec<f64>,
    hour_s: f64,
}

impl Plan {
    /// `None` where the record says nothing of the plan, or in words that are not known here.
    pub(super) fn of(run: &RunInfo) -> Option<Self> {
        let arrival = run.scenario.get("load")?.get("arrival")?;
        let per_second = arrival.get("per_second")?;
        if let Some(rate) = per_second.as_f64() {
            return Some(Self { per_second: vec![rate], hour_s: 3600.0 });
        }
        let rates: Option<Vec<f64>> = per_second.as_array()?.iter().map(|r| r.as_f64()).collect();
        let hour_s = parse_seconds(arrival.get("hour")?.as_str()?).ok()?;
        let rates = rates.filter(|all| !all.is_empty() && hour_s > 0.0)?;
        Some(Self { per_second: rates, hour_s })
    }

    /// Whether the rate changes.
    pub(super) fn varies(&self) -> bool {
        self.per_second.windows(2).any(|pair| pair[0] != pair[1])
    }

    /// Arrivals from run time zero up to a moment.
    fn due(&self, t_s: f64) -> f64 {
        let t_s = t_s.max(0.0);
        let cycle_s = self.hour_s * self.per_second.len() as f64;
        let whole: f64 = self.per_second.iter().sum::<f64>() * self.hour_s;
        let cycles = (t_s / cycle_s).floor();
        let mut rest_s = t_s - cycles * cycle_s;
        let mut due = cycles * whole;
        for rate in &self.per_second {
            due += rate * rest_s.clamp(0.0, self.hour_s);
            rest_s -= self.hour_s;
        }
        due
    }

    /// Arrivals over a stretch.
    pub(super) fn due_between(&self, from_s: f64, to_s: f64) -> f64 {
        self.due(to_s) - self.due(from_s)
    }

    /// Connections taken over a stretch as a share of those planned; 0 where none were.
    pub(super) fn share(&self, load: &Load, from_s: f64, to_s: f64) -> f64 {
        let due = self.due_between(from_s, to_s);
        if due > 0.0 { (load.taken(to_s) - load.taken(from_s)) / due } else { 0.0 }
    }

    /// When so many arrivals will have been due after a moment; `None` where they never are.
    pub(super) fn when(&self, from_s: f64, count: f64) -> Option<f64> {
        let cycle_s = self.hour_s * self.per_second.len() as f64;
        let of_cycle = self.due(cycle_s);
        if of_cycle <= 0.0 || !count.is_finite() {
            return None;
        }
        let cycles = (count / of_cycle).floor();
        let mut rest = count - cycles * of_cycle;
        let mut t_s = from_s + cycles * cycle_s;
        // At most one more cycle, and the two parts of the hour that it began in.
        for _ in 0..self.per_second.len() + 2 {
            let hour = (t_s / self.hour_s + 1e-9).floor();
            let rate = self.per_second[hour as usize % self.per_second.len()];
            let left_s = (hour + 1.0) * self.hour_s - t_s;
            if rest <= rate * left_s {
                return Some(if rate > 0.0 { t_s + rest / rate } else { t_s });
            }
            rest -= rate * left_s;
            t_s += left_s;
        }
        Some(t_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(ticks: &[(f64, u64)]) -> Load {
        let mut all = Fading::default();
        for &(t_s, begun) in ticks {
            all.push(Tick::of(&Interval { t_s, seconds: 1.0, begun, ..Interval::default() }));
        }
        Load::of(&all).unwrap()
    }

    #[test]
    fn taken_is_spread_evenly_within_a_tick() {
        let load = load(&[(0.0, 0), (1.0, 100), (2.0, 200)]);
        for (t_s, taken) in [(0.0, 0.0), (1.0, 0.0), (1.5, 50.0), (2.5, 200.0), (9.0, 300.0)] {
            assert_eq!(load.taken(t_s), taken, "at {t_s} s");
        }
        assert_eq!((load.began_s(), load.until_s()), (1.0, 3.0));
        assert_eq!(load.rate(1.0, 3.0), 150.0);
    }

    #[test]
    fn a_plan_by_the_hour_goes_round() {
        let plan = Plan { per_second: vec![1.0, 0.0, 3.0], hour_s: 10.0 };
        for (from_s, to_s, due, why) in [
            (0.0, 30.0, 40.0, "a whole cycle"),
            (5.0, 25.0, 20.0, "parts of two hours, and one without any"),
            (25.0, 65.0, 60.0, "across the ends of two cycles"),
        ] {
            assert!((plan.due_between(from_s, to_s) - due).abs() < 1e-9, "{why}");
            let back = plan.when(from_s, due).unwrap();
            assert!((plan.due_between(from_s, back) - due).abs() < 1e-6, "{why}: {back}");
        }
        assert_eq!(Plan { per_second: vec![0.0], hour_s: 1.0 }.when(0.0, 1.0), None);
    }
}
