//! Provides how many connections came between two moments, by whatever the captures count.

use model::reading::TcpState;

use crate::Gathered;
use crate::intake::counters::PASSIVE;

/// Counters of connections since boot, the surest first, with what each counts.
const COUNTERS: &[(&str, &str)] = &[
    (PASSIVE, "connection accepted (TCP counter Connections Passive)"),
    ("windows_tcp_connections_passive_total", "connection accepted (TCP counter of the exporter)"),
    ("Tcp.PassiveOpens", "connection accepted (PassiveOpens)"),
    ("TcpPassiveOpens", "connection accepted (PassiveOpens)"),
    ("iis_connection_attempts_total", "connection to IIS (Total Connection Attempts)"),
    (
        "windows_iis_connection_attempts_all_instances_total",
        "connection to IIS (connection attempts of the exporter)",
    ),
];
/// Fewer rows of the error log tell nothing of how many connections came: most end well and leave none.
const ROWS_MIN: u64 = 1_000;
/// A counter is read off at most so far from the moment asked for, as a share of the time between.
const NEAR: f64 = 0.25;

/// Connections that were counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// How many.
    pub count: f64,
    /// What one of them is.
    pub what: &'static str,
}

/// Connections between two moments, seconds since 1970 UTC; `None` where nothing counted them.
pub(crate) fn between(g: &Gathered, from_s: f64, to_s: f64) -> Option<Counted> {
    if to_s <= from_s {
        return None;
    }
    let by_counter = COUNTERS.iter().find_map(|(name, what)| {
        let count =
            counter_at(g, name, to_s, to_s - from_s)? - counter_at(g, name, from_s, to_s - from_s)?;
        (count > 0.0).then_some(Counted { count, what })
    });
    by_counter.or_else(|| logged(g, from_s, to_s))
}

/// A counter at a moment: between two readings by the straight line, else the nearest one.
fn counter_at(g: &Gathered, name: &str, at_s: f64, span_s: f64) -> Option<f64> {
    let points = g.snapshots.iter().filter_map(|s| Some((s.unix_s?, *s.counters.get(name)?)));
    let points: Vec<(f64, f64)> = points.collect();
    let next = points.partition_point(|(s, _)| *s < at_s);
    if let (Some(after), Some(before)) = (points.get(next), next.checked_sub(1).map(|b| points[b]))
    {
        let share = (at_s - before.0) / (after.0 - before.0).max(1e-9);
        return Some(before.1 + share * (after.1 - before.1));
    }
    let near = |(s, _): &&(f64, f64)| (s - at_s).abs() <= NEAR * span_s;
    points.get(next).or(points.last()).filter(near).map(|(_, value)| *value)
}

/// Connections held at a moment, ESTABLISHED and TIME_WAIT: of the list nearest to it, which lies within
/// a quarter of the time that is looked at.
pub(crate) fn held_at(g: &Gathered, at_s: f64, span_s: f64) -> Option<u64> {
    let lists =
        g.snapshots.iter().filter_map(|s| Some(((s.unix_s? - at_s).abs(), s.tcp.as_ref()?)));
    let (away_s, tcp) = lists.min_by(|a, b| a.0.total_cmp(&b.0))?;
    let of = |state| tcp.by_state.get(&state).copied().unwrap_or(0);
    (away_s <= NEAR * span_s).then(|| of(TcpState::Established) + of(TcpState::TimeWait))
}

/// What the logs count: requests of IIS' own, else connections that ended in the error log.
fn logged(g: &Gathered, from_s: f64, to_s: f64) -> Option<Counted> {
    let requests = g.answers.as_ref().map(|answers| answers.requests_between(from_s, to_s));
    if let Some(count) = requests.filter(|count| *count > 0) {
        let what = "request to IIS (its log; with keep-alive a connection has several)";
        return Some(Counted { count: count as f64, what });
    }
    let groups = g.tally.as_ref()?.groups();
    let inside = groups.filter(|group| (from_s..to_s).contains(&(group.0 as f64)));
    let count: u64 = inside.map(|(_, _, _, _, rows, _)| rows).sum();
    let what = "row of the error log (connections that ended well are not in it)";
    (count >= ROWS_MIN).then_some(Counted { count: count as f64, what })
}
