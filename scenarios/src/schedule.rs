//! Defines the schedule: which attempt is due when, before anything runs.

use crate::scenario::{Arrival, Load};

/// Intended starts as a function of an attempt's number, so that core `c` of `n` takes the attempts
/// `k ≡ c mod n` and all of them together make the same list.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    shape: Shape,
    count: u64,
}

/// How starts lie.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Even { per_second: f64 },
    Day(Day),
}

/// Hours of different rates, over and over.
#[derive(Clone, Debug, PartialEq)]
struct Day {
    /// By hour, but for those in which nothing is due: its beginning in seconds of the day, its
    /// rate, and the attempts due in the day before it.
    hours: Vec<(f64, f64, f64)>,
    /// Attempts of a day.
    attempts: f64,
    length_s: f64,
}

impl Day {
    fn new(per_second: &[f64], hour_s: f64) -> Self {
        let (mut hours, mut attempts) = (Vec::with_capacity(per_second.len()), 0.0);
        for (i, rate) in per_second.iter().enumerate() {
            if *rate > 0.0 {
                hours.push((i as f64 * hour_s, *rate, attempts));
            }
            attempts += rate * hour_s;
        }
        Self { hours, attempts, length_s: per_second.len() as f64 * hour_s }
    }

    fn start_s(&self, k: u64) -> f64 {
        let day = (k as f64 / self.attempts).floor();
        let nth = k as f64 - day * self.attempts;
        let hour = self.hours.partition_point(|(_, _, before)| *before <= nth).max(1) - 1;
        let (begins_s, rate, before) = self.hours[hour];
        day * self.length_s + begins_s + (nth - before).max(0.0) / rate
    }

    /// Attempts due by `t_s`, not yet whole.
    fn due_by(&self, t_s: f64) -> f64 {
        let day = (t_s / self.length_s).floor();
        let of_day_s = t_s - day * self.length_s;
        let hour = self.hours.partition_point(|(begins_s, ..)| *begins_s <= of_day_s);
        let Some((begins_s, rate, before)) = hour.checked_sub(1).map(|at| self.hours[at]) else {
            return day * self.attempts;
        };
        let next = self.hours.get(hour).map_or(self.attempts, |(_, _, before)| *before);
        day * self.attempts + (before + (of_day_s - begins_s) * rate).min(next)
    }
}

impl Schedule {
    /// The schedule of a load: every attempt that falls due before the duration ends. The seed is
    /// for arrivals that are drawn; these lie where they lie.
    pub fn new(load: &Load, _seed: u64) -> Self {
        let shape = match &load.arrival {
            Arrival::Constant { per_second } => Shape::Even { per_second: *per_second },
            Arrival::Hourly { per_second, hour_s } => Shape::Day(Day::new(per_second, *hour_s)),
        };
        let mut schedule = Self { shape, count: u64::MAX };
        schedule.count = schedule.due_before(load.duration_s);
        schedule
    }

    /// How many attempts fall due.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// When attempt `k` is due, seconds of run time; `k / per_second` at a constant rate.
    pub fn start_s(&self, k: u64) -> f64 {
        match &self.shape {
            Shape::Even { per_second } => k as f64 / per_second,
            Shape::Day(day) => day.start_s(k),
        }
    }

    /// How many attempts are due before `t_s`: the first that is not has this number.
    pub fn due_before(&self, t_s: f64) -> u64 {
        if t_s <= 0.0 {
            return 0;
        }
        let about = match &self.shape {
            Shape::Even { per_second } => per_second * t_s,
            Shape::Day(day) => day.due_by(t_s),
        };
        // The product may be rounded across a whole number (3/s × 0.1 s), so the starts decide.
        let mut count = about.ceil() as u64;
        while count > 0 && self.start_s(count - 1) >= t_s {
            count -= 1;
        }
        while self.start_s(count) < t_s {
            count += 1;
        }
        count.min(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{builtin, read};

    fn with(arrival: Arrival, duration_s: f64) -> Schedule {
        let text = builtin("healthy-baseline").unwrap();
        let mut load = read(text, "healthy-baseline.toml", &[]).unwrap().load;
        load.arrival = arrival;
        load.duration_s = duration_s;
        Schedule::new(&load, 7)
    }

    fn schedule(per_second: f64, duration_s: f64) -> Schedule {
        with(Arrival::Constant { per_second }, duration_s)
    }

    fn day(per_second: &[f64], hour_s: f64, duration_s: f64) -> Schedule {
        with(Arrival::Hourly { per_second: per_second.to_vec(), hour_s }, duration_s)
    }

    #[test]
    fn every_start_lies_within_the_duration_and_none_is_left_out() {
        for (per_second, duration_s, count, why) in [
            (400.0, 15.0, 6000, "a whole product"),
            (10.0, 0.3, 3, "0.3 × 10 is rounded"),
            (30.0, 0.1, 3, "30 × 0.1 is rounded"),
            (0.3, 10.0, 3, "0.3 × 10: the fourth would be due at 10 s"),
            (3.0, 1.1, 4, "starts at 0, 1/3, 2/3 and 1 s"),
            (0.001, 1.0, 1, "the first is due at 0 s, however low the rate"),
            (1e6, 86_400.0, 86_400_000_000, "a long plan"),
        ] {
            let s = schedule(per_second, duration_s);
            assert_eq!(s.count(), count, "{per_second}/s for {duration_s} s: {why}");
            assert!(s.start_s(count - 1) < duration_s && s.start_s(count) >= duration_s, "{why}");
        }
    }

    #[test]
    fn hours_have_the_rate_they_are_given() {
        for (rates, hour_s, duration_s, count, why) in [
            (&[100.0, 400.0][..], 3.0, 6.0, 1500, "a day of two hours"),
            (&[100.0, 400.0], 3.0, 9.0, 1800, "the day begins again"),
            (&[0.0, 50.0], 2.0, 2.0, 0, "an hour without load"),
            (&[0.0, 50.0, 0.0], 2.0, 12.0, 200, "two days of one busy hour each"),
            (&[10.0], 1.0, 0.25, 3, "part of an hour: at 0, 0.1 and 0.2 s"),
            (&[200.0; 24], 3600.0, 432_000.0, 86_400_000, "five days of 24 equal hours"),
        ] {
            let s = day(rates, hour_s, duration_s);
            assert_eq!(s.count(), count, "{why}");
            assert!(count == 0 || s.start_s(count - 1) < duration_s, "{why}");
        }
        let s = day(&[100.0, 0.0, 400.0], 3.0, 9.0);
        assert_eq!((s.start_s(299), s.start_s(300)), (2.99, 6.0), "nothing is due in between");
        for (t_s, due) in [(0.0, 0), (0.001, 1), (3.0, 300), (5.0, 300), (6.0, 300), (6.5, 500)] {
            assert_eq!(s.due_before(t_s), due, "before {t_s} s");
        }
    }

    #[test]
    fn starts_never_go_back_and_do_not_depend_on_who_takes_them() {
        for s in [schedule(333.3, 3.0), day(&[7.7, 0.0, 333.3, 1.3], 0.37, 5.0)] {
            let all: Vec<f64> = (0..s.count()).map(|k| s.start_s(k)).collect();
            assert!(all.is_sorted() && all[0] == 0.0);
            let mut by_three: Vec<f64> = (0..3u64)
                .flat_map(|core| (core..s.count()).step_by(3).map(|k| s.start_s(k)))
                .collect();
            by_three.sort_by(f64::total_cmp);
            assert_eq!(by_three, all);
            for (k, t_s) in all.iter().enumerate().filter(|(k, _)| k % 17 == 0) {
                assert_eq!(s.due_before(*t_s), k as u64, "what is due at {t_s} is not before it");
            }
        }
    }
}
