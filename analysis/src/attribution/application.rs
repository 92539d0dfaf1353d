//! Judges `application`: the application itself answered with 5xx.
//!
//! Decisive: the answer itself, where no row of HTTPERR and no 503.2 explains it, and the target's ports
//! for its own connections read as free within one sample period: where they ran out it is their doing.

use model::cause::{Cause, Stance};
use model::units::format_count;

use super::target_ports::{levels_are_read, own_5xx, seen};
use super::{Judgement, Known, NOTHING_FAILED, Words};
use crate::bracket::Seen;
use crate::facts::{Candidate, Facts};
use crate::kinds::is_503;
use crate::matched::HostWord;
use crate::store::{Counter, TARGET};
use crate::weigh::attempts;
use crate::words::count;

const CAUSE: Cause = Cause::Application;

/// Answers that the frameworks' own queues give: ASP.NET's and FastCGI's (KB943891).
const QUEUES: &[HostWord] = &[HostWord::Answered503(3), HostWord::Answered503(4)];

const COLLECT: &str = r#"what answered 5xx, and whether its outgoing ports had run out, shows on the target: `findstr /r /c:" 50[0-9] " %SystemDrive%\inetpub\logs\LogFiles\W3SVC1\u_ex*.log`, `netstat -ano`"#;

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, known: &Known) -> Judgement {
    if !facts.any_failure {
        return Judgement::untested(CAUSE, NOTHING_FAILED, None);
    }
    let by_ports = known.explained_by(Cause::TargetPorts);
    let ports = levels_are_read(facts);
    // Where nobody read the ports, want of them may stand behind an answer just as well.
    let free =
        |c: &Candidate| ports.as_ref().is_some_and(|levels| seen(facts, levels, c) == Seen::Below);
    let all = own_5xx(facts);
    let open: Vec<Candidate> =
        all.iter().filter(|c| !by_ports.contains(&c.place)).copied().collect();
    let mut claims: Vec<Candidate> = open.iter().filter(|c| free(c)).copied().collect();
    claims.extend(by_queues(facts));
    claims.sort_by(|a, b| a.first_s.total_cmp(&b.first_s));
    if claims.is_empty() {
        return match (all.is_empty(), open.is_empty()) {
            (true, _) if facts.candidates(is_503).is_empty() => {
                Judgement::looks_otherwise(CAUSE, None)
            }
            (false, true) => Judgement::contradicted(
                CAUSE,
                "the target's own outgoing ports had run out when it answered 5xx".into(),
            ),
            (true, _)
                if facts
                    .candidates(is_503)
                    .iter()
                    .all(|c| facts.matched.any(c.place) >= c.count) =>
            {
                let other = "the host's own log gives another reason for each answer of 503";
                Judgement::contradicted(CAUSE, other.into())
            }
            _ => Judgement::untested(
                CAUSE,
                COLLECT,
                facts.gap_reason(TARGET, &["netstat", "httperr"]),
            ),
        };
    }
    told(facts, claims)
}

fn told(facts: &Facts<'_>, claims: Vec<Candidate>) -> Judgement {
    let mut judged = Judgement::new(CAUSE);
    judged.stance = Stance::Supported;
    let n = count(attempts(&claims), "attempt");
    judged.supporting.push(format!(
        "{n} got an answer of 5xx that no row of HTTPERR explains: it came from behind HTTP.sys"
    ));
    let told = facts.store.answers.told(|status, sub| status >= 500 && (status, sub) != (503, 2));
    if !told.is_empty() {
        judged.supporting.push(format!("IIS' own log counts {told}"));
    }
    let (from_s, to_s) = crate::facts::span(&claims).unwrap_or_default();
    if let Some(rose) = facts.rise(TARGET, Counter::ServerErrors, from_s, to_s).filter(|n| *n > 0.0)
    {
        let n = format_count(rose as u64);
        judged.supporting.push(format!("its workers' counter of 5xx grew by {n} in that time"));
    }
    if levels_are_read(facts).is_some() {
        judged.supporting.push("its ports for outgoing connections read as free then".into());
    }
    judged.claims = claims;
    judged.words = Words {
        who: "the application on the target answered 5xx to",
        whom: "request",
        because: "it failed by itself".into(),
    };
    judged
}

/// Failures that the web server's own log puts down to a framework's queue.
fn by_queues(facts: &Facts<'_>) -> Vec<Candidate> {
    let told = facts
        .candidates(is_503)
        .into_iter()
        .map(|c| Candidate { count: facts.matched.count(c.place, QUEUES).min(c.count), ..c });
    told.filter(|c| c.count > 0).collect()
}
