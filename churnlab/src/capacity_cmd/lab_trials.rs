//! Makes trials in the lab: a process each, since a namespace is entered before a second thread exists;
//! every trial leaves its record.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use analysis::compare::Measured;
use anyhow::{Context, Result, bail};
use model::row::Row;
use observer::{SourceSpec, Vantage};
use scenarios::Scenario;

use super::drain::{Drain, Look};
use super::variant::at_rate;
use crate::exit::Stopped;
use crate::interrupt::Interrupt;
use crate::{child, measured, print};

/// Rates beyond this are the machine's limit and not the host's, per second of run time.
pub const MOST_PER_S: f64 = 20_000.0;

/// Between two looks at TIME_WAIT.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Trials of one scenario.
pub struct LabTrials<'a> {
    scenario: &'a Scenario,
    folder: PathBuf,
    interrupt: Interrupt,
    made: u32,
    /// TIME_WAIT on this machine before the last trial, where trials share its network.
    shared: Option<u64>,
}

impl<'a> LabTrials<'a> {
    /// Makes the folder of the trials.
    pub fn begin(scenario: &'a Scenario, out: &Path) -> Result<Self> {
        let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
        let folder = out.join(format!("{stamp}-capacity-{}", scenario.name));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        let interrupt = Interrupt::listen()?;
        Ok(Self { scenario, folder, interrupt, made: 0, shared: None })
    }

    /// Where the records lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// One trial in numbers, and what was waited for before it.
    pub fn run(&mut self, run_per_s: f64) -> Result<(Measured, String)> {
        let waited = self.drained()?;
        let before = standing();
        self.made += 1;
        let place = self.folder.join(format!("trial-{:02}", self.made));
        std::fs::create_dir_all(&place)?;
        let file = place.join("scenario.json");
        let trial = at_rate(self.scenario, run_per_s);
        std::fs::write(&file, serde_json::to_string_pretty(&trial.to_json())?)?;
        print::note(&format!(
            "trial {}: {run_per_s:.1}/s for {:.0} s",
            self.made, trial.load.duration_s
        ));
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("run").arg(&file).arg("--out").arg(&place).args(["--no-tui", "--format=json"]);
        command.arg(format!("--child-of={}", std::process::id()));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let status = child::run(&mut command, &self.interrupt)?;
        self.go_on()?;
        if !matches!(status.code(), Some(0 | 3 | 4)) {
            bail!(
                "the trial could not be run; see what is wrong with: churnlab run {}",
                file.display()
            );
        }
        let record = only_run(&place)?;
        let (told, measured) = measured::of(&record)?;
        self.shared = (!told.run.generator.own_namespace).then_some(before).flatten();
        Ok((measured, waited))
    }

    fn go_on(&self) -> Result<()> {
        match self.interrupt.asked() {
            true => {
                Err(Stopped(format!("the trials so far lie in {}", self.folder.display())).into())
            }
            false => Ok(()),
        }
    }

    /// Watches TIME_WAIT of the last trial drain, where trials share this machine's network.
    fn drained(&self) -> Result<String> {
        let (Some(before), Some(left)) = (self.shared, standing()) else {
            return Ok("nothing: fresh hosts".into());
        };
        let mut drain = Drain::new(before, left);
        let began = Instant::now();
        loop {
            let after_s = began.elapsed().as_secs_f64();
            let Some(now) = standing() else { return Ok("TIME_WAIT cannot be read here".into()) };
            match drain.look(after_s, now) {
                Look::Drained => {
                    return Ok(format!("{after_s:.0} s for {left} TIME_WAIT to drain"));
                }
                Look::Stuck => {
                    return Ok(format!("{after_s:.0} s; {now} TIME_WAIT did not drain"));
                }
                Look::Wait => {}
            }
            self.interrupt.wait_until(Instant::now() + LOOK_EVERY);
            self.go_on()?;
        }
    }
}

/// The one run directory in a folder.
fn only_run(folder: &Path) -> Result<PathBuf> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.join(record::files::RUN_INFO).is_file() {
            return Ok(path);
        }
    }
    bail!("the trial in {} left no record", folder.display())
}

/// TIME_WAIT on this machine, outside of any namespace of a trial.
fn standing() -> Option<u64> {
    let vantage = Vantage {
        name: "local".into(),
        sources: vec![SourceSpec::Local],
        destination: None,
        narrowed: None,
    };
    let rows = observer::once(vantage, Duration::from_millis(100)).ok()?;
    rows.iter().find_map(|row| match row {
        Row::Sample(sample) => {
            let tcp = sample.tcp.as_ref()?;
            Some(tcp.time_wait_opened + tcp.time_wait_accepted)
        }
        _ => None,
    })
}
