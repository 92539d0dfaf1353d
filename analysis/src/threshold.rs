//! Provides the check of thresholds: `[expect] thresholds` must hold, `compare --fail-on` must not.

use model::threshold::{Bound, Measure, Threshold};
use model::units::{format_bytes, format_count, format_seconds};

use crate::compare::Measured;

/// A value of a measure for people, with its unit.
pub fn amount(measure: Measure, value: f64) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    match measure.unit() {
        "bytes" => format_bytes(value.round() as i128),
        "s" if value.abs() < 0.01 => format!("{:.2} ms", value * 1e3),
        "s" => format_seconds(value),
        unit => format!("{sign}{} {unit}", format_count(value.abs().round() as u64)),
    }
}

/// Where a run breaks the thresholds that its scenario expects to hold, a sentence each.
pub fn broken(thresholds: &[String], measured: &Measured) -> Vec<String> {
    thresholds.iter().filter_map(|text| one_broken(text, measured)).collect()
}

fn one_broken(text: &str, measured: &Measured) -> Option<String> {
    let threshold: Threshold = match text.parse() {
        Ok(threshold) => threshold,
        Err(bad) => return Some(format!("a threshold could not be read: {bad}")),
    };
    let Bound::Value(bound) = threshold.bound else {
        return Some(format!("{text} needs a base to compare with"));
    };
    let Some(value) = measured.value(threshold.measure, threshold.vantage.as_deref()) else {
        let name = threshold.measure.name();
        return Some(format!("{text} was not tested: {name} was not measured in this run"));
    };
    let holds = threshold.op.holds(value, bound);
    (!holds).then(|| format!("{text} does not hold: it is {}", amount(threshold.measure, value)))
}

/// What became of a threshold that must not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossed {
    /// True where it holds, and so fails the comparison.
    pub failed: bool,
    /// What was found.
    pub sentence: String,
}

/// Whether `new` crosses a threshold against `base`.
pub fn crossed(threshold: &Threshold, base: Option<f64>, new: Option<f64>) -> Crossed {
    let Threshold { text, measure, op, .. } = threshold;
    let name = measure.name();
    let untested = |side: &str| Crossed {
        failed: true,
        sentence: format!("{text}: cannot be told, since {name} was not measured in {side}"),
    };
    let Some(new) = new else { return untested("NEW") };
    let now = amount(*measure, new);
    let (bound, against) = match (threshold.bound, base) {
        (Bound::Value(value), _) => (value, String::new()),
        (Bound::Change(_), None) => return untested("BASE"),
        (Bound::Change(share), Some(base)) => {
            (base * (1.0 + share), format!(", {} in BASE", amount(*measure, base)))
        }
    };
    let failed = op.holds(new, bound);
    let verdict = if failed { "failed" } else { "passed" };
    Crossed { failed, sentence: format!("{text}: {verdict}, {now} in NEW{against}") }
}

#[cfg(test)]
mod tests {
    use model::findings::ResourceName;
    use model::threshold::Level;

    use super::*;
    use crate::tests::kit::{MIB, Story, pool};

    fn measured() -> Measured {
        let story = Story::new(5.0).load(|_| vec![]).target(|_| pool(100 * MIB));
        Measured::of_findings(story.run.clone(), story.findings())
    }

    #[test]
    fn what_a_scenario_expects_is_held_against_the_run() {
        let measured = measured();
        for (text, told) in [
            ("nonpaged_pool.peak < 101MiB", None),
            ("target.nonpaged_pool.headroom >= 28MiB", None),
            ("attempts.served >= 2000", None),
            ("nonpaged_pool.peak < 99MiB", Some("does not hold: it is 100.0 MiB")),
            ("attempts.failed > 0", Some("does not hold: it is 0 attempts")),
            ("latency.p99 < 50ms", Some("was not tested: latency.p99 was not measured")),
            ("generator.nonpaged_pool.peak < 1", Some("was not tested")),
            ("nonsense", Some("could not be read")),
        ] {
            let found = broken(&[text.to_owned()], &measured);
            match told {
                None => assert_eq!(found, Vec::<String>::new(), "{text}"),
                Some(words) => assert!(found[0].contains(words), "{text}: {found:?}"),
            }
        }
    }

    #[test]
    fn a_change_is_held_against_the_base() {
        for (text, base, new, failed, told) in [
            (
                "time_wait.peak>+10%",
                Some(100.0),
                Some(111.0),
                true,
                "failed, 111 entries in NEW, 100 entries in BASE",
            ),
            ("time_wait.peak>+10%", Some(100.0), Some(109.0), false, "passed"),
            ("time_wait.peak>120", None, Some(121.0), true, "failed, 121 entries in NEW"),
            ("time_wait.peak<-50%", Some(100.0), Some(40.0), true, "failed"),
            (
                "time_wait.peak>+10%",
                None,
                Some(1.0),
                true,
                "cannot be told, since time_wait.peak was not measured in BASE",
            ),
            ("time_wait.peak>+10%", Some(1.0), None, true, "not measured in NEW"),
        ] {
            let threshold: Threshold = text.parse().unwrap();
            assert_eq!(threshold.measure, Measure::Resource(ResourceName::TimeWait, Level::Peak));
            let found = crossed(&threshold, base, new);
            assert_eq!(found.failed, failed, "{text}: {found:?}");
            assert!(found.sentence.contains(told), "{text}: {found:?}");
        }
    }
}
