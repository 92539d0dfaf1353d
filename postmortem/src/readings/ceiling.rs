//! Tells the non-paged pool in use against every ceiling in question and the gate.

use host::laws::POOL_LIMIT_TOLERANCE_BYTES;
use model::limit::Origin;

use super::words::{bytes, is_emulated, may_be_x86, memory, profile};
use crate::Gathered;

const MIB: u64 = 1 << 20;
/// From this share of its limit on, a resource is told as short.
const SHORT: f64 = 0.9;

/// One ceiling in question.
pub(super) struct Ceiling {
    /// Its height.
    pub(super) bytes: u64,
    /// Whose it is: the kind of host, or the article that says so.
    pub(super) whose: String,
}

/// The pool as it was read, once per ceiling.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let mut said = Vec::new();
    let refused = g.tally.as_ref().is_some_and(|t| t.refused_rows > 0);
    let used = g.pool.as_ref().and_then(|p| p.nonpaged_used_bytes);
    match used {
        Some(used) => against(g, used, refused, &mut said),
        None if refused => said.push("HTTP.sys refused for want of non-paged pool, and no capture shows how much was in use or by whom: run `poolmon -b` (or log \\Memory\\Pool Nonpaged Bytes) while it refuses, before the reboot.".into()),
        None => {}
    }
    said.extend(other_memory(g));
    said
}

fn against(g: &Gathered, used: u64, refused: bool, said: &mut Vec<String>) {
    let Some(gate) = g.pool.as_ref().and_then(|p| p.gate_bytes) else {
        said.push(format!(
            "{} of non-paged pool are in use; this host has no HTTP.sys and so no gate.",
            bytes(used)
        ));
        return;
    };
    said.push(format!(
        "{} ({} KB) of non-paged pool are in use. HTTP.sys refuses while less than {} are free{}.",
        bytes(used),
        used / 1024,
        words(gate),
        source(gate)
    ));
    let readings = ceilings(g);
    for reading in &readings {
        said.push(one(reading, used, gate, refused));
    }
    if readings.is_empty() {
        said.push(format!("Neither the system nor its ceiling is known, so how much was free is not: give --profile, systeminfo and boot.ini, or `!vm` of a kernel debugger. {}", if refused { format!("As it refused, the ceiling can be no higher than about {}.", bytes(used + gate)) } else { String::new() }));
    }
    said.extend(other_sources(g, used, gate));
    said.extend(guessed(g));
    said.extend(set(g));
    if readings.len() > 1 {
        said.push("Which ceiling holds is told by boot.ini (/3GB halves it) and for certain by `!vm` in a kernel debugger (NonPagedPool Max).".into());
    }
    if let Some(because) = &g.profile_because {
        said.push(format!(
            "The profile {} is inferred: {because}.",
            g.run.target.profile.as_deref().unwrap_or("none")
        ));
    }
}

/// Every ceiling in question: one that was measured alone; else the profile's, and on 32-bit Server
/// 2003 both, with and without /3GB, unless the boot options say which.
pub(super) fn ceilings(g: &Gathered) -> Vec<Ceiling> {
    let Some(pool) = &g.pool else { return Vec::new() };
    let of_profile = |name: &str| {
        let profile = host::profile(name)?;
        Some(Ceiling {
            bytes: profile.ceiling_bytes(g.run.target.ram_bytes)?,
            whose: profile.title.to_owned(),
        })
    };
    match pool.limit {
        Some(limit) if limit.origin == Origin::Measured => {
            vec![Ceiling { bytes: limit.value, whose: "as !vm read it".into() }]
        }
        _ if profile(g).is_some_and(|p| p.name.starts_with("windows-2003-x86"))
            && g.facts.three_gb.is_none()
            && !is_emulated(g) =>
        {
            ["windows-2003-x86-3gb", "windows-2003-x86"]
                .into_iter()
                .filter_map(of_profile)
                .collect()
        }
        Some(limit) => {
            let whose = profile(g).map_or_else(String::new, |p| p.title.to_owned());
            vec![Ceiling { bytes: limit.value, whose }]
        }
        None if may_be_x86(g) && pool.nonpaged_used_bytes.is_some_and(|used| used < 256 * MIB) => {
            ["windows-2003-x86-3gb", "windows-2003-x86"]
                .into_iter()
                .filter_map(of_profile)
                .collect()
        }
        None => Vec::new(),
    }
}

/// What other sources say of the profile's ceiling, where that is neither the same nor exceeded.
fn other_sources(g: &Gathered, used: u64, gate: u64) -> Vec<String> {
    let limit = g.pool.as_ref().and_then(|p| p.limit).filter(|l| l.origin != Origin::Measured);
    let (Some(profile), Some(limit)) = (profile(g), limit) else { return Vec::new() };
    let ram_bytes = g.run.target.ram_bytes.unwrap_or(profile.ram_bytes.value);
    let told = profile.ceiling.others.iter().filter_map(|(ceiling, source)| {
        let other = ceiling.bytes(ram_bytes)?;
        let free = other.checked_sub(used)?;
        (other.abs_diff(limit.value) > POOL_LIMIT_TOLERANCE_BYTES).then(|| {
            let side = if free < gate { "below" } else { "above" };
            format!(
                "Another source has {} MB ({source}): then {} are free, {} {side} the gate.",
                other / MIB,
                bytes(free),
                bytes(free.abs_diff(gate))
            )
        })
    });
    told.collect()
}

/// A ceiling that goes by RAM, of a host whose RAM nobody said.
fn guessed(g: &Gathered) -> Option<String> {
    let profile = profile(g).filter(|p| p.ceiling.value.goes_by_ram())?;
    let derived = g.pool.as_ref()?.limit.is_some_and(|l| l.origin == Origin::Derived);
    (derived && g.run.target.ram_bytes.is_none()).then(|| {
        format!(
            "That ceiling goes by the host's memory, which is not known; {} are taken, {}: systeminfo would tell.",
            bytes(profile.ram_bytes.value),
            profile.ram_bytes.source
        )
    })
}

/// Sizes that somebody set.
fn set(g: &Gathered) -> Option<String> {
    let names = ["NonPagedPoolSize", "NonPagedPoolLimit"];
    let set = names.iter().filter_map(|name| {
        let value = g.facts.registry.get(*name).filter(|value| **value != 0)?;
        Some(format!("{name} = {value}"))
    });
    let set: Vec<String> = set.collect();
    (!set.is_empty()).then(|| {
        format!("The registry sets {} (Memory Management): the ceiling may be another than the system's own; 0 or no value leaves it to Windows.", set.join(", "))
    })
}

/// What one ceiling means.
fn one(reading: &Ceiling, used: u64, gate: u64, refused: bool) -> String {
    let ceiling = reading.bytes;
    let head = format!("{} MB ceiling ({}): ", ceiling / MIB, reading.whose);
    let Some(free) = ceiling.checked_sub(used) else {
        return format!("{head}more is in use than that, so this is not its ceiling.");
    };
    let free_words = bytes(free);
    if free < gate {
        let yet = if refused {
            "and it refuses, as it must"
        } else {
            "so HTTP.sys must be refusing; its error log would show it"
        };
        return format!(
            "{head}{free_words} free, {} below the {} gate, {yet}.",
            bytes(gate - free),
            words(gate)
        );
    }
    let above = free - gate;
    match (refused, above <= POOL_LIMIT_TOLERANCE_BYTES) {
        (true, true) => format!(
            "{head}{free_words} free, {} above the {} gate, and yet it refuses: the true ceiling is lower ({} would do) or the pool was flapping over the gate between snapshots.",
            bytes(above),
            words(gate),
            bytes(used + gate)
        ),
        (true, false) => format!(
            "{head}{free_words} free, {} above the {} gate: far from it. If it refused at this level, this is not its ceiling; if this is its ceiling, the snapshot was not taken while it refused.",
            bytes(above),
            words(gate)
        ),
        (false, _) => {
            format!("{head}{free_words} free, {} above the {} gate.", bytes(above), words(gate))
        }
    }
}

fn words(gate: u64) -> String {
    if gate.is_multiple_of(MIB) { format!("{} MiB", gate / MIB) } else { bytes(gate) }
}

fn source(gate: u64) -> &'static str {
    match gate / MIB {
        20 => " (KB820129)",
        8 => " (KB820129, EnableAggressiveMemoryUsage = 1)",
        _ => "",
    }
}

/// Commit, page table entries and physical memory, where they are short.
fn other_memory(g: &Gathered) -> Vec<String> {
    let memory = memory(g);
    let mut said = Vec::new();
    if let (Some(used), Some(limit)) = (memory.committed_bytes, memory.commit_limit_bytes)
        && limit > 0
    {
        let share = used as f64 / limit as f64;
        let verdict = if share > SHORT { "short: allocations fail soon" } else { "no shortage" };
        said.push(format!(
            "Committed memory is {} of {} ({:.0} %): {verdict}.",
            bytes(used),
            bytes(limit),
            share * 100.0
        ));
    }
    let ceiling = profile(g).and_then(|p| p.paged_ceiling_bytes(g.run.target.ram_bytes));
    if let Some((used, ceiling)) = memory.paged_used_bytes.zip(ceiling)
        && used as f64 > SHORT * ceiling as f64
    {
        said.push(format!(
            "Paged pool is {} of {} by the profile's rule: short. That is another shortage than that of HTTP.sys (Srv 2020).",
            bytes(used),
            bytes(ceiling)
        ));
    }
    // Perfmon's own advice for 32-bit hosts of the time: under 10,000 is low, under 5,000 critical.
    if let Some(ptes) = memory.free_system_ptes.filter(|ptes| *ptes < 10_000) {
        said.push(format!("Only {ptes} system page table entries are free; under 10,000 is low on 32-bit Windows, and /3GB is the usual reason."));
    }
    said
}
