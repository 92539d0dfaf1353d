//! Provides the assignment: every failed or not-sent attempt goes to exactly one cause, or stays
//! unexplained. Where two supported causes claim one tick's failures, both are named and neither gets
//! them.

use std::collections::BTreeMap;

use model::cause::Stance;
use model::units::format_count;

use crate::attribution::Judgement;
use crate::facts::{Candidate, Facts, Place};
use crate::words::at;

/// What one judgement explains.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    /// Index of the judgement.
    pub(crate) judgement: usize,
    pub(crate) failures: u64,
    pub(crate) from_s: f64,
    pub(crate) to_s: f64,
}

/// Every failure, assigned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assignment {
    /// In order of first failure; none is empty.
    pub(crate) shares: Vec<Share>,
    pub(crate) unexplained: u64,
}

/// Assigns every failure, and writes disputes into the evidence of those that dispute.
pub(crate) fn assign(facts: &Facts<'_>, judgements: &mut [Judgement]) -> Assignment {
    let claims = claims(judgements);
    let mut assignment = Assignment::default();
    let mut disputes: BTreeMap<Vec<usize>, Candidate> = BTreeMap::new();
    for candidate in facts.candidates(|_| true) {
        let claimants = claims.get(&candidate.place).map_or(&[][..], Vec::as_slice);
        let supported = claimants.iter().filter(|&&j| judgements[j].stance == Stance::Supported);
        match (&supported.copied().collect::<Vec<_>>()[..], claimants) {
            ([one], _) | ([], [one]) => assignment.give(*one, &candidate),
            ([], []) => assignment.unexplained += candidate.count,
            ([], several) | (several, _) => {
                assignment.unexplained += candidate.count;
                join(
                    disputes.entry(several.to_vec()).or_insert(Candidate { count: 0, ..candidate }),
                    &candidate,
                );
            }
        }
    }
    for (claimants, disputed) in &disputes {
        tell(judgements, claimants, disputed);
    }
    assignment.shares.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
    assignment
}

/// Who claims which failure. A merely consistent hypothesis claims only if nothing contradicts it.
fn claims(judgements: &[Judgement]) -> BTreeMap<Place, Vec<usize>> {
    let mut claims: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
    for (j, judgement) in judgements.iter().enumerate() {
        let may_claim = match judgement.stance {
            Stance::Supported => true,
            Stance::Consistent => judgement.against.is_empty(),
            Stance::Contradicted | Stance::Untested => false,
        };
        for claim in judgement.claims.iter().filter(|_| may_claim) {
            let claimants = claims.entry(claim.place).or_default();
            if claimants.last() != Some(&j) {
                claimants.push(j);
            }
        }
    }
    claims
}

impl Assignment {
    fn give(&mut self, judgement: usize, candidate: &Candidate) {
        let Candidate { count: failures, first_s: from_s, last_s: to_s, .. } = *candidate;
        match self.shares.iter_mut().find(|s| s.judgement == judgement) {
            Some(share) => {
                share.failures += failures;
                share.from_s = share.from_s.min(from_s);
                share.to_s = share.to_s.max(to_s);
            }
            None => self.shares.push(Share { judgement, failures, from_s, to_s }),
        }
    }
}

fn join(sum: &mut Candidate, one: &Candidate) {
    sum.count += one.count;
    sum.first_s = sum.first_s.min(one.first_s);
    sum.last_s = sum.last_s.max(one.last_s);
}

fn tell(judgements: &mut [Judgement], claimants: &[usize], disputed: &Candidate) {
    let names: Vec<String> = claimants.iter().map(|&j| judgements[j].cause.to_string()).collect();
    let sentence = format!(
        "{} failures from {} to {} fit {} alike; they stay unexplained",
        format_count(disputed.count),
        at(disputed.first_s),
        at(disputed.last_s),
        names.join(" and ")
    );
    for &j in claimants {
        judgements[j].against.push(sentence.clone());
    }
}
