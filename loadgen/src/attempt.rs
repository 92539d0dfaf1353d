//! Provides the attempt machine: one try at one connection, as a pure function of what happened.
//!
//! The engine tells it each [`Step`] with the time, and does the [`Action`] it answers. It opens no
//! socket and reads no clock. Its phases: open → bind → connect → send → first-byte → body → (the
//! next request) → close.

use model::attempt::{CloseStyle, Os, Outcome, Phase};

use crate::answer::{Answer, Progress};
use crate::conversation::Conversation;
use crate::fault::{Fault, Why};
use crate::os_error;
use crate::step::{Action, Closing, Ending, Rest, Step, Times};

/// One attempt.
#[derive(Debug)]
pub struct Attempt {
    phase: Phase,
    begun: bool,
    tries: u32,
    requests_done: u32,
    sent_bytes: usize,
    answer: Answer,
    eof_behind: bool,
    fault: Option<Fault>,
    /// When things happened.
    pub times: Times,
}

impl Attempt {
    /// An attempt that was due at `intended_us` and is started now. Its first action is
    /// [`Action::Open`].
    pub fn new(intended_us: u64, now_us: u64) -> Self {
        Self {
            phase: Phase::Open,
            begun: false,
            tries: 1,
            requests_done: 0,
            sent_bytes: 0,
            answer: Answer::default(),
            eof_behind: false,
            fault: None,
            times: Times { intended_us, started_us: now_us, ..Times::default() },
        }
    }

    /// Where it stands.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether `connect()` has taken it on.
    pub fn begun(&self) -> bool {
        self.begun
    }

    /// What is still to be sent of the current request.
    pub fn unsent<'a>(&self, talk: &'a Conversation) -> &'a [u8] {
        &talk.request(self.requests_done)[self.sent_bytes..]
    }

    /// Notes that the kernel holds the target's FIN behind what is still to be read.
    pub fn note_eof_behind(&mut self) {
        self.eof_behind = true;
    }

    /// Takes what happened at `now_us` and says what to do next.
    pub fn step(&mut self, talk: &Conversation, step: Step<'_>, now_us: u64) -> Action {
        match step {
            Step::Opened => self.enter(Phase::Bind, Action::Bind),
            Step::Bound => self.enter(Phase::Connect, Action::Connect),
            Step::Begun => {
                self.begun = true;
                Action::Wait
            }
            Step::Connected => {
                self.begun = true;
                self.times.connected_us = Some(now_us);
                self.enter(Phase::Send, Action::Send)
            }
            Step::Sent(bytes) => self.sent(talk, bytes),
            Step::Bytes(bytes) => self.bytes(talk, bytes, now_us),
            Step::Eof => self.eof(talk, now_us),
            Step::OsError(code) => self.os_error(talk, code, now_us),
            Step::Deadline => self.fail(talk, Why::TimedOut, now_us),
            Step::RetryDue => self.enter(Phase::Open, Action::Open),
        }
    }

    fn enter(&mut self, phase: Phase, action: Action) -> Action {
        self.phase = phase;
        action
    }

    fn sent(&mut self, talk: &Conversation, bytes: usize) -> Action {
        self.sent_bytes += bytes;
        if self.unsent(talk).is_empty() {
            self.enter(Phase::FirstByte, Action::Read)
        } else {
            Action::Send
        }
    }

    fn bytes(&mut self, talk: &Conversation, bytes: &[u8], now_us: u64) -> Action {
        if self.phase == Phase::FirstByte {
            self.phase = Phase::Body;
            self.times.first_byte_us.get_or_insert(now_us);
        }
        let progress = self.answer.push(bytes);
        if self.fault.is_none()
            && let Some(status) = self.answer.status()
            && !(200..400).contains(&status)
        {
            // The answer is still read to its end, so that the close style leaves what it says.
            self.fault = Some(Fault::failed(Phase::FirstByte, Why::Status(status)));
            self.times.ended_us = now_us;
        }
        match progress {
            Progress::More => Action::Read,
            Progress::Malformed => self.fail(talk, Why::Malformed, now_us),
            Progress::Whole => self.answered(talk, now_us),
        }
    }

    /// The current answer is whole.
    fn answered(&mut self, talk: &Conversation, now_us: u64) -> Action {
        let last = self.requests_done + 1 == talk.requests;
        if last && matches!(talk.close, CloseStyle::TargetFirst | CloseStyle::Abandon) {
            return self.enter(Phase::Close, Action::Read);
        }
        if last || self.fault.is_some() {
            return self.end(talk, now_us, self.eof_behind);
        }
        self.requests_done += 1;
        let closes = self.answer.closes() || self.eof_behind;
        self.sent_bytes = 0;
        self.answer.reset();
        if closes {
            // A request sent into a closed connection would only draw a reset.
            self.phase = Phase::FirstByte;
            return self.fail(talk, Why::NoAnswer, now_us);
        }
        let next = if talk.pauses { Action::Rest(Rest::Pause) } else { Action::Send };
        self.enter(Phase::Send, next)
    }

    fn eof(&mut self, talk: &Conversation, now_us: u64) -> Action {
        self.eof_behind = true;
        match self.phase {
            Phase::Close => self.end(talk, now_us, true),
            Phase::Body if self.answer.eof() == Progress::Whole => {
                if self.requests_done + 1 == talk.requests {
                    return self.end(talk, now_us, true);
                }
                self.answered(talk, now_us)
            }
            Phase::Body => self.fail(talk, Why::CutShort, now_us),
            _ => self.fail(talk, Why::NoAnswer, now_us),
        }
    }

    fn os_error(&mut self, talk: &Conversation, code: i32, now_us: u64) -> Action {
        if self.phase == Phase::Connect {
            if self.tries < talk.tries && os_error::is_refused(Os::HERE, code) {
                self.begun = true;
                self.tries += 1;
                return Action::Pause;
            }
            // A reset in answer to a SYN is ECONNREFUSED (tcp_reset() in net/ipv4/tcp_input.c), so
            // this connection was established and reset before anything could be sent.
            if os_error::is_reset(Os::HERE, code) {
                self.begun = true;
                self.phase = Phase::Send;
            }
        }
        self.fail(talk, Why::Os(code), now_us)
    }

    fn fail(&mut self, talk: &Conversation, why: Why, now_us: u64) -> Action {
        if self.fault.is_none() {
            let outcome = match why {
                Why::Os(code) if !self.begun => {
                    os_error::outcome_before_begun(Os::HERE, self.phase, code)
                }
                _ => Outcome::Failed,
            };
            self.fault = Some(Fault { outcome, phase: self.phase, why });
            self.times.ended_us = now_us;
        }
        self.end(talk, now_us, self.eof_behind)
    }

    fn end(&mut self, talk: &Conversation, now_us: u64, target_closed: bool) -> Action {
        let closing = match talk.close {
            CloseStyle::Reset => Closing::Reset,
            CloseStyle::TargetFirst | CloseStyle::ClientFirst | CloseStyle::Abandon => {
                Closing::Ordinary
            }
        };
        if let Some(fault) = self.fault {
            return Action::Done(Ending::Fault(fault), closing);
        }
        self.times.ended_us = now_us;
        Action::Done(Ending::Served { target_closed }, closing)
    }
}

#[cfg(test)]
#[path = "attempt_tests.rs"]
mod tests;
