//! Provides the lab as a run uses it: the target as a child process, in a namespace of its own where
//! that is possible, joined to the generator's by a wire; and, where a scenario asks for them, its
//! backend and what lies on the way, each a further process in a further namespace.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use scenarios::Scenario;

use crate::check::{check_any, check_loopback, check_namespaces, has_backend, has_path};
use crate::error::LabError;
use crate::iis_log_file::FOLDER as SITE_LOG;
use crate::isolation::{GENERATOR_IP, Isolation, KERNEL_TIME_WAIT_S, PROBE_IP};
use crate::kin::Kin;
use crate::os::{self, Sweeper};
use crate::protocol::{Order, Role, Said, start_line};
use crate::target::PORTS;

/// What a lab is made of.
#[derive(Clone, Debug)]
pub struct LabPlan {
    /// The scenario in force.
    pub scenario: Scenario,
    /// This program: `EXE target --child` must call [`crate::run_child`].
    pub exe: PathBuf,
    /// Where the target's error log goes.
    pub httperr_dir: PathBuf,
    /// What [`crate::enter_generator`] gave.
    pub isolation: Isolation,
}

/// Where everything is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabFacts {
    /// The site, for the generator.
    pub target: SocketAddr,
    /// The doors, for the generator.
    pub doors_from_generator: SocketAddr,
    /// The doors, for a witness in the target's namespace.
    pub doors_from_target: SocketAddr,
    /// The folder of the site's own log; `None` where it writes none.
    pub site_log: Option<PathBuf>,
    /// The target's process, which names its namespace.
    pub target_pid: u32,
    /// True where generator and target have a network stack each.
    pub isolated: bool,
    /// The address that the load comes from.
    pub generator_ip: IpAddr,
    /// A further source address, for probes.
    pub probe_ip: Option<IpAddr>,
    /// What differs from what was asked, a sentence each.
    pub notes: Vec<String>,
}

/// A lab that is ready. Dropping it ends its processes.
#[derive(Debug)]
pub struct Lab {
    target: Kin,
    /// The backend and the path, where there are any.
    others: Vec<Kin>,
    facts: LabFacts,
    /// Ages the generator's TIME_WAIT where a client profile keeps it shorter than the kernel.
    sweeper: Option<Sweeper>,
}

/// Refuses with a sentence what this ground cannot play of a scenario.
pub fn check(scenario: &Scenario, isolation: &Isolation) -> Result<(), LabError> {
    check_any(scenario)?;
    match isolation {
        Isolation::Namespaces => check_namespaces(scenario),
        Isolation::Loopback { .. } => check_loopback(scenario),
    }
}

impl Lab {
    /// Starts the target and waits until it serves. Fails with a sentence where the scenario asks
    /// for what this ground cannot play, or the target could not start.
    pub fn start(plan: LabPlan) -> Result<Self, LabError> {
        let isolated = plan.isolation == Isolation::Namespaces;
        check(&plan.scenario, &plan.isolation)?;
        let sources = sources(&plan.scenario)?;
        let start = |name, role| {
            let order = Order {
                role,
                scenario: plan.scenario.clone(),
                isolated,
                httperr_dir: plan.httperr_dir.clone(),
                parent_pid: std::process::id(),
            };
            Kin::start(name, &plan.exe, &order)
        };
        let target = start("the target", Role::Target)?;
        let mut lab =
            Self { facts: facts(&plan, target.pid()), target, others: Vec::new(), sweeper: None };
        if isolated {
            lab.target.unshared()?;
            lab.join_path(&plan.scenario, &sources, start)?;
            lab.join_backend(&plan.scenario, start)?;
            lab.dress_generator(&plan.scenario)?;
            for kin in &mut lab.others {
                kin.wired()?;
                kin.ready()?;
            }
            lab.target.wired()?;
        }
        if let Said::Ready { target, doors, notes } = lab.target.ready()? {
            lab.facts.target = target;
            lab.facts.doors_from_generator = doors;
            lab.facts.doors_from_target = if isolated { local(PORTS.1) } else { doors };
            lab.facts.notes = notes;
        }
        Ok(lab)
    }

    /// The wire between generator and target, over the path where something goes wrong there.
    fn join_path(
        &mut self,
        scenario: &Scenario,
        sources: &[Ipv4Addr],
        start: impl Fn(&'static str, Role) -> Result<Kin, LabError>,
    ) -> Result<(), LabError> {
        let target_pid = self.target.pid();
        if !has_path(scenario) {
            return os::wire_generator(target_pid, false, sources);
        }
        let mut path = start("the path to the target", Role::Path)?;
        path.unshared()?;
        os::wire_generator(path.pid(), true, sources)?;
        os::wire_path_to_target(path.pid(), target_pid)?;
        self.others.push(path);
        Ok(())
    }

    /// The wire between target and backend, where it has one.
    fn join_backend(
        &mut self,
        scenario: &Scenario,
        start: impl Fn(&'static str, Role) -> Result<Kin, LabError>,
    ) -> Result<(), LabError> {
        if !has_backend(scenario) {
            return Ok(());
        }
        let mut backend = start("the backend", Role::Backend)?;
        backend.unshared()?;
        os::wire_target_to_backend(self.target.pid(), backend.pid())?;
        self.others.push(backend);
        Ok(())
    }

    /// The generator's kernel as its profile asks.
    fn dress_generator(&mut self, scenario: &Scenario) -> Result<(), LabError> {
        if !scenario.target.timestamps {
            os::timestamps(false)?;
        }
        let Some(((low, high), host_s)) =
            scenario.client_ports().zip(scenario.client_time_wait_s())
        else {
            return Ok(());
        };
        os::dress_generator(low, high)?;
        let length_s = host_s / scenario.target.time_scale;
        if length_s < KERNEL_TIME_WAIT_S {
            self.sweeper = Some(Sweeper::start(length_s)?);
        }
        Ok(())
    }

    /// Where everything is.
    pub fn facts(&self) -> &LabFacts {
        &self.facts
    }

    /// Tells everybody when run time 0 is, nanoseconds of the shared clock: faults and leaks per
    /// second count from there.
    pub fn begin(&mut self, t0_mono_ns: u64) -> Result<(), LabError> {
        let all = std::iter::once(&mut self.target).chain(&mut self.others);
        all.into_iter().try_for_each(|kin| kin.order(&start_line(t0_mono_ns)))
    }

    /// Ends the lab in order, so that the target's log is complete; after 3 s by force. Gives what
    /// went wrong meanwhile, a sentence each.
    pub fn stop(self) -> Result<Vec<String>, LabError> {
        let mut notes = Vec::new();
        if let Some(sweeper) = &self.sweeper
            && sweeper.failed() > 0
        {
            let n = sweeper.failed();
            notes.push(format!("The generator's TIME_WAIT could not be aged in {n} rounds."));
        }
        match self.target.stop()? {
            Some(last) => notes.extend(last),
            None => notes.push(
                "The target did not end in order: the last rows of its error log may be missing."
                    .into(),
            ),
        }
        for kin in self.others {
            notes.extend(kin.stop()?.unwrap_or_default());
        }
        Ok(notes)
    }
}

fn facts(plan: &LabPlan, target_pid: u32) -> LabFacts {
    let isolated = plan.isolation == Isolation::Namespaces;
    LabFacts {
        target: local(0),
        doors_from_generator: local(0),
        doors_from_target: local(0),
        site_log: plan.scenario.target.app.map(|_| plan.httperr_dir.join(SITE_LOG)),
        target_pid,
        isolated,
        generator_ip: if isolated { GENERATOR_IP.into() } else { Ipv4Addr::LOCALHOST.into() },
        probe_ip: isolated.then(|| PROBE_IP.into()),
        notes: Vec::new(),
    }
}

fn sources(scenario: &Scenario) -> Result<Vec<Ipv4Addr>, LabError> {
    scenario
        .load
        .source_ips
        .iter()
        .map(|ip| match ip {
            IpAddr::V4(ip) => Ok(*ip),
            IpAddr::V6(ip) => Err(LabError(format!(
                "load.source_ips: {ip} is an IPv6 address, and the lab speaks IPv4; name IPv4 addresses"
            ))),
        })
        .collect()
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
