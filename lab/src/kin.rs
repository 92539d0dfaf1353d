//! Provides the processes that a lab is made of: each is this program again, takes orders on its
//! stdin and says its state on its stdout.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::error::LabError;
use crate::os;
use crate::protocol::{NET, Order, Said};

/// One that has said nothing for this long is given up.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How long one may take to flush and end.
const FAREWELL: Duration = Duration::from_secs(3);

/// A process of the lab. Dropping it ends it.
#[derive(Debug)]
pub struct Kin {
    /// What it is called in sentences: `the target`.
    name: &'static str,
    child: Child,
    orders: Option<ChildStdin>,
    said: Receiver<Said>,
}

impl Kin {
    /// Starts `exe` as what `order` says it is to be.
    pub fn start(name: &'static str, exe: &Path, order: &Order) -> Result<Self, LabError> {
        let mut command = Command::new(exe);
        command.args(["target", "--child"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Ctrl-C is for the parent, which then ends the others in order.
        os::own_process_group(&mut command);
        let mut child = command.spawn().map_err(|e| {
            LabError::because(format!("cannot start {name} ({})", exe.display()), e)
        })?;
        let (orders, said) = (child.stdin.take(), listen(&mut child));
        let mut kin = Self { name, child, orders, said };
        kin.order(&order.to_line())?;
        Ok(kin)
    }

    /// Its process, which names its namespace.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it is in a namespace of its own.
    pub fn unshared(&mut self) -> Result<(), LabError> {
        match self.hear(PATIENCE)? {
            Said::Unshared => Ok(()),
            other => Err(self.surprise(&other)),
        }
    }

    /// Tells it that its wires are there.
    pub fn wired(&mut self) -> Result<(), LabError> {
        self.order(NET)
    }

    /// Waits until it is ready; gives what it says then.
    pub fn ready(&mut self) -> Result<Said, LabError> {
        match self.hear(PATIENCE)? {
            said @ Said::Ready { .. } => Ok(said),
            other => Err(self.surprise(&other)),
        }
    }

    /// Gives it an order.
    pub fn order(&mut self, line: &str) -> Result<(), LabError> {
        let told = self.orders.as_mut().map(|to| writeln!(to, "{line}").and_then(|()| to.flush()));
        match told {
            Some(Ok(())) => Ok(()),
            _ => Err(match self.hear(Duration::from_millis(200)) {
                Ok(Said::Failed(why)) => LabError(why),
                _ => self.gone(),
            }),
        }
    }

    /// Ends it in order, after 3 s by force. Gives what went wrong meanwhile, a sentence each; `None`
    /// where it did not end in order.
    pub fn stop(mut self) -> Result<Option<Vec<String>>, LabError> {
        self.orders = None;
        let until = Instant::now() + FAREWELL;
        loop {
            match self.hear(until.saturating_duration_since(Instant::now())) {
                Ok(Said::Stopped { notes }) => return Ok(Some(notes)),
                Ok(Said::Failed(why)) => return Err(LabError(why)),
                Ok(_) => {}
                Err(_) => return Ok(None),
            }
        }
    }

    fn hear(&mut self, patience: Duration) -> Result<Said, LabError> {
        self.said.recv_timeout(patience).map_err(|why| match why {
            RecvTimeoutError::Timeout => {
                LabError(format!("{} has said nothing for {} s", self.name, patience.as_secs()))
            }
            RecvTimeoutError::Disconnected => self.gone(),
        })
    }

    fn gone(&self) -> LabError {
        LabError(format!("{} has ended unasked; its last words are above", self.name))
    }

    fn surprise(&self, said: &Said) -> LabError {
        match said {
            Said::Failed(why) => LabError(why.clone()),
            other => LabError(format!("{} said {other:?} out of turn", self.name)),
        }
    }
}

impl Drop for Kin {
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

/// A thread that reads what the process says, until it ends.
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
