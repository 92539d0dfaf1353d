//! Provides which tunables differ and whether a reading shows that they are in force: a registry value
//! that needs a reboot is set long before it does anything.

use model::comparison::{InForce, TimeWaitLine, Tuned};
use model::findings::ResourceName;
use model::run::RunInfo;
use model::units::format_count;

use super::Measured;
use super::noise::middle;
use crate::forecast::TimeWaitSeen;

/// The registry's name for the length of TIME_WAIT.
const TIME_WAIT: &str = "TcpTimedWaitDelay";

/// A length is as set when it is measured within this share of it. Chosen: rounds are apart, and the
/// stack's own timers coarse.
const AS_SET: f64 = 0.1;

/// The tunables that differ between the first runs of either side.
pub(super) fn tunables(base: &[Measured], new: &[Measured]) -> Vec<Tuned> {
    let (Some(first), Some(other)) = (base.first(), new.first()) else { return Vec::new() };
    let mut names: Vec<(&String, &String)> = [&first.run, &other.run]
        .into_iter()
        .flat_map(|run| run.tunables.iter().flat_map(|(v, all)| all.keys().map(move |n| (v, n))))
        .collect();
    names.sort();
    names.dedup();
    let value = |run: &RunInfo, vantage: &str, name: &str| {
        run.tunables.get(vantage).and_then(|all| all.get(name)).map(|limit| limit.value)
    };
    let lines = names.into_iter().filter_map(|(vantage, name)| {
        let (was, is) = (value(&first.run, vantage, name), value(&other.run, vantage, name));
        (was != is).then(|| tuned((vantage, name), (was, is), base, new))
    });
    lines.collect()
}

fn tuned(
    (vantage, name): (&str, &str),
    values: (Option<u64>, Option<u64>),
    base: &[Measured],
    new: &[Measured],
) -> Tuned {
    let (in_force, sentence) = match (name, values.1) {
        (TIME_WAIT, Some(set)) => time_wait_in_force(vantage, set as f64, base, new),
        (name, Some(set)) if name.starts_with("dynamicport.") => ports_in_force(name, set, new),
        (name, Some(_)) if name.starts_with("net.") => {
            (InForce::Yes, "read from the kernel while it ran".into())
        }
        _ => (InForce::NotShown, "no reading of this run shows it".into()),
    };
    let (vantage, name) = (vantage.into(), name.into());
    Tuned { vantage, name, base: values.0, new: values.1, in_force, sentence }
}

/// How much faster durations of a vantage run.
pub(super) fn scale_of(run: &RunInfo, vantage: &str) -> f64 {
    let scaled = vantage != "generator" || run.generator.profile.is_some();
    if scaled && run.target.time_scale > 0.0 { run.target.time_scale } else { 1.0 }
}

/// How long TIME_WAIT lasted in host seconds, over runs: the middle of those that saw it end, else the
/// longest that none was seen to end.
fn seen(runs: &[Measured], vantage: &str) -> Option<TimeWaitSeen> {
    let mut ended = Vec::new();
    let mut at_least = None::<f64>;
    for run in runs {
        let scale = scale_of(&run.run, vantage);
        match run.time_wait.get(vantage) {
            Some(TimeWaitSeen::Lasted(s)) => ended.push(s * scale),
            Some(TimeWaitSeen::AtLeast(s)) => {
                at_least = Some(at_least.unwrap_or(0.0).max(s * scale))
            }
            None => {}
        }
    }
    match ended.is_empty() {
        false => Some(TimeWaitSeen::Lasted(middle(&ended))),
        true => at_least.map(TimeWaitSeen::AtLeast),
    }
}

fn time_wait_in_force(
    vantage: &str,
    set_s: f64,
    base: &[Measured],
    new: &[Measured],
) -> (InForce, String) {
    let round_s = new.iter().map(|m| m.run.sample_every_s * scale_of(&m.run, vantage));
    let round_s = round_s.fold(0.0, f64::max);
    let alike = |a: f64, b: f64| (a - b).abs() <= AS_SET * b + round_s;
    let before_s = match seen(base, vantage) {
        Some(TimeWaitSeen::Lasted(s)) => Some(s),
        _ => None,
    };
    let as_before = |s: f64| before_s.is_some_and(|before_s| alike(s, before_s));
    match seen(new, vantage) {
        Some(TimeWaitSeen::Lasted(s)) if alike(s, set_s) && as_before(s) => (
            InForce::NotShown,
            format!(
                "readings {round_s:.0} s apart are too few to tell {set_s:.0} s from what was before"
            ),
        ),
        Some(TimeWaitSeen::Lasted(s)) if alike(s, set_s) => {
            (InForce::Yes, format!("TIME_WAIT was seen to last {s:.0} s"))
        }
        Some(TimeWaitSeen::Lasted(s)) => {
            let before = if as_before(s) { ", as before" } else { "" };
            let sentence = format!(
                "TIME_WAIT was seen to last {s:.0} s{before}, not {set_s:.0} s: nothing below is a gain of this setting (a reboot may be due)"
            );
            (InForce::No, sentence)
        }
        Some(TimeWaitSeen::AtLeast(s)) if s > set_s * (1.0 + AS_SET) + round_s => (
            InForce::No,
            format!(
                "no entry in TIME_WAIT was seen to end within {s:.0} s, though {set_s:.0} s are set"
            ),
        ),
        Some(TimeWaitSeen::AtLeast(s)) => (
            InForce::NotShown,
            format!(
                "no entry in TIME_WAIT was seen to end, within {s:.0} s only: run for longer than {set_s:.0} s"
            ),
        ),
        None => (
            InForce::NotShown,
            format!("{vantage} closed next to nothing first, so no TIME_WAIT of it was seen"),
        ),
    }
}

fn ports_in_force(name: &str, set: u64, runs: &[Measured]) -> (InForce, String) {
    let limit = runs.iter().find_map(|run| {
        let ports = run.findings.resources.iter().find(|r| r.name == ResourceName::ClientPorts);
        ports.and_then(|r| r.limit).map(|limit| limit.value)
    });
    match limit {
        Some(usable) if name == "dynamicport.number" && usable == set => {
            (InForce::Yes, format!("the generator has {} ports to give out", format_count(usable)))
        }
        Some(usable) if name == "dynamicport.number" => (
            InForce::No,
            format!(
                "the generator has {} ports to give out, not {}",
                format_count(usable),
                format_count(set)
            ),
        ),
        _ => (InForce::NotShown, "no reading of this run shows it".into()),
    }
}

/// How long TIME_WAIT lasted on either side, where either shows it.
pub(super) fn time_wait_lines(base: &[Measured], new: &[Measured]) -> Vec<TimeWaitLine> {
    let told = |seen: Option<TimeWaitSeen>| match seen {
        Some(TimeWaitSeen::Lasted(s)) => format!("{s:.0} s"),
        Some(TimeWaitSeen::AtLeast(s)) => format!("at least {s:.0} s"),
        None => "not seen".into(),
    };
    let line = |vantage: &str| {
        let (was, is) = (seen(base, vantage), seen(new, vantage));
        (was.is_some() || is.is_some()).then(|| TimeWaitLine {
            vantage: vantage.into(),
            base: told(was),
            new: told(is),
        })
    };
    ["generator", "target"].into_iter().filter_map(line).collect()
}
