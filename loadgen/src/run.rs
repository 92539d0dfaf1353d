//! Provides the run of a load: engine threads, their ticks merged into rows.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use model::row::{Interval, Row};

use crate::dial::Clock;
use crate::engine::{Engine, Lane};
use crate::merge::Merger;
use crate::meter::Tick;
use crate::plan::{LoadError, Plan};
use crate::spreads::Spreads;
use crate::sys;

/// Longest sleep before run time zero, so that a stop is seen.
const LONGEST_SLEEP: Duration = Duration::from_millis(50);

/// What a load came to: the sums over its interval rows. `offered = begun + not_sent` and
/// `begun = served + failed + unfinished`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Attempts that came due.
    pub offered: u64,
    /// Attempts begun.
    pub begun: u64,
    /// Attempts served.
    pub served: u64,
    /// Attempts begun that failed.
    pub failed: u64,
    /// Attempts that came due and could not be begun.
    pub not_sent: u64,
    /// Attempts under way at the end; never failures.
    pub unfinished: u64,
}

impl Totals {
    /// Adds a row. What is unfinished is known only from the last one.
    pub(crate) fn add(&mut self, row: &Interval) {
        self.offered += row.offered;
        self.begun += row.begun;
        self.served += row.served;
        self.failed += row.failed;
        self.not_sent += row.not_sent;
        self.unfinished = row.in_flight;
    }
}

/// Makes the load: blocks from now to its end, with run time zero at `t0`. Rows go to `out`: an
/// interval per tick with some failures in full, a latency histogram a second and tag. With `stop`
/// set no new attempt is begun; what is in flight is waited for as long as the plan's drain allows.
///
/// # Errors
/// The plan cannot be carried out, the event queue failed, or the receiver of rows is gone.
/// Failures of attempts are rows.
pub fn run(
    plan: &Plan,
    t0: Instant,
    stop: &AtomicBool,
    out: &Sender<Row>,
) -> Result<Totals, LoadError> {
    plan.check()?;
    match plan.descriptors {
        Some(most) => sys::limit_descriptors(most.into()).map_err(LoadError::Descriptors)?,
        None => sys::raise_descriptor_limit(),
    }
    let threads = plan.threads.max(1);
    let tick_us = plan.tick.as_micros() as u64;
    let merger = Merger::new(threads, tick_us, plan.target, Spreads::new()?);
    let (ticks_out, ticks) = channel::<(usize, Tick)>();
    thread::scope(|scope| {
        let mut handles = Vec::with_capacity(threads);
        for core in 0..threads {
            let ticks_out = ticks_out.clone();
            let work = move || drive(plan, Lane { core, of: threads }, t0, stop, &ticks_out);
            let named = thread::Builder::new().name(format!("load-{core}"));
            handles.push(named.spawn_scoped(scope, work).map_err(LoadError::Thread)?);
        }
        drop(ticks_out);
        let totals = merge(merger, &ticks, out);
        // Gone without its receiver, so that engines whose ticks nobody takes end as well.
        drop(ticks);
        for handle in handles {
            match handle.join() {
                Ok(Err(error)) if totals.is_ok() => return Err(error),
                Ok(_) => {}
                Err(_) => return Err(LoadError::Died),
            }
        }
        totals
    })
}

/// One engine thread.
fn drive(
    plan: &Plan,
    lane: Lane,
    t0: Instant,
    stop: &AtomicBool,
    ticks: &Sender<(usize, Tick)>,
) -> Result<(), LoadError> {
    let engine = Engine::new(plan, lane, Clock { t0 })?;
    sleep_until(t0, stop);
    engine.run(stop, |tick| ticks.send((lane.core, tick)).is_ok())
}

/// Sleeps until `at`, or until `stop`.
pub(crate) fn sleep_until(at: Instant, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let left = at.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::sleep(left.min(LONGEST_SLEEP));
    }
}

fn merge(
    mut merger: Merger,
    ticks: &Receiver<(usize, Tick)>,
    out: &Sender<Row>,
) -> Result<Totals, LoadError> {
    let mut rows = Vec::new();
    for (thread, tick) in ticks {
        merger.push(thread, tick, &mut rows);
        send(&mut rows, out)?;
    }
    merger.finish(&mut rows);
    send(&mut rows, out)?;
    Ok(merger.totals())
}

fn send(rows: &mut Vec<Row>, out: &Sender<Row>) -> Result<(), LoadError> {
    rows.drain(..).try_for_each(|row| out.send(row).map_err(|_| LoadError::Closed))
}

/// The Host header of a target: its address, without the port where that is HTTP's own.
pub fn host_header(target: SocketAddr) -> String {
    if target.port() == 80 {
        return match target.ip() {
            std::net::IpAddr::V4(ip) => ip.to_string(),
            std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        };
    }
    target.to_string()
}
