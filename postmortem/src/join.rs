//! Provides the joining of captures: one host, one clock, one list of rows.

use std::collections::BTreeMap;

use capture::pooltag;
use model::diagnosis::{Counter, Httperr, Input, Tcp};
use model::reading::TcpState;
use model::row::{Row, Sample, SourceCost};

use crate::answers::Answers;
use crate::as_run::{self, Described, Known};
use crate::clock::{self, Logged, Times, stamp_of, wall_of};
use crate::facts::HostFacts;
use crate::growth::Grown;
use crate::held::{Snapshot, Taken};
use crate::intake::COLLECT_NOTES;
use crate::many::joined;
use crate::recording::{self, Recording};
use crate::tally::Tally;
use crate::{Asked, Gathered, drivers, events, held, history, pool};

/// The vantage of every capture.
pub(crate) const TARGET: &str = "target";
/// Counters kept of all captures together.
const COUNTERS_MAX: usize = 5_000;

/// Joins what was read.
pub(crate) fn join(mut taken: Vec<Taken>, asked: &Asked) -> Gathered {
    let mut recording = recording::assemble(&mut taken);
    let mut all = Together::of(taken);
    history::place(&mut all.facts);
    let noted = std::mem::take(&mut all.facts.events);
    let logged = Logged { tally: all.tally.as_ref(), answers: all.answers.as_ref(), noted: &noted };
    let times = clock::place(&mut all.snapshots, &logged, asked.at);
    let beside = recording.as_mut().and_then(|r| r.tally_beside(logged.tally));
    let recorded = recording.as_ref().map_or_else(Vec::new, Recording::snapshots);
    let range = as_run::port_range(&Known {
        asked,
        facts: &all.facts,
        times: &times,
        tally: logged.tally,
        snapshots: &all.snapshots,
        recording: recording.as_ref(),
    });
    if let Some(range) = range {
        all.snapshots.iter_mut().for_each(|s| s.count_ports(&range, all.facts.excluded_ports));
    }
    let rows = rows(&times, &logged, &all.snapshots, recording.as_mut());
    all.facts.events = noted;
    let boots = history::boots(&mut all.facts, &all.snapshots);
    all.tell_beside(beside, recorded);
    let Together { inputs, tally, answers, snapshots, mut facts, counters } = all;
    let Described { run, profile_because } = as_run::describe(&Known {
        asked,
        facts: &facts,
        times: &times,
        tally: tally.as_ref(),
        snapshots: &snapshots,
        recording: recording.as_ref(),
    });
    let grown = Grown::of(&snapshots, &boots);
    let owners = owners(&facts, &snapshots);
    let pool = pool::pool(&run, &facts, &snapshots, &owners);
    let searched = asked.drivers.as_deref().zip(pool.as_ref());
    let drivers = searched.map(|(dir, pool)| drivers::search(dir, &pool.tags));
    let drivers = drivers.unwrap_or_else(|| Ok(BTreeMap::new())).unwrap_or_else(|why| {
        facts.remarks.push(why);
        BTreeMap::new()
    });
    Gathered {
        usable: inputs.iter().any(is_evidence),
        inputs,
        rows,
        recorded: recording.is_some(),
        run,
        httperr: tally.as_ref().map(httperr),
        tcp: tcp(&snapshots),
        counters,
        profile_because,
        boots,
        grown,
        answers,
        tally,
        drivers,
        pool,
        snapshots,
        facts,
        owners,
        baseline: None,
    }
}

/// Whether an input holds something of the host: what the collecting script says of itself is none.
fn is_evidence(input: &Input) -> bool {
    input.unusable_because.is_none() && input.kind != COLLECT_NOTES
}

/// What all captures hold, before they are put on one clock.
#[derive(Default)]
struct Together {
    inputs: Vec<Input>,
    tally: Option<Tally>,
    answers: Option<Answers>,
    snapshots: Vec<Snapshot>,
    facts: HostFacts,
    counters: BTreeMap<String, Counter>,
}

impl Together {
    fn of(taken: Vec<Taken>) -> Self {
        let mut all = Self::default();
        for Taken { input, mut holding } in taken {
            all.inputs.push(input);
            all.tally = joined(all.tally, holding.tally);
            match (&mut all.answers, holding.answers) {
                (Some(answers), Some(more)) => answers.join(&more),
                (answers @ None, more) => *answers = more,
                (Some(_), None) => {}
            }
            all.snapshots.append(&mut holding.snapshots);
            all.facts.join(holding.facts);
            add(&mut all.counters, holding.counters);
        }
        all
    }

    /// Adds what a run's own rows show: told beside the captures, and judged as rows.
    fn tell_beside(&mut self, log: Option<Tally>, mut snapshots: Vec<Snapshot>) {
        self.tally = joined(self.tally.take(), log);
        self.snapshots.append(&mut snapshots);
        let time = |s: &Snapshot| s.unix_s.unwrap_or(0.0);
        self.snapshots.sort_by(|a, b| time(a).total_cmp(&time(b)));
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

/// What is judged. Where a run's own record reads the target, captures beside it are told only: their
/// clocks are coarser, and would blur the order that the record holds.
fn rows(
    times: &Times,
    logged: &Logged<'_>,
    snapshots: &[Snapshot],
    recording: Option<&mut Recording>,
) -> Vec<Row> {
    let of_run = recording.as_ref().and_then(|r| Some(r.zero_unix_s? + r.offset_s()));
    let zero_s = of_run.or(times.zero_unix_s).unwrap_or(0.0);
    let reads = |what: fn(&Recording) -> bool| recording.as_deref().is_some_and(what);
    let readings = if reads(|r| r.reads_target) { &[] } else { snapshots };
    let readings = readings.iter().filter(|s| s.is_reading());
    let samples = readings.map(|s| Row::Sample(sample(s, zero_s)));
    let refused = logged.tally.into_iter().flat_map(|tally| events::httperr(tally, zero_s));
    let answers = logged.answers.filter(|_| !reads(|r| r.reads_answers));
    let answered = answers.into_iter().flat_map(|all| events::answered(all, zero_s));
    let noted = if reads(|r| r.reads_system_log) { &[] } else { logged.noted };
    let noted = events::system_log(noted, zero_s).into_iter();
    let events = refused.chain(answered).chain(noted).map(Row::Event);
    let mut rows = recording.map_or_else(Vec::new, |r| std::mem::take(&mut r.rows));
    rows.extend(samples.chain(events));
    rows.sort_by(|a, b| t_s(a).total_cmp(&t_s(b)));
    rows
}

/// Run time of a row, seconds.
pub(crate) fn t_s(row: &Row) -> f64 {
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
        ports: snapshot.ports.clone(),
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
    let (_, counts) = held::sockets(snapshots)?;
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
