//! Provides the report for a terminal: the verdict first, then what it is worth, what happened, why,
//! and what to do.

use model::cause::Stance;
use model::findings::{Findings, Hypothesis};
use model::told::Told;

use crate::page::{Page, Paint};
use crate::words::{self, plain, seconds};
use crate::{advice, cells, sparkline};

/// How text is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextStyle {
    /// True where ANSI colour may be used.
    pub color: bool,
    /// Columns of the page; fewer than 20 count as 20.
    pub width: usize,
}

/// Longest sparkline, columns.
const CHART_COLUMNS: usize = 60;

/// Shortest sparkline that is worth a place beside its label; below, it gets a line of its own.
const CHART_BESIDE: usize = 16;

/// The report as text. No line is longer than the style's width.
pub fn text(told: &Told, style: &TextStyle) -> String {
    let mut page = Page::new(style.width, style.color);
    verdict(&mut page, told);
    timeline(&mut page, told);
    attempts(&mut page, &told.findings);
    resources(&mut page, &told.findings);
    why(&mut page, &told.findings);
    next(&mut page, &told.findings);
    notes(&mut page, told);
    page.finish()
}

fn verdict(page: &mut Page, told: &Told) {
    if !told.findings.valid {
        page.prose(Paint::Bad, 0, &words::not_valid(&told.findings.not_valid_because));
    }
    page.prose(Paint::Bold, 0, &plain(&told.findings.verdict.sentence));
    page.prose(Paint::Plain, 0, &words::claim(told));
    if let Some(scale) = words::scale(told) {
        page.prose(Paint::Plain, 0, &scale);
    }
    if let Some(expectation) = words::expectation(told) {
        let paint = if expectation.is_met { Paint::Good } else { Paint::Warn };
        page.prose(paint, 0, &expectation.sentence);
        for difference in expectation.differences {
            page.prose(Paint::Warn, 2, &plain(difference));
        }
    }
}

fn timeline(page: &mut Page, told: &Told) {
    let series = sparkline::chosen(&told.series);
    let Some(labels) = sparkline::chart(&series, 1) else { return };
    let widest = |of: fn(&sparkline::Curve) -> &String| {
        labels.curves.iter().map(|curve| of(curve).chars().count()).max().unwrap_or(0)
    };
    let (label, extreme) = (widest(|c| &c.label), widest(|c| &c.extreme));
    let beside = page.width().saturating_sub(label + extreme + 6);
    let stacked = beside < CHART_BESIDE;
    let columns = if stacked { page.width() - 2 } else { beside }.min(CHART_COLUMNS);
    let Some(chart) = sparkline::chart(&series, columns) else { return };
    page.heading(&format!("Timeline, {} to {}", seconds(chart.from_s), seconds(chart.to_s)));
    for curve in &chart.curves {
        if stacked {
            page.prose(Paint::Plain, 2, &format!("{}, {}", curve.label, curve.extreme));
            if !curve.line.trim().is_empty() {
                page.line(Paint::Plain, &format!("  {}", curve.line));
            }
        } else {
            let line = format!("  {:label$}  {}  {}", curve.label, curve.line, curve.extreme);
            page.line(Paint::Plain, &line);
        }
    }
}

fn attempts(page: &mut Page, findings: &Findings) {
    page.heading("Attempts");
    match &findings.attempts {
        Some(attempts) => page.table(&cells::attempts(attempts)),
        None => page.prose(Paint::Plain, 2, "not counted, since there was no generator"),
    }
    if findings.failures.is_empty() {
        return;
    }
    page.heading("Failures");
    page.table(&cells::failures(&findings.failures));
}

fn resources(page: &mut Page, findings: &Findings) {
    if findings.resources.is_empty() && findings.forecast.is_none() {
        return;
    }
    page.heading("Resources");
    if !findings.resources.is_empty() {
        page.table(&cells::resources(&findings.resources));
    }
    if let Some(forecast) = &findings.forecast {
        page.prose(Paint::Plain, 2, &words::forecast(forecast));
    }
}

/// Causes of the verdict, then hypotheses: what holds in full, the rest in brief.
pub(crate) fn why(page: &mut Page, findings: &Findings) {
    if findings.hypotheses.is_empty() && findings.verdict.causes.is_empty() {
        return;
    }
    page.heading("Why");
    for line in &findings.verdict.causes {
        page.prose(Paint::Plain, 2, &words::cause(line));
    }
    if let Some(unexplained) = words::unexplained(findings) {
        page.prose(Paint::Warn, 2, &unexplained);
    }
    let of = |stance| findings.hypotheses.iter().filter(move |h| h.stance == stance);
    for hypothesis in of(Stance::Supported).chain(of(Stance::Consistent)) {
        in_full(page, hypothesis);
    }
    let against = |h: &Hypothesis| h.against.first().cloned().unwrap_or_default();
    together(page, of(Stance::Contradicted).collect(), against, |_| Vec::new());
    let because = |h: &Hypothesis| h.untested_because.clone().unwrap_or_default();
    let facts = |h: &Hypothesis| h.supporting.iter().chain(&h.against).cloned().collect();
    together(page, of(Stance::Untested).collect(), because, facts);
}

fn in_full(page: &mut Page, hypothesis: &Hypothesis) {
    page.prose(
        Paint::Bold,
        2,
        &format!("{} is {}", hypothesis.cause, words::stance(hypothesis.stance)),
    );
    for sentence in &hypothesis.supporting {
        page.prose(Paint::Plain, 4, &format!("for: {}", plain(sentence)));
    }
    for sentence in &hypothesis.against {
        page.prose(Paint::Plain, 4, &format!("against: {}", plain(sentence)));
    }
}

/// Hypotheses with one reason are told together, in the place of the first of them.
fn together(
    page: &mut Page,
    mut rest: Vec<&Hypothesis>,
    reason: impl Fn(&Hypothesis) -> String,
    more: impl Fn(&Hypothesis) -> Vec<String>,
) {
    while let Some(first) = rest.first() {
        let said = reason(first);
        let (told, left): (Vec<_>, Vec<_>) = rest.iter().partition(|h| reason(h) == said);
        brief(page, &told, &said);
        for sentence in told.iter().flat_map(|h| more(h)) {
            page.prose(Paint::Dim, 4, &plain(&sentence));
        }
        rest = left;
    }
}

fn brief(page: &mut Page, hypotheses: &[&Hypothesis], reason: &str) {
    let Some(first) = hypotheses.first() else { return };
    let names: Vec<_> = hypotheses.iter().map(|h| h.cause.as_str()).collect();
    let reason = match reason {
        "" => String::new(),
        reason => format!(": {}", plain(reason)),
    };
    let verb = if names.len() == 1 { "is" } else { "are" };
    let stance = words::stance(first.stance);
    page.prose(Paint::Dim, 2, &format!("{} {verb} {stance}{reason}", names.join(", ")));
}

/// Advice on each supported cause.
pub(crate) fn next(page: &mut Page, findings: &Findings) {
    let advice = advice::advice(findings);
    if advice.is_empty() {
        return;
    }
    page.heading("What to do next");
    for advice in advice {
        page.prose(Paint::Plain, 2, &format!("{}: {}", advice.cause, advice.text));
        for command in &advice.commands {
            page.prose(Paint::Bold, 6, command);
        }
    }
}

fn notes(page: &mut Page, told: &Told) {
    if told.run.notes.is_empty() {
        return;
    }
    page.heading("Notes");
    for note in &told.run.notes {
        page.prose(Paint::Plain, 2, &plain(note));
    }
}
