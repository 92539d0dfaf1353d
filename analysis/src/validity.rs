//! Provides whether a run is valid: it is not where the instrument was the limit.

use model::cause::{Cause, Stance};

use crate::attribution::Judgement;

/// A sentence for each reason why the run is not valid; none for a valid one.
pub(crate) fn not_valid_because(judgements: &[Judgement]) -> Vec<String> {
    let limit = judgements.iter().find(|j| j.cause == Cause::GeneratorLimit);
    match limit {
        Some(j) if j.stance == Stance::Supported => {
            j.supporting.iter().map(|why| format!("the generator was the limit: {why}")).collect()
        }
        _ => Vec::new(),
    }
}
