//! Provides `[target]` with its pool.

use host::HostOs;

use super::section::{Reader, Section};
use super::{app, fault, leak};
use crate::scenario::{Pool, Refuse, Target};
use crate::tree::Node;
use crate::value::{above_zero, bytes, count, one_of, profile, seconds_above_zero, yes};

const KEYS: &[&str] = &[
    "profile",
    "time_scale",
    "refuse",
    "ram",
    "gate_bytes",
    "resume_bytes",
    "bytes_per_open_connection",
    "bytes_per_time_wait",
    "idle_timeout",
    "time_wait",
    "aggressive_memory",
    "timestamps",
    "response_bytes",
    "pool",
    "app",
    "leak",
    "fault",
];

/// Length of an answer's body where none is asked for: below one segment with its header.
const RESPONSE_BYTES: u64 = 256;
const MAX_RESPONSE_BYTES: u64 = 1 << 30;

/// `duration_s` is the load's, where it could be read.
pub(super) fn target(r: &mut Reader, root: &Section, duration_s: Option<f64>) -> Option<Target> {
    let s = r.section(root, "target", KEYS);
    let profile = r.required(&s, "profile", profile);
    let time_scale = r.optional(&s, "time_scale", time_scale);
    let refuse = r.optional(&s, "refuse", |n| one_of(n, "a way to refuse", &Refuse::ALL));
    let ram_bytes = r.optional(&s, "ram", |n| above_zero(bytes(n)?));
    let gate_bytes = r.optional(&s, "gate_bytes", bytes);
    let resume_bytes = r.optional(&s, "resume_bytes", bytes);
    let bytes_per_open_connection = r.optional(&s, "bytes_per_open_connection", bytes);
    let bytes_per_time_wait = r.optional(&s, "bytes_per_time_wait", bytes);
    let idle_timeout_s = r.optional(&s, "idle_timeout", seconds_above_zero);
    let time_wait_s = r.optional(&s, "time_wait", seconds_above_zero);
    let aggressive_memory = r.optional(&s, "aggressive_memory", yes);
    let timestamps = r.optional(&s, "timestamps", yes);
    let response_bytes = r.optional(&s, "response_bytes", response_bytes);
    let p = r.section(&s, "pool", &["baseline", "ceiling", "paged_ceiling"]);
    let pool = Pool {
        baseline_bytes: r.optional(&p, "baseline", bytes),
        ceiling_bytes: r.optional(&p, "ceiling", |n| above_zero(bytes(n)?)),
        paged_ceiling_bytes: r.optional(&p, "paged_ceiling", |n| above_zero(bytes(n)?)),
    };
    let app = app::app(r, &s);
    let leaks = leak::leaks(r, &s);
    let faults = fault::of_target(r, &s, duration_s);
    let target = Target {
        profile: profile?,
        time_scale: time_scale.unwrap_or(1.0),
        refuse: refuse.unwrap_or(Refuse::RstToSyn),
        ram_bytes,
        gate_bytes,
        resume_bytes,
        bytes_per_open_connection,
        bytes_per_time_wait,
        idle_timeout_s,
        time_wait_s,
        aggressive_memory: aggressive_memory.unwrap_or(false),
        timestamps: timestamps.unwrap_or(true),
        response_bytes: response_bytes.unwrap_or(RESPONSE_BYTES),
        pool,
        app,
        leaks,
        faults,
    };
    weigh_levels(r, &s, &p, &target);
    Some(target)
}

/// Levels that contradict each other, the profile's own included.
fn weigh_levels(r: &mut Reader, s: &Section, p: &Section, target: &Target) {
    let profile = target.profile;
    let of_profile = match target.aggressive_memory {
        true => profile.gate_aggressive_bytes,
        false => profile.gate_bytes,
    };
    if target.aggressive_memory && of_profile.is_none() {
        let sentence = format!("{} has no gate to lower", profile.name);
        r.wrong(s, "aggressive_memory", &sentence);
    }
    if target.time_wait_s.is_some() && profile.os == HostOs::Linux {
        r.wrong(s, "time_wait", "TIME_WAIT of Linux is compiled in, 60 s; leave the key out");
    }
    let gate = target.gate_bytes.or(of_profile.map(|gate| gate.value));
    match (target.resume_bytes, gate) {
        (Some(resume), Some(gate)) if resume < gate => {
            let sentence = format!("{resume} lies below the gate of {gate} bytes");
            r.wrong(s, "resume_bytes", &sentence);
        }
        (Some(_), None) => {
            let sentence = format!("{} has no gate; give gate_bytes as well", profile.name);
            r.wrong(s, "resume_bytes", &sentence);
        }
        _ => {}
    }
    let ceiling = target.pool.ceiling_bytes.or_else(|| profile.ceiling_bytes(target.ram_bytes));
    let Some(ceiling) = ceiling else { return };
    if let Some(gate) = gate.filter(|gate| target.gate_bytes.is_none() && *gate > ceiling) {
        let (section, key) = if p.get("ceiling").is_some() { (p, "ceiling") } else { (s, "ram") };
        let sentence =
            format!("{ceiling} lies below the gate of {gate} bytes; it would never accept");
        r.wrong(section, key, &sentence);
    }
    for (section, key, level, effect) in [
        (s, "gate_bytes", target.gate_bytes, "; it would never accept"),
        (s, "resume_bytes", target.resume_bytes, "; it would never accept again"),
        (p, "baseline", target.pool.baseline_bytes, ""),
    ] {
        if let Some(level) = level.filter(|level| *level > ceiling) {
            let sentence = format!("{level} exceeds the pool's ceiling of {ceiling} bytes{effect}");
            r.wrong(section, key, &sentence);
        }
    }
}

/// How many times faster, within what a clock can carry.
fn time_scale(node: &Node) -> Result<f64, String> {
    let scale = above_zero(count(node)?)?;
    if (0.001..=1e6).contains(&scale) {
        Ok(scale)
    } else {
        Err(format!("{scale} is not between 0.001 and 1,000,000"))
    }
}

fn response_bytes(node: &Node) -> Result<u64, String> {
    let size = bytes(node)?;
    if size > MAX_RESPONSE_BYTES {
        Err("answers over 1 GiB are not taken".into())
    } else {
        Ok(size)
    }
}
