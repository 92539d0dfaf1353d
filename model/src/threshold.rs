//! Defines thresholds: `time_wait.peak < 12000` in `[expect]` says what must hold, and
//! `time_wait.peak > +10%` after `compare --fail-on` what must not.
//!
//! ```text
//! threshold = [vantage "."] what "." which op bound
//! vantage   = generator | target
//! what      = time_wait | nonpaged_pool | paged_pool | commit | client_ports | target_ports
//!           | accept_queue | request_queue | descriptors          which = peak | headroom | plateau
//!           | attempts                     which = offered | served | failed | not_sent | unexplained
//!           | latency | connect | first_byte                      which = p50 | p99 | max
//! op        = "<" | "<=" | ">" | ">="
//! bound     = number with its unit (bytes: MiB …, latency: ms …) | ("+" | "-") number "%" of the base
//! ```

use crate::findings::ResourceName;
use crate::units::{parse_bytes, parse_count, parse_seconds};

/// What is measured of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// A resource over the run.
    Resource(ResourceName, Level),
    /// Attempts by what became of them.
    Attempts(Became),
    /// A percentile over all attempts that were served, seconds.
    Latency(Timed, Percentile),
}

/// Which level of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The highest reading.
    Peak,
    /// The least that was left of its limit.
    Headroom,
    /// Where it stayed once TIME_WAIT had levelled off.
    Plateau,
}

/// What became of attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Became {
    /// Came due.
    Offered,
    /// Were served.
    Served,
    /// Were begun and failed.
    Failed,
    /// Came due and could not be begun.
    NotSent,
    /// Failed or were not sent, and no cause explains it.
    Unexplained,
}

/// What is timed, always from the intended start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timed {
    /// Until the connection is established.
    Connect,
    /// Until the first byte of the first answer.
    FirstByte,
    /// Until the attempt has ended.
    Total,
}

/// Which percentile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Percentile {
    /// The median.
    P50,
    /// 99 of 100 are quicker.
    P99,
    /// The slowest.
    Max,
}

/// How a value is compared with its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

/// What a value is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// A value: bytes, seconds or a count.
    Value(f64),
    /// A change against a base, as a share of it: `+10%` is 0.1.
    Change(f64),
}

/// One threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// As it was written.
    pub text: String,
    /// Whose, where that was said; else whichever vantage has the most.
    pub vantage: Option<String>,
    /// What is measured.
    pub measure: Measure,
    /// How it is compared.
    pub op: Op,
    /// With what.
    pub bound: Bound,
}

/// Why a threshold could not be read; a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadThreshold(pub String);

const RESOURCES: [ResourceName; 9] = [
    ResourceName::TimeWait,
    ResourceName::NonpagedPool,
    ResourceName::PagedPool,
    ResourceName::Commit,
    ResourceName::ClientPorts,
    ResourceName::TargetPorts,
    ResourceName::AcceptQueue,
    ResourceName::RequestQueue,
    ResourceName::Descriptors,
];
const LEVELS: [(&str, Level); 3] =
    [("peak", Level::Peak), ("headroom", Level::Headroom), ("plateau", Level::Plateau)];
const BECAME: [(&str, Became); 5] = [
    ("offered", Became::Offered),
    ("served", Became::Served),
    ("failed", Became::Failed),
    ("not_sent", Became::NotSent),
    ("unexplained", Became::Unexplained),
];
const TIMED: [(&str, Timed); 3] =
    [("latency", Timed::Total), ("connect", Timed::Connect), ("first_byte", Timed::FirstByte)];
const PERCENTILES: [(&str, Percentile); 3] =
    [("p50", Percentile::P50), ("p99", Percentile::P99), ("max", Percentile::Max)];
const OPS: [(&str, Op); 4] =
    [("<=", Op::AtMost), (">=", Op::AtLeast), ("<", Op::Below), (">", Op::Above)];
const VANTAGES: [&str; 2] = ["generator", "target"];

fn word<T: PartialEq + Copy>(all: &[(&'static str, T)], value: T) -> &'static str {
    all.iter().find(|(_, v)| *v == value).map_or("", |(word, _)| *word)
}

fn one_of<T: Copy>(all: &[(&'static str, T)], found: &str, of: &str) -> Result<T, BadThreshold> {
    let known = || all.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    all.iter().find(|(word, _)| *word == found).map(|(_, value)| *value).ok_or_else(|| {
        BadThreshold(format!("\"{found}\" is not measured of {of}; the choice is {}", known()))
    })
}

impl Measure {
    /// The name used in thresholds: `time_wait.peak`.
    pub fn name(self) -> String {
        match self {
            Self::Resource(name, level) => {
                format!("{}.{}", name.as_str().replace('-', "_"), word(&LEVELS, level))
            }
            Self::Attempts(became) => format!("attempts.{}", word(&BECAME, became)),
            Self::Latency(timed, which) => {
                format!("{}.{}", word(&TIMED, timed), word(&PERCENTILES, which))
            }
        }
    }

    /// The unit of its values: `bytes`, `s`, or a noun.
    pub fn unit(self) -> &'static str {
        use ResourceName as R;
        match self {
            Self::Resource(R::NonpagedPool | R::PagedPool | R::Commit, _) => "bytes",
            Self::Resource(R::ClientPorts | R::TargetPorts, _) => "ports",
            Self::Resource(R::TimeWait, _) => "entries",
            Self::Resource(R::Descriptors, _) => "descriptors",
            Self::Resource(R::AcceptQueue, _) => "connections",
            Self::Resource(R::RequestQueue, _) => "requests",
            Self::Attempts(_) => "attempts",
            Self::Latency(..) => "s",
        }
    }

    fn parse(what: &str, which: &str) -> Result<Self, BadThreshold> {
        if what == "attempts" {
            return one_of(&BECAME, which, what).map(Self::Attempts);
        }
        if let Some((_, timed)) = TIMED.iter().find(|(word, _)| *word == what) {
            return one_of(&PERCENTILES, which, what).map(|p| Self::Latency(*timed, p));
        }
        let named = |r: &&ResourceName| r.as_str().replace('-', "_") == what.replace('-', "_");
        let Some(resource) = RESOURCES.iter().find(named) else {
            let known = RESOURCES.iter().map(|r| r.as_str().replace('-', "_"));
            let known: Vec<String> = known
                .chain(["attempts", "latency", "connect", "first_byte"].map(str::to_owned))
                .collect();
            return Err(BadThreshold(format!(
                "\"{what}\" is not measured; the choice is {}",
                known.join(", ")
            )));
        };
        one_of(&LEVELS, which, what).map(|level| Self::Resource(*resource, level))
    }
}

impl std::str::FromStr for Threshold {
    type Err = BadThreshold;

    fn from_str(text: &str) -> Result<Self, BadThreshold> {
        let shape = || {
            BadThreshold(format!(
                "\"{text}\" is not a threshold; write it like \"time_wait.peak < 12000\" or \"latency.p99 > +10%\""
            ))
        };
        let at = text.find(['<', '>']).ok_or_else(shape)?;
        let (left, right) = (text[..at].trim(), &text[at..]);
        let (sign, op) = OPS.iter().find(|(sign, _)| right.starts_with(sign)).ok_or_else(shape)?;
        let (vantage, name) = match left.split_once('.') {
            Some((vantage, rest)) if VANTAGES.contains(&vantage) => (Some(vantage), rest),
            _ => (None, left),
        };
        let (what, which) = name.split_once('.').ok_or_else(shape)?;
        let measure = Measure::parse(what, which)?;
        Ok(Self {
            text: text.to_owned(),
            vantage: vantage.map(str::to_owned),
            measure,
            op: *op,
            bound: bound(measure, right[sign.len()..].trim())?,
        })
    }
}

fn bound(measure: Measure, text: &str) -> Result<Bound, BadThreshold> {
    if let Some(percent) = text.strip_suffix('%') {
        let percent = percent.trim();
        let share: Option<f64> = percent.parse().ok().filter(|p: &f64| p.is_finite());
        return match share.filter(|_| percent.starts_with(['+', '-'])) {
            Some(share) => Ok(Bound::Change(share / 100.0)),
            None => Err(BadThreshold(format!(
                "\"{text}\" is not a change; write it like \"+10%\" or \"-5%\", against a base"
            ))),
        };
    }
    let (sign, size) = match text.strip_prefix('-') {
        Some(size) => (-1.0, size.trim()),
        None => (1.0, text),
    };
    let value = match measure.unit() {
        "bytes" => parse_bytes(size).map(|bytes| bytes as f64),
        "s" => parse_seconds(size),
        _ => parse_count(size),
    };
    value.map(|value| Bound::Value(sign * value)).map_err(|e| BadThreshold(e.0))
}

impl Op {
    /// Whether a value stands so to another.
    pub fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Below => value < bound,
            Self::AtMost => value <= bound,
            Self::Above => value > bound,
            Self::AtLeast => value >= bound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Option<String>, String, Op, Bound) {
        let t: Threshold = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        (t.vantage, t.measure.name(), t.op, t.bound)
    }

    #[test]
    fn thresholds_name_what_is_measured_and_a_bound_in_its_unit() {
        for (text, vantage, name, op, bound) in [
            ("time_wait.peak < 12000", None, "time_wait.peak", Op::Below, Bound::Value(12_000.0)),
            ("time_wait.peak>+10%", None, "time_wait.peak", Op::Above, Bound::Change(0.1)),
            (
                "target.time-wait.plateau<=12k",
                Some("target"),
                "time_wait.plateau",
                Op::AtMost,
                Bound::Value(12_000.0),
            ),
            (
                "nonpaged_pool.headroom >= 24MiB",
                None,
                "nonpaged_pool.headroom",
                Op::AtLeast,
                Bound::Value(25_165_824.0),
            ),
            (
                "nonpaged_pool.headroom > -1KiB",
                None,
                "nonpaged_pool.headroom",
                Op::Above,
                Bound::Value(-1024.0),
            ),
            ("latency.p99 < 50ms", None, "latency.p99", Op::Below, Bound::Value(0.05)),
            ("first_byte.max > -5%", None, "first_byte.max", Op::Above, Bound::Change(-0.05)),
            ("attempts.not_sent <= 0", None, "attempts.not_sent", Op::AtMost, Bound::Value(0.0)),
        ] {
            assert_eq!(
                parsed(text),
                (vantage.map(str::to_owned), name.to_owned(), op, bound),
                "{text}"
            );
        }
    }

    #[test]
    fn a_slip_is_told_with_the_choice() {
        for (text, told) in [
            ("time_wait.peak", "is not a threshold; write it like"),
            ("peak < 3", "is not a threshold"),
            ("time_wate.peak < 3", "the choice is time_wait, nonpaged_pool"),
            ("time_wait.p99 < 3", "the choice is peak, headroom, plateau"),
            ("latency.p99 < 50", "is not a duration"),
            ("nonpaged_pool.peak < 5 megs", "is not a size"),
            ("time_wait.peak > 10%", "write it like \"+10%\""),
            ("time_wait.peak > lots", "is not a count"),
            ("", "is not a threshold"),
        ] {
            let said = text.parse::<Threshold>().unwrap_err().0;
            assert!(said.contains(told), "{text}: {said}");
        }
    }
}
