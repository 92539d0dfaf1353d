//! Writes scenarios of what went wrong behind HTTP.sys: queue, limits, worker processes, slow clients,
//! errors of the application. Captures tell which of them it was and seldom more: the figures are
//! assumed so that it shows within seconds.

use model::cause::Cause;
use model::units::format_count;

use super::draft::{Draft, number, quoted, seconds, tenths};
use super::load::{Load, ticks};
use super::target::{self, Fit, Host};
use super::{Case, expect};

/// Attempts a second, at most: each is worked on.
const MOST_PER_S: f64 = 200.0;
/// TIME_WAIT in the lab, seconds, where it plays no part.
const TIME_WAIT_S: f64 = 12.0;
/// Timers in the lab, seconds.
const TIMERS_S: f64 = 2.0;
/// When it goes wrong, and for how long, seconds.
const AT_S: f64 = 3.0;
const FOR_S: f64 = 4.0;
/// The load goes on for so long after that, seconds.
const AFTER_S: f64 = 3.0;
/// How many times slower the application becomes: ten workers of 20 ms each then answer 25 a second.
const SLOWER: f64 = 20.0;
const WORKERS: f64 = 10.0;
const SERVICE_S: f64 = 0.02;

fn open(case: &Case<'_>, fit: Fit, draft: &mut Draft) -> Result<(Host, Load), String> {
    let host = target::write(case, fit, draft)?;
    let load = Load::of(case, &host).at_most(MOST_PER_S);
    Ok((host, load))
}

fn workers(count: f64, service_s: f64, because: &str, draft: &mut Draft) {
    draft.table("[target.app]");
    draft.set("workers", number(count), because);
    draft.set("service_time", seconds(service_s), "");
}

fn fault(kind: &str, at_s: f64, for_s: f64, because: &str, draft: &mut Draft) {
    draft.table("[[target.fault]]");
    draft.set("kind", quoted(kind), because);
    draft.set("at", seconds(at_s), "");
    draft.set("for", seconds(for_s), "");
}

/// A worker process that is gone, or a pool that is disabled.
pub(super) fn worker(case: &Case<'_>, draft: &mut Draft) -> Result<(), String> {
    let (_, load) = open(case, Fit::TimeWait(TIME_WAIT_S), draft)?;
    if case.cause.cause == Cause::WorkerCrash {
        workers(25.0, 0.05, "assumed: what it works on dies with it", draft);
    } else {
        let because = "assumed: it answers at once, so that nothing is under way when it goes";
        workers(25.0, 0.0, because, draft);
    }
    if case.cause.cause == Cause::WorkerCrash {
        let because = "assumed: it dies three times, each time with what it is working on";
        for at_s in [AT_S, AT_S + 2.0, AT_S + 4.0] {
            fault("worker-crash", at_s, 0.3, because, draft);
        }
    } else {
        fault("app-offline", AT_S, FOR_S, "assumed: when, and for how long", draft);
    }
    load.write(AT_S + FOR_S + AFTER_S, draft);
    expect(case, (AT_S - 0.5, AT_S + 3.0), draft);
    Ok(())
}

/// A queue that fills, or in which requests wait for too long.
pub(super) fn queue(case: &Case<'_>, draft: &mut Draft) -> Result<(), String> {
    let waits = case.cause.cause == Cause::QueueWait;
    let fit = if waits { Fit::Timers(TIMERS_S) } else { Fit::TimeWait(TIME_WAIT_S) };
    let (host, load) = open(case, fit, draft)?;
    let answered = WORKERS / (SERVICE_S * SLOWER);
    let length = if waits { 10_000.0 } else { (0.75 * load.per_second).floor() };
    let fills_s = length / (load.per_second - answered).max(1.0);
    workers(WORKERS, SERVICE_S, "assumed: it answers 500 a second at its best", draft);
    if waits {
        draft.set("queue_length", number(length), "assumed: so long that it never fills");
        let because = format!("assumed: {} s of the run", number(TIMERS_S));
        draft.set("queue_timeout", seconds(TIMERS_S * host.time_scale), &because);
    } else {
        let because =
            format!("assumed: full after {} s of a slow application", number(tenths(fills_s)));
        draft.set("queue_length", number(length), &because);
    }
    let because = format!(
        "assumed: as behind a slow database, it answers {} a second then",
        number(answered)
    );
    fault("slow-app", AT_S, FOR_S + 1.0, &because, draft);
    draft.set("factor", number(SLOWER), "");
    load.write(AT_S + FOR_S + 1.0 + AFTER_S, draft);
    let first_s = AT_S + if waits { TIMERS_S } else { fills_s };
    expect(case, (AT_S, first_s + 2.5), draft);
    Ok(())
}

/// A limit of connections, or of requests at once.
pub(super) fn limit(case: &Case<'_>, draft: &mut Draft) -> Result<(), String> {
    const SERVICE_S: f64 = 0.1;
    const BURST: f64 = 3.0;
    let (_, mut load) = open(case, Fit::TimeWait(TIME_WAIT_S), draft)?;
    let at_once = load.per_second * SERVICE_S;
    workers(200.0, SERVICE_S, "assumed: every request takes so long, and none waits", draft);
    let key = if case.cause.cause == Cause::ConnectionLimit {
        "connection_limit"
    } else {
        "concurrency_limit"
    };
    let because = format!(
        "assumed: {} are there at once in quiet seconds, {} in the burst",
        number(at_once),
        number(at_once * BURST)
    );
    draft.set(key, number(2.0 * at_once), &because);
    load.burst = Some((AT_S + 1.0, BURST));
    load.write(AT_S + 1.0 + FOR_S + 1.0, draft);
    expect(case, (AT_S + 0.5, AT_S + 3.0), draft);
    Ok(())
}

/// Clients that take too long.
pub(super) fn slow_clients(case: &Case<'_>, draft: &mut Draft) -> Result<(), String> {
    let (host, load) = open(case, Fit::Timers(TIMERS_S), draft)?;
    let because = format!("assumed: {} s of the run", number(TIMERS_S));
    draft.set("idle_timeout", seconds(TIMERS_S * host.time_scale), &because);
    load.write(AT_S + FOR_S + AFTER_S, draft);
    draft.set(
        "slow",
        "{ share = 0.1, bytes_per_second = 20 }",
        "assumed: one client in ten, whose head then takes four seconds",
    );
    expect(case, (TIMERS_S * 0.5, TIMERS_S + 3.0), draft);
    Ok(())
}

/// Answers that are errors.
pub(super) fn errors(case: &Case<'_>, draft: &mut Draft) -> Result<(), String> {
    let (_, load) = open(case, Fit::TimeWait(TIME_WAIT_S), draft)?;
    let theirs = if case.cause.cause == Cause::Application { 500..600 } else { 400..500 };
    let (share, status, because) = answered(case, &theirs).unwrap_or((
        0.05,
        theirs.start,
        "assumed: one answer in twenty".to_owned(),
    ));
    draft.table("[target.app]");
    draft.set("errors", format!("{{ share = {share:.3}, status = {status} }}"), &because);
    load.write(AT_S + FOR_S + 1.0, draft);
    expect(case, (0.0, 4.0), draft);
    Ok(())
}

/// The share of failed answers and the most frequent status: of the run's own attempts, else of IIS' log.
fn answered(case: &Case<'_>, theirs: &std::ops::Range<u16>) -> Option<(f64, u16, String)> {
    let status_of = |name: &str| name.rsplit(' ').next()?.split('.').next()?.parse::<u16>().ok();
    let failures = case.found.failures.iter().filter(|f| f.name.starts_with("HTTP"));
    let of_run = failures.filter_map(|f| Some((status_of(&f.name)?, f.count)));
    let offered: u64 = ticks(case).map(|tick| tick.offered).sum();
    let of_log = case.g.facts.iis_status.iter().filter_map(|(s, n)| Some((status_of(s)?, *n)));
    let (all, counted): (u64, Vec<(u16, u64)>) = match offered {
        0 => (case.g.facts.iis_status.values().sum(), of_log.collect()),
        offered => (offered, of_run.collect()),
    };
    let failed = counted.iter().filter(|(status, _)| theirs.contains(status));
    let n: u64 = failed.clone().map(|(_, n)| n).sum();
    let (status, _) = failed.max_by_key(|(_, n)| *n)?;
    let share = (n as f64 / all.max(1) as f64).clamp(0.02, 1.0);
    let because = format!("measured: {} of {} answers", format_count(n), format_count(all));
    Some((share, *status, because))
}
