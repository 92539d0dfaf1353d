//! Defines a judgement: what a hypothesis hands back, with the sentences that earn it.

use model::cause::{Cause, Stance};
use model::findings::Hypothesis;

use super::OTHER_LOOK;
use crate::facts::Candidate;

/// One hypothesis, judged.
#[derive(Clone, Debug)]
pub(crate) struct Judgement {
    pub(crate) cause: Cause,
    pub(crate) stance: Stance,
    pub(crate) supporting: Vec<String>,
    pub(crate) against: Vec<String>,
    pub(crate) untested_because: Option<String>,
    pub(crate) because_of: Vec<String>,
    /// The failures it would explain, each with how many of them.
    pub(crate) claims: Vec<Candidate>,
    /// The host's own rows stand behind each claim, one by one: they outrank what readings claim.
    pub(crate) testified: bool,
    /// When the host's own word speaks of it, where nobody counted what failed.
    pub(crate) said_s: Option<(f64, f64)>,
    /// Why the run is not valid, where this is so.
    pub(crate) invalidates: Vec<String>,
    /// The verdict's words.
    pub(crate) words: Words,
    /// Why it is no more than consistent.
    pub(crate) unsure: &'static str,
}

/// How the verdict's sentence tells of a cause: `{who} {count} {whom} {when} because {because}`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    pub(crate) who: &'static str,
    pub(crate) whom: &'static str,
    pub(crate) because: String,
}

impl Judgement {
    /// A hypothesis about which nothing is known yet.
    pub(crate) fn new(cause: Cause) -> Self {
        Self {
            cause,
            stance: Stance::Untested,
            supporting: Vec::new(),
            against: Vec::new(),
            untested_because: None,
            because_of: Vec::new(),
            claims: Vec::new(),
            testified: false,
            said_s: None,
            invalidates: Vec::new(),
            words: Words::default(),
            unsure: "which came first could not be resolved",
        }
    }

    /// Untested, and why; `fact` is told all the same.
    pub(crate) fn untested(cause: Cause, because: &str, fact: Option<String>) -> Self {
        let because = match fact {
            Some(fact) => format!("{because}; {fact}"),
            None => because.to_owned(),
        };
        Self { untested_because: Some(because), ..Self::new(cause) }
    }

    /// Contradicted by a reading.
    pub(crate) fn contradicted(cause: Cause, against: String) -> Self {
        Self { stance: Stance::Contradicted, against: vec![against], ..Self::new(cause) }
    }

    /// Contradicted by how the failures look; `fact` is told all the same.
    pub(crate) fn looks_otherwise(cause: Cause, fact: Option<String>) -> Self {
        let against = match fact {
            Some(fact) => format!("{OTHER_LOOK}; {fact}"),
            None => OTHER_LOOK.to_owned(),
        };
        Self::contradicted(cause, against)
    }

    /// Whether it may explain failures: a merely consistent hypothesis only if nothing speaks against
    /// it.
    pub(crate) fn may_claim(&self) -> bool {
        match self.stance {
            Stance::Supported => true,
            Stance::Consistent => self.against.is_empty(),
            Stance::Contradicted | Stance::Untested => false,
        }
    }

    /// The line of `findings.json`.
    pub(crate) fn hypothesis(&self) -> Hypothesis {
        Hypothesis {
            cause: self.cause,
            stance: self.stance,
            supporting: self.supporting.clone(),
            against: self.against.clone(),
            untested_because: self.untested_because.clone(),
        }
    }
}
