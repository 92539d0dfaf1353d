//! Provides the report of a comparison: what came of it, whether settings are in force, every measure with
//! its noise, and what was left out.

use model::comparison::{Compared, Comparison, Finding, InForce, Side};
use model::units::{format_bytes, format_count};

use crate::cells::{Table, columns};
use crate::page::Paint;
use crate::sheet::{Block, Sheet};
use crate::text::TextStyle;
use crate::words::{NONE, plain};

/// The comparison as text. No line is longer than the style's width.
pub fn comparison(compared: &Comparison, style: &TextStyle) -> String {
    sheet(compared).text(style)
}

/// The comparison as Markdown.
pub fn comparison_markdown(compared: &Comparison) -> String {
    sheet(compared).markdown()
}

/// The comparison as indented JSON with a line end. Fails only where a value has no JSON form.
pub fn comparison_json(compared: &Comparison) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(compared).map(|json| json + "\n")
}

fn sheet(compared: &Comparison) -> Sheet {
    let mut blocks =
        vec![Block::Prose(Paint::Plain, format!("{}: {}", compared.claim, sides(compared)))];
    for threshold in &compared.thresholds {
        let paint = if threshold.failed { Paint::Bad } else { Paint::Good };
        blocks.push(Block::Prose(paint, threshold.sentence.clone()));
    }
    settings(&mut blocks, compared);
    measures(&mut blocks, compared);
    if !compared.left_out.is_empty() {
        blocks.push(Block::Heading("Left out"));
        blocks.push(Block::List(compared.left_out.clone()));
    }
    blocks.push(Block::Heading("Runs"));
    blocks.push(Block::Table(runs(compared)));
    Sheet {
        title: "Comparison".into(),
        not_valid_because: (!compared.valid).then(|| compared.not_valid_because.clone()),
        sentence: compared.sentence.clone(),
        blocks,
    }
}

fn sides(compared: &Comparison) -> String {
    let count = |side: &Side| match side.runs.len() {
        1 => "1 run".to_owned(),
        n => format!("{n} runs"),
    };
    format!("BASE {}, NEW {}", count(&compared.base), count(&compared.new))
}

fn settings(blocks: &mut Vec<Block>, compared: &Comparison) {
    if !compared.tunables.is_empty() || !compared.time_wait.is_empty() {
        blocks.push(Block::Heading("Settings, and whether they are in force"));
    }
    if !compared.tunables.is_empty() {
        let value = |v: Option<u64>| v.map_or(NONE.to_owned(), format_count);
        let rows = compared.tunables.iter().map(|t| {
            vec![
                plain(&t.name),
                plain(&t.vantage),
                value(t.base),
                value(t.new),
                t.in_force.as_str().to_owned(),
            ]
        });
        blocks.push(Block::Table(Table {
            columns: columns([
                ("setting", false),
                ("of", false),
                ("BASE", true),
                ("NEW", true),
                ("is", false),
            ]),
            rows: rows.collect(),
        }));
        let told = compared.tunables.iter().filter(|t| t.in_force != InForce::NotShown);
        blocks.push(Block::List(told.map(|t| format!("{}: {}", t.name, t.sentence)).collect()));
    }
    let lengths = compared.time_wait.iter().map(|line| {
        format!("TIME_WAIT of {} lasted {} in BASE, {} in NEW", line.vantage, line.base, line.new)
    });
    blocks.push(Block::List(lengths.collect()));
    if !compared.asked.is_empty() {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "absent".into());
        let keys = compared
            .asked
            .iter()
            .map(|d| format!("{}: {} in BASE, {} in NEW", d.key, shown(&d.base), shown(&d.new)));
        blocks.push(Block::Heading("What was asked differently"));
        blocks.push(Block::List(keys.collect()));
    }
}

fn measures(blocks: &mut Vec<Block>, compared: &Comparison) {
    if compared.measures.is_empty() {
        return;
    }
    blocks.push(Block::Heading("Measures"));
    // What is the same in every run, to the last digit, is told in one line.
    let (same, others): (Vec<&Compared>, Vec<&Compared>) =
        compared.measures.iter().partition(|m| {
            let mut all = m.base.iter().chain(&m.new);
            all.all(|v| *v == m.base[0])
        });
    let rows = others.iter().map(|m| {
        vec![
            format!("{} ({})", plain(&m.measure), plain(&m.vantage)),
            level(m, &m.base, &m.base_words),
            level(m, &m.new, &m.new_words),
            difference(m),
            m.noise.map_or("unknown".into(), |noise| format!("\u{b1} {}", size(noise, &m.unit))),
            m.finding.as_str().to_owned(),
        ]
    });
    blocks.push(Block::Table(Table {
        columns: columns([
            ("measure", false),
            ("BASE", true),
            ("NEW", true),
            ("difference", true),
            ("noise", true),
            ("finding", false),
        ]),
        rows: rows.collect(),
    }));
    if !same.is_empty() {
        let named: Vec<String> = same
            .iter()
            .map(|m| format!("{} ({}) {}", plain(&m.measure), m.vantage, m.base_words))
            .collect();
        blocks.push(Block::Prose(
            Paint::Plain,
            format!("the same in every run: {}", named.join(", ")),
        ));
    }
    if compared.measures.iter().any(|m| m.finding != Finding::NoEvidence) {
        blocks.push(Block::Prose(
            Paint::Dim,
            "Means of the runs; noise is what a difference exceeds in one of a hundred comparisons by chance (Lord's test of ranges).".into(),
        ));
    }
}

/// A value without its noun, which the measure's name has.
fn level(m: &Compared, values: &[f64], words: &str) -> String {
    match m.unit.as_str() {
        "bytes" | "s" => plain(words),
        unit => size(values.iter().sum::<f64>() / values.len().max(1) as f64, unit),
    }
}

fn difference(m: &Compared) -> String {
    match m.share {
        Some(share) if share.abs() < 0.0005 => "< 0.1 %".into(),
        Some(share) if share.abs() < 10.0 => format!("{:+.1} %", 100.0 * share),
        Some(share) => format!("\u{d7} {:.0}", 1.0 + share),
        None => {
            let sign = if m.difference > 0.0 { "+" } else { "" };
            format!("{sign}{}", size(m.difference, &m.unit))
        }
    }
}

/// A difference without its noun, which the values beside it have.
fn size(value: f64, unit: &str) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    match unit {
        "bytes" => format_bytes(value.round() as i128),
        "s" if value.abs() < 1.0 => format!("{sign}{:.2} ms", value.abs() * 1e3),
        "s" => format!("{sign}{:.1} s", value.abs()),
        _ if value.abs() < 10.0 && value.fract() != 0.0 => format!("{value:.1}"),
        _ => format!("{sign}{}", format_count(value.abs().round() as u64)),
    }
}

fn runs(compared: &Comparison) -> Table {
    let of = |side: &'static str, runs: &Side| {
        let rows = runs.runs.iter().map(move |run| {
            vec![
                side.to_owned(),
                plain(&run.path),
                run.seed.to_string(),
                if run.valid { "yes" } else { "NO" }.to_owned(),
            ]
        });
        rows.collect::<Vec<_>>()
    };
    Table {
        columns: columns([("side", false), ("run", false), ("seed", true), ("valid", false)]),
        rows: [of("BASE", &compared.base), of("NEW", &compared.new)].concat(),
    }
}
