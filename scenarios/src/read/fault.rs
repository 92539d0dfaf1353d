//! Provides `[[target.fault]]` and `[[network.fault]]`.

use super::section::{Reader, Section};
use crate::scenario::{Fault, FaultKind, Network, NetworkFault, NetworkFaultKind};
use crate::value::{
    above_zero, count, one_of, seconds, seconds_above_zero, share, whole_above_zero,
};

/// `duration_s` is the load's, where it could be read.
pub(super) fn of_target(r: &mut Reader, target: &Section, duration_s: Option<f64>) -> Vec<Fault> {
    let sections = r.sections(target, "fault", &["kind", "at", "for", "factor", "backlog"]);
    let has_app = target.get("app").is_some();
    sections.iter().filter_map(|s| on_target(r, s, duration_s, has_app)).collect()
}

fn on_target(r: &mut Reader, s: &Section, duration_s: Option<f64>, has_app: bool) -> Option<Fault> {
    s.table?;
    let kind = r.required(s, "kind", |n| one_of(n, "a kind of fault", &FaultKind::ALL));
    let (at_s, for_s) = window(r, s, duration_s);
    let only = |r: &mut Reader, key: &str, of: FaultKind| {
        let fits = kind.is_none_or(|kind| kind == of);
        if !fits && s.get(key).is_some() {
            r.wrong(s, key, &format!("only a fault of kind \"{}\" has one", word(of)));
        }
        fits
    };
    let mut factor = None;
    if only(r, "factor", FaultKind::SlowApp) {
        let longer = |n: &_| above_zero(count(n)?);
        factor = if kind == Some(FaultKind::SlowApp) {
            r.required(s, "factor", longer)
        } else {
            r.optional(s, "factor", longer)
        };
    }
    let mut backlog = None;
    if only(r, "backlog", FaultKind::AcceptStall) {
        backlog = r.optional(s, "backlog", whole_above_zero);
    }
    if kind.is_some_and(FaultKind::is_of_app) && !has_app {
        r.wrong(s, "kind", "there is no application; add a [target.app]");
    }
    let kind = kind?;
    let factor = if kind == FaultKind::SlowApp { factor? } else { 1.0 };
    Some(Fault { kind, at_s: at_s?, for_s: for_s?, factor, backlog })
}

fn word(of: FaultKind) -> &'static str {
    FaultKind::ALL.iter().find(|(kind, _)| *kind == of).map_or("", |(_, word)| word)
}

/// `[network]` with its faults.
pub(super) fn of_network(r: &mut Reader, root: &Section, duration_s: Option<f64>) -> Network {
    let s = r.section(root, "network", &["fault"]);
    let sections = r.sections(&s, "fault", &["kind", "at", "for", "share"]);
    Network { faults: sections.iter().filter_map(|s| on_the_way(r, s, duration_s)).collect() }
}

fn on_the_way(r: &mut Reader, s: &Section, duration_s: Option<f64>) -> Option<NetworkFault> {
    s.table?;
    let kind =
        r.required(s, "kind", |n| one_of(n, "a kind of network fault", &NetworkFaultKind::ALL));
    let (at_s, for_s) = window(r, s, duration_s);
    let share = match kind {
        Some(NetworkFaultKind::Cut) if s.get("share").is_some() => {
            r.wrong(s, "share", "a cut lets nothing pass; use kind \"loss\" for a share");
            None
        }
        Some(NetworkFaultKind::Cut) => Some(1.0),
        Some(NetworkFaultKind::Loss) => r.required(s, "share", share),
        _ => match s.get("share") {
            Some(_) => r.optional(s, "share", share),
            None => Some(1.0),
        },
    };
    Some(NetworkFault { kind: kind?, at_s: at_s?, for_s: for_s?, share: share? })
}

/// When a fault begins, and how long it lasts.
fn window(r: &mut Reader, s: &Section, duration_s: Option<f64>) -> (Option<f64>, Option<f64>) {
    let at_s = r.required(s, "at", seconds);
    let for_s = r.required(s, "for", seconds_above_zero);
    if let (Some(at_s), Some(duration_s)) = (at_s, duration_s)
        && at_s >= duration_s
    {
        r.wrong(s, "at", &format!("{at_s} s is not before the end of the load, {duration_s} s"));
    }
    (at_s, for_s)
}
