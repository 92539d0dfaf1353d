//! Provides the ways in which a host refuses on the wire, and the count that its error log gives.

use scenarios::Refuse;

use crate::error::LabError;
use crate::front::Front;
use crate::keeper::{Answer, Keeper};
use crate::nft::{Counted, Nft, Position};
use crate::os::resets_answered;
use crate::spec::TargetSpec;

/// How refused connections look to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A reset to each SYN, by a rule of the kernel; the listener stays as it is.
    Rule,
    /// A reset to each SYN, since there is no listener meanwhile.
    Away,
    /// Accepted, then reset.
    Reset,
}

/// The gate on the wire.
#[derive(Debug)]
pub struct Refusal {
    way: Way,
    /// Who puts the kernel's rule; present wherever one is used.
    keeper: Option<Keeper>,
    shut: bool,
    /// Nobody is there, for reasons that are not the gate's.
    absent: bool,
    /// Refused since the start, and how much of it the log has told.
    refused: u64,
    told: u64,
    /// SYNs that a rule reset since nobody was there, or took them.
    turned_away: u64,
    /// Resets that the kernel had answered with when the listener was last looked at.
    resets_before: Option<u64>,
    /// The gate was shut at some time since the last flush.
    news: bool,
}

impl Refusal {
    /// An open gate for this host on `port`, with the sentence that says where it differs from what
    /// was asked: without nf_tables, or in a namespace that is not ours, the listener goes away.
    pub fn new(spec: &TargetSpec, port: u16, isolated: bool) -> (Self, Option<String>) {
        let by_rule = spec.ledger.gate.is_some() && spec.refuse == Refuse::RstToSyn;
        let (mut keeper, mut why) = (None, None);
        let stalls = !spec.is_linux && !spec.stalls.is_empty();
        if isolated && (by_rule || stalls || !spec.listener_down.is_empty()) {
            match Nft::lay(port).and_then(Keeper::start) {
                Ok(started) => keeper = Some(started),
                Err(error) => why = Some(error.to_string()),
            }
        } else if by_rule {
            why = Some("the network namespace is not the lab's own".to_owned());
        }
        let way = match (by_rule, &keeper) {
            (true, Some(_)) => Way::Rule,
            (true, None) => Way::Away,
            (false, _) => Way::Reset,
        };
        let note = why.map(|why| match way {
            Way::Away => format!(
                "SYNs are refused by closing the listening socket, not by a rule of nf_tables \
                 ({why}): connections that waited in its queue are reset, and the N of \
                 N_Connections_Refused is the number of resets that this network namespace sent \
                 meanwhile, but for those by which a program ended its own connection."
            ),
            _ => format!(
                "While the listener is down, a SYN that meets a TIME_WAIT is left unanswered \
                 instead of reset, since there is no nf_tables ({why})."
            ),
        });
        let refusal = Self {
            way,
            keeper,
            shut: false,
            absent: false,
            refused: 0,
            told: 0,
            turned_away: 0,
            resets_before: None,
            news: false,
        };
        (refusal, note)
    }

    /// True while accepted connections are to be reset.
    pub fn resets(&self) -> bool {
        self.shut && self.way == Way::Reset
    }

    /// True where SYNs can be reset by a rule.
    pub fn has_rule(&self) -> bool {
        self.keeper.is_some()
    }

    /// True where the listener is to be away for the gate's sake.
    pub fn wants_away(&self) -> bool {
        self.shut && self.way == Way::Away
    }

    /// One accepted connection was reset.
    pub fn was_reset(&mut self) {
        self.refused += 1;
    }

    /// Puts the gate into position. `absent`: nobody is there, for other reasons; what is refused
    /// then is not counted.
    pub fn turn(&mut self, shut: bool, absent: bool) {
        if (shut, absent) == (self.shut, self.absent) {
            return;
        }
        self.news |= shut || self.shut || absent || self.absent;
        self.count_resets();
        (self.shut, self.absent) = (shut, absent);
        let counts = self.wants_away() && !absent;
        self.resets_before = counts.then(resets_answered).flatten();
        if let Some(keeper) = &self.keeper {
            keeper.put(match (absent, shut && self.way == Way::Rule) {
                (true, _) => Position::Absent,
                (false, true) => Position::Refusing,
                (false, false) => Position::Open,
            });
        }
    }

    /// Time to tell: asks for the count where it is kept elsewhere. True when it is at hand.
    pub fn count(&mut self) -> bool {
        if !(self.news || self.shut || self.absent) {
            return false;
        }
        self.news = self.shut || self.absent;
        if let Some(keeper) = &self.keeper {
            keeper.count();
        }
        if self.way == Way::Rule && self.keeper.is_some() {
            return false;
        }
        self.count_resets();
        true
    }

    fn count_resets(&mut self) {
        // Two files make the count, which may look a little lower in between; it is made up for.
        if let (Some(before), Some(now)) = (self.resets_before, resets_answered())
            && now > before
        {
            self.refused += now - before;
            self.resets_before = Some(now);
        }
    }

    /// The gatekeeper's next answer; never where there is none.
    pub async fn answer(&mut self) -> Answer {
        match &mut self.keeper {
            Some(keeper) => keeper.answer().await,
            None => std::future::pending().await,
        }
    }

    /// The gatekeeper counted these SYNs since the start.
    pub fn counted(&mut self, counted: Counted) {
        if self.way == Way::Rule {
            self.refused = self.refused.max(counted.refused);
        }
        self.turned_away = self.turned_away.max(counted.refused + counted.absent);
    }

    /// SYNs that a rule has reset, for whatever reason.
    pub fn turned_away(&self) -> u64 {
        self.turned_away
    }

    /// What has been refused since this was last asked: the N of a row.
    pub fn take(&mut self) -> u64 {
        let n = self.refused - self.told;
        self.told = self.refused;
        n
    }

    /// The last count, with the gate left as it is.
    pub async fn last(&mut self) -> u64 {
        self.count_resets();
        if let (Way::Rule, Some(keeper)) = (self.way, &mut self.keeper)
            && let Some(counted) = keeper.last_count().await
        {
            self.counted(counted);
        }
        self.take()
    }
}

/// Opens or closes the listener so that it is there unless `away`.
pub fn place(front: &mut Front, away: bool) -> Result<(), LabError> {
    if away == front.is_open() {
        if away {
            front.close();
        } else {
            front.reopen().map_err(|e| {
                LabError::because(
                    format!("the listener on {} did not come back", front.address()),
                    e,
                )
            })?;
        }
    }
    Ok(())
}
