//! Provides whether a run is valid: it is not where the instrument was the limit.

use crate::attribution::Judgement;

/// A sentence for each reason why the run is not valid; none for a valid one.
pub(crate) fn not_valid_because(judgements: &[Judgement]) -> Vec<String> {
    let reasons = judgements.iter().flat_map(|j| &j.invalidates);
    reasons.map(|why| format!("the generator was the limit: {why}")).collect()
}
