//! Provides the reader: text and `--set` in, a scenario or everything that is wrong with it out.

mod app;
mod arrival;
mod expect;
mod farm;
mod fault;
mod leak;
mod load;
mod section;
mod target;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::sync::Arc;

use section::{Reader, Section};

use crate::problem::{Problem, Problems};
use crate::scenario::{Observe, Probe, Scenario};
use crate::tree::{self, Node};
use crate::value::{seconds, seed, text, yes};

/// Sampling faster than this would measure the sampling.
const MIN_EVERY_S: f64 = 0.05;

/// Reads a scenario: TOML, or JSON where the text starts with `{`. `origin` names the file in
/// messages; each of `sets` is `KEY=VALUE` with a dotted key, applied in order.
///
/// # Errors
/// Every problem at once, those of the file by line, then those of `sets`.
pub fn read(text: &str, origin: &str, sets: &[String]) -> Result<Scenario, Problems> {
    let origin: Arc<str> = origin.into();
    let text = text.trim_start_matches('\u{feff}');
    let (mut root, mut problems, hidden) = if text.trim_start().starts_with('{') {
        (tree::parse_json(text, &origin).map_err(Problems)?, Vec::new(), Vec::new())
    } else {
        let parsed = tree::parse_toml(text, &origin);
        (parsed.root, parsed.errors, parsed.hidden)
    };
    for key_value in sets {
        problems.extend(tree::set(&mut root, key_value).err());
    }
    let mut reader = Reader::default();
    let scenario = scenario(&mut reader, &root);
    let found = reader.into_found().into_iter().filter(|f| !is_hidden(f, &origin, &hidden));
    problems.extend(found.map(|found| found.problem));
    match scenario {
        Some(scenario) if problems.is_empty() => Ok(scenario),
        _ => {
            problems.sort_by_key(|p| (*p.origin != *origin, p.line));
            Err(Problems(problems))
        }
    }
}

/// True for what may only seem wrong because of a syntax error: it stands in a line that one hides,
/// or, anywhere, a key is missing.
fn is_hidden(found: &section::Found, origin: &str, hidden: &[RangeInclusive<usize>]) -> bool {
    let Problem { origin: of, line, .. } = &found.problem;
    let on_hidden_line = line.is_some_and(|line| hidden.iter().any(|lines| lines.contains(&line)));
    *of == *origin && (on_hidden_line || (found.missing && !hidden.is_empty()))
}

fn scenario(r: &mut Reader, root: &Node) -> Option<Scenario> {
    const KEYS: &[&str] = &[
        "name", "summary", "seed", "target", "network", "farm", "load", "observe", "probe",
        "expect",
    ];
    let root = Section::root(root);
    r.refuse_unknown(&root, KEYS);
    let name = r.required(&root, "name", file_name);
    let summary = r.optional(&root, "summary", text);
    let seed = r.optional(&root, "seed", seed);
    let load = load::load(r, &root);
    let duration_s = load::duration_s(&root);
    let target = target::target(r, &root, duration_s);
    let network = fault::of_network(r, &root, duration_s);
    let farm = farm::farm(r, &root);
    let has_addresses = load.as_ref().is_some_and(|load| !load.source_ips.is_empty());
    if has_addresses && (farm.generators, farm.source_addresses) != (1, 1) {
        let sentence = "its generators have addresses of their own; leave load.source_ips out";
        r.wrong(&root, "farm", sentence);
    }
    let observe = observe(r, &root);
    let probe = probe(r, &root);
    let expect = expect::expect(r, &root);
    Some(Scenario {
        name: name?,
        summary: summary.unwrap_or_default(),
        seed: seed.unwrap_or(0),
        target: target?,
        network,
        farm,
        load: load?,
        observe,
        probe,
        expect,
    })
}

fn observe(r: &mut Reader, root: &Section) -> Observe {
    let s = r.section(root, "observe", &["every"]);
    Observe { every_s: r.optional(&s, "every", every).unwrap_or(0.25) }
}

fn probe(r: &mut Reader, root: &Section) -> Probe {
    let s = r.section(root, "probe", &["every", "enabled"]);
    let every_s = r.optional(&s, "every", every).unwrap_or(1.0);
    let enabled = r.optional(&s, "enabled", yes).unwrap_or(true);
    Probe { every_s: enabled.then_some(every_s) }
}

/// A sampling period in seconds.
fn every(node: &Node) -> Result<f64, String> {
    let every_s = seconds(node)?;
    if every_s < MIN_EVERY_S { Err("less than 50ms is not taken".into()) } else { Ok(every_s) }
}

/// A name that a folder can bear on any system.
fn file_name(node: &Node) -> Result<String, String> {
    let name = text(node)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 64 || name.starts_with('.') || !name.chars().all(plain) {
        return Err(format!(
            "\"{name}\" cannot name a folder; use 1 to 64 letters, digits, \"-\", \"_\" and \".\""
        ));
    }
    Ok(name)
}
