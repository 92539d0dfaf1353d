//! Tells the refusals: their sum, their five-second grid, bursts, first and last.

use model::units::{format_count, format_seconds};

use super::words::{count, time_scale};
use crate::Gathered;
use crate::clock::stamp_of;
use crate::tally::{Refused, Tally};

/// Fewer stamps on one phase may be chance.
const GRID_MIN: u64 = 4;
/// A silence that begins a new episode, seconds.
const EPISODE_S: i64 = 3600;
/// A Windows client sends a refused SYN so often.
const TRIES: u64 = 3;

/// What the error log says of refusals.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let Some(tally) = &g.tally else { return Vec::new() };
    let refusals = tally.refusals();
    let (Some(first), Some(last)) = (refusals.first(), refusals.last()) else {
        return vec![none(tally)];
    };
    let n = tally.refused;
    let mut said = vec![format!(
        "\u{3a3}N = {} refusals in {}, first {}, last {} UTC: HTTP.sys wrote them itself, because free non-paged pool was below its gate (KB820729). No process of IIS takes part in that, and the log does not say who used the pool.",
        format_count(n),
        count(tally.refused_rows, "row"),
        stamp_of(first.unix_s as f64),
        stamp_of(last.unix_s as f64),
    )];
    said.push(format!(
        "N counts refused SYNs, and a Windows client tries {TRIES} times: between {} and {} attempts of clients stand behind them.",
        format_count(n.div_ceil(TRIES)),
        format_count(n)
    ));
    // The grid of an emulated host is as many times finer as its clock is faster.
    said.extend(grid(tally).filter(|_| time_scale(g) == 1.0));
    said.push(bursts(&refusals));
    said
}

fn none(tally: &Tally) -> String {
    format!(
        "The error log holds {} and none of Connections_Refused: in the time it covers ({} to {} UTC) HTTP.sys did not refuse for want of non-paged pool. If clients were refused then, look at the listener, at what stands between, and at the clients' own ports.",
        count(tally.records, "row"),
        tally.first_s.map_or_else(String::new, |s| stamp_of(s as f64)),
        tally.last_s.map_or_else(String::new, |s| stamp_of(s as f64)),
    )
}

/// HTTP.sys flushes aggregated refusals every five seconds from when its driver started.
fn grid(tally: &Tally) -> Option<String> {
    let phases = tally.refused_phase;
    let rows: u64 = phases.iter().sum();
    let (phase, most) = phases.iter().enumerate().max_by_key(|(_, rows)| **rows)?;
    if rows < GRID_MIN {
        return None;
    }
    Some(if *most == rows {
        format!(
            "All {rows} stamps are \u{2261} {phase} mod 5: HTTP.sys writes what it refused every 5 s on a grid set when its driver starts, so all rows are of one start, and a stamp stands for the 5 s before it."
        )
    } else {
        let grids = phases.iter().filter(|rows| **rows > 0).count();
        format!(
            "The stamps stand on {grids} grids of 5 s (seconds mod 5: {phases:?}): HTTP.sys starts a new one with its driver, so the host or the HTTP service was restarted between them."
        )
    })
}

fn bursts(refusals: &[Refused]) -> String {
    let largest = refusals.iter().map(|r| r.n).max().unwrap_or(0);
    let (first, last) = (refusals[0].unix_s, refusals[refusals.len() - 1].unix_s);
    let within = |r: &Refused, next: &Refused| next.unix_s - r.unix_s;
    let quiet =
        refusals.windows(2).map(|pair| within(&pair[0], &pair[1])).filter(|s| *s < EPISODE_S);
    let quiet = quiet.max().unwrap_or(0);
    let runs = 1 + refusals.windows(2).filter(|pair| within(&pair[0], &pair[1]) > 5).count();
    if refusals.len() == 1 {
        return format!("It is one row of {largest}: the pool touched its gate once.");
    }
    let how = if quiet > 5 {
        "it was not shut for good: the pool went back and forth over the gate, or few clients came"
    } else {
        "it refused without a break"
    };
    format!(
        "They come in {} over {}, the largest row holds {largest}, the longest quiet stretch within an episode is {}: {how}.",
        count(runs as u64, "burst"),
        format_seconds((last - first) as f64),
        format_seconds(quiet as f64),
    )
}
