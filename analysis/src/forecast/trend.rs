//! Provides whether a level has a trend: it keeps growing, with time or with connections taken, and
//! does not merely follow the load.
//!
//! The longest stretch up to now that grows evenly is taken: whole, its last half, its last quarter …
//! Decisive: growth ≥ 3 × the band of the readings around the line (noise grows nowhere), both halves
//! grow as the whole does (a plateau has a half without growth), and so does the last quarter (a leak
//! that stopped has none).

use super::load::{Load, Plan};
use super::theil_sen::{Line, line};

/// A reading: run time in seconds, and level.
pub(super) type Point = (f64, f64);

/// Readings that a line is drawn through, at most: 96 have 4,560 pairs, a tenth of a millisecond.
const MOST_POINTS: usize = 96;

/// Readings that make a trend, at least. Chosen: five may stand in a row by chance.
const LEAST_POINTS: usize = 6;

/// Growth is told from noise when it is so many times as large as the band. Chosen.
const OVER_NOISE: f64 = 3.0;

/// Each half grows at the rate of the whole, more or less this share of it. Chosen: readings that are
/// quantised to an eighth of the growth miss by a quarter.
const HALVES_ALIKE: f64 = 0.5;

/// The last quarter has at least this share of its part of the growth. Chosen: half of it, less the
/// quantum of `HALVES_ALIKE`.
const STILL_GROWS: f64 = 0.35;

/// The load is steady when eighths of a stretch differ by less than this share. Chosen.
const STEADY: f64 = 0.2;

/// Another driver explains better when the band around its line is so much narrower. Chosen.
const NARROWER: f64 = 0.7;

/// However straight the line, the future is not known better than this share. Chosen.
const LEAST_DOUBT: f64 = 0.02;

/// The slowest that a load of which nothing is planned goes on, as a share of its mean. Chosen.
const LEAST_PACE: f64 = 0.25;

/// What a level grows with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Driver {
    Time,
    Connections,
}

/// A level that keeps growing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Trend {
    /// The stretch that the trend is read from, run time.
    pub(super) from_s: f64,
    pub(super) to_s: f64,
    pub(super) driver: Driver,
    /// Growth per second or per connection.
    pub(super) slope: f64,
    /// How far the slope may be wrong, as a share of it.
    pub(super) doubt: f64,
    /// The level now, as the line has it.
    pub(super) level: f64,
    /// How far readings lie from the line.
    pub(super) band: f64,
}

/// Now, or a moment later, at which a limit is reached: the middle, the earliest, the latest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reach {
    pub(super) at_s: f64,
    pub(super) low_s: f64,
    pub(super) high_s: f64,
}

/// The trend of readings in order of time; `None` where they have none. `time_wait_s`: for how long the
/// host remembers a connection.
pub(super) fn trend(points: &[Point], load: Option<&Load>, time_wait_s: f64) -> Option<Trend> {
    let (first, last) = (points.first()?, points.last()?);
    let mut span_s = last.0 - first.0;
    let mut peak_before = f64::NEG_INFINITY;
    loop {
        let begin = points.partition_point(|p| p.0 < last.0 - span_s);
        let window = &points[begin..];
        if window.len() < LEAST_POINTS || span_s <= 0.0 {
            return None;
        }
        let earlier = points[..begin].iter().map(|p| p.1);
        peak_before = earlier.fold(peak_before, f64::max);
        match judged(&evenly(window), load, time_wait_s) {
            Judged::Grows(found) if found.level + found.band >= peak_before => return Some(found),
            Judged::FollowsLoad => return None,
            Judged::Grows(_) | Judged::Uneven => span_s /= 2.0,
        }
    }
}

enum Judged {
    Grows(Trend),
    /// The level goes up and down with the load.
    FollowsLoad,
    /// No growth, or not an even one.
    Uneven,
}

fn judged(window: &[Point], load: Option<&Load>, time_wait_s: f64) -> Judged {
    let (Some(first), Some(last)) = (window.first(), window.last()) else { return Judged::Uneven };
    let (from_s, to_s) = (first.0, last.0);
    let by_time: Vec<Point> = window.iter().map(|&(t_s, y)| (t_s - from_s, y)).collect();
    let Some(timed) = line(&by_time) else { return Judged::Uneven };
    let (mut driver, mut fitted, mut xs) = (Driver::Time, timed, by_time);
    if let Some(load) = load.filter(|load| varies(load, from_s, to_s)) {
        let before = load.taken(from_s);
        let taken: Vec<Point> =
            window.iter().map(|&(t_s, y)| (load.taken(t_s) - before, y)).collect();
        if let Some(counted) = line(&taken).filter(|l| l.band < NARROWER * timed.band) {
            (driver, fitted, xs) = (Driver::Connections, counted, taken);
        }
        let moment_s = (to_s - from_s) / 16.0;
        if [moment_s, time_wait_s].iter().any(|&s| follows(window, load, s, fitted.band)) {
            return Judged::FollowsLoad;
        }
    }
    match even(&xs, &fitted) {
        Some(doubt) => Judged::Grows(Trend {
            from_s,
            to_s,
            driver,
            slope: fitted.slope,
            doubt,
            level: fitted.end,
            band: fitted.band,
        }),
        None => Judged::Uneven,
    }
}

fn varies(load: &Load, from_s: f64, to_s: f64) -> bool {
    let (low, high) = load.rates(from_s, to_s);
    high - low > STEADY * high
}

/// Whether the level is told better by the rate of the last moment, or of the last TIME_WAIT, than by
/// anything that only grows.
fn follows(window: &[Point], load: &Load, moment_s: f64, band: f64) -> bool {
    let mut by_rate: Vec<Point> =
        window.iter().map(|&(t_s, y)| (load.rate(t_s - moment_s, t_s), y)).collect();
    by_rate.sort_by(|a, b| a.0.total_cmp(&b.0));
    line(&by_rate).is_some_and(|l| l.slope > 0.0 && l.band < NARROWER * band)
}

/// How far the slope may be wrong, as a share of it; `None` where growth is not even.
fn even(points: &[Point], whole: &Line) -> Option<f64> {
    let growth = whole.growth();
    if growth <= 0.0 || growth < OVER_NOISE * whole.band {
        return None;
    }
    let half = points.partition_point(|p| p.0 < whole.span / 2.0);
    let quarter = points.partition_point(|p| p.0 < whole.span * 0.75);
    let (early, late) = (line(&points[..half])?, line(&points[half..])?);
    let off = |part: &Line| (part.slope / whole.slope - 1.0).abs();
    let recent = line(&points[quarter..]).map_or(late.slope, |l| l.slope);
    if off(&early) > HALVES_ALIKE || off(&late) > HALVES_ALIKE || recent < STILL_GROWS * whole.slope
    {
        return None;
    }
    let by_halves = (early.slope - late.slope).abs() / whole.slope / 2.0;
    Some(LEAST_DOUBT.max(2.0 * whole.band / growth).max(by_halves))
}

/// At most [`MOST_POINTS`], evenly over time.
fn evenly(points: &[Point]) -> Vec<Point> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    let step_s = (last.0 - first.0) / (MOST_POINTS - 1) as f64;
    let mut chosen: Vec<usize> = (0..MOST_POINTS)
        .map(|nth| {
            let wanted_s = first.0 + nth as f64 * step_s;
            points.partition_point(|p| p.0 < wanted_s - step_s / 2.0).min(points.len() - 1)
        })
        .collect();
    chosen.push(points.len() - 1);
    chosen.dedup();
    chosen.into_iter().map(|at| points[at]).collect()
}

impl Trend {
    /// The level at a moment to come under a plan, with the line's doubt on the side of the pace.
    pub(super) fn level_at(&self, t_s: f64, load: &Load, plan: &Plan, pace: Pace) -> f64 {
        let (doubt, band) = match pace {
            Pace::Mean => (0.0, 0.0),
            Pace::Fast => (self.doubt, self.band),
            Pace::Slow => (-self.doubt, -self.band),
        };
        let units = match self.driver {
            Driver::Time => t_s - self.to_s,
            Driver::Connections => {
                plan.share(load, self.from_s, self.to_s) * plan.due_between(self.to_s, t_s)
            }
        };
        self.level + band + self.slope * (1.0 + doubt) * units
    }

    /// When the level reaches a limit, given the load and what is planned of it.
    pub(super) fn reaches(
        &self,
        limit: f64,
        load: Option<&Load>,
        plan: Option<&Plan>,
    ) -> Option<Reach> {
        let (least, most) = (self.slope * (1.0 - self.doubt), self.slope * (1.0 + self.doubt));
        if least <= 0.0 {
            return None;
        }
        let left = |level: f64, slope: f64| ((limit - level) / slope).max(0.0);
        let mid = left(self.level, self.slope);
        let low = left(self.level + self.band, most);
        let high = left(self.level - self.band, least);
        let (at_s, low_s, high_s) = match (self.driver, load) {
            (Driver::Connections, Some(load)) => {
                let clock = Clock { trend: self, load, plan };
                (
                    clock.when(mid, Pace::Mean)?,
                    clock.when(low, Pace::Fast)?,
                    clock.when(high, Pace::Slow)?,
                )
            }
            _ => (self.to_s + mid, self.to_s + low, self.to_s + high),
        };
        Some(Reach { at_s, low_s: low_s.min(at_s), high_s: high_s.max(at_s) })
    }
}

/// How fast connections are taken to come, and with it how far the line may be off.
#[derive(Clone, Copy)]
pub(super) enum Pace {
    Mean,
    Fast,
    Slow,
}

/// Turns connections to come into a moment.
struct Clock<'a> {
    trend: &'a Trend,
    load: &'a Load,
    plan: Option<&'a Plan>,
}

impl Clock<'_> {
    fn when(&self, connections: f64, pace: Pace) -> Option<f64> {
        let Trend { from_s, to_s, .. } = *self.trend;
        let planned = self.plan.map(|plan| (plan, plan.share(self.load, from_s, to_s)));
        if let Some((plan, share)) = planned.filter(|(_, share)| *share > 0.0) {
            return plan.when(to_s, connections / share);
        }
        let (slow, fast) = self.load.rates(from_s, to_s);
        let rate = match pace {
            Pace::Mean => self.load.rate(from_s, to_s),
            Pace::Fast => fast,
            // A load that stood still for a while will not do so for good.
            Pace::Slow => slow.max(LEAST_PACE * self.load.rate(from_s, to_s)),
        };
        (rate > 0.0).then(|| to_s + connections / rate)
    }
}
