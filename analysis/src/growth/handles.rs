//! Provides the leaks that only processes have: handles, sockets that nobody closes, committed memory.

use model::units::{format_bytes, format_count};

use crate::facts::Facts;
use crate::store::{Holder, ProcessSnapshot, Reading, TARGET, Tcp};
use crate::words::at;

/// Handles by which a process must have grown to be told. Chosen: a worker's ordinary ups and downs are
/// some hundreds.
const LEAST_HANDLES: u64 = 1_000;

/// Sockets in CLOSE_WAIT or BOUND by which a host must have grown. Chosen: those of a busy host come
/// and go by the dozen.
const LEAST_SOCKETS: u64 = 200;

/// A leak goes on growing: at least this share of its first half's growth again in the second.
const KEEPS_GROWING: f64 = 0.5;

/// A process below this share of the growth of committed memory did not fill it. Chosen.
const LEAST_SHARE: f64 = 0.2;

/// A leak, named.
#[derive(Clone, Debug)]
pub(crate) struct Leak {
    /// For `because_of`.
    pub(crate) who: String,
    /// Evidence.
    pub(crate) sentence: String,
    /// For the verdict.
    pub(crate) clause: String,
}

/// The process whose handles kept growing over a span of run time.
pub(crate) fn handle_leak(facts: &Facts<'_>, from_s: f64, to_s: f64) -> Option<Leak> {
    let (start, end) = ends(facts, from_s, to_s)?;
    let grew = |h: &Holder| h.handles.saturating_sub(before(start, h).handles);
    let most = end.holders.iter().max_by_key(|h| grew(h)).filter(|h| grew(h) >= LEAST_HANDLES)?;
    let mid = middle(facts, start.t_s, end.t_s, most.pid).map(|h| h.handles);
    if !goes_on(before(start, most).handles, mid, most.handles) {
        return None;
    }
    let name = format!("{} ({})", most.name, most.pid);
    Some(Leak {
        who: format!("handles of {name}"),
        sentence: format!(
            "process {name} had {} handles at {} and {} at {}",
            format_count(before(start, most).handles),
            at(start.t_s),
            format_count(most.handles),
            at(end.t_s)
        ),
        clause: format!(
            "process {name} holds {} handles more than at the start",
            format_count(grew(most))
        ),
    })
}

/// The process whose committed memory kept growing.
pub(crate) fn commit_growth(facts: &Facts<'_>, to_s: f64) -> Option<Leak> {
    let (start, end) = ends(facts, 0.0, to_s)?;
    let bytes = |h: &Holder| h.private_bytes.unwrap_or(0);
    let grew = |h: &Holder| bytes(h).saturating_sub(bytes(&before(start, h)));
    let most = end.holders.iter().max_by_key(|h| grew(h)).filter(|h| grew(h) > 0)?;
    let mid = middle(facts, start.t_s, end.t_s, most.pid).map(|h| bytes(&h));
    let all = committed(facts, end.t_s)?.saturating_sub(committed(facts, start.t_s)?);
    let share = grew(most) as f64 / all.max(1) as f64;
    if share < LEAST_SHARE || !goes_on(bytes(&before(start, most)), mid, bytes(most)) {
        return None;
    }
    let name = format!("{} ({})", most.name, most.pid);
    let more = format_bytes(grew(most).into());
    Some(Leak {
        who: format!("memory of {name}"),
        sentence: format!(
            "process {name} committed {more} more between {} and {}, {:.0} % of the growth",
            at(start.t_s),
            at(end.t_s),
            100.0 * share
        ),
        clause: format!("process {name} committed {more} more than at the start"),
    })
}

/// Sockets of the target that pile up because nobody closes them.
pub(crate) fn socket_leak(facts: &Facts<'_>, from_s: f64, to_s: f64) -> Option<Leak> {
    ["CLOSE_WAIT", "BOUND"].into_iter().find_map(|state| {
        let of = |tcp: Tcp| if state == "BOUND" { tcp.bound } else { tcp.close_wait };
        let told = |r: &Reading| Some((r.t_s, of(r.tcp?)));
        let all: Vec<(f64, u64)> = facts.store.of(TARGET).iter().filter_map(told).collect();
        let nearest = |s: f64| {
            all.iter().min_by(|a, b| (a.0 - s).abs().total_cmp(&(b.0 - s).abs())).copied()
        };
        let (start, end) = (nearest(from_s.max(0.0))?, nearest(to_s)?);
        let mid = nearest(f64::midpoint(start.0, end.0)).filter(|m| m.0 > start.0 && m.0 < end.0);
        let enough = end.1.saturating_sub(start.1) >= LEAST_SOCKETS;
        (enough && goes_on(start.1, mid.map(|m| m.1), end.1)).then(|| Leak {
            who: format!("a socket leak ({state})"),
            sentence: format!(
                "sockets in {state} grew from {} at {} to {} at {}: a process of the target opens them and never closes",
                format_count(start.1),
                at(start.0),
                format_count(end.1),
                at(end.0)
            ),
            clause: format!("{} of its sockets are in {state}", format_count(end.1)),
        })
    })
}

/// Whether growth went on in the second half of the time, as far as its middle was read.
fn goes_on(start: u64, mid: Option<u64>, end: u64) -> bool {
    let grew = |to: u64| to as f64 - start as f64;
    mid.is_none_or(|mid| grew(end) - grew(mid) >= KEEPS_GROWING * grew(mid))
}

/// The snapshots at the start of a span and at its end.
fn ends<'a>(
    facts: &Facts<'a>,
    from_s: f64,
    to_s: f64,
) -> Option<(&'a ProcessSnapshot, &'a ProcessSnapshot)> {
    let all = &facts.store.processes.snapshots;
    let until = to_s + facts.slack_s(TARGET);
    let start = all.iter().rfind(|s| s.t_s <= from_s.max(0.0)).or(all.first())?;
    let end = all.iter().rfind(|s| s.t_s <= until)?;
    (end.t_s > start.t_s).then_some((start, end))
}

/// A process as it was; with nothing where it was not listed yet.
fn before(snapshot: &ProcessSnapshot, of: &Holder) -> Holder {
    let known = snapshot.holders.iter().find(|h| h.pid == of.pid && h.name == of.name);
    known.cloned().unwrap_or(Holder { handles: 0, private_bytes: None, ..of.clone() })
}

fn middle(facts: &Facts<'_>, from_s: f64, to_s: f64, pid: u32) -> Option<Holder> {
    let half_s = f64::midpoint(from_s, to_s);
    let inner = facts.store.processes.snapshots.iter().filter(|s| s.t_s > from_s && s.t_s < to_s);
    let nearest = inner.min_by(|a, b| (a.t_s - half_s).abs().total_cmp(&(b.t_s - half_s).abs()))?;
    nearest.holders.iter().find(|h| h.pid == pid).cloned()
}

fn committed(facts: &Facts<'_>, t_s: f64) -> Option<u64> {
    let told =
        facts.store.of(TARGET).iter().filter_map(|r| Some((r.t_s, r.memory.committed_bytes?)));
    told.min_by(|a, b| (a.0 - t_s).abs().total_cmp(&(b.0 - t_s).abs())).map(|r| r.1)
}
