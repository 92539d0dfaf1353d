//! Provides the gatekeeper: a thread that turns the gate on the wire, since a call of nft takes
//! milliseconds (6 to change a rule, 1.5 to count: Linux 6.18, nft 1.0.6) in which a server must not
//! stand still.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use tokio::sync::mpsc as answers;

use crate::error::LabError;
use crate::nft::{Counted, Nft, Position};

/// How long the last count is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// A change that failed is tried again after this: the server's tick.
const AGAIN_AFTER: Duration = Duration::from_millis(15);
/// Tries of one change before it is given up and told.
const TRIES: u32 = 10;

/// A wish, for the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Put(Position),
    Count,
}

/// What the thread answers: SYNs reset since the start, or a sentence.
pub type Answer = Result<Counted, LabError>;

/// The gatekeeper. Its thread ends when this is dropped.
#[derive(Debug)]
pub struct Keeper {
    wishes: mpsc::Sender<Wish>,
    answers: answers::UnboundedReceiver<Answer>,
}

impl Keeper {
    /// Starts in the calling thread's namespace.
    pub fn start(nft: Nft) -> Result<Self, LabError> {
        let (wishes, orders) = mpsc::channel();
        let (out, answers) = answers::unbounded_channel();
        std::thread::Builder::new()
            .name("gatekeeper".into())
            .spawn(move || keep(|position| nft.put(position), || nft.counts(), &orders, &out))
            .map_err(|e| LabError::because("cannot start the thread that turns the gate", e))?;
        Ok(Self { wishes, answers })
    }

    /// Changes what happens to SYNs.
    pub fn put(&self, position: Position) {
        // A thread that is gone has said why in its last answer.
        let _ = self.wishes.send(Wish::Put(position));
    }

    /// Asks for the count.
    pub fn count(&self) {
        let _ = self.wishes.send(Wish::Count);
    }

    /// The next answer.
    pub async fn answer(&mut self) -> Answer {
        match self.answers.recv().await {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }

    /// The count as it stands when everything wished before is done.
    pub async fn last_count(&mut self) -> Option<Counted> {
        self.count();
        let mut last = None;
        // Earlier answers may still be on their way; the thread ends with its wishes.
        let (closed, _) = mpsc::channel();
        self.wishes = closed;
        while let Ok(Some(answer)) = tokio::time::timeout(PATIENCE, self.answers.recv()).await {
            last = answer.ok().or(last);
        }
        last
    }
}

/// What the gatekeeper knows of the gate.
struct Gate {
    is: Position,
    wanted: Position,
    /// Tries that a change still has.
    tries: u32,
    /// Why the last try failed, until it is told or made good.
    failed: Option<LabError>,
}

impl Gate {
    fn want(&mut self, position: Position) {
        (self.wanted, self.tries) = (position, TRIES);
    }

    /// True while a change is to be tried.
    fn is_due(&self) -> bool {
        self.wanted != self.is && self.tries > 0
    }

    /// Tries a change that is due; gives the sentence of one that is given up.
    fn turn(&mut self, put: &impl Fn(Position) -> Result<(), LabError>) -> Option<LabError> {
        if !self.is_due() {
            return None;
        }
        self.tries -= 1;
        self.failed = put(self.wanted).err();
        if self.failed.is_none() {
            self.is = self.wanted;
        }
        if self.tries == 0 { self.failed.take() } else { None }
    }
}

/// Only the last of the positions that pile up while nft runs is taken. A change that fails is tried
/// again after [`AGAIN_AFTER`], [`TRIES`] times in all.
fn keep(
    put: impl Fn(Position) -> Result<(), LabError>,
    counts: impl Fn() -> Answer,
    wishes: &mpsc::Receiver<Wish>,
    out: &answers::UnboundedSender<Answer>,
) {
    let mut gate = Gate { is: Position::Open, wanted: Position::Open, tries: 0, failed: None };
    loop {
        let patience = if gate.is_due() { AGAIN_AFTER } else { Duration::MAX };
        let first = match wishes.recv_timeout(patience) {
            Ok(wish) => Some(wish),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        let mut count = false;
        for wish in first.into_iter().chain(wishes.try_iter()) {
            match wish {
                Wish::Put(position) => gate.want(position),
                Wish::Count => count = true,
            }
        }
        if let Some(why) = gate.turn(&put) {
            _ = out.send(Err(why));
        }
        if count && out.send(counts()).is_err() {
            return;
        }
    }
    if let Some(why) = gate.failed {
        _ = out.send(Err(why));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    /// Runs a keeper whose first `failing` changes fail, with one wish for a change; gives how often
    /// it tried, and the sentences that it told.
    fn tries(failing: u32) -> (u32, Vec<String>) {
        let (wish, wishes) = mpsc::channel();
        let (out, mut told) = answers::unbounded_channel();
        let (tried, wish) = (Cell::new(0), RefCell::new(Some(wish)));
        let send = |wished| wish.borrow().as_ref().map(|to| to.send(wished).unwrap());
        let put = |_| {
            tried.set(tried.get() + 1);
            if tried.get() > failing {
                wish.take();
                return Ok(());
            }
            if tried.get() == TRIES {
                wish.take();
            }
            Err(LabError("busy".into()))
        };
        send(Wish::Put(Position::Refusing));
        keep(put, || Ok(Counted::default()), &wishes, &out);
        drop(out);
        let sentences = std::iter::from_fn(|| told.try_recv().ok());
        (tried.get(), sentences.filter_map(|a| a.err().map(|why| why.to_string())).collect())
    }

    #[test]
    fn a_change_that_fails_is_tried_again_and_not_for_ever() {
        assert_eq!(tries(0), (1, vec![]));
        assert_eq!(tries(2), (3, vec![]), "made good before anybody asked");
        assert_eq!(tries(u32::MAX), (TRIES, vec!["busy".into()]), "told once, when it is given up");
    }

    #[test]
    fn a_keeper_that_is_sent_home_tells_what_it_left_undone() {
        let (wish, wishes) = mpsc::channel();
        let (out, mut told) = answers::unbounded_channel();
        wish.send(Wish::Put(Position::Refusing)).unwrap();
        drop(wish);
        keep(|_| Err(LabError("busy".into())), || Ok(Counted::default()), &wishes, &out);
        assert_eq!(told.try_recv().unwrap(), Err(LabError("busy".into())));
    }
}
