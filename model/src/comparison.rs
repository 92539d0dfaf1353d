//! Defines what `compare --format json` prints, format 1: two sides, each one or several runs.

use serde::{Deserialize, Serialize};

/// Two sides of runs, compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Version of this format: 1.
    pub format: u32,
    /// False where a run of either side is not to be believed.
    pub valid: bool,
    /// A sentence for each reason why not.
    pub not_valid_because: Vec<String>,
    /// What came of it, in a sentence.
    pub sentence: String,
    /// `predicted` or `measured`; both where the sides differ in that.
    pub claim: String,
    /// What is compared with.
    pub base: Side,
    /// What is compared.
    pub new: Side,
    /// Keys of the scenario that differ.
    pub asked: Vec<Differs>,
    /// Tunables that differ, and whether they are in force.
    pub tunables: Vec<Tuned>,
    /// How long TIME_WAIT lasted.
    pub time_wait: Vec<TimeWaitLine>,
    /// Each measure with its difference.
    pub measures: Vec<Compared>,
    /// Each `--fail-on`.
    pub thresholds: Vec<ThresholdLine>,
    /// What was left out of the comparison, and why.
    pub left_out: Vec<String>,
}

/// One side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// Its runs.
    pub runs: Vec<RunRef>,
    /// What its runs were found to fail of, each verdict once with the number of runs that share it.
    pub verdicts: Vec<VerdictCount>,
}

/// One run of a side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRef {
    /// Where it lies.
    pub path: String,
    /// Its scenario.
    pub scenario: String,
    /// Its ground.
    pub ground: String,
    /// Seconds of load.
    pub seconds: f64,
    /// Seed of its schedule.
    pub seed: u64,
    /// Whether it is to be believed.
    pub valid: bool,
}

/// A verdict and how many runs came to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictCount {
    /// The causes in order of first failure; `nothing failed` for a clean run.
    pub verdict: String,
    /// Runs.
    pub runs: u64,
}

/// A key that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differs {
    /// Its dotted path.
    pub key: String,
    /// In BASE; `None` where it is absent.
    pub base: Option<String>,
    /// In NEW.
    pub new: Option<String>,
}

/// Whether a setting shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InForce {
    /// A reading shows it.
    Yes,
    /// A reading shows that it is not.
    No,
    /// No reading tells.
    NotShown,
}

impl InForce {
    /// The words used on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "in force",
            Self::No => "NOT in force",
            Self::NotShown => "not shown",
        }
    }
}

/// A tunable that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tuned {
    /// Whose.
    pub vantage: String,
    /// By the host's own name.
    pub name: String,
    /// In BASE.
    pub base: Option<u64>,
    /// In NEW.
    pub new: Option<u64>,
    /// Whether NEW's value shows.
    pub in_force: InForce,
    /// How that is known.
    pub sentence: String,
}

/// How long TIME_WAIT of a vantage was seen to last, seconds of the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeWaitLine {
    /// Whose.
    pub vantage: String,
    /// In BASE, in words: `240 s`, `at least 100 s`.
    pub base: String,
    /// In NEW.
    pub new: String,
}

/// What a difference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// NEW is better, by more than noise.
    Better,
    /// NEW is worse, by more than noise.
    Worse,
    /// NEW differs by more than noise, and is thereby neither better nor worse.
    Differs,
    /// The difference is within noise, or noise is unknown.
    NoEvidence,
}

impl Finding {
    /// The words used on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Differs => "differs",
            Self::NoEvidence => "no evidence",
        }
    }
}

/// One measure on both sides; values are those of a side's runs, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// What is measured: `time_wait.peak`.
    pub measure: String,
    /// Whose.
    pub vantage: String,
    /// `bytes`, `s`, or a noun.
    pub unit: String,
    /// Values of BASE.
    pub base: Vec<f64>,
    /// Values of NEW.
    pub new: Vec<f64>,
    /// The mean of BASE, for people.
    pub base_words: String,
    /// The mean of NEW, for people.
    pub new_words: String,
    /// The mean of NEW less that of BASE.
    pub difference: f64,
    /// That as a share of BASE; `None` where BASE is zero.
    pub share: Option<f64>,
    /// A difference that noise makes in one of a hundred comparisons; `None` with a single run on
    /// either side.
    pub noise: Option<f64>,
    /// What the difference means.
    pub finding: Finding,
}

/// One `--fail-on`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThresholdLine {
    /// As it was written.
    pub threshold: String,
    /// True where it fails the comparison.
    pub failed: bool,
    /// What was found.
    pub sentence: String,
}
