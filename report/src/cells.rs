//! Provides the tables of a report as rows of cells, before any format draws them.

use model::findings::{Attempts, FailureLine, Resource};
use model::units::format_count;

use crate::words::{self, NONE, amount, plain, seconds, share};

/// A table: its columns with their side, its rows.
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// A column's heading, and on which side its cells stand.
pub(crate) struct Column {
    pub(crate) heading: &'static str,
    pub(crate) right: bool,
}

pub(crate) fn columns<const N: usize>(columns: [(&'static str, bool); N]) -> Vec<Column> {
    columns.into_iter().map(|(heading, right)| Column { heading, right }).collect()
}

/// What became of the attempts, with their share of those offered.
pub(crate) fn attempts(attempts: &Attempts) -> Table {
    let row =
        |name: &str, count| vec![name.into(), format_count(count), share(count, attempts.offered)];
    Table {
        columns: columns([("", false), ("count", true), ("of offered", true)]),
        rows: vec![
            row("offered", attempts.offered),
            row("begun", attempts.begun),
            row("served", attempts.served),
            row("failed", attempts.failed),
            row("unfinished", attempts.unfinished),
            row("not sent", attempts.not_sent),
        ],
    }
}

/// Failures by kind.
pub(crate) fn failures(failures: &[FailureLine]) -> Table {
    let row = |f: &FailureLine| {
        vec![
            f.outcome.as_str().into(),
            f.phase.as_str().into(),
            words::failure_name(f),
            format_count(f.count),
            seconds(f.first_s),
            seconds(f.last_s),
        ]
    };
    Table {
        columns: columns([
            ("outcome", false),
            ("phase", false),
            ("how", false),
            ("count", true),
            ("first", true),
            ("last", true),
        ]),
        rows: failures.iter().map(row).collect(),
    }
}

/// Resources against their limits: `headroom` is the least of the run, `at limit` when it was first
/// there. Made to fit 80 columns with the widest usual values.
pub(crate) fn resources(resources: &[Resource]) -> Table {
    // The peak has the unit; limit and headroom repeat it only where the number needs it.
    let bare = |value, unit: &str| amount(value, if unit == "bytes" { unit } else { "" });
    let row = |r: &Resource| {
        let limit =
            r.limit.map(|l| format!("{} {}", bare(l.value.into(), &r.unit), l.origin.as_str()));
        vec![
            r.name.as_str().into(),
            plain(&r.vantage),
            amount(r.peak.into(), &r.unit),
            limit.unwrap_or_else(|| "none known".into()),
            r.headroom_min.map_or(NONE.into(), |h| bare(h.into(), &r.unit)),
            r.at_limit_from_s.map_or("never".into(), seconds),
        ]
    };
    Table {
        columns: columns([
            ("resource", false),
            ("vantage", false),
            ("peak", true),
            ("limit", true),
            ("headroom", true),
            ("at limit", true),
        ]),
        rows: resources.iter().map(row).collect(),
    }
}
