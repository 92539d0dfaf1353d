//! Provides the lab as a run uses it: the target as a child process, in a namespace of its own where
//! that is possible, joined to the generator's by a wire.

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use scenarios::Scenario;

use crate::error::LabError;
use crate::isolation::{GENERATOR_IP, Isolation, KERNEL_TIME_WAIT_S, PROBE_IP};
use crate::os::{self, Sweeper};
use crate::protocol::{NET, Order, Said, start_line};
use crate::spec::{check_any, check_loopback, check_namespaces};
use crate::target::PORTS;

/// A target that has said nothing for this long is given up.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it may take to flush and end.
const FAREWELL: Duration = Duration::from_secs(3);

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

/// A lab that is ready. Dropping it ends the target.
#[derive(Debug)]
pub struct Lab {
    child: Child,
    orders: Option<ChildStdin>,
    said: Receiver<Said>,
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
        let mut lab = Self::spawn(&plan)?;
        let order = Order {
            scenario: plan.scenario,
            isolated,
            httperr_dir: plan.httperr_dir,
            parent_pid: std::process::id(),
        };
        lab.order(&order.to_line())?;
        if isolated {
            lab.join_namespaces(&sources, &order.scenario)?;
        }
        match lab.hear(PATIENCE)? {
            Said::Ready { target, doors, notes } => {
                lab.facts.target = target;
                lab.facts.doors_from_generator = doors;
                lab.facts.doors_from_target = if isolated { local(PORTS.1) } else { doors };
                lab.facts.notes = notes;
            }
            other => return Err(surprise(&other)),
        }
        Ok(lab)
    }

    fn spawn(plan: &LabPlan) -> Result<Self, LabError> {
        let mut command = Command::new(&plan.exe);
        command.args(["target", "--child"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Ctrl-C is for the parent, which then ends the target in order.
        os::own_process_group(&mut command);
        let mut child = command.spawn().map_err(|e| {
            LabError::because(format!("cannot start the target ({})", plan.exe.display()), e)
        })?;
        let isolated = plan.isolation == Isolation::Namespaces;
        let facts = LabFacts {
            target: local(0),
            doors_from_generator: local(0),
            doors_from_target: local(0),
            target_pid: child.id(),
            isolated,
            generator_ip: if isolated { GENERATOR_IP.into() } else { Ipv4Addr::LOCALHOST.into() },
            probe_ip: isolated.then(|| PROBE_IP.into()),
            notes: Vec::new(),
        };
        let (orders, said) = (child.stdin.take(), listen(&mut child));
        Ok(Self { child, orders, said, facts, sweeper: None })
    }

    /// The wire between the two namespaces, and the generator's kernel as its profile asks.
    fn join_namespaces(
        &mut self,
        sources: &[Ipv4Addr],
        scenario: &Scenario,
    ) -> Result<(), LabError> {
        match self.hear(PATIENCE)? {
            Said::Unshared => {}
            other => return Err(surprise(&other)),
        }
        os::wire_generator(self.facts.target_pid, sources)?;
        if let Some(((low, high), host_s)) =
            scenario.client_ports().zip(scenario.client_time_wait_s())
        {
            os::dress_generator(low, high)?;
            let length_s = host_s / scenario.target.time_scale;
            if length_s < KERNEL_TIME_WAIT_S {
                self.sweeper = Some(Sweeper::start(length_s)?);
            }
        }
        self.order(NET)
    }

    /// Where everything is.
    pub fn facts(&self) -> &LabFacts {
        &self.facts
    }

    /// Tells the target when run time 0 is, nanoseconds of the shared clock: its faults and its leaks
    /// per second count from there.
    pub fn begin(&mut self, t0_mono_ns: u64) -> Result<(), LabError> {
        self.order(&start_line(t0_mono_ns))
    }

    /// Ends the target in order, so that its log is complete; after 3 s by force. Gives what went
    /// wrong meanwhile, a sentence each.
    pub fn stop(mut self) -> Result<Vec<String>, LabError> {
        self.orders = None;
        let until = Instant::now() + FAREWELL;
        let mut notes = Vec::new();
        if let Some(sweeper) = &self.sweeper
            && sweeper.failed() > 0
        {
            let n = sweeper.failed();
            notes.push(format!("The generator's TIME_WAIT could not be aged in {n} rounds."));
        }
        loop {
            match self.hear(until.saturating_duration_since(Instant::now())) {
                Ok(Said::Stopped { notes: last }) => {
                    notes.extend(last);
                    return Ok(notes);
                }
                Ok(Said::Failed(why)) => return Err(LabError(why)),
                Ok(_) => {}
                Err(_) => {
                    notes.push(
                        "The target did not end in order: the last rows of its error log may be \
                         missing."
                            .into(),
                    );
                    return Ok(notes);
                }
            }
        }
    }

    fn order(&mut self, line: &str) -> Result<(), LabError> {
        let told = self.orders.as_mut().map(|to| writeln!(to, "{line}").and_then(|()| to.flush()));
        match told {
            Some(Ok(())) => Ok(()),
            _ => Err(match self.hear(Duration::from_millis(200)) {
                Ok(Said::Failed(why)) => LabError(why),
                _ => LabError("the target has ended unasked; its last words are above".into()),
            }),
        }
    }

    fn hear(&mut self, patience: Duration) -> Result<Said, LabError> {
        self.said.recv_timeout(patience).map_err(|why| match why {
            RecvTimeoutError::Timeout => {
                LabError(format!("the target has said nothing for {} s", patience.as_secs()))
            }
            RecvTimeoutError::Disconnected => {
                LabError("the target has ended unasked; its last words are above".into())
            }
        })
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.orders = None;
        // One that has ended already is only collected.
        let ended = matches!(self.child.try_wait(), Ok(Some(_)));
        if !ended {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A thread that reads what the target says, until it ends.
fn listen(child: &mut Child) -> Receiver<Said> {
    let (out, said) = channel();
    if let Some(stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(said) = Said::from_line(&line)
                    && out.send(said).is_err()
                {
                    return;
                }
            }
        });
    }
    said
}

fn surprise(said: &Said) -> LabError {
    match said {
        Said::Failed(why) => LabError(why.clone()),
        other => LabError(format!("the target said {other:?} out of turn")),
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
