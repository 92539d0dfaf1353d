//! Provides `[load]`: how many connections a second, and who closes them.

use model::row::{Interval, Row};
use model::units::format_count;

use super::Case;
use super::draft::{Draft, number, quoted, seconds};
use super::target::Host;
use crate::{connections, held};

/// Connections a second in the lab, at least and at most. Chosen: enough for an outage within seconds,
/// and a tenth of what one core of a lab can bear.
const LEAST_PER_S: f64 = 100.0;
const MOST_PER_S: f64 = 500.0;
/// A refused SYN of a Windows client is sent so often.
const TRIES: f64 = 3.0;

/// The load of the scenario.
pub(super) struct Load {
    /// Attempts a second in the lab.
    pub(super) per_second: f64,
    pub(super) because: String,
    pub(super) target_first: bool,
    close_because: String,
    /// From so many seconds on, so many times as many attempts come.
    pub(super) burst: Option<(f64, f64)>,
}

impl Load {
    /// What the captures tell of the load.
    pub(super) fn of(case: &Case<'_>, host: &Host) -> Self {
        let (per_second, because) = rate(case, host);
        let (target_first, close_because) = closer(case);
        Self { per_second, because, target_first, close_because, burst: None }
    }

    /// The same with at most so many attempts a second.
    pub(super) fn at_most(mut self, per_second: f64) -> Self {
        if self.per_second > per_second {
            self.per_second = per_second;
            self.because.push_str(&format!("; {} are enough here", number(per_second)));
        }
        self
    }

    /// Writes it.
    pub(super) fn write(&self, duration_s: f64, draft: &mut Draft) {
        draft.table("[load]");
        let each = number(self.per_second);
        let arrival = match self.burst {
            None => format!("{{ kind = \"constant\", per_second = {each} }}"),
            Some((from_s, times)) => format!(
                "{{ kind = \"hourly\", per_second = [{each}, {}], hour = {} }}",
                number(self.per_second * times),
                seconds(from_s)
            ),
        };
        draft.set("arrival", arrival, &self.because);
        draft.set(
            "duration",
            seconds(duration_s.ceil()),
            "derived: some seconds longer than it takes to fail",
        );
        let close = if self.target_first { "target-first" } else { "client-first" };
        draft.set("close", quoted(close), &self.close_because);
    }
}

/// The ticks of a run's own load.
pub(super) fn ticks<'a>(case: &'a Case<'_>) -> impl Iterator<Item = &'a Interval> {
    case.g.rows.iter().filter_map(|row| match row {
        Row::Interval(interval) => Some(interval),
        _ => None,
    })
}

/// Attempts a second in the lab, and why.
fn rate(case: &Case<'_>, host: &Host) -> (f64, String) {
    let (offered, lasted_s) = ticks(case).fold((0, 0.0), |(n, s), tick| {
        (n + tick.offered, s + tick.seconds * f64::from(u8::from(tick.offered > 0)))
    });
    if offered > 0 && lasted_s > 0.0 {
        let per_second = offered as f64 / lasted_s;
        let because =
            format!("measured: {} attempts in {} s", format_count(offered), number(lasted_s));
        // A run of the lab has its scale already; that of a real host is a host rate.
        let scale = if case.g.run.target.emulated { 1.0 } else { host.time_scale };
        return within(per_second * scale, scale, because);
    }
    let told = counted(case).or_else(|| by_time_wait(case, host)).or_else(|| by_refusals(case));
    match told {
        Some((per_s, because)) => within(per_s * host.time_scale, host.time_scale, because),
        None => {
            (LEAST_PER_S, "assumed: nothing in the captures tells how many connections came".into())
        }
    }
}

/// The rate within what a lab does in seconds.
fn within(per_second: f64, scale: f64, mut because: String) -> (f64, String) {
    if scale > 1.0 {
        because.push_str(&format!("; times {} for the faster clock", number(scale)));
    }
    let kept = per_second.clamp(LEAST_PER_S, MOST_PER_S);
    if (kept - per_second).abs() > 0.5 {
        because.push_str(&format!(
            "; that is {} per second, here {}, so that the run takes seconds",
            number(per_second),
            number(kept)
        ));
    }
    (kept, because)
}

/// Connections that counters or logs count over the snapshots.
fn counted(case: &Case<'_>) -> Option<(f64, String)> {
    let dated = case.g.snapshots.iter().filter(|s| s.bound_s < 60.0).filter_map(|s| s.unix_s);
    let (from_s, to_s) = dated.fold(None, |span: Option<(f64, f64)>, s| {
        Some(span.map_or((s, s), |(from, to)| (from.min(s), to.max(s))))
    })?;
    let counted = connections::between(case.g, from_s, to_s)?;
    let per_s = counted.count / (to_s - from_s);
    Some((
        per_s,
        format!("measured: {} per second of the host, each a {}", number(per_s), counted.what),
    ))
}

/// A steady population of TIME_WAIT stands for so many connections a second.
fn by_time_wait(case: &Case<'_>, host: &Host) -> Option<(f64, String)> {
    let (_, tcp) = held::sockets(&case.g.snapshots)?;
    let n = tcp.time_wait_accepted.max(tcp.time_wait_opened);
    (n > 0).then(|| {
        let per_s = n as f64 / host.time_wait_s;
        let because = format!(
            "derived: {} TIME_WAIT at {} s each are {} connections per second of the host (N / 2MSL)",
            format_count(n),
            number(host.time_wait_s),
            number(per_s)
        );
        (per_s, because)
    })
}

/// Refused SYNs: at least so many clients came.
fn by_refusals(case: &Case<'_>) -> Option<(f64, String)> {
    let refusals = case.g.tally.as_ref()?.refusals();
    let (first, last) = (refusals.first()?, refusals.last()?);
    let lasted_s = (last.unix_s - first.unix_s) as f64;
    let n: u64 = refusals.iter().map(|r| r.n).sum();
    (lasted_s > 0.0 && n > 0).then(|| {
        let per_s = n as f64 / TRIES / lasted_s;
        let because = format!(
            "derived: \u{3a3}N = {} refused SYNs in {} s are at least {} attempts per second of the host (three SYNs each)",
            format_count(n),
            number(lasted_s),
            number(per_s)
        );
        (per_s, because)
    })
}

/// Whether the target closes first, and how that is known.
fn closer(case: &Case<'_>) -> (bool, String) {
    let (target, generator) = ticks(case)
        .fold((0, 0), |(t, g), tick| (t + tick.closers.target, g + tick.closers.generator));
    if target + generator > 0 {
        let because = format!(
            "measured: the target closed {} connections first, the generator {}",
            format_count(target),
            format_count(generator)
        );
        return (target >= generator, because);
    }
    match held::sockets(&case.g.snapshots) {
        Some((_, tcp)) if tcp.time_wait_accepted > 0 => {
            (true, "measured: the host holds the TIME_WAIT of connections that it accepted".into())
        }
        _ => (true, "assumed: no list of sockets shows who closed first".into()),
    }
}
