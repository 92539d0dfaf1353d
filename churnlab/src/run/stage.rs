//! Makes the ground ready: the lab with its two hosts, or a real target that may be loaded.

use std::net::{IpAddr, SocketAddr};
use std::sync::mpsc::Sender;
use std::time::Duration;

use anyhow::{Context, Result};
use lab::{Isolation, Lab, LabPlan};
use loadgen::probe::reserve_ports;
use loadgen::{Plan, ProbePlan};
use model::row::Row;
use model::run::{Clock, Ground, RunInfo};
use observer::{Origin, SourceSpec, Vantage, Witness, WitnessArgs};
use record::RunDir;
use scenarios::Scenario;

use super::facts::{Ready, own_port_allocation, run_info};
use crate::authorise::{self, Target};
use crate::cli::RunArgs;
use crate::exit::Usage;
use crate::observe;
use crate::profiles;
use crate::stories::Story;

/// How long the page that tells the target's clock may take.
const CLOCK_PATIENCE: Duration = Duration::from_secs(5);

/// How far a clock that nobody compared may be off: chosen, above what order can be told with.
const UNKNOWN_CLOCK_S: f64 = 30.0;

/// Everything that stands before the first attempt is made.
#[derive(Debug)]
pub struct Stage {
    /// The run directory.
    pub dir: RunDir,
    /// `run.json` as far as it is known.
    pub info: RunInfo,
    target: Target,
    lab: Option<Lab>,
    other_port: Option<SocketAddr>,
    other_source: Option<IpAddr>,
    named: Vec<Vantage>,
}

/// Makes the run directory and the ground. Must be called while this process has one thread.
pub fn set(args: &RunArgs, story: &Story, ground: Ground) -> Result<Stage> {
    let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let target = match (&args.target, ground) {
        (Some(url), Ground::Live) => Some(authorise::target(url, &args.i_am_authorised_to_test)?),
        _ => None,
    };
    let dir = RunDir::create(&args.out, &story.scenario.name, &stamp)?;
    let path = dir.path().to_owned();
    let made = match target {
        Some(target) => live(args, &story.scenario, target, dir),
        None => in_lab(&story.scenario, dir),
    };
    if made.is_err() {
        // Nothing was recorded: an empty run directory would only mislead.
        let _ = std::fs::remove_dir_all(path);
    }
    made
}

fn in_lab(scenario: &Scenario, dir: RunDir) -> Result<Stage> {
    let isolation = lab::enter_generator()?;
    let notes = match &isolation {
        Isolation::Namespaces => Vec::new(),
        Isolation::Loopback { because } => vec![because.clone()],
    };
    let own_namespace = notes.is_empty();
    lab::check(scenario, &isolation).map_err(|why| Usage(why.to_string()))?;
    let lab = Lab::start(LabPlan {
        scenario: scenario.clone(),
        exe: std::env::current_exe().context("cannot find this program's own file")?,
        httperr_dir: dir.path().join("httperr"),
        isolation,
    })?;
    let facts = lab.facts();
    let target = Target {
        address: facts.target,
        host_header: facts.target.ip().to_string(),
        path: scenario.load.path.clone(),
    };
    let (doors, probe_ip) = (facts.doors_from_generator, facts.probe_ip);
    let ready = Ready {
        ground: Ground::Lab,
        target: facts.target,
        declared_profile: None,
        own_namespace,
        port_allocation: own_port_allocation(),
        tunables: observer::tunables(),
        notes: [notes, facts.notes.clone()].concat(),
    };
    Ok(Stage {
        dir,
        info: run_info(scenario, ready),
        target,
        lab: Some(lab),
        other_port: Some(doors),
        other_source: probe_ip,
        named: Vec::new(),
    })
}

fn live(args: &RunArgs, scenario: &Scenario, target: Target, dir: RunDir) -> Result<Stage> {
    profiles::check(args.profile.as_deref())?;
    let sources = observe::sources("--observe", &args.observe)?;
    if sources.contains(&SourceSpec::Local) {
        let why = "--observe local: local is this host, the generator, and is read anyway";
        return Err(Usage(why.into()).into());
    }
    let ready = Ready {
        ground: Ground::Live,
        target: target.address,
        declared_profile: args.profile.clone(),
        own_namespace: false,
        port_allocation: own_port_allocation(),
        tunables: observer::tunables(),
        notes: live_notes(&sources),
    };
    let clock = (!sources.is_empty()).then(|| target_clock(&target, &sources));
    let named = (!sources.is_empty()).then(|| Vantage {
        name: "target".into(),
        sources,
        destination: None,
        narrowed: None,
    });
    let mut info = run_info(scenario, ready);
    info.clocks.extend(clock);
    Ok(Stage {
        dir,
        info,
        target,
        lab: None,
        other_port: None,
        other_source: None,
        named: named.into_iter().collect(),
    })
}

/// How the target's clock, which stamps its logs, stands to this machine's.
fn target_clock(target: &Target, sources: &[SourceSpec]) -> Clock {
    let assumed = |bound_s, how: &str| Clock {
        vantage: "target".into(),
        offset_s: 0.0,
        bound_s,
        drift_ppm: 0.0,
        how: how.into(),
    };
    if target.address.ip().is_loopback() {
        return assumed(0.05, "the same machine's clock");
    }
    let by_page = sources.iter().find_map(|source| match source {
        SourceSpec::WindowsExporter(url) => {
            observer::clock_by_page("target", url, CLOCK_PATIENCE).ok()
        }
        _ => None,
    });
    let unknown = "assumed: no page of the target tells its clock";
    by_page.unwrap_or_else(|| assumed(UNKNOWN_CLOCK_S, unknown))
}

fn live_notes(sources: &[SourceSpec]) -> Vec<String> {
    let blind = "The target is watched from outside only, so nothing that happens inside it can be \
                 shown; name a source with --observe.";
    if sources.is_empty() { vec![blind.into()] } else { Vec::new() }
}

impl Stage {
    /// What the load generator is to do.
    pub fn load_plan(&self, scenario: &Scenario) -> Plan {
        let mut plan = Plan::from_scenario(scenario, self.target.address);
        plan.host_header = self.target.host_header.clone();
        plan.path = self.target.path.clone();
        plan
    }

    /// What the probes are to do; `None` where the scenario has them off.
    pub fn probe_plan(&self, scenario: &Scenario) -> Option<ProbePlan> {
        scenario.probe.every_s.map(|every_s| ProbePlan {
            target: self.target.address,
            host_header: self.target.host_header.clone(),
            path: self.target.path.clone(),
            every: Duration::from_secs_f64(every_s),
            other_port: self.other_port,
            other_source: self.other_source,
            reserve_ports: reserve_ports(scenario.load.source_ports),
        })
    }

    /// Tells the target when run time zero is, and stamps `run.json` with it.
    pub fn begin(&mut self, origin: &Origin) -> Result<()> {
        self.info.started = origin.wall();
        self.dir.write_run_info(&self.info)?;
        match &mut self.lab {
            Some(lab) => Ok(lab.begin(origin.mono_ns)?),
            None => Ok(()),
        }
    }

    /// The vantages that this process reads itself.
    pub fn vantages(&self) -> Vec<Vantage> {
        let own = Vantage {
            name: "generator".into(),
            sources: vec![SourceSpec::Local],
            destination: Some(self.target.address),
            narrowed: self.info.generator.source_ports,
        };
        let mut all = vec![own];
        all.extend(self.named.iter().cloned());
        if let Some(doors) = self.lab.as_ref().filter(|lab| !lab.facts().isolated) {
            all.push(Vantage {
                name: "target".into(),
                sources: self.door_sources(doors.facts().doors_from_generator),
                destination: None,
                narrowed: None,
            });
        }
        all
    }

    /// The witness in the target's namespace, where it has one.
    pub fn witness(
        &self,
        scenario: &Scenario,
        origin: &Origin,
        rows: Sender<Row>,
    ) -> Result<Option<Witness>> {
        let Some(facts) = self.lab.as_ref().map(Lab::facts).filter(|facts| facts.isolated) else {
            return Ok(None);
        };
        let asked = WitnessArgs {
            vantage: "target".into(),
            netns_of: Some(facts.target_pid),
            every: Duration::from_secs_f64(scenario.observe.every_s),
            sources: self.door_sources(facts.doors_from_target),
        };
        let exe = std::env::current_exe().context("cannot find this program's own file")?;
        Ok(Some(Witness::spawn(&exe, &asked, *origin, rows)?))
    }

    /// The doors through which alone the emulated host is seen. With the `linux` profile the kernel
    /// beneath it is the host, and is read as one.
    fn door_sources(&self, doors: SocketAddr) -> Vec<SourceSpec> {
        if self.info.target.profile.as_deref() == Some("linux") {
            return vec![SourceSpec::Local];
        }
        let mut sources = vec![
            SourceSpec::WindowsExporter(format!("http://{doors}/metrics")),
            SourceSpec::NetstatPage(format!("http://{doors}/netstat")),
            SourceSpec::PoolmonPage(format!("http://{doors}/poolmon")),
            SourceSpec::EventLogPage(format!("http://{doors}/eventlog")),
            SourceSpec::Httperr(self.dir.path().join("httperr")),
        ];
        let site_log = self.lab.as_ref().and_then(|lab| lab.facts().site_log.clone());
        sources.extend(site_log.map(SourceSpec::IisLog));
        sources
    }

    /// What to take from the stamps of the target's own logs to get this machine's clock, seconds.
    pub fn target_offset_s(&self) -> f64 {
        let of_target = self.info.clocks.iter().find(|clock| clock.vantage == "target");
        of_target.map_or(0.0, |clock| clock.offset_s)
    }

    /// Ends the target; its last words are notes for the report.
    pub fn end(&mut self) -> Result<Vec<String>> {
        match self.lab.take() {
            Some(lab) => Ok(lab.stop()?),
            None => Ok(Vec::new()),
        }
    }
}
