//! Defines what is done to a record between a run and its judgement: what a witness, a clock or a
//! description of the host can get wrong.

use model::reading::{Gap, GapKind};
use model::row::{Event, Happening, Row};
use model::run::RunInfo;

use super::dice::Dice;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distortion {
    /// Nothing.
    None,
    /// Only every so many looks were made.
    Thinned(usize),
    /// The target's clock is off by so many seconds and nobody can say by how much.
    UnknownClock(f64),
    /// The target's clock is off by so many seconds, and its stamps are taken for true within half a
    /// second of what a good clock would be.
    WrongClock(f64),
    /// Rows of the error log come at the end of the record.
    LateLog,
    /// The error log was not read.
    NoLog,
    /// The target was not looked at around the first failure.
    Gap,
    /// Looks at the target failed around the first failure.
    FailedLooks,
    /// The ceiling of the pool is told as so many hundredths of what it is.
    WrongCeiling(u64),
    /// Nobody said what kind of host the target is.
    UnknownHost,
    /// What either host was tuned to is not known.
    UnknownTuning,
    /// There were no probes.
    NoProbes,
    /// The generator's own host was not looked at.
    BlindGenerator,
}

impl Distortion {
    /// Every kind, with figures in the middle of what is asked.
    pub const ALL: [Self; 16] = [
        Self::Thinned(4),
        Self::Thinned(20),
        Self::UnknownClock(20.0),
        Self::UnknownClock(-90.0),
        Self::WrongClock(3.0),
        Self::WrongClock(90.0),
        Self::LateLog,
        Self::NoLog,
        Self::Gap,
        Self::FailedLooks,
        Self::WrongCeiling(110),
        Self::WrongCeiling(92),
        Self::UnknownHost,
        Self::UnknownTuning,
        Self::NoProbes,
        Self::BlindGenerator,
    ];

    /// Whether it is none.
    pub fn is_none(self) -> bool {
        self == Self::None
    }

    /// A name for a table.
    pub fn name(self) -> String {
        match self {
            Self::None => "as recorded".into(),
            Self::Thinned(n) => format!("every {n}th look"),
            Self::UnknownClock(s) => format!("clock off by {s} s, unknown"),
            Self::WrongClock(s) => format!("clock off by {s} s, unnoticed"),
            Self::LateLog => "HTTPERR rows late".into(),
            Self::NoLog => "HTTPERR not read".into(),
            Self::Gap => "no look in the decisive window".into(),
            Self::FailedLooks => "failed looks in the decisive window".into(),
            Self::WrongCeiling(p) => format!("ceiling told as {p} %"),
            Self::UnknownHost => "kind of host unknown".into(),
            Self::UnknownTuning => "tuning unknown".into(),
            Self::NoProbes => "no probes".into(),
            Self::BlindGenerator => "generator's host not seen".into(),
        }
    }

    /// Acts on a record.
    pub fn act(self, info: &mut RunInfo, rows: &mut Vec<Row>, dice: &mut Dice) {
        match self {
            Self::None => {}
            Self::Thinned(n) => thin(info, rows, n),
            Self::UnknownClock(by_s) => {
                shift_log(rows, by_s);
                set_bound(info, by_s.abs() + 0.5);
            }
            Self::WrongClock(by_s) => {
                shift_log(rows, by_s);
                set_bound(info, 0.5);
            }
            Self::LateLog => {
                let (log, mut rest): (Vec<_>, Vec<_>) = rows.drain(..).partition(is_log);
                rest.extend(log);
                *rows = rest;
            }
            Self::NoLog => no_log(rows),
            Self::Gap => gap(rows, dice, |row| !is_look(row, "target")),
            Self::FailedLooks => fail_looks(rows, dice),
            Self::WrongCeiling(percent) => wrong_ceiling(info, percent),
            Self::UnknownHost => info.target.profile = None,
            Self::UnknownTuning => info.tunables.clear(),
            Self::NoProbes => {
                rows.retain(|row| !is_look(row, "probe"));
                info.probe_every_s = None;
            }
            Self::BlindGenerator => rows.retain(|row| !is_look(row, "generator")),
        }
    }
}

fn is_look(row: &Row, vantage: &str) -> bool {
    matches!(row, Row::Sample(sample) if sample.vantage == vantage)
}

fn is_log(row: &Row) -> bool {
    matches!(row, Row::Event(Event { what: Happening::Httperr { .. }, .. }))
}

/// Every `n`-th look at each host is kept.
fn thin(info: &mut RunInfo, rows: &mut Vec<Row>, n: usize) {
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    rows.retain(|row| match row {
        Row::Sample(sample) if sample.vantage != "probe" => {
            let nth = seen.entry(sample.vantage.clone()).or_default();
            *nth += 1;
            (*nth - 1).is_multiple_of(n)
        }
        _ => true,
    });
    info.sample_every_s *= n as f64;
}

fn shift_log(rows: &mut [Row], by_s: f64) {
    for row in rows {
        if let Row::Event(event) = row
            && event.vantage == "target"
        {
            event.t_s += by_s;
        }
    }
}

fn set_bound(info: &mut RunInfo, bound_s: f64) {
    let clocks = info.clocks.iter_mut().filter(|clock| clock.vantage == "target");
    clocks.for_each(|clock| clock.bound_s = bound_s);
}

fn no_log(rows: &mut Vec<Row>) {
    rows.retain(|row| !is_log(row));
    for row in rows {
        if let Row::Sample(sample) = row {
            sample.sources.retain(|source| !source.name.starts_with("httperr"));
        }
    }
}

/// From when to when nobody looks: around the first failure, some seconds to either side.
fn decisive(rows: &[Row], dice: &mut Dice) -> Option<(f64, f64)> {
    let first = rows.iter().find_map(|row| match row {
        Row::Interval(tick) => tick.failures.first().map(|f| f.first_s),
        _ => None,
    })?;
    Some((first - dice.between(0.5, 3.0), first + dice.between(0.5, 3.0)))
}

fn gap(rows: &mut Vec<Row>, dice: &mut Dice, stays: impl Fn(&Row) -> bool) {
    let Some((from_s, to_s)) = decisive(rows, dice) else { return };
    rows.retain(|row| match row {
        Row::Sample(sample) if (from_s..to_s).contains(&sample.t_s) => stays(row),
        _ => true,
    });
}

fn fail_looks(rows: &mut [Row], dice: &mut Dice) {
    let Some((from_s, to_s)) = decisive(rows, dice) else { return };
    for row in rows {
        let Row::Sample(sample) = row else { continue };
        if sample.vantage != "target" || !(from_s..to_s).contains(&sample.t_s) {
            continue;
        }
        let reason = "gave no whole answer within 200ms".to_owned();
        let failed =
            |what: &str| Gap { what: what.into(), kind: GapKind::Failed, reason: reason.clone() };
        sample.gaps = sample.sources.iter().map(|source| failed(&source.name)).collect();
        (sample.memory, sample.tcp, sample.pool_tags) = (None, None, None);
        sample.counters.clear();
        sample.processes = None;
    }
}

fn wrong_ceiling(info: &mut RunInfo, percent: u64) {
    let target = &mut info.target;
    let of_profile = || {
        let profile = host::profile(target.profile.as_deref()?)?;
        profile.ceiling_bytes(target.ram_bytes)
    };
    target.ceiling_bytes = target.ceiling_bytes.or_else(of_profile).map(|b| b / 100 * percent);
}
