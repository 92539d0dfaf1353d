//! Provides listeners that nobody serves for a while: connections are completed and wait. Where the
//! kernel beneath is the host, they wait in its own queue, which is short then and drops what comes
//! after; a Windows host answers that with a reset, so there they are held here.

use tokio::net::TcpStream;

use crate::front::Front;

/// A time in which nobody accepts, run time in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StallSpec {
    /// When it begins.
    pub from_s: f64,
    /// When it is over.
    pub until_s: f64,
    /// Completed connections that may wait.
    pub backlog: u32,
}

/// The stalls of a run, and who waits meanwhile.
#[derive(Debug)]
pub struct Stalls {
    plan: Vec<StallSpec>,
    /// The kernel's own queue is the host's.
    by_kernel: bool,
    now: Option<StallSpec>,
    held: Vec<TcpStream>,
}

impl Stalls {
    /// By this plan; `by_kernel`: in the kernel's own queue.
    pub fn new(plan: &[StallSpec], by_kernel: bool) -> Self {
        Self { plan: plan.to_vec(), by_kernel, now: None, held: Vec::new() }
    }

    /// Brings it to `now_s`; gives the connections that are served at last. The error is the
    /// kernel's, which did not change the length of its queue.
    pub fn turn(&mut self, now_s: f64, front: &Front) -> std::io::Result<Vec<TcpStream>> {
        let now = self.plan.iter().find(|s| (s.from_s..s.until_s).contains(&now_s)).copied();
        if now == self.now {
            return Ok(Vec::new());
        }
        self.now = now;
        if self.by_kernel {
            front.set_backlog(now.map(|stall| stall.backlog))?;
        }
        if now.is_none() { Ok(std::mem::take(&mut self.held)) } else { Ok(Vec::new()) }
    }

    /// True while connections are to be left in the kernel's queue.
    pub fn leaves_to_kernel(&self) -> bool {
        self.by_kernel && self.now.is_some()
    }

    /// Holds a connection that was accepted, where nobody serves it now; else gives it back.
    pub fn hold(&mut self, stream: TcpStream) -> Option<TcpStream> {
        match self.now {
            Some(_) => {
                self.held.push(stream);
                None
            }
            None => Some(stream),
        }
    }

    /// Connections held.
    pub fn held(&self) -> u64 {
        self.held.len() as u64
    }

    /// True where no more may wait.
    pub fn is_full(&self) -> bool {
        self.now.is_some_and(|stall| self.held.len() >= stall.backlog as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn connection(front: &Front) -> TcpStream {
        let (dialled, accepted) = tokio::join!(TcpStream::connect(front.address()), front.accept());
        drop(dialled.unwrap());
        accepted.unwrap()
    }

    #[tokio::test]
    async fn connections_wait_until_the_stall_is_over() {
        let front = Front::open("127.0.0.1:0".parse().unwrap()).unwrap();
        let plan = [StallSpec { from_s: 1.0, until_s: 2.0, backlog: 2 }];
        let mut stalls = Stalls::new(&plan, false);
        for (now_s, comes, held, full, served, why) in [
            (0.5, true, 0, false, 0, "served at once"),
            (1.0, true, 1, false, 0, "the first that waits"),
            (1.5, true, 2, true, 0, "as many as may"),
            (2.0, false, 0, false, 2, "served at last"),
            (2.5, true, 0, false, 0, "served at once again"),
        ] {
            assert_eq!(stalls.turn(now_s, &front).unwrap().len(), served, "{why}");
            if comes {
                let given = stalls.hold(connection(&front).await);
                assert_eq!(given.is_some(), held == 0, "{why}");
            }
            assert_eq!((stalls.held(), stalls.is_full()), (held, full), "{why}");
        }
    }
}
