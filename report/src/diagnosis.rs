//! Provides the report of a post-mortem: the verdict, what an expert reads from the captures, why, what
//! to do, and what was given.

use model::diagnosis::{Diagnosis, Input, Pool, Tag};
use model::reading::PoolType;
use model::units::format_count;

use crate::cells::{Table, columns};
use crate::page::{Page, Paint};
use crate::text::{TextStyle, next, why};
use crate::words::{NONE, amount, plain};

/// Tags that are shown; the rest stand in the JSON.
const MOST_TAGS: usize = 12;

/// Skipped rows that are shown of one input.
const MOST_SKIPPED: usize = 3;

/// The post-mortem as text. No line is longer than the style's width.
pub fn diagnosis(found: &Diagnosis, style: &TextStyle) -> String {
    let mut page = Page::new(style.width, style.color);
    page.prose(Paint::Bold, 0, &plain(&found.findings.verdict.sentence));
    let given = found.inputs.len() as u64;
    let noun = if given == 1 { "capture" } else { "captures" };
    let claim = plain(&found.findings.run.claim);
    page.prose(Paint::Plain, 0, &format!("{claim}: read from {} {noun}", format_count(given)));
    for reading in &found.readings {
        page.heading(&plain(&reading.about));
        for sentence in &reading.sentences {
            page.prose(Paint::Plain, 2, &plain(sentence));
        }
    }
    if let Some(pool) = found.pool.as_ref().filter(|pool| !pool.tags.is_empty()) {
        page.heading("Pool tags, the largest first");
        page.table(&tags(pool));
    }
    why(&mut page, &found.findings);
    next(&mut page, &found.findings);
    inputs(&mut page, &found.inputs);
    page.finish()
}

fn tags(pool: &Pool) -> Table {
    let row = |tag: &Tag| {
        vec![
            plain(&tag.tag),
            match tag.pool {
                PoolType::Nonpaged => "Nonp".into(),
                PoolType::Paged => "Paged".into(),
            },
            format_count(tag.diff),
            amount(tag.bytes.into(), "bytes"),
            tag.share.map_or(NONE.into(), |share| format!("{:.1} %", 100.0 * share)),
            format_count(tag.per_alloc),
            tag.owner.as_deref().map_or("not known".into(), plain),
        ]
    };
    Table {
        columns: columns([
            ("tag", false),
            ("type", false),
            ("live", true),
            ("holds", true),
            ("of pool", true),
            ("bytes each", true),
            ("owner", false),
        ]),
        rows: pool.tags.iter().take(MOST_TAGS).map(row).collect(),
    }
}

fn inputs(page: &mut Page, inputs: &[Input]) {
    page.heading("What was given");
    let row = |input: &Input| {
        vec![
            plain(&input.file),
            plain(&input.kind),
            format_count(input.records),
            format_count(input.skipped),
        ]
    };
    page.table(&Table {
        columns: columns([
            ("file", false),
            ("recognised as", false),
            ("records", true),
            ("skipped", true),
        ]),
        rows: inputs.iter().map(row).collect(),
    });
    for input in inputs {
        if let Some(why) = &input.unusable_because {
            page.prose(Paint::Warn, 2, &format!("{}: {}", plain(&input.file), plain(why)));
        }
        for row in input.skipped_rows.iter().take(MOST_SKIPPED) {
            let place = format!("{}:{}", plain(&input.file), row.line);
            page.prose(Paint::Dim, 2, &format!("{place}: {}", plain(&row.reason)));
        }
    }
}
