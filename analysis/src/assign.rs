//! Provides the assignment: every failed or not-sent attempt goes to exactly one cause, or stays
//! unexplained. The host's own rows go first, one for one; where two supported causes then claim what is
//! left of a tick's failures, both are named and neither gets them.

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
    /// In order of first failure; none is empty but where nobody counted what failed.
    pub(crate) shares: Vec<Share>,
    pub(crate) unexplained: u64,
}

/// A judgement that claims a place, and how many of its failures.
type Claim = (usize, u64);

/// Assigns every failure, and writes disputes into the evidence of those that dispute.
pub(crate) fn assign(facts: &Facts<'_>, judgements: &mut [Judgement]) -> Assignment {
    let claims = claims(judgements);
    let mut assignment = Assignment::default();
    let mut disputes: BTreeMap<Vec<usize>, Candidate> = BTreeMap::new();
    for candidate in facts.candidates(|_| true) {
        let claimants = claims.get(&candidate.place).map_or(&[][..], Vec::as_slice);
        let left = assignment.give_testified(judgements, claimants, &candidate);
        if left.count == 0 {
            continue;
        }
        let others: Vec<usize> =
            claimants.iter().map(|c| c.0).filter(|&j| !judgements[j].testified).collect();
        let is_supported = |j: &&usize| judgements[**j].stance == Stance::Supported;
        let supported: Vec<usize> = others.iter().filter(is_supported).copied().collect();
        match (&supported[..], &others[..]) {
            ([one], _) | ([], [one]) => assignment.give(*one, &left),
            ([], []) => assignment.unexplained += left.count,
            ([], several) | (several, _) => {
                assignment.unexplained += left.count;
                let none = Candidate { count: 0, ..left };
                join(disputes.entry(several.to_vec()).or_insert(none), &left);
            }
        }
    }
    for (claimants, disputed) in &disputes {
        tell(judgements, claimants, disputed);
    }
    assignment.tell_uncounted(facts, judgements);
    assignment.shares.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
    assignment
}

/// Who claims which failures.
fn claims(judgements: &[Judgement]) -> BTreeMap<Place, Vec<Claim>> {
    let mut claims: BTreeMap<Place, Vec<Claim>> = BTreeMap::new();
    for (j, judgement) in judgements.iter().enumerate().filter(|(_, j)| j.may_claim()) {
        for claim in &judgement.claims {
            let claimants = claims.entry(claim.place).or_default();
            if claimants.last().is_none_or(|last| last.0 != j) {
                claimants.push((j, claim.count));
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

    /// Gives what the host's own rows claim, and returns what is left. Rows are matched one for one, so
    /// together they claim no more than there is.
    fn give_testified(
        &mut self,
        judgements: &[Judgement],
        claimants: &[Claim],
        candidate: &Candidate,
    ) -> Candidate {
        let mut left = *candidate;
        for (j, count) in claimants.iter().filter(|(j, _)| judgements[*j].testified) {
            let count = (*count).min(left.count);
            if count > 0 {
                self.give(*j, &Candidate { count, ..*candidate });
                left.count -= count;
            }
        }
        left
    }

    /// Without a generator the host's own word may speak of an exhaustion whose failures nobody
    /// counted: its cause is told all the same, with none.
    fn tell_uncounted(&mut self, facts: &Facts<'_>, judgements: &[Judgement]) {
        if facts.load_was_made {
            return;
        }
        let stands_behind = |cause: &str| {
            let behind = self.shares.iter().flat_map(|s| &judgements[s.judgement].because_of);
            behind.into_iter().any(|b| b == cause)
        };
        let said = judgements.iter().enumerate().filter(|(_, j)| j.stance == Stance::Supported);
        let said = said.filter_map(|(judgement, judged)| {
            let (from_s, to_s) = judged.said_s?;
            let told = self.shares.iter().any(|s| s.judgement == judgement);
            (!told && !stands_behind(judged.cause.as_str())).then_some(Share {
                judgement,
                failures: 0,
                from_s,
                to_s,
            })
        });
        let said: Vec<Share> = said.collect();
        self.shares.extend(said);
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
