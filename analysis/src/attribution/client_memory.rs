//! Judges `client-memory`: the generator ran out of memory for sockets.
//!
//! Decisive: ENOMEM, ENOBUFS or 10055 on an attempt that was not sent, with ports far from full, and
//! memory that read as short within one sample period: less than 2 % of non-paged pool, available memory
//! below 64 MiB, or sockets that the kernel counts as aborted for want of memory. 10055 means ports or
//! memory (KB196271): without a reading of memory it stays unexplained. ENOMEM means memory alone, and is
//! consistent without one.

use model::cause::{Cause, Stance};
use model::units::format_bytes;

use super::client_ports::{full, used};
use super::{Judgement, Known, NO_LOAD, NOTHING_FAILED, Words};
use crate::bracket::{Level, Seen, around};
use crate::facts::{Candidate, Facts, span};
use crate::kinds::{is_memory_shortage, may_mean_ports};
use crate::store::{Counter, GENERATOR, Reading};
use crate::weigh::attempts;
use crate::words::{at, count};

const CAUSE: Cause = Cause::ClientMemory;

/// Available memory below which allocations fail in turns. Chosen: the least that Linux keeps back on a
/// host of some GiB (vm.min_free_kbytes, 45 to 67 MiB).
const LEAST_AVAILABLE_BYTES: u64 = 64 << 20;

const COLLECT: &str = "the generator's memory was not read near those attempts: on Windows watch \\Memory\\Pool Nonpaged Bytes and \\Memory\\Available Bytes, on Linux `cat /proc/net/sockstat` against net.ipv4.tcp_mem, and `nstat -az TcpExtTCPMemoryPressures TcpExtTCPAbortOnMemory`";

/// Judges it.
pub(super) fn judge(facts: &Facts<'_>, known: &Known) -> Judgement {
    if !facts.any_failure {
        return Judgement::untested(CAUSE, NOTHING_FAILED, None);
    }
    if !facts.load_was_made {
        return Judgement::untested(CAUSE, NO_LOAD, None);
    }
    let mut candidates = facts.candidates(is_memory_shortage);
    if candidates.is_empty() {
        return Judgement::looks_otherwise(CAUSE, None);
    }
    let by_ports = known.explained_by(Cause::ClientPorts);
    candidates.retain(|c| !by_ports.contains(&c.place));
    if candidates.is_empty() {
        let told = "every port was taken when attempts lacked one or the other: ports explain them";
        return Judgement::contradicted(CAUSE, told.into());
    }
    let (ports, memory) = (ports(facts), memory(facts));
    let slack_s = facts.slack_s(GENERATOR) + facts.tick_s;
    let seen = |levels: &[Level], c: &Candidate| around(levels, c.first_s, c.last_s, slack_s);
    let free = |c: &Candidate| seen(&ports, c) == Seen::Below;
    let (open, unclear): (Vec<Candidate>, Vec<Candidate>) =
        candidates.into_iter().partition(|c| free(c) || !may_mean_ports(facts.failure(c)));
    let of = |wanted: Seen| open.iter().filter(|c| seen(&memory, c) == wanted).copied().collect();
    let (short, plenty): (Vec<Candidate>, Vec<Candidate>) = (of(Seen::AtLimit), of(Seen::Below));
    let by_word = |c: &&Candidate| {
        !may_mean_ports(facts.failure(c)) && seen(&memory, c) != Seen::Below && free(c)
    };
    let by_word: Vec<Candidate> = open.iter().filter(by_word).copied().collect();
    match (short.is_empty(), by_word.is_empty(), plenty.is_empty()) {
        (false, ..) => told(facts, short, Stance::Supported),
        (true, false, _) => told(facts, by_word, Stance::Consistent),
        (true, true, false) => Judgement::contradicted(CAUSE, enough(facts, &plenty)),
        _ => {
            let n = attempts(&unclear);
            let ports = (n > 0).then(|| {
                format!(
                    "{} may lack ports just as well: no reading of them is near",
                    count(n, "attempt")
                )
            });
            Judgement::untested(CAUSE, COLLECT, ports)
        }
    }
}

fn ports(facts: &Facts<'_>) -> Vec<Level> {
    let allocation = facts.run.generator.port_allocation;
    facts.levels(GENERATOR, |r| r.ports.map(|p| full(p, allocation)))
}

/// Whether memory for sockets was short, wherever a reading tells it.
fn memory(facts: &Facts<'_>) -> Vec<Level> {
    let mut aborts: Option<f64> = None;
    facts.levels(GENERATOR, |r| {
        let aborted = r.counter(Counter::MemoryAborts).map(|n| {
            let before = aborts.replace(n);
            before.is_some_and(|b| n > b)
        });
        let available = r.memory.available_bytes.map(|free| free < LEAST_AVAILABLE_BYTES);
        let told = [aborted, available, pool_is_short(facts, r)];
        told.iter().any(Option::is_some).then(|| told.contains(&Some(true)))
    })
}

/// The non-paged pool of a generator on Windows, against the ceiling of its profile.
fn pool_is_short(facts: &Facts<'_>, reading: &Reading) -> Option<bool> {
    let profile = host::profile(facts.run.generator.profile.as_deref()?)?;
    let ceiling = profile.ceiling_bytes(None)?;
    Some(reading.nonpaged_used_bytes? >= ceiling / 50 * 49)
}

fn told(facts: &Facts<'_>, claims: Vec<Candidate>, stance: Stance) -> Judgement {
    let mut judged = Judgement::new(CAUSE);
    judged.stance = stance;
    let (from_s, _) = span(&claims).unwrap_or_default();
    let n = count(attempts(&claims), "attempt");
    judged.supporting.push(format!("{n} lacked memory for a socket, from {} on", at(from_s)));
    let allocation = facts.run.generator.port_allocation;
    let most = facts
        .store
        .of(GENERATOR)
        .iter()
        .filter_map(|r| r.ports)
        .max_by_key(|p| used(*p, allocation));
    if let Some(ports) = most {
        judged.supporting.push(format!(
            "it was not for want of ports: at most {} of {} were in use",
            used(ports, allocation),
            ports.usable
        ));
    }
    judged.supporting.push(match stance {
        Stance::Supported => "memory for sockets read as short at that time".into(),
        _ => format!("the error means memory alone; {COLLECT}"),
    });
    judged.words = Words {
        who: "the generator could not send",
        whom: "attempt",
        because: "its own memory for sockets had run out".into(),
    };
    judged.claims = claims;
    judged
}

fn enough(facts: &Facts<'_>, plenty: &[Candidate]) -> String {
    let available = facts.store.of(GENERATOR).iter().filter_map(|r| r.memory.available_bytes).min();
    let told = available.map_or_else(String::new, |least| {
        format!(" (at least {} were available)", format_bytes(least.into()))
    });
    format!("memory was not short around {} that say so{told}", count(attempts(plenty), "attempt"))
}
