//! Provides the joining of captures: one host, one clock, one list of rows.

use std::collections::BTreeMap;

use capture::pooltag;
use model::diagnosis::{Counter, Httperr, Tcp};
use model::limit::{Limit, Origin};
use model::reading::TcpState;
use model::row::{Row, Sample, SourceCost};
use model::run::{Clock, GeneratorHost, Ground, PortAllocation, RunInfo, TargetHost};

use crate::answers::Answers;
use crate::clock::{self, Logged, Times, stamp_of, wall_of};
use crate::facts::HostFacts;
use crate::held::{Holding, Snapshot, Taken};
use crate::profile::{Clues, infer};
use crate::tally::Tally;
use crate::{Asked, Gathered, drivers, events, history, pool};

/// The vantage of every capture.
pub(crate) const TARGET: &str = "target";
/// HTTP.sys writes refusals this often, seconds; the period of samples where nothing else tells.
const FLUSH_S: f64 = 5.0;
/// Counters kept of all captures together.
const COUNTERS_MAX: usize = 5_000;

/// Joins what was read.
pub(crate) fn join(taken: Vec<Taken>, asked: &Asked) -> Gathered {
    let mut inputs = Vec::with_capacity(taken.len());
    let (mut tally, mut snapshots): (Option<Tally>, Vec<Snapshot>) = (None, Vec::new());
    let mut answers: Option<Answers> = None;
    let (mut facts, mut counters) = (HostFacts::default(), BTreeMap::new());
    for Taken { input, holding } in taken {
        inputs.push(input);
        let Holding { tally: log, answers: answered, snapshots: mut more, .. } = holding;
        let Holding { facts: said, counters: counted, .. } = holding;
        match (&mut tally, log.filter(|log| log.records > 0)) {
            (Some(tally), Some(log)) => tally.join(&log),
            (tally @ None, log) => *tally = log,
            (Some(_), None) => {}
        }
        match (&mut answers, answered) {
            (Some(answers), Some(more)) => answers.join(&more),
            (answers @ None, more) => *answers = more,
            (Some(_), None) => {}
        }
        snapshots.append(&mut more);
        facts.join(said);
        add(&mut counters, counted);
    }
    history::place(&mut facts);
    let noted = std::mem::take(&mut facts.events);
    let logged = Logged { tally: tally.as_ref(), answers: answers.as_ref(), noted: &noted };
    let times = clock::place(&mut snapshots, &logged, asked.at);
    let rows = rows(&times, &logged, &snapshots);
    facts.events = noted;
    let boots = history::boots(&mut facts, &snapshots);
    let (profile, profile_because) = profile(asked, &facts, tally.as_ref(), &snapshots);
    let run = run(profile, &facts, &times, tally.as_ref(), &snapshots, profile_because.as_deref());
    let owners = owners(&facts, &snapshots);
    let pool = pool::pool(&run, &facts, &snapshots, &owners);
    let searched = asked.drivers.as_deref().zip(pool.as_ref());
    Gathered {
        usable: inputs.iter().any(|input| input.unusable_because.is_none()),
        inputs,
        rows,
        run,
        httperr: tally.as_ref().map(httperr),
        tcp: tcp(&snapshots),
        counters,
        profile_because,
        boots,
        answers,
        tally,
        drivers: searched
            .map_or_else(BTreeMap::new, |(dir, pool)| drivers::search(dir, &pool.tags)),
        pool,
        snapshots,
        facts,
        owners,
    }
}

fn add(counters: &mut BTreeMap<String, Counter>, more: BTreeMap<String, Counter>) {
    for (path, counter) in more {
        let room = counters.len() < COUNTERS_MAX;
        match counters.get_mut(&path) {
            Some(known) => {
                known.samples += counter.samples;
                known.last = counter.last;
                known.least = known.least.min(counter.least);
                known.greatest = known.greatest.max(counter.greatest);
            }
            None if room => drop(counters.insert(path, counter)),
            None => {}
        }
    }
}

/// The profile given, else the one inferred with its reason.
fn profile(
    asked: &Asked,
    facts: &HostFacts,
    tally: Option<&Tally>,
    snapshots: &[Snapshot],
) -> (Option<String>, Option<String>) {
    if let Some(given) = &asked.profile {
        return (Some(given.clone()), None);
    }
    let used = |s: &Snapshot| s.memory.as_ref().and_then(|m| m.nonpaged_used_bytes);
    let clues = Clues {
        facts,
        first_refusal_s: tally.and_then(|t| t.refusals().first().map(|r| r.unix_s)),
        nonpaged_used_bytes: snapshots.iter().filter_map(used).max(),
    };
    match infer(&clues) {
        Some((profile, because)) => (Some(profile.name.to_owned()), Some(because)),
        None => (None, None),
    }
}

fn run(
    profile: Option<String>,
    facts: &HostFacts,
    times: &Times,
    tally: Option<&Tally>,
    snapshots: &[Snapshot],
    because: Option<&str>,
) -> RunInfo {
    let configured = |value: u64| Limit { value, origin: Origin::Configured };
    let tunables = facts.registry.iter().map(|(name, value)| (name.clone(), configured(*value)));
    let aggressive = facts.registry.get("EnableAggressiveMemoryUsage") == Some(&1);
    let of_profile = profile.as_deref().and_then(host::profile);
    let gate = of_profile.and_then(|p| p.gate_aggressive_bytes).filter(|_| aggressive);
    let zero_unix_s = times.zero_unix_s.unwrap_or(0.0);
    let mut notes: Vec<String> =
        because.map(|b| format!("host profile inferred: {b}")).into_iter().collect();
    if times.zero_unix_s.is_none() {
        notes.push("no capture says when it was taken".into());
    }
    notes.extend(facts.remarks.iter().cloned());
    RunInfo {
        format: 1,
        churnlab: env!("CARGO_PKG_VERSION").into(),
        command: Vec::new(),
        started: wall_of(zero_unix_s),
        scenario_name: "captures".into(),
        scenario: serde_json::Value::Null,
        seed: 0,
        ground: Ground::Live,
        planned_seconds: times.span_s,
        target: TargetHost {
            address: format!("target:{}", port(tally, snapshots)),
            profile,
            ram_bytes: facts.ram_bytes,
            ceiling_bytes: facts.ceiling_bytes,
            paged_ceiling_bytes: None,
            gate_bytes: gate.map(|gate| gate.value),
            emulated: false,
            time_scale: 1.0,
        },
        generator: GeneratorHost {
            profile: None,
            port_allocation: PortAllocation::PerTuple,
            source_ports: None,
            own_namespace: true,
        },
        sample_every_s: period_s(snapshots),
        probe_every_s: None,
        tunables: BTreeMap::from([(TARGET.to_owned(), tunables.collect())]),
        clocks: vec![Clock {
            vantage: TARGET.into(),
            offset_s: 0.0,
            bound_s: times.bound_s,
            drift_ppm: 0.0,
            how: times.how.clone(),
        }],
        expect: None,
        notes,
    }
}

/// The port of the service: the one most rows of the error log name, else the busiest listener's.
fn port(tally: Option<&Tally>, snapshots: &[Snapshot]) -> u16 {
    let logged = tally.and_then(|t| t.by_port.iter().max_by_key(|(_, rows)| **rows));
    let listed = || {
        let snapshot = snapshots.iter().rev().find(|s| s.sockets.is_some())?;
        let (tcp, sockets) = (snapshot.tcp.as_ref()?, snapshot.sockets.as_ref()?);
        let waiting = &sockets.time_wait_by_local_port;
        let busy = |port: &&u16| waiting.get(port).copied().unwrap_or(0);
        let busiest = tcp.listening.iter().rev().max_by_key(busy).filter(|port| busy(port) > 0);
        let usual = [80, 443, 8080].into_iter().find(|port| tcp.listening.contains(port));
        let served = || waiting.iter().max_by_key(|(port, n)| (**n, **port)).map(|(port, _)| *port);
        busiest.copied().or(usual).or_else(served)
    };
    logged.map(|(port, _)| *port).or_else(listed).unwrap_or(80)
}

/// The usual distance of samples; a series of readings is seldom rarer than its log is written.
fn period_s(snapshots: &[Snapshot]) -> f64 {
    let times = snapshots.iter().filter_map(|s| s.unix_s.filter(|_| s.bound_s < FLUSH_S));
    let times: Vec<f64> = times.collect();
    let mut apart: Vec<f64> =
        times.windows(2).map(|pair| pair[1] - pair[0]).filter(|s| *s >= 1.0).collect();
    apart.sort_by(f64::total_cmp);
    apart.get(apart.len() / 2).map_or(FLUSH_S, |s| s.min(3600.0))
}

fn rows(times: &Times, logged: &Logged<'_>, snapshots: &[Snapshot]) -> Vec<Row> {
    let zero_s = times.zero_unix_s.unwrap_or(0.0);
    let readings = snapshots.iter().filter(|s| s.is_reading());
    let samples = readings.map(|s| Row::Sample(sample(s, zero_s)));
    let refused = logged.tally.into_iter().flat_map(|tally| events::httperr(tally, zero_s));
    let answered = logged.answers.into_iter().flat_map(|all| events::answered(all, zero_s));
    let noted = events::system_log(logged.noted, zero_s).into_iter();
    let events = refused.chain(answered).chain(noted).map(Row::Event);
    let mut rows: Vec<Row> = samples.chain(events).collect();
    rows.sort_by(|a, b| t_s(a).total_cmp(&t_s(b)));
    rows
}

fn t_s(row: &Row) -> f64 {
    match row {
        Row::Interval(interval) => interval.t_s,
        Row::Sample(sample) => sample.t_s,
        Row::Event(event) => event.t_s,
        Row::Latency(latency) => latency.t_s,
    }
}

fn sample(snapshot: &Snapshot, zero_s: f64) -> Sample {
    let unix_s = snapshot.unix_s.unwrap_or(zero_s);
    // A name that no live source has: a list without listeners is then not taken for their absence.
    let source = format!("capture {}:{}", snapshot.kind, snapshot.file);
    Sample {
        t_s: unix_s - zero_s,
        wall: wall_of(unix_s),
        vantage: TARGET.into(),
        sources: vec![SourceCost { name: source, took_ms: 0.0 }],
        memory: snapshot.memory.clone(),
        pool_tags: snapshot.tags.clone(),
        processes: snapshot.processes.clone(),
        tcp: snapshot.tcp.clone(),
        counters: snapshot.counters.clone(),
        ..Sample::default()
    }
}

fn httperr(tally: &Tally) -> Httperr {
    let stamp = |s: Option<i64>| s.map(|s| stamp_of(s as f64));
    Httperr {
        records: tally.records,
        by_reason: tally.by_reason(),
        refused: tally.refused,
        refused_rows: tally.refused_rows,
        first: stamp(tally.first_s),
        last: stamp(tally.last_s),
    }
}

fn tcp(snapshots: &[Snapshot]) -> Option<Tcp> {
    let counts = snapshots.iter().rev().find_map(|s| s.tcp.as_ref())?;
    let time_wait = counts.by_state.get(&TcpState::TimeWait).copied().unwrap_or(0);
    Some(Tcp { by_state: counts.by_state.clone(), time_wait })
}

/// Owners of every tag that was seen, from a list that was given.
fn owners(facts: &HostFacts, snapshots: &[Snapshot]) -> BTreeMap<String, String> {
    let Some(text) = &facts.pooltag else { return BTreeMap::new() };
    let list = pooltag::parse(text);
    let last = snapshots.iter().rev().filter_map(|s| s.tags.as_ref()).take(2).flatten();
    let known = last.filter_map(|tag| {
        let entry = list.lookup(&tag.tag).into_iter().find(|entry| entry.binary.is_some())?;
        Some((tag.tag.clone(), entry.binary?.to_owned()))
    });
    known.collect()
}
