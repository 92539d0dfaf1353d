//! Provides the report as Markdown for a ticket: the same order and words as the text, all evidence,
//! and how the run was made.

use model::findings::{Findings, Hypothesis};
use model::told::Told;

use crate::cells::Table;
use crate::words::{self, plain, seconds};
use crate::{advice, cells, sparkline};

/// Columns of the sparklines; a ticket's code block shows about a hundred with their labels.
const CHART_COLUMNS: usize = 50;

/// The report as Markdown. Nothing that came from a host can open a table cell, a link, a tag or a
/// code span.
pub fn markdown(told: &Told) -> String {
    let scenario = escaped(&told.findings.run.scenario);
    let mut out = match told.findings.valid {
        true => format!("# {scenario}\n\n"),
        false => {
            let why = escaped(&words::not_valid(&told.findings.not_valid_because));
            format!("# {why} ({scenario})\n\n")
        }
    };
    verdict(&mut out, told);
    timeline(&mut out, told);
    numbers(&mut out, &told.findings);
    why(&mut out, told);
    how(&mut out, told);
    out
}

fn verdict(out: &mut String, told: &Told) {
    *out += &format!("**{}**\n\n", escaped(&told.findings.verdict.sentence));
    *out += &format!("{}\n\n", escaped(&words::claim(told)));
    if let Some(scale) = words::scale(told) {
        *out += &format!("{}\n\n", escaped(&scale));
    }
    if let Some(expectation) = words::expectation(told) {
        *out += &format!("{}\n\n", escaped(&expectation.sentence));
        list(out, expectation.differences.iter().map(|difference| escaped(difference)));
    }
}

fn timeline(out: &mut String, told: &Told) {
    let series = sparkline::chosen(&told.series);
    let Some(chart) = sparkline::chart(&series, CHART_COLUMNS) else { return };
    let label = chart.curves.iter().map(|c| c.label.chars().count()).max().unwrap_or(0);
    let lines = chart.curves.iter().map(|curve| {
        format!("{:label$}  {}  {}", curve.label, curve.line, curve.extreme).trim_end().to_owned()
    });
    let (from, to) = (seconds(chart.from_s), seconds(chart.to_s));
    *out += &format!("## Timeline, {from} to {to}\n\n");
    *out += &fenced(&lines.collect::<Vec<_>>().join("\n"));
}

fn numbers(out: &mut String, findings: &Findings) {
    *out += "## Attempts\n\n";
    match &findings.attempts {
        Some(attempts) => table(out, &cells::attempts(attempts)),
        None => *out += "Not counted, since there was no generator.\n\n",
    }
    if !findings.failures.is_empty() {
        *out += "## Failures\n\n";
        table(out, &cells::failures(&findings.failures));
    }
    if !findings.resources.is_empty() || findings.forecast.is_some() {
        *out += "## Resources\n\n";
    }
    if !findings.resources.is_empty() {
        table(out, &cells::resources(&findings.resources));
    }
    if let Some(forecast) = &findings.forecast {
        *out += &format!("{}\n\n", escaped(&words::forecast(forecast)));
    }
}

fn why(out: &mut String, told: &Told) {
    let findings = &told.findings;
    if !findings.hypotheses.is_empty() || !findings.verdict.causes.is_empty() {
        *out += "## Why\n\n";
    }
    let causes = findings.verdict.causes.iter().map(words::cause);
    list(out, causes.chain(words::unexplained(&told.findings)).map(|line| escaped(&line)));
    let same = |a: &Hypothesis, b: &Hypothesis| Hypothesis { cause: a.cause, ..b.clone() } == *a;
    let mut rest: Vec<&Hypothesis> = findings.hypotheses.iter().collect();
    while let Some(first) = rest.first().copied() {
        let (told, left): (Vec<_>, Vec<_>) = rest.into_iter().partition(|h| same(first, h));
        evidence(out, &told);
        rest = left;
    }
    let advice = advice::advice(findings);
    if !advice.is_empty() {
        *out += "## What to do next\n\n";
        for advice in advice {
            *out += &format!("{}: {}\n\n", advice.cause, escaped(advice.text));
            if !advice.commands.is_empty() {
                *out += &fenced(&advice.commands.join("\n"));
            }
        }
    }
}

/// Hypotheses of one evidence, told together.
fn evidence(out: &mut String, told: &[&Hypothesis]) {
    let Some(hypothesis) = told.first() else { return };
    let names: Vec<&str> = told.iter().map(|h| h.cause.as_str()).collect();
    let (names, stance) = (names.join(", "), words::stance(hypothesis.stance));
    let verb = if told.len() == 1 { "is" } else { "are" };
    *out += &format!("### {names} {verb} {stance}\n\n");
    let side = |name: &str, sentence: &String| format!("{name}: {}", escaped(sentence));
    let supporting = hypothesis.supporting.iter().map(|s| side("for", s));
    let against = hypothesis.against.iter().map(|s| side("against", s));
    let untested = hypothesis.untested_because.iter().map(|s| side("untested because", s));
    list(out, supporting.chain(against).chain(untested));
}

fn how(out: &mut String, told: &Told) {
    let run = &told.run;
    *out += "## How it was run\n\n";
    *out += &fenced(&words::command(told));
    let mut facts = vec![
        format!(
            "churnlab {}, scenario {}, seed {}",
            plain(&run.churnlab),
            plain(&run.scenario_name),
            run.seed
        ),
        format!("run time 0 was {}", plain(&run.started)),
        format!("a sample every {}, {}", seconds(run.sample_every_s), probes(told)),
    ];
    facts.extend(run.clocks.iter().map(|clock| {
        let (offset, bound) = (seconds(clock.offset_s), seconds(clock.bound_s));
        format!("clock of {}: {offset} off, at most {bound} wrong ({})", clock.vantage, clock.how)
    }));
    facts.extend(run.notes.iter().cloned());
    list(out, facts.iter().map(|fact| escaped(fact)));
}

fn probes(told: &Told) -> String {
    match told.run.probe_every_s {
        Some(every) => format!("a probe every {}", seconds(every)),
        None => "probes off".into(),
    }
}

pub(crate) fn list(out: &mut String, items: impl Iterator<Item = String>) {
    let before = out.len();
    for item in items {
        *out += &format!("- {}\n", not_a_list(&item));
    }
    if out.len() > before {
        out.push('\n');
    }
}

/// An item that begins like a list of its own (`- `, `1. `), made to mean itself.
fn not_a_list(item: &str) -> String {
    let digits = item.bytes().take_while(u8::is_ascii_digit).count();
    let marks = if digits == 0 { ['-', '+'] } else { ['.', ')'] };
    let rest = &item[digits..];
    match rest.strip_prefix(marks) {
        Some(after) if after.is_empty() || after.starts_with(' ') => {
            format!("{}\\{rest}", &item[..digits])
        }
        _ => item.to_owned(),
    }
}

pub(crate) fn table(out: &mut String, table: &Table) {
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    *out += &row(table.columns.iter().map(|column| column.heading.into()).collect());
    let side = |right| if right { "---:" } else { "---" }.to_owned();
    *out += &row(table.columns.iter().map(|column| side(column.right)).collect());
    for cells in &table.rows {
        *out += &row(cells.iter().map(|cell| escaped(cell)).collect());
    }
    out.push('\n');
}

/// A code block whose fence is longer than any run of backticks within.
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}text\n{text}\n{fence}\n\n")
}

/// Text that means itself: what Markdown or HTML would act on is escaped, wherever it stands.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '#' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
