//! Provides the hypotheses, one file each, and what each hands back: a [`Judgement`].

pub(crate) mod client_ports;
mod generator_limit;
mod listener_down;
mod nonpaged_pool;

use std::collections::BTreeSet;

use model::cause::{Cause, Stance};
use model::findings::Hypothesis;

use crate::facts::{Candidate, Facts};

/// The place of `nonpaged-pool` among the judgements.
pub(crate) const POOL: usize = 0;

/// What every hypothesis says of a run in which nothing failed.
const NOTHING_FAILED: &str = "no attempt failed, so there is nothing to explain";

/// What a hypothesis about the generator says where none was.
const NO_LOAD: &str = "no generator was observed: only what the host's own log counts is known";

/// One hypothesis, judged.
#[derive(Clone, Debug)]
pub(crate) struct Judgement {
    pub(crate) cause: Cause,
    pub(crate) stance: Stance,
    pub(crate) supporting: Vec<String>,
    pub(crate) against: Vec<String>,
    pub(crate) untested_because: Option<String>,
    pub(crate) because_of: Vec<String>,
    /// The failures it would explain.
    pub(crate) claims: Vec<Candidate>,
    /// Why the run is not valid, where this is so.
    pub(crate) invalidates: Vec<String>,
    /// The verdict's words.
    pub(crate) words: Words,
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
    fn new(cause: Cause) -> Self {
        Self {
            cause,
            stance: Stance::Untested,
            supporting: Vec::new(),
            against: Vec::new(),
            untested_because: None,
            because_of: Vec::new(),
            claims: Vec::new(),
            invalidates: Vec::new(),
            words: Words::default(),
        }
    }

    /// Untested, and why; `fact` is told all the same.
    fn untested(cause: Cause, because: &str, fact: Option<String>) -> Self {
        let because = match fact {
            Some(fact) => format!("{because}; {fact}"),
            None => because.to_owned(),
        };
        Self { untested_because: Some(because), ..Self::new(cause) }
    }

    /// Contradicted by a reading.
    fn contradicted(cause: Cause, against: String) -> Self {
        Self { stance: Stance::Contradicted, against: vec![against], ..Self::new(cause) }
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

/// Every hypothesis, judged, in the order of [`Cause::ALL`].
pub(crate) fn judge(facts: &Facts<'_>) -> Vec<Judgement> {
    let ports = client_ports::judge(facts);
    let limit = generator_limit::judge(facts, ports.stance == Stance::Supported);
    let pool = nonpaged_pool::judge(facts);
    let of_pool = match pool.stance {
        Stance::Supported => pool.claims.iter().map(|c| c.place).collect(),
        _ => BTreeSet::new(),
    };
    let listener = listener_down::judge(facts, &of_pool);
    vec![pool, listener, ports, limit]
}
