//! Every story again, its record spoilt in one way: less may be found then, never another cause.

use model::cause::Cause;
use model::row::{Happening, Row};

use super::every_cause::{stories, windows_backlog};
use super::kit::*;

/// A way to spoil a record.
type Spoil = (&'static str, fn(&mut Story));

fn of_target(row: &Row) -> bool {
    match row {
        Row::Sample(sample) => sample.vantage == "target",
        Row::Event(event) => event.vantage == "target",
        _ => false,
    }
}

fn t_s(row: &mut Row) -> &mut f64 {
    match row {
        Row::Sample(sample) => &mut sample.t_s,
        Row::Event(event) => &mut event.t_s,
        Row::Interval(tick) => &mut tick.t_s,
        Row::Latency(latency) => &mut latency.t_s,
    }
}

/// No sample of any host from one moment to another.
fn gap(story: &mut Story, from_s: f64, to_s: f64) {
    story.rows.retain(|row| !matches!(row, Row::Sample(s) if s.t_s >= from_s && s.t_s < to_s));
}

/// Hosts are read, and probed, this seldom.
fn thin(story: &mut Story, period_s: f64) {
    story.run.sample_every_s = period_s;
    story.rows.retain(|row| match row {
        Row::Sample(sample) => (sample.t_s + 0.05).rem_euclid(period_s) < 0.2,
        _ => true,
    });
}

/// The target's clock is wrong by so much, and known to 90 s only.
fn shift(story: &mut Story, by_s: f64) {
    *story = story.clone().clock(90.0);
    story.rows.iter_mut().filter(|row| of_target(row)).for_each(|row| *t_s(row) += by_s);
}

/// Every stamp of the logs is wrong by so much, and nobody knows.
fn stamps(story: &mut Story, by_s: f64) {
    for row in &mut story.rows {
        if let Row::Event(event) = row {
            event.t_s += by_s;
        }
    }
}

fn without_logs(story: &mut Story) {
    story.rows.retain(|row| !matches!(row, Row::Event(_)));
    for row in &mut story.rows {
        if let Row::Sample(sample) = row {
            sample.sources.retain(|s| !s.name.starts_with("httperr"));
        }
    }
}

/// Every third row of the logs alone is left.
fn lossy(story: &mut Story) {
    for row in &mut story.rows {
        if let Row::Event(event) = row
            && let Happening::Httperr { rows, .. } | Happening::Answered { count: rows, .. } =
                &mut event.what
        {
            *rows = (*rows / 3).max(1);
        }
    }
}

fn without(story: &mut Story, vantage: &str) {
    story.rows.retain(|row| !matches!(row, Row::Sample(s) if s.vantage == vantage));
}

const SPOILT: &[Spoil] = &[
    ("a gap where the failures begin", |s| gap(s, 2.5, 6.0)),
    ("a gap over all of them", |s| gap(s, 0.5, 10.5)),
    ("a gap where they end", |s| gap(s, 7.0, 11.0)),
    ("readings every 1.5 s", |s| thin(s, 1.5)),
    ("readings every 5 s", |s| thin(s, 5.0)),
    ("readings every 30 s", |s| thin(s, 30.0)),
    ("a clock 45 s ahead, known to 90 s", |s| shift(s, 45.0)),
    ("a clock 80 s behind, known to 90 s", |s| shift(s, -80.0)),
    ("a clock known to 90 s, and right", |s| shift(s, 0.0)),
    ("stamps 3 s late", |s| stamps(s, 3.0)),
    ("stamps 20 s late", |s| stamps(s, 20.0)),
    ("no log", without_logs),
    ("a third of the log", lossy),
    ("no probes", |s| without(s, "probe")),
    ("nothing of the generator", |s| without(s, "generator")),
    ("nothing of the target but its logs", |s| without(s, "target")),
    ("a ceiling that is too high", |s| s.run.target.ceiling_bytes = Some(200 * MIB)),
    ("a ceiling that is too low", |s| s.run.target.ceiling_bytes = Some(100 * MIB)),
    ("a host that nobody described", |s| s.run.target.profile = None),
];

fn all() -> Vec<(Cause, Story)> {
    let mut all: Vec<(Cause, Story)> =
        stories().into_iter().map(|(cause, story, _)| (cause, story)).collect();
    all.push((Cause::AcceptBacklog, windows_backlog()));
    all
}

#[test]
fn a_spoilt_record_accuses_nobody_else() {
    let mut found = Vec::new();
    for (why, spoil) in SPOILT {
        let mut right = 0;
        for (cause, mut story) in all() {
            spoil(&mut story);
            let findings = story.findings();
            let others: Vec<Cause> =
                causes(&findings).into_iter().filter(|c| *c != cause).collect();
            assert_eq!(others, [], "{cause} with {why}: {}", findings.verdict.sentence);
            right += usize::from(causes(&findings) == [cause]);
        }
        found.push((*why, right));
    }
    let stories = all().len();
    for (why, least) in [
        ("readings every 1.5 s", stories),
        ("no probes", stories - 2),
        ("a third of the log", stories - 8),
        ("a ceiling that is too high", stories),
    ] {
        let (_, right) = found.iter().find(|f| f.0 == why).unwrap();
        assert!(*right >= least, "{why}: {right} of {stories} found; {found:?}");
    }
}
