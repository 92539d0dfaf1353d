//! Provides the report of capacity, in sections that are always there and in one order, so that a change
//! board finds each where it was last time.

use model::capacity::{Applies, Bound, Capacity, Change, Fact, KnobLine, TrialLine, WhatIf};
use model::units::format_count;

use crate::cells::{Table, columns};
use crate::page::Paint;
use crate::sheet::{Block, Sheet};
use crate::text::TextStyle;
use crate::words::{NONE, amount, plain};

/// The capacity as text. No line is longer than the style's width.
pub fn capacity(told: &Capacity, style: &TextStyle) -> String {
    sheet(told).text(style)
}

/// The capacity as Markdown.
pub fn capacity_markdown(told: &Capacity) -> String {
    sheet(told).markdown()
}

/// The capacity as indented JSON with a line end. Fails only where a value has no JSON form.
pub fn capacity_json(told: &Capacity) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(told).map(|json| json + "\n")
}

fn sheet(told: &Capacity) -> Sheet {
    let mut blocks = vec![
        Block::Prose(Paint::Plain, told.decision.claim.clone()),
        Block::Heading("System under test, and how production differs"),
        Block::Table(facts(&told.system)),
        Block::List(told.differs.clone()),
        Block::Heading("Workload"),
        Block::Table(facts(&told.workload)),
    ];
    resources(&mut blocks, &told.bounds);
    blocks.push(Block::Heading("The change"));
    blocks.push(match &told.change {
        Some(change) => Block::Table(exact(change)),
        None => Block::Prose(Paint::Plain, "none is proposed".into()),
    });
    for (heading, sentences) in [
        ("Side effects", &told.side_effects),
        ("Repeats, plateau and noise", &told.repeats),
        ("The slowest leak that could have been seen", &vec![told.slowest_leak.clone()]),
    ] {
        blocks.push(Block::Heading(heading));
        blocks.push(Block::List(sentences.clone()));
    }
    blocks.push(Block::Heading("Alarms"));
    blocks.push(Block::Table(alarms(told)));
    blocks.push(Block::Heading("Not tested"));
    blocks.push(Block::List(told.not_tested.clone()));
    blocks.push(Block::Heading("What if (connections per second, host rate)"));
    blocks.push(Block::Table(what_if(&told.what_if)));
    let notes =
        told.what_if.iter().filter(|row| !row.note.is_empty() && row.applies != Applies::NoEffect);
    blocks.push(Block::List(notes.map(|row| format!("{}: {}", row.knob, row.note)).collect()));
    blocks.push(Block::Heading("Which knob works where"));
    blocks.push(Block::Table(knobs(&told.knobs)));
    if !told.trials.is_empty() {
        blocks.push(Block::Heading("Trials"));
        blocks.push(Block::Table(trials(told)));
        blocks.push(Block::List(waits(told)));
    }
    Sheet {
        title: "Capacity".into(),
        not_valid_because: (!told.valid).then(|| told.not_valid_because.clone()),
        sentence: told.decision.sentence.clone(),
        blocks,
    }
}

fn facts(facts: &[Fact]) -> Table {
    Table {
        columns: columns([("what", false), ("is", false)]),
        rows: facts.iter().map(|f| vec![plain(&f.name), plain(&f.value)]).collect(),
    }
}

/// A rate with as many digits as it deserves; nothing stays empty.
fn rate(per_s: Option<f64>) -> String {
    match per_s {
        None => String::new(),
        Some(r) if r < 0.095 => format!("{r:.4}"),
        Some(r) if r < 9.95 => format!("{r:.2}"),
        Some(r) if r < 999.5 => format!("{r:.1}"),
        Some(r) => format_count(r.round() as u64),
    }
}

fn resources(blocks: &mut Vec<Block>, bounds: &[Bound]) {
    blocks.push(Block::Heading("Resources: what binds first and second"));
    if bounds.is_empty() {
        blocks.push(Block::Prose(Paint::Warn, "no limit of either host is on record".into()));
        return;
    }
    let bytes = |unit: &str| if unit == "bytes" { "bytes" } else { "" }.to_owned();
    let row = |(nth, b): (usize, &Bound)| {
        let order = match (nth, b.binds_at_per_s) {
            (_, None) => "never",
            (0, _) => "first",
            (1, _) => "second",
            _ => "later",
        };
        let unit = bytes(&b.unit);
        let room = |left: Option<i64>| left.map_or(NONE.into(), |l| amount(l.into(), &unit));
        let limit = b.limit.map_or("none known".into(), |l| {
            format!("{} {}", amount(l.value.into(), &unit), l.origin.as_str())
        });
        vec![
            order.to_owned(),
            b.resource.as_str().to_owned(),
            b.direction.as_str().to_owned(),
            rate(b.binds_at_per_s),
            limit,
            room(b.headroom_now),
            room(b.headroom_at_peak),
        ]
    };
    blocks.push(Block::Table(Table {
        columns: columns([
            ("binds", false),
            ("resource", false),
            ("direction", false),
            ("at /s", true),
            ("limit", true),
            ("left now", true),
            ("at peak", true),
        ]),
        rows: bounds.iter().enumerate().map(row).collect(),
    }));
    let law = |b: &Bound| {
        format!(
            "{} {} from {} to {}: {}; a connection holds {}",
            b.resource.as_str(),
            b.direction.as_str(),
            b.source,
            b.destination,
            b.law,
            b.per_connection
        )
    };
    blocks.push(Block::List(bounds.iter().map(law).collect()));
}

fn exact(change: &Change) -> Table {
    let rows = [
        ("host", &change.host),
        ("path", &change.path),
        ("type", &change.kind),
        ("before", &change.before),
        ("after", &change.after),
        ("restart", &change.reboot),
        ("in force when", &change.check),
        ("rollback", &change.rollback),
    ];
    Table {
        columns: columns([("what", false), ("is", false)]),
        rows: rows.iter().map(|(name, value)| vec![(*name).to_owned(), plain(value)]).collect(),
    }
}

fn alarms(told: &Capacity) -> Table {
    Table {
        columns: columns([("watch", false), ("warn at", true), ("act at", true)]),
        rows: told
            .alarms
            .iter()
            .map(|a| vec![plain(&a.watch), plain(&a.warn), plain(&a.critical)])
            .collect(),
    }
}

fn what_if(rows: &[WhatIf]) -> Table {
    let row = |w: &WhatIf| {
        vec![
            plain(&w.knob),
            w.applies.as_str().to_owned(),
            rate(w.law),
            rate(w.simulation),
            rate(w.lab),
            rate(w.measured),
        ]
    };
    Table {
        columns: columns([
            ("knob", false),
            ("here", false),
            ("law", true),
            ("simulation", true),
            ("lab", true),
            ("measured on your host", true),
        ]),
        rows: rows.iter().map(row).collect(),
    }
}

fn knobs(lines: &[KnobLine]) -> Table {
    let row = |k: &KnobLine| {
        vec![
            plain(&k.knob),
            plain(&k.systems),
            k.outgoing.as_str().to_owned(),
            k.incoming.as_str().to_owned(),
        ]
    };
    Table {
        columns: columns([
            ("knob", false),
            ("on", false),
            ("outgoing", false),
            ("incoming", false),
        ]),
        rows: lines.iter().map(row).collect(),
    }
}

fn trials(told: &Capacity) -> Table {
    let row = |t: &TrialLine| {
        vec![
            rate(Some(t.per_s)),
            rate(Some(t.run_per_s)),
            t.means.as_str().to_owned(),
            if t.sustained { "yes" } else { "no" }.to_owned(),
            plain(&t.because),
        ]
    };
    Table {
        columns: columns([
            ("host /s", true),
            ("run /s", true),
            ("by", false),
            ("sustained", false),
            ("because", false),
        ]),
        rows: told.trials.iter().map(row).collect(),
    }
}

/// What was waited for between trials, each told once.
fn waits(told: &Capacity) -> Vec<String> {
    let mut all: Vec<String> = told.trials.iter().map(|t| t.waited.clone()).collect();
    all.dedup();
    all.into_iter().map(|waited| format!("waited before a trial: {waited}")).collect()
}
