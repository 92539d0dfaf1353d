//! Provides observing: rounds at absolute times until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use jiff::Timestamp;
use model::reading::{Gap, GapKind};
use model::row::{Row, Sample};

use crate::origin::Origin;
use crate::pace::{next_round_ns, sleep_until};
use crate::round::Round;
use crate::source::SourceSpec;

/// From where, and through what, a host is seen.
#[derive(Clone, Debug)]
pub struct Vantage {
    /// `generator`, `target`, or another host's name.
    pub name: String,
    /// What is read. Where two sources give the same reading, the first named stands.
    pub sources: Vec<SourceSpec>,
    /// Where this very process connects to: ports towards it are counted, and the process's
    /// descriptors with them. `None` where the process makes no load.
    pub destination: Option<SocketAddr>,
    /// A source port range narrower than the host's own, inclusive.
    pub narrowed: Option<(u16, u16)>,
}

/// Observes until `stop` is set (noticed within 100 ms between rounds) or `out` returns false.
/// Rounds are due at multiples of `every` of run time; one that is late is skipped, not made up
/// for. After `stop` one last round is made. Blocks, and is meant for a thread of its own in the
/// network namespace that is to be seen.
pub fn observe(
    vantage: Vantage,
    every: Duration,
    origin: Origin,
    stop: &AtomicBool,
    out: &mut dyn FnMut(Row) -> bool,
) {
    let name = vantage.name.clone();
    let mut round = match Round::open(vantage, every) {
        Ok(round) => round,
        Err(e) => {
            out(blind(name, &origin, &e));
            return;
        }
    };
    let every_ns = i64::try_from(every.as_nanos()).unwrap_or(i64::MAX).max(1);
    loop {
        let due_ns = next_round_ns(origin.elapsed_ns(), every_ns);
        let last = sleep_until(due_ns, &origin, stop);
        for row in round.rows(&origin) {
            if !out(row) {
                return;
            }
        }
        if last {
            return;
        }
    }
}

/// One sample, with run time zero at the call.
///
/// # Errors
/// Where this process can have no event loop.
pub fn once(vantage: Vantage, every: Duration) -> io::Result<Vec<Row>> {
    Ok(Round::open(vantage, every)?.rows(&Origin::now()))
}

/// The only row of a witness that could not begin.
fn blind(vantage: String, origin: &Origin, error: &io::Error) -> Row {
    let reason = format!("the witness could not begin: {error}");
    Row::Sample(Sample {
        t_s: origin.elapsed_s(),
        wall: format!("{:.9}", Timestamp::now()),
        vantage,
        gaps: vec![Gap { what: "witness".into(), kind: GapKind::Failed, reason }],
        ..Sample::default()
    })
}

#[cfg(test)]
mod tests;
