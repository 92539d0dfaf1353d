//! Wires the ground without sockets: what simulated hosts show is read by the witness' own page
//! readers, so that a verdict rests on the same texts as in the lab.

#[cfg(test)]
mod agreement;
mod farm;
#[cfg(test)]
mod first_quarter;
#[cfg(test)]
mod matrix;

use std::collections::BTreeMap;

use jiff::Timestamp;
use lab::LabError;
use lab::simulate::{Door, Look, Shown, Simulation, TAGS};
use model::findings::Findings;
use model::limit::{Limit, Origin};
use model::row::{Latency, Row};
use model::run::{Clock, Ground, PortAllocation, RunInfo};
use observer::{PageOf, PageReader, PortsOf};
use scenarios::Scenario;

use self::farm::Others;
use crate::run::facts::{Ready, run_info};

/// A run in virtual time, about to be played.
pub struct Simulated {
    run: Simulation,
    info: RunInfo,
    started_unix_ns: i64,
    /// By vantage.
    readers: BTreeMap<String, PageReader>,
    ports: PortsOf,
    /// The other targets of a farm.
    others: Others,
}

/// The rows of a scenario played in virtual time from now on, with its `run.json`: what a record would
/// hold, without a record. Fails with a sentence where it cannot be played.
pub fn run_rows(scenario: &Scenario) -> Result<(RunInfo, impl Iterator<Item = Row>), LabError> {
    let mut run = Simulated::new(scenario, Timestamp::now())?;
    let info = run.info.clone();
    let shown = std::iter::from_fn(move || {
        let shown = run.next_shown()?;
        Some(run.rows_of(shown))
    });
    Ok((info, shown.flatten()))
}

impl Simulated {
    /// A scenario at its start. Fails with a sentence where virtual time cannot play it.
    pub fn new(scenario: &Scenario, started: Timestamp) -> Result<Self, LabError> {
        let started_unix_ns = i64::try_from(started.as_nanosecond()).unwrap_or(i64::MAX);
        let run = Simulation::new(scenario, started_unix_ns)?;
        let (facts, pace) = (run.facts(), run.pace());
        let ready = Ready {
            ground: Ground::Simulate,
            target: facts.target,
            declared_profile: None,
            own_namespace: true,
            port_allocation: port_allocation(scenario),
            tunables: tunables(scenario, facts.ports),
            notes: facts.notes,
        };
        let mut info = run_info(scenario, ready);
        info.started = format!("{started:.9}");
        info.sample_every_s = pace.look_s;
        info.probe_every_s = pace.probe_s;
        info.clocks.push(one_clock());
        info.notes.extend(stretched(scenario, pace.look_s));
        info.notes.extend(farm::note(scenario));
        let (low, high) = facts.ports;
        let ports = PortsOf { low, high, destination: facts.target };
        let others = Others::none();
        Ok(Self { run, info, started_unix_ns, readers: BTreeMap::new(), ports, others })
    }

    /// Has the other targets of a farm judged too, each by its own share and its own pages.
    pub fn judge_others(&mut self, scenario: &Scenario) {
        self.others = Others::of(scenario, &self.info, self.started_unix_ns);
    }

    /// Which of the others are judged otherwise than the first, a sentence each.
    pub fn judged_otherwise(&self, first: &Findings) -> Vec<String> {
        self.others.judged_otherwise(first)
    }

    /// `run.json`; nothing is added to it later.
    pub fn info(&self) -> &RunInfo {
        &self.info
    }

    /// What failures so far were really due to, which no record says.
    #[cfg(test)]
    pub fn truth(&self) -> &BTreeMap<lab::simulate::Truth, u64> {
        self.run.truth()
    }

    /// What is shown next; `None` at the end.
    pub fn next_shown(&mut self) -> Option<Shown> {
        self.run.next()
    }

    /// What the logs of a host say in this, as it would be appended to their files: the error log of
    /// HTTP.sys, and the site's own.
    pub fn logged<'s>(&self, shown: &'s Shown) -> [&'s str; 2] {
        let Shown::Look(look) = shown else { return [""; 2] };
        [Door::Httperr, Door::IisLog].map(|log| {
            let page = look.pages.iter().find(|(door, _)| *door == log);
            page.map_or("", |(_, text)| text)
        })
    }

    /// The rows that a record has of this.
    pub fn rows_of(&mut self, shown: Shown) -> Vec<Row> {
        match shown {
            Shown::Load { host, tick } if host > 0 => {
                self.others.tick(host, *tick);
                Vec::new()
            }
            Shown::Load { tick, .. } => vec![Row::Interval(*tick)],
            Shown::Event(event) => vec![Row::Event(event)],
            Shown::Probes(sample) => vec![Row::Sample(*sample)],
            Shown::Look(look) if self.others.look(&look, page) => Vec::new(),
            Shown::Look(look) => {
                let rows = self.read(&look);
                self.others.beside(&look, &rows);
                rows
            }
            Shown::Latencies { t_s, seconds, durations } => {
                let rows = TAGS.iter().zip(&durations).filter_map(|(tag, durations)| {
                    let max_ms = *durations.keys().next_back()? as f64 / 1e3;
                    let counted = durations.iter().map(|(us, n)| (*us, *n));
                    let v2_base64 = loadgen::encode_counted(counted)?;
                    Some(Row::Latency(Latency {
                        t_s,
                        seconds,
                        tag: (*tag).to_owned(),
                        max_ms,
                        v2_base64,
                    }))
                });
                rows.collect()
            }
        }
    }

    fn read(&mut self, look: &Look) -> Vec<Row> {
        let Self { readers, started_unix_ns, ports, .. } = self;
        let reader = readers.entry(look.vantage.clone()).or_insert_with(|| {
            let ports = (look.vantage == "generator").then_some(*ports);
            PageReader::new(&look.vantage, *started_unix_ns, ports)
        });
        let pages =
            look.pages.iter().map(|(door, text)| (page(*door), door.source(), text.as_str()));
        reader.rows(look.t_ns as f64 / 1e9, pages)
    }
}

/// What the witness calls a door's page.
fn page(door: Door) -> PageOf {
    match door {
        Door::Exporter => PageOf::Exporter,
        Door::Netstat => PageOf::Netstat,
        Door::Poolmon => PageOf::Poolmon,
        Door::Httperr => PageOf::Httperr,
        Door::IisLog => PageOf::IisLog,
        Door::EventLog => PageOf::EventLog,
        Door::ProcTcp => PageOf::ProcTcp,
        Door::ProcNetstat => PageOf::ProcNetstat,
        Door::ProcSnmp => PageOf::ProcSnmp,
        Door::ProcSockstat => PageOf::ProcSockstat,
        Door::ProcFd => PageOf::ProcFd,
    }
}

/// As the client profile has it: its port table is the model's own here, not a Linux kernel's.
fn port_allocation(scenario: &Scenario) -> PortAllocation {
    let profile = scenario.load.client_profile;
    profile.map_or(PortAllocation::PerTuple, |profile| profile.port_allocation.value)
}

/// The range of ports as a Linux generator names it; that of a client profile is told with its other
/// tunables.
fn tunables(scenario: &Scenario, (low, high): (u16, u16)) -> BTreeMap<String, Limit> {
    let names = ["net.ipv4.ip_local_port_range.low", "net.ipv4.ip_local_port_range.high"];
    let limit = |port: u16| Limit { value: port.into(), origin: Origin::Configured };
    let own = names.into_iter().map(str::to_owned).zip([low, high].map(limit));
    own.filter(|_| scenario.load.client_profile.is_none()).collect()
}

fn one_clock() -> Clock {
    Clock {
        vantage: "target".into(),
        offset_s: 0.0,
        bound_s: 0.0,
        drift_ppm: 0.0,
        how: "virtual time is one clock".into(),
    }
}

/// Says so where hosts are looked at more rarely than asked.
fn stretched(scenario: &Scenario, look_s: f64) -> Option<String> {
    let asked_s = scenario.observe.every_s;
    (look_s > asked_s).then(|| {
        format!(
            "Hosts are looked at every {look_s} s instead of every {asked_s} s, so that the record of \
             a long run stays small; set load.duration lower to look more often."
        )
    })
}
