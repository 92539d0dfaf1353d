//! Provides the gatekeeper: a thread that turns the gate on the wire, since a call of nft takes
//! milliseconds (6 to change a rule, 1.5 to count: Linux 6.18, nft 1.0.6) in which a server must not
//! stand still.

use std::sync::mpsc;
use std::time::Duration;

use tokio::sync::mpsc as answers;

use crate::error::LabError;
use crate::nft::{Nft, Position};

/// How long the last count is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// A wish, for the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Put(Position),
    Count,
}

/// What the thread answers: SYNs refused since the start, or a sentence.
pub type Answer = Result<u64, LabError>;

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
            .spawn(move || keep(&nft, &orders, &out))
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
    pub async fn last_count(&mut self) -> Option<u64> {
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

/// Only the last of the positions that pile up while nft runs is taken.
fn keep(nft: &Nft, wishes: &mpsc::Receiver<Wish>, out: &answers::UnboundedSender<Answer>) {
    let mut is = Position::Open;
    while let Ok(first) = wishes.recv() {
        let (mut wanted, mut count) = (is, false);
        for wish in std::iter::once(first).chain(wishes.try_iter()) {
            match wish {
                Wish::Put(position) => wanted = position,
                Wish::Count => count = true,
            }
        }
        if wanted != is {
            match nft.put(wanted) {
                Ok(()) => is = wanted,
                Err(why) => _ = out.send(Err(why)),
            }
        }
        if count && out.send(nft.refused()).is_err() {
            return;
        }
    }
}
