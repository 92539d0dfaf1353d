//! Provides the verdict: causes in order of first failure, what stays unexplained, and one sentence.

use model::cause::Stance;
use model::findings::{Attempts, CauseLine, Resource, ResourceName, Verdict};
use model::units::{format_bytes, format_count};

use crate::assign::{Assignment, Share};
use crate::attribution::Judgement;
use crate::facts::Facts;
use crate::pool::signed;
use crate::signs;
use crate::words::{at, count, when};

/// A resource is told to have come near its limit from this share of it on. Chosen.
const NEAR: f64 = 0.9;

/// What the verdict is made of.
pub(crate) struct Grounds<'a> {
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) judgements: &'a [Judgement],
    pub(crate) assignment: &'a Assignment,
    pub(crate) attempts: Option<Attempts>,
    pub(crate) resources: &'a [Resource],
    pub(crate) valid: bool,
}

impl Grounds<'_> {
    /// The verdict.
    pub(crate) fn verdict(&self) -> Verdict {
        let line = |share: &Share| {
            let judged = &self.judgements[share.judgement];
            CauseLine {
                cause: judged.cause,
                because_of: judged.because_of.clone(),
                stance: judged.stance,
                failures: share.failures,
                from_s: share.from_s,
                to_s: share.to_s,
            }
        };
        Verdict {
            causes: self.assignment.shares.iter().map(line).collect(),
            unexplained: self.assignment.unexplained,
            sentence: self.sentence(),
        }
    }

    fn sentence(&self) -> String {
        match self.attempts {
            Some(attempts) if attempts.failed + attempts.not_sent == 0 => {
                return self.clean(attempts);
            }
            None if !self.facts.any_failure && self.assignment.shares.is_empty() => {
                return format!("No refusal was counted{}.", self.nearest());
            }
            _ => {}
        }
        let clauses = self.assignment.shares.iter().map(|s| self.clause(s));
        let mut clauses: Vec<String> = clauses.collect();
        clauses.extend(self.unexplained());
        // The first letter of a sentence is a capital; the names that begin one have theirs already.
        let mut sentence = clauses.join("; then ");
        if let Some(first) = sentence.get(..1).map(str::to_uppercase) {
            sentence.replace_range(..1, &first);
        }
        sentence + "."
    }

    fn clean(&self, attempts: Attempts) -> String {
        let mut sentence = format!(
            "Nothing failed: {} of {} were served",
            format_count(attempts.served),
            count(attempts.offered, "attempt")
        );
        if attempts.unfinished > 0 {
            let n = format_count(attempts.unfinished);
            sentence.push_str(&format!(" and {n} were still under way at the end"));
        }
        sentence.push_str(&self.nearest());
        if let Some((from_s, worst_s)) = signs::slowest_connect(self.facts) {
            sentence.push_str(&format!(
                "; yet from {} on connects took up to {worst_s:.1} s, as when a SYN is lost and sent again",
                at(from_s)
            ));
        }
        if !self.valid {
            sentence.push_str(", but the generator itself was the limit, so the run says little");
        }
        sentence + "."
    }

    /// The resource that came nearest to its limit, if any came near.
    fn nearest(&self) -> String {
        let none = ", and no resource came near its limit".to_owned();
        let shares = self.resources.iter().filter_map(|r| Some((self.share(r)?, r)));
        let most = shares.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(share, _)| *share >= NEAR);
        let Some((_, resource)) = most else { return none };
        match (resource.name, resource.headroom_min) {
            (ResourceName::NonpagedPool, Some(free)) => {
                let gate = self.facts.pool.gate_bytes.map_or(0, signed);
                let words = self.facts.pool.gate_words();
                match free - gate {
                    above if above >= 0 => {
                        format!(
                            ", though free non-paged pool came within {} of the {words}",
                            format_bytes(above.into())
                        )
                    }
                    below => format!(
                        ", though free non-paged pool fell {} below the {words}",
                        format_bytes((-below).into())
                    ),
                }
            }
            (name, Some(free)) => {
                let free = free.max(0).unsigned_abs();
                let room = match resource.unit.as_str() {
                    "bytes" => format_bytes(free.into()),
                    unit => format!("{} {unit}", format_count(free)),
                };
                format!(
                    ", though {} on the {} came within {room} of its limit",
                    name.as_str(),
                    resource.vantage
                )
            }
            (_, None) => none,
        }
    }

    /// How much of what may be used was used; for the pool that ends at the gate.
    fn share(&self, resource: &Resource) -> Option<f64> {
        let limit = resource.limit?.value;
        let bearable = match resource.name {
            ResourceName::NonpagedPool => {
                host::laws::refuse_level_bytes(limit, self.facts.pool.gate_bytes?)
            }
            _ => limit,
        };
        (bearable > 0).then(|| resource.peak as f64 / bearable as f64)
    }

    fn clause(&self, share: &Share) -> String {
        let judged = &self.judgements[share.judgement];
        let words = &judged.words;
        if share.failures == 0 {
            return format!(
                "the host itself says that {}; nobody counted what failed",
                words.because
            );
        }
        let mut what = format!("{} {}", words.who, count(share.failures, words.whom));
        // Without a load there is no run whose seconds would tell anybody anything.
        if self.attempts.is_some() {
            let when = when(share.from_s, share.to_s, self.facts.load_end_s());
            what.push_str(&format!(" {when}"));
        }
        match judged.stance {
            Stance::Supported => format!("{what} because {}", words.because),
            _ => format!("{what}, perhaps because {}: {}", words.because, judged.unsure),
        }
    }

    fn unexplained(&self) -> Option<String> {
        let n = self.assignment.unexplained;
        let verb = if n == 1 { "stays" } else { "stay" };
        match (n, self.assignment.shares.is_empty()) {
            (0, _) => None,
            (_, false) => Some(format!("{} {verb} unexplained", count(n, "more failure"))),
            (_, true) => {
                let judged = self.judgements.iter();
                let untested = judged.filter(|j| j.stance == Stance::Untested);
                let names: Vec<String> = untested.map(|j| j.cause.to_string()).collect();
                let hint = match names.len() {
                    0 => "every cause that was judged is contradicted".to_owned(),
                    _ => format!("not tested: {}", names.join(", ")),
                };
                Some(format!("{} {verb} unexplained: {hint}", count(n, "failure")))
            }
        }
    }
}
