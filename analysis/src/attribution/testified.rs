//! Provides the judgement of causes that the host itself names: rows of its logs, matched one for one
//! with failures of their look and time. Without the log, a counter that shows the same mechanism
//! leaves such a cause consistent; a log that was read and holds no such row contradicts it.

use model::attempt::Failure;
use model::cause::{Cause, Stance};

use super::{Judgement, NOTHING_FAILED, Words};
use crate::bracket::{Level, Seen, around};
use crate::facts::{Candidate, Facts, span};
use crate::matched::HostWord;
use crate::store::{Span, TARGET};
use crate::testimony::{log_silence, web_log_silence};
use crate::weigh::{MOST_CLOCK_BOUND_S, attempts};
use crate::words::{count, from_to};

/// A level whose being at its limit shows the mechanism where the log cannot.
pub(super) struct Sign {
    pub(super) levels: Vec<Level>,
    /// What it shows, for a sentence: `its request queue was full`.
    pub(super) shows: String,
}

/// What such a cause consists of.
pub(super) struct Rule {
    pub(super) cause: Cause,
    /// The rows that name it.
    pub(super) words: &'static [HostWord],
    /// What those rows are called in a sentence.
    pub(super) named: &'static str,
    /// What a client sees of it.
    pub(super) looks: fn(&Failure) -> bool,
    /// What to observe, ready to paste.
    pub(super) collect: &'static str,
    pub(super) who: &'static str,
    pub(super) whom: &'static str,
    pub(super) because: &'static str,
    /// Of the web server's own log rather than of HTTP.sys'.
    pub(super) in_web_log: bool,
}

impl Rule {
    /// Judges it; `sign` is asked only where the log leaves the question open.
    pub(super) fn judge(
        &self,
        facts: &Facts<'_>,
        sign: impl Fn(&Facts<'_>) -> Option<Sign>,
    ) -> Judgement {
        if !facts.any_failure {
            return Judgement::untested(self.cause, NOTHING_FAILED, None);
        }
        let candidates = facts.candidates(self.looks);
        let Some((from_s, to_s)) = span(&candidates) else {
            return self.without_failures(facts);
        };
        let claims = self.matched(facts, &candidates);
        if !claims.is_empty() {
            return self.told(facts, claims);
        }
        if candidates.iter().all(|c| facts.matched.any(c.place) >= c.count) {
            let other = "the host's own log gives another reason for each failure of its look";
            return Judgement::contradicted(self.cause, other.into());
        }
        if let Some(silent) = self.silence(facts, from_s, to_s) {
            return Judgement::contradicted(self.cause, silent);
        }
        match sign(facts) {
            Some(sign) => self.by_sign(facts, &candidates, &sign),
            None => self.unread(facts),
        }
    }

    /// The failures that its rows stand for.
    fn matched(&self, facts: &Facts<'_>, candidates: &[Candidate]) -> Vec<Candidate> {
        let told = candidates.iter().map(|c| Candidate {
            count: facts.matched.count(c.place, self.words).min(c.count),
            ..*c
        });
        told.filter(|c| c.count > 0).collect()
    }

    fn rows(&self, facts: &Facts<'_>) -> Vec<Span> {
        let mut all: Vec<Span> = self.words.iter().flat_map(|w| w.rows(facts)).collect();
        all.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
        all
    }

    fn told(&self, facts: &Facts<'_>, claims: Vec<Candidate>) -> Judgement {
        let mut judged = Judgement::new(self.cause);
        let rows = self.rows(facts);
        let n: u64 = rows.iter().map(|r| r.n).sum();
        if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
            judged.supporting.push(format!(
                "the host's own word: {} of {}, stamped {}, beside {} of that look at that time",
                count(n, "row"),
                self.named,
                from_to(first.from_s, last.to_s),
                count(attempts(&claims), "failure"),
            ));
        }
        let bound_s = if facts.load_was_made { facts.clock_bound_s(TARGET) } else { 0.0 };
        judged.stance = match bound_s > MOST_CLOCK_BOUND_S {
            true => Stance::Consistent,
            false => Stance::Supported,
        };
        if judged.stance == Stance::Consistent {
            judged.unsure = "the target's clock is not known well enough";
            judged.supporting.push(format!(
                "the target's clock is known to {bound_s:.1} s only, so which rows belong to which failures is a guess by their numbers"
            ));
        }
        judged.testified = true;
        judged.words = self.words_for(self.because.to_owned());
        judged.claims = claims;
        judged
    }

    fn by_sign(&self, facts: &Facts<'_>, candidates: &[Candidate], sign: &Sign) -> Judgement {
        let slack_s = facts.slack_s(TARGET) + facts.tick_s;
        let seen = |c: &Candidate| around(&sign.levels, c.since_s, c.last_s, slack_s);
        let open = candidates.iter().filter(|c| facts.matched.any(c.place) < c.count);
        let (mut claims, mut below) = (Vec::new(), 0);
        for candidate in open {
            match seen(candidate) {
                Seen::AtLimit => claims.push(*candidate),
                Seen::Below => below += candidate.count,
                Seen::Unresolved | Seen::Unread => {}
            }
        }
        if claims.is_empty() {
            let mut judged = self.unread(facts);
            if let (Some(because), true) = (&mut judged.untested_because, below > 0) {
                let n = count(below, "failure");
                because.push_str(&format!("; no reading around {n} shows that {}", sign.shows));
            }
            return judged;
        }
        let mut judged = Judgement::new(self.cause);
        judged.stance = Stance::Consistent;
        judged.unsure = "the log that names the reason was not read";
        judged.supporting.push(format!(
            "{} around {}; without the log that names the reason of each failure this is not its word",
            sign.shows,
            count(attempts(&claims), "failure"),
        ));
        judged.words = self.words_for(format!("{} ({})", self.because, sign.shows));
        judged.claims = claims;
        judged
    }

    fn words_for(&self, because: String) -> Words {
        Words { who: self.who, whom: self.whom, because }
    }

    fn silence(&self, facts: &Facts<'_>, from_s: f64, to_s: f64) -> Option<String> {
        let silence = if self.in_web_log { web_log_silence } else { log_silence };
        let rows = self.rows(facts).iter().map(|r| r.n).sum();
        silence(facts, from_s, to_s, self.named, rows)
    }

    fn without_failures(&self, facts: &Facts<'_>) -> Judgement {
        let rows: u64 = self.rows(facts).iter().map(|r| r.n).sum();
        let fact = (rows > 0).then(|| {
            format!(
                "the host's log counts {} of {}, of whatever client",
                count(rows, "row"),
                self.named
            )
        });
        Judgement::looks_otherwise(self.cause, fact)
    }

    fn unread(&self, facts: &Facts<'_>) -> Judgement {
        let log = if self.in_web_log { "iislog" } else { "httperr" };
        let gap = facts.gap_reason(TARGET, &[log]);
        Judgement::untested(self.cause, self.collect, gap)
    }
}
