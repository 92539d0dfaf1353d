//! Tells the remedies against refusals: the gate of HTTP.sys, and /3GB.

use host::laws::refuse_level_bytes;

use super::{Age, Trouble};
use crate::readings::words::{bytes, profile};

const MIB: u64 = 1 << 20;

pub(super) fn say(trouble: &Trouble<'_>) -> Vec<String> {
    let mut said: Vec<String> = aggressive(trouble).into_iter().collect();
    said.extend(three_gb(trouble));
    said
}

/// EnableAggressiveMemoryUsage.
fn aggressive(trouble: &Trouble<'_>) -> Option<String> {
    const NAME: &str = "EnableAggressiveMemoryUsage";
    const CHECK: &str = "reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters /v EnableAggressiveMemoryUsage, and that HTTP was started since (net stop http /y & net start http, with what depends on it; else a reboot)";
    let g = trouble.g;
    match trouble.age {
        Age::Linux => return None,
        _ if profile(g).is_some_and(|p| p.gate_bytes.is_none()) => {
            return Some(format!("{NAME} does not apply: this system has no HTTP.sys."));
        }
        _ => {}
    }
    if g.facts.registry.get(NAME) == Some(&1) {
        return Some(format!(
            "{NAME} is 1 in the registry: the gate lies at 8 MiB if HTTP was started since. To check: {CHECK}. Nothing more is to be won there."
        ));
    }
    let aggressive = profile(g)?.gate_aggressive_bytes?.value;
    let won = g.pool.as_ref()?.gate_bytes?.checked_sub(aggressive)?;
    Some(format!(
        "{NAME} = 1 (KB820129; KB934878 for Server 2003) applies: it moves the gate to {}, so {} more may be used before it refuses. That buys time against a leak and no more. Risk: the host comes nearer to an empty pool, where drivers fail and other services stop (Srv 2019). To check that it is in force: {CHECK}.",
        bytes(aggressive),
        bytes(won)
    ))
}

/// Starting without /3GB doubles the ceiling of 32-bit Server 2003.
fn three_gb(trouble: &Trouble<'_>) -> Option<String> {
    let g = trouble.g;
    if trouble.age != Age::BeforeVista || g.facts.three_gb != Some(true) {
        return None;
    }
    let ceiling = |name: &str| host::profile(name)?.ceiling_bytes(g.run.target.ram_bytes);
    let (with, without) = (ceiling("windows-2003-x86-3gb")?, ceiling("windows-2003-x86")?);
    let gate = g.pool.as_ref()?.gate_bytes?;
    Some(format!(
        "Starting without /3GB applies: the ceiling rises from {} to {} MiB, so HTTP.sys refuses from {} in use instead of {}. Risk: programs that need more than 2 GB of addresses (databases, Exchange) fail. To check that it is in force: boot.ini holds no /3GB in the entry that was started, and the host was started since.",
        with / MIB,
        without / MIB,
        bytes(refuse_level_bytes(without, gate)),
        bytes(refuse_level_bytes(with, gate))
    ))
}
