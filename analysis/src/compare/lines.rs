//! Provides the measures of both sides, each with its difference and what that means.

use model::comparison::{Compared, Finding};
use model::findings::ResourceName;
use model::threshold::{Became, Level, Measure, Percentile, Timed};

use super::Measured;
use super::noise::{mean, noise};
use crate::threshold::amount;

/// Which way is better.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Less,
    More,
    /// It follows from what was asked.
    Either,
}

fn wanted(measure: Measure) -> Wanted {
    match measure {
        Measure::Attempts(Became::Offered) => Wanted::Either,
        Measure::Attempts(Became::Served) => Wanted::More,
        Measure::Resource(_, Level::Headroom) => Wanted::More,
        Measure::Attempts(_) | Measure::Resource(..) | Measure::Latency(..) => Wanted::Less,
    }
}

/// A difference below this share of the base is not worth a word, however exact. Chosen.
const LEAST_SHARE: f64 = 0.005;

/// Every measure that both sides hold, in the order of reports.
pub(super) fn lines(base: &[Measured], new: &[Measured]) -> Vec<Compared> {
    let mut all = Vec::new();
    for measure in order() {
        for vantage in ["generator", "target"] {
            let values = |side: &[Measured]| -> Option<Vec<f64>> {
                let found: Option<Vec<f64>> =
                    side.iter().map(|m| m.value(measure, Some(vantage))).collect();
                found.filter(|values| !values.is_empty())
            };
            if let Some((was, is)) = values(base).zip(values(new)) {
                all.push(line(measure, vantage, was, is));
            }
        }
    }
    all
}

fn order() -> Vec<Measure> {
    let mut all: Vec<Measure> =
        [Became::Offered, Became::Served, Became::Failed, Became::NotSent, Became::Unexplained]
            .map(Measure::Attempts)
            .to_vec();
    for name in [
        ResourceName::TimeWait,
        ResourceName::ClientPorts,
        ResourceName::TargetPorts,
        ResourceName::NonpagedPool,
        ResourceName::PagedPool,
        ResourceName::Commit,
        ResourceName::AcceptQueue,
        ResourceName::RequestQueue,
        ResourceName::Descriptors,
    ] {
        all.extend(
            [Level::Peak, Level::Plateau, Level::Headroom].map(|l| Measure::Resource(name, l)),
        );
    }
    for timed in [Timed::Connect, Timed::FirstByte, Timed::Total] {
        all.extend(
            [Percentile::P50, Percentile::P99, Percentile::Max].map(|p| Measure::Latency(timed, p)),
        );
    }
    all
}

fn line(measure: Measure, vantage: &str, base: Vec<f64>, new: Vec<f64>) -> Compared {
    let (was, is) = (mean(&base), mean(&new));
    let difference = is - was;
    let noise = noise(&base, &new);
    Compared {
        measure: measure.name(),
        vantage: vantage.into(),
        unit: measure.unit().into(),
        base_words: amount(measure, was),
        new_words: amount(measure, is),
        difference,
        share: (was != 0.0).then(|| difference / was.abs()),
        noise,
        finding: finding(wanted(measure), was, difference, noise),
        base,
        new,
    }
}

fn finding(wanted: Wanted, base: f64, difference: f64, noise: Option<f64>) -> Finding {
    let Some(noise) = noise else { return Finding::NoEvidence };
    if difference.abs() <= noise || difference.abs() <= LEAST_SHARE * base.abs() {
        return Finding::NoEvidence;
    }
    match (wanted, difference > 0.0) {
        (Wanted::Either, _) => Finding::Differs,
        (Wanted::Less, false) | (Wanted::More, true) => Finding::Better,
        (Wanted::Less, true) | (Wanted::More, false) => Finding::Worse,
    }
}
