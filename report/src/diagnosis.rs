//! Provides the report of a post-mortem: the verdict, what an expert reads from the captures, why, what
//! to do, and what was given.

use model::diagnosis::{Baseline, Compared, Diagnosis, Input, Pool, Standing, Tag};
use model::reading::PoolType;
use model::units::format_count;

use crate::cells::{Table, columns};
use crate::page::{Page, Paint};
use crate::text::{TextStyle, next, why};
use crate::words::{NONE, amount, level, plain};

/// Tags that are shown; the rest stand in the JSON.
const MOST_TAGS: usize = 12;

/// Comparisons that are shown; the rest stand in the JSON.
const MOST_COMPARED: usize = 15;

/// Skipped rows that are shown of one input.
const MOST_SKIPPED: usize = 3;

/// The post-mortem as text. No line is longer than the style's width.
pub fn diagnosis(found: &Diagnosis, style: &TextStyle) -> String {
    let mut page = Page::new(style.width, style.color);
    page.prose(Paint::Bold, 0, &plain(&found.findings.verdict.sentence));
    page.prose(Paint::Plain, 0, &read_from(found));
    for reading in &found.readings {
        page.heading(&plain(&reading.about));
        for sentence in &reading.sentences {
            page.prose(Paint::Plain, 2, &plain(sentence));
        }
    }
    if let Some(baseline) = found.baseline.as_ref().filter(|b| !b.compared.is_empty()) {
        page.heading("Here and on the healthy peer, what differs most first");
        page.table(&compared(baseline));
    }
    if let Some(pool) = found.pool.as_ref().filter(|pool| !pool.tags.is_empty()) {
        page.heading("Pool tags, the largest first");
        page.table(&tags(pool));
    }
    why(&mut page, &found.findings);
    if let Some(zero) = found.counted_from.as_ref().filter(|_| found.findings.attempts.is_none()) {
        page.prose(Paint::Dim, 2, &format!("moments here count from {}", plain(zero)));
    }
    next(&mut page, &found.findings);
    inputs(&mut page, &found.inputs);
    page.finish()
}

fn read_from(found: &Diagnosis) -> String {
    let of_peer = found.inputs.iter().filter(|input| input.baseline).count() as u64;
    let given = found.inputs.len() as u64 - of_peer;
    let noun = if given == 1 { "capture" } else { "captures" };
    let beside = match of_peer {
        0 => String::new(),
        n => format!(", compared with {} of a healthy peer", format_count(n)),
    };
    let redacted = match found.redacted {
        true => "; addresses, names and paths are pseudonyms, the same one for the same thing",
        false => "",
    };
    format!(
        "{}: read from {} {noun}{beside} by churnlab {}{redacted}",
        plain(&found.findings.run.claim),
        format_count(given),
        plain(&found.churnlab)
    )
}

fn compared(baseline: &Baseline) -> Table {
    let row = |c: &Compared| {
        let value = |value: Option<f64>| value.map_or("not set".into(), |v| level(v, &c.unit));
        let bound = if c.peer_at_most { "under " } else { "" };
        vec![
            plain(&c.name),
            value(c.here),
            format!("{bound}{}", value(c.peer)),
            c.ratio.map_or(NONE.into(), |ratio| format!("{ratio:.1}")),
            match c.standing {
                Standing::Differs => "differs".into(),
                Standing::Older => "by age".into(),
                Standing::Grows => "grows here".into(),
                Standing::Alike => "alike".into(),
            },
        ]
    };
    Table {
        columns: columns([
            ("what", false),
            ("here", true),
            ("healthy peer", true),
            ("ratio", true),
            ("", false),
        ]),
        rows: baseline.compared.iter().take(MOST_COMPARED).map(row).collect(),
    }
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
        let mark = if input.baseline { " (healthy peer)" } else { "" };
        vec![
            format!("{}{mark}", plain(&input.file)),
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
        if let Some(sha256) = &input.sha256 {
            page.prose(
                Paint::Dim,
                2,
                &format!("{}: SHA-256 {}", plain(&input.file), plain(sha256)),
            );
        }
        if let Some(why) = &input.unusable_because {
            page.prose(Paint::Warn, 2, &format!("{}: {}", plain(&input.file), plain(why)));
        }
        for row in input.skipped_rows.iter().take(MOST_SKIPPED) {
            let place = format!("{}:{}", plain(&input.file), row.line);
            page.prose(Paint::Dim, 2, &format!("{place}: {}", plain(&row.reason)));
        }
    }
}
